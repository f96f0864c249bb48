"""Who may enter: nothing is shown to a stranger, and nothing changes because another site asked."""

import re

import pytest
from web_fakes import HER, OURS, site

from bot.web.bodies import LARGEST
from bot.web.security import HEADERS, Access

TOKEN = "admin-token-0123456789"
LOCKED = Access(open=False, admin_token=TOKEN, secret_key="secret-key-0123456789")
PAGES = ["/", "/simulator", "/console", "/console/unread", "/console/keywords", f"/console/contacts/{HER}"]
FORM = {"msisdn": HER, "number": OURS, "text": "CLUB"}
LOCAL_ONLY = "answer only on this machine"
FOREIGN = "came from another site"


@pytest.mark.parametrize("path", PAGES)
async def test_a_stranger_is_sent_to_the_sign_in_and_back(path, aiohttp_client):
    pages = await site(aiohttp_client, LOCKED)
    response = await pages.client.get(path, allow_redirects=False)

    assert response.status == 303
    assert response.headers["Location"] == f"/signin?next={path.replace('+', '%2B')}"


async def test_a_strangers_script_gets_401_in_json(aiohttp_client):
    pages = await site(aiohttp_client, LOCKED)
    answers = [
        await pages.client.get("/simulator/api/state"),
        await pages.client.post("/simulator/api/text", json=FORM),
    ]

    assert [answer.status for answer in answers] == [401, 401]
    assert (await answers[0].json())["error"]["code"] == "sign_in_needed"
    assert pages.sandbox.texted == []


@pytest.mark.parametrize("path", [*PAGES, "/signin"])
async def test_without_an_admin_token_nobody_gets_in_and_the_page_says_how_to_set_one(path, aiohttp_client):
    pages = await site(aiohttp_client, Access(open=False))
    status, text = await pages.get(path)

    assert status == 503
    assert "ADMIN_TOKEN" in text


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8080", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080", "[::1]", "localhost."]
)
async def test_an_open_machine_answers_to_its_own_names(host, aiohttp_client):
    pages = await site(aiohttp_client)

    assert (await pages.get("/", headers={"Host": host}))[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost.evil.example"},
        {"Host": "localhost@evil.example"},
        {"Host": "127.0.0.1.evil.example:8080"},
        {"Host": "[::2]:8080"},
        {"Host": "[::1"},
        {"Host": "0.0.0.0:8080"},
        {"X-Forwarded-For": "192.0.2.1"},
        {"Forwarded": "for=192.0.2.1"},
        {"X-Forwarded-Host": "sms.example.org"},
        {"X-Real-IP": "192.0.2.1"},
    ],
    ids=str,
)
async def test_an_open_machine_answers_to_nothing_else(headers, aiohttp_client):
    pages = await site(aiohttp_client)
    status, text = await pages.get("/", headers=headers)

    assert (status, LOCAL_ONLY in text) == (403, True)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:8080"}, 403),
        ({"Origin": "http://localhost:8080"}, 303),
        ({"Origin": "http://localhost:3000"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
    ],
    ids=str,
)
async def test_on_an_open_machine_only_our_own_pages_may_post(headers, status, aiohttp_client):
    pages = await site(aiohttp_client)
    answer, text = await pages.post("/simulator/text", FORM, headers={"Host": "localhost:8080", **headers})

    assert (answer, FOREIGN in text, len(pages.sandbox.texted)) == (status, status == 403, int(status == 303))


async def test_a_foreign_site_may_not_post_json_either(aiohttp_client):
    pages = await site(aiohttp_client)
    answer = await pages.client.post("/simulator/api/reset", json={}, headers={"Origin": "https://evil.example"})

    assert answer.status == 403
    assert (await answer.json())["error"]["code"] == "foreign_origin"


async def test_json_must_say_that_it_is_json_so_that_no_foreign_form_can_send_it(aiohttp_client):
    pages = await site(aiohttp_client)
    answer = await pages.client.post(
        "/simulator/api/text", data='{"text":"STOP"}', headers={"Content-Type": "text/plain"}
    )

    assert answer.status == 415
    assert pages.sandbox.texted == []


@pytest.mark.parametrize("path", [*PAGES, "/signin", "/simulator/api/state", "/console/contacts/1"])
@pytest.mark.parametrize("access", [Access(open=True), LOCKED], ids=["open", "locked"])
async def test_every_answer_carries_the_headers_whatever_it_is(path, access, aiohttp_client):
    pages = await site(aiohttp_client, access)
    response = await pages.client.get(path, allow_redirects=False)

    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS


def test_no_page_may_run_or_style_inline():
    policy = HEADERS["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")


@pytest.mark.parametrize("path", [*PAGES[:5], "/simulator/api/state"])
async def test_head_is_get_without_a_body(path, aiohttp_client):
    pages = await site(aiohttp_client)
    response = await pages.client.head(path)

    assert (response.status, await response.read()) == (200, b"")


BAD_FORMS = [
    ("/simulator/text", {"number": OURS, "text": "CLUB"}, 400, "msisdn"),
    ("/simulator/text", {**FORM, "msisdn": "0639980001"}, 400, "msisdn"),
    ("/simulator/text", {**FORM, "msisdn": "+３３６３９９８０００１"}, 400, "msisdn"),
    ("/simulator/text", {"msisdn": HER, "number": OURS}, 400, "text"),
    ("/simulator/text", {"msisdn": HER, "text": "CLUB"}, 400, "number"),
    ("/simulator/text", {**FORM, "text": "x" * 1601}, 400, "longer than 1600"),
    ("/simulator/text", {**FORM, "number": "+33999999999"}, 404, "not in keywords.yaml"),
    ("/simulator/text", {str(n): "" for n in range(60)}, 400, "too many fields"),
    ("/simulator/text", {**FORM, "text": "x" * LARGEST}, 413, "64 KiB"),
    ("/simulator/clock", {**FORM, "hours": "soon"}, 400, "hours"),
    ("/simulator/clock", {**FORM, "hours": "0"}, 400, "hours"),
    ("/simulator/clock", {**FORM, "hours": "-3"}, 400, "hours"),
    ("/simulator/clock", {**FORM, "hours": "nan"}, 400, "hours"),
    ("/simulator/clock", {**FORM, "hours": "1e300"}, 400, "hours"),
    ("/simulator/clock", FORM, 400, "hours"),
    ("/console/search", {"msisdn": "hello"}, 400, "not a phone number"),
    ("/console/search", {"msisdn": "36"}, 400, "not a phone number"),
    ("/console/search", {"msisdn": ""}, 400, "not a phone number"),
    ("/console/search", {}, 400, "msisdn"),
    ("/console/unread", {"msisdn": HER}, 400, "ref"),
]


@pytest.mark.parametrize(("path", "form", "status", "words"), BAD_FORMS)
async def test_a_bad_form_is_refused_in_words_that_name_the_field(path, form, status, words, aiohttp_client):
    pages = await site(aiohttp_client)
    answer, text = await pages.post(path, form)
    said = re.search(r'id="refusal">(.*?)</p>', text, re.DOTALL)

    assert (answer, words in (said[1] if said else "")) == (status, True)
    assert pages.sandbox.texted == []


BAD_JSON = [
    ("/simulator/api/text", b"{", 400, "not valid JSON"),
    ("/simulator/api/text", b"[]", 400, "JSON object"),
    ("/simulator/api/text", b'{"text": "\\ud800"}', 400, "not valid JSON"),
    ("/simulator/api/text", b'{"msisdn": 33639980001}', 400, "'msisdn'"),
    ("/simulator/api/text", b'{"msisdn": "+33639980001", "number": 1}', 400, "'number'"),
    ("/simulator/api/text", b'{"msisdn": "+33639980001", "number": "+33644600000", "text": null}', 400, "'text'"),
    ("/simulator/api/clock", b'{"hours": true}', 400, "'hours'"),
    ("/simulator/api/clock", b'{"hours": [1]}', 400, "'hours'"),
    ("/simulator/api/clock", b'{"hours": 1, "number": {"a": 1}}', 400, "'number'"),
    ("/simulator/api/reset", b'{"msisdn": "x"}', 400, "'msisdn'"),
    ("/simulator/api/text", b" " * (LARGEST + 1), 413, "64 KiB"),
]


@pytest.mark.parametrize(("path", "body", "status", "words"), BAD_JSON)
async def test_a_bad_body_is_refused_in_json(path, body, status, words, aiohttp_client):
    pages = await site(aiohttp_client)
    answer = await pages.client.post(path, data=body, headers={"Content-Type": "application/json"})
    error = (await answer.json())["error"]

    assert (answer.status, words in error["message"]) == (status, True)


async def test_a_body_that_is_not_what_it_says_is_refused(aiohttp_client):
    pages = await site(aiohttp_client)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = await pages.client.post("/simulator/api/text", data=b"not gzip at all", headers=headers)

    assert answer.status == 400


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("msisdn=12", 400),
        ("number=%2B33999", 200),
        ("turn=nobody", 200),
        (f"number={'9' * 21}", 400),
        ("x=%ff%00", 200),
    ],
)
async def test_an_odd_link_is_refused_or_leads_to_the_first_number(query, status, aiohttp_client):
    pages = await site(aiohttp_client)

    assert (await pages.get(f"/simulator?{query}"))[0] == status


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/nothing", 404, "There is no page at this address."),
        ("GET", "/console/<script>", 404, "There is no page at this address."),
        ("POST", "/console", 405, "POST is not possible here."),
        ("DELETE", "/", 405, "DELETE is not possible here."),
        ("GET", "/simulator/text", 405, "GET is not possible here."),
    ],
)
async def test_an_address_that_leads_nowhere_says_so(method, path, status, words, aiohttp_client):
    pages = await site(aiohttp_client)
    response = await pages.client.request(method, path)

    assert (response.status, words in await response.text()) == (status, True)
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS


async def test_programs_that_miss_are_not_met_with_a_page(aiohttp_client):
    pages = await site(aiohttp_client)
    response = await pages.client.get("/api/v1/nothing")

    assert (response.status, response.content_type) == (404, "text/plain")


async def test_a_clock_at_the_end_of_the_calendar_is_told_so(aiohttp_client):
    pages = await site(aiohttp_client)
    pages.sandbox.now = pages.sandbox.now.replace(year=9999)
    status, text = await pages.post("/simulator/clock", {**FORM, "hours": "9000"})

    assert (status, "The calendar ends there" in text) == (400, True)

"""The sign-in: the token opens, a guess costs time, and the cookie is as strict as the connection allows."""

import re

import pytest
from web_fakes import HER, OURS, site

from bot.web.security import Access
from bot.web.sessions import LIFETIME
from bot.web.signin import next_page

TOKEN = "admin-token-0123456789"
SECRET = "secret-key-0123456789"


class Clock:
    """A clock that a test moves."""

    now = 1_800_000_000.0

    def __call__(self):
        return self.now


def locked(clock=None, **given):
    return Access(open=False, admin_token=TOKEN, secret_key=SECRET, clock=clock or Clock(), **given)


def csrf_in(page):
    return re.search(r'name="csrf" value="([^"]+)"', page)[1]


async def guess(pages, token=TOKEN, then="/console", **headers):
    """Open the form and post a token; return the response."""
    _, form = await pages.get("/signin")
    data = {"csrf": csrf_in(form), "token": token, "next": then}
    return await pages.client.post("/signin", data=data, headers=headers, allow_redirects=False)


async def test_the_token_opens_the_page_that_was_wanted(aiohttp_client):
    pages = await site(aiohttp_client, locked())
    response = await guess(pages, f" {TOKEN} ", "/console/unread")

    assert (response.status, response.headers["Location"]) == (303, "/console/unread")
    assert (await pages.get("/console/unread"))[0] == 200
    assert (await pages.get("/signin?next=/console"))[0] == 303


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], f"{TOKEN}x", TOKEN.upper(), "é€😀"])
async def test_a_wrong_token_is_told_so_and_opens_nothing(token, aiohttp_client):
    pages = await site(aiohttp_client, locked())
    response = await guess(pages, token)

    assert response.status == 403
    assert "not the admin token" in await response.text()
    assert (await pages.get("/console"))[0] == 303


async def test_the_cookie_is_for_this_site_only_and_no_script_reads_it(aiohttp_client):
    pages = await site(aiohttp_client, locked())
    flags = (await guess(pages)).cookies["ouistop"]

    assert (flags["httponly"], flags["samesite"], flags["path"], flags["secure"]) == (True, "Lax", "/", "")
    assert flags["domain"] == ""
    assert flags["max-age"] == str(LIFETIME)


async def test_over_https_the_cookie_never_travels_in_the_clear(aiohttp_client):
    pages = await site(aiohttp_client, locked(public_url="https://sms.example.org"))
    made = await pages.client.get("/signin")
    visitor = made.cookies["__Host-ouistop-visitor"]
    headers = {"Cookie": f"__Host-ouistop-visitor={visitor.value}"}
    data = {"csrf": csrf_in(await made.text()), "token": TOKEN}
    response = await pages.client.post("/signin", data=data, headers=headers, allow_redirects=False)
    flags = response.cookies["__Host-ouistop"]

    assert response.status == 303
    assert (flags["secure"], flags["path"], flags["domain"], visitor["secure"]) == (True, "/", "", True)


async def test_a_session_ends_after_its_lifetime(aiohttp_client):
    clock = Clock()
    pages = await site(aiohttp_client, locked(clock))
    await guess(pages)

    clock.now += LIFETIME - 1
    assert (await pages.get("/console"))[0] == 200
    clock.now += 1
    assert (await pages.get("/console"))[0] == 303


async def test_signing_out_ends_copies_of_the_cookie_too(aiohttp_client):
    pages = await site(aiohttp_client, locked())
    cookie = (await guess(pages)).cookies["ouistop"].value
    _, page = await pages.get("/console")
    status, _ = await pages.post("/signout", {"csrf": csrf_in(page)})

    assert status == 303
    assert (await pages.get("/console", headers={"Cookie": f"ouistop={cookie}"}))[0] == 303


@pytest.mark.parametrize(
    "other", [{"secret_key": "another-key-0123456789"}, {"admin_token": "another-token-0123456789"}]
)
async def test_a_new_key_or_token_signs_everybody_out(other, aiohttp_client):
    cookie = (await guess(await site(aiohttp_client, locked()))).cookies["ouistop"].value
    changed = {"open": False, "admin_token": TOKEN, "secret_key": SECRET, "clock": Clock(), **other}
    pages = await site(aiohttp_client, Access(**changed))

    assert (await pages.get("/console", headers={"Cookie": f"ouistop={cookie}"}))[0] == 303


@pytest.mark.parametrize(
    "cookie", ["", "x", "1.2.3", "1800000000.name.", "٣.name.x", f"{'9' * 400}.a.b", "1800000000.a.é"]
)
async def test_a_forged_cookie_is_worth_nothing(cookie, aiohttp_client):
    pages = await site(aiohttp_client, locked())

    assert (await pages.get("/console", headers={"Cookie": f"ouistop={cookie}"}))[0] == 303


@pytest.mark.parametrize("token", ["", "x", None])
async def test_a_form_without_its_token_changes_nothing(token, aiohttp_client):
    pages = await site(aiohttp_client, locked())
    await guess(pages)
    form = {"msisdn": HER, "number": OURS, "text": "CLUB"} | ({} if token is None else {"csrf": token})
    status, text = await pages.post("/simulator/text", form)

    assert (status, "out of date" in text, pages.sandbox.texted) == (403, True, [])


async def test_json_needs_the_forms_token_in_a_header(aiohttp_client):
    pages = await site(aiohttp_client, locked())
    await guess(pages)
    _, page = await pages.get("/simulator")
    form = {"msisdn": HER, "number": OURS, "text": "CLUB", "csrf": csrf_in(page)}
    without = await pages.client.post("/simulator/api/text", json=form)
    with_it = await pages.client.post("/simulator/api/text", json=form, headers={"X-CSRF-Token": csrf_in(page)})

    assert (without.status, with_it.status) == (403, 200)
    assert len(pages.sandbox.texted) == 1


async def test_the_sign_in_form_cannot_be_posted_from_elsewhere(aiohttp_client):
    pages = await site(aiohttp_client, locked())
    foreign = await guess(pages, Origin="https://evil.example")
    status, text = await pages.post("/signin", {"token": TOKEN})

    assert foreign.status == 403
    assert (status, "out of date" in text) == (403, True)


async def test_our_public_name_is_our_own_although_a_proxy_calls_us_otherwise(aiohttp_client):
    pages = await site(aiohttp_client, locked(public_url="http://sms.example.org"))

    assert (await guess(pages, Origin="http://sms.example.org")).status == 303


async def test_the_fourth_wrong_token_makes_wait_even_for_the_right_one(aiohttp_client):
    clock = Clock()
    pages = await site(aiohttp_client, locked(clock))
    statuses = [(await guess(pages, "wrong")).status for _ in range(4)]
    slow = await guess(pages)

    assert statuses == [403, 403, 403, 403]
    assert (slow.status, slow.headers["Retry-After"]) == (429, "1")
    assert "Try again in 1 s" in await slow.text()
    clock.now += 1
    assert (await guess(pages)).status == 303


async def test_without_a_proxy_a_made_up_address_does_not_shorten_the_wait(aiohttp_client):
    pages = await site(aiohttp_client, locked())
    for place in range(4):
        await guess(pages, "wrong", **{"X-Forwarded-For": f"192.0.2.{place}"})

    assert (await guess(pages, **{"X-Forwarded-For": "192.0.2.99"})).status == 429


async def test_behind_our_proxy_one_who_guesses_does_not_lock_the_others_out(aiohttp_client):
    pages = await site(aiohttp_client, locked(behind_proxy=True))
    for place in range(4):
        await guess(pages, "wrong", **{"X-Forwarded-For": f"198.51.100.{place}, 192.0.2.1"})

    assert (await guess(pages, **{"X-Forwarded-For": "192.0.2.1"})).status == 429
    assert (await guess(pages, **{"X-Forwarded-For": "192.0.2.2"})).status == 303


OTHER_SITES = [
    "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/\tevil", "/console\n",
    "/signin", "/console/../x", "///evil", "/?//evil.example", "/console?next=//evil", "", "console",
]  # fmt: skip


@pytest.mark.parametrize("wanted", OTHER_SITES)
async def test_a_sign_in_never_leads_to_another_site(wanted, aiohttp_client):
    pages = await site(aiohttp_client, locked())

    assert (await guess(pages, then=wanted)).headers["Location"] == "/"


@pytest.mark.parametrize(
    "wanted",
    [
        "/",
        "/simulator",
        f"/console/contacts/{HER}",
        "/console/contacts/%2B33639980001",
        "/simulator?turn=a%7Cb&x=sim:1",
    ],
)
def test_a_sign_in_leads_back_to_our_pages(wanted):
    assert next_page(wanted) == wanted

"""The simulator's page: a phone one can text without a script, and every answer explained."""

import html
import re

import pytest
from web_fakes import HER, OTHER, OURS, at, catalog, mo, mt, said, site, story

PHONE = f"/simulator?msisdn=%2B{HER[1:]}&number=%2B{OURS[1:]}"
FORM = {"msisdn": HER, "number": OURS}


def plain(page):
    """Return what a person reads: no tags, single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def part(page, start, end):
    return plain(page.partition(start)[2].partition(end)[0])


def why(page):
    return part(page, 'id="why-title">', "</section>")


async def told(aiohttp_client, turn=None, **given):
    """Return the page of a whole conversation with one of its turns explained."""
    pages = await site(aiohttp_client)
    pages.sandbox.talks[(HER, OURS)] = story()
    pages.sandbox.places = [{"program": "club", "name": "Club Lumière", "state": "unsubscribed", "since": at(4320)}]
    for name, value in given.items():
        setattr(pages.sandbox, name, value)
    return (await pages.get(f"{PHONE}&turn={turn}" if turn else PHONE))[1]


async def test_without_a_provider_the_front_door_is_the_phone(aiohttp_client):
    pages = await site(aiohttp_client)
    _, before = await pages.get("/")
    pages.console.connect()
    _, after = await pages.get("/")

    assert ("Nobody has texted yet" in before, "<h1>Overview" in before) == (True, False)
    assert ("Nobody has texted yet" in after, "<h1>Overview" in after) == (False, True)


async def test_the_page_says_that_nothing_is_real(aiohttp_client):
    page = await told(aiohttp_client)

    assert "no SMS is sent, no real person’s data is touched" in plain(page)


async def test_a_text_goes_in_and_the_answer_comes_back_without_a_script(aiohttp_client):
    pages = await site(aiohttp_client)
    response = await pages.client.post("/simulator/text", data={**FORM, "text": " Arrêter 👍 "}, allow_redirects=False)
    _, page = await pages.get(response.headers["Location"])

    assert (response.status, response.headers["Location"]) == (303, f"{PHONE}#phone")
    assert pages.sandbox.texted == [(HER, OURS, " Arrêter 👍 ")]
    assert "Reply to Arrêter 👍" in plain(page)


async def test_the_chips_are_the_numbers_keywords_and_what_people_answer(aiohttp_client):
    pages = await site(aiohttp_client)
    _, page = await pages.get("/simulator")

    chips = ["CLUB", "CAFE", "HORAIRES", "OUI", "YES", "NON", "ARRÊTER", "STOP", "HELP", "1", "START", "👍"]
    assert re.findall(r'class="chip" name="text" value="([^"]+)"', page) == chips


async def test_the_clock_moves_forward_by_its_buttons(aiohttp_client):
    pages = await site(aiohttp_client)
    _, page = await pages.get("/simulator")
    hours = re.findall(r'name="hours" value="(\d+)"[^>]*>([^<]+)<', page)
    status, _ = await pages.post("/simulator/clock", {**FORM, "hours": "48"})

    assert hours == [("3", "+3 hours"), ("48", "+2 days"), ("720", "+30 days")]
    assert (status, pages.sandbox.now.isoformat()) == (303, at(2 * 24 * 60))


async def test_starting_over_forgets_everybody(aiohttp_client):
    pages = await site(aiohttp_client)
    await pages.post("/simulator/text", {**FORM, "text": "CLUB"})
    status, _ = await pages.post("/simulator/reset")

    assert (status, pages.sandbox.talks) == (303, {})


async def test_somebody_else_has_a_number_of_the_same_country_that_nobody_owns(aiohttp_client):
    pages = await site(aiohttp_client)
    _, french = await pages.get("/simulator")
    _, british = await pages.get(f"/simulator?number=%2B{OTHER[1:]}")

    assert re.search(r'href="/simulator\?msisdn=%2B3363998\d{4}&amp;number=%2B33644600000">Somebody else', french)
    assert re.search(r'href="/simulator\?msisdn=%2B447700900\d{3}&amp;number=%2B447700900999">Somebody else', british)


async def test_another_number_can_be_chosen(aiohttp_client):
    pages = await site(aiohttp_client)
    _, page = await pages.get(f"/simulator?number=%2B{OTHER[1:]}")

    assert f'<option value="{OTHER}" selected>' in page
    assert '<input type="hidden" name="number" value="+447700900999">' in page


async def test_the_newest_turn_is_explained_until_another_is_chosen(aiohttp_client):
    newest = await told(aiohttp_client)
    older = await told(aiohttp_client, "sim:2")

    assert "“1”" in why(newest) or why(newest).startswith("Why this answer 1 ")
    assert "Oui 👍" in why(older)
    assert re.findall(r'id="link-([^"]+)"[^>]*aria-current', older) == ["mo-sim:2", "mt-m3"]


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        ("sim:1", "Understood texts a keyword Language any Confidence 100 % Rule that won keyword: CLUB"),
        ("sim:1", "Keyword CLUB keywords.yaml:21"),
        ("sim:1", "no STOP in it keyword CLUB of this number"),
        ("sim:1", "Club Lumière stranger becomes pending"),
        (
            "sim:1",
            "ask_confirm Club Lumière · French built-in text Café Lumière : répondez OUI… Costs 2 segments, UCS-2",
        ),
        ("m2", "A timer rang"),
        ("m2", "Rule that won timer: remind club"),
        ("m2", "reminder Club Lumière · French keywords.yaml:33"),
        ("sim:2", "says yes Language French Confidence 92 %"),
        ("sim:2", "Read as oui no STOP in it a question is open oui is a yes in French"),
        ("sim:2", "welcome Club Lumière · French keywords.yaml:32 Bienvenue au Club Lumière ! Costs 1 segment, GSM-7"),
        ("sim:4", "not understood could it be “wants to stop”? Kept for a person"),
        ("sim:4", "Nothing was sent. silent: told within 24 hours"),
        ("sim:5", "Club Lumière subscribed becomes unsubscribed"),
        ("sim:6", "Club Lumière unsubscribed unchanged"),
        ("sim:6", "keywords.yaml version 4f1c2a9b77e0"),
    ],
)
async def test_a_turn_is_explained_whole(turn, words, aiohttp_client):
    assert words in why(await told(aiohttp_client, turn))


async def test_lines_of_an_older_file_are_said_to_have_moved(aiohttp_client):
    page = await told(aiohttp_client, catalog={**catalog(), "digest": "000000000000"})

    assert "it has changed since, lines may have moved" in why(page)


async def test_the_conversation_shows_consent_prices_and_the_time_between(aiohttp_client):
    talk = part(await told(aiohttp_client), 'data-part="talk">', "</ol>")

    for words in (
        "09:05 · delivered · 2 segments UCS-2",
        "Recorded: asked to confirm Club Lumière",
        "20 hours later · Wed 25 Nov 2026, 05:05",
        "Recorded: opted in to Club Lumière",
        "09:05 · sent · 1 segment GSM-7",
        "Recorded: opted out of Club Lumière",
        "Recorded: reason for leaving: too_many",
    ):
        assert words in talk


async def test_what_waits_for_its_time_is_told(aiohttp_client):
    timers = [
        {"program": "club", "kind": "remind", "at": at(20 * 60)},
        {"program": "club", "kind": "expire", "at": at(2880)},
    ]
    page = plain(await told(aiohttp_client, timers=timers))

    assert "in 20 hours: reminder in 2 days: the question lapses" in page


async def test_problems_of_the_file_are_shown_beside_the_phone(aiohttp_client):
    error = "keywords.yaml:14:9: error: CLUB is taken [keyword-taken] hint: pick another word"
    page = await told(aiohttp_client, catalog=catalog([error, "the file is odd"], stale=True))

    assert "2 problems, the last good version is in use" in plain(page)
    assert "error keywords.yaml:14:9 keyword-taken CLUB is taken To mend it: pick another word" in plain(page)
    assert "the file is odd" in plain(page)


async def test_a_file_without_numbers_is_met_with_the_way_to_begin(aiohttp_client):
    page = await told(aiohttp_client, numbers=[])

    assert "There is no number to text yet" in plain(page)
    assert 'action="/simulator/text"' not in page


async def test_a_message_that_no_turn_explains_is_not_a_link(aiohttp_client):
    pages = await site(aiohttp_client)
    pages.sandbox.talks[(HER, OURS)] = [mt("old", "From before", status="failed")]
    _, page = await pages.get(PHONE)

    assert "link-mt-old" not in page
    assert "From before" in page


async def test_the_json_routes_tell_what_the_page_shows(aiohttp_client):
    pages = await site(aiohttp_client)
    texted = await (await pages.client.post("/simulator/api/text", json={**FORM, "text": "CLUB"})).json()
    state = await (await pages.client.get(f"/simulator/api/state?{PHONE.partition('?')[2]}")).json()
    moved = await (await pages.client.post("/simulator/api/clock", json={**FORM, "hours": 3})).json()
    reset = await (await pages.client.post("/simulator/api/reset", json=FORM)).json()

    assert [item["text"] for item in texted["timeline"]] == ["CLUB", "Reply to CLUB"]
    assert state == texted
    assert (moved["now"], reset["now"], reset["timeline"]) == (at(180), at(), [])


async def test_a_reply_belongs_to_the_turn_that_said_it(aiohttp_client):
    pages = await site(aiohttp_client)
    pages.sandbox.talks[(HER, OURS)] = [
        mo("a|b", "x", spoke=[said("m")]),
        mt("m", "y"),
    ]
    _, page = await pages.get(PHONE)

    assert re.findall(r'href="([^"]+)#why"', page) == [f"{html.escape(PHONE)}&amp;turn=a%7Cb"] * 2

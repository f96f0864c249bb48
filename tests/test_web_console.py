"""The console: what waits for a person, and the proof that somebody said yes."""

import html
import re

import pytest
from web_fakes import HER, OURS, at, catalog, ledger_row, person, site, story, unread_text


def plain(page):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


async def shown(aiohttp_client, path, **given):
    """Return a page of a console that was told this."""
    pages = await site(aiohttp_client)
    for name, value in given.items():
        setattr(pages.console, name, value)
    return (await pages.get(path))[1]


async def test_an_empty_server_says_what_to_do_next(aiohttp_client):
    page = plain(await shown(aiohttp_client, "/console", numbers=[]))

    for words in (
        "All is well: nothing waits for you.",
        "No number yet. Add one under numbers: in keywords.yaml",
        "No program yet.",
        "Nobody left in 30 days.",
        "Every text was understood",
        "Version 4f1c2a9b77e0 is in use, and nothing is wrong with it.",
    ):
        assert words in page


async def test_a_number_tells_whether_it_reaches_handsets_and_when_it_last_did(aiohttp_client):
    pages = await site(aiohttp_client)
    before = plain((await pages.get("/console"))[1])
    pages.console.connect()
    after = plain((await pages.get("/console"))[1])

    assert "simulator sandbox only Last text in never Last text out never" in before
    assert "twilio connected Last text in 3 minutes ago Last text out 2 minutes ago" in after


async def test_shares_are_shown_with_what_they_are_shares_of(aiohttp_client):
    page = plain(
        await shown(
            aiohttp_client,
            "/console",
            programs=[
                {"program": "club", "name": "Club", "states": {"subscribed": 4012, "pending": 3, "unsubscribed": 41}}
            ],
            opt_outs={
                "days": 30,
                "total": 41,
                "reasons": [{"reason": "too_many", "label": "Trop de SMS", "count": 17}],
            },
        )
    )

    assert "41 left in 30 days; 4,012 are subscribed now." in page
    assert "Trop de SMS 17 of 41 No reason given 24 of 41" in page
    assert "4,012 subscribed 3 pending 41 unsubscribed" in page


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"catalog": catalog(["keywords.yaml:1:1: error: bad [x]"], True)}, "keywords.yaml has errors; the last good"),
        ({"catalog": catalog(["a", "b"])}, "keywords.yaml works, with 2 warnings."),
        ({"outbox": {"depth": 2, "oldest_at": at(-9)}}, "oldest text in the outbox has waited 9 minutes"),
        ({"texts": [unread_text("?", minutes=-120)]}, "1 text nobody understood, the newest 2 hours ago."),
    ],
)
async def test_what_waits_for_a_person_is_said_first(given, words, aiohttp_client):
    page = plain(await shown(aiohttp_client, "/console", **given))

    assert words in page
    assert "All is well" not in page


async def test_an_outbox_that_is_just_busy_alarms_nobody(aiohttp_client):
    page = plain(await shown(aiohttp_client, "/console", outbox={"depth": 2, "oldest_at": at(-4)}))

    assert "All is well" in page


async def test_a_text_that_may_be_an_opt_out_stands_out(aiohttp_client):
    page = await shown(aiohttp_client, "/console/unread", texts=[unread_text("assez !", maybe="stop")])

    assert "Perhaps: wants to stop . No marketing goes to this person" in plain(page)


async def test_a_read_text_leaves_the_list(aiohttp_client):
    pages = await site(aiohttp_client)
    pages.console.texts = [unread_text("one", "twilio:1"), unread_text("two", "twilio:2")]
    status, _ = await pages.post("/console/unread", {"msisdn": HER, "ref": "twilio:1"})
    _, page = await pages.get("/console/unread")

    assert (status, [text["ref"] for text in pages.console.texts]) == (303, ["twilio:2"])
    assert ("two" in page, ">one<" in page) == (True, False)


async def test_no_text_to_read_says_what_such_texts_are_good_for(aiohttp_client):
    assert "Nothing to read" in await shown(aiohttp_client, "/console/unread")


async def test_problems_come_with_their_place_and_the_errors_first(aiohttp_client):
    lines = [
        "keywords.yaml:9:1: warning: dear [segments]",
        "keywords.yaml:14:9: error: taken [keyword-taken] hint: another",
    ]
    page = plain(await shown(aiohttp_client, "/console/keywords", catalog=catalog(lines, True)))

    first, second = page.index("error keywords.yaml:14:9"), page.index("warning keywords.yaml:9:1")
    assert first < second
    assert "taken To mend it: another" in page
    assert "The last good version ( 4f1c2a9b77e0 ) is still in use" in page


async def test_a_good_file_has_nothing_to_mend(aiohttp_client):
    assert "Nothing to mend" in await shown(aiohttp_client, "/console/keywords")


@pytest.mark.parametrize("typed", ["06 39 98 00 01", "+33 6 39 98 00 01", "0033639980001", " +33-639-980-001 "])
async def test_a_person_is_found_as_people_write_her_number(typed, aiohttp_client):
    pages = await site(aiohttp_client)
    response = await pages.client.post("/console/search", data={"msisdn": typed}, allow_redirects=False)

    assert (response.status, response.headers["Location"]) == (303, f"/console/contacts/{HER}")


async def test_a_person_nobody_knows_is_not_found_and_the_way_around_stays(aiohttp_client):
    pages = await site(aiohttp_client)
    status, page = await pages.get(f"/console/contacts/{HER}")

    assert status == 404
    assert "Nobody with the number +33 6 39 98 00 01 has ever texted us." in plain(page)
    assert 'action="/console/search"' in page


LEDGER = [
    ledger_row("asked", 0, shown="Répondez OUI…"),
    ledger_row("opted_in", 5),
    ledger_row("reason", 9, detail="trop !"),
]


async def test_the_proof_has_the_words_shown_and_where_they_came_from(aiohttp_client):
    chain = {"rows": 3, "verified": True, "broken_at": None}
    page = plain(
        await shown(aiohttp_client, f"/console/contacts/{HER}", people={HER: person(ledger=LEDGER, chain=chain)})
    )

    assert "Verified. All 3 rows of the ledger carry the hash" in page
    assert (
        "Asked club Tue 24 Nov 2026, 09:05 · by keyword · Affiche, Gare de Lyon The words shown Répondez OUI…" in page
    )
    assert f"text in twilio:SM1 text out 0641f2b3c4d5e0 file 4f1c2a9b77e0 hash {'9c1f' * 16}" in page
    assert "Reason club · trop !" in page


async def test_a_broken_chain_says_where(aiohttp_client):
    chain = {"rows": 3, "verified": False, "broken_at": 2}
    page = await shown(aiohttp_client, f"/console/contacts/{HER}", people={HER: person(ledger=LEDGER, chain=chain)})

    assert "Broken at row 2." in plain(page)
    assert plain(page).count("the chain breaks here") == 1
    assert "Opted in club the chain breaks here" in plain(page)


async def test_a_persons_page_tells_states_holds_fields_and_every_number_spoken_on(aiohttp_client):
    timeline = [{**item, "number": OURS} if item["kind"] != "consent" else item for item in story()]
    place = {"program": "club", "name": "Club Lumière", "state": "unsubscribed", "since": at(5), "number": OURS}
    her = person(timeline=timeline, subscriptions=[place], hold=True, suppressed_at=at(9), fields={"first_name": "Zoé"})
    page = plain(await shown(aiohttp_client, f"/console/contacts/{HER}", people={HER: her}))

    assert "Club Lumière since Tue 24 Nov 2026, 09:10 · Affiche, Gare de Lyon unsubscribed" in page
    assert "On hold." in page
    assert "Suppressed since Tue 24 Nov 2026, 09:14" in page
    assert "first_name Zoé" in page
    assert "on Affiche, Gare de Lyon This person: club!" in page


async def test_a_person_who_only_wrote_has_friendly_empty_places(aiohttp_client):
    page = plain(await shown(aiohttp_client, f"/console/contacts/{HER}", people={HER: person()}))

    for words in (
        "In no program",
        "No consent was asked for or given yet.",
        "Nothing was said yet.",
        "The ledger begins",
    ):
        assert words in page


async def test_a_number_is_masked_everywhere_but_on_her_own_page(aiohttp_client):
    pages = await site(aiohttp_client)
    pages.console.texts = [unread_text("hello")]
    pages.console.people = {HER: person()}
    seen = {
        path: plain((await pages.get(path))[1]) for path in ("/console", "/console/unread", f"/console/contacts/{HER}")
    }

    assert ["+33 6 39 98 00 01" in text for text in seen.values()] == [False, False, True]
    assert ["+33639980001" in text for text in seen.values()] == [False, False, False]
    assert ["+33 ••• 0001" in text for text in seen.values()] == [True, True, False]


async def test_a_text_is_explained_as_it_was_asked_about_and_stays_in_the_form(aiohttp_client):
    pages = await site(aiohttp_client)
    empty = (await pages.get("/console/explain"))[1]
    asked = {"text": "Arrêtez <b>", "number": OURS, "state": "pending", "language": "fr"}
    status, page = await pages.post("/console/explain", asked)

    assert "Step by step" not in empty
    assert status == 200
    assert f"Arrêtez <b> on {OURS}, pending, in fr" in plain(page)
    assert "<b>" not in page.partition('<textarea id="text"')[2].partition("</textarea>")[0]
    assert '<option value="pending" selected>' in page
    assert '<option value="fr" selected>' in page


@pytest.mark.parametrize("field", ["number", "state", "language"])
async def test_a_choice_that_is_not_there_is_refused_by_its_field(field, aiohttp_client):
    pages = await site(aiohttp_client)
    status, page = await pages.post("/console/explain", {"text": "stop", field: "elsewhere"})

    assert (status, f"Field '{field}' is none of those" in plain(page)) == (400, True)

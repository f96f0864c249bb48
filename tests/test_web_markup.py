"""What holds on every page: a subscriber's text is only ever text, nothing is inline, and everybody can use it."""

import re
from html.parser import HTMLParser

import pytest
from web_fakes import HER, OURS, at, catalog, consent, ledger_row, mo, mt, person, said, site, story, trace, unread_text

from bot.web.assets import FOLDER
from bot.web.security import Access

EVIL = "</a></li><script>alert(1)</script><img src=x onerror=alert(1)>\"'{{ 7*7 }} javascript:alert(1)"
ARABIC = "هل يمكنني حجز طاولة؟"
PATHS = [
    "/simulator",
    "/console",
    "/console/unread",
    "/console/keywords",
    f"/console/contacts/{HER}",
    "/simulator?msisdn=1",
]
VOID = {"meta", "link", "input", "img", "br", "hr", "path", "rect"}


class Page(HTMLParser):
    """Reads a page: its elements with their attributes, and whether every element is closed in its turn."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.faults, self.texts = [], [], [], []
        self.feed(text)
        self.faults += [f"<{tag}> is never closed" for tag in self.open]

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> out of its turn")

    def handle_data(self, data):
        self.texts.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


async def full(aiohttp_client, words="Bonjour"):
    """Start a site where whatever people write or say of themselves is `words`."""
    pages = await site(aiohttp_client)
    turn = trace(
        maybe="stop", words=words, rule=words, steps=[words], notes=[words], spoke=[said("x2")], language="fr",
        before={"club": "pending"}, after={"club": "subscribed"},
    )  # fmt: skip
    talk = [
        *story(),
        mo(f"x:{words}", words, 4400, **turn),
        mt("x2", words, 4400),
        consent("answered", 4400, detail=words),
    ]
    place = {"program": "club", "name": words, "state": "pending", "since": at(), "number": OURS}
    pages.sandbox.talks[(HER, OURS)] = talk
    pages.sandbox.places, pages.sandbox.catalog = [place], catalog([words], True)
    pages.sandbox.numbers[0]["label"] = words
    pages.console.texts = [unread_text(words, words[:200], maybe="stop")]
    pages.console.catalog = catalog([words, f"keywords.yaml:1:2: warning: {words} [rule] hint: {words}"])
    pages.console.programs = [{"program": "club", "name": words, "states": {"pending": 3, "subscribed": 40}}]
    reasons = [{"reason": "x", "label": words, "count": 1}]
    pages.console.opt_outs = {"days": 30, "total": 2, "reasons": reasons}
    ledger = [ledger_row("asked", shown=words), ledger_row("reason", detail=words, program=words, source=words)]
    pages.console.people[HER] = person(
        timeline=[{**item, "number": OURS} for item in talk], ledger=ledger, fields={words[:9]: words},
        chain={"rows": 2, "verified": False, "broken_at": 2}, subscriptions=[place], hold=True, suppressed_at=at(),
    )  # fmt: skip
    return pages


@pytest.mark.parametrize("path", PATHS)
async def test_what_people_write_never_becomes_markup(path, aiohttp_client):
    pages = await full(aiohttp_client, EVIL)
    _, text = await pages.get(path)
    page = Page(text)

    assert page.faults == []
    assert page.all("img") == []
    assert [script for script in page.all("script") if not script["src"].startswith("/static/phone.js?")] == []
    assert [attrs for _, attrs in page.elements if any(name.startswith("on") for name in attrs)] == []
    assert not any("49 " in data for data in page.texts)
    assert EVIL in "".join(page.texts) or path.endswith("=1")


@pytest.mark.parametrize("words", ["Bonjour", ARABIC, "\u202eevil\u202c", "w" * 1600, "👩‍👩‍👧‍👦" * 40, "", "\x00\x07"])
@pytest.mark.parametrize("path", PATHS)
async def test_a_page_is_whole_whatever_was_written(path, words, aiohttp_client):
    pages = await full(aiohttp_client, words)
    status, text = await pages.get(path)
    page = Page(text)
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]

    assert (status, page.faults) == (400 if path.endswith("=1") else 200, [])
    assert sorted(ids) == sorted(set(ids))
    assert len(page.all("h1")) == 1


@pytest.mark.parametrize("path", PATHS)
async def test_nothing_is_inline_and_nothing_comes_from_elsewhere(path, aiohttp_client):
    pages = await full(aiohttp_client)
    page = Page((await pages.get(path))[1])
    addresses = [attrs.get("src") or attrs.get("href") or "/" for _, attrs in page.elements]

    assert page.all("style") == []
    assert [attrs for _, attrs in page.elements if "style" in attrs] == []
    assert [address for address in addresses if not re.match(r"[/#](?!/)", address)] == []


@pytest.mark.parametrize("path", [*PATHS, "/signin"])
async def test_everybody_can_use_it(path, aiohttp_client):
    pages = await full(aiohttp_client)
    if path == "/signin":
        pages = await site(aiohttp_client, Access(open=False, admin_token="admin-token-0123456789"))
    page = Page((await pages.get(path))[1])
    ids = {attrs["id"] for _, attrs in page.elements if "id" in attrs}
    labels = {attrs["for"] for attrs in page.all("label")}
    fields = [attrs for tag in ("input", "select") for attrs in page.all(tag) if attrs.get("type") != "hidden"]

    assert page.all("html") == [{"lang": "en"}]
    assert next(attrs for attrs in page.all("a"))["href"] == "#main"
    assert [field for field in fields if field["id"] not in labels] == []
    assert [attrs for attrs in page.all("time") if "datetime" not in attrs] == []
    assert {ref for _, attrs in page.elements for ref in attrs.get("aria-labelledby", "").split()} <= ids
    assert [attrs for attrs in page.all("svg") if attrs.get("aria-hidden") != "true"] == []


@pytest.mark.parametrize("path", PATHS[:3] + PATHS[4:5])
async def test_a_text_keeps_its_own_direction(path, aiohttp_client):
    pages = await full(aiohttp_client, ARABIC)
    text = (await pages.get(path))[1]
    framed = re.findall(rf"<(\w+)([^<>]*)>{ARABIC}</", text)

    assert len(framed) > 0
    assert [tag for tag, attrs in framed if 'dir="auto"' not in attrs and tag not in ("bdi", "option")] == []


@pytest.mark.parametrize("name", ["style.css", "phone.js", "favicon.svg"])
async def test_a_file_is_kept_for_ever_under_its_own_address_only(name, aiohttp_client):
    pages = await site(aiohttp_client)
    _, page = await pages.get("/simulator")
    address = re.search(rf'"(/static/{re.escape(name)}\?v=[0-9a-f]{{12}})"', page)[1]
    kept, fresh = await pages.client.get(address), await pages.client.get(f"/static/{name}?v=old")

    assert (kept.status, "immutable" in kept.headers["Cache-Control"]) == (200, True)
    assert (fresh.status, fresh.headers["Cache-Control"]) == (200, "no-cache")
    assert kept.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["nothing.css", "..%2fpages.py", "style.css%00"])
async def test_no_other_file_is_served(name, aiohttp_client):
    pages = await site(aiohttp_client)

    assert (await pages.get(f"/static/{name}"))[0] == 404


def test_the_files_load_nothing_from_elsewhere():
    for path in FOLDER.iterdir():
        words = path.read_text().replace('xmlns="http://www.w3.org/2000/svg"', "")

        assert not re.search(r"https?://|@import|url\(|//\w+\.\w+", words), path.name


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """Return the contrast ratio of WCAG 2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


INKS = {
    "paper": ["ink", "soft", "accent", "bad", "warn", "good"],
    "card": ["ink", "soft", "accent", "bad", "warn", "good"],
    "sunk": ["ink", "soft", "accent", "warn"],
    "tint": ["ink", "accent"],
    "fill": ["on-fill"],
    "fill-over": ["on-fill"],
    "good-tint": ["good"],
    "warn-tint": ["warn"],
    "bad-tint": ["bad"],
}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_and_borders_stand_out_from_their_ground(theme):
    blocks = re.findall(r":root \{(.*?)\}", (FOLDER / "style.css").read_text(), re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in blocks)
    colours = light if theme == "light" else {**light, **dark}
    poor = [
        (ink, ground, round(contrast(colours[ink], colours[ground]), 2))
        for ground, inks in INKS.items()
        for ink in inks
        if contrast(colours[ink], colours[ground]) < 4.5
    ]

    assert poor == []
    assert contrast(colours["edge"], colours["card"]) >= 3

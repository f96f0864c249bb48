"""A text costs what the network bills, and we can say which character makes it dear.

The oracle is the codec of the `gsm0338` package and a cut of its octets; it shares nothing with our counter.
"""

import gsm0338  # noqa: F401  (registers the codec)
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.segments import GSM7, Size, measure, plainer

CODEC = "gsm03.38"
TEXTS = st.text(st.sampled_from("aé\n €[ê😀"), max_size=700) | st.text(st.characters(exclude_categories=["Cs"]))


def billed(octets, one, part, begins_a_pair):
    """Cut octets into parts, one octet earlier where the cut would part a pair."""
    parts = 0
    while octets:
        cut = len(octets) if len(octets) <= one and not parts else part
        parts, rest = parts + 1, octets[cut:]
        octets = octets[cut - begins_a_pair(octets[:cut]) :] if rest else b""
    return parts


def oracle(text):
    try:
        septets = text.encode(CODEC)
    except UnicodeEncodeError:
        units = text.encode("utf-16-be")
        high = lambda part: 2 if 0xD8 <= part[-2] <= 0xDB else 0  # noqa: E731
        return "UCS-2", len(units) // 2, billed(units, 140, 134, high)
    return "GSM-7", len(septets), billed(septets, 160, 153, lambda part: int(part[-1] == 0x1B))


def ours(text):
    size = measure(text)
    return size.encoding, size.units, size.segments


@pytest.mark.parametrize("plane", range(2))
def test_every_character_is_counted_as_the_codec_encodes_it(plane):
    chars = [chr(code) for code in range(plane << 16, (plane + 1) << 16) if not 0xD800 <= code <= 0xDFFF]

    assert [char for char in chars if oracle(char) != ours(char) and char != "\x1b"] == []


@given(TEXTS.filter(lambda text: "\x1b" not in text))
def test_any_text_is_cut_as_the_oracle_cuts_it(text):
    assert oracle(text) == ours(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("GSM-7", 0, 0)),
        ("a", ("GSM-7", 1, 1)),
        ("a" * 160, ("GSM-7", 160, 1)),
        ("a" * 161, ("GSM-7", 161, 2)),
        ("a" * 306, ("GSM-7", 306, 2)),
        ("a" * 307, ("GSM-7", 307, 3)),
        ("€" * 80, ("GSM-7", 160, 1)),
        ("€" * 81, ("GSM-7", 162, 2)),
        ("€" * 152, ("GSM-7", 304, 2)),
        ("€" * 153, ("GSM-7", 306, 3)),  # 76 to a part: the 153rd septet of each stays empty
        ("a" * 152 + "€" + "a" * 151, ("GSM-7", 305, 2)),
        ("a" * 152 + "€" + "a" * 152, ("GSM-7", 306, 3)),
        ("ê" * 70, ("UCS-2", 70, 1)),
        ("ê" * 71, ("UCS-2", 71, 2)),
        ("ê" * 134, ("UCS-2", 134, 2)),
        ("ê" * 135, ("UCS-2", 135, 3)),
        ("😀" * 35, ("UCS-2", 70, 1)),
        ("😀" * 36, ("UCS-2", 72, 2)),
        ("😀" * 67, ("UCS-2", 134, 3)),  # 33 to a part: no pair is torn
        ("ê" + "😀" * 66, ("UCS-2", 133, 2)),
        ("€" * 70 + "ê", ("UCS-2", 71, 2)),  # in UCS-2 an extension character is one unit
    ],
)
def test_segments_at_their_edges(text, expected):
    assert expected == ours(text)


def test_the_characters_that_force_ucs2_are_named_with_their_places():
    assert Size("UCS-2", 9, 1, ((3, "ê"), (6, "😀"))) == measure("Arrêt 😀!")


def test_gsm7_is_the_whole_table_but_the_escape():
    assert len(GSM7) == 127 + 10


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("l’été", "l'été"),
        ("“non”, „nein“, «\u202foui\u202f», « oui »", '"non", "nein", "oui", "oui"'),
        ("8h–20h — 7j/7…", "8h-20h - 7j/7..."),
        ("50\u00a0€", "50 €"),
        ("un\u200b mot\ufeff", "un mot"),
        ("e\u0301te\u0301", "été"),
        ("cœur", "coeur"),
        ("être reçu 😀", "être reçu 😀"),
    ],
)
def test_typography_has_plain_twins_and_spelling_stays(text, expected):
    assert expected == plainer(text)


@given(st.text())
def test_what_is_plain_stays_as_it_is(text):
    plain = plainer(text)

    assert plain == plainer(plain)


@given(st.text(st.sampled_from(sorted(GSM7))))
def test_what_is_gsm7_already_is_left_alone(text):
    assert text == plainer(text)

"""A phone number is international or it is none."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.e164 import _read, e164

CODES = st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)).map(str)
DIGITS = st.text("0123456789", min_size=2, max_size=13)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+33612345678", "+33612345678"),
        (" +33 (0)6 12-34.56 78 ", "+33612345678"),
        ("+330612345678", "+33612345678"),
        ("+390612345678", "+390612345678"),  # Italy keeps its 0
        ("+14155550123", "+14155550123"),
        ("+883510012345", "+883510012345"),
        ("33612345678", None),
        ("0033612345678", None),
        ("0612345678", None),
        ("36180", None),
        ("+336", None),
        ("+999123456789", None),
        ("+1234567890123456", None),
        ("+1800FLOWERS", None),
        ("++33612345678", None),
        ("+33612345678;ext=5", None),
        ("+٣٣٦١٢٣٤٥٦٧٨", None),
        ("+33612345678\n+33612345679", None),
        ("", None),
    ],
)
def test_a_number_begins_with_plus_and_its_country(text, number):
    assert number == e164(text)


@given(CODES, DIGITS)
def test_the_short_way_reads_as_phonenumbers_does(code, digits):
    text = f"+{code}{digits}"

    assert _read(text) == e164(text)

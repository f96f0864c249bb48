"""How the pages write numbers, times and names: the filters of the templates.

Rule: a person's number is masked unless the page is about that person. Times are shown in UTC, as they are stored.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import phonenumbers
from babel import Locale, UnknownLocaleError

_STEPS = (("day", 86400), ("hour", 3600), ("minute", 60))
_CONSENT = {
    "asked": "asked to confirm {program}",
    "opted_in": "opted in to {program}",
    "declined": "declined {program}",
    "expired": "never confirmed {program}",
    "opted_out": "opted out of {program}",
    "reason": "reason for leaving: {detail}",
    "answered": "answered: {detail}",
    "carrier_blocked": "blocked by the carrier",
    "excluded": "left out of {program}",
    "forgotten": "forgotten",
}
_STATUS = {
    "queued": "waiting to leave",
    "wired": "taken by the provider",
    "sent": "sent",
    "delivered": "delivered",
    "failed": "failed",
    "expired": "expired",
    "cancelled": "cancelled",
}
_INTENTS = {
    "stop": "wants to stop",
    "stop_all": "wants to stop everything",
    "start": "wants to come back",
    "confirm": "says yes",
    "decline": "says no",
    "help": "asks for help",
    "keyword": "texts a keyword",
    "answer": "answers the question",
    "unknown": "not understood",
}
_STANDPOINTS = {
    "stranger": "a stranger",
    "pending": "asked to confirm",
    "subscribed": "subscribed",
    "unsubscribed": "unsubscribed, asked why",
}
_TIMERS = {"remind": "reminder", "expire": "the question lapses"}


def phone(e164: str) -> str:
    """Write a number as it is read aloud.

    >>> phone("+33644600000"), phone("38008")
    ('+33 6 44 60 00 00', '38008')
    """
    try:
        parsed = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def masked(msisdn: str) -> str:
    """Write a person's number so that she stays unknown: the country and the last four digits.

    >>> masked("+33639980001"), masked("12")
    ('+33 ••• 0001', '•••')
    """
    try:
        country = f"+{phonenumbers.parse(msisdn).country_code} "
    except phonenumbers.NumberParseException:
        country = ""
    return f"{country}••• {msisdn[-4:]}" if len(msisdn) > 7 else "•••"


def hour(at: str) -> str:
    """Write the hour of a moment.

    >>> hour("2026-11-24T09:05:00+00:00")
    '09:05'
    """
    return f"{datetime.fromisoformat(at):%H:%M}"


def day(at: str) -> str:
    """Write the day of a moment.

    >>> day("2026-11-24T09:05:00+00:00")
    'Tue 24 Nov 2026'
    """
    moment = datetime.fromisoformat(at)
    return f"{moment:%a} {moment.day} {moment:%b %Y}"


def moment(at: str | None) -> str:
    """Write day and hour, or "never"."""
    return f"{day(at)}, {hour(at)}" if at else "never"


def span(seconds: float) -> str:
    """Write how long something is, in its largest unit.

    >>> span(40), span(3600), span(7 * 3600), span(50 * 3600)
    ('less than a minute', '1 hour', '7 hours', '2 days')
    """
    for name, size in _STEPS:
        if seconds >= size:
            return plural(int(seconds // size), name)
    return "less than a minute"


def ago(at: str | None, now: str) -> str:
    """Write how long ago a moment was, or how far ahead.

    >>> ago(None, "2026-11-24T09:05:00+00:00")
    'never'
    >>> ago("2026-11-24T07:05:00+00:00", "2026-11-24T09:05:00+00:00")
    '2 hours ago'
    >>> ago("2026-11-26T10:05:00+00:00", "2026-11-24T09:05:00+00:00")
    'in 2 days'
    """
    if not at:
        return "never"
    seconds = (datetime.fromisoformat(now) - datetime.fromisoformat(at)).total_seconds()
    return f"{span(seconds)} ago" if seconds >= 0 else f"in {span(-seconds)}"


def count(number: int) -> str:
    """Write a number so that its thousands are seen.

    >>> count(4012)
    '4,012'
    """
    return f"{number:,}"


def plural(count: int, thing: str) -> str:
    """Count things.

    >>> plural(1, "problem"), plural(2, "problem"), plural(0, "text")
    ('1 problem', '2 problems', '0 texts')
    """
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def consent(event: str, program: str | None, detail: str | None) -> str:
    """Say a row of the consent ledger.

    >>> consent("opted_in", "Club", ""), consent("opted_out", None, "")
    ('opted in to Club', 'opted out of everything')
    """
    sentence = _CONSENT.get(event, event.replace("_", " "))
    return sentence.format(program=program or "everything", detail=detail or "")


def ledger_event(name: str) -> str:
    """Name a row of the consent ledger.

    >>> ledger_event("opted_in"), ledger_event("carrier_blocked")
    ('Opted in', 'Carrier blocked')
    """
    return name.replace("_", " ").capitalize()


def status(name: str) -> str:
    """Say where an MT is."""
    return _STATUS.get(name, name)


def intent(name: str | None) -> str:
    """Say what she wants."""
    return _INTENTS.get(name or "", name or "nothing was read")


def standpoint(state: str) -> str:
    """Name where somebody stands, for whoever chooses it."""
    return _STANDPOINTS[state]


def language(code: str | None) -> str:
    """Name a language.

    >>> language("fr"), language("xx"), language(None)
    ('French', 'xx', '')
    """
    if not code:
        return ""
    try:
        return Locale.parse(code, sep="-").get_display_name("en") or code
    except (UnknownLocaleError, ValueError):
        return code


def encoding(name: str) -> str:
    """Write an encoding as the trade does.

    >>> encoding("gsm7"), encoding("UCS-2")
    ('GSM-7', 'UCS-2')
    """
    return {"gsm7": "GSM-7", "gsm-7": "GSM-7", "ucs2": "UCS-2", "ucs-2": "UCS-2"}.get(name.lower(), name)


def timer(kind: str) -> str:
    """Say why a timer will ring."""
    return _TIMERS.get(kind, kind)


def percent(share: float | None) -> str:
    """Write a confidence.

    >>> percent(0.925), percent(None)
    ('92 %', '')
    """
    return "" if share is None else f"{share:.0%}".replace("%", " %")


FILTERS: dict[str, Callable[..., str]] = {
    "phone": phone,
    "masked": masked,
    "hour": hour,
    "day": day,
    "moment": moment,
    "span": span,
    "ago": ago,
    "plural": plural,
    "count": count,
    "mt_status": status,
    "intent": intent,
    "timer": timer,
    "ledger_event": ledger_event,
    "standpoint": standpoint,
    "language": language,
    "encoding": encoding,
    "percent": percent,
}

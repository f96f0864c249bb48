"""Makes what somebody would send who wants to see us fall: texts, JSON, forms and headers, from one seed."""

from __future__ import annotations

import json
from random import Random
from typing import Any
from urllib.parse import quote_plus

PIECES = [
    "STOP", "stop", "ARRÊTER", "oui", "yes", "CLUB", "HELP", "1", "STOP ALL", "don't stop",
    "unsubscribe me please",
    " ", "\n", "\r\n", "\t", "\0", "\x1b[2J", "\x7f", "\u200b", "\u200d", "\u202e", "\ufeff",
    "\u2028", "\ufffd", "\uffff",
    "\ud800", "\udfff", "\ud83d", "🙏", "👍🏽", "👨‍👩‍👧‍👦", "🇫🇷", "e\u0301", "\u0300" * 40, "ﷺ",
    "İ", "ı", "ß", "ſ", "Ⅻ", "①", "ｓｔｏｐ",
    "stоp", "توقف", "עצור", "停止", "หยุด", "Ã©", "&#x53;TOP", "%53TOP", "' OR 1=1 --",
    '"; DROP TABLE contacts; --',
    "<script>alert(1)</script>", "{{7*7}}", "${jndi:ldap://x}", "{brand}", "{0.__class__}",
    "%s%s%n", "%(x)s", "../../etc/passwd",
    "\\u0000", "\\", '"', "'", "`", "> ", "-- ", "on 3 may a wrote:", "sent from my ",
    'liked "', "9" * 400, "-1", "1e999", "0x1F",
    "NaN", "null", "true", "[]", "{}", "=", "&", ";", "%", "%%", "%zz", "%ff", "+", "#", "?",
    "a" * 200, ".", "…", "@", "!" * 50,
]  # fmt: skip
NUMBERS = [
    "+33639980001", "+33644600000", "+12025550100", "0612345678", "+", "+0",
    "+999999999999999999", "tel:+33639980001", "38008",
    "+33 6 39 98 00 01", "＋３３６３９９８０００１", "+33639980001\0", "", " ", "anonymous",
    "+1" + "5" * 400, "٠٦١٢٣٤٥٦٧٨", "-33639980001",
]  # fmt: skip
MOMENTS = [
    "2026-11-24T10:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59",
    "2026-02-30T00:00:00Z", "now", "0", "",
    "2026-11-24T10:00:00", "2026-11-24T10:00:00.123456789Z", "２０２６-11-24T10:00:00Z",
    "-2026-11-24T10:00:00Z", "2026-W48-2",
]  # fmt: skip
STATUSES = ["sent", "delivered", "failed", "undelivered", "read", "DELIVERED", "queued", "canceled", "", "\0", "sent\n"]
NAMES = [
    "id", "from", "to", "text", "at", "ref", "status", "error", "MessageSid", "SmsMessageSid",
    "AccountSid", "From", "To", "Body",
    "OptOutType", "MessageStatus", "ErrorCode", "mt", "number", "msisdn", "token", "csrf",
    "next", "__proto__", "", "\0", "\ud800", "é",
]  # fmt: skip
OPT_OUTS = ["STOP", "START", "HELP", "stop", "", "İ", "FLAG.STOP"]
KINDS = {
    "from": NUMBERS, "to": NUMBERS, "From": NUMBERS, "To": NUMBERS, "at": MOMENTS, "status": STATUSES,
    "MessageStatus": STATUSES, "OptOutType": OPT_OUTS, "AccountSid": ["AC0", "AC1", ""], "number": NUMBERS,
}  # fmt: skip

# What a gateway of one's own and our pages send, and what Twilio does.
JSON: list[dict[str, Any]] = [
    {"id": "g-1", "from": "+33639980001", "to": "+33644600000", "text": "CLUB"},
    {"id": "g-2", "from": "+33639980002", "to": "+33644600000", "text": "STOP", "at": "2026-11-24T10:00:00Z"},
    {"ref": "gw-1", "status": "delivered"},
    {"id": "0123456789abcdef01234567", "status": "failed", "error": "30003"},
    {"msisdn": "+33639980001", "number": "+33644600000", "text": "CLUB", "hours": 3},
]
FORMS: list[dict[str, Any]] = [
    {"MessageSid": "SM1", "AccountSid": "AC0", "From": "+33639980001", "To": "+12025550100", "Body": "HELP"},
    {"MessageSid": "SM2", "AccountSid": "AC0", "From": "+33639980003", "To": "+12025550100", "OptOutType": "STOP"},
    {"MessageSid": "SM1", "AccountSid": "AC0", "MessageStatus": "delivered", "ErrorCode": "0"},
    {"msisdn": "+33639980001", "number": "+33644600000", "text": "CLUB", "hours": 3},
]


class Hostile:
    """One source of all of it; two with the same seed make the same."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)

    def text(self, longest: int = 12) -> str:
        """Make a text: mostly short, now and then as long as the body may be."""
        dice = self.dice
        pieces = [dice.choice(PIECES) for _ in range(dice.randrange(longest))]
        if dice.random() < 0.1:
            pieces.append("".join(chr(dice.randrange(1, 0x11_0000)) for _ in range(dice.randrange(30))))
        text = "".join(pieces)
        return text * dice.choice((10, 100)) if dice.random() < 0.01 else text

    def value(self, name: str, depth: int = 3) -> Any:
        """Make a value for a field of JSON: often one that fits, else anything at all."""
        dice = self.dice
        if dice.random() < 0.6:
            return dice.choice(KINDS[name]) if name in KINDS else self.text()
        kinds = [
            lambda: None,
            lambda: dice.random() < 0.5,
            lambda: dice.choice((0, -1, 2**31, 2**63, -(2**64), 10**400, 1e308, float("inf"), float("nan"), -0.0)),
            self.text,
            lambda: [self.value(name, depth - 1) for _ in range(dice.randrange(4))] if depth else [],
            lambda: self.fields(JSON, depth - 1) if depth else {},
        ]
        return dice.choice(kinds)()

    def fields(self, sound: list[dict[str, Any]], depth: int = 3) -> dict[str, Any]:
        """Make an object that may be a message or a report: often a sound one in which something is not as it was."""
        dice = self.dice
        if dice.random() < 0.1:
            return {name: self.value(name, depth) for name in dice.sample(NAMES, dice.randrange(9))}
        made = dict(dice.choice(sound))
        for name in dice.sample(sorted(made), dice.choice((0, 1, 1, 2))):
            made[name] = self.value(name, depth)
        if dice.random() < 0.1:
            made.pop(dice.choice(sorted(made)))
        if dice.random() < 0.1:
            made[dice.choice(NAMES)] = self.text()
        return made

    def json(self) -> bytes:
        """Write JSON, or nearly."""
        dice = self.dice
        if dice.random() < 0.02:
            deep = dice.choice((500, 990, 1000, 1023, 1024, 5000))
            return b'{"id": "1", "ref": "1", "status": "failed", "error": ' + b"[" * deep + b"]" * deep + b"}"
        if dice.random() < 0.03:
            return dice.choice(
                (b"", b"\xef\xbb\xbf{}", b"[1]", b'"x"', b"1", b"{}{}", b'{"id":1,"id":2}', b"\x00", b"{'a':1}")
            )
        written = json.dumps(self.fields(JSON), ensure_ascii=dice.random() < 0.5)
        return written.encode("utf-8", "surrogatepass")

    def form(self) -> bytes:
        """Write a form, or nearly."""
        dice, pairs = self.dice, list(self.fields(FORMS, 1).items())
        if dice.random() < 0.1:
            pairs += dice.sample(pairs, min(len(pairs), 2))  # names that come twice
        written = "&".join(f"{self._quoted(name)}={self._quoted(str(value))}" for name, value in pairs)
        if dice.random() < 0.005:
            written += "&a" * 2000
        return written.encode("utf-8", "surrogatepass")

    def _quoted(self, text: str) -> str:
        return quote_plus(text, errors="surrogatepass") if self.dice.random() < 0.9 else text

    def body(self) -> bytes:
        """Write any body."""
        body = self.dice.choice((self.json, self.form, lambda: self.dice.randbytes(self.dice.randrange(200))))()
        return self.dice.choice((bytes, bytes, self.cut, self.changed))(body)

    def cut(self, written: bytes) -> bytes:
        """Break off somewhere."""
        return written[: self.dice.randrange(len(written) + 1)]

    def changed(self, written: bytes) -> bytes:
        """Change a few bytes."""
        dice, changed = self.dice, bytearray(written or b" ")
        for _ in range(dice.choice((1, 1, 3))):
            changed[dice.randrange(len(changed))] = dice.randrange(256)
        return bytes(changed)

    def header(self) -> str:
        """Write a header's value, as it is read from the wire: any bytes but the two that end it."""
        written = self.text(4).replace("\r", "").replace("\n", "").encode("utf-8", "surrogatepass")
        return written.decode("utf-8", "surrogateescape")

    def query(self) -> str:
        """Write a query string, as it is in the path."""
        return self.changed(self.form()).decode("latin-1").replace(" ", "+")[:500]

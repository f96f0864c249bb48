"""Twilio: signed form webhooks in, its REST API out, status callbacks as reports.

The answer to a webhook is empty TwiML; replies leave through REST, so a lost answer neither loses nor doubles one.
The signature is HMAC-SHA1 with the auth token over PUBLIC_URL + raw path, then every name and value of the form.
StatusCallback carries our own id: a report that comes before the send has returned (or after it timed out, when
Twilio has the text and we do not know it) still finds its MT. Twilio has no key against sending twice.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

import orjson
from aiohttp import ClientSession
from multidict import MultiDict

from bot.core.delivery import deadline
from bot.core.errors import (
    BadSignature,
    Misconfigured,
    OptedOutAtProvider,
    Rejected,
    SendError,
    Throttled,
    Unreachable,
    Unreadable,
)
from bot.core.messages import DLR, MO, MT, Flag, Purpose, Status
from bot.core.options import BASE_URL, ID, SECRETS, lacking, option
from bot.providers.calling import Reply, check_text, post, refusal
from bot.providers.contract import Answer, Request, Sent, public_url_option, webhook_path
from bot.providers.fields import LONGEST_ID, id_of, number_of, text_of

EMPTY_TWIML = Answer(b'<?xml version="1.0" encoding="UTF-8"?><Response/>', "text/xml")
MOST_FIELDS = 1000
OPTED_OUT = "21610"
TOO_LATE = "30036"  # it waited in Twilio's queue past its ValidityPeriod

# Words that are not here, and those of inbound messages, report nothing: the list grows without notice.
STATUSES = {
    **dict.fromkeys(("queued", "accepted", "scheduled", "sending"), Status.WIRED),
    **dict.fromkeys(("sent", "partially_delivered"), Status.SENT),
    **dict.fromkeys(("delivered", "read"), Status.DELIVERED),
    **dict.fromkeys(("undelivered", "failed"), Status.FAILED),
    "canceled": Status.CANCELLED,
}
# What a code of Twilio's means for an MT; where it is not here, the HTTP status decides.
CODES: dict[str, tuple[type[SendError], str]] = {
    OPTED_OUT: (OptedOutAtProvider, "this person has sent STOP, and Twilio blocks our texts"),
    **dict.fromkeys(("20429", "14107", "30017", "30022"), (Throttled, "we are too fast")),
    "21611": (Throttled, "the number's queue is full"),
    **dict.fromkeys(("20500", "20503", "30001", "30008"), (Unreachable, "a fault of its own")),
    **dict.fromkeys(("20003", "20404"), (Misconfigured, "the account or its auth token is wrong")),
    **dict.fromkeys(("20005", "30002"), (Misconfigured, "the account is not active")),
    **dict.fromkeys(("21212", "21606", "21659", "21660"), (Misconfigured, "the number is not one of this account")),
    "21609": (Misconfigured, "PUBLIC_URL is no address Twilio can call"),
    **dict.fromkeys(("30032", "30034"), (Misconfigured, "the number is not registered for this traffic")),
    **dict.fromkeys(("21211", "21214", "21217"), (Rejected, "no such phone number")),
    **dict.fromkeys(("21614", "30005", "30006"), (Rejected, "the phone number cannot get texts")),
    "21408": (Rejected, "the account may not text this country"),
    "21608": (Rejected, "a trial account texts verified numbers only"),
    "21612": (Rejected, "no way from this number to that one"),
    "21617": (Rejected, "the text is too long"),
    **dict.fromkeys(("30004", "30007"), (Rejected, "a carrier filtered or blocked it")),
}


@dataclass(frozen=True, slots=True)
class TwilioConfig:
    """What connects a Twilio account."""

    account_sid: str = option("TWILIO_ACCOUNT_SID", ID, required=True, help="Twilio's Account SID, AC…")
    auth_tokens: tuple[str, ...] = option(
        "TWILIO_AUTH_TOKEN",
        SECRETS,
        required=True,
        help="Twilio's auth token; several, comma-separated, while you change it (all are accepted, the first is sent)",
    )
    public_url: str = public_url_option(required=True)
    api_url: str = option("TWILIO_API_URL", BASE_URL, default="https://api.twilio.com", help="Twilio's REST API")
    messaging_service_sid: str = option(
        "TWILIO_MESSAGING_SERVICE_SID",
        ID,
        help="send through this Messaging Service, MG…, instead of the number itself",
    )


class Twilio:
    """The company Twilio."""

    name = "twilio"
    reaches_handsets = True

    def __init__(self, config: TwilioConfig, session: ClientSession) -> None:
        self._config = config
        self._session = session

    @property
    def missing(self) -> tuple[str, ...]:
        """Name what is not set yet."""
        return lacking(self._config)

    @property
    def can_send(self) -> bool:
        """Without PUBLIC_URL it sends too, and hears no reports."""
        return bool(self._config.account_sid and self._config.auth_tokens)

    def verify(self, request: Request) -> None:
        """Check X-Twilio-Signature on the raw form, then that the account is ours."""
        given = request.headers.getall("X-Twilio-Signature", [])
        if len(given) != 1:
            raise BadSignature("one X-Twilio-Signature header is needed")
        presented = given[0].encode("utf-8", "surrogateescape")
        signed = _signed_fields(request)
        matches = [
            hmac.compare_digest(presented, _signature(token, url + signed))
            for token in self._config.auth_tokens
            for url in _with_and_without_port(request.url)
        ]
        if not any(matches):
            raise BadSignature("X-Twilio-Signature does not fit: is PUBLIC_URL the address that Twilio calls?")
        ours, account = self._config.account_sid, _parameters(request).get("AccountSid", "")
        if ours and account != ours:
            raise BadSignature("AccountSid is not the account of TWILIO_ACCOUNT_SID")

    def parse_mo(self, request: Request) -> tuple[MO, ...]:
        """Read the one message of a request."""
        got = _parameters(request)
        return (
            MO(
                provider=self.name,
                id=id_of("MessageSid", got.get("MessageSid") or got.get("SmsMessageSid")),
                msisdn=number_of("From", got.get("From")),
                number=number_of("To", got.get("To")),
                text=text_of("Body", got.get("Body", "")),  # a picture alone has none
                at=request.received_at,
                flag=_flag(got.get("OptOutType", "")),
            ),
        )

    def parse_dlr(self, request: Request) -> tuple[DLR, ...]:
        """Read the one report of a request; a status that says nothing new is none."""
        got = _parameters(request)
        word = got.get("MessageStatus")
        if not word:
            raise Unreadable("MessageStatus is missing")
        ref = id_of("MessageSid", got.get("MessageSid"))
        ours = dict(_query(request)).get("mt")
        status = STATUSES.get(word.lower())
        if status is None:
            return ()
        error = got.get("ErrorCode", "").replace("\0", "")[:LONGEST_ID]
        error = error if error.strip("0") else ""
        if status is Status.FAILED and error == TOO_LATE:
            status = Status.EXPIRED
        known = id_of("mt", ours) if ours else None
        return (DLR(self.name, status, id=known, ref=ref, error=error or None, opted_out=error == OPTED_OUT),)

    def ack(self, duplicates: Mapping[str, bool]) -> Answer:  # noqa: ARG002
        """Answer TwiML that says nothing, for a duplicate too."""
        return EMPTY_TWIML

    async def send(self, mt: MT) -> Sent:
        """POST the MT to the Messages resource."""
        config = self._config
        if not self.can_send:
            raise Misconfigured("TWILIO_ACCOUNT_SID or TWILIO_AUTH_TOKEN is not set")
        check_text(mt)
        url = f"{config.api_url}/2010-04-01/Accounts/{config.account_sid}/Messages.json"
        login = b64encode(f"{config.account_sid}:{config.auth_tokens[0]}".encode()).decode()
        headers = {"Authorization": f"Basic {login}", "Content-Type": "application/x-www-form-urlencoded"}
        reply = await post(self._session, url, urlencode(self._form(mt)).encode(), headers, "Twilio")
        answer = _answer(reply)
        if not reply.is_success:
            raise _refusal(reply, str(answer.get("code", "")))
        ref = answer.get("sid")
        return Sent(ref if isinstance(ref, str) and 0 < len(ref) <= LONGEST_ID else None)

    def _form(self, mt: MT) -> dict[str, str]:
        config = self._config
        form = {"To": mt.msisdn, "Body": mt.text}
        if config.messaging_service_sid:
            form["MessagingServiceSid"] = config.messaging_service_sid
        else:
            form["From"] = mt.number
        if config.public_url:
            form["StatusCallback"] = f"{config.public_url}{webhook_path(self.name, 'dlr')}?{urlencode({'mt': mt.id})}"
        if mt.purpose in (Purpose.FAREWELL, Purpose.REMINDER):
            # Twilio would keep it in its queue for up to ten hours, long past the moment it may still be sent.
            form["ValidityPeriod"] = str(int(deadline(mt.purpose).total_seconds()))
        return form


def _signature(token: str, signed: str) -> bytes:
    return b64encode(hmac.digest(token.encode(), signed.encode("utf-8", "surrogateescape"), "sha1"))


def _signed_fields(request: Request) -> str:
    """Join the form as Twilio signs it: names sorted, then the distinct values of each sorted; a GET has none."""
    return "".join(name + value for name, value in sorted(set(_form_of(request))))


def _with_and_without_port(url: str) -> Iterator[str]:
    """Yield the URL in both forms: Twilio signs now one, now the other. The rest stays as it is, byte for byte."""
    scheme, _, rest = url.partition("://")
    authority, slash, tail = rest.partition("/")
    host, colon, port = authority.rpartition(":")
    has_port = bool(colon) and port.isdigit()
    default = "443" if scheme == "https" else "80"
    yield url if has_port else f"{scheme}://{authority}:{default}{slash}{tail}"
    yield f"{scheme}://{host}{slash}{tail}" if has_port else url


def _form_of(request: Request) -> list[tuple[str, str]]:
    return [] if request.method == "GET" else _pairs(request.body.decode("utf-8", "replace"))


def _query(request: Request) -> list[tuple[str, str]]:
    return _pairs(request.raw_path.partition("?")[2])


def _parameters(request: Request) -> MultiDict[str]:
    return MultiDict(_query(request) if request.method == "GET" else _form_of(request))


def _pairs(encoded: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(encoded, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Unreadable(f"the form has more than {MOST_FIELDS} fields") from None


def _flag(word: str) -> Flag | None:
    return Flag(word.lower()) if word.lower() in set(Flag) else None


def _answer(reply: Reply) -> dict[str, object]:
    try:
        answer = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _refusal(reply: Reply, code: str) -> SendError:
    if code not in CODES:
        other = refusal(reply, "Twilio")
        if code.isdigit():
            other.code = code
        return other
    kind, why = CODES[code]
    sentence = f"Twilio: {why} ({code})"
    if kind is Throttled:
        return Throttled(sentence, after=reply.after, code=code)
    return kind(sentence, code=code)

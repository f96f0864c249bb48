"""The plain provider, for one's own gateway: JSON both ways, and one bearer token for both.

MO   POST /webhooks/http/mo   {"id","from","to","text"} and "at", answered {"status":"accepted"|"duplicate"}
DLR  POST /webhooks/http/dlr  {"ref" or "id","status":"sent"|"delivered"|"failed"} and "error"
MT   we POST {"id","from","to","text"} to HTTP_SEND_URL; any 2xx takes it, {"ref"} in the answer is kept. An MT that got
     no answer is sent again with the same id, so a gateway that remembers ids texts nobody twice.
Numbers are E.164 with the +: without it a national number could pass for a foreign one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

import orjson
from aiohttp import ClientSession

from bot.core.errors import BadSignature, Misconfigured, Unreadable
from bot.core.messages import DLR, MO, MT, Status
from bot.core.options import SECRETS, URL, lacking, option
from bot.providers.calling import check_text, post, refusal
from bot.providers.contract import Answer, Request, Sent
from bot.providers.fields import LONGEST_ID, id_of, moment_of, number_of, text_of, wrong

ACCEPTED = Answer(b'{"status":"accepted"}', "application/json")
DUPLICATE = Answer(b'{"status":"duplicate"}', "application/json")
STATUSES = {"sent": Status.SENT, "delivered": Status.DELIVERED, "failed": Status.FAILED}
GATEWAY = "the gateway at HTTP_SEND_URL"


@dataclass(frozen=True, slots=True)
class HttpConfig:
    """What connects a gateway of one's own."""

    tokens: tuple[str, ...] = option(
        "HTTP_TOKEN",
        SECRETS,
        required=True,
        help="bearer token of your own gateway, in both directions; several, comma-separated, while you change it "
        "(all are accepted, the first is sent)",
    )
    send_url: str = option("HTTP_SEND_URL", URL, help="where your gateway takes the texts to send")


class Http:
    """The plain provider."""

    name = "http"
    reaches_handsets = True

    def __init__(self, config: HttpConfig, session: ClientSession) -> None:
        self._config = config
        self._session = session
        self._tokens = tuple(token.encode() for token in config.tokens)

    @property
    def missing(self) -> tuple[str, ...]:
        """HTTP_SEND_URL is not among them: a gateway may only receive."""
        return lacking(self._config)

    @property
    def can_send(self) -> bool:
        """Tell whether there is a gateway to send through."""
        return bool(self._tokens and self._config.send_url)

    def verify(self, request: Request) -> None:
        """Compare the bearer token, in a time that tells nothing of it."""
        given = request.headers.getall("Authorization", [])
        if len(given) != 1:
            raise BadSignature("one Authorization header is needed: Bearer and the token")
        scheme, _, token = given[0].partition(" ")
        presented = token.strip().encode("utf-8", "surrogateescape")
        matches = [compare_digest(presented, known) for known in self._tokens]
        if scheme.lower() != "bearer" or not any(matches):
            raise BadSignature("the Authorization header does not hold the bearer token")

    def parse_mo(self, request: Request) -> tuple[MO, ...]:
        """Read the one message of a request."""
        got = _object(request.body)
        at = got.get("at")
        return (
            MO(
                provider=self.name,
                id=id_of("id", got.get("id")),
                msisdn=number_of("from", got.get("from")),
                number=number_of("to", got.get("to")),
                text=text_of("text", got.get("text")),
                at=request.received_at if at is None else moment_of("at", at),
            ),
        )

    def parse_dlr(self, request: Request) -> tuple[DLR, ...]:
        """Read the one report of a request."""
        got = _object(request.body)
        ref, ours, status = got.get("ref"), got.get("id"), got.get("status")
        if ref is None and ours is None:
            raise Unreadable("ref or id is missing")
        if not isinstance(status, str):
            raise wrong("status", status, "text")
        if status not in STATUSES:
            raise Unreadable(f"status is none of {', '.join(STATUSES)}")
        return (
            DLR(
                provider=self.name,
                status=STATUSES[status],
                id=None if ours is None else id_of("id", ours),
                ref=None if ref is None else id_of("ref", ref),
                error=_error(got.get("error")),
            ),
        )

    def ack(self, duplicates: Mapping[str, bool]) -> Answer:
        """Say whether the message was new."""
        return DUPLICATE if duplicates and all(duplicates.values()) else ACCEPTED

    async def send(self, mt: MT) -> Sent:
        """POST the MT to the gateway."""
        if not self.can_send:
            raise Misconfigured("HTTP_SEND_URL or HTTP_TOKEN is not set")
        check_text(mt)
        body = orjson.dumps({"id": mt.id, "from": mt.number, "to": mt.msisdn, "text": mt.text})
        headers = {"Authorization": f"Bearer {self._config.tokens[0]}", "Content-Type": "application/json"}
        reply = await post(self._session, self._config.send_url, body, headers, GATEWAY)
        if not reply.is_success:
            raise refusal(reply, GATEWAY)
        return Sent(_ref(reply.body))


def _object(body: bytes) -> dict[str, Any]:
    if not body:
        raise Unreadable("the body is empty; it must be a JSON object")
    try:
        got = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"the body is not JSON: {error.msg} at character {error.pos}") from None
    if not isinstance(got, dict):
        raise Unreadable("the body is not a JSON object")
    return got


def _error(value: object) -> str | None:
    # Whatever form a gateway tells its error in, the report itself counts.
    if value is None or value == "":
        return None
    try:
        return str(value).replace("\0", "")[:LONGEST_ID]
    except RecursionError:  # JSON may be nested deeper than Python writes
        return "nested too deeply to be told"


def _ref(body: bytes) -> str | None:
    # The gateway has taken the text: an answer we cannot read loses the reports, not the text.
    try:
        got = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    ref = got.get("ref") if isinstance(got, dict) else None
    ref = str(ref) if isinstance(ref, int) and not isinstance(ref, bool) else ref
    return ref if isinstance(ref, str) and 0 < len(ref) <= LONGEST_ID and ref.isprintable() else None

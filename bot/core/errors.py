"""Every error this project raises on purpose, as one tree.

BotError
├─ ConfigError(problems)       start-up: every problem at once
├─ WebhookError                a provider's request we refuse; the edge answers `status`
│  ├─ BadSignature   403
│  ├─ Unreadable     400
│  └─ UnknownNumber  404
├─ SendError                   an MT that did not go; `retry` and `alert` say what to do about it
│  ├─ Unreachable         retry
│  ├─ Throttled(after)    retry, not before `after` seconds
│  ├─ Rejected(code)
│  ├─ OptedOutAtProvider  also records the opt-out
│  └─ Misconfigured       alert
├─ Unavailable               the database does not answer or takes no writes; nothing was acknowledged
└─ FlowChanged               a stored state no longer fits its flow

A provider raises only WebhookError or SendError. Author mistakes in keywords.yaml are values
(`problems.Problem`), not exceptions, until they stop a start-up.
"""

from __future__ import annotations

from collections.abc import Sequence


class BotError(Exception):
    """The root: whatever we raise on purpose."""


class ConfigError(BotError):
    """The settings or keywords.yaml cannot be used; `problems` has a sentence for each fault."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class WebhookError(BotError):
    """A provider's request is refused with `status`; `code` is for machines, the message for people."""

    status = 400
    code = "bad_request"


class BadSignature(WebhookError):
    """The signature or token does not prove who is calling."""

    status = 403
    code = "bad_signature"


class Unreadable(WebhookError):
    """The body cannot be read; the message names the field."""

    code = "unreadable"


class UnknownNumber(WebhookError):
    """No number of ours, or one that belongs to another provider."""

    status = 404
    code = "unknown_number"


class SendError(BotError):
    """An MT did not go. `why` is a sentence for the console; it holds no secret."""

    retry = False
    alert = False

    def __init__(self, why: str, *, code: str | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.code = code


class Unreachable(SendError):
    """The provider did not answer, or answered 5xx: it may pass."""

    retry = True


class Throttled(SendError):
    """We are too fast; `after` is the least wait in seconds, if the provider said one."""

    retry = True

    def __init__(self, why: str, *, after: float | None = None, code: str | None = None) -> None:
        super().__init__(why, code=code)
        self.after = after


class Rejected(SendError):
    """The provider will never take this MT (bad number, filtered text)."""


class OptedOutAtProvider(SendError):
    """The provider blocks this person: an opt-out we must record, not a failure to alert on."""


class Misconfigured(SendError):
    """Credentials or account are wrong: nothing will go until a person mends it."""

    retry = True
    alert = True


class Unavailable(BotError):
    """The database does not answer, or takes no writes: try again later."""


class FlowChanged(BotError):
    """A stored state no longer exists in its flow: the conversation starts over and the trace says so."""

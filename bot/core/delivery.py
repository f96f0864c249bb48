"""How an MT's status moves, when a send is tried again, and when an MT is too old to leave.

Rule: a status only moves up this ladder, so reports may come late, twice and in any order. A handset's own receipt
tops everything, a failure too: some carriers report "failed" and deliver all the same, and the ledger must not say that
somebody was never shown what she read.
"""

from __future__ import annotations

from datetime import timedelta

from bot.core.errors import Misconfigured, SendError, Throttled
from bot.core.messages import Purpose, Status

LADDER = {
    Status.QUEUED: 0,
    Status.WIRED: 1,
    Status.SENT: 2,
    Status.FAILED: 3,
    Status.EXPIRED: 3,
    Status.CANCELLED: 3,
    Status.DELIVERED: 4,
}
# Nothing more is done about an MT in one of these; only `delivered` may still correct the other three.
FINAL = frozenset((Status.DELIVERED, Status.FAILED, Status.EXPIRED, Status.CANCELLED))

FIRST_WAIT = 2.0  # seconds: most faults of a provider are over by then
FIRST_ALERT_WAIT = 60.0  # credentials do not mend themselves: a person must come
LONGEST_WAIT = 3600.0  # an hour: after a night's outage everything has left an hour later
MOST_ATTEMPTS = 60  # outlasts every deadline below, even with the shortest waits; a stop for what has none

DEADLINES = {
    # The one text after a STOP rests on the consent just taken back: 47 CFR 64.1200(a)(12) presumes it covered when it
    # is sent within five minutes. Later is worse than never.
    Purpose.FAREWELL: timedelta(minutes=5),
    Purpose.REPLY: timedelta(hours=24),  # a question unanswered for a day is no conversation any more
    Purpose.REMINDER: timedelta(hours=2),  # planned for an hour of the day; hours later it may be night
    Purpose.MARKETING: timedelta(hours=4),  # likewise, and an offer is for its day
}


def moves(old: Status, new: Status) -> bool:
    """Tell whether a report of `new` changes an MT that is `old`.

    >>> moves(Status.DELIVERED, Status.SENT), moves(Status.FAILED, Status.DELIVERED)
    (False, True)
    """
    return LADDER[new] > LADDER[old]


def retry_after(error: SendError, attempt: int, jitter: float) -> float | None:
    """Return the seconds to wait after the `attempt`-th failed send (from 1), or None to give up.

    Doubles from try to try; `jitter`, a number in [0, 1), spreads the waits over the upper half, so that what failed
    together does not come back together. Never earlier than the provider asked for. The deadline is the caller's.

    >>> retry_after(Throttled("too fast", after=30), attempt=1, jitter=0.5)
    30.5
    """
    if not error.retry or attempt >= MOST_ATTEMPTS:
        return None
    first = FIRST_ALERT_WAIT if isinstance(error, Misconfigured) else FIRST_WAIT
    half = min(first * 2.0 ** (attempt - 1), LONGEST_WAIT) / 2
    asked = (error.after or 0.0) if isinstance(error, Throttled) else 0.0
    return max(half, asked) + half * jitter


def deadline(purpose: Purpose) -> timedelta:
    """Tell how long after the moment it was due an MT may still leave; then it has expired."""
    return DEADLINES[purpose]

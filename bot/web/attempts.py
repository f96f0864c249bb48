"""How long somebody who guesses at ADMIN_TOKEN must wait before the next guess is even looked at.

Rule: the first three failures of an address cost nothing, each further one doubles the wait, up to a quarter of an
hour. Pure: the time is an argument. Memory is bounded: the address that failed longest ago is forgotten first.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass

FREE = 3
LONGEST = 900.0
FORGET_AFTER = 3600.0
ADDRESSES = 4096


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    last_at: float

    @property
    def over_at(self) -> float:
        if self.count <= FREE:
            return self.last_at
        return self.last_at + float(min(2 ** min(self.count - FREE - 1, 32), LONGEST))


class Attempts:
    """Remembers who failed, how often and when."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def __len__(self) -> int:
        return len(self._failures)

    def wait(self, address: str, now: float) -> float:
        """Return the seconds this address must still wait.

        >>> attempts = Attempts()
        >>> for _ in range(6):
        ...     attempts.failed("192.0.2.1", now=0)
        >>> attempts.wait("192.0.2.1", now=1), attempts.wait("192.0.2.2", now=1)
        (3.0, 0.0)
        """
        failures = self._failures.get(network(address))
        return max(0.0, failures.over_at - now) if failures else 0.0

    def failed(self, address: str, now: float) -> None:
        """Count a wrong token."""
        place = network(address)
        before = self._failures.pop(place, None)
        fresh = before is None or now - before.last_at > FORGET_AFTER
        self._failures[place] = _Failures(1 if fresh or before is None else before.count + 1, now)
        while len(self._failures) > ADDRESSES:
            self._failures.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """Forget the failures of somebody who proved to know the token."""
        self._failures.pop(network(address), None)


def network(address: str) -> str:
    """Name whom we slow down: an IPv4 address, or the /64 an IPv6 address can choose from at will.

    >>> network("2001:db8:1:2:3:4:5:6"), network("192.0.2.1"), network("::ffff:192.0.2.1"), network("?")
    ('2001:db8:1:2::', '192.0.2.1', '192.0.2.1', '')
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Address(int(parsed) >> 64 << 64))

"""What is kept of somebody who must be forgotten: a hash by which she is known again, and nothing that leads to her."""

from __future__ import annotations

import hashlib
import hmac


def keyed(msisdn: str, key: str) -> str:
    """Hash an msisdn with the server's secret key: 64 hex digits.

    Without the key nobody can find her by hashing all numbers there are; with it, a list can be compared with it.
    """
    return hmac.new(key.encode(), b"forgotten:" + msisdn.encode(), hashlib.sha256).hexdigest()

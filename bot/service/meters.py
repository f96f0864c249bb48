"""What is counted, for Prometheus. No label holds a msisdn, a text or a secret.

Rule: each composition (the real server, the sandbox) has a registry of its own.
"""

from __future__ import annotations

from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_QUICK = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Meters:
    """All of them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        registry = self.registry
        self._mos = Counter("ouistop_mos", "MOs received", ("provider", "outcome"), registry=registry)
        self._turns = Counter("ouistop_turns", "Turns by what was understood", ("intent",), registry=registry)
        self._sends = Counter("ouistop_sends", "Sends by their result", ("provider", "result"), registry=registry)
        self._reports = Counter("ouistop_reports", "Delivery reports", ("provider", "status"), registry=registry)
        self.failures = Counter("ouistop_turn_failures", "Turns that raised: bugs of ours", registry=registry)
        self.batch = Histogram("ouistop_batch_size", "Arrivals in one commit", buckets=_SIZES, registry=registry)
        self.commit = Histogram("ouistop_commit_seconds", "A batch: load, turns, commit", buckets=_QUICK,
                                registry=registry)  # fmt: skip
        self.ack = Histogram("ouistop_ack_seconds", "From an MO's arrival to its acknowledgement", buckets=_QUICK,
                             registry=registry)  # fmt: skip
        self.send = Histogram("ouistop_send_seconds", "A call to a provider", buckets=_QUICK, registry=registry)
        self.depth = Gauge("ouistop_outbox_depth", "MTs waiting to leave", registry=registry)
        self.oldest = Gauge("ouistop_outbox_oldest_seconds", "How long the oldest due MT has waited", registry=registry)
        self.catalog_stale = Gauge(
            "ouistop_catalog_stale", "1 while keywords.yaml has errors and the last good one is in use",
            registry=registry,
        )  # fmt: skip
        self.mos = cache(lambda provider, outcome: self._mos.labels(provider, outcome))
        self.turns = cache(lambda intent: self._turns.labels(intent))
        self.sends = cache(lambda provider, result: self._sends.labels(provider, result))
        self.reports = cache(lambda provider, status: self._reports.labels(provider, status))

    def text(self) -> bytes:
        """Write everything in Prometheus's text format."""
        return generate_latest(self.registry)

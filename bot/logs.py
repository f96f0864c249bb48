"""What is logged and how: lines for people on a terminal, JSON elsewhere.

Rule: no secret is in any line, and of a person's number only the last four digits; both are seen to here, for every
logger there is, and nowhere else.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO

import structlog

from bot.settings import Settings, secrets_of

_PERSON = re.compile(r"\+?\d(?:[ .()-]?\d){7,14}(?!\d)")
_OURS = ("number", "now", "before", "mt", "timestamp", "digest", "ref", "port")
HIDDEN = "[secret]"

Line = MutableMapping[str, Any]


def set_up_logs(settings: Settings) -> None:
    """Send everything that is logged, by us and by libraries, to standard error in one form."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        Scrubber(secrets_of(settings)),
    ]
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else structlog.dev.ConsoleRenderer()
    )
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    out: Any = Steady(sys.stderr)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)


class Steady:
    """A stream that loses a line where it cannot be written: a full disk must not cost an answer as well."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write it, if that can be done."""
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        """Likewise."""
        with suppress(OSError):
            self._stream.flush()


class Scrubber:
    """Takes secrets out of a line, and people's numbers but for their last four digits."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)

    def __call__(self, _logger: Any, _method: str, line: Line) -> Line:
        """Clean every value."""
        for name, value in line.items():
            if isinstance(value, str):
                line[name] = self.clean(value, keep_numbers=name in _OURS)
            elif isinstance(value, list | tuple):
                line[name] = [self.clean(each) if isinstance(each, str) else each for each in value]
        return line

    def clean(self, text: str, *, keep_numbers: bool = False) -> str:
        """Clean one text.

        >>> Scrubber(("s3cret",)).clean("s3cret of +33612345678")
        '[secret] of …5678'
        """
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, HIDDEN)
        return text if keep_numbers else _PERSON.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    return f"…{found[0][-4:]}"

"""A problem in keywords.yaml: a value with its place, a rule's name and a way to mend it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad: an error keeps the file from being used, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `line` and `column` count from 1, as editors do."""

    file: str
    line: int
    column: int
    level: Level
    rule: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """Print it as compilers do, so that editors can jump to it.

        >>> print(Problem("keywords.yaml", 14, 9, Level.ERROR, "keyword-taken", "CLUB is taken", "pick another"))
        keywords.yaml:14:9: error: CLUB is taken [keyword-taken] hint: pick another
        """
        hint = f" hint: {self.hint}" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {self.level}: {self.message} [{self.rule}]{hint}"

    def as_dict(self) -> dict[str, object]:
        """Return the plain values, for JSON."""
        return asdict(self)

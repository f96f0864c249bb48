"""How variables become values: every option of a config at once, and every fault with a way to mend it.

A variable that is empty counts as not set. `X_FILE` holds the path of a file with the value of a secret X. A variable
one slip from one of ours is a fault too, because a secret that nobody reads is a door left open; all others belong
to somebody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from rapidfuzz.distance import OSA

from bot.core.options import Option, options_of

C = TypeVar("C")

LONGEST_FILE = 16_384
SHORTEST_SLIP = 8  # HOME is one letter from HOST: shorter names than this are not compared


class Source:
    """The environment, and the faults found in it so far."""

    def __init__(self, environ: Mapping[str, str], given: Mapping[str, str]) -> None:
        self.environ = environ
        self.given = given
        self.faults: list[str] = []

    def read(self, config: type[C]) -> C:
        """Make a config from its options."""
        return config(**{name: self._value(opt) for name, opt in options_of(config)})

    def slips(self, known: Iterable[Option]) -> list[str]:
        """Tell the variables that are almost one of `known`."""
        options = list(known)
        names = {name for opt in options for name in (opt.name, opt.from_file) if len(name) >= SHORTEST_SLIP}
        misfiled = {f"{opt.name}_FILE": opt.name for opt in options if not opt.from_file and opt.name in names}
        faults = []
        for name in self.environ:
            if name in misfiled:
                faults.append(f"{name} is not read: only a secret may come from a file; set {misfiled[name]} itself")
            elif len(name) >= SHORTEST_SLIP and name not in names:
                most = 1 if len(name) < 10 else 2
                near = min((OSA.distance(name.upper(), each), each) for each in names)
                # Where the right one is set too, the other belongs to somebody else.
                if near[0] <= most and near[1] not in self.environ:
                    faults.append(f"{name} is not a setting: did you mean {near[1]}?")
        return faults

    def _value(self, opt: Option) -> Any:
        raw = self._raw(opt)
        if raw[:1] in ("'", '"') and raw[:1] == raw[-1:]:
            self.faults.append(f"{opt.name} stands in quote marks: write it without them")
            raw = ""
        try:
            return opt.kind.read(raw or opt.default)
        except ValueError as error:
            told = "" if opt.from_file else f" ({raw!r})"
            self.faults.append(f"{opt.name} {error}{told}: {opt.kind.mend}")
            return opt.kind.read(opt.default)

    def _raw(self, opt: Option) -> str:
        if opt.name in self.given:
            return self.given[opt.name]
        value = self.environ.get(opt.name, "").strip()
        path = self.environ.get(opt.from_file, "").strip()
        if value and path:
            self.faults.append(f"{opt.name} and {opt.from_file} are both set: keep one")
        return value or (self._file(opt.from_file, path) if path else "")

    def _file(self, variable: str, path: str) -> str:
        # The path is not repeated: it may be the secret itself, put into the wrong variable.
        try:
            with open(path, encoding="utf-8") as file:
                value = file.read(LONGEST_FILE).strip()
        except (OSError, ValueError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or "no text"
            self.faults.append(f"{variable} names a file that cannot be read ({why}): write the path of a text file")
            return ""
        if not value:
            self.faults.append(f"{variable} names an empty file: put the value into it")
        return value

"""Turns a timeline (plain JSON values) into what a template draws: bubbles, the gaps between, and one turn explained.

Rule: pure. A bubble belongs to the turn that made it: an MO to its own, an MT to the MO that it answers or, if a
timer caused it, to itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.web.words import consent, moment, span

Values = Mapping[str, Any]

_GAP = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Bubble:
    """One thing in a conversation. `kind` is mo, mt, consent or gap; `turn` is whose trace explains it."""

    kind: str
    key: str
    at: str
    text: str
    turn: str | None = None
    status: str = ""
    segments: int = 0
    encoding: str = ""
    language: str | None = None
    selected: bool = False
    event: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text that a turn said: its name, whose it is, where it stands in the file (None: built in), and its price.

    `segments` is 0 where the text is no longer in the timeline.
    """

    name: str
    program: str | None
    language: str | None
    line: int | None
    text: str = ""
    segments: int = 0
    encoding: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one program in a turn."""

    program: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn, explained. `title` is what she wrote, or None where a timer or the provider caused it.

    `outdated`: the file has changed since, so its lines may have moved.
    """

    id: str
    at: str
    title: str | None
    trace: Values
    changes: tuple[Change, ...]
    spoken: tuple[Spoken, ...]
    outdated: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """A whole conversation, and the turn that is shown beside it."""

    bubbles: tuple[Bubble, ...] = ()
    turn: Turn | None = None


def talk(view: Values, chosen: str | None = None) -> Talk:
    """Lay out a timeline; the newest turn is shown unless another is chosen."""
    timeline: Sequence[Values] = view.get("timeline") or ()
    names = {sub["program"]: sub.get("name") or sub["program"] for sub in view.get("subscriptions") or ()}
    owners = _owners(timeline)
    traces = {item["id"]: item for item in timeline if item.get("trace")}
    newest = next((item["id"] for item in reversed(timeline) if item.get("trace")), None)
    shown = chosen if chosen in traces else newest
    bubbles = tuple(_bubbles(timeline, owners, _languages(timeline), names, shown, view.get("now")))
    digest = (view.get("catalog") or {}).get("digest")
    return Talk(bubbles, _turn(traces[shown], timeline, names, digest) if shown else None)


def _owners(timeline: Sequence[Values]) -> dict[str, str]:
    """Map each message to the turn that explains it."""
    owners = {}
    for item in timeline:
        if item.get("trace"):
            owners[item["id"]] = item["id"]
            owners.update({said["mt"]: item["id"] for said in _said(item) if said.get("mt")})
    return owners


def _languages(timeline: Sequence[Values]) -> dict[str, str | None]:
    return {said["mt"]: said.get("language") for item in timeline for said in _said(item) if said.get("mt")}


def _said(item: Values) -> Sequence[Values]:
    trace: Values = item.get("trace") or {}
    return trace.get("spoke") or ()


def _bubbles(
    timeline: Sequence[Values],
    owners: Mapping[str, str],
    languages: Mapping[str, str | None],
    names: Mapping[str, str],
    shown: str | None,
    now: str | None,
) -> Iterator[Bubble]:
    last: str | None = None
    for place, item in enumerate(timeline):
        yield from _gap(last, item["at"], item.get("id") or str(place))
        last = item["at"]
        if item["kind"] == "consent":
            text = consent(item["event"], names.get(item.get("program") or "", item.get("program")), item.get("detail"))
            yield Bubble("consent", f"consent-{place}", item["at"], text, event=item["event"])
            continue
        turn = owners.get(item["id"])
        yield Bubble(
            kind=item["kind"],
            key=f"{item['kind']}-{item['id']}",
            at=item["at"],
            text=item["text"],
            turn=turn,
            status=item.get("status") or "",
            segments=item.get("segments") or 0,
            encoding=item.get("encoding") or "",
            language=languages.get(item["id"]),
            selected=turn is not None and turn == shown,
            number=item.get("number") or "",
        )
    if now and last:
        yield from _gap(last, now, "now", silent=True)


def _gap(last: str | None, at: str, key: str, *, silent: bool = False) -> Iterator[Bubble]:
    """Say how much time passed, where that is an hour or more, and the day at the very start."""
    if last is None:
        yield Bubble("gap", f"gap-{key}", at, moment(at))
        return
    passed = datetime.fromisoformat(at) - datetime.fromisoformat(last)
    if passed >= _GAP:
        tail = "silence" if silent else moment(at)
        yield Bubble("gap", f"gap-{key}", at, f"{span(passed.total_seconds())} later · {tail}")


def _turn(item: Values, timeline: Sequence[Values], names: Mapping[str, str], digest: str | None) -> Turn:
    trace: Values = item["trace"]
    texts = {other["id"]: other for other in timeline if other["kind"] == "mt"}
    before, after = trace.get("before") or {}, trace.get("after") or {}
    return Turn(
        id=item["id"],
        at=item["at"],
        title=item["text"] if item["kind"] == "mo" else None,
        trace=trace,
        changes=tuple(
            Change(names.get(program, program), before.get(program, "stranger"), after.get(program, "stranger"))
            for program in dict.fromkeys([*before, *after])
        ),
        spoken=tuple(_spoken(said, texts.get(said.get("mt") or "", {}), names) for said in _said(item)),
        outdated=digest is not None and trace.get("catalog") not in (None, digest),
    )


def _spoken(said: Values, mt: Values, names: Mapping[str, str]) -> Spoken:
    return Spoken(
        name=said["text"],
        program=names.get(said.get("program") or "", said.get("program")),
        language=said.get("language"),
        line=said.get("line"),
        text=mt.get("text") or "",
        segments=mt.get("segments") or 0,
        encoding=mt.get("encoding") or "",
        status=mt.get("status") or "",
    )

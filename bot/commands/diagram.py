"""`ouistop diagram`: the flows' charts, drawn from the code that runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from flows import Chart


@dataclass(frozen=True, slots=True)
class Arrow:
    """One transition. `guard`: what must hold; `action`: what it does; both "" for none."""

    source: str
    event: str
    guard: str
    action: str
    target: str

    @property
    def label(self) -> str:
        """Write it as statecharts do: event [guard] / action."""
        return f"{self.event}{f' [{self.guard}]' if self.guard else ''}{f' / {self.action}' if self.action else ''}"


@click.command
@click.argument("flow", required=False)
@click.option("--format", "form", type=click.Choice(("text", "mermaid", "dot")), default="text", help="How to draw.")
def command(flow: str | None, form: str) -> None:
    """Draw how joining, leaving and surveys go, from the code itself.

    FLOW is subscription or survey; without it both are drawn. "text" is for reading here, "mermaid" for a page of
    Markdown, "dot" for Graphviz.

    \b
    Example:
      ouistop diagram subscription
      ouistop diagram survey --format dot | dot -Tsvg > survey.svg

    \b
    Exit codes:
      0  drawn
      2  the command was written wrongly, or there is no such flow
    """
    from flows import FLOWS

    if flow is not None and flow not in FLOWS:
        raise click.BadParameter(f"{flow!r} is none of {', '.join(FLOWS)}.", param_hint="FLOW")
    draw = DRAWN[form]
    click.echo("\n\n".join(draw(name, FLOWS[name]) for name in ([flow] if flow else FLOWS)))


def arrows(chart: type[Chart]) -> list[Arrow]:
    """List a chart's transitions, by state and in the order in which they are tried."""
    return [
        Arrow(state.id, event, _names(way.cond), _names(way.on), way.target.id)
        for state in chart.states
        for way in state.transitions
        for event in way.event.split()
    ]


def _names(specs: object) -> str:
    """Name the methods of a transition, but for those that the library adds by itself."""
    return " and ".join(str(spec) for spec in specs if not spec.is_convention)  # type: ignore[attr-defined]


def _text(name: str, chart: type[Chart]) -> str:
    lines = [f"{name}: {(chart.__doc__ or '').splitlines()[0]}"]
    ways = arrows(chart)
    wide = max(len(way.label) for way in ways)
    for state in chart.states:
        marks = [mark for mark, is_so in (("start", state.initial), ("end", state.final)) if is_so]
        lines += ["", f"{state.id}{f' ({marks[0]})' if marks else ''}"]
        lines += [f"  {way.label:<{wide}}  → {_target(way)}" for way in ways if way.source == state.id]
    return "\n".join(lines)


def _target(way: Arrow) -> str:
    return "(stays)" if way.target == way.source else way.target


def _mermaid(name: str, chart: type[Chart]) -> str:
    lines = ["---", f"title: {name}", "---", "stateDiagram-v2", "    direction LR"]
    lines += [f"    [*] --> {state.id}" for state in chart.states if state.initial]
    lines += [f"    {way.source} --> {way.target} : {way.label}" for way in arrows(chart)]
    lines += [f"    {state.id} --> [*]" for state in chart.states if state.final]
    return "\n".join(lines)


def _dot(name: str, chart: type[Chart]) -> str:
    lines = [f"digraph {name} {{", "  rankdir=LR;", "  node [shape=box, style=rounded, fontname=Helvetica];",
             "  edge [fontname=Helvetica, fontsize=10];", '  begin [shape=point, label=""];']  # fmt: skip
    lines += [f"  begin -> {state.id};" for state in chart.states if state.initial]
    lines += [f"  {state.id} [peripheries=2];" for state in chart.states if state.final]
    lines += [f'  {way.source} -> {way.target} [label="{way.label}"];' for way in arrows(chart)]
    return "\n".join([*lines, "}"])


DRAWN: dict[str, Callable[[str, type[Chart]], str]] = {"text": _text, "mermaid": _mermaid, "dot": _dot}

"""The documentation as its tests read it: pages, sections, tables, links and fenced blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = {str(path.relative_to(ROOT)): path for path in (*sorted(ROOT.glob("*.md")), *sorted(DOCS.glob("*.md")))}
NAME = re.compile(r"`([^`\n]+)`")
MARKDOWN = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its text, the page and line where it begins."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def page(name: str) -> str:
    """Read one page of docs/."""
    return (DOCS / name).read_text("utf-8")


def section(text: str, heading: str) -> str:
    """Cut out what stands under a heading, up to the next one of any depth."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f"there is no section {heading!r}"
    return found[1]


def rows(text: str) -> list[list[str]]:
    """List the rows of every table, headings and rules left out, each as its cells."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rules = {at for at, row in enumerate(cells) if set("".join(row)) == {"-"}}
    return [row for at, row in enumerate(cells) if at not in rules and at + 1 not in rules]


def named(text: str, column: int = 0) -> list[str]:
    """List what stands in backticks in a column of every table."""
    return [name for row in rows(text) for name in NAME.findall(row[column])]


def blocks(*languages: str, pages: tuple[str, ...] = tuple(PAGES)) -> list[Block]:
    """List the fenced blocks of some pages, in order."""
    return [
        Block(name, token.map[0] + 1, token.info.strip(), token.content)
        for name in pages
        for token in MARKDOWN.parse(PAGES[name].read_text("utf-8"))
        if token.type == "fence" and token.map and token.info.strip() in languages
    ]


def links() -> list[tuple[str, str]]:
    """List every link of every page, as (page, target)."""
    return [
        (name, str(child.attrs["href"]))
        for name, path in PAGES.items()
        for token in MARKDOWN.parse(path.read_text("utf-8"))
        for child in token.children or ()
        if child.type == "link_open"
    ]


def anchors(path: Path) -> set[str]:
    """Name the headings of a page as links name them: lower case, without signs, a dash for each space."""
    prose = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

"""`ouistop test`: play conversations and compare what was said, on the pure core and on the server's own parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands.given import keywords_file, keywords_option, settings_with
from bot.core.errors import ConfigError

if TYPE_CHECKING:
    from bot.core.catalog import Catalog
    from bot.transcripts import Script

FOLDER = Path("tests/transcripts")
UNCHANGED = 2  # lines shown above and below a difference


@click.command
@click.argument("transcripts", nargs=-1, metavar="[TRANSCRIPT]…")
@click.option("--rewrite", is_flag=True, help="Write into each file what is said now, to look at with git diff.")
@keywords_option
def command(transcripts: tuple[str, ...], rewrite: bool, keywords: str | None) -> None:
    """Play conversations and compare what was said.

    TRANSCRIPT is a text file, or a folder of them: `>` is what a person texts, `<` what she is answered. Without one,
    those in tests/transcripts beside the keywords file are played. Each is played twice, on the pure core and on the
    server's own parts with a database in memory; a difference in one line fails it.

    \b
    Example:
      ouistop chat --save tests/transcripts/join.txt      write one
      ouistop test                                        play them all
      ouistop test tests/transcripts/join.txt --rewrite

    \b
    Exit codes:
      0  everything was said as it is written
      1  it was not, or a file cannot be read; the difference is printed
      2  the command was written wrongly
    """
    usual = Path(settings_with(keywords=keywords).keywords)
    paths = list(_paths(transcripts, usual))
    if not paths:
        raise ConfigError([f"there are no transcripts in {usual.parent / FOLDER}: name one, or make one by "
                           "`ouistop chat --save FILE`"])  # fmt: skip
    if not _play(paths, usual, rewrite):
        click.get_current_context().exit(1)


def _paths(named: Sequence[str], usual: Path) -> Iterator[Path]:
    """Yield the files; a folder stands for those in it, by name."""
    for path in map(Path, named) if named else [usual.parent / FOLDER]:
        if path.is_dir() or not named:
            yield from sorted(path.glob("*.txt"))
        elif path.is_file():
            yield path
        else:
            raise ConfigError([f"{path} is not there: name a transcript, or a folder of them"])


def _play(paths: Sequence[Path], usual: Path, rewrite: bool) -> bool:
    """Play every file and tell of each; return whether all of them are as they are written."""
    from rich.progress import track

    from bot.commands.terminal import count, paper

    console = paper()
    good = changed = 0
    for path in track(paths, "playing", console=console, transient=True, disable=not console.is_terminal):
        try:
            lines = list(_differences(path, usual, rewrite))
        except ConfigError as error:
            lines = str(error).splitlines()
        good += not lines
        changed += bool(lines)
        for line in lines:
            console.print(line, style=STYLES.get(line[:1]), soft_wrap=True)
    told = f"{count(good, 'transcript')} as written" + (f", {changed} not" if changed else "")
    console.print(f"{told}.", style="bold red" if changed else "bold green")
    return not changed


STYLES = {"-": "red", "+": "green", "@": "cyan"}


def _differences(path: Path, usual: Path, rewrite: bool) -> Iterator[str]:
    """Play one file; yield what is wrong with it, line by line, and nothing if all is well."""
    from bot.transcripts import read_script
    from bot.transcripts.both import play_both

    source = _read(path)
    script = read_script(source, str(path))
    on_core, on_server = play_both(script, lambda name: _catalog(script, name, usual))
    if on_core != on_server:
        yield f"{path}: the core and the server answer differently, which is a bug of ours; please report it"
        yield from _diff(on_core, on_server, "on the core", "on the server")
    elif on_core != source and rewrite:
        path.write_text(on_core, encoding="utf-8")
    elif on_core != source:
        yield from _diff(source, on_core, f"{path} as written", f"{path} as played")


def _diff(before: str, after: str, from_name: str, to_name: str) -> Iterator[str]:
    from difflib import unified_diff

    return unified_diff(before.splitlines(), after.splitlines(), from_name, to_name, lineterm="", n=UNCHANGED)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError([f"{path} cannot be read ({error.strerror})"]) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{path} is not UTF-8: save it as UTF-8 in your editor"]) from None


def _catalog(script: Script, name: str | None, usual: Path) -> Catalog:
    """Load the keywords file that a transcript names, which lies beside it, or the usual one."""
    path = Path(script.file).parent / name if name else keywords_file(settings_with(keywords=str(usual)))
    return _loaded(path)


_KNOWN: dict[Path, Catalog] = {}


def _loaded(path: Path) -> Catalog:
    """Load a file, once; raise ConfigError with its errors."""
    from bot.core.loading import load_catalog
    from bot.providers import REGISTRY
    from bot.service.reload import read_keywords

    if path not in _KNOWN:
        loaded = load_catalog(read_keywords(path), str(path), tuple(REGISTRY))
        if loaded.catalog is None:
            raise ConfigError([str(problem) for problem in loaded.problems if problem.level == "error"])
        _KNOWN[path] = loaded.catalog
    return _KNOWN[path]

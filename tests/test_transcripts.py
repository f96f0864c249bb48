"""Every transcript comes out as it is written: on the pure core, on the server's parts, and through a whole server."""

import difflib
from functools import cache
from pathlib import Path

import pytest
from command_line import run
from houses import house_stage
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import ConfigError
from bot.core.loading import load_catalog
from bot.core.messages import Flag
from bot.providers import REGISTRY
from bot.transcripts import Cast, Stage, head, play, read_script, texted
from bot.transcripts.on_core import CoreStage
from bot.transcripts.on_server import server_stage
from bot.transcripts.script import Again, Flagged, Keywords, Pass, Read, Refuse, Report, Text, read_text

FOLDER = Path(__file__).parent / "transcripts"
PAGE = Path(__file__).parents[1] / "docs" / "transcripts.md"
FILES = sorted(path.name for path in FOLDER.glob("*.txt"))
ON_A_FILE = ("join_and_leave.txt", "twilio_flags.txt")
CAST = Cast("+33644600000")


@cache
def catalog(name):
    path = FOLDER / name
    loaded = load_catalog(path.read_text("utf-8"), path.name, tuple(REGISTRY))
    assert loaded.catalog, loaded.problems
    return loaded.catalog


def written(name):
    source = (FOLDER / name).read_text("utf-8")
    return source, read_script(source, name)


async def differences(source, script, stage: Stage):
    """Play a transcript; return how what was said differs from what is written."""
    played = await play(script, stage, catalog)
    return "\n".join(difflib.unified_diff(source.splitlines(), played.splitlines(), "written", "played", lineterm=""))


@pytest.mark.parametrize("name", FILES)
async def test_on_the_core(name):
    source, script = written(name)

    assert await differences(source, script, CoreStage(catalog(script.keywords))) == ""


@pytest.mark.parametrize("name", FILES)
async def test_on_the_servers_parts(name):
    source, script = written(name)

    async with server_stage(catalog(script.keywords)) as stage:
        assert await differences(source, script, stage) == ""


@pytest.mark.parametrize("name", FILES)
async def test_through_a_whole_server(name, tmp_path):
    source, script = written(name)
    database = f"sqlite:///{tmp_path / 'ouistop.db'}" if name in ON_A_FILE else "sqlite:///"

    async with house_stage(tmp_path, catalog(script.keywords), database) as stage:
        assert await differences(source, script, stage) == ""


# ---- the format -------------------------------------------------------------------------------------------


ACTS = [
    ("> club!", Text("club!")),
    ("> ", Text("")),
    (">club", Text("club")),
    ("> > <", Text("> <")),
    ("> #1", Text("#1")),
    ("> (silence)", Text("(silence)")),
    ("> [2 segments]", Text("[2 segments]")),
    ("> one\n  two\n    three", Text("one\ntwo\n  three")),
    (r'> " STOP\n\n\u200b"', Text(" STOP\n\n\u200b")),
    ("> [from +33639980002] Oui", Text("Oui", msisdn="+33639980002")),
    ("> [to +33644600001] Oui", Text("Oui", number="+33644600001")),
    ("> [from +33639980002 to +33644600001] Oui", Text("Oui", "+33639980002", "+33644600001")),
    ('> "[to me]"', Text("[to me]")),
    ("! flag STOP", Flagged(Flag.STOP)),
    ("! flag HELP", Flagged(Flag.HELP)),
    ("! refuses, opted out", Refuse()),
    ("! reports, opted out", Report()),
    ("! delivers twice", Again()),
    ("! read by a person", Read()),
    ("! keywords: other.yaml", Keywords("other.yaml")),
    ("# a note", None),
    ("", None),
]


@pytest.mark.parametrize(("entry", "act"), ACTS)
def test_an_entry_says_what_to_do(entry, act):
    (step,) = read_script(entry or "\n", "x.txt").steps

    assert act == step.act
    assert tuple((entry or "\n").splitlines()) == step.written


@pytest.mark.parametrize(("written", "seconds"), [("30 minutes", 1800), ("3 hours", 10_800), ("2 days", 172_800)])
def test_time_passes(written, seconds):
    (step,) = read_script(f"~ {written}", "x.txt").steps

    assert isinstance(step.act, Pass)
    assert seconds == step.act.time.total_seconds()


FAULTS = [
    ("~ a while", "x.txt:2: 'a while' is no time: write one as 48 hours, 90 minutes, 2 days, 1 week"),
    ("STOP", "x.txt:2: 'STOP' begins with none of the marks > < ~ * ! #"),
    ("! explodes", "x.txt:2: '! explodes' is not known: write one of flag STOP; flag START; flag HELP; "),
    ("! flag BYE", "x.txt:2: '! flag BYE' is not known: write one of flag STOP; "),
    ("> [to me] hello", "x.txt:2: write [from +33639980002], [to +33644600001] or "),
    ('> "half "quoted"', r"x.txt:2: write quotes within the outer ones as \", a new line as \n and \ as \\"),
    ("# to: 0644600000", "x.txt:2: '0644600000' is no number: write it in full, as +33644600000"),
]


@pytest.mark.parametrize(("line", "fault"), FAULTS)
def test_what_cannot_be_read_is_told_with_its_line(line, fault):
    with pytest.raises(ConfigError) as told:
        read_script(f"# a title\n{line}\n> OUI\n", "x.txt")

    assert [fault] == [problem[: len(fault)] for problem in told.value.problems]


def test_all_faults_are_told_at_once():
    with pytest.raises(ConfigError) as told:
        read_script("~ soon\n> CLUB\n? what\n", "x.txt")

    assert [problem[:7] for problem in told.value.problems] == ["x.txt:1", "x.txt:3"]


def test_the_head_names_the_keywords_the_number_and_the_person():
    script = read_script("# A title\n# keywords: club.yaml\n# to: +33644600001\n# from: +33639980002\n> OUI\n", "x.txt")

    assert (script.keywords, script.number, script.msisdn) == ("club.yaml", "+33644600001", "+33639980002")


def test_a_note_further_down_is_no_head():
    script = read_script("> OUI\n# keywords: club.yaml\n", "x.txt")

    assert script.keywords is None


@settings(deadline=None)
@given(st.text())
def test_any_text_that_is_written_is_read_again(text):
    lines = [*head("A title"), *texted(text, CAST.msisdn, CAST.number, CAST)]

    script = read_script("\n".join(lines), "x.txt")

    assert [None, Text(text)] == [step.act for step in script.steps]


@settings(deadline=None)
@given(st.text(alphabet='"\\ n[to +1'))
def test_quotes_are_read_or_refused(text):
    try:
        read = read_text(text)
    except ValueError:
        read = text

    assert isinstance(read, str)


# ---- the command ------------------------------------------------------------------------------------------

MINIMAL = """\
version: 1
brand: Le Zinc
support: aide@zinc.example
languages: [fr]
numbers:
  "+33644600000": {provider: simulator}
programs:
  club: {name: Club Zinc, keywords: [CLUB], opt_in: single, texts: {welcome: "Bienvenue ! STOP pour quitter."}}
"""
GOOD = "# Join\n> CLUB\n* opted in to club\n< Bienvenue ! STOP pour quitter.\n"


def folder_of(tmp_path, **transcripts):
    (tmp_path / "keywords.yaml").write_text(MINIMAL, "utf-8")
    folder = tmp_path / "tests" / "transcripts"
    folder.mkdir(parents=True)
    for name, text in transcripts.items():
        (folder / f"{name}.txt").write_text(text, "utf-8")
    return tmp_path


def test_the_command_plays_what_lies_beside_the_keywords(tmp_path):
    result = run(folder_of(tmp_path, one=GOOD, two=GOOD), "test")

    assert (result.exit_code, result.output) == (0, "2 transcripts as written.\n")


def test_the_command_shows_a_difference_and_fails(tmp_path):
    result = run(folder_of(tmp_path, one=GOOD, two=GOOD.replace("Bienvenue", "Salut")), "test")

    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "--- tests/transcripts/two.txt as written",
        "+++ tests/transcripts/two.txt as played",
        "@@ -2,3 +2,3 @@",
        " > CLUB",
        " * opted in to club",
        "-< Salut ! STOP pour quitter.",
        "+< Bienvenue ! STOP pour quitter.",
        "1 transcript as written, 1 not.",
    ]


def test_one_text_too_many_fails_too(tmp_path):
    result = run(folder_of(tmp_path, one="> CLUB\n* opted in to club\n"), "test")

    assert result.exit_code == 1
    assert "+< Bienvenue ! STOP pour quitter." in result.output


def test_the_command_rewrites_when_told_to(tmp_path):
    folder = folder_of(tmp_path, one="# Join\n> CLUB\n< what I think it says\n")

    result = run(folder, "test", "--rewrite")

    assert (result.exit_code, (folder / "tests/transcripts/one.txt").read_text("utf-8")) == (0, GOOD)


def test_the_command_tells_a_fault_with_its_line(tmp_path):
    result = run(folder_of(tmp_path, one="> CLUB\nhello\n"), "test", "tests/transcripts/one.txt")

    assert result.exit_code == 1
    assert result.output.startswith("tests/transcripts/one.txt:2: 'hello' begins with none of the marks")


def test_the_command_says_how_to_begin(tmp_path):
    result = run(folder_of(tmp_path), "test")

    assert result.exit_code == 1
    assert "ouistop chat --save" in result.output


def test_a_file_that_is_not_there_is_told(tmp_path):
    result = run(folder_of(tmp_path), "test", "nowhere.txt")

    assert (
        result.exit_code, result.output,
    ) == (1, "nowhere.txt is not there: name a transcript, or a folder of them\n")  # fmt: skip


# ---- the page ---------------------------------------------------------------------------------------------


async def test_the_pages_example_is_a_transcript():
    page = PAGE.read_text("utf-8")
    example = page.partition("```text\n")[2].partition("```")[0]
    script = read_script(example, "docs/transcripts.md")

    assert await differences(example, script, CoreStage(catalog(script.keywords))) == ""


def test_the_page_names_every_mark_and_event():
    page = PAGE.read_text("utf-8")

    entries = [f"! {event}" for event in ("flag STOP", "refuses, opted out", "reports, opted out", "delivers twice")]
    missing = [each for each in (*entries, "! read by a person", "! keywords:", "(silence)") if each not in page]
    assert missing == []

"""`ouistop explain`: what a text means, alone or a line at a time."""

import json
import subprocess
import sys

import pytest
from command_line import NUMBER, OTHER, ROOT, run, scrubbed, write


def explained(folder, *words):
    """Run explain for one text; return what it printed as name → value."""
    result = run(folder, "explain", *words)

    assert result.exit_code == 0
    lines = [line for line in result.stdout.splitlines() if line[:1] != " "]
    return dict(line.split(maxsplit=1) for line in lines)


def lines(folder, *texts, options=()):
    """Run explain for lines; return what it answered."""
    result = run(folder, "explain", "--jsonl", *options, typed="".join(f"{json.dumps(text)}\n" for text in texts))

    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_without_a_number_every_language_counts_and_no_file_is_needed(tmp_path):
    assert explained(tmp_path, "ARRÊTER")["intent"] == "stop"
    assert explained(tmp_path, "stop", "please")["intent"] == "stop"
    assert explained(tmp_path, "Oui", "--state", "pending")["language"] == "fr"


def test_a_text_is_explained_step_by_step(tmp_path):
    result = run(tmp_path, "explain", "Arrêt !")

    names = [line.split()[0] for line in result.stdout.splitlines() if line[:1] != " "]
    assert names == ["intent", "language", "rule", "confidence", "read", "step"]


@pytest.mark.parametrize(
    ("text", "number", "state", "intent", "more"),
    [
        ("club", NUMBER, "stranger", "keyword", {"keyword": "CLUB"}),
        ("club", OTHER, "stranger", "unknown", {}),
        ("oui", NUMBER, "pending", "confirm", {}),
        ("2", NUMBER, "unsubscribed", "answer", {"answer": "lost_interest"}),
        ("2", NUMBER, "subscribed", "unknown", {}),
        ("2", OTHER, "unsubscribed", "unknown", {}),
        ("stop", NUMBER, "unsubscribed", "stop", {}),
    ],
)
def test_on_a_number_its_keywords_and_what_is_open_there_count(tmp_path, text, number, state, intent, more):
    (answer,) = lines(write(tmp_path), {"text": text, "state": state}, options=("--number", number))

    assert answer["intent"] == intent
    assert {name: answer[name] for name in ("keyword", "answer") if name in answer} == more


def test_each_line_is_answered_by_a_line_in_the_same_order(tmp_path):
    answers = lines(tmp_path, {"text": "oui", "state": "pending"}, {"text": "STOP"}, {"text": "xyzzy"}, {"text": ""})

    assert [answer["intent"] for answer in answers] == ["confirm", "stop", "unknown", "unknown"]
    assert [sorted(answer)[:4] for answer in answers] == [["confidence", "intent", "language", "rule"]] * 4


def test_a_line_without_a_state_has_that_of_the_command_line(tmp_path):
    (answer,) = lines(tmp_path, {"text": "non"}, options=("--state", "pending"))

    assert answer["intent"] == "decline"


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"", "this is not JSON"),
        (b"stop", "this is not JSON"),
        (b"\xff", "this is not JSON (not UTF-8)"),
        (b"[" * 100_000, "this is nested too deeply"),
        (b"[1]", "this is not a JSON object"),
        (b"{}", "text is missing"),
        (b'{"text": 1}', "text is not a text"),
        (b'{"text": "a", "state": "asleep"}', "state is none of stranger, pending, subscribed, unsubscribed"),
        (b'{"text": "a", "state": []}', "state is none of stranger"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_line_that_cannot_be_read_is_named_and_the_others_go_on(tmp_path, line, error):
    good = b'{"text": "stop"}'
    result = run(tmp_path, "explain", "--jsonl", typed=b"\n".join([good, line, good]))
    first, wrong, last = map(json.loads, result.stdout.splitlines())

    assert result.exit_code == 1
    assert (first["intent"], last["intent"]) == ("stop", "stop")
    assert list(wrong) == ["error"]
    assert wrong["error"].startswith(f"line 2: {error}")


def test_a_text_cut_in_the_middle_of_an_emoji_is_read_all_the_same(tmp_path):
    result = run(tmp_path, "explain", "--jsonl", typed='{"text": "stop \\ud83d"}')

    assert json.loads(result.stdout)["intent"] == "stop"


def test_a_line_is_answered_before_the_next_is_written(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "explain", "--jsonl"], cwd=tmp_path, env=scrubbed({}),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        answers = []
        for text in ("stop", "help"):
            process.stdin.write(b'{"text": "%s"}\n' % text.encode())
            process.stdin.flush()
            answers.append(json.loads(process.stdout.readline())["intent"])
        process.stdin.close()

    assert (answers, process.returncode) == (["stop", "help"], 0)


def test_the_design_s_own_examples_stay_as_they_are():
    assert json.loads(run(ROOT, "explain", "--jsonl", typed='{"text":"Oui.","state":"pending"}\n').stdout) == {
        "intent": "confirm", "language": "fr", "rule": "word", "confidence": 1.0
    }  # fmt: skip

"""`ouistop serve`: it starts, says where to look, ends well, and goes on where it was."""

import json
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path

from command_line import ANNA, KEYWORDS, NUMBER, TOKEN, run, serving, spawn, write


def text(address: str, ref: str, words: str) -> dict:
    """Text our number through the plain provider; return the answer."""
    body = json.dumps({"id": ref, "from": ANNA, "to": NUMBER, "text": words}).encode()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    request = urllib.request.Request(f"{address}/webhooks/http/mo", body, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_it_says_where_to_look_and_ends_well_when_it_is_told_to_stop(tmp_path):
    simulated = KEYWORDS.replace("provider: http", "provider: simulator")
    with serving(write(tmp_path, simulated)) as server, urllib.request.urlopen(f"{server.address}/healthz") as answer:
        alive = answer.read()

    told = dict(line.split(maxsplit=1) for line in server.said.splitlines())
    assert alive == b"ok\n"
    assert server.address.startswith("http://localhost:")
    assert told["keywords"].startswith("keywords.yaml, version ")
    assert told["keywords"].endswith(": 2 numbers, 2 programs, 2 keywords")
    assert told["database"] == "sqlite:///ouistop.db"
    assert told["sign-in"].startswith("not needed")
    assert told["provider"] == "none is connected: no text leaves this machine"


def test_it_names_the_webhooks_of_a_connected_provider_and_tells_no_secret(tmp_path):
    admin = "another-token-of-29-characters"
    public = "https://sms.zinc.example"
    with serving(write(tmp_path), HTTP_TOKEN=TOKEN, PUBLIC_URL=public, ADMIN_TOKEN=admin) as server:
        pass

    assert "messages https://sms.zinc.example/webhooks/http/mo\n" in server.said
    assert "reports  https://sms.zinc.example/webhooks/http/dlr\n" in server.said
    assert "sign-in   with ADMIN_TOKEN\n" in server.said
    assert [secret for secret in (TOKEN, admin) if secret in server.said] == []


def test_a_server_started_again_goes_on_where_it_was(tmp_path):
    with serving(write(tmp_path), HTTP_TOKEN=TOKEN) as server:
        first = text(server.address, "1", "club")
    with serving(tmp_path, HTTP_TOKEN=TOKEN) as server:
        again, then = text(server.address, "1", "club"), text(server.address, "2", "oui")
        beside = run(tmp_path, "contact", ANNA, "--json")

    found = json.loads(beside.stdout)
    assert [first, again, then] == [{"status": "accepted"}, {"status": "duplicate"}, {"status": "accepted"}]
    assert [row["event"] for row in found["ledger"]] == ["asked", "opted_in"]
    assert found["chain"]["verified"]


def writer_of(server) -> int:
    """Return the process that writes the database."""
    pid = server.process.pid
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text())


def gone(pid: int) -> bool:
    """Wait up to five seconds for a process to end."""
    for _ in range(500):
        if not Path(f"/proc/{pid}").exists() or ") Z " in Path(f"/proc/{pid}/stat").read_text():
            return True
        time.sleep(0.01)
    return False


def test_ctrl_c_which_all_its_processes_hear_ends_it_well(tmp_path):
    with serving(write(tmp_path), HTTP_TOKEN=TOKEN) as server:
        writer = writer_of(server)
        first = text(server.address, "1", "club")
        os.killpg(server.process.pid, signal.SIGINT)

    assert first == {"status": "accepted"}
    assert gone(writer)


def test_a_server_that_is_killed_leaves_no_process_behind_and_loses_nothing(tmp_path):
    with serving(write(tmp_path), HTTP_TOKEN=TOKEN, ends=-signal.SIGKILL) as server:
        writer = writer_of(server)
        first = text(server.address, "1", "club")
        server.process.kill()
        ended = gone(writer)
    with serving(tmp_path, HTTP_TOKEN=TOKEN) as server:
        again = text(server.address, "1", "club")

    assert ended
    assert [first, again] == [{"status": "accepted"}, {"status": "duplicate"}]


def test_a_server_whose_writing_process_is_killed_says_so_and_ends(tmp_path):
    with serving(write(tmp_path), HTTP_TOKEN=TOKEN, ends=1) as server:
        os.kill(writer_of(server), signal.SIGKILL)
        server.process.wait(10)

    said = (tmp_path / "log").read_text("utf-8")
    assert "the process that writes the database has ended: start the server again\n" in said
    assert "Traceback" not in said


def test_a_file_with_errors_at_the_start_is_told_problem_by_problem(tmp_path):
    done = spawn(write(tmp_path, KEYWORDS.replace("[CLUB]", "[STOP]").replace("opt_in", "opt_inn")), "serve")

    assert (done.returncode, done.stdout) == (1, "")
    assert [line.split(":")[:2] for line in done.stderr.splitlines()] == [
        ["keywords.yaml", "12"], ["keywords.yaml", "19"]
    ]  # fmt: skip


def test_a_port_in_use_is_a_line_that_names_it(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = spawn(write(tmp_path), "serve", "--port", port)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"PORT {port} on HOST 127.0.0.1 cannot be listened on")
    assert done.stderr.count("\n") == 1


def test_a_database_that_cannot_be_made_is_a_line(tmp_path):
    done = spawn(write(tmp_path), "serve", "--port", "0", "--database", "no/such/folder.db")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "the database no/such/folder.db cannot be used: unable to open database file\n"

"""`pytest --stream-endpoints` as a user runs it: verdicts, reports, exit codes, bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from funcpipe_laws.endpoints.sweeping import steps
from funcpipe_laws.endpoints.sweeping.request import BadRequest, Request, parse
from tests.endpoints.bad_input import LINES

ROOT = Path(__file__).parents[2]


def run(*arguments: str, folder: Path = ROOT) -> tuple[int, str]:
    """A pytest run of its own, with no plugin but ours; exit code and output."""
    plugins = ["-p", "funcpipe_laws.pytest_plugin", "-p", "no:cacheprovider"]
    # Without the options of our own tests.
    plugins += ["-c", os.devnull, f"--rootdir={folder}"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugins, *arguments],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_each_bad_application_costs_one_line_and_the_rest_goes_on() -> None:
    """Exit, crash, hang, no answer, two answers, a failing lifespan: one clear line each."""
    # What spins is told by its steps, which take more than three seconds on a busy machine.
    lines_of = {name: line for name, line in LINES.items() if name != "spins"}
    targets = [f"--stream-endpoints=tests.endpoints.bad_input:{name}" for name in lines_of]
    last = "--stream-endpoints=tests.endpoints.bad_input:prints"
    code, output = run(*targets, last, "--stream-request=GET /", "--stream-seconds=3")
    assert code == 1
    lines = output.splitlines()
    for name, expected in lines_of.items():
        assert any(expected in line for line in lines), (name, expected, output)
    assert f"{len(lines_of)} failed, 1 passed" in output
    assert "Traceback" not in output


def test_an_application_that_spins_is_found_by_its_steps() -> None:
    """However slow the machine is: the time limit is far away."""
    target = "--stream-endpoints=tests.endpoints.bad_input:spins"
    code, output = run(target, "--stream-request=GET /", "--stream-seconds=120")
    assert code == 1
    assert LINES["spins"] in output


def test_a_clean_application_says_what_was_looked_at() -> None:
    """The summary holds status, sends, receives, streams, visits and the loop; exit code 0."""
    target = "tests.endpoints.right:closing"
    code, output = run("--stream-endpoints", target, "--stream-request", "GET /")
    assert code == 0
    assert (
        f"clean: {target}: GET /: 200, 7 sends, 2 receives, 2 streams, 66 visits; simulated loop"
        in output
    )


def test_a_fault_is_shown_with_its_diagram_and_replays(tmp_path: Path) -> None:
    """The printed command shows the same fault at its step alone; reports hold it as well."""
    target = "tests.endpoints.faulty:starlette"
    reports = [f"--stream-report={tmp_path / name}" for name in ("a.json", "a.md", "a.html")]
    code, output = run("--stream-endpoints", target, "--stream-request", "GET /", *reports)
    assert code == 1
    assert "client ─GET /─" in output
    command = next(line for line in output.splitlines() if "replay: pytest" in line)
    step = command.split()[-1]
    code, again = run("--stream-endpoints", target, "--stream-request=GET /", "--stream-step", step)
    assert code == 1
    assert "rows (tests/endpoints/parts.py:" in again
    report = json.loads((tmp_path / "a.json").read_text("utf-8"))
    schema = ROOT / "docs" / "endpoints-report.schema.json"
    jsonschema.validate(report, json.loads(schema.read_text("utf-8")))
    (record,) = report["endpoints"]
    assert record["target"] == target
    assert record["findings"][0]["diagram"]["lanes"][-2:] == ["app", "client"]
    assert "LEAVES" in (tmp_path / "a.md").read_text("utf-8")
    assert "<svg" in (tmp_path / "a.html").read_text("utf-8")


def test_requests_come_from_the_configuration(tmp_path: Path) -> None:
    """Plain ones and tables; each is a test; `-k` chooses among them."""
    (tmp_path / "pyproject.toml").write_text(
        "[tool.funcpipe-laws]\n"
        'requests = ["GET /", { method = "POST", path = "/up", body = "x" }]\n'
    )
    (tmp_path / "web.py").write_text(
        "def make_app():\n"
        "    async def app(scope, receive, send):\n"
        "        if scope['type'] == 'http':\n"
        "            await send({'type': 'http.response.start', 'status': 200})\n"
        "            await send({'type': 'http.response.body', 'body': b''})\n"
        "    return app\n"
    )
    code, output = run("--stream-endpoints", "web:make_app()", folder=tmp_path)
    assert code == 0, output
    assert "2 passed" in output
    code, output = run("--stream-endpoints", "web:make_app()", "-k", "POST", folder=tmp_path)
    assert "1 passed, 1 deselected" in output


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "endpoints: no requests: name them with --stream-request 'GET /path'"),
        (["--stream-request=FETCH /"], "request 'FETCH /': FETCH is none of GET, HEAD"),
        (["--stream-request=events"], "its path has to begin with /"),
        (["--stream-request=GET /", "--stream-step=now"], "'now' is not a step such as 2.4-leaves"),
        (["--stream-request=GET /", "--stream-report=a.txt"], "a.txt: the name must end in .json"),
    ],
)
def test_what_cannot_be_meant_ends_the_run_at_once(arguments: list[str], line: str) -> None:
    """One line with the value and the way out, exit code 2."""
    code, output = run("--stream-endpoints=tests.endpoints.right:json", *arguments)
    assert code == 2
    assert line in output
    assert "Traceback" not in output


def test_a_request_in_a_table_is_checked() -> None:
    """Unknown keys, wrong types and odd headers are named with their value."""
    assert parse({"path": "/a?b=1", "status": 404}) == Request("/a?b=1", status=404)
    for written, line in (
        ({"pth": "/"}, "did you mean 'path'"),
        ({"path": 1}, "path = 1 is not of type str"),
        ({"path": "/", "headers": {"a": 1}}, "the header a = 1 is not text"),
        (7, "7 is not a request"),
    ):
        with pytest.raises(BadRequest, match=line):
            parse(written)


KEY = "open-stream tests.endpoints.faulty:starlette GET / tests/endpoints/parts.py:rows"


def test_a_known_fault_passes_and_must_be_seen(tmp_path: Path) -> None:
    """The printed line with a reason lets it pass; a line that is needed no more fails the run."""
    known = tmp_path / "known.txt"
    arguments = ["--stream-endpoints", "tests.endpoints.faulty:starlette", "--stream-request=GET /"]
    code, output = run(*arguments)
    assert code == 1 and f"its line for a file of known failures:\n  {KEY} REASON" in output
    arguments.append(f"--stream-endpoints-known-failures={known}")
    known.write_text(f"# ours\n{KEY} issue 12\n")
    code, output = run(*arguments, f"--junitxml={tmp_path / 'out.xml'}")
    assert code == 0, output
    assert "known: issue 12" in output
    assert "(known: issue 12)" in (tmp_path / "out.xml").read_text("utf-8")
    known.write_text(f"{KEY} issue 12\nhangs tests.endpoints.faulty:starlette GET / here gone\n")
    code, output = run(*arguments)
    assert code == 1 and "not seen, remove it: hangs tests.endpoints.faulty:starlette" in output
    assert run(*arguments, "--stream-step=2.3-leaves-start")[0] == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("open-stream app GET /", "1: 'open-stream app GET /' is not `kind application method"),
        ("opened app GET / here why", "1: 'opened' is no kind of fault: open-stream, live-task"),
    ],
)
def test_a_line_of_known_faults_is_checked(line: str, said: str, tmp_path: Path) -> None:
    """Before anything is run, with file, number and what would be right."""
    known = tmp_path / "known.txt"
    known.write_text(line)
    options = ("--stream-request=GET /", f"--stream-endpoints-known-failures={known}")
    code, output = run("--stream-endpoints=tests.endpoints.right:json", *options)
    assert code == 2 and said in output and "Traceback" not in output


@pytest.mark.parametrize("spec", ["2.3", "2.4"])
def test_each_step_is_written_as_it_is_read(spec: steps.Spec) -> None:
    """What a report prints as a step is parsed to the same one; near misses are refused."""
    for step in steps.plan(spec, 3, 2, is_whole=True):
        assert steps.parse(step.key) == step
    for text in ("2.5-leaves-start", "2.3-leaves", "2.3-slow-start", "2.3-leaves-after-send"):
        with pytest.raises(ValueError, match="is not a step"):
            steps.parse(text)

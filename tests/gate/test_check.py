"""`funcpipe check`: stages, one summary, one exit code."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from funcpipe_gate.cli import main
from funcpipe_lint.cli import main as linter

from .projects import BROKEN, CLEAN, COMBINATOR, LEAKING, gate, project, report, stage

COMMANDS = ("check", "init", "mcp", "server")
LINTERS = ("check", "rule", "config", "test-rules", "server")
SWITCHES = """
skipped    no key in [tool.funcpipe] switches these on
  laws: laws = ["package.module"]; purity: purity = ["package"]; endpoints:
  applications = ["package.web:app"]; leaks: tests = "pytest"; types: types =
  ["src/package/streams.py"]
"""


def test_a_clean_project_passes_and_says_what_was_looked_at(tmp_path: Path) -> None:
    """Exit code 0; each stage that did not run says why."""
    done = gate(project(tmp_path, app=CLEAN), "check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "looked at 1 file" in done.stdout
    assert SWITCHES in done.stdout
    assert "Exit code 0." in done.stdout


def test_a_finding_of_the_linter_fails_the_gate(tmp_path: Path) -> None:
    """Exit code 1, with place, rule and patch."""
    document = report(project(tmp_path, app=LEAKING))
    [found] = stage(document, "lint")["findings"]
    assert (found["code"], found["name"]) == ("FP303", "source-not-closed")
    assert (found["place"]["path"], found["place"]["line"]) == ("app.py", 17)
    assert "+    async with aclosing(rows(path)) as items:" in found["patch"]
    assert document["exit_code"] == 1


def test_a_broken_law_fails_the_gate_and_replays(tmp_path: Path) -> None:
    """The law is named with its module and a command that shows it again."""
    document = report(project(tmp_path, 'laws = ["good", "bad"]', good=COMBINATOR, bad=BROKEN))
    laws = stage(document, "laws")
    assert document["exit_code"] == 1
    assert {found["subject"] for found in laws["findings"]} == {"bad:STREAMS"}
    close = next(found for found in laws["findings"] if found["code"] == "S14")
    assert close["replay"].startswith("python -m funcpipe_laws replay bad:STREAMS S14")
    assert any(line.startswith("good: ") for line in laws["looked_at"])
    assert [one["target"] for one in document["reports"]["laws"]["instances"]] == [
        "good:STREAMS",
        "bad:STREAMS",
    ]


def test_the_other_stages_report_what_they_find(tmp_path: Path) -> None:
    """An impure builder, a test that leaves a stream open, a wrong type."""
    impure = COMBINATOR.replace("    async def stream", "    source()\n\n    async def stream")
    test = (
        "import asyncio\nfrom pathlib import Path\nfrom app import rows\n\n\n"
        "def test_first():\n    async def first():\n"
        "        async for row in rows(Path(__file__)):\n            return row\n\n"
        "    assert asyncio.run(first()) == 'import asyncio'\n"
    )
    table = (
        'purity = ["maker"]\ntests = "pytest test_app.py"\ntypes = ["app.py"]\npaths = ["app.py"]'
    )
    wrong = f"{CLEAN}\nwrong: int = 'text'\n"
    folder = project(tmp_path, table, app=wrong, maker=impure, test_app=test)
    document = report(folder)
    assert [one["status"] for one in document["stages"]].count("findings") == 3, document
    [effect] = stage(document, "purity")["findings"]
    assert "called argument 'source'" in effect["message"]
    assert effect["place"]["path"] == "maker.py"
    [leak] = stage(document, "leaks")["findings"]
    assert (leak["code"], leak["subject"]) == ("suspended", "test_app.py::test_first")
    [typed] = stage(document, "types")["findings"]
    assert (typed["code"], typed["place"]["path"]) == ("assignment", "app.py")
    assert document["exit_code"] == 1


def test_endpoints_are_swept(tmp_path: Path) -> None:
    """Sending to a client that has left is found, with a command that shows it again."""
    app = (
        "async def rows():\n    try:\n        yield b'a'\n        yield b'b'\n"
        "    finally:\n        pass\n\n\n"
        "async def app(scope, receive, send):\n    if scope['type'] != 'http':\n        return\n"
        "    await send({'type': 'http.response.start', 'status': 200, 'headers': []})\n"
        "    async for row in rows():\n"
        "        await send({'type': 'http.response.body', 'body': row, 'more_body': True})\n"
        "    await send({'type': 'http.response.body', 'body': b''})\n"
    )
    table = 'applications = ["web:app"]\nrequests = ["GET /"]'
    document = report(project(tmp_path, table, web=app), "--only", "endpoints")
    found = stage(document, "endpoints")["findings"]
    assert [one["code"] for one in found] == ["sent to nobody"]
    assert "pytest --stream-endpoints web:app" in found[0]["replay"]
    (tmp_path / "known.txt").write_text(
        "sent-to-nobody web:app GET / - issue 12\nhangs web:app GET / here gone\n"
    )
    table += '\n[tool.funcpipe-laws]\nstream-endpoints-known-failures = "known.txt"'
    document = report(project(tmp_path, table, web=app), "--only", "endpoints")
    swept = stage(document, "endpoints")
    assert swept["findings"] == []
    assert "known: issue 12" in str(swept)
    assert "not seen, remove it: hangs web:app GET / here gone" in str(swept)


def test_a_required_stage_that_cannot_run_fails_the_gate(tmp_path: Path) -> None:
    """It is skipped where nothing is configured; required, that is exit code 2."""
    document = report(project(tmp_path, 'require = ["lint", "laws"]', app=CLEAN))
    laws = stage(document, "laws")
    assert laws["status"] == "failed"
    assert "required" in laws["failures"][0]
    assert document["exit_code"] == 2


def test_the_profile_of_the_invariants(tmp_path: Path) -> None:
    """It adds rules that are off by default; what was selected and had nothing to be asked of is
    named."""
    text = (
        "from collections.abc import AsyncGenerator\n\n\n"
        "async def rows() -> AsyncGenerator[int, None]:\n    yield 1\n\n\n"
        "async def all_rows() -> list[int]:\n    return [row async for row in rows()]\n"
    )
    document = report(project(tmp_path / "default", app=text))
    assert document["exit_code"] == 0
    folder = project(tmp_path / "named", 'profile = "invariants"', app=text)
    with (folder / "pyproject.toml").open("a") as file:
        file.write('[tool.funcpipe-lint]\nextend-select = ["FP203"]\n')
    lint = stage(report(folder), "lint")
    assert any("checked nothing" in line for line in lint["not_looked_at"]), lint
    manual = text.replace(
        "    return [row async for row in rows()]\n",
        "    items = rows()\n    first = [await anext(items)]\n    await items.aclose()\n"
        "    return first\n",
    )
    document = report(project(tmp_path / "manual", 'profile = "invariants"', app=manual))
    assert [f["code"] for f in stage(document, "lint")["findings"]] == ["FP301"]


def test_what_the_laws_table_names_need_not_be_named_again(tmp_path: Path) -> None:
    """Modules of `[tool.funcpipe-laws]` are checked by the gate too."""
    folder = project(tmp_path, good=COMBINATOR)
    with (folder / "pyproject.toml").open("a") as file:
        file.write('[tool.funcpipe-laws]\nmodules = ["good"]\n')
    document = report(folder, "--only", "laws")
    assert stage(document, "laws")["status"] == "clean"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("law = []", "unknown key 'law'; did you mean 'laws'?"),
        ("paths = 'src'", "paths = 'src' must be a list of texts"),
        ("require = ['lnt']", "did you mean 'lint'?"),
        ("profile = 'strickt'", "did you mean 'strict'?"),
        ("paths = ['nowhere']", "nowhere: there is no such file or folder"),
        ("timeout = 0", "timeout = 0 must be a whole number"),
        ("laws = [", "pyproject.toml: "),
        ("types = ['gone.py']", "types: gone.py: there is no such file"),
        ('tests = "pytest \'a"', "No closing quotation"),
        ("types = ['app.py']\nknown-types = 'gone.txt'", "known-types: "),
    ],
)
def test_a_wrong_table_is_one_line(tmp_path: Path, table: str, said: str) -> None:
    """Exit code 2, the file, the key and the way out, and no traceback."""
    done = gate(project(tmp_path, table, app=CLEAN), "check")
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_the_table_of_another_file_is_named(tmp_path: Path) -> None:
    """In a file of our own the keys stand alone."""
    (tmp_path / "funcpipe.toml").write_text("[tool.funcpipe]\npaths = ['.']\n")
    done = gate(tmp_path, "check")
    assert done.returncode == 2
    assert "funcpipe.toml: write the keys without [tool.funcpipe]" in done.stderr


def test_known_errors_of_mypy_are_let_pass(tmp_path: Path) -> None:
    """Each as often as it is recorded, on whatever line; one that is gone is stale."""
    error = 'Incompatible types in assignment (expression has type "str", variable has type "int")'
    known = f"# why\napp.py [assignment] {error}\napp.py [misc] gone\n"
    (tmp_path / "known.txt").write_text(known)
    wrong = f"{CLEAN}\none: int = 'a'\ntwo: int = 'b'\n"
    table = "types = ['app.py']\nknown-types = 'known.txt'"
    folder = project(tmp_path, table, app=wrong)
    typed = stage(report(folder, "--only", "types"), "types")
    assert [found["message"] for found in typed["findings"]] == [error]
    stale = "recorded, and not seen: app.py [misc] gone"
    assert typed["remarks"] == ["1 known error let pass", stale]
    typed = stage(report(folder, "--only", "types", "--error-stale"), "types")
    assert [found["message"] for found in typed["findings"]] == [stale, error]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chek"], "'chek' is no command; did you mean 'check'?"),
        (["app.py"], "did you mean `funcpipe check app.py`?"),
        (["check", "--only", "law"], "--only: 'law' is no stage; did you mean 'laws'?"),
        (["check", "--report", "a.doc"], "the name must end in"),
        (["check", "--report", "no/a.json"], "there is no folder"),
        (["check", "gone.py"], "gone.py: there is no such file or folder"),
        (["check", "--jobs", "x"], "'x' is no whole number above 0"),
        (["check", "--since", "nowhere"], "--since nowhere"),
    ],
)
def test_a_wrong_command_line_is_one_line(tmp_path: Path, words: list[str], said: str) -> None:
    """Exit code 2 and what was meant, before anything runs."""
    done = gate(project(tmp_path, app=CLEAN), *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def git(folder: Path, *words: str) -> None:
    """Git with an identity of its own."""
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def test_since_looks_at_what_changed_and_what_depends_on_it(tmp_path: Path) -> None:
    """A changed module, the module that imports it, and none else; a law suite only if it is."""
    user = "from pkg import base\n"
    folder = project(
        tmp_path,
        'laws = ["suite"]',
        pkg____init__="",
        pkg__base="from .deep import x\n",
        pkg__deep="x = 1\n",
        user=user,
        other="y = 2\n",
        suite=COMBINATOR,
    )
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    (folder / "pkg" / "deep.py").write_text("x = 3\n")
    document = report(folder, "--since", "main")
    assert stage(document, "lint")["looked_at"] == ["3 files"]
    assert stage(document, "laws")["reason"] == "nothing that it looks at has changed"
    assert document["exit_code"] == 0


def test_since_looks_at_everything_once_the_configuration_changed(tmp_path: Path) -> None:
    """A change of pyproject.toml may change every verdict."""
    folder = project(tmp_path, one="x = 1\n", two="y = 2\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    assert report(folder, "--since", "main")["exit_code"] == 0
    (folder / "pyproject.toml").write_text("[tool.funcpipe]\ntimeout = 60\n")
    assert stage(report(folder, "--since", "main"), "lint")["looked_at"] == ["2 files"]


def test_a_stale_baseline_is_an_error_on_request(tmp_path: Path) -> None:
    """A recorded violation that is mended passes, and fails with --error-stale."""
    folder = project(tmp_path, 'baseline = "old.json"', app=LEAKING)
    subprocess.run(
        [
            sys.executable,
            "-m",
            "funcpipe_lint",
            "check",
            "--baseline",
            "old.json",
            "--update-baseline",
            ".",
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    assert report(folder)["exit_code"] == 0
    (folder / "app.py").write_text(CLEAN)
    assert report(folder)["exit_code"] == 0
    document = report(folder, "--error-stale")
    assert document["exit_code"] == 1
    assert [one["code"] for one in stage(document, "lint")["findings"]] == ["baseline"]


def test_the_summary_is_80_columns_wide(tmp_path: Path) -> None:
    """All but commands and paths, which are printed whole to be copied."""
    folder = project(tmp_path, 'laws = ["bad"]', bad=BROKEN, app=LEAKING)
    done = gate(folder, "check", "-q")
    assert done.stderr == ""
    long = [line for line in done.stdout.splitlines() if len(line) > 80]
    assert all(line.startswith("    python -m funcpipe_laws replay") for line in long)


def test_progress_names_each_process_as_it_ends(tmp_path: Path) -> None:
    """On the standard error output, so that a report on the other is whole."""
    done = gate(project(tmp_path, app=CLEAN), "check", "--output-format", "json")
    assert done.stderr.startswith("lint code: clean (")


def test_the_module_is_the_command(tmp_path: Path) -> None:
    """`python -m funcpipe` is `funcpipe`, from any folder."""
    for words, code, says in (
        (["--version"], 0, "funcpipe "),
        (["check", "-q"], 1, "FP303"),
        (["chek"], 2, "did you mean 'check'"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "funcpipe", *words],
            cwd=project(tmp_path, app=LEAKING),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, says in done.stdout + done.stderr) == (code, True), done


@pytest.mark.parametrize(
    "words",
    ["gate", *COMMANDS, "lint", *(f"lint {name}" for name in LINTERS)],
)
def test_the_help_fits_80_columns(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of every command, the linter's too; each names its exit codes."""
    monkeypatch.setenv("COLUMNS", "80")
    first, _, command = words.partition(" ")
    run = linter if first == "lint" else main
    first = first.removeprefix("gate")
    with suppress(SystemExit):
        run([*filter(None, [command if run is linter else first]), "--help"])
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if len(line) > 80] == []
    assert lines[0].startswith("usage: funcpipe")
    assert "exit codes:" in lines

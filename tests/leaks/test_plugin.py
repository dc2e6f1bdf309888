"""`pytest --stream-leaks`: modes, marks, known leaks, reports, and bad input."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from .running import ROOT, last, outcomes, pytest_in, seen
from .suites import PLAIN, STREAMS

KEY = "suspended test_suite.py leave rows"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Five tests, of which two leave a stream open."""
    (tmp_path / "test_suite.py").write_text(STREAMS + PLAIN, "utf-8")
    return tmp_path


def write(folder: Path, text: str) -> Path:
    """A suite of one's own."""
    (folder / "test_suite.py").write_text(STREAMS + text, "utf-8")
    return folder


def test_a_failure_says_all_that_is_needed_to_mend_it(suite: Path) -> None:
    """Stream, line, what is pending, who pulled it, the remedy with its rule, the key."""
    output = pytest_in(suite, "--stream-leaks", "-k", "test_wrong and not again").stdout
    for wanted in (
        "stream left open, with clean-up still to run: rows (test_suite.py:9)",
        "at: yield 1",
        'pending, line 12, finally: print("closed")',
        "first pulled in leave (test_suite.py:16): async for row in rows():",
        "called in test_wrong (test_suite.py:",
        "remedy: test_suite.py:16: async with aclosing(rows()) as items:",
        "(FP302)",
        f"{KEY} REASON",
    ):
        assert wanted in output, wanted
    assert "site-packages" not in output


@pytest.mark.parametrize(
    ("mode", "code", "totals"),
    [
        ("error", 1, {"failed": 2, "passed": 3}),
        ("warn", 0, {"passed": 5, "warning": 2}),
        ("report", 0, {"passed": 5}),
    ],
)
def test_modes(mode: str, code: int, totals: dict[str, int], suite: Path) -> None:
    """error fails, warn warns, report lists; an error filter for warnings changes nothing."""
    done = pytest_in(suite, f"--stream-leaks={mode}", "-W", "error")
    assert (done.returncode, outcomes(done.stdout)) == (code, totals), done.stdout
    assert len(seen(done.stdout)) == 1


def test_off_looks_at_nothing(suite: Path) -> None:
    """Also where the configuration switches it on."""
    (suite / "pyproject.toml").write_text('[tool.funcpipe-laws]\nstream-leaks = "error"\n')
    assert pytest_in(suite).returncode == 1
    done = pytest_in(suite, "--stream-leaks=off")
    assert done.returncode == 0 and "stream leaks" not in done.stdout


def test_plain_pytest_loads_nothing_of_it(suite: Path) -> None:
    """Without the option the plugin's options are all that is imported."""
    (suite / "test_suite.py").write_text(
        """
import sys


def test_modules():
    loaded = {name for name in sys.modules if name.startswith("funcpipe_laws.leaks")}
    assert loaded == {"funcpipe_laws.leaks", "funcpipe_laws.leaks.options"}
"""
    )
    done = pytest_in(suite)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("--stream-leaks=loud", "'loud' is none of error, warn, report, off"),
        ("--stream-leaks-report=out.txt", "the name must end in .json, .md, .html"),
        ("--stream-leaks-report=nowhere/out.md", "there is no folder nowhere"),
        ("--stream-leaks-known-failures=absent", "known leaks cannot be read"),
        ("--stream-leaks-known-failures=short", "short:1: 'suspended a.py f rows' is not"),
        ("--stream-leaks-known-failures=kind", "kind:2: 'open' is no kind of leak"),
    ],
)
def test_wrong_options_end_the_run_before_a_test(argument: str, said: str, suite: Path) -> None:
    """One line, no traceback, and a code that is not that of failed tests."""
    (suite / "short").write_text("suspended a.py f rows\n")
    (suite / "kind").write_text("# why\nopen a.py f rows reason\n")
    done = pytest_in(suite, argument)
    output = done.stdout + done.stderr
    assert said in output and "Traceback" not in output
    assert done.returncode in (2, 4) and "passed" not in output


def test_a_path_behind_the_option_is_explained(suite: Path) -> None:
    """argparse takes the path for the option's value."""
    done = pytest_in(suite, "--stream-leaks", "test_suite.py")
    assert done.returncode == 4
    assert "write: --stream-leaks=error test_suite.py" in done.stderr


def test_known_keys_of_the_configuration(suite: Path) -> None:
    """A misspelt value names the ones there are."""
    (suite / "pyproject.toml").write_text('[tool.funcpipe-laws]\nstream-leaks = "on"\n')
    done = pytest_in(suite)
    assert done.returncode == 2
    assert "stream-leaks = 'on' is none of error, warn, report, off" in done.stdout + done.stderr


ALLOWED = """
@pytest.mark.stream_leaks("allow", reason="upstream issue 12")
def test_wrong():
    asyncio.run({main}())


def test_right():
    asyncio.run(close())
"""


def test_a_marked_test_may_leave_what_it_leaves(tmp_path: Path) -> None:
    """It passes, and the summary gives the reason."""
    done = pytest_in(write(tmp_path, ALLOWED.format(main="leave")), "--stream-leaks")
    assert done.returncode == 0, done.stdout
    assert "known: upstream issue 12" in done.stdout


def test_a_mark_that_is_needed_no_more_fails_the_run(tmp_path: Path) -> None:
    """Strict the other way; a part of the suite is enough for a test's own mark."""
    write(tmp_path, ALLOWED.format(main="close"))
    for arguments in ([], ["-k", "wrong"], ["./test_suite.py::test_wrong"]):
        done = pytest_in(tmp_path, *arguments, "--stream-leaks")
        assert done.returncode == 1, (arguments, done.stdout)
        assert "test_suite.py::test_wrong has a mark that allows leaks" in done.stdout


def test_a_mark_of_a_whole_class_needs_one_leak(tmp_path: Path) -> None:
    """One of its tests leaves something: the mark is needed."""
    write(
        tmp_path,
        """
@pytest.mark.stream_leaks("allow", reason="to be mended")
class TestAll:
    def test_wrong(self):
        asyncio.run(leave())

    @pytest.mark.parametrize("n", [1, 2])
    def test_right(self, n):
        asyncio.run(close())
""",
    )
    assert pytest_in(tmp_path, "--stream-leaks").returncode == 0
    assert pytest_in(tmp_path, "--stream-leaks", "-k", "right").returncode == 0


@pytest.mark.parametrize(
    "mark", ['"allow"', 'reason="x"', '"allow", reason=""', '"ignore", reason="x"']
)
def test_a_mark_without_a_reason_is_refused(mark: str, tmp_path: Path) -> None:
    """With or without a typing error, the message shows how it is written."""
    write(tmp_path, f"@pytest.mark.stream_leaks({mark})\ndef test_it(): pass\n")
    done = pytest_in(tmp_path, "--stream-leaks")
    assert done.returncode == 4
    assert '@pytest.mark.stream_leaks("allow", reason="...")' in done.stdout + done.stderr


def test_the_mark_is_registered_without_the_option(tmp_path: Path) -> None:
    """--strict-markers passes wherever the kit is installed."""
    write(tmp_path, ALLOWED.format(main="leave"))
    assert pytest_in(tmp_path, "--strict-markers").returncode == 0


def test_known_leaks_pass_and_must_be_seen(suite: Path) -> None:
    """Strict both ways: a line that nothing matches fails a whole run, not a part of one."""
    known = suite / "known.txt"
    known.write_text(f"# ours\n{KEY} issue 12\n\n")
    arguments = ("--stream-leaks", "--stream-leaks-known-failures=known.txt")
    done = pytest_in(suite, *arguments)
    assert done.returncode == 0, done.stdout
    assert "known: issue 12" in done.stdout
    known.write_text(f"{KEY} issue 12\nundone-task test_suite.py f g gone\n")
    done = pytest_in(suite, *arguments)
    assert done.returncode == 1
    assert "not seen, remove it: undone-task test_suite.py f g gone" in done.stdout
    assert pytest_in(suite, *arguments, "-k", "wrong").returncode == 0


def test_junit_names_the_leak(suite: Path) -> None:
    """A failure of the case, and a property of it."""
    pytest_in(suite, "--stream-leaks", "--junitxml=out.xml")
    cases = {c.get("name"): c for c in ElementTree.parse(suite / "out.xml").iter("testcase")}
    assert cases["test_wrong"].find("failure") is not None
    properties = [(p.get("name"), p.get("value")) for p in cases["test_wrong"].iter("property")]
    assert properties == [
        (
            "stream leak",
            "failure: stream left open, with clean-up still to run: rows (test_suite.py:9)",
        )
    ]
    assert list(cases["test_right"].iter("property")) == []


def test_reports_for_machines_and_people(suite: Path) -> None:
    """JSON that its published schema holds for, Markdown and a page that need nothing else."""
    files = ("out.json", "out.md", "out.html")
    options = [f"--stream-leaks-report={name}" for name in files]
    done = pytest_in(suite, "--stream-leaks", *options)
    assert all(f"written: {name}" in done.stdout for name in files)
    report: Any = json.loads((suite / "out.json").read_text("utf-8"))
    schema = json.loads((ROOT / "docs" / "stream-leaks.schema.json").read_text("utf-8"))
    jsonschema.validate(report, schema)
    [place] = report["places"]
    assert place["count"] == 2 and place["leak"]["key"] == KEY
    assert place["tests"] == ["test_suite.py::test_wrong", "test_suite.py::test_wrong_again"]
    assert report["looked_at"]["loops"]["asyncio"] == 5
    markdown = (suite / "out.md").read_text("utf-8")
    row = "| rows (test_suite.py:9) | failure | stream left open, with clean-up still to run | 2 |"
    assert row in markdown
    page = (suite / "out.html").read_text("utf-8")
    assert page.startswith("<!doctype html>") and "test_wrong_again" in page
    assert not re.search(r"(?:src|href)=[\"']?http", page)


def test_fix_wraps_the_loop_that_leaves_a_stream_open(tmp_path: Path) -> None:
    """The linter's safe fix at that line only; the suite passes afterwards."""
    write(tmp_path, PLAIN)
    text = (tmp_path / "test_suite.py").read_text("utf-8")
    # Awaited clean-up is what the rule is certain of.
    text = text.replace('        print("closed")', "        await asyncio.sleep(0)")
    (tmp_path / "test_suite.py").write_text(text, "utf-8")
    done = pytest_in(tmp_path, "--stream-leaks", "--stream-leaks-fix")
    assert "test_suite.py:16: fixed (FP302)" in done.stdout, done.stdout
    again = pytest_in(tmp_path, "--stream-leaks", "--stream-leaks-fix")
    assert again.returncode == 0, again.stdout
    fixed = (tmp_path / "test_suite.py").read_text("utf-8")
    assert fixed.count("aclosing(rows())") == 2


def test_fix_says_where_it_has_none(suite: Path) -> None:
    """The rule is silent about clean-up that does not await: the file stays as it is."""
    before = (suite / "test_suite.py").read_bytes()
    done = pytest_in(suite, "--stream-leaks", "--stream-leaks-fix")
    assert "test_suite.py:16: not fixed: FP302 has no safe fix here" in done.stdout
    assert (suite / "test_suite.py").read_bytes() == before


def test_an_unsafe_fix_is_named_and_not_applied(tmp_path: Path) -> None:
    """Also beside a safe one in the same file: only what was done is said to be done."""
    write(tmp_path, PLAIN)
    text = (tmp_path / "test_suite.py").read_text("utf-8")
    text = text.replace('        print("closed")', "        await asyncio.sleep(0)")
    unsafe = """
from collections.abc import AsyncIterator


async def annotated() -> AsyncIterator[int]:
    try:
        yield 1
    finally:
        await asyncio.sleep(0)


async def leave_annotated():
    async for row in annotated():
        return row


def test_annotated():
    assert asyncio.run(leave_annotated()) == 1
"""
    (tmp_path / "test_suite.py").write_text(text + unsafe, "utf-8")
    done = pytest_in(tmp_path, "--stream-leaks", "--stream-leaks-fix")
    assert "test_suite.py:16: fixed (FP302)" in done.stdout, done.stdout
    command = "`funcpipe-lint check --select FP302 --unsafe-fixes test_suite.py` applies it"
    assert f"not fixed: FP302's fix is unsafe here: {command}" in done.stdout, done.stdout
    assert "async for row in annotated()" in (tmp_path / "test_suite.py").read_text("utf-8")


def test_a_test_that_fails_by_itself_fails_once(tmp_path: Path) -> None:
    """Its own message stays; what it left is in the summary."""
    write(tmp_path, "def test_it():\n    asyncio.run(leave())\n    assert not 'mine'\n")
    done = pytest_in(tmp_path, "--stream-leaks")
    assert outcomes(done.stdout) == {"failed": 1} and "assert not 'mine'" in done.stdout
    assert len(seen(done.stdout)) == 1


def test_an_expected_failure_stays_one(tmp_path: Path) -> None:
    """xfail is the test's own word."""
    write(tmp_path, "@pytest.mark.xfail\ndef test_it():\n    asyncio.run(leave())\n    assert 0\n")
    assert outcomes(pytest_in(tmp_path, "--stream-leaks").stdout) == {"xfailed": 1}


def test_a_filter_for_the_warning_lets_a_coroutine_pass(tmp_path: Path) -> None:
    """Who ignores just this warning knows of it; a filter for all warnings says nothing of it."""
    write(
        tmp_path,
        """
async def work(): pass


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
def test_right():
    work()


@pytest.mark.filterwarnings("ignore")
def test_wrong():
    work()
""",
    )
    done = pytest_in(tmp_path, "--stream-leaks")
    assert outcomes(done.stdout) == {"failed": 1, "passed": 1}, done.stdout
    assert "known: a filter for this warning ignores it" in done.stdout
    assert "::test_wrong" in done.stdout


def test_a_coroutine_in_a_cycle_fails_no_test(tmp_path: Path) -> None:
    """A later test runs the collection that finds it: the run fails, that test does not."""
    write(
        tmp_path,
        """
import gc


async def work(): pass


def test_wrong():
    gc.disable()
    holder = {"work": work()}
    holder["self"] = holder


def test_right():
    gc.enable()
    gc.collect()
""",
    )
    done = pytest_in(tmp_path, "-W", "ignore", "--stream-leaks")
    assert outcomes(done.stdout) == {"passed": 2}, done.stdout
    assert done.returncode == 1
    assert "coroutine never awaited: work" in done.stdout


# Bad input


def test_a_suite_without_asyncio(tmp_path: Path) -> None:
    """Passes, and says that there was nothing to look at."""
    (tmp_path / "test_suite.py").write_text("def test_it(): pass\n")
    done = pytest_in(tmp_path, "--stream-leaks")
    assert done.returncode == 0
    assert "looked at: 1 test, 0 streams, 0 tasks, event loops: none ended" in done.stdout


def test_no_test_at_all(tmp_path: Path) -> None:
    """pytest's own exit code."""
    assert pytest_in(tmp_path, "--stream-leaks").returncode == 5


@pytest.mark.parametrize("end", ["os._exit(3)", "os.kill(os.getpid(), signal.SIGSEGV)"])
def test_a_worker_that_dies_costs_its_test_alone(end: str, tmp_path: Path) -> None:
    """With xdist the rest goes on, and what could not be said is said."""
    write(tmp_path, f"import os, signal\n\n\ndef test_dies():\n    {end}\n" + PLAIN)
    done = pytest_in(
        tmp_path, "-W", "ignore", "--stream-leaks", "-n", "1", plugins=["xdist.plugin"]
    )
    assert done.returncode == 1
    assert outcomes(done.stdout) == {"failed": 3, "passed": 3}, done.stdout
    assert "ended before it could say what it looked at" in done.stdout


def test_a_test_that_exits(tmp_path: Path) -> None:
    """SystemExit is a failure of that test."""
    write(tmp_path, "import sys\n\n\ndef test_exits():\n    sys.exit(0)\n" + PLAIN)
    done = pytest_in(tmp_path, "--stream-leaks")
    assert outcomes(done.stdout) == {"failed": 3, "passed": 3}


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="needs fork")
def test_a_test_that_forks(tmp_path: Path) -> None:
    """What the child leaves is not the test's."""
    write(
        tmp_path,
        """
import os


def test_forks():
    child = os.fork()
    if child == 0:
        asyncio.run(leave())
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
""",
    )
    done = pytest_in(tmp_path, "-W", "ignore", "--stream-leaks")
    assert done.returncode == 0, done.stdout
    assert "nothing was left behind" in done.stdout


@pytest.mark.parametrize(("mode", "code"), [("error", 1), ("report", 0)])
def test_a_test_that_ends_the_process(mode: str, code: int, tmp_path: Path) -> None:
    """Nothing can be reported then: a line says so, and where leaks are errors it is no success."""
    write(tmp_path, "import os\n\n\ndef test_ends():\n    os._exit(0)\n" + PLAIN)
    done = pytest_in(tmp_path, f"--stream-leaks={mode}")
    assert done.returncode == code
    said = "stream leaks: os._exit(0) in test_suite.py::test_ends ended pytest: there is no report"
    assert said in done.stderr


def test_laws_beside_a_watch_keep_the_process(tmp_path: Path) -> None:
    """An operation that calls os._exit breaks its law, and ends nothing."""
    write(
        tmp_path,
        """
import os
from funcpipe_laws import StreamInstance
from funcpipe_laws.catalogue import laws
from funcpipe_laws.checking.check import check_law


def test_law():
    instance = StreamInstance(name="exits", map=lambda gen, f: os._exit(0))
    law = next(law for law in laws() if law.id == "F1")
    assert check_law(law, instance).status == "crashed"
""",
    )
    done = pytest_in(tmp_path, "--stream-leaks")
    assert outcomes(done.stdout) == {"passed": 1}, done.stdout


def test_a_test_that_hangs(tmp_path: Path) -> None:
    """pytest-timeout ends it; the next test is watched."""
    hang = """
async def hang():
    async for _ in rows():
        await asyncio.sleep(600)


@pytest.mark.timeout(1)
def test_hangs():
    asyncio.run(hang())
"""
    write(tmp_path, hang + PLAIN)
    done = pytest_in(tmp_path, "-W", "ignore", "--stream-leaks", plugins=["pytest_timeout"])
    assert outcomes(done.stdout) == {"failed": 3, "passed": 3}, done.stdout


def test_a_plugin_that_patches_the_loop(tmp_path: Path) -> None:
    """Its patch stays in place when ours goes, and the run goes on."""
    (tmp_path / "conftest.py").write_text(
        """
import asyncio

import pytest

LOOP = asyncio.BaseEventLoop
before = LOOP._asyncgen_finalizer_hook


@pytest.fixture(autouse=True, scope="session")
def patched():
    inner = LOOP._asyncgen_finalizer_hook
    LOOP._asyncgen_finalizer_hook = patched = lambda self, stream: inner(self, stream)
    yield
    globals()["patch"] = patched


def pytest_unconfigure():
    assert LOOP._asyncgen_finalizer_hook is patch
    print("the patch is there")
"""
    )
    write(tmp_path, PLAIN)
    done = pytest_in(tmp_path, "-W", "ignore", "--stream-leaks", "-s")
    assert outcomes(done.stdout.replace("the patch is there", "").strip()) == {
        "failed": 2,
        "passed": 3,
    }
    assert "the patch is there" in done.stdout


def test_an_error_of_the_watch_is_said_and_changes_nothing(tmp_path: Path) -> None:
    """A defect of ours must not fail the tests of others."""
    (tmp_path / "conftest.py").write_text(
        """
from funcpipe_laws.leaks.reading import managers


def broken(*_):
    raise LookupError("a defect")


def pytest_runtest_setup():
    managers.pending = broken
"""
    )
    write(tmp_path, PLAIN)
    done = pytest_in(tmp_path, "-W", "ignore", "--stream-leaks")
    assert done.returncode == 0, done.stdout
    assert "not seen: the watch failed: LookupError: a defect" in done.stdout


def test_hooks_are_as_they_were_found_after_the_run(tmp_path: Path) -> None:
    """In the same process: classes, interpreter hooks, warnings, collector callbacks."""
    write(tmp_path, PLAIN)
    program = """
import asyncio, gc, sys, warnings
import pytest


def state():
    return (
        dict(vars(asyncio.BaseEventLoop)), dict(vars(asyncio.Runner)), sys.get_asyncgen_hooks(),
        warnings._warn_unawaited_coroutine, list(gc.callbacks),
        [sys.monitoring.get_tool(n) for n in range(6)] if hasattr(sys, "monitoring") else None,
    )


import hypothesis  # it has a callback of its own
before = state()
pytest.main(["--stream-leaks", "-q", "-pno:cacheprovider", "-Wignore", "-pno:randomly"])
assert state() == before
print("as it was")
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert last(done.stdout) == "as it was", done.stdout + done.stderr

"""Every way of running asynchronous tests: the same two tests fail, the right ones pass."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from .running import outcomes, pytest_in, seen
from .suites import NEEDS, PLAIN, PLUGINS, STREAMS, SUITES


@pytest.mark.parametrize("name", SUITES)
def test_two_tests_fail_and_the_others_pass(name: str, tmp_path: Path) -> None:
    """Fixtures that are streams, several loops a test and loops in threads are no leaks."""
    if name in NEEDS and importlib.util.find_spec(NEEDS[name]) is None:
        pytest.skip(f"needs {NEEDS[name]}")
    (tmp_path / "test_suite.py").write_text(SUITES[name], "utf-8")
    plugins = [plugin for words, plugin in PLUGINS.items() if name.startswith(words)]
    without = pytest_in(tmp_path, "-W", "ignore", plugins=plugins)
    assert without.returncode == 0, without.stdout
    done = pytest_in(tmp_path, "-W", "ignore", "--stream-leaks", plugins=plugins)
    assert done.returncode == 1, done.stdout + done.stderr
    assert outcomes(done.stdout)["failed"] == 2, done.stdout
    assert "::test_wrong" in done.stdout and "::test_right" not in done.stdout
    assert outcomes(done.stdout)["passed"] == outcomes(without.stdout)["passed"] - 2
    places = seen(done.stdout)
    assert places and all("clean-up still to run: rows" in place for place in places), places


@pytest.mark.parametrize(
    "options",
    [
        ["-pxdist.plugin", "-n", "2"],
        ["-ppytest_randomly"],
        ["-ppytest_timeout", "--timeout=60"],
        ["-ppytest_cov.plugin", "--cov=.", "--cov-report="],
        ["-p", "no:terminal", "--stream-leaks-report=out.json"],
    ],
    ids=["xdist", "randomly", "timeout", "cov", "no terminal"],
)
def test_beside_other_plugins(options: list[str], tmp_path: Path) -> None:
    """They change neither what is found nor the exit code."""
    (tmp_path / "test_suite.py").write_text(STREAMS + PLAIN, "utf-8")
    done = pytest_in(tmp_path, "-W", "ignore", "--stream-leaks", *options)
    assert done.returncode == 1, done.stdout + done.stderr
    if "no:terminal" in options:
        assert '"count": 2' in (tmp_path / "out.json").read_text("utf-8")
        return
    assert outcomes(done.stdout) == {"failed": 2, "passed": 3}
    assert seen(done.stdout) == [
        "failure: stream left open, with clean-up still to run: rows (test_suite.py:9), 2 times"
    ]
    assert "looked at: 5 tests, 5 streams" in done.stdout


def test_a_loop_that_outlives_its_tests(tmp_path: Path) -> None:
    """What a test leaves on a loop of the whole module is that test's, and fails the run."""
    (tmp_path / "test_suite.py").write_text(
        STREAMS
        + """
HELD = []


@pytest.mark.asyncio(loop_scope="module")
async def test_a_holds():
    HELD.append(rows())
    await anext(HELD[0])
    HELD.append(asyncio.create_task(asyncio.sleep(60)))


@pytest.mark.asyncio(loop_scope="module")
async def test_b_is_innocent():
    assert HELD
""",
        "utf-8",
    )
    done = pytest_in(tmp_path, "-W", "ignore", "--stream-leaks", plugins=["pytest_asyncio.plugin"])
    assert done.returncode == 1
    assert outcomes(done.stdout) == {"passed": 2}
    summary = done.stdout.partition("= stream leaks =")[2]
    assert summary.count("in test_suite.py::test_a_holds") == 2
    assert "test_b_is_innocent" not in summary


def test_a_stream_of_a_wider_fixture_is_the_fixtures(tmp_path: Path) -> None:
    """A task that a module's fixture starts is not the leak of the test that needs it first."""
    (tmp_path / "test_suite.py").write_text(
        "import asyncio, pytest, pytest_asyncio\n"
        + """
@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server():
    task = asyncio.create_task(asyncio.sleep(60))
    yield task
    {end}


@pytest.mark.asyncio(loop_scope="module")
async def test_needs_it(server):
    pass
""".replace("{end}", "pass"),
        "utf-8",
    )
    done = pytest_in(tmp_path, "-W", "ignore", "--stream-leaks", plugins=["pytest_asyncio.plugin"])
    assert outcomes(done.stdout) == {"passed": 1}
    assert done.returncode == 1
    assert "in fixture server (module)" in done.stdout


def test_a_fixture_is_no_leak_of_a_test_that_shuts_streams_down(tmp_path: Path) -> None:
    """Some libraries call `shutdown_asyncgens` on a loop that goes on; what they left is told."""
    (tmp_path / "test_suite.py").write_text(
        STREAMS
        + """
import pytest_asyncio


@pytest_asyncio.fixture
async def held():
    try:
        yield 1
    finally:
        print("closed")


@pytest.mark.asyncio
async def test_wrong(held):
    items = rows()
    await anext(items)
    await asyncio.get_running_loop().shutdown_asyncgens()
""",
        "utf-8",
    )
    done = pytest_in(tmp_path, "-W", "ignore", "--stream-leaks", plugins=["pytest_asyncio.plugin"])
    assert outcomes(done.stdout) == {"failed": 1}
    assert seen(done.stdout) == [
        "failure: stream left open, with clean-up still to run: rows (test_suite.py:9), once"
    ]

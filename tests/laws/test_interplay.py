"""`pytest --laws` beside the plugins that people have, as real runs in a folder of their own."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from funcpipe_laws import catalogue

MINE = """\
from contextlib import aclosing


def async_gen_map(source, function):
    async def stream():
        async with aclosing(source()) as items:
            async for item in items:
                yield function(item)

    return stream


def async_gen_and_then(source, function):
    async def stream():
        async for item in source():
            async for inner in function(item)():
                yield inner

    return stream
"""
OWN = """\
import pytest
from mine import async_gen_map

async def source():
    yield 1

async def check():
    assert [item async for item in async_gen_map(source, lambda x: x + 1)()] == [2]
"""
LAWS = len(catalogue.laws())
FEW = "F1- or Z1- or C2-"
"""Two laws that hold and one that does not."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with two operations, and a test that must not be collected unless it is named."""
    (tmp_path / "mine.py").write_text(MINE, "utf-8")
    (tmp_path / "test_own.py").write_text(OWN + "def test_own(): pass\n", "utf-8")
    return tmp_path


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`pytest` as a user's shell runs it, with every plugin that is installed."""
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def outcomes(output: str) -> dict[str, int]:
    """The totals of pytest's last line."""
    return {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|deselected)", output)}


@pytest.mark.parametrize("mode", ["strict", "auto"])
def test_beside_pytest_asyncio(project: Path, mode: str) -> None:
    """The laws run on their own loop, the project's coroutine tests on the plugin's."""
    mark = "@pytest.mark.asyncio\n" if mode == "strict" else ""
    own = OWN + f"{mark}async def test_own(): await check()\n"
    (project / "test_own.py").write_text(own, "utf-8")
    result = run(
        *(
            project,
            "-o",
            f"asyncio_mode={mode}",
            "-o",
            "asyncio_default_fixture_loop_scope=function",
        ),
        *("--laws", "mine", "test_own.py", "-k", f"own or {FEW}", "-W", "error"),
    )
    assert outcomes(result.stdout)["passed"] == 3 and outcomes(result.stdout)["failed"] == 1
    assert "coroutine" not in result.stdout


def test_beside_the_plugin_of_anyio(project: Path) -> None:
    """anyio's plugin takes what is marked as its own, and no law."""
    own = OWN + "@pytest.mark.anyio\nasync def test_own(anyio_backend): await check()\n"
    own += "@pytest.fixture\ndef anyio_backend(): return 'asyncio'\n"
    (project / "test_own.py").write_text(own, "utf-8")
    result = run(
        *(project, "-p", "no:asyncio", "--laws", "mine", "test_own.py"),
        *("-k", f"own or {FEW}", "-W", "error"),
    )
    assert outcomes(result.stdout)["passed"] == 3 and outcomes(result.stdout)["failed"] == 1


@pytest.mark.parametrize("method", ["signal", "thread"])
def test_beside_pytest_timeout(project: Path, method: str) -> None:
    """A limit that is not reached disturbs nothing; virtual time is not counted."""
    result = run(project, "--laws", "mine", "-k", FEW, "--timeout=60", f"--timeout-method={method}")
    assert outcomes(result.stdout) == {"passed": 2, "failed": 1, "deselected": LAWS - 3}


def test_beside_pytest_randomly(project: Path) -> None:
    """Another order and another seed of `random`: the same verdicts, the same counterexample."""
    told = []
    for seed in ("1", "2"):
        result = run(project, "--laws", "mine", "-k", FEW, f"--randomly-seed={seed}")
        assert f"--randomly-seed={seed}" in result.stdout
        assert outcomes(result.stdout) == {"passed": 2, "failed": 1, "deselected": LAWS - 3}
        told.append(re.findall(r"^  replay: .*", result.stdout, re.MULTILINE))
    assert told[0] == told[1] != []


def test_under_coverage(project: Path) -> None:
    """The lines of the operations are counted, those of the generators inside as well."""
    result = run(project, "--laws", "mine", "-k", FEW, "--cov=mine", "--cov-report=term-missing")
    assert outcomes(result.stdout) == {"passed": 2, "failed": 1, "deselected": LAWS - 3}
    (line,) = re.findall(r"^mine\.py .*", result.stdout, re.MULTILINE)
    assert " 100%" in line


def test_over_two_workers(project: Path) -> None:
    """With xdist the verdicts, the totals and the junit file are those of one process."""
    result = run(project, "--laws", "mine", "-k", FEW, "-n", "2", "--junitxml=out.xml")
    assert outcomes(result.stdout) == {"passed": 2, "failed": 1}
    assert "mine: 2 held, 1 broken" in result.stdout
    cases = [case.get("name") for case in ElementTree.parse(project / "out.xml").iter("testcase")]
    assert sorted(str(case).partition("-")[0] for case in cases) == ["C2", "F1", "Z1"]


def test_last_failed_runs_the_broken_law_alone(project: Path) -> None:
    """`--lf` remembers laws by module and id."""
    assert outcomes(run(project, "--laws", "mine", "-k", FEW).stdout)["failed"] == 1
    again = outcomes(run(project, "--laws", "mine", "--lf").stdout)
    assert again == {"failed": 1, "deselected": LAWS - 1}


def test_nothing_is_collected_unless_asked(project: Path) -> None:
    """A module with operations is no reason: the kit may be there for the linter alone."""
    result = run(project, "-v")
    assert outcomes(result.stdout) == {"passed": 1}
    assert "laws: " not in result.stdout and "functor" not in result.stdout


def test_the_plugin_loads_nothing_else() -> None:
    """Beside pytest, importing it imports its parts with options of their own, and no more."""
    code = """
import sys, pytest
before = set(sys.modules)
import funcpipe_laws.pytest_plugin
print(*sorted(set(sys.modules) - before))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [
        "funcpipe_laws",
        "funcpipe_laws.apart",
        "funcpipe_laws.apart.recording",
        "funcpipe_laws.checking",
        "funcpipe_laws.checking.plugin",
        "funcpipe_laws.checking.plugin.items",
        "funcpipe_laws.checking.plugin.options",
        "funcpipe_laws.checking.plugin.summary",
        "funcpipe_laws.endpoints",
        "funcpipe_laws.endpoints.plugin",
        "funcpipe_laws.purity",
        "funcpipe_laws.purity.plugin",
        "funcpipe_laws.pytest_plugin",
    ]

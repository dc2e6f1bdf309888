"""Runs on executors: the same findings on each, and a report for every file that one loses."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from funcpipe_lint.check.runs import workers
from funcpipe_lint.check.runs.run import Run, check
from funcpipe_lint.config.resolver import Resolver
from tests.lint.conftest import LEAKY, Command
from tests.lint.program.hundred_modules import LEAKS, OWNS_NOTHING, build, write

KILLER = '''
import os, signal

import libcst as cst

from funcpipe_lint.rule import Bad, Good, Rule
from funcpipe_lint.screen.declaration import Screen


class Killer(Rule):
    """Kills the process that checks a file with a lethal function."""

    code, name, summary = "CODE", "killer", "kills"
    visits = (cst.FunctionDef,)
    screen = Screen(words=("lethal",))

    def check(self, node, ctx):
        if node.name.value == "lethal":
            os.kill(os.getpid(), signal.SIGKILL)
        return ()
'''
# Its finding depends on what the relative import means: on the package that the file is in.
RAW = """\
from .types import Flow, Good, Outcome


def numbers() -> Flow[int]:
    async def stream():
        yield 1

    return stream
"""
CONFIGURATION = """\
results = ["pkg.types.Outcome"]
oks = ["pkg.types.Good"]
descriptions = ["pkg.types.Flow"]
"""
LETHAL = "async def lethal():\n    yield 1\n"
_numbers = count(101)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """130 files in a package with a finding each: more than a pool needs to pay."""
    monkeypatch.chdir(tmp_path)
    Path("pkg").mkdir()
    Path("pkg/__init__.py").touch()
    for number in range(130):
        Path(f"pkg/m{number}.py").write_text(LEAKY if number % 2 else RAW, encoding="utf-8")
    Path("funcpipe-lint.toml").write_text(CONFIGURATION, encoding="utf-8")
    return [f"pkg/m{number}.py" for number in range(130)]


@pytest.fixture
def lethal(files: list[str]) -> Resolver:
    """Two of the files kill the process that checks them, by a plugin's rule."""
    # One process can hold one module of a name, and one rule of a code.
    number = next(_numbers)
    Path(f"killer{number}.py").write_text(KILLER.replace("CODE", f"KIL{number}"), encoding="utf-8")
    Path("funcpipe-lint.toml").write_text(
        CONFIGURATION + f'plugins = ["killer{number}"]\n', encoding="utf-8"
    )
    for victim in (17, 90):
        Path(f"pkg/m{victim}.py").write_text(LETHAL, encoding="utf-8")
    return Resolver()


class Breaking(Executor):
    """An executor of a user's that loses every third task, each in its own way."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(1)
        self._given = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self._given += 1
        if self._given % 6 == 3:
            raise RuntimeError("cannot schedule new futures after shutdown")
        future = self._threads.submit(fn, *args, **kwargs)
        if self._given % 6 == 0:
            future = Future()
            future.set_exception(ConnectionError("worker lost"))
        return future


def test_findings_do_not_depend_on_the_executor(files: list[str]) -> None:
    """None, threads, processes, and one that loses tasks: equal runs."""
    alone = check(["pkg"], jobs=1)
    assert len(alone.violations) == 130
    with ThreadPoolExecutor(3) as threads, ProcessPoolExecutor(2) as processes:
        for executor in (threads, processes, Breaking()):
            assert check(["pkg"], executor=executor) == alone
    assert check(["pkg"], jobs=2) == alone


@pytest.mark.parametrize("error", [OSError(38, "no"), ImportError("no"), NotImplementedError()])
def test_where_processes_share_nothing(
    files: list[str], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """In a sandbox without semaphores a run is done by the one process."""

    def refused(*arguments: object, **options: object) -> object:
        raise error

    monkeypatch.setattr(workers, "ProcessPoolExecutor", refused)
    assert check(["pkg"], jobs=2) == check(["pkg"], jobs=1)


def check_lethal(run: Run) -> None:
    """The two lethal files are named, and all others have their finding."""
    assert [crash.path for crash in run.crashes] == ["pkg/m17.py", "pkg/m90.py"]
    reason = "could not be checked: the process that did it was killed"
    assert all(crash.message.startswith(reason) for crash in run.crashes)
    assert len(run.violations) == 128
    assert run.exit_code == 2


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
def test_nothing_is_forked_beside_a_thread_that_python_does_not_count() -> None:
    """Threads of `_thread`, as execnet's: to fork beside one warns, since 3.12. Alone it forks."""
    script = """
import _thread
from funcpipe_lint.check.runs.workers import _context
alone, lock = _context().get_start_method(), _thread.allocate_lock()
lock.acquire()
_thread.start_new_thread(lock.acquire, ())
print(alone, _context().get_start_method())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "fork spawn\n", done.stderr


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_worker_that_is_killed_loses_its_file_alone(lethal: Resolver) -> None:
    """Killed by a signal in the middle of a run: the rest completes."""
    check_lethal(check(["pkg"], lethal, jobs=2))


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_an_executor_that_loses_a_worker(lethal: Resolver) -> None:
    """A pool of the user's that breaks costs nothing but the files that broke it."""
    with ProcessPoolExecutor(2) as processes:
        check_lethal(check(["pkg"], lethal, executor=processes))


CLUSTER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Dask scheduler with two workers on this machine, in another folder."""
    folder = tmp_path_factory.mktemp("cluster")
    Path(folder, "cluster.py").write_text(CLUSTER, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "cluster.py"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # A task that kills one worker is given up, not tried on three more.
        env={**os.environ, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"},
    )
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.communicate("")


def run(*arguments: str) -> tuple[int, str, str]:
    """`check` in a process of its own."""
    command = [sys.executable, "-m", "funcpipe_lint", "check", "--output-format", "concise"]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_dask_cluster_finds_the_same(files: list[str], scheduler: str) -> None:
    """The same findings in the same order, in workers that do not see the current folder."""
    alone = run("--no-cache", "--jobs", "1", "pkg")
    assert len(alone[1].splitlines()) == 130
    assert run("--no-cache", "--executor", f"dask:{scheduler}", "pkg") == alone


def test_a_dask_cluster_is_told_of_other_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheduler: str
) -> None:
    """The leaks of a hundred modules are found where there is none of the project's files, at every
    length of chain, and after a change in the middle of some; the notes name the modules."""
    monkeypatch.chdir(tmp_path)
    build(tmp_path / "shop")
    for changed in ((), ("leak_2.py", "leak_5.py")):
        if changed:
            write(tmp_path / "shop" / "m01.py", OWNS_NOTHING)
        leaks = {name: places for name, places in LEAKS.items() if name not in changed}
        alone = run("--no-cache", "--jobs", "1", "shop")
        expected = sum(len(places) for places in leaks.values())
        assert len(alone[1].splitlines()) == alone[1].count(": 'rows' yields inside") == expected
        assert all(f"shop/{name}:" in alone[1] for name in leaks)
        assert run("--no-cache", "--executor", f"dask:{scheduler}", "shop") == alone
    assert run("--no-cache", "--follow-imports", "off", "shop")[1] == ""


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_dask_worker_that_is_killed(lethal: Resolver, scheduler: str) -> None:
    """A file that kills worker after worker is named; the rest completes."""
    code, out, err = run("--no-cache", "--executor", f"dask:{scheduler}", "pkg")
    named = [line for line in err.splitlines() if "FP002" in line]
    assert [line.split(":")[0] for line in named] == ["pkg/m17.py", "pkg/m90.py"]
    assert (code, len(out.splitlines())) == (2, 128)
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ray:10.0.0.1:80", "write dask:HOST:PORT"),
        ("dask:", "write dask:HOST:PORT"),
        ("dask:nowhere", "write dask:HOST:PORT"),
        ("dask:tcp://127.0.0.1:9", "no scheduler answers there"),
    ],
)
def test_an_executor_that_cannot_be_reached(
    command: Command, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    """One line that names it and the way out, exit 2."""
    monkeypatch.setattr("funcpipe_lint.check.runs.remote._CONNECT_SECONDS", 1)
    outcome = command("check", "--executor", name, "leaky.py")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"funcpipe-lint: --executor {name}")
    assert said in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_dask_that_is_not_installed(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    outcome = command("check", "--executor", "dask:127.0.0.1:9", "leaky.py")
    assert outcome.code == 2
    assert "pip install 'funcpipe-kit[dask]'" in outcome.err

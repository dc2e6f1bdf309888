"""Bad input and faults: whatever a stage meets, the gate ends with one line, the right exit code,
and all that was found until then."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from funcpipe_gate.running import process

from .projects import CLEAN, COMBINATOR, LEAKING, gate, project, report, stage

MODULES = {
    "hangs": ("import time\ntime.sleep(1000)\n", "did not end within"),
    "exits": ("import os\nos._exit(7)\n", "hostile: exit code 7, and no output"),
    "leaves": ("import sys\nsys.exit('no licence')\n", "hostile: "),
    "raises": ("raise RuntimeError('no database')\n", "no database"),
    "segfaults": ("import ctypes\nctypes.string_at(0)\n", "was killed by SIGSEGV"),
    "does_not_parse": ("def f(:\n", "hostile"),
    "is_gone": ("", "hostile"),
}
PRINTS = "import sys\nfor n in range(300_000):\n    print('noise', n, file=sys.stderr)\n"
FORKS = "import os, time\nif os.fork() == 0:\n    time.sleep(1000)\n"


@pytest.mark.parametrize("name", MODULES)
def test_a_law_module_that_cannot_be_imported_takes_nothing_with_it(
    tmp_path: Path, name: str
) -> None:
    """Exit code 2 and one line for it; the other module and the linter are still reported."""
    text, said = MODULES[name]
    beside = name == "segfaults"
    laws = '"hostile", "good"' if beside else '"hostile"'
    table = f"laws = [{laws}]"
    folder = project(tmp_path, table, good=COMBINATOR, app=LEAKING, hostile=text)
    if not text:
        (folder / "hostile.py").unlink()
    # The seconds are those of the linter too: it may be slow where the machine is busy.
    words = ["--only", "laws", "--timeout", "6"] if name == "hangs" else ["--only", "lint,laws"]
    document = report(folder, *words)
    laws = stage(document, "laws")
    [failure] = laws["failures"]
    assert failure.startswith("hostile: ")
    assert said in failure
    assert "\n" not in failure
    assert bool(laws["looked_at"]) == beside
    if name not in ("does_not_parse", "hangs"):
        assert [f["code"] for f in stage(document, "lint")["findings"]] == ["FP303"]
    assert document["exit_code"] == 2


def test_a_process_that_is_ended_says_where_it_was(tmp_path: Path) -> None:
    """The innermost line of the project's own code."""
    script = tmp_path / "slow.py"
    script.write_text("import time\n\n\ndef waits():\n    time.sleep(1000)\n\n\nwaits()\n")
    outcome = asyncio.run(
        process.run([sys.executable, "slow.py"], folder=tmp_path, environment={}, seconds=10)
    )
    assert outcome.lost.startswith("did not end within 10 seconds: it is at waits (")
    assert outcome.lost.endswith("slow.py:5)")


@pytest.mark.parametrize(("name", "text"), [("prints", PRINTS), ("forks", FORKS)])
def test_a_law_module_that_prints_or_forks_is_checked_all_the_same(
    tmp_path: Path, name: str, text: str
) -> None:
    """What it prints goes nowhere; what it forks is ended with it."""
    marked = text.replace("1000", "1000.5")
    folder = project(tmp_path, 'laws = ["noisy"]', noisy=marked + COMBINATOR)
    document = report(folder, "--only", "laws")
    assert stage(document, "laws")["status"] == "clean"
    assert document["exit_code"] == 0
    if name == "forks" and Path("/proc").is_dir():
        assert not running_in(folder)


def running_in(folder: Path) -> list[str]:
    """The processes whose working folder this is."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink() == folder:
                    found.append(entry.name)
            except OSError:
                continue
    return found


def without_mypy(folder: Path) -> str:
    """A PYTHONPATH on which mypy cannot be found."""
    hider = folder / "hider"
    hider.mkdir()
    (hider / "sitecustomize.py").write_text(
        "import importlib.util\nfind = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *a: None if name == 'mypy' else find(name, *a)\n"
    )
    return str(hider)


def test_types_without_mypy_are_skipped_or_fail_where_required(tmp_path: Path) -> None:
    """The reason says how to install it."""
    environment = without_mypy(tmp_path)
    for require, code in (("", 0), ('require = ["types"]', 2)):
        folder = project(tmp_path / f"p{code}", f'types = ["app.py"]\n{require}', app=CLEAN)
        done = gate(folder, "check", PYTHONPATH=environment)
        assert done.returncode == code
        said = " ".join(done.stdout.split())
        assert "mypy is not installed: pip install 'funcpipe-kit[typed]'" in said


def test_a_corrupt_cache_of_mypy_is_not_the_end(tmp_path: Path) -> None:
    """Whatever stands in it, the verdict is that of a run without one."""
    folder = project(tmp_path, 'types = ["app.py"]\npaths = ["app.py"]', app=CLEAN)
    assert report(folder)["exit_code"] == 0
    spoilt = [path for path in (folder / ".mypy_cache").rglob("*") if path.is_file()]
    assert spoilt
    for path in spoilt:
        path.write_bytes(b"\0not a cache\xff")
    document = report(folder)
    assert stage(document, "types")["status"] == "clean", stage(document, "types")
    (folder / "app.py").write_text(f"{CLEAN}\nwrong: int = 'text'\n")
    assert [f["code"] for f in stage(report(folder), "types")["findings"]] == ["assignment"]


def test_a_project_of_50_000_files(tmp_path: Path) -> None:
    """Each is looked at, and the one that leaks is found."""
    folder = project(tmp_path)
    for number in range(500):
        below = folder / f"p{number:03}"
        below.mkdir()
        for one in range(100):
            (below / f"m{one:02}.py").write_text(f"x = {number}\n")
    (folder / "p250" / "m50.py").write_text(LEAKING)
    document = report(folder, "--only", "lint")
    assert stage(document, "lint")["looked_at"] == ["50,000 files"]
    [found] = stage(document, "lint")["findings"]
    assert found["place"]["path"] == "p250/m50.py"


def test_two_gates_at_once_say_the_same(tmp_path: Path) -> None:
    """They share caches and report files, and disturb neither."""
    folder = project(tmp_path, 'types = ["app.py"]\nreports = ["gate.json"]', app=LEAKING)
    command = [sys.executable, "-m", "funcpipe_gate", "check", "-q", "--only", "lint,types"]
    both = [
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = [process.communicate(timeout=300)[0] for process in both]
    assert [process.returncode for process in both] == [1, 1]
    findings = [[line for line in text.splitlines() if "FP303" in line] for text in said]
    assert findings[0] == findings[1] != []
    written = json.loads((folder / "gate.json").read_text("utf-8"))
    assert written["exit_code"] == 1
    left = {path.name for path in folder.iterdir()}
    assert left == {"app.py", "pyproject.toml", "gate.json", ".funcpipe_cache", ".mypy_cache"}


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
from funcpipe_gate.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are POSIX")
def test_a_disk_that_fills_while_a_report_is_written(tmp_path: Path) -> None:
    """One line names the file, which is as it was before; what fits is written; exit code 2."""
    folder = project(tmp_path, **{f"app{n}": LEAKING for n in range(20)})
    (folder / "gate.json").write_text("before")
    words = ["check", "-q", "--only", "lint", "--report", "gate.json", "--report", "gate.md"]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert line == f"funcpipe: {folder}/gate.json: cannot be written: File too large"
    assert (folder / "gate.json").read_text() == "before"
    assert "FP303" in done.stdout
    assert "20 findings" in (folder / "gate.md").read_text("utf-8")
    assert not [path for path in folder.iterdir() if path.name.startswith(".gate.json")]


def test_a_full_output_is_one_line(tmp_path: Path) -> None:
    """The summary cannot be written: exit code 2, and no traceback."""
    if not Path("/dev/full").exists():
        pytest.skip("no device that is full")
    folder = project(tmp_path, app=CLEAN)
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-m", "funcpipe_gate", "check", "-q"],
            cwd=folder,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "funcpipe: the output cannot be written: No space left on device\n"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_reports_what_was_found_so_far(tmp_path: Path, number: signal.Signals) -> None:
    """The linter had ended, the law suite not: one summary, exit code 2, nothing left running,
    and the report holds both."""
    folder = project(
        tmp_path,
        'laws = ["slow"]\nreports = ["gate.json"]',
        slow="import time\nopen('begun', 'w').close()\ntime.sleep(1000)\n",
        app=LEAKING,
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "funcpipe_gate", "check", "--only", "lint,laws", "-j", "2"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert process.stderr is not None
    assert "lint code: 1 finding" in process.stderr.readline()
    wait_for(folder / "begun")
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "Traceback" not in out + err
    assert "FP303" in out
    assert "interrupted before it had ended" in out
    assert "Interrupted: what was found until then. Exit code 2." in " ".join(out.split())
    document: Any = json.loads((folder / "gate.json").read_text("utf-8"))
    assert document["interrupted"] is True
    assert [f["code"] for f in stage(document, "lint")["findings"]] == ["FP303"]
    if Path("/proc").is_dir():
        assert not running_in(folder)


HOLDS = """import os, time
os.fork()
pipe = os.open("held", os.O_WRONLY)
os.write(pipe, b".")
time.sleep(1000)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_a_killed_gate_leaves_no_stage_behind(tmp_path: Path) -> None:
    """The process of a stage ends with it, and so does what that has forked."""
    folder = project(tmp_path, 'laws = ["slow"]', slow=HOLDS)
    os.mkfifo(folder / "held")
    gate = subprocess.Popen(
        [sys.executable, "-m", "funcpipe_gate", "check", "-q", "--only", "laws"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    held = os.open(folder / "held", os.O_RDONLY | os.O_NONBLOCK)
    try:
        begun = b""
        while len(begun) < 2:
            assert select.select([held], [], [], 120)[0], "the stage has not begun"
            begun += os.read(held, 2)
            assert gate.poll() is None
        gate.kill()
        # Parent and child hold the other end: what is read ends when both are gone.
        assert select.select([held], [], [], 120)[0], "they are still there"
        assert os.read(held, 1) == b""
    finally:
        os.close(held)
        gate.kill()
        gate.wait()


def wait_for(path: Path) -> None:
    """Until a file is there."""
    end = time.monotonic() + 120
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.02)  # In another process: there is no event that could be awaited.


def test_a_test_command_that_is_not_there(tmp_path: Path) -> None:
    """Exit code 2, and the command is named."""
    document = report(project(tmp_path, 'tests = "no-such-command"'), "--only", "leaks")
    [failure] = stage(document, "leaks")["failures"]
    assert "no-such-command" in failure
    assert document["exit_code"] == 2


def test_a_test_command_without_pytest(tmp_path: Path) -> None:
    """It ran, and nothing was watched: that is no pass."""
    document = report(project(tmp_path, 'tests = "true"'), "--only", "leaks")
    [failure] = stage(document, "leaks")["failures"]
    assert "no pytest with this plugin" in failure
    assert document["exit_code"] == 2


def test_tests_that_fail_are_a_finding(tmp_path: Path) -> None:
    """A suite that fails proves nothing of leaks, and does not pass."""
    folder = project(tmp_path, 'tests = "pytest"', test_a="def test_a():\n    assert False\n")
    document = report(folder, "--only", "leaks")
    [found] = stage(document, "leaks")["findings"]
    assert found["code"] == "tests"
    assert "test_a.py::test_a" in found["message"]
    assert document["exit_code"] == 1

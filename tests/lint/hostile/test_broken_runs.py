"""Runs in which something breaks: links in circles, files that go, disks that are full, Ctrl-C."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from funcpipe_lint.check.runs.run import Run, check_targets, gather
from funcpipe_lint.config.discover import discover
from funcpipe_lint.config.resolver import Resolver
from tests.lint.command.test_terminal import Terminal
from tests.lint.conftest import LEAKY, Command

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links, modes, signals")

# What writes: to the file itself, into it, beside it.
WRITING = {
    "fix": ["--fix"],
    "add-noqa": ["--add-noqa", "why"],
    "baseline": ["--baseline", "old.json", "--update-baseline"],
}
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))
from funcpipe_lint.cli import main
sys.exit(main(sys.argv[1:]))
"""


class Done(NamedTuple):
    """What a process of its own gave."""

    code: int
    out: str
    err: str


def run(*command: str, out: str | None = None, **environment: str) -> Done:
    """Runs the command; `out` is the file that its output goes to."""
    wanted = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"} | environment
    if out is not None:
        with Path(out).open("w") as file:
            done = subprocess.run(
                command, stdout=file, stderr=subprocess.PIPE, text=True, env=wanted, check=False
            )
    else:
        done = subprocess.run(command, capture_output=True, text=True, env=wanted, check=False)
    return Done(done.returncode, done.stdout or "", done.stderr)


def lint(*arguments: str) -> list[str]:
    """`check` in an interpreter that may do no more than its user, also where that is root."""
    command = [sys.executable, "-m", "funcpipe_lint", "check", "--no-cache", *arguments]
    if os.geteuid() != 0:
        return command
    if shutil.which("setpriv") is None:
        pytest.skip("root, and no setpriv")
    return ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder with one finding."""
    monkeypatch.chdir(tmp_path)
    Path("leaky.py").write_text(LEAKY, encoding="utf-8")
    return tmp_path


def test_links_in_circles(command: Command) -> None:
    """Folders that link to themselves, to each other and to the top: each file once."""
    Path("a/b").mkdir(parents=True)
    shutil.copy("leaky.py", "a/b/leaky.py")
    Path("a/self").symlink_to(".")
    Path("a/b/up").symlink_to("../..")
    Path("a/left").symlink_to("right")
    Path("a/right").symlink_to("left")
    Path("a/left.py").symlink_to("right.py")
    Path("a/right.py").symlink_to("left.py")
    Path("a/folder.py").symlink_to("b")
    outcome = command("check", "--output-format", "concise", ".")
    assert [line.split(":")[0] for line in outcome.out.splitlines()] == [
        "a/b/leaky.py",
        "leaky.py",
    ]
    assert outcome.err.splitlines() == [
        f"a/{side}.py:1:1: FP002 cannot be read: Too many levels of symbolic links"
        for side in ("left", "right")
    ]


def test_a_chain_of_links(command: Command) -> None:
    """A file behind thirty links is checked under the name of each."""
    Path("l0.py").symlink_to("leaky.py")
    for number in range(1, 30):
        Path(f"l{number}.py").symlink_to(f"l{number - 1}.py")
    outcome = command("check", "--output-format", "concise", ".")
    assert len(outcome.out.splitlines()) == 31


def checked_after(change: str, *, jobs: int = 1) -> Run:
    """The run over a folder of 120 files, of which m7 goes, or becomes another, once discovered."""
    Path("pkg").mkdir()
    for number in range(120):
        Path(f"pkg/m{number}.py").write_text(LEAKY, encoding="utf-8")
    targets, crashes = discover(["pkg"], Resolver())
    if change == "deleted":
        Path("pkg/m7.py").unlink()
    elif change == "a folder":
        Path("pkg/m7.py").unlink()
        Path("pkg/m7.py").mkdir()
    elif change == "all deleted":
        shutil.rmtree("pkg")
    else:
        Path("pkg/m7.py").write_text("x = 1\n", encoding="utf-8")
    return gather(targets, list(check_targets(targets, jobs=jobs)), crashes)


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    ("change", "reason"),
    [("deleted", "vanished before it was read"), ("a folder", "cannot be read")],
)
def test_a_file_that_goes_before_it_is_read(
    folder: Path, change: str, reason: str, jobs: int
) -> None:
    """It is named, with the reason; the others have their findings."""
    done = checked_after(change, jobs=jobs)
    assert [crash.path for crash in done.crashes] == ["pkg/m7.py"]
    assert done.crashes[0].message.startswith(reason)
    assert len(done.violations) == 119
    assert done.exit_code == 2


def test_a_file_that_changes_before_it_is_read(folder: Path) -> None:
    """It is checked as it is now."""
    done = checked_after("rewritten")
    assert (len(done.violations), done.crashes) == (119, ())


def test_a_folder_that_goes_before_it_is_read(folder: Path) -> None:
    """Every file is named."""
    done = checked_after("all deleted")
    assert {crash.message for crash in done.crashes} == {"vanished before it was read"}
    assert len(done.crashes) == 120


@pytest.mark.parametrize("what", WRITING)
def test_a_folder_that_may_not_be_written(folder: Path, what: str) -> None:
    """One line that says so, exit 2, and everything is as it was."""
    folder.chmod(0o555)
    try:
        done = run(*lint(*WRITING[what], "leaky.py"))
    finally:
        folder.chmod(0o755)
    assert done.code == 2
    (line,) = done.err.splitlines()
    assert line.endswith("Permission denied")
    assert "fixed." not in done.out
    assert [path.name for path in folder.iterdir()] == ["leaky.py"]
    assert Path("leaky.py").read_text(encoding="utf-8") == LEAKY


@pytest.mark.parametrize("what", ["fix", "add-noqa"])
def test_a_file_that_may_not_be_written(folder: Path, what: str) -> None:
    """It is not replaced either, though its folder would allow that."""
    Path("leaky.py").chmod(0o444)
    done = run(*lint(*WRITING[what], "leaky.py"))
    assert done.code == 2
    assert done.err.endswith("Permission denied\n")
    assert Path("leaky.py").read_text(encoding="utf-8") == LEAKY


def test_silencing_goes_on_after_a_file_that_may_not_be_written(folder: Path) -> None:
    """The one is named and reported, the other is silenced; a report for programs stays one."""
    shutil.copy("leaky.py", "other.py")
    Path("leaky.py").chmod(0o444)
    done = run(*lint("--add-noqa", "why", "--output-format", "json", "."))
    assert done.code == 2
    report = json.loads(done.out)
    assert [found["path"] for found in report["violations"]] == ["leaky.py"]
    assert report["errors"][0]["message"] == "could not be changed: Permission denied"
    assert "ignore[FP303] why" in Path("other.py").read_text(encoding="utf-8")


@pytest.mark.skipif(getattr(os, "geteuid", int)() != 0, reason="gives a file away")
def test_a_file_of_somebody_else(folder: Path) -> None:
    """Mended by root, as in a container, it stays his."""
    os.chown("leaky.py", 12, 34)
    assert run(sys.executable, "-m", "funcpipe_lint", "check", "--fix", "leaky.py").code == 0
    owned = Path("leaky.py").stat()
    assert (owned.st_uid, owned.st_gid) == (12, 34)


def test_a_file_in_a_folder_that_may_not_be_searched(folder: Path) -> None:
    """It is not said to be missing."""
    Path("closed").mkdir()
    shutil.copy("leaky.py", "closed/leaky.py")
    Path("closed").chmod(0)
    done = run(*lint("closed/leaky.py"))
    Path("closed").chmod(0o755)
    assert done.code == 2
    assert done.err == "closed/leaky.py:1:1: FP002 cannot be read: Permission denied\n"


def test_a_file_that_may_not_be_read(folder: Path) -> None:
    """It is named; the other one is checked. The same for a folder."""
    shutil.copy("leaky.py", "secret.py")
    Path("secret.py").chmod(0)
    Path("closed").mkdir(mode=0)
    done = run(*lint("--output-format", "concise", "."))
    assert done.code == 2
    assert done.err.splitlines() == [
        "closed:1:1: FP002 cannot be read: Permission denied",
        "secret.py:1:1: FP002 cannot be read: Permission denied",
    ]
    assert done.out.startswith("leaky.py:7:5: FP303")


def test_what_is_no_file(folder: Path) -> None:
    """A pipe, a socket and a device are named, and not waited for."""
    os.mkfifo("pipe.py")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.py")
        done = run(*lint("--output-format", "concise", ".", os.devnull))
    assert done.code == 2
    assert done.err.splitlines() == [
        f"{os.devnull}:1:1: FP002 cannot be read: it is no regular file",
        "pipe.py:1:1: FP002 cannot be read: it is no regular file",
        "socket.py:1:1: FP002 cannot be read: it is a socket",
    ]
    assert done.out.startswith("leaky.py:7:5: FP303")


def test_the_cache_of_somebody_else(folder: Path) -> None:
    """A cache folder that may not be read is not searched for files: a run finds what it finds."""
    Path(".funcpipe_cache").mkdir(mode=0)
    command = [word for word in lint("--output-format", "concise", ".") if word != "--no-cache"]
    done = run(*command)
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("leaky.py:7:5: FP303")


@pytest.mark.parametrize("what", WRITING)
def test_a_write_that_does_not_fit(folder: Path, what: str) -> None:
    """Where the disk takes no more, the old content stays whole, without litter."""
    done = run(sys.executable, "-c", LIMITED, "check", "--no-cache", *WRITING[what], "leaky.py")
    assert done.code == 2
    assert "File too large" in done.err
    assert "Traceback" not in done.err
    assert [path.name for path in folder.iterdir()] == ["leaky.py"]
    assert Path("leaky.py").read_text(encoding="utf-8") == LEAKY


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full device")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "arguments",
    [["check", "."], ["check", "--output-format", "json", "."], ["check", "--diff", "."], ["rule"]],
)
def test_output_that_does_not_fit(folder: Path, arguments: list[str], unbuffered: str) -> None:
    """A report that cannot be written is no clean run: one line, exit 2."""
    done = run(
        *(sys.executable, "-m", "funcpipe_lint", *arguments),
        out="/dev/full",
        PYTHONUNBUFFERED=unbuffered,
    )
    assert (done.code, done.err) == (
        2,
        "funcpipe-lint: the output cannot be written: No space left on device\n",
    )


def test_a_reader_that_has_seen_enough(folder: Path) -> None:
    """`--diff | head -1` shows the line, and nothing is said of the rest."""
    for number in range(300):
        Path(f"m{number}.py").write_text(LEAKY, encoding="utf-8")
    lines = "import sys; print(sys.stdin.readline(), end='')"
    pipe = f'"$0" -m funcpipe_lint check --diff --no-cache . | "$0" -c "{lines}"'
    done = run("sh", "-c", pipe, sys.executable)
    assert (done.out, done.err) == ("--- leaky.py\n", "")


def test_ctrl_c_in_the_middle(folder: Path) -> None:
    """One line, exit 2, no process left; with a pool, too, and what was found out is kept."""
    eager = (
        "import sys\nfrom funcpipe_lint.check.runs import workers\n"
        "from funcpipe_lint.cli import progress\n"
        "progress._AFTER_SECONDS = progress._EVERY_SECONDS = 0\nworkers._CHUNK_BYTES = 100\n"
        "from funcpipe_lint.cli import main\nsys.exit(main(sys.argv[1:]))\n"
    )
    for number in range(2000):
        Path(f"m{number}.py").write_text(LEAKY, encoding="utf-8")
    for jobs in ("1", "2"):
        terminal = Terminal("-c", eager, "check", "--jobs", jobs, ".")
        terminal.until("checked 20 of 2001 files")
        code = terminal.interrupt()
        group = terminal.pid
        said = terminal.text.rpartition("\x1b[K")[2]
        terminal.close()
        assert (code, said) == (2, "funcpipe-lint: interrupted\n")
        with pytest.raises(ProcessLookupError):
            os.killpg(group, signal.SIGTERM)
    assert Path(".funcpipe_cache").exists()

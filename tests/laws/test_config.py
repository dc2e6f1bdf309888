"""A project's configuration, its known failures, and the test file that is written for it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

NAIVE = Path(__file__).parent.parent.parent / "examples" / "naive_streams.py"
BIN = Path(sys.executable).parent


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the nested form of streams, and a test of the project's own."""
    (tmp_path / "naive.py").write_text(NAIVE.read_text("utf-8"), "utf-8")
    (tmp_path / "test_own.py").write_text("def test_own(): pass\n", "utf-8")
    return tmp_path


def configure(project: Path, *lines: str) -> None:
    """Write the table into the project's pyproject.toml."""
    text = "\n".join(["[tool.funcpipe-laws]", *lines])
    (project / "pyproject.toml").write_text(text, "utf-8")


def run(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command in the project's folder."""
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def pytest_run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """pytest in the project's folder."""
    return run(project, str(BIN / "pytest"), "-p", "no:cacheprovider", *arguments)


def laws_run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m funcpipe_laws` in the project's folder."""
    return run(project, sys.executable, "-m", "funcpipe_laws", *arguments)


def test_configured_modules_are_checked_with_the_project_s_tests(project: Path) -> None:
    """Plain `pytest` collects both; with paths it collects only those."""
    configure(project, 'modules = ["naive"]')
    both = pytest_run(project, "-k", "F1- or S14- or own")
    assert "2 passed" in both.stdout and "1 failed" in both.stdout
    assert "1 passed" in pytest_run(project, "test_own.py").stdout


def test_the_command_line_uses_them_too(project: Path) -> None:
    """`check` without a module takes the configured ones, and says so if there are none."""
    configure(project, 'modules = ["naive"]', 'profile = "ci"')
    result = laws_run(project, "check", "--law", "F1")
    assert result.returncode == 0 and "F1 functor.identity  held" in result.stdout
    assert int(re.findall(r"(\d+) runs", result.stdout)[0]) >= 400
    (project / "pyproject.toml").unlink()
    assert "name a module, or list modules" in laws_run(project, "check").stderr


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("module = []", "has no key 'module'; did you mean 'modules'?"),
        ('modules = "naive"', "modules = 'naive' is not a list of module names"),
        ('profile = "fast"', "profile = 'fast': there are ci, exhaustive, quick"),
        ("known-failures = 3", "known-failures = 3 is not the path of a file"),
        ("modules = [", "pyproject.toml: "),
    ],
)
def test_wrong_configuration_is_one_line_and_exit_code_2(
    project: Path, line: str, message: str
) -> None:
    """The file, the key and the value are named."""
    configure(project, line)
    result = laws_run(project, "check", "naive")
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)
    assert message in result.stderr and "pyproject.toml" in result.stderr
    if line != "modules = [":  # pytest itself refuses a file that is no TOML
        again = pytest_run(project)
        assert again.returncode == 2 and message in again.stderr
        assert "Traceback" not in again.stdout + again.stderr


def test_known_failures_in_a_file_are_expected_and_strict(project: Path) -> None:
    """A known failure is an xfail with its reason; if it holds, it fails; others are warned of."""
    lines = ["# why not", "", "naive S14 issue 12, closes late", "other S1 of another module"]
    (project / "known.txt").write_text("\n".join(lines), "utf-8")
    result = pytest_run(
        project, "--laws", "naive", "-k", "S14-", "-rx", "--laws-known-failures=known.txt"
    )
    assert "1 xfailed" in result.stdout and "issue 12, closes late" in result.stdout
    assert "known.txt: other S1 matches nothing that is checked now" in result.stdout
    (project / "known.txt").write_text("naive F1 never true\n", "utf-8")
    configure(project, 'known-failures = "known.txt"')
    held = pytest_run(project, "--laws", "naive", "-k", "F1-")
    assert "1 failed" in held.stdout and "waived (never true), but it holds" in held.stdout
    command = laws_run(project, "check", "naive", "--law", "F1")
    assert command.returncode == 1 and "but it holds" in command.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read"),
        ("naive S14\n", "known.txt:1: 'naive S14' is not `target law reason`"),
        ("naive resources.stack_ordr why\n", "no such law; did you mean 'resources.stack_order'?"),
    ],
)
def test_a_bad_file_of_known_failures_is_one_line(
    project: Path, text: str | None, message: str
) -> None:
    """A missing file or a missing reason is named."""
    if text is not None:
        (project / "known.txt").write_text(text, "utf-8")
    result = laws_run(project, "check", "naive", "--known-failures", "known.txt")
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)
    assert message in result.stderr


def test_the_written_test_file_adapts_functions_on_iterables(project: Path) -> None:
    """What was found to take async iterables is written as lambdas that take thunks."""
    (project / "bare.py").write_text(
        "async def stream_map(source, f):\n    async for item in source:\n        yield f(item)\n"
        "async def merge_streams(*sources):\n    for source in sources:\n"
        "        async for item in source:\n            yield item\n",
        "utf-8",
    )
    written = laws_run(project, "init", "bare", "test_bare.py")
    assert written.returncode == 0, written.stderr
    text = (project / "test_bare.py").read_text("utf-8")
    assert "map=lambda s, f: lambda: streams.stream_map(s(), f)," in text
    result = pytest_run(project, "test_bare.py", "-k", "F1- or G1- or G5-")
    assert "2 passed" in result.stdout and "1 failed" in result.stdout


def test_the_written_test_file_runs_as_it_is(project: Path) -> None:
    """`init` prints a file that finds what the module's name alone found."""
    written = laws_run(project, "init", "naive")
    assert written.returncode == 0 and "map=streams.async_gen_map," in written.stdout
    (project / "test_laws.py").write_text(written.stdout, "utf-8")
    result = pytest_run(project, "test_laws.py", "-k", "F1- or S14-")
    assert "1 passed" in result.stdout and "1 failed" in result.stdout
    assert "replay test_laws.py:STREAMS S14" in result.stdout


def test_laws_init_writes_the_same_file_and_runs_nothing(project: Path) -> None:
    """`pytest --laws M --laws-init=F` and `init M F` agree; what is there is not overwritten."""
    by_pytest = pytest_run(project, "--laws", "naive", "--laws-init=test_mine.py")
    assert (by_pytest.returncode, by_pytest.stdout) == (0, "written: test_mine.py\n")
    assert laws_run(project, "init", "naive", "test_other.py").returncode == 0
    text = (project / "test_mine.py").read_text("utf-8")
    assert text == (project / "test_other.py").read_text("utf-8")
    assert text == laws_run(project, "init", "naive").stdout
    again = pytest_run(project, "--laws", "naive", "--laws-init=test_mine.py")
    assert again.returncode == 2
    assert again.stderr == (
        "laws: test_mine.py is there already: name another file, or remove it\n"
    )
    assert laws_run(project, "init", "naive", "test_mine.py").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--laws-init=x.py",), "--laws-init needs --laws MODULE"),
        (("--laws", "nope", "--laws-init=x.py"), "no module named 'nope'"),
        (("--laws", "naive", "--laws-init=no/x.py"), "no/x.py cannot be written: No such file"),
        (("--laws", "mine", "--laws-init=x.py"), "mine:MINE is an instance already"),
    ],
)
def test_laws_init_that_cannot_be_done_is_one_line(
    project: Path, arguments: tuple[str, ...], message: str
) -> None:
    """Exit code 2, and what to do."""
    (project / "mine.py").write_text(
        "from funcpipe_laws import StreamInstance\nMINE = StreamInstance(name='mine')\n", "utf-8"
    )
    result = pytest_run(project, *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr and len(result.stderr.splitlines()) == 1

"""The plugin inside real flake8: the command's findings, flake8's noqa."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.lint.conftest import LEAKY, Command

CASES = Path(__file__).parents[1] / "cases"


def flake8(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs flake8 with our codes only, ignoring any configuration around."""
    command = [sys.executable, "-m", "flake8", "--isolated", "--select", "FP", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_findings_are_those_of_the_command(command: Command) -> None:
    """Path, line, column, code: the same for every case file."""
    names = [
        f"{path.stem}.py" for path in sorted(CASES.glob("fp[0-9]*.py")) if ".fixed" not in path.name
    ]
    for name in names:
        Path(name).write_bytes((CASES / name).read_bytes())
    Path("leaky.py").unlink()
    ours = command("check", "--output-format", "concise", "--no-noqa", "--ignore", "FP001", ".").out
    theirs = flake8(".").stdout

    def places(text: str) -> list[str]:
        lines = [line.removeprefix("./") for line in text.splitlines()]
        return sorted(" ".join(line.split(" ")[:2]) for line in lines if " FP001 " not in line)

    assert places(theirs) == places(ours)
    assert len(places(ours)) > 100


@pytest.mark.parametrize(
    ("comment", "code"),
    [("", 1), ("  # noqa", 0), ("  # noqa: FP303", 0), ("  # noqa: E501", 1)],
)
def test_noqa_is_flake8s(command: Command, comment: str, code: int) -> None:
    """flake8 decides about its comments, and its --disable-noqa works."""
    text = LEAKY.replace(
        "rows(pool):\n        yield row.name", f"rows(pool):{comment}\n        yield 1"
    )
    Path("leaky.py").write_text(text, encoding="utf-8")
    assert flake8("leaky.py").returncode == code
    assert flake8("--disable-noqa", "leaky.py").returncode == 1


def test_the_projects_configuration_holds(command: Command) -> None:
    """[tool.funcpipe-lint] is read; a mistake in it is one finding, not a traceback."""
    Path("pyproject.toml").write_text('[tool.funcpipe-lint]\nignore = ["FP303"]\n', "utf-8")
    assert flake8("leaky.py").returncode == 0
    Path("pyproject.toml").write_text('[tool.funcpipe-lint]\nignroe = ["FP303"]\n', "utf-8")
    done = flake8("leaky.py")
    assert "FP002" in done.stdout
    assert "did you mean 'ignore'?" in done.stdout
    assert "Traceback" not in done.stderr


def test_streams_of_other_modules(command: Command) -> None:
    """One file is given: what the modules hold that it imports is known, as in a whole run."""
    Path("sources.py").write_text(LEAKY[: LEAKY.index("async def names")], encoding="utf-8")
    text = f"from sources import rows\n\n\n{LEAKY[LEAKY.index('async def names') :]}"
    Path("leaky.py").write_text(text, encoding="utf-8")
    (ours,) = command("check", "--output-format", "concise", ".").out.splitlines()
    assert ours.startswith("leaky.py:5:5: FP303 ")
    assert "(sources.py:2: 'rows' yields inside 'async with pool.connect()')" in ours
    (theirs,) = flake8("leaky.py").stdout.splitlines()
    assert ours.startswith(theirs.removeprefix("./"))


def test_standard_input(command: Command) -> None:
    """flake8's `-` works as well."""
    done = subprocess.run(
        [sys.executable, "-m", "flake8", "--isolated", "--select", "FP", "-"],
        input=LEAKY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("stdin:7:5: FP303")


def test_loading_the_plugin_is_light() -> None:
    """flake8 imports it for everyone: no libcst, nothing of ours but the plugin and the version."""
    code = (
        "import sys, funcpipe_lint.check.runs.flake8_plugin;"
        "print(*[m for m in sys.modules if m.startswith(('libcst', 'funcpipe_lint.'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    plugin = "funcpipe_lint.check.runs.flake8_plugin"
    assert done.stdout.split() == ["funcpipe_lint.check", "funcpipe_lint.check.runs", plugin]

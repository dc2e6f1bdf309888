"""Every command that README.md shows runs with nothing but what its own install line brings."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


@dataclass(frozen=True)
class Shown:
    """How a command of the README is run here: its words, and what has to come of it."""

    run: str
    code: int
    says: str = ""


LINTER = "pip install ."
LAWS = "pip install '.[laws]'"
STARLETTE = "pip install '.[laws]' starlette"
# What is run for each command, by the line that installs it. Names that stand for the reader's own
# code are replaced by files of the examples.
COMMANDS: dict[str, dict[str, Shown]] = {
    LINTER: {
        "funcpipe-lint check src/": Shown(
            "funcpipe-lint check examples/orders_naive.py", 1, "FP303"
        ),
        "funcpipe-lint check examples/orders_naive.py": Shown(
            "funcpipe-lint check examples/orders_naive.py", 1, "FP303 'rows(path)' stays open"
        ),
        "funcpipe-lint rule FP303": Shown("funcpipe-lint rule FP303", 0, "Why is this bad"),
        "check --no-cache": Shown("funcpipe-lint check --no-cache examples/orders.py", 0),
        "check --force-exclude": Shown("funcpipe-lint check --force-exclude examples/orders.py", 0),
        "check --stdin-filename PATH": Shown(
            "funcpipe-lint check --stdin-filename PATH -", 0, "No violations"
        ),
        "check --watch": Shown("funcpipe-lint check --help", 0, "--watch"),
    },
    LAWS: {
        "funcpipe init": Shown(
            "mkdir project && cp examples/orders_naive.py project && cd project && funcpipe init",
            0,
            "Nothing was written; `funcpipe init --yes` writes it.",
        ),
        "funcpipe check": Shown("cd project && funcpipe check", 1, "FP303 source-not-closed"),
        "pytest --laws yourpackage.streams": Shown("pytest --laws examples.orders", 0, "held"),
        "pytest --laws examples.naive_streams": Shown(
            "pytest --laws examples.naive_streams",
            1,
            "S14 resources.close_reaches_inside is broken",
        ),
        "python -m funcpipe_laws replay examples.naive_streams S14": Shown(
            "", 1, "S14 resources.close_reaches_inside is broken"
        ),
        "pytest --laws yourpackage.streams --laws-init=test_streams.py": Shown(
            "pytest --laws examples.naive_streams --laws-init=written.py", 0, "written: written.py"
        ),
        "pytest --laws": Shown("pytest --help", 0, "--laws=MODULE"),
        "pytest --stream-leaks=error examples/test_first_customer.py": Shown(
            "pytest --stream-leaks=error examples/test_first_customer.py", 1, "stream left open"
        ),
        "pytest --stream-leaks": Shown(
            "pytest --stream-leaks=report examples/test_first_customer.py", 0, "stream left open"
        ),
        "pytest --purity funcpipe_streams": Shown("", 0, "39 pure"),
        "pytest --purity": Shown("pytest --help", 0, "--purity"),
    },
    STARLETTE: {
        "pytest --stream-endpoints examples.web:app --stream-request 'GET /orders'": Shown(
            "", 1, "left open"
        ),
        "pytest --stream-endpoints": Shown("pytest --help", 0, "--stream-endpoints"),
    },
}
# Needs a cluster, or is the command that makes the environment of the developers.
ELSEWHERE = (
    "pip install",
    "check --executor dask:HOST:PORT",  # extra `dask`: tests/lint/engine/test_executors.py
    "funcpipe-lint server",  # extra `lsp`: tests/lint/hosts/test_editor.py
    "make",
)


def shown() -> list[str]:
    """Commands in blocks of a console, after a dollar, and in the text."""
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    lines += re.findall(r"^\$ (.*)$", README, re.MULTILINE)
    lines += re.findall(r"^  replay: (.*)$", README, re.MULTILINE)
    text = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
    programs = r"(?:funcpipe-lint|pytest|python|pip|make|check) [^`]*"
    lines += [re.sub(r"\s+", " ", command) for command in re.findall(rf"`({programs})`", text)]
    return [line for line in lines if line]


def test_every_command_has_its_place_here() -> None:
    """A command that is new in the README is to be run too."""
    known = [command for commands in COMMANDS.values() for command in commands]
    unknown = [line for line in shown() if not line.startswith((*ELSEWHERE, *known))]
    assert unknown == []
    assert [command for command in known if not any(command in line for line in shown())] == []


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What git has of this repository, as a newcomer's clone has it."""
    folder = tmp_path_factory.mktemp("clone")
    files = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, files.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


Runner = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture(
    scope="module", params=COMMANDS, ids=["linter alone", "with the laws", "with starlette"]
)
def environment(
    request: pytest.FixtureRequest, clone: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Runner]:
    """An environment with what one install line brings, and how a command is run in it."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    binaries = folder / ("Scripts" if os.name == "nt" else "bin")
    path = f"{binaries}{os.pathsep}{os.environ['PATH']}"
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "PYTHON"))}

    def run(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            shell=True,
            cwd=clone,
            env={**variables, "PATH": path, "VIRTUAL_ENV": str(folder)},
            input="",
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    installed = run(f"{request.param} --quiet")
    assert installed.returncode == 0, installed.stderr
    return request.param, run


@pytest.mark.registry
@pytest.mark.skipif(sys.platform == "win32", reason="the README's quotes are those of a shell")
def test_every_command_runs_with_what_its_install_line_brings(
    environment: tuple[str, Runner],
) -> None:
    """With the exit code that it should have, and no complaint about what is not installed."""
    line, run = environment
    for command, how in COMMANDS[line].items():
        (as_shown, *_) = [each for each in shown() if command in each]
        done = run(how.run or as_shown)
        output = done.stdout + done.stderr
        assert done.returncode == how.code, f"{command}\n{output}"
        assert how.says in output, f"{command}\n{output}"
        if not done.args.endswith("--help"):  # pytest's own tells of both
            assert "Traceback" not in output, f"{command}\n{output}"
            assert "Warning" not in output, f"{command}\n{output}"

"""What is built installs in clean environments, each extra alone, and a release is what it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from funcpipe_lint import __version__

ROOT = Path(__file__).parent.parent
LEAKING = """\
import asyncio


async def rows():
    async with asyncio.Lock():
        yield 1


async def numbers():
    async for row in rows():
        yield row
"""


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both wheels, built from their sdists."""
    folder = tmp_path_factory.mktemp("dist")
    for project in (ROOT, ROOT / "reference"):
        command = ["-m", "build", "--no-isolation", "--outdir", str(folder), str(project)]
        subprocess.run([sys.executable, *command], check=True, capture_output=True)
    return folder


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    """What `make wheel` says of a folder of wheels."""
    command = [sys.executable, str(ROOT / "tests" / "check_wheel.py"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_wheels_ship_what_is_declared(wheels: Path) -> None:
    """Each package whole, with its types, and nothing else."""
    assert checked(wheels).returncode == 0, checked(wheels).stdout


def without(name: str, data: bytes) -> bytes | None:
    """A wheel that has lost a module."""
    return None if name == "funcpipe_gate/cli.py" else data


def without_module(name: str, data: bytes) -> bytes | None:
    """A wheel that `python -m funcpipe` does not find."""
    return None if name == "funcpipe.py" else data


def needing_more(name: str, data: bytes) -> bytes | None:
    """A wheel that needs another package always."""
    return data.replace(b"\nRequires-Dist: libcst", b"\nRequires-Dist: rich\nRequires-Dist: libcst")


def without_plugin(name: str, data: bytes) -> bytes | None:
    """A wheel whose pytest plugin is not declared."""
    return data.replace(b"[pytest11]", b"[other]") if name.endswith("entry_points.txt") else data


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without, "lacks funcpipe_gate/cli.py"),
        (without_module, "lacks funcpipe.py"),
        (needing_more, "needs rich always"),
        (without_plugin, "declares no pytest11"),
    ],
)
def test_a_wrong_wheel_is_caught(
    wheels: Path, tmp_path: Path, change: Callable[[str, bytes], bytes | None], said: str
) -> None:
    """Something that is missing, and something that is needed besides."""
    for wheel in wheels.glob("*.whl"):
        with (
            zipfile.ZipFile(wheel) as old,
            zipfile.ZipFile(tmp_path / wheel.name, "w") as new,
        ):
            for name in old.namelist():
                data = change(name, old.read(name))
                if data is not None:
                    new.writestr(name, data)
    done = checked(tmp_path)
    assert done.returncode == 1
    assert said in done.stdout


def test_both_distributions_have_one_version_and_one_licence() -> None:
    """They are released together."""
    table = tomllib.loads((ROOT / "reference" / "pyproject.toml").read_text("utf-8"))["project"]
    assert table["version"] == __version__
    assert table["dependencies"] == []
    assert (ROOT / "reference" / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_the_pages_name_the_release_that_they_are_of() -> None:
    """Hooks and the action are pinned to the tag of this version, and to no other."""
    pages = [ROOT / name for name in ("README.md", "docs/ci.md")]
    text = "\n".join(page.read_text("utf-8") for page in pages)
    assert {*re.findall(r"(?:rev: |funcpipe@)(\S+)", text)} == {f"v{__version__}"}


class Environment:
    """A clean virtual environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv.create(folder / "venv", with_pip=True)
        self.bin = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")

    def run(self, *command: str, code: int = 0) -> str:
        """What a command of this environment says; it has to end with that exit code."""
        plain = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST"))}
        done = subprocess.run(
            [str(self.bin / command[0]), *command[1:]],
            cwd=self.folder,
            env={**plain, "PATH": os.pathsep.join([str(self.bin), plain["PATH"]])},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def installed(self) -> set[str]:
        """The distributions of this environment."""
        listed = self.run("python", "-m", "pip", "list", "--format=freeze")
        names = {line.partition("==")[0].lower().replace("_", "-") for line in listed.splitlines()}
        return {name for name in names if name and "warning" not in name}


# By extra: what is run with it alone, its exit code, and what it says.
EXTRAS: dict[str, tuple[tuple[str, ...], int, str]] = {
    "": (("python", "-m", "funcpipe", "check", "-q"), 1, "FP303"),
    "laws": (("pytest", "--laws", "funcpipe_streams", "-q", "-k", "M1"), 0, "passed"),
    "flake8": (("flake8", "--select", "FP", "app.py"), 1, "FP303"),
    "lsp": (("python", "-c", "import funcpipe_lint.cli.editor.server"), 0, ""),
    "mcp": (("python", "-c", "import funcpipe_gate.mcp_server"), 0, ""),
    "typed": (
        ("funcpipe", "check", "-q", "--config", "types.toml", "--only", "types"),
        1,
        "no-untyped",
    ),
}


@pytest.mark.registry
@pytest.mark.parametrize("extra", EXTRAS)
def test_each_extra_alone(wheels: Path, tmp_path: Path, extra: str) -> None:
    """Its command works in a clean environment; the base needs libcst and nothing else."""
    environment = Environment(tmp_path)
    (tmp_path / "app.py").write_text(LEAKING)
    (tmp_path / "types.toml").write_text('types = ["app.py"]\n')
    [wheel] = wheels.glob("funcpipe_kit-*.whl")
    wanted = f"{wheel}[{extra}]" if extra else str(wheel)
    environment.run("python", "-m", "pip", "install", "--quiet", wanted)
    if not extra:
        own = {"pip", "setuptools", "wheel", "funcpipe-kit"}
        # libcst reads YAML, by one of the two.
        assert environment.installed() - own - {"pyyaml", "pyyaml-ft"} == {"libcst"}
    command, code, said = EXTRAS[extra]
    assert said in environment.run(*command, code=code)


@pytest.mark.registry
def test_the_reference_alone_and_beside_the_kit(wheels: Path, tmp_path: Path) -> None:
    """It needs nothing; the kit can be installed into the same environment, in either order."""
    environment = Environment(tmp_path)
    [kit] = wheels.glob("funcpipe_kit-*.whl")
    [streams] = wheels.glob("funcpipe_streams-*.whl")
    install = ("python", "-m", "pip", "install", "--quiet")
    environment.run(*install, "--no-index", str(streams))
    assert environment.installed() - {"pip", "setuptools", "wheel"} == {"funcpipe-streams"}
    use = ("python", "-c", "from funcpipe_streams import async_gen_map; print('works')")
    assert "works" in environment.run(*use)
    environment.run(*install, str(kit))
    assert {"funcpipe-kit", "funcpipe-streams"} <= environment.installed()
    assert "works" in environment.run(*use)
    assert "No violations" in environment.run("funcpipe-lint", "check", "--isolated", ".")
    environment.run(*install, "--no-index", "--force-reinstall", "--no-deps", str(streams))
    environment.run("python", "-m", "pip", "check")


RELEASE = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("tag", "heading", "said"),
    [
        (f"v{__version__}", f"## {__version__} (2026-12-01)", ""),
        (f"v{__version__}", f"## {__version__} (unreleased)", "CHANGELOG.md has no part"),
        ("v9.9.9", "## 9.9.9 (2026-12-01)", "another version than v9.9.9"),
    ],
)
def test_a_release_has_one_version_and_a_changelog(
    tmp_path: Path, tag: str, heading: str, said: str
) -> None:
    """The workflow's own step, as it stands; the notes are the part of that version."""
    [step] = [one for one in RELEASE["jobs"]["build"]["steps"] if "TAG" in one.get("env", {})]
    for name in ("funcpipe_lint/__init__.py", "reference/pyproject.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    changes = f"# Changes\n\n{heading}\n\nWhat is new.\n\n## 0.0.9 (2026-01-01)\n\nWhat was.\n"
    (tmp_path / "CHANGELOG.md").write_text(changes)
    done = subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        cwd=tmp_path,
        env={**os.environ, "TAG": tag},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (1 if said else 0), done.stdout + done.stderr
    assert said in done.stdout
    if not said:
        assert (tmp_path / "notes.md").read_text().split() == ["What", "is", "new."]


def test_the_workflow_tests_every_python_that_is_declared() -> None:
    """The classifiers, the matrix and the interpreters that the project is for are the same."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = [
        line.rpartition(" ")[2] for line in project["classifiers"] if "Python :: 3." in line
    ]
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    assert workflow["jobs"]["check"]["strategy"]["matrix"]["python"] == declared
    assert project["requires-python"] == f">={declared[0]}"

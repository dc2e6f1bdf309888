"""What a stage asks to be run, and what it makes of the answer."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from funcpipe_gate.config import Config
from funcpipe_gate.record import IN_TABLE, UNCONFIGURED, Finding
from funcpipe_gate.running.process import TAIL, Outcome


@dataclass(slots=True)
class Part:
    """What one process of a stage found."""

    findings: list[Finding] = field(default_factory=list)
    looked_at: list[str] = field(default_factory=list)
    not_looked_at: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    document: Any = None
    """The tool's own report."""


@dataclass(frozen=True, slots=True)
class Job:
    """One process of a stage."""

    label: str
    command: Sequence[str]
    read: Callable[[Outcome], Part]
    environment: Mapping[str, str] = field(default_factory=dict)
    keep: int = TAIL
    again: Job | None = None
    """What is run if this one fails: a tool whose cache may be corrupt, without it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for, besides the configuration."""

    scratch: Path
    """A folder for what the tools write."""
    since: str = ""
    error_stale: bool = False
    changed: frozenset[str] | None = None
    """The real paths that have changed since then, and what depends on them; None for all."""

    def touches(self, *tops: Path) -> bool:
        """Whether something that has changed is one of these paths or below one."""
        if self.changed is None:
            return True
        names = [os.path.realpath(top) for top in tops]
        return any(
            path == name or path.startswith(name + os.sep)
            for path in self.changed
            for name in names
        )


@dataclass(frozen=True, slots=True)
class Skipped:
    """Why a stage does not run."""

    reason: str


Plan = list[Job] | Skipped


def python(*words: str) -> list[str]:
    """A module of this interpreter's environment as a command."""
    return [sys.executable, "-m", *words]


def pytest(config: Config, *words: str) -> list[str]:
    """pytest for one of the kit's own suites: the project's options and conftest are for its own
    tests."""
    alone = ("-q", "-o", "addopts=", "--noconftest", "-p", "no:cacheprovider", "--tb=short")
    return python("pytest", *alone, f"--rootdir={config.root}", *words)


def lacks(extra: str, *modules: str) -> Skipped | None:
    """Why a stage cannot run, if one of the modules is not installed."""
    for name in modules:
        if importlib.util.find_spec(name) is None:
            return Skipped(f"{name} is not installed: pip install 'funcpipe-kit[{extra}]'")
    return None


def unconfigured(key: str, example: str) -> Skipped:
    """Why a stage does not run that needs a key of the configuration."""
    return Skipped(f"{UNCONFIGURED}{key} = {example}{IN_TABLE}")


def known(option: str, config: Config, file: str) -> list[str]:
    """The option that names a file of what is known, if the configuration does."""
    return [f"{option}={config.root / file}"] if file else []


def waived(count: int, thing: str) -> list[str]:
    """The remark that some were let pass for being known."""
    return [f"{count} known {thing}{'' if count == 1 else 's'} let pass"] if count else []


def pytest_said(outcome: Outcome) -> str:
    """Why pytest did not get through, in one line: its own word, or the first that it names."""
    lines = [line.strip() for line in f"{outcome.out}\n{outcome.err}".splitlines()]
    for line in lines:
        if "Exit: " in line:
            return line.partition("Exit: ")[2].rstrip(" !")
    for mark in ("ERROR", "FAILED", "E  "):
        for line in lines:
            if line.startswith(mark):
                return line.removeprefix(mark).lstrip(": ")
    said = [line for line in outcome.out.splitlines() if line.strip()]
    return said[-1].strip(" =") if said else outcome.last_line


def importing(config: Config) -> dict[str, str]:
    """The environment in which the project's modules are found."""
    folders = [str(config.root / folder) for folder in config.pythonpath]
    above = os.environ.get("PYTHONPATH", "")
    return {"PYTHONPATH": os.pathsep.join([*folders, *([above] if above else [])])}


def file_of(config: Config, target: str) -> Path | None:
    """The file or folder of a module, without importing it; None where it is not the project's."""
    name = target.partition(":")[0]
    for folder in (config.root, *(config.root / folder for folder in config.pythonpath)):
        base = folder.joinpath(*name.split("."))
        for file in (base.with_suffix(".py"), base / "__init__.py", folder / name):
            if file.is_file():
                return file
    return None


def below(config: Config, path: Path) -> str:
    """A path as reports name it: from the root, where it is below."""
    return (
        path.relative_to(config.root).as_posix() if path.is_relative_to(config.root) else str(path)
    )

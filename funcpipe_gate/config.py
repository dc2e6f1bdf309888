"""`[tool.funcpipe]` of pyproject.toml, or the keys of funcpipe.toml: what the gate looks at."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_args

from funcpipe_gate.record import StageName
from funcpipe_laws.declared.nearest import hint
from funcpipe_lint.config.options import OPTIONS
from funcpipe_lint.config.resolver import content, is_of_user, parsed
from funcpipe_lint.model import ConfigError

TABLE = "funcpipe"
FILE = "funcpipe.toml"
LAW_PROFILES = ("quick", "ci", "exhaustive")
MOST_SECONDS = 1_000_000


class GateError(Exception):
    """What keeps the gate from running; one line that names the value and the way out."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a project has decided. Paths are below `root`, where every stage runs."""

    root: Path
    file: Path | None = None
    """Where it was read from; None for the defaults."""
    paths: tuple[str, ...] = (".",)
    """What the linter checks."""
    profile: str = ""
    """The linter's; empty leaves it to `[tool.funcpipe-lint]`."""
    baseline: str = ""
    """The linter's record of old violations; empty leaves it to `[tool.funcpipe-lint]`."""
    exclude: tuple[str, ...] = ()
    """Names and globs of what the linter leaves out besides."""
    pythonpath: tuple[str, ...] = ()
    """Folders that modules are imported from, besides the root."""
    laws: tuple[str, ...] = ()
    """Modules, or `module:INSTANCE`, whose combinators are checked."""
    laws_profile: str = "quick"
    known_laws: str = ""
    """A file of laws that are known not to hold."""
    purity: tuple[str, ...] = ()
    """Packages whose builders are built."""
    known_purity: str = ""
    """A file of effects of builders that are known."""
    applications: tuple[str, ...] = ()
    """ASGI applications, `module:app`."""
    requests: tuple[str, ...] = ()
    """Requests to them, such as `GET /orders`."""
    known_endpoints: str = ""
    """A file of faults of endpoints that are known."""
    tests: str = ""
    """The command that runs the project's tests with pytest."""
    known_leaks: str = ""
    """A file of leaks that are known."""
    types: tuple[str, ...] = ()
    """Files and folders for mypy --strict."""
    known_types: str = ""
    """A file of mypy's errors that are known."""
    require: tuple[str, ...] = ()
    """Stages that must run: one that is skipped fails the gate."""
    reports: tuple[str, ...] = ()
    """Files that are written: .json, .sarif, .xml, .md, .html."""
    timeout: int = 600
    """Seconds that one process of a stage may take."""


def find(start: Path) -> Path | None:
    """The nearest file with a table: of `start` or of a folder above it."""
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder / FILE
        file = folder / "pyproject.toml"
        if file.is_file() and f"tool.{TABLE}]".encode() in _read(file):
            return file
    return None


def load(start: Path, named: str = "") -> Config:
    """The configuration for a folder; the defaults where there is none. Raises GateError.

    It says which code is run: one that belongs to another user counts only where it is named.
    """
    file = Path(named).absolute() if named else find(start)
    if file is None:
        return Config(start)
    raw = _read(file)
    if not named and not is_of_user(str(file)):
        raise GateError(
            f"{file}: belongs to another user, and says which code is run; if you trust it:"
            f" --config {file}"
        )
    try:
        document = parsed(raw, str(file))
    except ConfigError as error:
        raise GateError(str(error)) from None
    tools = document.get("tool", {})
    if not isinstance(tools, dict):
        raise GateError(f"{file}: [tool] is no table")
    table = document if file.name != "pyproject.toml" else tools.get(TABLE, {})
    if not isinstance(table, dict):
        raise GateError(f"{file}: [tool.{TABLE}] is no table")
    return from_table(table, file, tools.get("funcpipe-laws", {}))


def _read(file: Path) -> bytes:
    try:
        return content(str(file))
    except ConfigError as error:
        raise GateError(str(error)) from None


def from_table(table: Mapping[str, Any], file: Path, laws: Mapping[str, Any]) -> Config:
    """The configuration that a table writes down; what `[tool.funcpipe-laws]` already names need
    not be named again. Raises GateError."""
    kinds = {f.name.replace("_", "-"): f.type for f in fields(Config)[2:]}
    if "tool" in table and file.name != "pyproject.toml":
        raise GateError(
            f"{file}: write the keys without [tool.{TABLE}]: that table is for pyproject.toml"
        )
    for key in table:
        if key not in kinds:
            raise GateError(f"{file}: unknown key {key!r}; {hint(key, kinds)}")
    values = {key: _value(file, key, table[key], str(kinds[key])) for key in table}
    for key, theirs in (("laws", "modules"), ("requests", "requests")):
        some = laws.get(theirs, []) if isinstance(laws, dict) else []
        if (
            key not in values
            and some
            and isinstance(some, list)
            and all(isinstance(one, str) for one in some)
        ):
            values[key] = tuple(some)
    _check(file, values)
    return Config(file.parent, file, **{key.replace("-", "_"): v for key, v in values.items()})


_WANTED = {
    "tuple[str, ...]": "a list of texts",
    "str": "a text",
    "int": "a whole number, at most 1,000,000",
}


def _value(file: Path, key: str, value: object, kind: str) -> Any:
    right = {
        "str": isinstance(value, str),
        "int": isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST_SECONDS,
        "tuple[str, ...]": isinstance(value, list) and all(isinstance(one, str) for one in value),
    }[kind]
    if not right:
        raise GateError(f"{file}: {key} = {_short(value)} must be {_WANTED[kind]}")
    if "\0" in "".join(value if isinstance(value, list) else [str(value)]):
        raise GateError(f"{file}: {key} = {_short(value)} holds a NUL, which no name may")
    return tuple(value) if isinstance(value, list) else value


def _short(value: object) -> str:
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of more digits than Python writes
        return "its value"
    return text if len(text) <= 100 else f"{text[:100]}..."


def _check(file: Path, values: Mapping[str, Any]) -> None:
    chosen = {
        "require": (values.get("require", ()), get_args(StageName)),
        "profile": (
            [values["profile"]] if values.get("profile") else [],
            OPTIONS["profile"].choices,
        ),
        "laws-profile": ([values.get("laws-profile", "quick")], LAW_PROFILES),
    }
    for key, (given, known) in chosen.items():
        for one in given:
            if one not in known:
                raise GateError(f"{file}: {key}: {one!r} is none of them; {hint(one, known)}")
    for path in (*values.get("paths", ()), *values.get("pythonpath", ())):
        if not os.path.lexists(file.parent / path):
            raise GateError(f"{file}: {path}: there is no such file or folder")

"""`[tool.funcpipe-laws]` in pyproject.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import inf
from pathlib import Path
from typing import Any

from funcpipe_laws.declared.nearest import hint
from funcpipe_laws.declared.profile import DEFAULT, PROFILES

TABLE = "funcpipe-laws"
MODES = ("error", "warn", "report", "off")


class ConfigError(Exception):
    """Configuration that cannot be used; the text names file, key and value in one line."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a project has decided about its law tests."""

    modules: tuple[str, ...] = ()
    """Targets that are checked when none is named."""
    profile: str = DEFAULT
    known_failures: Path | None = None
    requests: tuple[Any, ...] = ()
    """Requests for `--stream-endpoints`, as written."""
    stream_leaks: str = "off"
    """What `--stream-leaks` is when it is not given."""
    stream_leaks_known_failures: Path | None = None
    stream_endpoints_known_failures: Path | None = None
    purity_examples: tuple[str, ...] = ()
    """Modules whose factories `--purity` uses."""
    purity_known_failures: Path | None = None


def seconds(text: str) -> float:
    """A time-out as it is written on the command line; raises ValueError that names the value."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < inf:
        raise ValueError(f"{text!r} is no number of seconds, such as 30; 0 is no limit")
    return value


def load(folder: Path) -> Config:
    """The table of the folder's pyproject.toml; the defaults if there is none.

    Raises `ConfigError` for an unreadable file, an unknown key, or a value of the wrong kind.
    """
    path = folder / "pyproject.toml"
    try:
        content = path.read_bytes()
    except OSError:
        return Config()
    if TABLE.encode() not in content:
        return Config()
    import tomllib

    try:
        table = tomllib.loads(content.decode()).get("tool", {}).get(TABLE)
    except ValueError as exc:
        raise ConfigError(f"{path}: {exc}") from None
    return Config() if table is None else _config(path, table)


def _config(path: Path, table: Mapping[str, Any]) -> Config:
    known = [f.name.replace("_", "-") for f in fields(Config)]
    for key in table:
        if key not in known:
            raise ConfigError(f"{path}: [tool.{TABLE}] has no key {key!r}; {hint(key, known)}")
    modules = _names(path, table, "modules")
    profile = table.get("profile", DEFAULT)
    if profile not in PROFILES:
        raise ConfigError(f"{path}: profile = {profile!r}: {hint(str(profile), PROFILES)}")
    requests = table.get("requests", [])
    if not isinstance(requests, list):
        raise ConfigError(f"{path}: requests = {requests!r} is not a list such as ['GET /events']")
    mode = table.get("stream-leaks", "off")
    if mode not in MODES:
        raise ConfigError(f"{path}: stream-leaks = {mode!r} is none of {', '.join(MODES)}")
    return Config(
        modules,
        profile,
        _file(path, table, "known-failures"),
        tuple(requests),
        mode,
        _file(path, table, "stream-leaks-known-failures"),
        _file(path, table, "stream-endpoints-known-failures"),
        _names(path, table, "purity-examples"),
        _file(path, table, "purity-known-failures"),
    )


def _file(path: Path, table: Mapping[str, Any], key: str) -> Path | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise ConfigError(f"{path}: {key} = {value!r} is not the path of a file")
    return None if value is None else path.parent / value


def _names(path: Path, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    names = table.get(key, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ConfigError(f"{path}: {key} = {names!r} is not a list of module names")
    return tuple(names)

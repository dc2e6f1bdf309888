"""Which configuration holds for a file: the nearest one above it, what that extends, and what the
command line says."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from funcpipe_lint.config import SECTION, Config, check_option, config_for
from funcpipe_lint.model import ConfigError
from funcpipe_lint.oldest_python import OldestPython

FILES = ("funcpipe-lint.toml", ".funcpipe-lint.toml", "pyproject.toml")
# What is given twice adds up.
_ADDING = ("extend-select", "extend-ignore", "extend-exclude", "plugins")


def read(file: str) -> Mapping[str, Any] | None:
    """The section of a pyproject.toml or funcpipe-lint.toml; None where it has none."""
    is_shared = os.path.basename(file) == "pyproject.toml"
    try:
        with open(file, "rb") as opened:
            raw = opened.read()
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    if is_shared and b"\n[tool.funcpipe_lint" in b"\n" + raw:
        raise ConfigError(f"{file}: [tool.funcpipe_lint] is written [{SECTION}]")
    if is_shared and b"funcpipe-lint" not in raw:
        return None
    import tomllib  # 8 ms that a run without configuration does not pay

    try:
        data: dict[str, Any] = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: is not valid TOML: {error}") from None
    if not is_shared:
        if "tool" in data:
            raise ConfigError(f"{file}: keys stand at its top, without [{SECTION}] above them")
        return data
    section: Any = data.get("tool", {})
    section = section.get("funcpipe-lint") if isinstance(section, dict) else None
    if section is not None and not isinstance(section, dict):
        raise ConfigError(f"{file}: [{SECTION}] must be a table")
    return section


class Resolver:
    """Finds the configuration of each file: the nearest file above it that has the section.

    `overrides` are options of the command line, which hold everywhere; `only` is one configuration
    file for all. `extend = "../pyproject.toml"` starts from another file's section.
    """

    def __init__(
        self,
        overrides: Mapping[str, Any] | None = None,
        only: str | None = None,
        isolated: bool = False,
    ) -> None:
        self._overrides = dict(overrides or {})
        self._only = only
        self._isolated = isolated
        self._by_folder: dict[str, Config] = {}
        self._oldest = OldestPython()

    def config_for(self, path: str) -> Config:
        """The configuration of a file or folder; raises ConfigError."""
        folder = path if os.path.isdir(path) else os.path.dirname(path)
        if folder not in self._by_folder:
            real = os.path.realpath(folder)
            self._by_folder[folder] = self._for_python(self._nearest(real), real)
        return self._by_folder[folder]

    def _for_python(self, config: Config, folder: str) -> Config:
        """A configuration, for the Pythons that the project of a folder is for."""
        oldest = () if self._isolated else self._oldest.below(folder)
        if oldest == config.settings.oldest_python:
            return config
        return config._replace(settings=config.settings._replace(oldest_python=oldest))

    @cached_property
    def _default(self) -> Config:
        """What holds where no file says anything, or one file for all."""
        if self._only is None:
            return self._made({}, None)
        section = read(self._only)
        if section is None:
            raise ConfigError(f"{self._only}: has no [{SECTION}] section")
        return self._made(section, self._only)

    def _nearest(self, folder: str) -> Config:
        """The configuration of the nearest of a folder and those above it that has one."""
        if self._only is not None or self._isolated:
            return self._default
        passed = []
        config = None
        while config is None:
            config = self._by_folder.get(folder) or self._own(folder)
            passed.append(folder)
            above = os.path.dirname(folder)
            if above == folder:
                break
            folder = above
        config = config or self._default
        self._by_folder.update(dict.fromkeys(passed, config))
        return config

    def _own(self, folder: str) -> Config | None:
        for name in FILES:
            file = os.path.join(folder, name)
            section = read(file) if os.path.isfile(file) else None
            if section is not None:
                return self._made(section, file)
        return None

    def _made(self, section: Mapping[str, Any], file: str | None) -> Config:
        origin = "the command line" if file is None else file
        given: dict[str, tuple[Any, str]] = {}
        roots = [os.getcwd()] if self._overrides.get("plugins") else []
        for part, where in self._parts(section, file):
            if part is not self._overrides:
                roots.append(os.path.dirname(os.path.abspath(where)))
            for key, value in part.items():
                check_option(key, value, where)
                if key in _ADDING and key in given:
                    before, origins = given[key]
                    given[key] = [*before, *value], f"{origins} and {where}"
                else:
                    given[key] = value, where
        root = (os.path.dirname(file) or ".") if file is not None else ""
        options = {key: value for key, (value, _) in given.items()}
        return config_for(options, origin, root, given, tuple(dict.fromkeys(roots)))

    def _parts(
        self, section: Mapping[str, Any], file: str | None
    ) -> Iterable[tuple[Mapping[str, Any], str]]:
        """Keys and values with their origin; later ones win."""
        parts = [] if file is None else self._extended(section, file, ())
        if "select" in self._overrides:
            # Asked for on the command line: no file adds to it.
            unwanted = ("extend-select", "profile")
            parts = [({k: v for k, v in p.items() if k not in unwanted}, w) for p, w in parts]
        return [*parts, (self._overrides, "the command line")]

    def _extended(
        self, section: Mapping[str, Any], file: str, seen: tuple[str, ...]
    ) -> list[tuple[Mapping[str, Any], str]]:
        if "extend" not in section:
            return [(section, file)]
        own = {key: value for key, value in section.items() if key != "extend"}
        check_option("extend", section["extend"], file)
        parent = os.path.realpath(os.path.join(os.path.dirname(file), section["extend"]))
        if parent in seen or parent == os.path.realpath(file):
            raise ConfigError(f"{file}: 'extend' comes back to {parent}")
        if not os.path.isfile(parent):
            raise ConfigError(f"{file}: 'extend' names {parent}, which is no file")
        above = read(parent)
        if above is None:
            raise ConfigError(f"{file}: 'extend' names {parent}, which has no [{SECTION}] section")
        return [*self._extended(above, parent, (*seen, parent)), (own, file)]

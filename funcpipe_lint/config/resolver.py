"""Which configuration holds for a file: the nearest one above it, what that extends, and what the
command line says."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from funcpipe_lint.config.oldest_python import OldestPython
from funcpipe_lint.config.settings import SECTION, Config, check_option, config_for
from funcpipe_lint.model import ConfigError
from funcpipe_lint.read.source import read_bytes

FILES = ("funcpipe-lint.toml", ".funcpipe-lint.toml", "pyproject.toml")
# What is given twice adds up.
_ADDING = ("extend-select", "extend-ignore", "extend-exclude", "plugins")
# What runs code, changes files, hides findings or says where is written.
RESTRICTED = ("plugins", "fix", "unsafe-fixes", "baseline", "cache-dir")
_LARGEST = 2 << 20
# tomllib keeps every beginning of a dotted key: its time and memory grow with the square of the
# dots. What this allows takes a second.
_MOST_DOTS = 50_000_000
_LONGEST_CHAIN = 20


def read(file: str) -> Mapping[str, Any] | None:
    """The section of a pyproject.toml or funcpipe-lint.toml; None where it has none."""
    is_shared = os.path.basename(file) == "pyproject.toml"
    raw = content(file)
    if is_shared and b"\n[tool.funcpipe_lint" in b"\n" + raw:
        raise ConfigError(f"{file}: [tool.funcpipe_lint] is written [{SECTION}]")
    if is_shared and b"funcpipe-lint" not in raw:
        return None
    data = parsed(raw, file)
    if not is_shared:
        if "tool" in data:
            raise ConfigError(f"{file}: keys stand at its top, without [{SECTION}] above them")
        return data
    section: Any = data.get("tool", {})
    section = section.get("funcpipe-lint") if isinstance(section, dict) else None
    if section is not None and not isinstance(section, dict):
        raise ConfigError(f"{file}: [{SECTION}] must be a table")
    return section


def content(file: str) -> bytes:
    """The bytes of a configuration file. Raises ConfigError for one that is no regular file, or
    larger than configurations are."""
    try:
        return read_bytes(file, _LARGEST)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None


def parsed(raw: bytes, file: str) -> dict[str, Any]:
    """What a configuration file holds, in bounded time and memory. Raises ConfigError."""
    import tomllib  # 8 ms that a run without configuration does not pay

    lines = raw.splitlines()
    dots = [line.count(b".") for line in lines]
    deepest = max(
        (n for n, line in zip(dots, lines, strict=True) if line.lstrip()[:1] == b"["), default=0
    )
    if sum(n * n for n in dots) + deepest * len(lines) > _MOST_DOTS:
        raise ConfigError(f"{file}: its dotted keys are too long to be read")
    try:
        return tomllib.loads(raw.decode())
    except RecursionError:
        raise ConfigError(f"{file}: is nested too deep to be read") from None
    except (ValueError, MemoryError) as error:  # too many digits are a ValueError of `int`
        raise ConfigError(f"{file}: is not valid TOML: {error}") from None


class Resolver:
    """Finds the configuration of each file: the nearest file above it that has the section.

    `overrides` are options of the command line, which hold everywhere; `only` is one configuration
    file for all. `extend = "../pyproject.toml"` starts from another file's section.

    What runs code, changes files or hides findings (RESTRICTED) counts only in the file of the
    current folder and in those that it extends, if they belong to the user or to root; in `only`,
    and in `overrides`. Elsewhere it is left out, and named in `refused`. Without `with_plugins` no
    file's plugins are imported.
    """

    def __init__(
        self,
        overrides: Mapping[str, Any] | None = None,
        only: str | None = None,
        isolated: bool = False,
        *,
        with_plugins: bool = True,
    ) -> None:
        self._overrides = dict(overrides or {})
        self._only = only
        self._isolated = isolated
        self._with_plugins = with_plugins
        self._by_folder: dict[str, Config] = {}
        self._oldest = OldestPython()
        self.refused: dict[str, list[str]] = {}
        """The keys of each configuration file that were left out, though they were set."""

    def config_for(self, path: str) -> Config:
        """The configuration of a file or folder; raises ConfigError."""
        folder = path if os.path.isdir(path) else os.path.dirname(path)
        if folder not in self._by_folder:
            real = os.path.realpath(folder)
            self._by_folder[folder] = self._for_python(self._nearest(real), real)
        return self._by_folder[folder]

    def _for_python(self, config: Config, folder: str) -> Config:
        """A configuration, for the Pythons that the project of a folder is for."""
        if config.given.get("target-version", ("", ""))[0]:
            return config
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

    @cached_property
    def _start(self) -> str:
        """The folder where the run starts."""
        return os.path.realpath(os.getcwd())

    @cached_property
    def _start_file(self) -> str:
        """The configuration file of that folder; empty where it has none."""
        for name in FILES:
            file = os.path.join(self._start, name)
            if os.path.isfile(file) and read(file) is not None:
                return file
        return ""

    def _may_decide(self, top: str, where: str) -> bool:
        """Whether the restricted keys of a file count, where `top` is the file that holds and
        `where` itself or one that it extends."""
        if self._only is not None:
            return True  # it was named
        is_of_start = os.path.dirname(top) == self._start or where == self._start_file
        return is_of_start and is_of_user(where)

    def _made(self, section: Mapping[str, Any], file: str | None) -> Config:
        origin = "the command line" if file is None else file
        given: dict[str, tuple[Any, str]] = {}
        roots = [os.getcwd()] if self._overrides.get("plugins") else []
        lacks_plugins = False
        for part, where in self._parts(section, file):
            is_given = part is self._overrides
            may_decide = is_given or self._may_decide(file or "", where)
            if may_decide and not is_given and part.get("plugins"):
                roots.append(os.path.dirname(os.path.abspath(where)))
            for key, value in part.items():
                check_option(key, value, where)
                if key == "plugins" and not is_given and not self._with_plugins:
                    lacks_plugins = True
                    continue
                if key in RESTRICTED and not may_decide and value:
                    lacks_plugins = lacks_plugins or key == "plugins"
                    self._refuse(key, where)
                    continue
                if key in _ADDING and key in given:
                    before, origins = given[key]
                    given[key] = [*before, *value], f"{origins} and {where}"
                else:
                    given[key] = value, where
        root = (os.path.dirname(file) or ".") if file is not None else ""
        options = {key: value for key, (value, _) in given.items()}
        return config_for(
            options,
            origin,
            root,
            given,
            tuple(dict.fromkeys(roots)),
            lacks_plugins=lacks_plugins,
        )

    def _refuse(self, key: str, where: str) -> None:
        keys = self.refused.setdefault(where, [])
        if key not in keys:
            keys.append(key)

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
        if len(seen) == _LONGEST_CHAIN:
            raise ConfigError(f"{file}: 'extend' leads on over more than {_LONGEST_CHAIN} files")
        if not os.path.isfile(parent):
            raise ConfigError(f"{file}: 'extend' names {parent}, which is no file")
        above = read(parent)
        if above is None:
            raise ConfigError(f"{file}: 'extend' names {parent}, which has no [{SECTION}] section")
        return [*self._extended(above, parent, (*seen, parent)), (own, file)]


def is_of_user(file: str) -> bool:
    """Whether a file, and the link by which it is named, belong to who runs this, or to root."""
    if not hasattr(os, "geteuid"):
        return True
    owners = {os.lstat(file).st_uid, os.stat(file).st_uid}
    return owners <= {0, os.geteuid()}

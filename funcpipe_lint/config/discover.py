"""Paths to files: what is checked, in a stable order, without following link loops."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from funcpipe_lint.config.resolver import FILES, Resolver
from funcpipe_lint.config.settings import Config
from funcpipe_lint.model import ConfigError, Crash

SUFFIXES = (".py", ".pyi", ".pyw", ".ipynb")
# How Emacs marks a file that is being edited: a link beside it that leads nowhere.
_LOCK = ".#"
# A program that git runs, where a repository's own configuration names one.
_GIT = ("git", "-c", "core.fsmonitor=false")


class Target(NamedTuple):
    """A file to check; `is_named` says that the user named it, rather than a folder above it."""

    path: str
    is_named: bool
    config: Config

    @property
    def folder(self) -> str:
        """The folder that it is in, as the path names it; empty for the current one."""
        above, separator, _ = self.path.rpartition(os.sep)
        return above or separator


def discover(
    paths: Iterable[str], resolver: Resolver, *, force_exclude: bool = False
) -> tuple[list[Target], list[Crash]]:
    """The files at and below the paths, sorted by path, each once; and what could not be read.

    A file that is named is checked whatever its suffix, `exclude` and `.gitignore` say; below a
    folder that is named, whatever they say of the folder itself. With `force_exclude` what
    `exclude` says holds for what is named too. A folder whose configuration cannot be used is not
    searched; what is wrong with it is among the crashes, and the rest goes on. O(entries of the
    folders).
    """
    found: dict[str, Target] = {}
    crashes: list[Crash] = []
    for path in paths:
        if force_exclude and is_left_out(path, resolver):
            continue
        if os.path.isdir(path):
            for target in _below(path, resolver, crashes):
                found.setdefault(target.path, target)
            continue
        try:
            os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            crashes.append(Crash(path, "does not exist; name a file or a folder"))
        except OSError as error:
            crashes.append(Crash(path, f"cannot be read: {error.strerror}"))
        else:
            config = _config(path, resolver, crashes)
            if config is not None:
                found[path] = Target(path, True, config)
    return [found[path] for path in sorted(found)], crashes


def is_left_out(path: str, resolver: Resolver) -> bool:
    """Whether a search that begins in the current folder would not come to a path."""
    folder = ""
    for name in os.path.relpath(path).split(os.sep):
        if name not in (os.curdir, os.pardir):
            try:
                config = resolver.config_for(folder)
            except ConfigError:
                return False  # to be told of the path
            if _Exclusion(config, frozenset()).below(os.path.realpath(folder))(name):
                return True
        folder = os.path.join(folder, name)
    return False


def _config(path: str, resolver: Resolver, crashes: list[Crash]) -> Config | None:
    try:
        return resolver.config_for(path)
    except ConfigError as error:
        what = "nothing in it was checked" if os.path.isdir(path) else "was not checked"
        crashes.append(Crash(path, f"{what}: {error}"))
        return None


def _below(top: str, resolver: Resolver, crashes: list[Crash]) -> Iterator[Target]:
    first = _config(top, resolver, crashes)
    if first is None:
        return
    ignored = _ignored_by_git(top) if first.respect_gitignore else frozenset()
    waiting = [(top, os.path.realpath(top), _Exclusion(first, ignored))]
    while waiting:
        folder, real, exclusion = waiting.pop()
        try:
            with os.scandir(folder) as scanned:
                entries = list(scanned)
        except OSError as error:
            crashes.append(Crash(folder, f"cannot be read: {error.strerror}"))
            continue
        # A folder without a file of its own has the configuration above it: nothing is looked up.
        if any(entry.name in FILES for entry in entries):
            config = _config(folder, resolver, crashes)
            if config is None:
                continue
            if config is not exclusion.config:
                exclusion = _Exclusion(config, ignored)
        prefix = "" if folder == "." else os.path.join(folder, "").removeprefix(f".{os.sep}")
        is_excluded = exclusion.below(real)
        for entry in entries:
            name = entry.name
            if _is_folder(entry):
                if not entry.is_symlink() and not is_excluded(name):
                    waiting.append((prefix + name, os.path.join(real, name), exclusion))
            elif name.startswith(_LOCK):
                continue
            elif name.endswith(SUFFIXES) and not is_excluded(name):
                yield Target(prefix + name, False, exclusion.config)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # a link that leads nowhere: reading it will say so


class _Exclusion:
    """What a configuration and git leave out: names decide for most entries."""

    def __init__(self, config: Config, ignored: frozenset[str]) -> None:
        self.config = config
        self._ignored = ignored
        globs = [glob.rstrip("/") for glob in config.exclude]
        self._names = {glob for glob in globs if not set(glob) & set("*?[/")}
        self._name_globs = _pattern(g for g in globs if g not in self._names and "/" not in g)
        self._path_globs = _pattern(g for g in globs if "/" in g)

    def below(self, folder: str) -> Callable[[str], bool]:
        """Whether an entry of a folder, given by its real path, is left out."""
        names, name_globs, path_globs = self._names, self._name_globs, self._path_globs
        prefix = ""
        if path_globs:
            relative = os.path.relpath(folder, os.path.realpath(self.config.root or "."))
            prefix = "" if relative == "." else relative.replace(os.sep, "/") + "/"

        def is_excluded(name: str) -> bool:
            if name in names or (name_globs and name_globs(name)):
                return True
            if path_globs and path_globs(prefix + name):
                return True
            return bool(self._ignored) and os.path.join(folder, name) in self._ignored

        return is_excluded


def _pattern(globs: Iterable[str]) -> Callable[[str], object] | None:
    joined = "|".join(fnmatch.translate(glob) for glob in globs)
    return re.compile(joined).match if joined else None


def is_match(path: str, globs: Iterable[str], root: str) -> bool:
    """Whether a path, a folder above it, or its name, matches one of the globs below a root."""
    relative = os.path.relpath(path, root or ".").replace(os.sep, "/")
    parts = relative.split("/")
    leading = ["/".join(parts[: i + 1]) for i in range(len(parts))]
    return any(
        fnmatch.fnmatchcase(candidate, pattern.rstrip("/"))
        for pattern in globs
        for candidate in (*parts, *leading)
    )


def _ignored_by_git(top: str) -> frozenset[str]:
    """What git ignores below a folder, asked of git itself; nothing outside a work tree, without
    git, or where the folder is itself ignored (it was named: its content is wanted)."""
    here = os.path.realpath(top)
    if not any(os.path.exists(os.path.join(folder, ".git")) for folder in _upwards(here)):
        return frozenset()
    import subprocess  # 8 ms that only a work tree pays

    listing = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"]
    try:
        inside = subprocess.run(
            [*_GIT, "-C", here, "check-ignore", "-q", "."], capture_output=True, check=False
        )
        if inside.returncode == 0:
            return frozenset()
        done = subprocess.run(
            [*_GIT, "-C", here, *listing], capture_output=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    names = done.stdout.decode(errors="surrogateescape").split("\0")
    return frozenset(os.path.join(here, name.rstrip("/")) for name in names if name)


def _upwards(folder: str) -> Iterator[str]:
    """A folder and those above it."""
    yield folder
    while (above := os.path.dirname(folder)) != folder:
        yield above
        folder = above

"""Paths to files: what is checked, in a stable order, without following link loops."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from funcpipe_lint.config import Config, Resolver
from funcpipe_lint.model import Crash

SUFFIXES = (".py", ".pyi", ".pyw", ".ipynb")


@dataclass(frozen=True, slots=True)
class Target:
    """A file to check; `is_named` says that the user named it, rather than a folder above it."""

    path: str
    is_named: bool
    config: Config


def discover(paths: Iterable[str], resolver: Resolver) -> tuple[list[Target], list[Crash]]:
    """The files at and below the paths, sorted by path, each once; and what could not be read.

    A file that is named is checked whatever its suffix, `exclude` and `.gitignore` say. Raises
    ConfigError where a folder's configuration cannot be used.
    """
    found: dict[str, Target] = {}
    crashes: list[Crash] = []
    for path in paths:
        if Path(path).is_dir():
            for file in _walk(path, resolver, crashes):
                found.setdefault(file, Target(file, False, resolver.config_for(file)))
        elif os.path.lexists(path):
            found[path] = Target(path, True, resolver.config_for(path))
        else:
            crashes.append(Crash(path, "does not exist; name a file or a folder"))
    return [found[path] for path in sorted(found)], crashes


def _walk(top: str, resolver: Resolver, crashes: list[Crash]) -> Iterator[str]:
    def failed(error: OSError) -> None:
        crashes.append(Crash(str(error.filename), f"cannot be read: {error.strerror}"))

    ignored = _ignored_by_git(top) if resolver.config_for(top).respect_gitignore else frozenset()
    for folder, folders, files in os.walk(top, onerror=failed):
        config = resolver.config_for(os.path.join(folder, "x"))  # noqa: PTH118 (20,000 times)
        prefix = "" if folder == "." else folder.rstrip("/\\") + os.sep
        prefix = prefix.removeprefix(f".{os.sep}")
        folders[:] = sorted(
            name for name in folders if not _is_excluded(prefix + name, name, config, ignored)
        )
        for name in files:
            path = prefix + name
            if name.endswith(SUFFIXES) and not _is_excluded(path, name, config, ignored):
                yield path


def _is_excluded(path: str, name: str, config: Config, ignored: frozenset[str]) -> bool:
    if ignored and os.path.realpath(path) in ignored:
        return True
    if name in config.exclude:
        return True
    if not config.has_exclude_globs:
        return False
    return is_match(path, config.exclude, config.root)


def is_match(path: str, globs: Iterable[str], root: str) -> bool:
    """Whether a path, a folder above it, or its name, matches one of the globs below a root."""
    relative = Path(os.path.relpath(path, root or ".")).as_posix()
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
    here = Path(top).resolve()
    if not any((folder / ".git").exists() for folder in (here, *here.parents)):
        return frozenset()
    import subprocess  # 8 ms that only a work tree pays

    listing = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"]
    try:
        inside = subprocess.run(
            ["git", "-C", str(here), "check-ignore", "-q", "."], capture_output=True, check=False
        )
        if inside.returncode == 0:
            return frozenset()
        done = subprocess.run(
            ["git", "-C", str(here), *listing], capture_output=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    names = done.stdout.decode(errors="surrogateescape").split("\0")
    return frozenset(str(here / name) for name in names if name)

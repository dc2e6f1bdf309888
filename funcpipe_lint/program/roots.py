"""Which file an import names: the folders that imports start from, and what is below them.

Found as type checkers find them, by the files alone: the folder above a file's outermost package,
the folders above that up to the top of the repository (for packages without `__init__.py`), the
other projects of the repository with their `src`, and, where installed distributions are followed,
the site-packages of an environment. No interpreter is run for it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache, lru_cache

_REPOSITORY = (".git", ".hg", ".svn")
_PROJECT = ("pyproject.toml", "setup.py", "setup.cfg", "funcpipe-lint.toml", "funcpipe.toml")
_INITS = ("__init__.py", "__init__.pyi")
_SKIPPED = frozenset(
    (
        "node_modules",
        "site-packages",
        "venv",
        "env",
        "build",
        "dist",
        "__pycache__",
        "__pypackages__",
    )
)
_ENVIRONMENTS = (".venv", "venv", "env", ".env")
# How deep below the top of a repository its projects are looked for, and in how many folders.
_DEPTH = 3
_MOST_FOLDERS = 2_000


class Roots:
    """The folders that imports of one run start from. What it has found out holds for its life."""

    def __init__(self, follow: str = "project", python: str = "") -> None:
        self.follow = follow
        self._python = python
        """Whose modules are followed: project, all or off."""
        self._found: dict[tuple[str, str], str] = {}
        self.packages_of = cache(self._packages_of)
        self.of_folder = cache(self._of_folder)
        self.isfile = lru_cache(maxsize=100_000)(os.path.isfile)
        self.isdir = lru_cache(maxsize=100_000)(os.path.isdir)
        self._projects = cache(self._projects_below)
        self._installed_for = cache(self._site_packages)

    def absolute(self, dotted: str, folder: str) -> str:
        """The file of a module that code in a folder imports by its absolute name, or the folder of
        a package without `__init__.py`; empty where there is none, or it is not certain which."""
        if self.follow == "off":
            return ""
        top = dotted.partition(".")[0]
        # What shadows the standard library depends on how the program is started.
        if top in sys.stdlib_module_names:
            return ""
        near, far, installed = self.of_folder(folder)
        for root in near:
            found = self.below(root, dotted)
            if found:
                return found
        others = {found for root in far if (found := self.below(root, dotted))}
        if others:
            return others.pop() if len(others) == 1 else ""
        # Of a package without `__init__.py` there may be no more to see than its name.
        for above in _upwards(folder):
            if os.path.basename(above) == top:
                found = self.below(os.path.dirname(above), dotted)
                if found:
                    return found
        return next(filter(None, (self.below(root, dotted) for root in installed)), "")

    def below(self, root: str, dotted: str) -> str:
        """The file or folder of a module below a root; empty where there is none."""
        key = root, dotted
        if key not in self._found:
            self._found[key] = self._below(root, dotted)
        return self._found[key]

    def _below(self, root: str, dotted: str) -> str:
        above, _, name = dotted.rpartition(".")
        if above:
            package = self.below(root, above)
            if not package or not is_package(package):
                return ""
            root = folder_of(package)
        path = os.path.join(root, name)
        return self.in_folder(path)

    def in_folder(self, path: str) -> str:
        """The file of the module, or the folder, that a path without its suffix stands for."""
        if self.follow == "off":
            return ""
        for init in _INITS:
            if self.isfile(os.path.join(path, init)):
                return os.path.join(path, init)
        for suffix in (".py", ".pyi"):
            if self.isfile(path + suffix):
                return path + suffix
        return path if self.isdir(path) else ""

    # -- folders

    def _of_folder(self, folder: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """(the roots above a folder, nearest first; those beside it; those of distributions)."""
        own = folder
        while any(self.isfile(os.path.join(own, init)) for init in _INITS):
            above = os.path.dirname(own)
            if above == own:
                break
            own = above
        top = self.top(own)
        near = [own]
        while near[-1] != top and near[-1].startswith(top):
            near.append(os.path.dirname(near[-1]))
        # A script beside a package imports it; a root inside of the package does not.
        far = tuple(root for root in self._projects(top) if root not in near)
        return tuple(near), far, self._installed_for(top) if self.follow == "all" else ()

    def top(self, folder: str) -> str:
        """The top of the repository that a folder is in; without one, the outermost folder that
        holds a project's file; the folder itself where there is neither."""
        found = folder
        for above in _upwards(folder):
            if any(os.path.lexists(os.path.join(above, name)) for name in _REPOSITORY):
                return above
            if any(self.isfile(os.path.join(above, name)) for name in _PROJECT):
                found = above
        return found

    def _projects_below(self, top: str) -> tuple[str, ...]:
        """The folders of the projects below the top of a repository, and their `src`."""
        roots: list[str] = []
        waiting = [(top, 0)]
        seen = 0
        while waiting:
            folder, depth = waiting.pop(0)
            seen += 1
            if seen > _MOST_FOLDERS:
                break
            try:
                with os.scandir(folder) as scanned:
                    entries = sorted(scanned, key=lambda entry: entry.name)
            except OSError:
                continue
            names = {entry.name for entry in entries}
            if depth == 0 or not names.isdisjoint(_PROJECT):
                roots.append(folder)
                roots += [os.path.join(folder, "src")] if "src" in names else []
            if depth < _DEPTH and names.isdisjoint(_INITS):
                waiting += [
                    (entry.path, depth + 1)
                    for entry in entries
                    if entry.name not in _SKIPPED
                    and not entry.name.startswith(".")
                    and _is_folder(entry)
                ]
        return tuple(roots)

    def _packages_of(self, path: str) -> str:
        """The outermost package that a file is in, as a folder; that of the file where it is in
        none."""
        folder = os.path.dirname(path)
        while any(self.isfile(os.path.join(os.path.dirname(folder), init)) for init in _INITS):
            folder = os.path.dirname(folder)
        return folder

    # -- distributions

    def _site_packages(self, top: str) -> tuple[str, ...]:
        """The site-packages of the environment that is configured, of the project's own, or else
        of the one that runs the linter: the first that there is."""
        given = [os.path.join(top, os.path.expanduser(self._python))] if self._python else []
        own = [os.path.join(top, name) for name in _ENVIRONMENTS]
        for place in given or [*own, sys.prefix]:
            found = _installed_in(place)
            if found:
                return found
        return ()


def _installed_in(place: str) -> tuple[str, ...]:
    """The folder of packages of an environment, given by its folder or its interpreter, and those
    that its `.pth` files add."""
    if os.path.isfile(place):
        place = os.path.dirname(os.path.dirname(place))
    candidates = [os.path.join(place, "Lib", "site-packages")]
    library = os.path.join(place, "lib")
    if os.path.basename(place) == "site-packages":
        candidates = [place]
    else:
        candidates += [
            os.path.join(library, name, "site-packages")
            for name in _listed(library)
            if name.startswith("python3")
        ]
    for folder in candidates:
        if os.path.isdir(folder):
            return (folder, *_added_by(folder))
    return ()


def _added_by(folder: str) -> Iterator[str]:
    """The folders that the `.pth` files of a folder name; what they would run is left alone."""
    for name in _listed(folder):
        if not name.endswith(".pth"):
            continue
        try:
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as opened:
                lines = opened.read(100_000).splitlines()
        except OSError:
            continue
        for line in lines:
            path = os.path.join(folder, line.strip())
            is_path = line.strip() and not line.startswith(("#", "import ", "import\t"))
            if is_path and os.path.isdir(path):
                yield path


def _listed(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def is_package(path: str) -> bool:
    """Whether the file, or folder, of a module may have modules below it."""
    return os.path.basename(path) in _INITS or not path.endswith((".py", ".pyi"))


def folder_of(path: str) -> str:
    """The folder that holds the modules below a package."""
    return os.path.dirname(path) if os.path.basename(path) in _INITS else path


def _upwards(folder: str) -> Iterator[str]:
    yield folder
    while (above := os.path.dirname(folder)) != folder:
        yield above
        folder = above


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False

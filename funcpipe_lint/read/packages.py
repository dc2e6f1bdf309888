"""Which dotted name a file is imported by: a matter of the `__init__.py` files around it."""

from __future__ import annotations

import os
from collections.abc import Mapping

Package = tuple[str, ...]
"""The names of the packages that a folder is, outermost first; none where it is none."""

_known: dict[str, Package] = {}


def module_name(path: str) -> tuple[str, bool]:
    """The dotted name that a file is imported by, and whether it is a package's `__init__`."""
    folder, name = os.path.split(path)
    stem = os.path.splitext(name)[0]
    is_package = stem == "__init__"
    parts = [*package_of(folder), *([] if is_package else [stem])]
    return ".".join(parts) or stem, is_package


def package_of(folder: str) -> Package:
    """The package that a folder is, as it was when it was first asked for."""
    if folder not in _known:
        _known[folder] = _found(folder)
    return _known[folder]


def _found(folder: str) -> Package:
    above, name = os.path.split(folder)
    if name in ("", ".", "..") or not os.path.isfile(os.path.join(folder, "__init__.py")):
        return ()
    return (*package_of(above), name)


def learn(packages: Mapping[str, Package]) -> None:
    """What another process has found out of folders that need not exist here."""
    _known.update(packages)


def forget() -> None:
    """Look again: a run begins."""
    _known.clear()

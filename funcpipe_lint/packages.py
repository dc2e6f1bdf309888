"""Which dotted name a file is imported by: a matter of the `__init__.py` files around it."""

from __future__ import annotations

import os
from functools import lru_cache


def module_name(path: str) -> tuple[str, bool]:
    """The dotted name that a file is imported by, and whether it is a package's `__init__`."""
    folder, name = os.path.split(path)
    stem = os.path.splitext(name)[0]
    is_package = stem == "__init__"
    parts = [*package_of(folder or "."), *([] if is_package else [stem])]
    return ".".join(parts) or stem, is_package


@lru_cache(maxsize=4096)
def package_of(folder: str) -> tuple[str, ...]:
    """The names of the packages that a folder is, outermost first; none where it is none."""
    if not os.path.isfile(os.path.join(folder, "__init__.py")):
        return ()
    above, name = os.path.split(folder)
    if name in ("", ".", ".."):
        return ()
    return (*package_of(above or "."), name)

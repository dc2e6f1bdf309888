"""The oldest Python that a project is for: `requires-python` of the nearest pyproject.toml."""

from __future__ import annotations

import os
import re

_FILE = "pyproject.toml"
# Read without a parser of TOML, which a run without configuration does not load.
_MAX_BYTES = 1_000_000
_REQUIRES = re.compile(
    rb"^[ \t]*requires-python[ \t]*=[ \t]*[\"']([^\"'\r\n]{1,200})[\"']", re.MULTILINE
)
_LOWER = re.compile(r"(>=|~=|===?|>)\s*(\d{1,3})(?:\.(\d{1,3}))?")

_TARGET = re.compile(r"(?:py)?(3)\.?(\d{1,2})")


def lowest(specifier: str) -> tuple[int, ...]:
    """The oldest Python that a version specifier admits (`>=3.9,<4` gives (3, 9)); empty where it
    has no lower bound."""
    found = [_LOWER.match(part.strip()) for part in specifier.split(",")]
    return max(((int(f[2]), int(f[3] or 0)) for f in found if f), default=())


def version_of(target: str) -> tuple[int, ...]:
    """The Python that `target-version` names, as `3.12` or `py312`; empty where it names none."""
    found = _TARGET.fullmatch(target)
    return (int(found[1]), int(found[2])) if found else ()


class OldestPython:
    """Looks it up folder by folder, each read once. A project that says nothing, or whose file
    cannot be read, may be for any."""

    def __init__(self) -> None:
        self._by_folder: dict[str, tuple[int, ...]] = {}

    def below(self, folder: str) -> tuple[int, ...]:
        """The oldest Python of the project that an absolute folder belongs to; empty: unknown."""
        passed: list[str] = []
        found: tuple[int, ...] | None = None
        while found is None:
            passed.append(folder)
            found = self._by_folder.get(folder)
            if found is None:
                found = _own(folder)
            above = os.path.dirname(folder)
            if above == folder:
                break
            folder = above
        self._by_folder.update(dict.fromkeys(passed, found or ()))
        return found or ()


def _own(folder: str) -> tuple[int, ...] | None:
    """What the pyproject.toml of a folder says; None where it has none that says it."""
    path = os.path.join(folder, _FILE)
    if not os.path.isfile(path):
        return None
    try:
        with open(path, "rb") as opened:
            said = _REQUIRES.search(opened.read(_MAX_BYTES))
    except OSError:
        return None
    return None if said is None else lowest(said[1].decode("ascii", "replace"))

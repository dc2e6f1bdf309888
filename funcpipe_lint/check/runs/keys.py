"""What decides on a row of the cache besides the file that it is of, in a word: its key."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from funcpipe_lint import __version__
from funcpipe_lint.model import Settings
from funcpipe_lint.read.source import read_bytes, stamp_of

# The folders of the linter whose modules decide on a report: all but `config`, which is in the
# settings, and `cli`.
_FOLDERS = ("model", "read", "screen", "program", "rule", "rules", "check")


# Those whose modules decide on the facts of a module.
_FOLDERS_OF_FACTS = ("model", "read", "program")


def of_reports(settings: Settings, noqa: bool) -> str:
    """Everything but the file that decides on a report."""
    return dumped([*_release(_FOLDERS), _libcst(), os.getcwd(), noqa, settings])


def of_facts() -> str:
    """Everything but the file that decides on the facts of a module."""
    return dumped(["facts", *_release(_FOLDERS_OF_FACTS)])


def _release(folders: Iterable[str]) -> list[Any]:
    """This release, to the letter of the modules in some folders, and this Python."""
    return [__version__, _modules(*folders), sys.implementation.cache_tag, *sys.version_info]


def _modules(*folders: str) -> list[Any]:
    """What the modules below some folders of the linter hold: an edited rule is another rule, and a
    release that is installed anew is the same."""
    from zlib import crc32

    package = os.path.dirname(sys.modules["funcpipe_lint"].__file__ or "")
    try:
        files = [file for folder in folders for file in _below(os.path.join(package, folder))]
        contents = [read_bytes(file) for file in sorted(files)]
    except OSError:
        return []  # in an archive: the version has to do
    return [[len(content), crc32(content)] for content in contents]


def _below(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                yield entry.path
            elif entry.name != "__pycache__" and entry.is_dir():
                yield from _below(entry.path)


def _libcst() -> str:
    """The version of libcst, read without importing it."""
    from importlib.machinery import PathFinder

    spec = PathFinder.find_spec("libcst")
    if spec is None or spec.origin is None:
        return ""
    file = os.path.join(os.path.dirname(spec.origin), "_version.py")
    try:
        return read_bytes(file).decode("ascii", "replace")
    except OSError:
        return str(stamp_of(spec.origin))


def dumped(value: object) -> str:
    """A value as JSON."""
    import json  # not for runs that have no use for the cache in the end

    return json.dumps(value, separators=(",", ":"))

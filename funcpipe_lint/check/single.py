"""One file, or its content, to its report, under given settings."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from funcpipe_lint.check.budget import (
    OverBudgetError,
    is_too_large,
    refuse_too_large,
    within_time,
)
from funcpipe_lint.model import Crash, FileReport, Link, Settings
from funcpipe_lint.read.interruption import end_if_interrupted
from funcpipe_lint.read.source import is_notebook, read_bytes
from funcpipe_lint.read.syntax import check_syntax
from funcpipe_lint.screen.text.prefilter import Prefilter

if TYPE_CHECKING:
    from funcpipe_lint.check.engine import Engine


def check_file(settings: Settings, path: str, noqa: bool = True) -> FileReport:
    """Reads and checks one file; an unreadable one is reported, not raised."""
    try:
        raw = read_bytes(path)
    except OSError as error:
        return unread(path, error)
    return check_content(settings, path, raw, noqa)


def check_content(
    settings: Settings,
    path: str,
    raw: bytes,
    noqa: bool = True,
    *,
    is_syntax_due: bool = True,
    links: Sequence[Link] | None = None,
) -> FileReport:
    """Checks the bytes of a file.

    With `is_syntax_due=False` a file that its async functions clear is not parsed to its end.
    `links` are what its expressions stand for elsewhere; None: the files around it are asked.
    Whatever a file makes of the linter is that file's report: nothing but Ctrl-C is raised.
    """
    if is_syntax_due and not may_matter(settings, path, raw):
        return check_syntax_of(settings, path, raw)

    def check() -> FileReport:
        refuse_too_large(settings, raw)
        engine = engine_for(settings, noqa)
        return engine.check(path, raw, is_syntax_due=is_syntax_due, links=links)

    try:
        return within_time(settings, check)
    except BaseException as error:
        return failed(path, error)


def check_syntax_of(settings: Settings, path: str, raw: bytes) -> FileReport:
    """Checks only whether the bytes of a file are Python: not of one that no rule can speak of and
    that would take more memory than `max-memory`, data as a rule."""
    try:
        if is_too_large(settings, raw):
            return FileReport(path)
        return within_time(settings, lambda: check_syntax(path, raw))
    except BaseException as error:
        return failed(path, error)


def failed(path: str, error: BaseException, what: str = "could not be checked") -> FileReport:
    """The report of a file on which the linter itself fails; raises what is no failure of it."""
    end_if_interrupted(error)
    if isinstance(error, OverBudgetError):
        return FileReport(path, crashes=(Crash(path, f"{what}: {error}"),))
    # What a panic in libcst's native part becomes is no Exception.
    if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
        raise error
    return FileReport(path, crashes=(Crash(path, f"{what}: {said(error)}"),))


def said(error: BaseException) -> str:
    """An error that nobody expected, on one line, with its place in the linter."""
    text = f"{type(error).__name__}: {' '.join(str(error).split())[:500]}".removesuffix(": ")
    if isinstance(error, MemoryError):
        return f"{text}: it takes more memory than there is, or than max-memory"
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})"
    return f"{text}{place}; please report it"


def may_matter(settings: Settings, path: str, raw: bytes) -> bool:
    """Whether any rule can speak of a file, or that cannot be told."""
    try:
        return is_notebook(path) or prefilter_for(settings).passes(raw, path)
    except Exception as error:
        end_if_interrupted(error)
        return True  # checking it will say what is wrong


def unread(path: str, error: OSError) -> FileReport:
    """The report of a file that cannot be read."""
    reason = f"cannot be read: {error.strerror or error}"
    if isinstance(error, FileNotFoundError):
        reason = "vanished before it was read"
        if os.path.islink(path):
            reason = "is a link to nothing"
    elif error.errno in (errno.ENXIO, errno.EOPNOTSUPP):
        reason = "cannot be read: it is a socket"  # which cannot be opened to see that
    return FileReport(path, crashes=(Crash(path, reason),))


def load() -> None:
    """Imports what checking a file may take: libcst is most of a fifth of a second."""
    import libcst  # noqa: F401

    import funcpipe_lint.check.engine  # noqa: F401


@lru_cache(maxsize=64)
def prefilter_for(settings: Settings) -> Prefilter:
    """The first screen for some settings: one a process."""
    return Prefilter(settings)


@lru_cache(maxsize=64)
def engine_for(settings: Settings, noqa: bool = True) -> Engine:
    """The engine for some settings: one a process."""
    from funcpipe_lint.check.engine import Engine

    return Engine(settings, noqa=noqa)

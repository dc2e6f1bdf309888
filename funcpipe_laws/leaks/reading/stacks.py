"""Stacks that cost little to take and keep: pairs of code and offset, no frames, no lines."""

from __future__ import annotations

import asyncio
import contextlib
import linecache
import os
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from funcpipe_laws.leaks.model import Spot
from funcpipe_laws.leaks.reading.instructions import Instructions, instructions_of
from funcpipe_laws.simulation.loops.tasks import shown as shown_from

DEPTH = 4
"""Frames that are kept of each stack: about 300 bytes."""

Stack = tuple[Any, ...]
"""(code, offset, code, offset, ...), innermost first."""

RUNNERS = ("/_pytest/", "/pluggy/", "/pytest_asyncio/", "/anyio/pytest_plugin", "/unittest/")
"""Parts of the names of files that run tests and fixtures."""
_SITE = ("site-packages", "dist-packages")
_STANDARD = str(Path(os.__file__).parent)
_OURS = str(Path(__file__).parents[1])
_ASYNCIO = str(Path(asyncio.__file__).parent)
_LEFT_OUT = (_ASYNCIO, _OURS, contextlib.__file__)

_kinds: dict[str, str] = {}
_names: dict[str, str] = {}
_iterated: dict[tuple[int, int], tuple[int, str] | None] = {}
_root = Path.cwd()


def name_files_from(root: Path) -> None:
    """Files are named as seen from this folder from now on; tests change the current one."""
    global _root
    _root = root
    _names.clear()


def shown(filename: str) -> str:
    """A file as a report names it."""
    name = _names.get(filename)
    if name is None:
        # An environment may lie below the folder: where it does is no part of a name.
        installed = next(
            (filename.partition(f"/{one}/")[2] for one in _SITE if one in filename), ""
        )
        name = _names[filename] = installed or shown_from(filename, _root)
    return name


def on_disk(file: str) -> Path:
    """The file behind a name in a report."""
    return _root / file


def is_machinery(filename: str) -> bool:
    """Whether a frame of this file says nothing to a user: asyncio's, contextlib's, ours."""
    return _kind(filename) != "program"


def _kind(filename: str) -> str:
    known = _kinds.get(filename)
    if known is None:
        known = "program"
        if filename.startswith((*_LEFT_OUT, "<frozen")):
            known = "machinery"
        elif any(part in filename for part in RUNNERS):
            known = "runner"
        _kinds[filename] = known
    return known


def is_installed(filename: str) -> bool:
    """Whether a file belongs to Python or to an installed package."""
    return filename.startswith((_STANDARD, "<")) or any(part in filename for part in _SITE)


def take(frame: FrameType | None) -> Stack:
    """The innermost frames from this one outwards, without the machinery, up to a test runner."""
    kept: list[Any] = []
    while frame is not None:
        code = frame.f_code
        # Not `_kind()` first: this is done for each frame of each stream and task.
        kind = _kinds.get(code.co_filename) or _kind(code.co_filename)
        if kind == "program":
            kept += (code, frame.f_lasti)
            if len(kept) == 2 * DEPTH:
                break
        elif kind == "runner":
            break
        frame = frame.f_back
    return tuple(kept)


def spots(stack: Stack) -> list[Spot]:
    """The lines of a stack."""
    return [
        spot(code, line_at(code, offset))
        for code, offset in pairs(stack)
        if not is_machinery(code.co_filename)
    ]


def pairs(stack: Stack) -> list[tuple[CodeType, int]]:
    """(code, offset) each."""
    return list(zip(stack[::2], stack[1::2], strict=True))


def line_at(code: CodeType, offset: int) -> int:
    """The line of an instruction; the first one of the code where it has none."""
    found = code.co_firstlineno
    for start, end, line in code.co_lines():
        if start <= offset < end:
            return line or found
    return found


def iterated_at(code: CodeType, offset: int) -> tuple[int, str] | None:
    """What the `async for` iterates whose pull, or wait for it, is at `offset`: its line, and its
    text if that is on one line. None if the instruction is not the pull of a loop."""
    instructions = instructions_of(code)  # They keep the code, so that its id stays its own.
    if (id(code), offset) not in _iterated:
        _iterated[id(code), offset] = _iterated_at(instructions, offset)
    return _iterated[id(code), offset]


def _iterated_at(instructions: Instructions, offset: int) -> tuple[int, str] | None:
    iterated, is_pull = None, False
    for n, one in enumerate(instructions):
        if one.name == "GET_AITER" and n:
            iterated = instructions[n - 1]
        is_pull = one.name == "GET_ANEXT" or (is_pull and one.name in ("LOAD_CONST", "SEND"))
        if one.offset == offset:
            break
    if not is_pull or iterated is None:
        return None
    first, last, start, end = instructions.position(iterated)
    line = first or line_at(instructions.code, offset)
    if first is None or first != last or start is None or end is None:
        return line, ""
    text = linecache.getline(instructions.code.co_filename, first)
    return line, text.encode()[start:end].decode()


def spot(code: CodeType, line: int) -> Spot:
    """A line of a code object."""
    return at(code.co_filename, line, code.co_qualname)


def at(filename: str, line: int, function: str) -> Spot:
    """A line, with its text."""
    text = linecache.getline(filename, line).strip()
    return {"file": shown(filename), "line": line, "function": function, "text": text}

"""The decoder of instructions, held against `dis`, which is the interpreter's own."""

from __future__ import annotations

import asyncio.base_events
import contextlib
import dis
import inspect
import typing
from collections.abc import Iterator
from types import CodeType, ModuleType

import pytest

from funcpipe_laws.leaks.reading.instructions import Instructions

NAMED = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_ATTR")


def codes(code: CodeType) -> Iterator[CodeType]:
    """A code object and all inside of it."""
    yield code
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from codes(one)


@pytest.mark.parametrize("module", [asyncio.base_events, contextlib, inspect, typing])
def test_it_reads_what_dis_reads(module: ModuleType) -> None:
    """Every instruction of large modules: offset, name, number, jump, global or attribute, line."""
    source = compile(inspect.getsource(module), module.__name__, "exec")
    looked_at = 0
    for code in codes(source):
        ours = Instructions(code)
        theirs = list(dis.get_instructions(code))
        assert [(one.offset, one.name) for one in ours] == [(d.offset, d.opname) for d in theirs]
        for one, known in zip(ours, theirs, strict=True):
            looked_at += 1
            assert known.arg in (None, one.number)
            if one.target is not None:
                assert one.target == known.argval
            else:
                assert "JUMP" not in known.opname and known.opname != "FOR_ITER"
            if known.opname in NAMED:
                assert ours.named(one) == known.argval
            assert known.positions is not None
            assert ours.position(one) == tuple(known.positions)
    assert looked_at > 2_000

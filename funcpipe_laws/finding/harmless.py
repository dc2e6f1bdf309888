"""What can be read off a function's code: that it reads a stream, that it touches nothing else.

Both answers are certain or no: what cannot be told from the code is not said.
"""

from __future__ import annotations

import builtins
import dis
import inspect
import itertools
from collections.abc import Iterator
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

QUIET_MODULES = frozenset(
    ("asyncio", "contextlib", "itertools", "functools", "operator", "collections", "math", "typing")
)
"""Modules whose functions do nothing to the world; what asyncio opens, a simulated loop refuses."""
LOUD = frozenset(
    ("open", "input", "print", "exec", "eval", "compile", "__import__", "breakpoint", "exit")
) | {"quit", "globals", "vars", "setattr", "delattr", "getattr", "memoryview"}
PLAIN = (int, float, complex, str, bytes, bool, type(None), type(...))
OPENERS = frozenset(("aiter", "aclosing"))
DEPTH = 3
_OPENING = frozenset(("SWAP", "BUILD_LIST", "BUILD_SET", "BUILD_MAP"))


def reads_a_stream(function: Any) -> str:
    """The parameter over which a coroutine function iterates in its own body; empty if none.

    `async for item in stream`, `aiter(stream)` and `aclosing(stream)` count.
    """
    if not inspect.iscoroutinefunction(function) or not isinstance(function, FunctionType):
        return ""
    code = function.__code__
    parameters = code.co_varnames[: code.co_argcount]
    before = ["", ""]
    for one, following in _pairs(code):
        loaded = one.opname.startswith("LOAD_FAST") and one.argval in parameters
        if loaded and (following.opname == "GET_AITER" or OPENERS & {*before}):
            return str(one.argval)
        if one.opname != "PUSH_NULL":
            before = [before[1], str(one.argval) if one.opname.startswith("LOAD_") else ""]
    return ""


def _pairs(code: CodeType) -> Iterator[tuple[dis.Instruction, dis.Instruction]]:
    """Each instruction with the next. What a comprehension makes ready is left out: from 3.15 on,
    it stands between what is iterated over and the iteration."""
    kept, is_opening = [], False
    for each in dis.get_instructions(code):
        name = each.opname
        is_opening = name == "LOAD_FAST_AND_CLEAR" or (is_opening and name in _OPENING)
        if not is_opening and name != "CACHE":
            kept.append(each)
    return itertools.pairwise(kept)


def harmless(function: Any, depth: int = DEPTH) -> bool:
    """Whether a call has no effect but on what it is given, by the names that its code holds."""
    if not isinstance(function, FunctionType) or function.__closure__ or depth == 0:
        return False
    defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    return all(isinstance(each, PLAIN) for each in defaults) and all(
        _quiet(function, name, depth) for code in _codes(function.__code__) for name in _names(code)
    )


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _codes(const)


def _names(code: CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield str(instruction.argval)
        elif instruction.opname.startswith(("IMPORT_", "STORE_GLOBAL", "DELETE_GLOBAL")):
            yield ""


def _quiet(function: FunctionType, name: str, depth: int) -> bool:
    """Whether what a global name stands for now can do nothing to the world."""
    if name in function.__globals__:
        thing = function.__globals__[name]
    elif name in LOUD:
        return False
    else:
        return hasattr(builtins, name)
    if isinstance(thing, PLAIN) or type(thing) is object:
        return True
    if isinstance(thing, ModuleType):
        return thing.__name__ in QUIET_MODULES
    home = str(getattr(thing, "__module__", ""))
    if inspect.isclass(thing) or isinstance(thing, BuiltinFunctionType | FunctionType):
        return home.partition(".")[0] in QUIET_MODULES or (
            home == function.__module__ and harmless(thing, depth - 1)
        )
    return False

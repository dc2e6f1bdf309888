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
QUIET_BASES = QUIET_MODULES | {"builtins", "abc"}
LOUD = frozenset(
    ("open", "input", "print", "exec", "eval", "compile", "__import__", "breakpoint", "exit")
) | {"quit", "globals", "vars", "setattr", "delattr", "getattr", "memoryview"}
PLAIN = (int, float, complex, str, bytes, bool, type(None), type(...))
OPENERS = frozenset(("aiter", "aclosing"))
MOST = 8
"""Functions that call each other, before nothing is said any more."""
_OPENING = frozenset(("SWAP", "BUILD_LIST", "BUILD_SET", "BUILD_MAP"))


def reads_a_stream(function: Any) -> str:
    """The parameter over which a coroutine function iterates in its own body; empty if none.

    `async for item in stream`, `aiter(stream)` and `aclosing(stream)` count.
    """
    function = getattr(function, "__func__", function)
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


def iterates(function: Any) -> bool:
    """Whether a function iterates over something asynchronous in its own body."""
    return any(each.opname == "GET_AITER" for each in dis.get_instructions(function.__code__))


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


def harmless(function: Any, known: frozenset[Any] = frozenset()) -> bool:
    """Whether a call has no effect but on what it is given, by the names that its code holds; of a
    class, whether no method of it has. `known`: what is being looked at already."""
    function = getattr(function, "__func__", function)
    if function in known:
        return True
    if len(known) > MOST:
        return False
    known |= {function}
    if inspect.isclass(function):
        return _harmless_class(function, known)
    if not isinstance(function, FunctionType) or not _is_closed(function):
        return False
    defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    return all(isinstance(each, PLAIN) for each in defaults) and all(
        _quiet(function, name, known) for code in _codes(function.__code__) for name in _names(code)
    )


def _is_closed(function: FunctionType) -> bool:
    """Whether it holds nothing of a function around it; of a class, for `super()`, it may."""
    return set(function.__code__.co_freevars) <= {"__class__"}


def _harmless_class(cls: type[Any], known: frozenset[Any]) -> bool:
    """All that it has is functions which are harmless, and plain values."""
    parts = [
        getattr(part, "__func__", getattr(part, "fget", part))
        for base in cls.__mro__
        if base.__module__.partition(".")[0] not in QUIET_BASES
        for name, part in vars(base).items()
        if name not in _OF_ANY_CLASS
    ]
    return type(cls) is type and all(
        isinstance(part, PLAIN) or (isinstance(part, FunctionType) and harmless(part, known))
        for part in parts
    )


_OF_ANY_CLASS = frozenset(
    ("__module__", "__dict__", "__weakref__", "__doc__", "__annotations__", "__firstlineno__")
) | {"__static_attributes__", "__slots__", "__orig_bases__", "__parameters__", "__match_args__"}


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


def _quiet(function: FunctionType, name: str, known: frozenset[Any]) -> bool:
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
            home == function.__module__ and harmless(thing, known)
        )
    return False

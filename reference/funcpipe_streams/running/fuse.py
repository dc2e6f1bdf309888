"""Straight pipelines as one generated loop: a stage costs a function call, not a generator.

Ten nested `async for ... yield` layers cost 6 to 7 times one hand-written generator; a loop over a
tuple of stages 1.5 times; the loop written here, once for each shape of pipeline, about the same as
by hand.
"""

from __future__ import annotations

import linecache
from collections.abc import AsyncGenerator, Callable
from functools import lru_cache
from typing import Any

from funcpipe_streams.result import Err, Ok
from funcpipe_streams.running.release import close

__all__ = [
    "AWAIT",
    "BIND",
    "CHECK",
    "FILTER",
    "ITERABLE",
    "MAP",
    "MAX_STAGES",
    "RESULTS",
    "VALUES",
    "fused_loop",
    "not_a_result",
]

# The kinds of stage, by what their function returns: a value, a Result, an awaitable Result, a
# description, a bool. A pipeline's shape is the string of its kinds.
MAP, CHECK, AWAIT, BIND, FILTER = "M", "C", "A", "B", "F"

# Longer pipelines are interpreted: a generated expression nests a call for each map.
MAX_STAGES = 16


def not_a_result(item: object) -> TypeError:
    """The error for a stream that yields bare values; raised by all that look at the items."""
    return TypeError(f"a stream yielded {item!r}, which is neither Ok nor Err: yield Ok(value)")


_RESULT = """
if type(item) is not Ok:
    if type(item) is not Err: raise not_a_result(item)
    yield item
    continue
"""
_STAGES = {
    CHECK: "item = f{i}({value})" + _RESULT,
    AWAIT: "item = await f{i}({value})" + _RESULT,
    BIND: """
inner = f{i}({value})
if type(inner) is not Return:
    inner = run_rest(inner, stages[{i} + 1:])
    try:
        async for item in inner: yield item
    finally:
        await close(inner)
    continue
""",
    FILTER: """
value = {value}
if not f{i}(value): continue
""",
}
_VALUE_AFTER = {CHECK: "item.value", AWAIT: "item.value", BIND: "inner.value", FILTER: "value"}

_LOOP = """
async def fused(source, open_source, run_rest, Return, stages):
    {functions}
    source = open_source(source)
    try:
        {head}
            {body}
    finally:
        {close}
"""

# The kinds of source: asynchronous iterators of Results, of bare values, and iterables of values.
RESULTS, VALUES, ITERABLE = "results", "values", "iterable"
_CLOSE = "await close(source)"
_SOURCES = {
    RESULTS: (
        """
        async for item in source:
            if type(item) is not Ok:
                if type(item) is not Err: raise not_a_result(item)
                yield item
                continue
        """,
        "item.value",
        _CLOSE,
    ),
    VALUES: ("async for value in source:", "value", _CLOSE),
    ITERABLE: (
        "for value in source:",
        "value",
        "if type(source) is GeneratorType: source.close()",
    ),
}


def _body(shape: str, value: str) -> list[str]:
    """The stages as statements; runs of maps become one expression in what follows them."""
    lines: list[str] = []
    whole_item = value == "item.value"  # whether `item` is Ok of the value at hand
    for i, kind in enumerate(shape):
        if kind == MAP:
            value = f"f{i}({value})"
            whole_item = False
        else:
            lines += _STAGES[kind].strip().format(i=i, value=value).splitlines()
            value = _VALUE_AFTER[kind]
            whole_item = kind in (CHECK, AWAIT)
    return [*lines, "yield item" if whole_item else f"yield Ok({value})"]


@lru_cache(maxsize=512)
def fused_loop(shape: str, source: str) -> Callable[..., AsyncGenerator[Any, None]]:
    """The generator function for pipelines of this shape over this kind of source.

    It takes `(source, open_source, run_rest, Return, stages)`: the source, and a function that
    opens it; a function that runs an inner description through the stages that are left; the class
    of the descriptions that hold one value; and the `(kind, function)` stages. However it ends, it
    closes its source.
    """
    head, value, close_source = _SOURCES[source]
    functions = "".join(f"f{i}, " for i in range(len(shape)))
    code = _LOOP.lstrip().format(
        functions=f"{functions}= (stage[1] for stage in stages)" if shape else "",
        head=head.strip(),
        close=close_source,
        body=("\n" + " " * 12).join(_body(shape, value)),
    )
    name = f"<funcpipe {source} {shape}>"
    # An entry without a modification time is never checked against a file: tracebacks show the
    # line.
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    names: dict[str, Any] = {
        "Ok": Ok,
        "Err": Err,
        "GeneratorType": type(_ for _ in ()),
        "close": close,
        "not_a_result": not_a_result,
    }
    exec(compile(code, name, "exec"), names)
    loop: Callable[..., AsyncGenerator[Any, None]] = names["fused"]
    return loop

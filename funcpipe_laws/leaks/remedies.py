"""What to write, and where, so that it does not happen again."""

from __future__ import annotations

import inspect

from funcpipe_laws.leaks.model import Remedy
from funcpipe_laws.leaks.reading import stacks
from funcpipe_laws.leaks.reading.stacks import Stack


def close_what_is_pulled(stack: Stack, *, is_manager: bool) -> Remedy | None:
    """For a stream that was left open: `aclosing`, where it is pulled."""
    if not stack:
        return None
    code, offset = stacks.pairs(stack)[0]
    file, line, rule = stacks.shown(code.co_filename), stacks.line_at(code, offset), ""
    iterated = stacks.iterated_at(code, offset)
    if is_manager:
        advice = "enter it with `async with`, or on an AsyncExitStack that is closed"
    elif iterated is not None:
        line, text = iterated
        advice = f"async with aclosing({text or '...'}) as items: async for ... in items: ..."
        rule = "FP303" if code.co_flags & inspect.CO_ASYNC_GENERATOR else "FP302"
    else:
        advice, rule = "async with aclosing(...) around all that pulls this stream", "FP302"
    return {"advice": advice, "file": file, "line": line, "rule": rule}

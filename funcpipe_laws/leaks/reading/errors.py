"""What errors and warnings say: of which stream they are, where they were raised, who knows."""

from __future__ import annotations

import gc
import re
import warnings
from typing import Any

from funcpipe_laws.leaks.model import Kind, Spot
from funcpipe_laws.leaks.reading import stacks


def closing_error(error: BaseException) -> Kind | None:
    """What an exception says of the stream in whose clean-up it was raised."""
    text = str(error)
    if isinstance(error, RuntimeError) and "ignored GeneratorExit" in text:
        return "yields-while-closing"
    if isinstance(error, RuntimeError) and "different task than it was entered" in text:
        return "other-task"
    if isinstance(error, ValueError) and "created in a different Context" in text:
        return "other-task"
    return None


def stream_closed_by(future: Any) -> Any:
    """The stream that a loop's own task closes; None for any other task."""
    get_coro = getattr(future, "get_coro", None)
    coroutine = None if get_coro is None else get_coro()
    if type(coroutine).__name__ != "async_generator_athrow":
        return None
    return next((one for one in gc.get_referents(coroutine) if hasattr(one, "ag_frame")), None)


def raised_at(error: BaseException) -> Spot | None:
    """The innermost line of its traceback that is not machinery's."""
    found = None
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not stacks.is_machinery(code.co_filename):
            found = stacks.spot(code, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


def is_ignored(name: str) -> bool:
    """Whether a filter for just this warning ignores that a coroutine was never awaited.

    A filter for all warnings, or for all of a module, says nothing of it.
    """
    text = f"coroutine {name!r} was never awaited"
    for action, pattern, category, module, _ in warnings.filters:
        if pattern is None or module is not None or not issubclass(RuntimeWarning, category):
            continue
        if re.match(pattern, text):
            return action == "ignore"
    return False

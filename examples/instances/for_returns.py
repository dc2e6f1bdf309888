"""returns: its descriptions of one asynchronous value, RequiresContextFutureResult."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from returns.context import ReaderFutureResult
from returns.future import FutureResult
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success
from returns.unsafe import unsafe_perform_io

from funcpipe_laws import Policy, ResultType, StreamInstance


def embed(thunk: Callable[[], Any]) -> Any:
    """A description that runs the thunk; what it needs of its environment is nothing."""
    return ReaderFutureResult(lambda _: FutureResult(thunk()))


def lift(function: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Any]:
    """A call for each value; the coroutine is made when the description is run."""
    return lambda value: embed(lambda: function(value))


async def run(description: Any) -> Result[Any, str]:
    """Run it, and take the result out of its IO container."""
    result: Result[Any, str] = unsafe_perform_io(await description(None))
    return result


INSTANCE = StreamInstance(
    name="returns 0.30.0",
    kind="value",
    embed=embed,
    open=run,
    result=ResultType(
        ok=Success,
        err=Failure,
        is_ok=is_successful,
        is_err=lambda item: not is_successful(item),
        value=lambda item: item.unwrap(),
        error=lambda item: item.failure(),
    ),
    pure=ReaderFutureResult.from_value,
    map=lambda description, f: description.map(f),
    bind=lambda description, f: description.bind(f),
    lift=lift,
    policy=Policy(in_step=True),
)

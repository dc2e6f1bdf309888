"""reactivex: its observables of one value, awaited; one of a call is a deferred `start_async`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import reactivex
from reactivex import Observable, operators

from funcpipe_laws import Policy, StreamInstance


def embed(thunk: Callable[[], Any]) -> Observable[Any]:
    """A call that is made when the observable is subscribed to."""
    return reactivex.defer(lambda _: reactivex.start_async(lambda: asyncio.ensure_future(thunk())))


def lift(function: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Observable[Any]]:
    """A call for each value."""
    return lambda value: embed(lambda: function(value))


async def run(observable: Observable[Any]) -> Any:
    """What awaiting it gives."""
    return await observable


INSTANCE = StreamInstance(
    name="reactivex 4.1.0",
    kind="value",
    embed=embed,
    open=run,
    pure=reactivex.return_value,
    map=lambda observable, f: observable.pipe(operators.map(f)),
    bind=lambda observable, f: observable.pipe(operators.flat_map(f)),
    lift=lift,
    policy=Policy(exceptions="raise"),
)

"""One short run on a simulated loop of its own, that ends in bounded time and changes nothing."""

from __future__ import annotations

import asyncio
import gc
import io
import warnings
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import Any

from funcpipe_laws.apart.watchdog import Watchdog
from funcpipe_laws.declared import clock
from funcpipe_laws.declared.instance import StreamInstance, Value
from funcpipe_laws.simulation.loops.environment import Deadlock, Livelock
from funcpipe_laws.simulation.loops.sim import SimLoop
from funcpipe_laws.simulation.loops.stopped import EndsProcess, NotSimulated, Stopped, TimedOut
from funcpipe_laws.simulation.process import kept_whole

NO_END = (Exception, asyncio.CancelledError, Deadlock, Livelock)
"""What a run may raise that is tried."""


class DoesNotFit(Exception):
    """The operation takes or returns something else; the text says what was seen."""


class TookTooLong(BaseException):
    """The trials of one function take too long, or one of them does not end; the text says so."""


PATIENCE = 5.0
"""Seconds for all trials of one function; most take a hundredth of one."""


class _Patience:
    """What is left of it, and who watches over it."""

    left = 0.0
    watchdog: Watchdog | None = None


@contextmanager
def patience() -> Iterator[None]:
    """Trials in the block end within `PATIENCE` seconds together: raises `TookTooLong`."""
    with Watchdog(PATIENCE) as watchdog:
        _Patience.left, _Patience.watchdog = PATIENCE, watchdog
        try:
            yield
        finally:
            _Patience.watchdog = None


@contextmanager
def _watched() -> Iterator[None]:
    watchdog = _Patience.watchdog
    if watchdog is None:
        yield
        return
    if _Patience.left <= 0:
        raise TookTooLong(f"to try it takes more than {PATIENCE:g} s")
    watchdog.seconds, began = round(_Patience.left, 1) or 0.1, clock.seconds()
    try:
        with watchdog.experiment(lambda error: None):
            yield
    except TimedOut as exc:
        raise TookTooLong(f"it is {exc}") from None
    finally:
        _Patience.left -= clock.seconds() - began


def on_loop(program: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns on a simulated loop of its own, that ends it in bounded time.

    What it prints is not shown, and it neither ends nor doubles this process.
    """
    make: Any = SimLoop
    loop = make(limit=1_000)
    called: list[BaseException] = []
    try:
        with (
            kept_whole(called.append),
            redirect_stdout(io.StringIO()),
            redirect_stderr(io.StringIO()),
            _watched(),
        ):
            try:
                returned = loop.run_until_complete(program)
            finally:
                _end(loop)
    except SystemExit as exc:
        raise DoesNotFit(f"it ends the program: SystemExit: {exc.code}") from None
    except NotSimulated as exc:
        raise DoesNotFit(f"it asks for {str(exc).partition(';')[0]}") from None
    except EndsProcess as exc:
        raise DoesNotFit(f"it {exc}") from None
    if called:
        raise DoesNotFit(f"it {called[0]}")
    return returned


def _end(loop: Any) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()
    with suppress(Exception, Stopped):
        loop.allow(1_000)
        loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


@contextmanager
def quietly() -> Iterator[None]:
    """Nothing is said of coroutines that trials left behind: a coroutine function may be given to
    one that wants a plain function."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        yield
        gc.collect(0)


MOST = 12


def delivered(
    build: Callable[[], Any],
    instance: StreamInstance,
    raised: list[BaseException] | None = None,
) -> list[Any] | None:
    """The values that a short run delivers, `MOST` at most; None if it raises or never ends. What
    it raises is added to `raised`."""

    async def run() -> list[Any]:
        iterator = instance.open(build())
        values: list[Any] = []
        try:
            while len(values) < MOST:
                item = instance.read_item(await anext(iterator))
                values.append(item.value if isinstance(item, Value) else item)
        except StopAsyncIteration:
            pass
        finally:
            if hasattr(iterator, "aclose"):
                with suppress(Exception):
                    await iterator.aclose()
        return values

    with quietly():
        try:
            values: list[Any] = on_loop(run())
        except NO_END as exc:
            if raised is not None:
                raised.append(exc)
            return None
    return values

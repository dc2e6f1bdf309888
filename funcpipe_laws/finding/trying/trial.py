"""One short run on a simulated loop of its own, that ends in bounded time and changes nothing."""

from __future__ import annotations

import asyncio
import gc
import io
import warnings
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from typing import Any

from funcpipe_laws.declared.instance import StreamInstance, Value
from funcpipe_laws.simulation.loops.sim import Deadlock, Livelock, SimLoop
from funcpipe_laws.simulation.loops.stopped import EndsProcess, NotSimulated, Stopped
from funcpipe_laws.simulation.process import kept_whole

NO_END = (Exception, asyncio.CancelledError, Deadlock, Livelock)
"""What a run may raise that is tried."""


class DoesNotFit(Exception):
    """The operation takes or returns something else; the text says what was seen."""


def on_loop(program: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns on a simulated loop of its own, that ends it in bounded time.

    What it prints is not shown, and it neither ends nor doubles this process.
    """
    make: Any = SimLoop
    loop = make(limit=1_000)
    called: list[BaseException] = []
    try:
        with kept_whole(called.append), redirect_stdout(io.StringIO()):
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

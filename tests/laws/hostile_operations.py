"""Operations that hang, end the process or go where no simulation follows them."""

from __future__ import annotations

import asyncio
import os
import posix
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from os import _exit
from typing import Any

from funcpipe_laws import StreamInstance
from tests.laws.mutants import MODEL

Operation = Callable[[Any], Any]


def with_map(at_each_item: Callable[[Any], Any]) -> StreamInstance:
    """The plain model, whose `map` does this at each item; what is awaitable is awaited."""

    def mapped(source: Any, f: Any) -> Any:
        async def stream() -> AsyncIterator[Any]:
            async with aclosing(source()) as items:
                async for item in items:
                    done = at_each_item(item)
                    if asyncio.iscoroutine(done):
                        await done
                    yield f(item)

        return stream

    return replace(MODEL, name="hostile", map=mapped)


def spins(item: Any) -> None:
    """An endless loop."""
    while True:
        pass


def sleeps(item: Any) -> None:
    """A call of C code that lets other threads run."""
    time.sleep(10**6)


def waits(item: Any) -> None:
    """For a lock that nobody releases."""
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def catches_everything(item: Any) -> None:
    """Whatever is raised in it."""
    while True:
        with suppress(BaseException):
            time.sleep(0.001)


def catches_and_goes_on(item: Any) -> None:
    """The same around an endless loop, and another one in the clean-up."""
    try:
        while True:
            try:
                spins(item)
            except BaseException:
                continue
    finally:
        spins(item)


async def spins_in_a_task(item: Any) -> None:
    """Where asyncio keeps what is raised."""
    task = asyncio.ensure_future(asyncio.sleep(0))
    task.add_done_callback(spins)
    await asyncio.wait([task])


def leaves(item: Any) -> None:
    """With the exit code of success."""
    os._exit(0)


def leaves_by_another_name(item: Any) -> None:
    """Imported before the laws were."""
    _exit(0)


def leaves_by_the_inner_module(item: Any) -> None:
    """Where `os` has it from."""
    posix._exit(0)


def forks(item: Any) -> None:
    """Two processes would go on with the suite."""
    os.fork()


def becomes_another_program(item: Any) -> None:
    """One that succeeds."""
    os.execv("/bin/true", ["true"])


def leaves_and_catches(item: Any) -> None:
    """What is raised in place of the end."""
    with suppress(BaseException):
        os._exit(0)


async def in_a_thread(item: Any) -> None:
    """As most libraries with a blocking call do."""
    await asyncio.to_thread(len, "")


async def in_a_thread_if_there_are_any(item: Any) -> None:
    """What the simulated loop raises is a RuntimeError no more."""
    with suppress(Exception):
        await asyncio.to_thread(len, "")


async def in_a_thread_whatever_happens(item: Any) -> None:
    """Everything is caught."""
    with suppress(BaseException):
        await asyncio.get_running_loop().run_in_executor(None, len, "")


async def in_a_thread_of_its_own(item: Any) -> None:
    """Which the loop cannot see, until nothing else can run."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def work() -> None:
        time.sleep(0.05)
        with suppress(BaseException):
            loop.call_soon_threadsafe(done.set)

    threading.Thread(target=work).start()
    await done.wait()


async def in_a_socket(item: Any) -> None:
    """Of the loop's."""
    with suppress(OSError):
        await asyncio.open_connection("127.0.0.1", 9)


ENDLESS: Sequence[Operation] = (
    spins,
    sleeps,
    waits,
    catches_everything,
    catches_and_goes_on,
    spins_in_a_task,
)
ENDING: Sequence[Operation] = (
    leaves,
    leaves_by_another_name,
    leaves_by_the_inner_module,
    forks,
    becomes_another_program,
    leaves_and_catches,
)
REAL: Sequence[Operation] = (
    in_a_thread,
    in_a_thread_if_there_are_any,
    in_a_thread_whatever_happens,
    in_a_thread_of_its_own,
    in_a_socket,
)
KINDS: Mapping[str, tuple[Sequence[Operation], str]] = {
    "hang, sleep or catch what interrupts them": (ENDLESS, "crashed"),
    "end, replace or double the process": (ENDING, "crashed"),
    "use threads or sockets, whatever is raised then": (REAL, "not simulated"),
}
"""What operations do at each item -> those that do it, and the verdict on their law."""

"""Laws of the async iterator protocol: the end, the close, and pulls at the wrong moment."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any

from funcpipe_laws.declared.law import NotOffered, law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.comparing import in_order, received
from funcpipe_laws.experiments.consumer import End, Plan, Run, Shell, alone
from funcpipe_laws.experiments.scripts import ProbeError, Script
from funcpipe_laws.experiments.subjects import build, subject_of
from funcpipe_laws.simulation.trace import Trace


async def _take(run: Run, take: int) -> int:
    """Pull up to so many items; how many there were."""
    for taken in range(take):
        if await run.pull() is End:
            return taken
    return take


def _ended(bench: Bench, trace: Trace, pulls: int) -> None:
    """The last pulls of "out" found the end, every one."""
    tail = [event.act for event in trace.of("out")][-pulls:]
    bench.expect(
        tail == ["end"] * pulls and trace.exception is None,
        f"pulled again: {trace.exception or tail!r}, not {['end'] * pulls}",
        trace,
    )


async def _pull_closed(run: Run) -> None:
    """A pull after it is over: the end, or an exception that says so; an item is logged."""
    with suppress(Exception):
        await run.pull()


def _nothing_after_close(bench: Bench, trace: Trace) -> None:
    closed = trace.index("out", "closed")
    late = [] if closed is None else [e for e in trace.events[closed:] if e.act == "emit"]
    bench.expect(closed is not None, f"aclose() raised {trace.exception!r}", trace)
    bench.expect(not late, f"delivered after aclose(): {', '.join(map(str, late))}", trace)


@law(
    "I1",
    "protocol.aiter_is_self",
    words="An iterator can be iterated, and goes on where it is.",
    symbols="aiter(it) is it, or continues it",
    takes=(),
    observes=("opened",),
)
def aiter_is_self(bench: Bench, subject: str, source: Script) -> None:
    """Pull the first item, then the rest from what `aiter` answers."""
    stream = build(bench, subject, source)
    iterate: Any = iter if bench.instance.kind == "sync" else aiter

    async def consumer(shell: Shell) -> None:
        await shell.follow(Plan(), stream)
        run = shell.open(stream, "again")
        await _take(run, 1)
        run.iterator = iterate(run.iterator)
        await _take(run, 1_000)

    trace = bench.drive(consumer)
    bench.saw("opened")
    whole = in_order(bench, subject, received(trace, "out"))
    again = in_order(bench, subject, received(trace, "again"))
    bench.expect(
        again == whole and trace.exception is None,
        f"iterated: {whole}; with aiter(it) in between: {trace.exception or again!r}",
        trace,
    )


@law(
    "I2",
    "protocol.end_is_final",
    words="After the end, every further pull finds the end.",
    symbols="anext(it) after the end raises StopAsyncIteration, always",
    takes=(),
    observes=("end",),
)
def end_is_final(bench: Bench, subject: str, source: Script) -> None:
    """Drain, then pull three times more."""
    stream = build(bench, subject, source)

    async def consumer(shell: Shell) -> None:
        run = shell.open(stream)
        await _take(run, 1_000)
        for _ in range(3):
            await run.pull()

    _ended(bench, bench.drive(consumer), 4)


@law(
    "I3",
    "protocol.exception_is_final",
    words="After an exception no item is delivered any more.",
    symbols="anext(it) after an exception raises, always",
    takes=(),
    observes=("raise",),
)
def exception_is_final(bench: Bench, failing: Script, passing: str) -> None:
    """Pull until the source raises, then twice more: the end, or an exception again."""
    stream = build(bench, passing, failing)

    async def consumer(shell: Shell) -> None:
        run = shell.open(stream)
        try:
            await _take(run, 1_000)
        except Exception:
            await _pull_closed(run)
            await _pull_closed(run)

    trace = bench.drive(consumer)
    raised = trace.index("out", "raise")
    later = [] if raised is None else [e for e in trace.events[raised:] if e.act == "emit"]
    bench.expect(not later, f"after the exception: {', '.join(map(str, later))}", trace)


@law(
    "I4",
    "protocol.close_before_start",
    words="Closing an iterator that was never pulled runs no user code, and nothing comes after.",
    symbols="aclose(t()) has no effects",
    takes=(),
    observes=("closed",),
    shows_log=True,
)
def close_before_start(bench: Bench, subject: str, source: Script) -> None:
    """Open, close, pull."""
    stream = build(bench, subject, source)
    bench.needs_close(stream)

    async def consumer(shell: Shell) -> None:
        run = shell.open(stream)
        await run.close()
        await _pull_closed(run)

    trace = bench.drive(consumer)
    closed = trace.index("out", "closed")
    others = [str(event) for event in trace.events[:closed] if event.actor != "out"]
    bench.expect(not others, f"closing an unused iterator did: {', '.join(others)}", trace)
    _nothing_after_close(bench, trace)


@law(
    "I5",
    "protocol.close_again",
    words="Closing again, or after the end, does nothing.",
    symbols="aclose(it); aclose(it) = aclose(it)",
    takes=(),
    observes=("closed",),
    shows_log=True,
)
def close_again(bench: Bench, subject: str, source: Script, take: int) -> None:
    """Take some or all, close, note what has happened, close twice more."""
    stream = build(bench, subject, source)
    bench.needs_close(stream)

    async def consumer(shell: Shell) -> None:
        run = shell.open(stream)
        await _take(run, take * take)
        await run.close()
        bench.world.note("law", "mark")
        await run.close()
        await run.close()

    trace = bench.drive(consumer)
    mark = trace.index("law", "mark")
    first = f"before it was closed again: {trace.exception!r}"
    bench.expect(mark is not None, first, trace)
    after = trace.events[(mark or 0) + 1 :]
    bench.expect(
        [(event.actor, event.act) for event in after] == [("out", "closed")] * 2,
        f"closing again did: {trace.exception or ', '.join(map(str, after))!r}",
        trace,
    )
    again = [key for key, n in _releases(trace).items() if n > 1]
    bench.expect(not again, f"released more than once: {again}", trace)


def _releases(trace: Trace) -> Counter[tuple[str, int]]:
    return Counter((e.actor, e.run) for e in trace.events if e.act == "release")


@law(
    "I6",
    "protocol.closed_is_final",
    words="After aclose() nothing is delivered any more, even if the source had more.",
    symbols="anext(it) after aclose(it) raises",
    takes=(),
    observes=("closed early",),
)
def closed_is_final(bench: Bench, subject: str, long: Script, take: int) -> None:
    """Take some, close, pull twice."""
    stream = build(bench, subject, long)
    bench.needs_close(stream)

    async def consumer(shell: Shell) -> None:
        run = shell.open(stream)
        if await _take(run, take) == take:
            bench.saw("closed early")
        await run.close()
        await _pull_closed(run)
        await _pull_closed(run)

    _nothing_after_close(bench, bench.drive(consumer))


@law(
    "I7",
    "protocol.two_pulls_at_once",
    words="Two tasks that pull from one iterator at once: an error or one after the other, but no"
    " item is lost or delivered twice.",
    symbols="anext(it) | anext(it) = an error or a partition of run(t)",
    takes=(),
    observes=("emit",),
)
def two_pulls_at_once(bench: Bench, subject: str, source: Script) -> None:
    """Two tasks pull until the end; one that is refused pulls again a little later.

    Only async generators promise it: asyncio does not ask it of every iterator.
    """
    stream = build(bench, subject, source)
    if not isinstance(bench.instance.open(stream), AsyncGenerator):
        raise NotOffered("its iterators are no async generators: one task may pull at a time")

    async def eager(shell: Shell, run: Run) -> None:
        while True:
            try:
                if await run.pull() is End:
                    return
            except Exception:
                if bench.world.clock_last:
                    await asyncio.sleep(1.0)  # Events would come before its timers, for ever.
                else:
                    await shell.point("refused")

    async def consumer(shell: Shell) -> None:
        await shell.follow(Plan(), stream)
        run = shell.open(stream, "shared")
        await asyncio.gather(eager(shell, run), eager(shell, run))

    trace = bench.drive(consumer)
    alone = in_order(bench, subject, received(trace, "out"))
    shared = in_order(bench, subject, received(trace, "shared"))
    bench.expect(
        shared == alone and trace.exception is None,
        f"one task: {alone}; two tasks: {trace.exception or shared!r}",
        trace,
    )


@law(
    "I8",
    "protocol.athrow",
    words="An exception thrown in at an item surfaces, and resources are released.",
    symbols="athrow(it, e) raises e; released = acquired",
    takes=(),
    observes=("thrown",),
    shows_log=True,
)
def athrow(bench: Bench, subject: str, long: Script, take: int) -> None:
    """Take at least one item, throw, pull once more."""
    stream = build(bench, subject, long)
    if not hasattr(bench.instance.open(stream), "athrow"):
        raise NotOffered("its iterators have no athrow()")
    thrown = ProbeError("thrown in")
    surfaced: list[BaseException | None] = []

    async def consumer(shell: Shell) -> None:
        run = shell.open(stream)
        if await _take(run, take) < take:
            return  # After the end, athrow returns None on 3.11 to 3.13.
        bench.saw("thrown")
        try:
            await run.iterator.athrow(thrown)
            surfaced.append(None)
        except BaseException as exc:
            surfaced.append(exc)
        await run.pull()

    trace = bench.drive(consumer)
    if not surfaced:
        return
    if subject_of(bench, subject).handles:
        return  # It may take it for one of its source, and deliver something in its place.
    bench.expect(alone(surfaced[0]) is thrown, f"athrow gave {surfaced[0]!r}", trace)
    acquired, released = trace.count("acquired", "r"), trace.count("released", "r")
    bench.expect(acquired == released, f"acquired {acquired}, released {released}", trace)
    _ended(bench, trace, 1)


@law(
    "I9",
    "protocol.no_yield_while_closing",
    words="A stream that is being closed delivers nothing and raises nothing.",
    symbols="aclose(it) never 'ignores GeneratorExit'",
    takes=(),
    observes=("closed early",),
    source="PEP 525",
)
def no_yield_while_closing(bench: Bench, subject: str, long: Script, take: int) -> None:
    """Take at least one item, close."""
    stream = build(bench, subject, long)
    bench.needs_close(stream)
    trace = bench.run(stream, Plan(take=take))
    if trace.count("end", "out") == 0:
        bench.saw("closed early")
    bench.expect(trace.exception is None, f"aclose() raised {trace.exception!r}", trace)

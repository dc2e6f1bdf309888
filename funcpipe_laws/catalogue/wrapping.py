"""Laws of wrappers: what a decorator or a class adds, the stream inside behaves as before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextvars import ContextVar
from typing import Any

from funcpipe_laws.declared.instance import Value
from funcpipe_laws.declared.law import Broken, NotOffered, law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.consumer import Plan, Shell, alone
from funcpipe_laws.experiments.offered import opened, wrapped
from funcpipe_laws.experiments.scripts import ProbeError, Script, of_kinds


@law(
    "W1",
    "wrappers.same_trace",
    words="A wrapped stream gives the same items, runs the same effects, and ends in the same way.",
    symbols="run(wrap(g)()) = run(g())",
    takes=("wrappers",),
    observes=("wrapped", "emit"),
)
def same_trace(bench: Bench, wrapper: str, source: Script) -> None:
    """Compare whole traces."""
    left = bench.run(wrapped(bench, wrapper, source))
    right = bench.run(wrapped(bench, None, source))
    bench.same(left, right, names=("wrapped", "bare"))


@law(
    "W2",
    "wrappers.exceptions",
    words="An exception of the wrapped stream reaches the consumer as it is, after its items.",
    symbols="g() raises e => wrap(g)() raises e",
    takes=("wrappers",),
    observes=("wrapped", "raise"),
)
def exceptions(bench: Bench, wrapper: str, failing: Script) -> None:
    """Several kinds; what comes is compared by type and text."""
    for script in of_kinds(failing, (ProbeError, OSError, TimeoutError)):
        left = bench.run(wrapped(bench, wrapper, script))
        right = bench.run(wrapped(bench, None, script))
        surfaced, wanted = alone(left.exception), right.exception
        bench.expect(
            repr(surfaced) == repr(wanted) and left.items == right.items,
            f"bare: {right.items}, then {wanted!r}; wrapped: {left.items}, then {surfaced!r}",
            left,
        )


@law(
    "W3",
    "wrappers.close",
    words="Closing a wrapped stream closes what is inside, before aclose() returns.",
    symbols="after aclose(wrap(g)()): g is closed",
    takes=("wrappers",),
    observes=("wrapped", "closed early"),
    shows_log=True,
)
def close(bench: Bench, wrapper: str, long: Script, take: int) -> None:
    """Take some items, close; a wrapper that cannot be closed where g can is broken as well."""
    stream = wrapped(bench, wrapper, long)
    if not bench.can_close(stream):
        raise Broken("g has an aclose(), what the wrapper makes of it has none")
    trace = bench.run(stream, Plan(take=take))
    if not trace.count("end", "out"):
        bench.saw("closed early")
    open_still = [*trace.unreleased(), *trace.leaks.generators]
    bench.expect(not open_still, f"still open after aclose(): {', '.join(open_still)}", trace)


@law(
    "W4",
    "wrappers.cancellation",
    words="A consumer of a wrapped stream that is cancelled ends as cancelled, at every iteration,"
    " and nothing is left open.",
    symbols="for all k: cancel at k => CancelledError; g is closed",
    takes=("wrappers",),
    observes=("wrapped", "cancel"),
    shows_log=True,
)
def cancellation(bench: Bench, wrapper: str, short: Script) -> None:
    """Cancel at every iteration of the loop in turn."""
    for trace in bench.cancel_sweep(lambda: wrapped(bench, wrapper, short)):
        ended = f"cancelled, and yet it {trace.ending}"
        bench.expect(trace.ending == "cancelled", ended, trace)
        left = [*trace.unreleased(started=True), *trace.leaks.tasks, *trace.leaks.generators]
        bench.expect(not left, f"left behind: {'; '.join(left)}", trace)


@law(
    "W5",
    "wrappers.sent_and_thrown",
    words="What is sent or thrown into a wrapped generator arrives inside, and what is answered"
    " comes back.",
    symbols="asend, athrow of wrap(g)() = those of g()",
    takes=("wrappers",),
    observes=("wrapped", "sent"),
)
def sent_and_thrown(bench: Bench, wrapper: str, value: Any) -> None:
    """One value, then one exception that the generator answers with an item."""
    got: list[Any] = []

    async def echo() -> AsyncGenerator[Any, Any]:
        received = yield bench.instance.make_item(Value("first"))
        try:
            yield bench.instance.make_item(Value(("sent", received)))
        except ProbeError:
            yield bench.instance.make_item(Value("caught"))

    async def talk(iterator: Any) -> list[Any]:
        said = [await anext(iterator)]
        said.append(await iterator.asend(value))
        said.append(await iterator.athrow(ProbeError("thrown in")))
        await iterator.aclose()
        return said

    open_wrapped = opened(bench, wrapper, echo)

    async def consumer(shell: Shell) -> None:
        bare, wrapped = echo(), open_wrapped()
        for name in ("asend", "athrow"):
            if not hasattr(wrapped, name):
                raise Broken(f"g has {name}(), what the wrapper makes of it has none")
        bench.saw("sent")
        got.append(await talk(bare))
        try:
            got.append(await talk(wrapped))
        except Exception as exc:
            got.append(exc)

    trace = bench.drive(consumer)
    if isinstance(trace.exception, Broken):
        raise trace.exception
    bench.expect(len(got) == 2 and got[0] == got[1], f"bare: {got[:1]}; wrapped: {got[1:]}", trace)


_VARIABLE: ContextVar[Any] = ContextVar("law", default="unset")


@law(
    "W6",
    "wrappers.context",
    words="A wrapped generator runs in its consumer's context: it sees what that one sets, and can"
    " reset what it has set itself.",
    symbols="context(wrap(g)()) = context(g())",
    takes=("wrappers",),
    observes=("wrapped", "context"),
)
def context(bench: Bench, wrapper: str) -> None:
    """A variable set by the consumer between pulls, and by the generator, which resets it."""

    async def generator() -> AsyncGenerator[Any, None]:
        yield bench.instance.make_item(Value(_VARIABLE.get()))
        token = _VARIABLE.set("inside")
        yield bench.instance.make_item(Value(_VARIABLE.get()))
        _VARIABLE.reset(token)
        yield bench.instance.make_item(Value(_VARIABLE.get()))

    open_wrapped = opened(bench, wrapper, generator)
    seen: list[Any] = []

    async def read(iterator: Any) -> list[Any]:
        values = []
        for outside in ("one", "two", "three"):
            _VARIABLE.set(outside)
            try:
                values.append(bench.instance.read_item(await anext(iterator)))
            except Exception as exc:
                values.append(repr(exc))  # type: ignore[arg-type]
        return values

    async def consumer(shell: Shell) -> None:
        seen.append(await asyncio.ensure_future(read(generator())))
        seen.append(await asyncio.ensure_future(read(open_wrapped())))
        bench.saw("context")

    trace = bench.drive(consumer)
    bench.expect(
        len(seen) == 2 and seen[0] == seen[1], f"bare: {seen[:1]}; wrapped: {seen[1:]}", trace
    )


@law(
    "W7",
    "wrappers.name",
    words="A decorated function keeps its name, its documentation and its annotations.",
    symbols="wrap(g).__name__ = g.__name__, ...",
    takes=("wrappers",),
    observes=("wrapped",),
)
def name(bench: Bench, wrapper: str) -> None:
    """Compare what frameworks read."""
    given = bench.instance.wrappers[wrapper]
    if given.takes == "iterator":
        raise NotOffered("it wraps iterators: there is no name to keep")

    async def every_order(limit: int) -> AsyncGenerator[int, None]:
        """The orders."""
        yield limit

    wrapped = given.wrap(every_order)
    bench.saw("wrapped")
    for attribute in ("__name__", "__doc__", "__annotations__"):
        before, after = getattr(every_order, attribute), getattr(wrapped, attribute, None)
        if before != after:
            raise Broken(f"{attribute} was {before!r} and is {after!r}")

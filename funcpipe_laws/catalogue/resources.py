"""Laws of `using`: every acquisition is released, once, in order, before control comes back."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from funcpipe_laws.bench import DRAIN, Bench, Plan, Shell
from funcpipe_laws.instance import Stream, Value
from funcpipe_laws.law import NotOffered, law
from funcpipe_laws.probes import Kleisli, ProbeError, Raise, Resource, Script
from funcpipe_laws.trace import Trace

BRACKETS = 10_000


def _held(bench: Bench, source: Script, layers: Sequence[str] = ()) -> Stream:
    return bench.wrap(bench.op.using(bench.resource(), lambda _: bench.source(source)), layers)


def _released_once(bench: Bench, trace: Trace) -> None:
    acquired = Counter((e.actor, e.run) for e in trace.events if e.act == "acquired")
    released = Counter((e.actor, e.run) for e in trace.events if e.act == "release")
    bench.expect(
        acquired == released,
        f"acquired {acquired.total()} times, released {released.total()} times",
        trace,
    )


def _in_stack_order(bench: Bench, trace: Trace) -> None:
    """What was acquired last is released first, completely, before the next release begins."""
    held: list[tuple[str, int]] = []
    for index, event in enumerate(trace.events):
        key = (event.actor, event.run)
        if event.act == "acquired":
            held.append(key)
        elif event.act in ("release", "released"):
            bench.expect(
                held and held[-1] == key,
                f"{event}, while {'nothing' if not held else held[-1][0]} was acquired last",
                trace,
                at=index,
            )
            if event.act == "released":
                held.pop()
    bench.expect(not held, f"never released: {[actor for actor, _ in held]}", trace)


@law(
    "S1",
    "resources.release_at_end",
    words="At the end of its stream a resource is released, exactly once; also if the stream is"
    " empty or has failed items.",
    symbols="acquired = released = 1 after run(using(r, k))",
    takes=("using",),
    observes=("acquired", "empty", "err"),
    shows_log=True,
)
def release_at_end(bench: Bench, source: Script) -> None:
    """Drain, then compare the counts."""
    bench.saw("empty", not source.items)
    trace = bench.run(_held(bench, source))
    _released_once(bench, trace)
    bench.expect(trace.count("acquired", "r") == 1, "it was not acquired once", trace)


@law(
    "S2",
    "resources.release_on_close",
    words="A stream that is closed early releases what it acquired, exactly once.",
    symbols="acquired = released after aclose",
    takes=("using",),
    observes=("acquired", "closed early"),
    shows_log=True,
)
def release_on_close(bench: Bench, long: Script, take: int) -> None:
    """Take some items, close, then compare the counts."""
    stream = _held(bench, long)
    bench.needs_close(stream)
    trace = bench.run(stream, Plan(take=take))
    if trace.count("acquired", "r") and not trace.count("end", "out"):
        bench.saw("closed early")
    _released_once(bench, trace)


@law(
    "S3",
    "resources.release_on_exception",
    words="When the stream inside raises, the resource is released, exactly once.",
    symbols="acquired = released after run(using(r, _ -> raise))",
    takes=("using",),
    observes=("acquired", "raise"),
    shows_log=True,
)
def release_on_exception(bench: Bench, failing: Script) -> None:
    """A source that raises; then compare the counts."""
    _released_once(bench, bench.run(_held(bench, failing)))


@law(
    "S4",
    "resources.release_on_body_error",
    words="When the consumer raises inside aclosing, the resource is released, exactly once.",
    symbols="acquired = released after aclosing(...) raised",
    takes=("using",),
    observes=("acquired", "closed early"),
    shows_log=True,
)
def release_on_body_error(bench: Bench, long: Script, take: int) -> None:
    """Take some items, raise, close on the way out."""
    stream = _held(bench, long)
    bench.needs_close(stream)
    trace = bench.run(stream, Plan(take=take, then="raise"))
    if trace.count("acquired", "r") and not trace.count("end", "out"):
        bench.saw("closed early")
    _released_once(bench, trace)


@law(
    "S5",
    "resources.release_on_cancel",
    words="Cancelled at any point, a stream releases what it had acquired, exactly once, before the"
    " cancelled task ends.",
    symbols="for all k: cancel at k => released = acquired",
    takes=("using",),
    observes=("cancel", "acquired", "release"),
    shows_log=True,
)
def release_on_cancel(bench: Bench, source: Script) -> None:
    """Cancel at every iteration of the loop in turn."""
    for trace in bench.cancel_sweep(lambda: _held(bench, source)):
        _released_once(bench, trace)


@law(
    "S6",
    "resources.release_on_timeout",
    words="When a consumer's asyncio.timeout expires, the resource is released, exactly once,"
    " before the TimeoutError.",
    symbols="timeout(d): run(using(r, k)) => released = acquired",
    takes=("using",),
    observes=("acquired", "timed out"),
    shows_log=True,
)
def release_on_timeout(bench: Bench, hanging: Script) -> None:
    """A source that never goes on, under a timeout."""
    trace = bench.run(_held(bench, hanging), Plan(timeout=5.0))
    bench.saw("timed out", isinstance(trace.exception, TimeoutError))
    bench.expect(
        isinstance(trace.exception, TimeoutError),
        f"the timeout surfaced as {trace.exception or 'a normal end'!r}",
        trace,
    )
    _released_once(bench, trace)


@law(
    "S7",
    "resources.release_when_making_fails",
    words="When the function that makes the stream raises, or its stream does at once, the resource"
    " is released and the exception surfaces.",
    symbols="using(r, _ -> raise e): released = acquired, raises e",
    takes=("using",),
    observes=("raise", "acquired"),
    shows_log=True,
)
def release_when_making_fails(bench: Bench, flag: bool) -> None:
    """The call raises, or the first pull does."""

    def make_stream(_: Any) -> Stream:
        if flag:
            raise ProbeError("boom")
        return bench.source(Script((Raise(),)))

    trace = bench.run(bench.op.using(bench.resource(), make_stream))
    _released_once(bench, trace)
    bench.expect(
        isinstance(trace.exception, ProbeError),
        f"the consumer saw {trace.exception or 'a normal end'!r}",
        trace,
    )


@law(
    "S8",
    "resources.failed_acquire",
    words="When acquiring fails, nothing is released, no stream is made, and the error surfaces.",
    symbols="acquire raises e => effects = [acquire], raises e",
    takes=("using",),
    observes=("acquire", "raise"),
    shows_log=True,
)
def failed_acquire(bench: Bench, source: Script) -> None:
    """A resource whose entry raises."""
    make_stream = bench.function(lambda _: bench.source(source), "k")
    stream = bench.op.using(bench.resource(Resource(enter=Raise(text="no entry"))), make_stream)
    trace = bench.run(stream)
    done = [str(event) for event in trace.events if event.actor != "out"]
    bench.expect(done == ["r acquire"], f"a failed entry was followed by {done[1:]}", trace)
    bench.expect(
        isinstance(trace.exception, ProbeError),
        f"the consumer saw {trace.exception or 'a normal end'!r}",
        trace,
    )


@law(
    "S9",
    "resources.failed_release",
    words="When a release fails, its error surfaces, and the outer resources are still released.",
    symbols="release raises e => raises e, outer released",
    takes=("using",),
    observes=("acquired", "failed release"),
    shows_log=True,
)
def failed_release(bench: Bench, source: Script, take: int, flag: bool) -> None:
    """The inner one of two resources fails on exit; at the end or at an early close."""
    inner = bench.resource(Resource(exit=Raise(text="no exit")), "inner")

    def make_stream(_: Any) -> Stream:
        return bench.op.using(inner, lambda _: bench.source(source))

    stream = bench.op.using(bench.resource(name="outer"), make_stream)
    if flag:
        bench.needs_close(stream)
    trace = bench.run(stream, Plan(take=take) if flag else DRAIN)
    _released_once(bench, trace)
    if trace.count("acquired", "inner"):
        bench.saw("failed release")
        bench.expect(
            isinstance(trace.exception, ProbeError),
            f"the release failed; the consumer saw {trace.exception or 'a normal end'!r}",
            trace,
        )


@law(
    "S10",
    "resources.stack_order",
    words="Nested resources are released in the opposite order of their acquisition, each one"
    " completely before the next.",
    symbols="acquire a, b, c => release c, b, a",
    takes=("using",),
    observes=("acquired", "nested"),
    shows_log=True,
)
def stack_order(bench: Bench, long: Script, chain: Sequence[str], take: int, through: str) -> None:
    """Two resources, one inside the other or one for each inner stream of a bind, and a chain."""
    op = bench.op
    inner, outer = bench.resource(name="inner"), bench.resource(name="outer")
    if through == "bind":
        first = op.using(outer, lambda _: bench.source(long))
        two = Kleisli((Script((Value(1), Value(2))),))
        kleisli = bench.kleisli(two)
        stream = op.bind(first, lambda value: op.using(inner, lambda _: kleisli(value)))
    else:
        stream = op.using(outer, lambda _: op.using(inner, lambda _: bench.source(long)))
    stream = bench.wrap(stream, chain)
    bench.needs_close(stream)
    trace = bench.run(stream, Plan(take=take))
    if trace.count("acquired", "inner"):
        bench.saw("nested")
    _in_stack_order(bench, trace)


@law(
    "S11",
    "resources.stream_before_resource",
    words="A stream is closed before the resource that it uses is released.",
    symbols="close(k(r)) < release(r)",
    takes=("using",),
    observes=("acquired", "closed early"),
    shows_log=True,
)
def stream_before_resource(
    bench: Bench, long: Script, chain: Sequence[str], take: int, through: str
) -> None:
    """Take some items, close; at the release, what was opened after the acquisition is closed."""
    op = bench.op
    if through == "bind":
        two = Kleisli((Script((Value(1), Value(2))),))
        stream = op.bind(_held(bench, long), bench.kleisli(two))
    else:
        inside = bench.wrap(bench.source(long), chain)
        stream = op.using(bench.resource(), lambda _: inside)
    bench.needs_close(stream)
    trace = bench.run(stream, Plan(take=take))
    if trace.count("acquired", "r") and not trace.count("end", "out"):
        bench.saw("closed early")
    open_now: set[tuple[str, int]] = set()
    for index, event in enumerate(trace.events):
        if event.act == "open":
            open_now.add((event.actor, event.run))
        elif event.act == "close":
            open_now.discard((event.actor, event.run))
        elif (event.actor, event.act) == ("r", "release"):
            names = ", ".join(sorted(actor for actor, _ in open_now))
            bench.expect(not open_now, f"released while {names} is open", trace, at=index)


@law(
    "S12",
    "resources.held_at_every_item",
    words="Every item is delivered while its resource is held.",
    symbols="acquired(r) < emit(x) < release(r)",
    takes=("using",),
    observes=("emit", "acquired"),
    shows_log=True,
)
def held_at_every_item(bench: Bench, source: Script) -> None:
    """Drain; at every item, the resource is there."""
    held = 0
    trace = bench.run(_held(bench, source))
    for index, event in enumerate(trace.events):
        held += event.act == "acquired"
        held -= event.act == "release"
        if event.act == "emit":
            bench.expect(held, f"{event} with no resource held", trace, at=index)


@law(
    "S13",
    "resources.release_completes_first",
    words="A release is complete before aclose(), or the last pull, returns.",
    symbols="released(r) < return of aclose / StopAsyncIteration",
    takes=("using",),
    observes=("acquired", "closed early", "end"),
    shows_log=True,
)
def release_completes_first(bench: Bench, long: Script, take: int) -> None:
    """The release suspends; the trace ends where the consumer does."""
    stream = _held(bench, long)
    bench.needs_close(stream)
    for plan in (DRAIN, Plan(take=take)):
        trace = bench.run(stream, plan)
        over = next((i for i, e in enumerate(trace.events) if e.act in ("end", "closed")), None)
        if trace.count("acquired", "r") and not trace.count("end", "out"):
            bench.saw("closed early")
        done = sum(event.act == "released" for event in trace.events[:over])
        bench.expect(
            done == trace.count("acquired", "r"),
            "control came back before the release was complete",
            trace,
            at=over,
        )


@law(
    "S14",
    "resources.close_reaches_inside",
    words="When aclose() of the outermost stream returns, every source and resource inside it,"
    " whatever combinators lie between, has been closed.",
    symbols="after aclose(c(using(r, s))): nothing open",
    takes=("using",),
    observes=("acquired", "closed early"),
    shows_log=True,
    source="PEP 533",
)
def close_reaches_inside(
    bench: Bench, long: Script, layer: Sequence[str], layers: Sequence[str], take: int
) -> None:
    """Take some items, close, and look at the log at that moment; every combinator has its turn."""
    layers = (*layer, *layers)
    stream = _held(bench, long, layers)
    bench.needs_close(stream)
    trace = bench.run(stream, Plan(take=take))
    if trace.count("end", "out") == 0 and trace.count("acquired", "r"):
        bench.saw("closed early")
    # A merge pulls ahead: its close may strike a release that is already under way.
    open_still = trace.unreleased(started="merge" in layers)
    bench.expect(not open_still, f"still open after aclose(): {', '.join(open_still)}", trace)
    generators = trace.leaks.generators
    bench.expect(not generators, f"still open after aclose(): {'; '.join(generators)}", trace)


@law(
    "S15",
    "resources.release_after_break",
    words="A stream that is left by a bare break is released once it is collected and the loop has"
    " gone round, at the latest when the loop is shut down.",
    symbols="break; del it; gc; shutdown_asyncgens => released = acquired",
    takes=("using",),
    observes=("acquired", "left"),
    shows_log=True,
)
def release_after_break(bench: Bench, long: Script, take: int) -> None:
    """Leave, drop, collect, wait, shut down the loop's async generators."""
    stream = _held(bench, long)
    iterator = bench.instance.open(stream)
    if not isinstance(iterator, AsyncGenerator) and not hasattr(iterator, "__del__"):
        raise NotOffered("its iterators promise nothing at a bare break")

    async def consumer(shell: Shell) -> None:
        await shell.follow(Plan(take=take, then="leave"), stream)
        gc.collect(0)
        for _ in range(6):
            await shell.point("after the break")
            await shell.settle()
        await asyncio.get_running_loop().shutdown_asyncgens()

    trace = bench.drive(consumer)
    if trace.count("acquired", "r") and not trace.count("end", "out"):
        bench.saw("left")
    _released_once(bench, trace)


@law(
    "S16",
    "resources.exit_is_told_the_truth",
    words="A resource's exit is told None at the end, the exception that the stream raised, and"
    " CancelledError on a cancel; on an early close GeneratorExit or None.",
    symbols="__aexit__(how the stream ended)",
    takes=("using",),
    observes=("end", "closed early", "raise", "cancel"),
    shows_log=True,
)
def exit_is_told_the_truth(bench: Bench, source: Script, failing: Script) -> None:
    """All four ways to end."""
    _told(bench, bench.run(_held(bench, source)), {None})
    _told(bench, bench.run(_held(bench, failing)), {"ProbeError"})
    stream = _held(bench, source)
    if hasattr(bench.instance.open(stream), "aclose"):
        early = bench.run(stream, Plan(take=1))
        if not early.count("end", "out"):
            bench.saw("closed early")
            _told(bench, early, {None, "GeneratorExit"})
    for trace in bench.cancel_sweep(lambda: _held(bench, source)):
        acquired, cancel = trace.index("r", "acquired"), trace.index("out", "cancel")
        release = trace.index("r", "release")
        if None not in (acquired, cancel, release) and acquired < cancel < release:  # type: ignore[operator]
            _told(bench, trace, {"CancelledError"})


def _told(bench: Bench, trace: Trace, right: set[str | None]) -> None:
    for index, event in enumerate(trace.events):
        if event.act == "release":
            bench.expect(
                event.detail in right,
                f"__aexit__ was told {event.detail}, not {' or '.join(map(str, right))}",
                trace,
                at=index,
            )


@law(
    "S17",
    "resources.inner_before_next",
    words="The resource of an inner stream is released before the next outer item is asked for.",
    symbols="release(r_i) < pull(x_i+1)",
    takes=("using", "bind"),
    observes=("acquired", "next outer item"),
    shows_log=True,
)
def inner_before_next(bench: Bench, source: Script, k: Kleisli) -> None:
    """At every pull of the outer source, nothing is held."""
    inner = bench.kleisli(k)

    def bracket(value: Any) -> Stream:
        return bench.op.using(bench.resource(), lambda _: inner(value))

    trace = bench.run(bench.op.bind(bench.source(source), bracket))
    held = seen = 0
    for index, event in enumerate(trace.events):
        held += event.act == "acquired"
        seen += event.act == "acquired"
        held -= event.act == "released"
        if (event.actor, event.act) == ("s", "pull"):
            bench.saw("next outer item", seen)
            bench.expect(not held, "an inner resource is still held", trace, at=index)


@law(
    "S18",
    "resources.many_brackets",
    words=f"{BRACKETS} resources, one after the other, are acquired and released in turn.",
    symbols="max(held) = 1 over bind(s, _ -> using(r, k))",
    takes=("using", "bind"),
    observes=("acquired",),
)
def many_brackets(bench: Bench) -> None:
    """A long stream of brackets that are ready at once."""
    ready = Resource(ready=True)
    many = Script((Value(0),) * BRACKETS, ready=True)

    def bracket(value: Any) -> Stream:
        return bench.op.using(bench.resource(ready), lambda _: bench.one(value))

    trace = bench.run(bench.op.bind(bench.source(many), bracket), limit=100 * BRACKETS)
    held = most = 0
    for event in trace.events:
        held += event.act == "acquired"
        held -= event.act == "released"
        most = max(most, held)
    bench.expect(trace.exception is None, f"raised {trace.exception!r}")
    bench.expect(
        (trace.count("acquired"), held, most) == (BRACKETS, 0, 1),
        f"{trace.count('acquired')} acquired, at most {most} at once, {held} never released",
    )

"""Laws of resources: what is acquired is released, exactly once, however the stream ends."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncGenerator
from typing import Any

from funcpipe_laws.declared.instance import Stream
from funcpipe_laws.declared.law import NotOffered, law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.consumer import DRAIN, Plan, Shell, alone
from funcpipe_laws.experiments.scripts import ProbeError, Raise, Resource, Script
from funcpipe_laws.experiments.subjects import in_resource
from funcpipe_laws.simulation.trace import Trace


def _released_once(bench: Bench, trace: Trace) -> None:
    acquired = Counter((e.actor, e.run) for e in trace.events if e.act == "acquired")
    released = Counter((e.actor, e.run) for e in trace.events if e.act == "release")
    bench.expect(
        acquired == released,
        f"acquired {acquired.total()} times, released {released.total()} times",
        trace,
    )


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
    trace = bench.run(in_resource(bench, source))
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
    stream = in_resource(bench, long)
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
    _released_once(bench, bench.run(in_resource(bench, failing)))


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
    stream = in_resource(bench, long)
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
    for trace in bench.cancel_sweep(lambda: in_resource(bench, source)):
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
    trace = bench.run(in_resource(bench, hanging), Plan(timeout=5.0))
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
        isinstance(alone(trace.exception), ProbeError),
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
        isinstance(alone(trace.exception), ProbeError),
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
        if flag and not bench.in_step:
            return  # What fails while it is read ahead may go down with the buffer.
        bench.expect(
            isinstance(alone(trace.exception), ProbeError),
            f"the release failed; the consumer saw {trace.exception or 'a normal end'!r}",
            trace,
        )


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
    stream = in_resource(bench, long)
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
    words="A resource's exit receives None at the end, the exception that the stream raised, and"
    " CancelledError on a cancel; on an early close GeneratorExit or None.",
    symbols="__aexit__(how the stream ended)",
    takes=("using",),
    observes=("end", "closed early", "raise", "cancel"),
    shows_log=True,
)
def exit_is_told_the_truth(bench: Bench, source: Script, failing: Script) -> None:
    """All four ways to end.

    What reads ahead in a task is cancelled when it is closed, and closed when its consumer is
    cancelled.
    """
    when_closed = () if bench.in_step else ("CancelledError",)
    when_cancelled = () if bench.in_step else ("GeneratorExit",)
    _told(bench, bench.run(in_resource(bench, source)), {None})
    _told(bench, bench.run(in_resource(bench, failing)), {"ProbeError"})
    stream = in_resource(bench, source)
    if hasattr(bench.instance.open(stream), "aclose"):
        early = bench.run(stream, Plan(take=1))
        if not early.count("end", "out"):
            bench.saw("closed early")
            _told(bench, early, {None, "GeneratorExit", *when_closed})
    for trace in bench.cancel_sweep(lambda: in_resource(bench, source)):
        acquired, cancel = trace.index("r", "acquired"), trace.index("out", "cancel")
        release = trace.index("r", "release")
        if None not in (acquired, cancel, release) and acquired < cancel < release:  # type: ignore[operator]
            # The cancel may strike a source that is at its end already.
            over = any(event.detail == "end" for event in trace.of("s", "closing"))
            _told(bench, trace, {"CancelledError", *when_cancelled, *((None,) if over else ())})


def _told(bench: Bench, trace: Trace, right: set[str | None]) -> None:
    for index, event in enumerate(trace.events):
        if event.act == "release":
            bench.expect(
                event.detail in right,
                f"__aexit__ received {event.detail}, not {' or '.join(map(str, right))}",
                trace,
                at=index,
            )

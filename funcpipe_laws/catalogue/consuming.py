"""Laws of consumers: functions that drive a stream to a result."""

from __future__ import annotations

from funcpipe_laws.declared.law import Broken, law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.consumer import alone
from funcpipe_laws.experiments.offered import consumed
from funcpipe_laws.experiments.scripts import ProbeError, Raise, Script, of_kinds
from funcpipe_laws.simulation.trace import Trace


def _nothing_left(bench: Bench, trace: Trace, *, started: bool = False) -> None:
    left = [*trace.unreleased(started=started), *trace.leaks.tasks, *trace.leaks.generators]
    bench.expect(not left, f"left behind: {'; '.join(left)}", trace)


@law(
    "K1",
    "consumers.result",
    words="A consumer returns what its model gives for the items, and leaves nothing open.",
    symbols="await consume(s) = model(run(s)); nothing open",
    takes=("consumers",),
    observes=("consumed", "open"),
    shows_log=True,
)
def result(bench: Bench, consumer: str, source: Script) -> None:
    """A source that ends by itself; what is left before its end has to be closed."""
    trace, results = consumed(bench, consumer, bench.source(source))
    if trace.exception is None:
        _nothing_left(bench, trace)
    model = bench.instance.consumers[consumer].model
    if model is None:
        return
    items = [bench.instance.make_item(step) for step in source.items]  # type: ignore[arg-type]
    wanted = model(items)
    bench.expect(results == [wanted], f"{trace.exception or results!r}, not {[wanted]}", trace)


@law(
    "K2",
    "consumers.pulls",
    words="A consumer pulls no more items than it says.",
    symbols="pulls(consume(s)) <= declared",
    takes=("consumers",),
    observes=("consumed", "pull"),
    shows_log=True,
)
def pulls(bench: Bench, consumer: str, long: Script) -> None:
    """Count; one that declares nothing may pull all."""
    trace, _ = consumed(bench, consumer, bench.source(long))
    declared = bench.instance.consumers[consumer].pulls
    pulled = trace.count("pull", "s")
    bench.expect(
        declared is None or pulled <= declared, f"{pulled} pulls, declared is {declared}", trace
    )


@law(
    "K3",
    "consumers.cancellation",
    words="A consumer that is cancelled ends as cancelled, and leaves nothing open.",
    symbols="for all k: cancel at k => CancelledError; nothing open",
    takes=("consumers",),
    observes=("consumed", "cancel"),
    shows_log=True,
)
def cancellation(bench: Bench, consumer: str, short: Script) -> None:
    """Cancel at every iteration of the loop in turn."""
    undisturbed, _ = consumed(bench, consumer, bench.source(short))
    for step in range(1, undisturbed.steps + 1):
        trace, _ = consumed(bench, consumer, bench.source(short), (step,))
        if trace.count("cancel") == 0:
            break
        ended = f"cancelled, and yet it {trace.ending}"
        bench.expect(trace.ending == "cancelled", ended, trace)
        _nothing_left(bench, trace, started=True)


@law(
    "K4",
    "consumers.exceptions",
    words="An exception of the stream reaches the caller as it is; a consumer does not swallow it.",
    symbols="s raises e => await consume(s) raises e",
    takes=("consumers",),
    observes=("consumed", "raised"),
)
def exceptions(bench: Bench, consumer: str, failing: Script) -> None:
    """Several kinds; nothing is said of one that had enough before."""
    for script in of_kinds(failing, (ProbeError, OSError, TimeoutError)):
        trace, _ = consumed(bench, consumer, bench.source(script))
        raised = next(step for step in script.items if isinstance(step, Raise))
        if not any(event.detail == raised.kind.__name__ for event in trace.of("s", "closing")):
            continue
        bench.saw("raised")
        surfaced = alone(trace.exception)
        right = type(surfaced) is raised.kind and surfaced.args == (raised.text,)
        bench.expect(
            right, f"the source raised {raised.make()!r}; the caller saw {surfaced!r}", trace
        )


@law(
    "K5",
    "consumers.are_consumers",
    words="What is offered as a consumer takes a stream and returns an awaitable.",
    symbols="await consume(s)",
    takes=("consumers",),
    observes=("consumed",),
)
def are_consumers(bench: Bench, consumer: str) -> None:
    """One short run; what it raises itself is for the other laws."""
    trace, _ = consumed(bench, consumer, bench.source(Script(())))
    if isinstance(trace.exception, TypeError):
        raise Broken(f"consumers[{consumer!r}]: {trace.exception}")

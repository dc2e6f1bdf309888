"""Laws of time: retries, delays and time limits, on the virtual clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from funcpipe_laws.declared.instance import Failure, Stream, Value
from funcpipe_laws.declared.law import law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.scripts import Script

DELAYS = (1.0, 2.0, 4.0)


def _attempts(bench: Bench, outcomes: Sequence[Value | Failure]) -> Callable[[], Awaitable[Any]]:
    """A coroutine function whose nth call has the nth outcome, and the last one for ever."""

    async def attempt() -> Any:
        number = bench.world.opening("fn")
        bench.world.note("fn", "call", number)
        return bench.instance.make_item(outcomes[min(number, len(outcomes) - 1)])

    return attempt


def _retried(bench: Bench, outcomes: Sequence[Value | Failure], attempts: int) -> Stream:
    make = _attempts(bench, outcomes)
    return bench.op.retry(make, attempts=attempts, delays=DELAYS, retry_on=("E1", "E3"))


@law(
    "T1",
    "time.attempts",
    words="k failures are followed by attempt k + 1, each a fresh call, and never more attempts"
    " than allowed.",
    symbols="calls = min(failures + 1, attempts)",
    takes=("retry", "err"),
    observes=("call", "ok", "err"),
)
def attempts(bench: Bench, failures: int, size: int) -> None:
    """So many failures, then success."""
    outcomes: list[Value | Failure] = [Failure("E1")] * failures
    outcomes.append(Value(1))
    trace = bench.run(_retried(bench, outcomes, size))
    calls = trace.count("call", "fn")
    wanted = min(failures + 1, size)
    bench.expect(calls == wanted, f"{calls} calls, not {wanted}", trace)
    bench.items_are(trace, bench.expected([outcomes[wanted - 1]]))


@law(
    "T2",
    "time.last_error",
    words="Success and errors that are not to be retried end the attempts; of several errors the"
    " last one is delivered.",
    symbols="retry: fatal => 1 call; errors e1, e2 => e2",
    takes=("retry", "err"),
    observes=("call", "err"),
)
def last_error(bench: Bench, size: int) -> None:
    """A success, an error of another code, and a sequence of two different errors."""
    for outcome in (Value(1), Failure("E2")):
        trace = bench.run(_retried(bench, [outcome], size))
        bench.world.opened.clear()
        bench.expect(
            trace.count("call", "fn") == 1, f"{outcome} was followed by another call", trace
        )
        bench.items_are(trace, bench.expected([outcome]))
    trace = bench.run(_retried(bench, [Failure("E1"), Failure("E3")], 2))
    bench.items_are(trace, bench.expected([Failure("E3")]))


@law(
    "T3",
    "time.delays",
    words="The pauses between attempts are those given, and after the last attempt there is none.",
    symbols="time(call k+1) - time(call k) = delays[k]; end = last call",
    takes=("retry", "err"),
    observes=("call", "pause"),
)
def delays(bench: Bench, size: int) -> None:
    """Only failures; nothing but the pauses takes time."""
    trace = bench.run(_retried(bench, [Failure("E1")], size))
    times = [event.time for event in trace.of("fn", "call")]
    wanted = [sum(DELAYS[:n]) for n in range(size)]
    bench.saw("pause", size - 1)
    bench.expect(times == wanted, f"calls at {times}, not {wanted}", trace)
    ended = [event.time for event in trace.of("out", "emit")]
    bench.expect(ended == wanted[-1:], f"the error came at {ended}, not {wanted[-1:]}", trace)


@law(
    "T4",
    "time.cancelled_retry",
    words="A retry that is cancelled, during an attempt or a pause, makes no further attempt.",
    symbols="for all k: cancel at k => no later call, CancelledError",
    takes=("retry", "err"),
    observes=("cancel", "call"),
)
def cancelled_retry(bench: Bench) -> None:
    """Cancel at every iteration of the loop in turn."""

    async def attempt() -> Any:
        bench.world.note("fn", "call")
        await bench.world.point("fn result")
        return bench.instance.make_item(Failure("E1"))

    def make() -> Stream:
        return bench.op.retry(attempt, attempts=3, delays=DELAYS, retry_on=("E1",))

    for trace in bench.cancel_sweep(make):
        cancel = trace.index("out", "cancel") or 0
        later = [event for event in trace.events[cancel:] if event.act == "call"]
        bench.expect(not later, "another attempt after the cancel", trace, at=cancel)
        bench.expect(trace.ending == "cancelled", f"cancelled, and yet it {trace.outcome}", trace)


@law(
    "T5",
    "time.limit",
    words="A time limit cancels what it waits for and waits for its end; a cancel from outside is"
    " not taken for a timeout.",
    symbols="timeout(hang, d): closed(hang) < TimeoutError | Err; cancel => CancelledError",
    takes=("timeout",),
    observes=("timed out", "cancel"),
    shows_log=True,
)
def limit(bench: Bench, hanging: Script, short: Script) -> None:
    """A source that never goes on; then a cancel at every iteration, under a generous limit."""
    trace = bench.run(bench.op.timeout(bench.source(hanging), 5.0))
    as_item = trace.exception is None and any(isinstance(i, Failure) for i in trace.items[-1:])
    timed_out = as_item or isinstance(trace.exception, TimeoutError)
    bench.saw("timed out", timed_out)
    bench.expect(timed_out, f"the limit surfaced as {trace.exception or 'a normal end'!r}", trace)
    open_still = [*trace.unreleased(), *trace.leaks.tasks]
    bench.expect(not open_still, f"still there after the timeout: {open_still}", trace)
    for cancelled in bench.cancel_sweep(lambda: bench.op.timeout(bench.source(short), 1e6)):
        surfaced = cancelled.exception
        # The clock may run before the events: then the limit is reached first, and rightly.
        if cancelled.events and cancelled.events[-1].time < 1e6:
            bench.expect(
                cancelled.ending == "cancelled",
                f"the cancel surfaced as {surfaced or 'a normal end'!r}",
                cancelled,
            )

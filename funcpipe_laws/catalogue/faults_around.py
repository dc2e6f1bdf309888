"""Laws of faults inside of a wrapped stream, and of one that a consumer drives."""

from __future__ import annotations

from typing import Any

from funcpipe_laws.declared.instance import Stream
from funcpipe_laws.declared.law import NotOffered, law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.consumer import DRAIN, Plan, alone
from funcpipe_laws.experiments.offered import consumed, wrapped
from funcpipe_laws.experiments.scripts import ProbeError, Script
from funcpipe_laws.experiments.striking import (
    SWEEPS,
    Struck,
    all_closed,
    can_be_given_up,
    fault_sweep,
    given_up,
    is_fault,
    repeat,
)
from funcpipe_laws.simulation.callouts import CLEAN_UP, Hangs, Raises
from funcpipe_laws.simulation.trace import Trace


def _surfaces(bench: Bench, struck: Struck, fault: Raises) -> None:
    surfaced = alone(struck.trace.exception)
    seen = repr(surfaced) if surfaced is not None else "a normal end"
    bench.expect(is_fault(surfaced, fault), f"{struck}, and the consumer sees {seen}", struck.trace)


@law(
    "D10",
    "faults.in_wrapped_streams",
    words="Whatever fails or hangs, at any point inside of a wrapped stream or in its consumer: the"
    " exception surfaces, or the cancel does; all is closed; the next run is as if nothing had"
    " been.",
    symbols="for all points p: fault at p => wrap(g)() raises it, opened = closed; run = run",
    takes=("wrappers",),
    observes=("wrapped", "struck", "next run"),
    shows_log=True,
    least=SWEEPS,
)
def in_wrapped_streams(
    bench: Bench, wrapper: str, short: Script, fault: Raises, flag: bool
) -> None:
    """One wrapped function for all runs, another one that never met a fault beside it."""
    stream, twin = wrapped(bench, wrapper, short), wrapped(bench, wrapper, short)
    if not bench.can_close(stream):
        raise NotOffered("what the wrapper makes has no aclose()")
    before: Trace | None = None
    for struck in fault_sweep(bench, lambda: stream, fault, Plan(take=1) if flag else DRAIN):
        _surfaces(bench, struck, fault)
        all_closed(bench, struck, ahead=True, nested=False)
        before = before or repeat(bench, twin, struck.picks)
        after = repeat(bench, stream, struck.picks)
        bench.saw("next run")
        bench.same(before, after, names=("never a fault", f"the next run, after {struck}"))
    for struck in fault_sweep(bench, lambda: stream, Hangs(), acts=can_be_given_up):
        given_up(bench, struck, ahead=True)


@law(
    "D11",
    "faults.in_consumed_streams",
    words="Whatever fails or hangs, at any point of a stream that a consumer drives: the exception"
    " reaches the caller, or the cancel does; all is closed; the next run is as if nothing had"
    " been.",
    symbols="for all points p: fault at p => consume(s) raises it, opened = closed; run = run",
    takes=("consumers",),
    observes=("consumed", "struck", "next run"),
    shows_log=True,
    least=SWEEPS,
)
def in_consumed_streams(bench: Bench, consumer: str, short: Script, fault: Raises) -> None:
    """One description for all runs; nothing is said of a fault that the result did not need."""
    if issubclass(fault.kind, TypeError | AttributeError):
        fault = Raises(ProbeError)  # Those say that a consumer wants another form of stream.
    stream = bench.source(short)
    returned: list[Any] = []

    def drive(stream: Stream) -> Trace:
        trace, returned[:] = consumed(bench, consumer, stream)
        return trace

    usual: list[Any] | None = None
    for struck in fault_sweep(bench, lambda: stream, fault, drive=drive):
        needed = struck.callout.act not in CLEAN_UP and not returned
        if needed or struck.trace.exception is not None:
            _surfaces(bench, struck, fault)
        all_closed(bench, struck, ahead=True, nested=False)
        if usual is None:
            repeat(bench, bench.source(short), struck.picks, drive)
            usual = [*returned]
        after = repeat(bench, stream, struck.picks, drive)
        bench.saw("next run")
        bench.expect(
            returned == usual,
            f"{struck}; the next run: {after.exception or returned!r}, not {usual}",
            after,
        )
    for struck in fault_sweep(bench, lambda: stream, Hangs(), drive=drive, acts=can_be_given_up):
        given_up(bench, struck, ahead=True)

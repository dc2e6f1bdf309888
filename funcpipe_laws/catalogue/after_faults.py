"""Laws of what comes after a fault: the run is over, and no other run notices it."""

from __future__ import annotations

from dataclasses import replace

from funcpipe_laws.declared.instance import Stream
from funcpipe_laws.declared.law import NotOffered, law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.comparing import alike
from funcpipe_laws.experiments.consumer import DRAIN, Plan, Shell
from funcpipe_laws.experiments.scripts import Script
from funcpipe_laws.experiments.striking import (
    SWEEPS,
    Struck,
    all_closed,
    fault_sweep,
    repeat,
)
from funcpipe_laws.experiments.subjects import ahead, build, subject_of
from funcpipe_laws.experiments.subjects import over as subject_over
from funcpipe_laws.simulation.callouts import Callout, Raises
from funcpipe_laws.simulation.trace import Trace


@law(
    "D3",
    "faults.are_final",
    words="After an exception the run is over: nothing is opened, acquired or delivered any more,"
    " and closing it does nothing a second time.",
    symbols="fault at p => anext delivers nothing; aclose closes once",
    takes=(),
    observes=("struck", "pulled again"),
    shows_log=True,
    least=SWEEPS,
)
def are_final(bench: Bench, over: str, short: Script, fault: Raises) -> None:
    """Any call-out but that of a function: an iterator may go on after it, as `map` does."""
    if subject_of(bench, over).handles:
        raise NotOffered("it is there to do something with an exception, and may go on")
    beside = ahead(bench, over)

    def make() -> Stream:
        return build(bench, over, short)

    def of_a_stream(callout: Callout) -> bool:
        return callout.act not in ("call", "body")

    bench.needs_close(make())
    for struck in fault_sweep(bench, make, fault, acts=of_a_stream):
        if struck.trace.exception is not None:
            _stays_over(bench, struck, make(), beside=beside)


def _stays_over(bench: Bench, struck: Struck, stream: Stream, *, beside: bool) -> None:
    async def consumer(shell: Shell) -> None:
        run = shell.open(stream)
        try:
            await shell.drain(run)
        except Exception:
            bench.world.note("law", "mark")
        for _ in range(2):
            bench.saw("pulled again")
            await shell.tolerate(run.pull)
        for _ in range(2):
            await shell.tolerate(run.close)

    bench.world.opened.clear()
    callouts = bench.world.callouts
    with (
        bench.world.replaying(struck.picks),
        callouts.striking(struck.faults),
    ):
        trace = bench.drive(consumer)
    mark = trace.index("law", "mark")
    after = trace.events[mark:] if mark is not None else ()
    anew = ("emit",) if beside else ("emit", "open", "acquire", "pull")
    later = [str(event) for event in after if event.act in anew]
    bench.expect(not later, f"{struck}, and afterwards: {', '.join(later)}", trace)
    all_closed(bench, replace(struck, trace=trace), ahead=beside, nested=False)


@law(
    "D4",
    "faults.next_run",
    words="After a run in which something failed, the next run of the same description is as if"
    " nothing had been.",
    symbols="for all points p: fault at p in t(); run(t) = run(t)",
    takes=(),
    observes=("struck", "next run"),
    least=SWEEPS,
)
def next_run(bench: Bench, subject: str, short: Script, fault: Raises, flag: bool) -> None:
    """One description for all runs: a fault at a call-out, then a run without one."""
    stream, twin = build(bench, subject, short), build(bench, subject, short)
    before: Trace | None = None
    repeat(bench, stream, ())  # What is made with the description serves the first run only.
    for struck in fault_sweep(bench, lambda: stream, fault, Plan(take=1) if flag else DRAIN):
        before = before or repeat(bench, twin, struck.picks)
        after = repeat(bench, stream, struck.picks)
        bench.saw("next run")
        alike(bench, subject, before, after, told=f"{struck}; the next run differs: ")


@law(
    "D5",
    "faults.shared_parts",
    words="What is built on a description, run, or fails while it runs, does not change that"
    " description, nor another one that is built on it.",
    symbols="m = c(s); run(d(m)), with a fault or without; run(m) = run(c(s))",
    takes=(),
    observes=("struck", "shared"),
    least=SWEEPS,
)
def shared_parts(bench: Bench, over: str, short: Script, fault: Raises) -> None:
    """The same operation twice in a row: the inner one is run before, between and after."""
    shared, twin = build(bench, over, short), build(bench, over, short)
    whole, twins = _twice_over(bench, over, shared), _twice_over(bench, over, twin)
    before: Trace | None = None
    repeat(bench, whole, ())
    for struck in fault_sweep(bench, lambda: whole, fault):
        if before is None:
            fresh = build(bench, over, short)
            before = repeat(bench, fresh, struck.picks)
            first = repeat(bench, shared, struck.picks)
            alike(bench, over, before, first, told="another was built on it and run: ")
        bench.saw("shared")
        again = repeat(bench, shared, struck.picks)
        told = f"{struck}, in a stream that is built on this one: "
        alike(bench, over, before, again, told=told)
    if before is not None:
        left, right = repeat(bench, twins, ()), repeat(bench, whole, ())
        alike(bench, over, left, right, told="what it is built on was run by itself as well: ")


def _twice_over(bench: Bench, subject: str, stream: Stream) -> Stream:
    return subject_over(bench, subject, stream)

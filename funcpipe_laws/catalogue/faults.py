"""Laws of faults: whatever fails, wherever, all is closed, nothing is lost, nothing is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from funcpipe_laws.declared.instance import Stream
from funcpipe_laws.declared.law import law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.consumer import DRAIN, Plan, Shell, alone
from funcpipe_laws.experiments.probes import FORMS
from funcpipe_laws.experiments.scripts import ProbeError, Script
from funcpipe_laws.experiments.striking import (
    Struck,
    all_closed,
    became_an_item,
    fault_sweep,
    is_fault,
    repeat,
    with_failing_clean_ups,
)
from funcpipe_laws.experiments.subjects import ahead, alike, build, in_order, subject_of
from funcpipe_laws.experiments.subjects import over as subject_over
from funcpipe_laws.simulation.callouts import CLEAN_UP, Callout, Delays, Hangs, Raises
from funcpipe_laws.simulation.trace import Trace

SWEEPS = 3
"""Inputs for each operation: each of them is a sweep over all points of a run."""
FORMS_EACH = 2
"""The same for each form of a source."""


def _beside(bench: Bench, subject: str, layers: Sequence[str]) -> bool:
    """Whether something of it may run beside its consumer."""
    return "merge" in layers or ahead(bench, subject)


def _nested(bench: Bench, subject: str, layers: Sequence[str]) -> bool:
    """Whether each stream in it is inside of another."""
    return bench.in_step and not _beside(bench, subject, layers)


def _plan(bench: Bench, make: Callable[[], Stream], early: bool) -> Plan:
    """To the end, or closed after an item."""
    bench.needs_close(make())
    return Plan(take=1) if early else DRAIN


@law(
    "D1",
    "faults.all_is_closed",
    words="Whatever fails, at any point where the user's code has control: what was opened is"
    " closed, once, innermost first, before the consumer has control back, and nothing lives on.",
    symbols="for all points p: fault at p => opened = closed, nothing left",
    takes=(),
    observes=("struck",),
    shows_log=True,
    least=SWEEPS,
)
def all_is_closed(
    bench: Bench, subject: str, short: Script, layers: Sequence[str], fault: Raises, flag: bool
) -> None:
    """An exception at every call-out in turn: sources, functions, resources, the consumer."""

    def make() -> Stream:
        return bench.wrap(build(bench, subject, short), layers)

    beside, nested = _beside(bench, subject, layers), _nested(bench, subject, layers)
    for struck in fault_sweep(bench, make, fault, _plan(bench, make, flag)):
        all_closed(bench, struck, ahead=beside, nested=nested)
        printed = struck.trace.leaks.unhandled
        # Of what runs beside its consumer, what is printed is a report: it is not lost.
        bench.expect(
            beside or not printed,
            f"{struck}, and it is printed: {'; '.join(printed)}",
            struck.trace,
        )


@law(
    "D2",
    "faults.surface",
    words="Whatever fails, at any point where the user's code has control: the consumer sees that"
    " exception; of a function, or of a merge's source, it may be a failed item.",
    symbols="for all points p: e raised at p => run(c(s)) raises e",
    takes=(),
    observes=("struck",),
    least=SWEEPS,
)
def surface(
    bench: Bench, subject: str, short: Script, layers: Sequence[str], fault: Raises, flag: bool
) -> None:
    """An exception at every call-out in turn; what is read ahead may be dropped by a close."""

    def make() -> Stream:
        return bench.wrap(build(bench, subject, short), layers)

    beside = _beside(bench, subject, layers)
    plan = _plan(bench, make, flag and not beside)
    for struck in fault_sweep(bench, make, fault, plan):
        if _may_stay_silent(bench, subject, layers, struck):
            continue
        surfaced = alone(struck.trace.exception)
        seen = repr(surfaced) if surfaced is not None else "a normal end"
        bench.expect(
            is_fault(surfaced, fault), f"{struck}, and the consumer sees {seen}", struck.trace
        )


def _may_stay_silent(bench: Bench, subject: str, layers: Sequence[str], struck: Struck) -> bool:
    """Whether it is for the operation to say what becomes of the fault."""
    found, at = subject_of(bench, subject), struck.callout
    if at.act == "body":
        return False
    if at.act in CLEAN_UP and _beside(bench, subject, layers):
        return True
    if found.handles or (found.operator is not None and _had_enough(struck)):
        return True
    retried = at.act == "call" and struck.trace.items == struck.undisturbed.items
    captured = at.act == "call" or "merge" in (subject, *layers) or _is_time_limit(subject, struck)
    return retried or (captured and became_an_item(struck))


def _had_enough(struck: Struck) -> bool:
    """It pulls what it does not need, or has delivered all before."""
    return struck.trace.items == struck.undisturbed.items


def _is_time_limit(subject: str, struck: Struck) -> bool:
    fault = struck.fault
    return (
        subject == "timeout" and isinstance(fault, Raises) and issubclass(TimeoutError, fault.kind)
    )


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


FIRST_ONLY = ("item", "open", "acquire", "call", "body")
"""Call-outs that a library has to be able to give up; what it may do about a clean-up that never
ends, such as waiting for it, is for it to say."""


@law(
    "D6",
    "faults.hangs_are_given_up",
    words="Whatever hangs, at any point where the user's code has control: a consumer that is"
    " cancelled ends as cancelled, and everything is closed.",
    symbols="for all points p: hang at p; cancel => CancelledError, opened = closed",
    takes=(),
    observes=("struck", "given up"),
    shows_log=True,
    least=SWEEPS,
)
def hangs_are_given_up(bench: Bench, subject: str, short: Script, layers: Sequence[str]) -> None:
    """Each coroutine of the user's in turn never returns; the cancel comes when all is quiet."""

    def make() -> Stream:
        return bench.wrap(build(bench, subject, short), layers)

    def can_be_given_up(callout: Callout) -> bool:
        return callout.act in FIRST_ONLY

    beside = _beside(bench, subject, layers)
    plan = _plan(bench, make, early=False)
    for struck in fault_sweep(bench, make, Hangs(), plan, acts=can_be_given_up):
        if not struck.trace.count("cancel", "out"):
            continue  # Nobody waited for it.
        bench.saw("given up")
        bench.expect(
            struck.trace.ending == "cancelled",
            f"{struck}, its consumer is cancelled, and yet it {struck.trace.outcome}",
            struck.trace,
        )
        all_closed(bench, struck, ahead=beside, nested=False)


@law(
    "D7",
    "faults.delays_change_nothing",
    words="Whatever takes longer, at any point where the user's code has control: the items and"
    " the end are the same.",
    symbols="for all points p: delay at p => run(c(s)) = run(c(s))",
    takes=(),
    observes=("struck",),
    least=SWEEPS,
)
def delays_change_nothing(bench: Bench, steady: str, short: Script, layers: Sequence[str]) -> None:
    """Operations whose items do not depend on the time; a second longer, at one point."""

    def make() -> Stream:
        return bench.wrap(build(bench, steady, short), layers)

    for struck in fault_sweep(bench, make, Delays()):
        usual = in_order(bench, steady, struck.undisturbed.items)
        delayed = in_order(bench, steady, struck.trace.items)
        bench.expect(
            (delayed, struck.trace.ending) == (usual, struck.undisturbed.ending),
            f"{struck}: {struck.trace.exception or delayed!r}, not {usual}",
            struck.trace,
        )


@law(
    "D8",
    "faults.second_failure",
    words="A clean-up that fails while another failure, or a cancel, is under way: all else is"
    " closed, and one of the two surfaces.",
    symbols="e at p, e2 in a clean-up after it => opened = closed; raises e | e2",
    takes=(),
    observes=("struck", "second fault"),
    shows_log=True,
    least=SWEEPS,
)
def second_failure(
    bench: Bench, over: str, short: Script, layers: Sequence[str], fault: Raises, flag: bool
) -> None:
    """Every pair of a call-out, which fails or hangs until a cancel, and a clean-up after it."""

    def make() -> Stream:
        return bench.wrap(build(bench, over, short), layers)

    beside = _beside(bench, over, layers)
    plan = _plan(bench, make, early=False)
    first = Hangs() if flag else fault
    for struck in fault_sweep(bench, make, first, plan, acts=lambda c: c.act not in CLEAN_UP):
        if struck.trace.exception is None or (flag and not struck.trace.count("cancel")):
            continue
        for both in with_failing_clean_ups(bench, struck, make, plan):
            all_closed(bench, both, ahead=beside, nested=False)
            bench.expect(
                both.trace.exception is not None,
                f"{both}, and the consumer sees a normal end",
                both.trace,
            )


_OF_CLOSING = {"aclose raises": ProbeError, "yields on": RuntimeError}
"""What closing a source of such a form raises; an operation may close it when it has enough."""


@law(
    "D9",
    "faults.sources_of_any_form",
    words="A source may be a hand-written iterator: its items arrive as those of a generator do, it"
    " is closed if it can be, and one that yields while it is closed delivers nothing.",
    symbols="run(c(class)) = run(c(generator)); after aclose: closed",
    takes=(),
    observes=("struck", "closed early"),
    shows_log=True,
    source="PEP 525",
    least=FORMS_EACH,
)
def sources_of_any_form(bench: Bench, over: str, short: Script, form: str, long: Script) -> None:
    """Four forms: with aclose(), without, with one that raises, and a generator that yields on."""
    whole = bench.run(build(bench, over, short))
    trace = bench.run(subject_over(bench, over, bench.source(short, form=form)))
    bench.saw("struck")
    got, wanted = (in_order(bench, over, one.items) for one in (trace, whole))
    surfaced = alone(trace.exception)
    # A library may demand an aclose(), if it says so; an exception may overtake items.
    refused = form == "no aclose" and isinstance(surfaced, AttributeError | TypeError)
    failed = isinstance(surfaced, _OF_CLOSING.get(form, ()))
    bench.expect(
        refused or failed or (got, trace.ending) == (wanted, whole.ending),
        f"a generator: {wanted}; {FORMS[form]}: {trace.exception or got!r}",
        trace,
    )
    stream = subject_over(bench, over, bench.source(long, form=form))
    bench.needs_close(stream)
    early = bench.run(stream, Plan(take=1))
    if not early.count("end", "out"):
        bench.saw("closed early")
    open_still = early.unreleased(started=True) if form != "no aclose" else []
    bench.expect(not open_still, f"{FORMS[form]}: {', '.join(open_still)} stays open", early)
    emitted = early.count("emit", "out")
    bench.expect(emitted <= 1, f"{FORMS[form]}: {emitted} items after one was asked for", early)
    left = [t for t in early.leaks.tasks if "made by the loop" not in t]
    bench.expect(not left, f"{FORMS[form]}: {'; '.join(left)} still there", early)

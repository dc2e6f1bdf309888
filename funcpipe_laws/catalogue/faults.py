"""Laws of faults: whatever fails, wherever, all is closed, nothing is lost, nothing is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from funcpipe_laws.declared.instance import Stream
from funcpipe_laws.declared.law import law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.comparing import in_order
from funcpipe_laws.experiments.consumer import DRAIN, Plan, alone
from funcpipe_laws.experiments.scripts import Script
from funcpipe_laws.experiments.striking import (
    SECOND,
    SWEEPS,
    Struck,
    all_closed,
    became_an_item,
    can_be_given_up,
    fault_sweep,
    given_up,
    is_fault,
    tells_of,
    with_failing_clean_ups,
)
from funcpipe_laws.experiments.subjects import ahead, build, subject_of
from funcpipe_laws.simulation.callouts import CLEAN_UP, Delays, Hangs, Raises


def _beside(bench: Bench, subject: str, layers: Sequence[str]) -> bool:
    """Whether something of it may run beside its consumer."""
    return "merge" in layers or ahead(bench, subject)


def _nested(bench: Bench, subject: str, layers: Sequence[str]) -> bool:
    """Whether each stream in it is inside of another."""
    return bench.in_step and not _beside(bench, subject, layers)


def _plan(bench: Bench, make: Callable[[], Stream], early: bool) -> Plan:
    """To the end, or closed after an item."""
    if bench.instance.kind == "value":
        return DRAIN
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
    # What pulls on before it delivers may raise after an item that its consumer has left it with.
    at_once = not beside and not subject_of(bench, subject).lags
    plan = _plan(bench, make, flag and at_once)
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

    beside = _beside(bench, subject, layers)
    plan = _plan(bench, make, early=False)
    for struck in fault_sweep(bench, make, Hangs(), plan, acts=can_be_given_up):
        given_up(bench, struck, ahead=beside)


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
    " closed, and one of the two surfaces. Where both fail, the failure of the clean-up is not"
    " lost.",
    symbols="e at p, e2 in a clean-up after it => opened = closed; raises e2 | e with e2",
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
            handled = subject_of(bench, over).handles
            bench.expect(
                both.trace.exception is not None or handled,
                f"{both}, and the consumer sees a normal end",
                both.trace,
            )
            # What runs beside its consumer may report a clean-up that fails elsewhere; and behind a
            # cancel asyncio itself keeps no more than that.
            bench.expect(
                beside or handled or flag or tells_of(both.trace.exception, SECOND),
                f"{both}, and the consumer sees {both.trace.exception!r} alone",
                both.trace,
            )

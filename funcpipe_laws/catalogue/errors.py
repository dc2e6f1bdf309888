"""Laws of the error channel: failed items, exceptions, and what must never become an item."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from funcpipe_laws.declared.instance import Failure, Stream, Value
from funcpipe_laws.declared.law import NotOffered, law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.comparing import expected, in_order, unordered
from funcpipe_laws.experiments.consumer import alone
from funcpipe_laws.experiments.scripts import (
    Fn,
    Kleisli,
    ProbeError,
    Raise,
    Script,
    Step,
    of_kinds,
    pick,
)
from funcpipe_laws.experiments.subjects import ahead, build, keeps_place, subject_of
from funcpipe_laws.simulation.trace import Trace


@law(
    "E1",
    "errors.map_passes_err",
    words="A failed item passes map unchanged, and the function is not called for it.",
    symbols="map(s, f) keeps Err(e); f sees Ok only",
    takes=("map", "err"),
    observes=("err",),
)
def map_passes_err(bench: Bench, source: Script, f: Fn) -> None:
    """Compare every failed item, and count the calls."""
    trace = bench.run(bench.op.map(bench.source(source), bench.function(f)))
    _all_failures_pass(bench, trace, source)
    oks = sum(isinstance(item, Value) for item in source.items)
    bench.expect(trace.count("call", "f") == oks, "f was not called once an item", trace)


def _all_failures_pass(bench: Bench, trace: Trace, source: Script) -> None:
    got = [item if isinstance(item, Failure) else None for item in trace.items]
    wanted = [item if isinstance(item, Failure) else None for item in bench.expected(source.items)]
    bench.expect(got == wanted, f"failed items: {got}, not {wanted}", trace)


@law(
    "E2",
    "errors.bind_goes_on_after_err",
    words="A failed item passes bind unchanged, at its place, and the stream goes on after it.",
    symbols="bind(s, k) keeps Err(e) and what follows it",
    takes=("bind", "err"),
    observes=("item after an err",),
)
def bind_goes_on_after_err(bench: Bench, source: Script) -> None:
    """Bind to one-item streams of the same value: items and positions must stay."""
    trace = bench.run(bench.op.bind(bench.source(source), bench.one))
    if any(isinstance(item, Failure) for item in source.items[:-1]):
        bench.saw("item after an err")
    bench.items_are(trace, bench.expected(source.items))


@law(
    "E3",
    "errors.inner_goes_on_after_err",
    words="A failed item of an inner stream is delivered at its place; that inner stream goes on.",
    symbols="run(bind(pure(x), k)) = run(k(x)), also if Err in k(x)",
    takes=("bind", "err"),
    observes=("item after an inner err",),
)
def inner_goes_on_after_err(bench: Bench, source: Script) -> None:
    """The drawn source is the inner stream, once for each of two outer items."""
    outer = Script((Value(0), Value(1)))
    stream = bench.op.bind(bench.source(outer), bench.kleisli(Kleisli((source,))))
    trace = bench.run(stream)
    if any(isinstance(item, Failure) for item in source.items[:-1]):
        bench.saw("item after an inner err")
    bench.items_are(trace, bench.expected(source.items) * 2)


def _until_raise(script: Script) -> tuple[tuple[Step, ...], Raise]:
    """What a source gives, and then raises."""
    for position, step in enumerate(script.items):
        if isinstance(step, Raise):
            return script.items[:position], step
    raise AssertionError("this source never raises")


@law(
    "E4",
    "errors.exception_surfaces",
    words="An exception of a source, of whatever kind, reaches the consumer unchanged, through any"
    " operation; a merge may deliver it as a failed item instead.",
    symbols="s raises e => run(c(s)) raises e",
    takes=(),
    observes=("raise",),
)
def exception_surfaces(bench: Bench, failing: Script, passing: str) -> None:
    """One run for each kind of exception, some of which operators catch for a purpose of their own.

    What arrives has the type and the arguments of what was raised. It may be alone in a group: task
    groups raise groups, and that is documented.
    """
    # In a synchronous stream, it would be the end by what the bench itself does.
    kinds = KINDS[:-1] if bench.instance.kind == "sync" else KINDS
    for script in of_kinds(failing, kinds):
        _surfaces(bench, script, passing)


KINDS = (ProbeError, TimeoutError, OSError, LookupError, StopAsyncIteration)


def _surfaces(bench: Bench, failing: Script, passing: str) -> None:
    trace = bench.run(build(bench, passing, failing))
    before, raised = _until_raise(failing)
    if not any(event.detail == raised.kind.__name__ for event in trace.of("s", "closing")):
        return  # It had what it needed before.
    # What a time limit makes of TimeoutError, and a merge of any, may be an item that failed.
    itself = passing == "merge" or (passing == "timeout" and issubclass(TimeoutError, raised.kind))
    if itself and trace.exception is None and not _declared(bench, passing):
        failed = sum(isinstance(item, Failure) for item in bench.expected(before))
        arrived = sum(isinstance(item, Failure) for item in trace.items)
        bench.expect(arrived > failed, f"the source raised {raised.make()!r}, and no word", trace)
        return
    surfaced = alone(trace.exception)
    # Python's own word for it: a generator that raises StopAsyncIteration has not ended.
    stops = issubclass(raised.kind, StopIteration | StopAsyncIteration)
    right = isinstance(surfaced, RuntimeError) if stops else _is(surfaced, raised)
    bench.expect(
        right,
        f"the source raised {raised.make()!r}; the consumer saw {surfaced or 'a normal end'!r}"
        f"{_way_out(bench, passing)}",
        trace,
    )


def _way_out(bench: Bench, subject: str) -> str:
    if subject_of(bench, subject).operator is None:
        return ""
    return f"\nIf {subject} is there to handle exceptions: Operator(..., exceptions='handle')"


def _declared(bench: Bench, subject: str) -> bool:
    return subject == "merge" and bench.instance.policy.merge_exceptions == "raise"


def _is(exc: BaseException | None, raised: Raise) -> bool:
    return type(exc) is raised.kind and exc.args == (raised.text,)


@law(
    "E8",
    "errors.prefix_is_delivered",
    words="What a source gave before its exception is delivered before the exception, in order and"
    " without a gap; all of it, by a buffer and by a library that works in step, unless declared"
    " otherwise.",
    symbols="s = [a, b, raise e] => run(c(s)) = [a, b, raise e]",
    takes=(),
    observes=("raise", "prefix"),
)
def prefix_is_delivered(bench: Bench, failing: Script, predicted: str) -> None:
    """Compare the items with what the list model makes of the source's, up to where it raises.

    What is kept for a chunk may be dropped for an exception; and what was read ahead, but for a
    buffer, whose one promise is that nothing but the time differs.
    """
    trace = bench.run(build(bench, predicted, failing))
    prefix = expected(bench, predicted, Script(_until_raise(failing)[0]))
    if prefix is None:
        return
    bench.saw("prefix", len(prefix))
    items = in_order(bench, predicted, trace.items)
    whole = keeps_place(bench, predicted)
    if unordered(bench, predicted):
        left = Counter(map(repr, items)) - Counter(map(repr, prefix))
        right = not left or trace.exception is None
        if whole and right:
            own = bench.expected(_until_raise(failing)[0])
            right = not Counter(map(repr, own)) - Counter(map(repr, items))
    elif whole:
        right = items[: len(prefix)] == prefix
    else:
        right = items == prefix[: len(items)]
    bench.expect(right, f"{items} was delivered before the end, not {prefix}", trace)


def _applied(bench: Bench, operation: str, some: Script, fn: Fn) -> Stream:
    """A subject that calls a function on each value of a source, by one of the operations."""
    op, logged = bench.op, bench.function(fn)
    if operation == "map":
        return op.map(bench.source(some), logged)
    if operation == "bind":
        return op.bind(bench.source(some), lambda value: bench.one(logged(value)))

    async def awaited(value: Any) -> Any:
        await bench.world.point("f result")
        return bench.instance.make_item(Value(logged(value)))

    if operation == "par_map":
        return op.par_map(bench.source(some), awaited, concurrency=2)
    first = next(step.value for step in some.items if isinstance(step, Value))
    if operation == "retry":
        return op.retry(lambda: awaited(first), attempts=2, delays=(1.0, 1.0), retry_on=("E1",))
    return op.lift(awaited)(first)


ON_ONE = ("lift", "retry")
"""Operations that call their function for one value, and have no source."""


def _results(calling: str, some: Script, raising: Fn) -> list[Any]:
    """What the function answers, item by item; a failed item passes it by."""
    values = [step for step in some.items if isinstance(step, Value)]
    inputs = values[:1] if calling in ON_ONE else list(some.items)
    return [pick(raising.results, s.value) if isinstance(s, Value) else s for s in inputs]


@law(
    "E5",
    "errors.function_exception",
    words="An exception of the user's function follows the declared policy: it surfaces at its"
    " item, with the source closed, or it becomes a failed item there.",
    symbols="f(x) raises e => raise e | Err(e) at x, as declared",
    takes=(),
    observes=("exception",),
    policy="exceptions",
)
def function_exception(bench: Bench, calling: str, some: Script, raising: Fn) -> None:
    """A function that raises for some values."""
    trace = bench.run(_applied(bench, calling, some, raising))
    results = _results(calling, some, raising)
    raised = [(i, result) for i, result in enumerate(results) if isinstance(result, Raise)]
    if not raised:
        return
    bench.saw("exception")
    if bench.instance.policy.exceptions == "capture":
        kinds = [isinstance(item, Failure) for item in trace.items]
        wanted = [isinstance(result, Raise | Failure) for result in results]
        bench.expect(kinds == wanted, "not every exception became a failed item", trace)
        return
    bad, first = raised[0]
    bench.expect(
        repr(alone(trace.exception)) == repr(first.make())
        and (len(trace.items) <= bad if ahead(bench, calling) else len(trace.items) == bad),
        f"f raised at item {bad}; the consumer saw {trace.exception or 'a normal end'!r} after"
        f" {len(trace.items)} items",
        trace,
    )
    # A close may strike a source that is closing already: that may be cut short.
    open_still = trace.unreleased(started=ahead(bench, calling))
    bench.expect(not open_still, f"still open after the exception: {', '.join(open_still)}", trace)


@law(
    "E9",
    "errors.function_exception_is_not_lost",
    words="A stream whose function raised does not end as if it were complete: the exception"
    " surfaces, or there is an item at its place.",
    symbols="f(x) raises e => raise e | an item at x, never the end",
    takes=(),
    observes=("exception",),
)
def function_exception_is_not_lost(bench: Bench, calling: str, some: Script, raising: Fn) -> None:
    """A function that raises for some values; a normal end is only right with all items there."""
    trace = bench.run(_applied(bench, calling, some, raising))
    results = _results(calling, some, raising)
    if not any(isinstance(result, Raise) for result in results):
        return
    bench.saw("exception")
    bench.expect(
        trace.exception is not None or len(trace.items) == len(results),
        f"f raised; the stream ended after {len(trace.items)} of {len(results)} items without a"
        " word",
        trace,
    )


@law(
    "E6",
    "errors.fatal_is_never_captured",
    words="CancelledError, KeyboardInterrupt and SystemExit of a user's function never become an"
    " item.",
    symbols="f(x) raises BaseException e => raise e",
    takes=(),
    observes=("fatal",),
)
def fatal_is_never_captured(bench: Bench, calling: str, some: Script, fatal: Raise) -> None:
    """The function raises at the first value."""
    trace = bench.run(_applied(bench, calling, some, Fn((fatal,))))
    bench.saw("fatal")
    if bench.instance.eager_tasks and isinstance(trace.exception, SystemError):
        # CPython, of an eager task that ends by one of these and hashes in Python, as ours must.
        raise NotOffered("an eager task's KeyboardInterrupt is lost by the interpreter")
    surfaced = alone(trace.exception)
    # A task that ends as cancelled must not cancel its consumer, and cannot be told from a cancel.
    in_task = ahead(bench, calling) and issubclass(fatal.kind, asyncio.CancelledError)
    bench.expect(
        surfaced is not None if in_task else type(surfaced) is fatal.kind,
        f"f raised {fatal.kind.__name__}; the consumer saw {trace.exception or 'a normal end'!r}",
        trace,
    )


@law(
    "E7",
    "errors.stop_iteration_does_not_truncate",
    words="A user's function that raises StopIteration or StopAsyncIteration does not end the"
    " stream as if it were complete.",
    symbols="f(x) raises Stop(Async)Iteration => raise | Err, never the end",
    takes=(),
    observes=("stop",),
    policy="stop_iteration",
    source="PEP 479, PEP 525",
)
def stop_iteration_does_not_truncate(
    bench: Bench, calling: str, some: Script, stopping: Raise
) -> None:
    """The function raises at the first value; a normal end is only right with all items there."""
    trace = bench.run(_applied(bench, calling, some, Fn((stopping,))))
    bench.saw("stop")
    wanted = 1 if calling in ON_ONE else len(some.items)
    bench.expect(
        trace.exception is not None or len(trace.items) == wanted,
        f"f raised {stopping.kind.__name__}; the stream ended after {len(trace.items)} of {wanted}"
        " items without a word",
        trace,
    )

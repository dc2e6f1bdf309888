"""Laws of the order of release: innermost first, and before control comes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funcpipe_laws.declared.instance import Stream, Value
from funcpipe_laws.declared.law import NotOffered, law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.consumer import DRAIN, Plan
from funcpipe_laws.experiments.scripts import Kleisli, Resource, Script
from funcpipe_laws.experiments.subjects import ahead, in_resource
from funcpipe_laws.experiments.subjects import over as subject_over
from funcpipe_laws.simulation.trace import Trace

BRACKETS = 10_000


def _in_stack_order(bench: Bench, trace: Trace) -> None:
    """What was acquired last is released first, completely, before the next release begins.

    Where a library may read ahead, inner streams may be open side by side, and a close may
    interrupt a release that is under way.
    """
    held: list[tuple[str, int]] = []
    completed = {(e.actor, e.run) for e in trace.events if e.act == "released"}
    for index, event in enumerate(trace.events):
        key = (event.actor, event.run)
        if event.act == "acquired":
            held.append(key)
        elif event.act in ("release", "released"):
            later = held[held.index(key) + 1 :] if key in held else [("nothing", 0)]
            if not bench.in_step:
                later = [other for other in later if other[0] != event.actor]
            bench.expect(
                not later,
                f"{event}, while {later[-1][0] if later else ''} was acquired last",
                trace,
                at=index,
            )
            interrupted = not bench.in_step and key not in completed
            if event.act == "released" or interrupted:
                held.remove(key)
    late = {actor for actor, _ in held if trace.is_late(actor, "released")}
    never = [actor for actor, _ in held if actor not in late]
    bench.expect(not never, f"never released: {', '.join(never)}", trace)
    bench.expect(
        not late,
        f"released only after control was back with the consumer: {', '.join(sorted(late))}",
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
    if through == "bind" and not bench.in_step:
        raise NotOffered("it may have read its outer stream to the end while an inner one is open")
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
    """Take some items, close; at the release, what was opened after the acquisition is closed.

    The same when the consumer is cancelled, at any iteration of the loop.
    """
    op = bench.op

    def make() -> Stream:
        if through == "bind":
            two = Kleisli((Script((Value(1), Value(2))),))
            return op.bind(in_resource(bench, long), bench.kleisli(two))
        inside = bench.wrap(bench.source(long), chain)
        return op.using(bench.resource(), lambda _: inside)

    stream = make()
    bench.needs_close(stream)
    trace = bench.run(stream, Plan(take=take))
    if trace.count("acquired", "r") and not trace.count("end", "out"):
        bench.saw("closed early")
    # Reading ahead, what came of the resource's items may outlive it, and a close may interrupt a
    # close that is under way.
    inside = {"s", "k.s"} if bench.in_step else {"s"}
    _inside_is_closed_first(bench, trace, inside, "close" if bench.in_step else "closing")
    if bench.instance.kind == "stream":
        for cancelled in bench.cancel_sweep(make, Plan(take=take)):
            _inside_is_closed_first(bench, cancelled, inside, "closing")


def _inside_is_closed_first(bench: Bench, trace: Trace, inside: set[str], end: str) -> None:
    open_now: set[tuple[str, int]] = set()
    for index, event in enumerate(trace.events):
        if event.act == "open" and event.actor in inside:
            open_now.add((event.actor, event.run))
        elif event.act == end:
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
    trace = bench.run(in_resource(bench, source))
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
    stream = in_resource(bench, long)
    bench.needs_close(stream)
    for plan in (DRAIN, Plan(take=take)):
        trace = bench.run(stream, plan)
        over = next((i for i, e in enumerate(trace.events) if e.act in ("end", "closed")), None)
        if trace.count("acquired", "r") and not trace.count("end", "out"):
            bench.saw("closed early")
        # What reads ahead may be closed while it releases; the close may interrupt that.
        complete = "released" if bench.in_step or plan is DRAIN else "release"
        done = sum(event.act == complete for event in trace.events[:over])
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
    takes=(),
    observes=("open", "closed early"),
    shows_log=True,
    source="PEP 533",
)
def close_reaches_inside(
    bench: Bench, long: Script, over: str, layers: Sequence[str], take: int, flag: bool
) -> None:
    """Take some items, close, and look at the log at that moment; every operation has its turn.

    A source cleans up itself; where the library holds resources, it is in one as well.
    """
    held = bench.instance.using is not None
    source = in_resource(bench, long) if held else bench.source(long)
    stream = bench.wrap(subject_over(bench, over, source), layers)
    if held and not bench.can_close(stream):
        # An iterator that cannot be closed may be inside of one that can.
        stream = bench.wrap(stream, ("using",))
    bench.needs_close(stream)
    trace = bench.run(stream, Plan(take=take, slow=flag))
    if trace.count("end", "out") == 0 and trace.count("open"):
        bench.saw("closed early")
    # The close of what pulls ahead may strike a release that is already under way.
    open_still = trace.unreleased(started="merge" in layers or ahead(bench, over))
    bench.expect(not open_still, f"still open after aclose(): {', '.join(open_still)}", trace)
    # A generator that was dropped is closed by the loop, in a task of the loop's.
    tasks = [task for task in trace.leaks.tasks if "made by the loop" not in task]
    left = [*tasks, *trace.leaks.generators]
    bench.expect(not left, f"still there after aclose(): {'; '.join(left)}", trace)


@law(
    "S17",
    "resources.inner_before_next",
    words="The resource of an inner stream is released before the next outer item is asked for.",
    symbols="release(r_i) < pull(x_i+1)",
    takes=("using", "bind"),
    observes=("acquired", "next outer item"),
    policy="in_step",
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

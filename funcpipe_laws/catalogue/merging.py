"""Laws of `merge`: nothing is lost, each source keeps its order, and none holds the others up."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

from funcpipe_laws.declared.instance import Failure, Value
from funcpipe_laws.declared.law import NotOffered, law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.consumer import Plan, alone
from funcpipe_laws.experiments.scripts import Hang, ProbeError, Raise, Script
from funcpipe_laws.experiments.subjects import merge_of, merged
from funcpipe_laws.simulation.trace import Trace

# Scopes of which the number of schedules is small enough to try them all: a source that is ready
# fills the buffer at once, whatever the other one does.
_READY = Script((Value(0), Value(1)), ready=True)
TWO_BY_TWO = (_READY, Script((Value(2), Value(3))))
TWO_BY_ONE = (_READY, Script((Value(2),)))


def _nothing_lost(bench: Bench, trace: Trace, sources: Sequence[Script]) -> None:
    """The items are those of all sources, in whatever order, and the merge ended by itself."""
    wanted = Counter(repr(item) for script in sources for item in bench.expected(script.items))
    got = Counter(map(repr, trace.items))
    lost, added = wanted - got, got - wanted
    bench.expect(
        not lost and not added and trace.exception is None,
        f"lost: {list(lost)}; added: {list(added)}; raised: {trace.exception!r}",
        trace,
    )


@law(
    "G1",
    "merging.nothing_lost",
    words="A merge delivers all items of all sources, and nothing else.",
    symbols="multiset(merge(s, t)) = multiset(s) + multiset(t)",
    takes=("merge",),
    observes=("emit", "err"),
    scope={"sources": TWO_BY_TWO, "size": 1},
)
def nothing_lost(bench: Bench, sources: Sequence[Script], size: int) -> None:
    """Drain, count."""
    _nothing_lost(bench, bench.run(merged(bench, sources, size)), sources)


@law(
    "G2",
    "merging.order_of_each_source",
    words="A merge keeps the order of each source.",
    symbols="s is a subsequence of merge(s, t)",
    takes=("merge",),
    observes=("emit", "several"),
    scope={"sources": TWO_BY_TWO, "size": 1},
)
def order_of_each_source(bench: Bench, sources: Sequence[Script], size: int) -> None:
    """Values are replaced by (source, position)."""
    numbered = [
        Script(tuple(Value((i, n)) for n in range(len(script.items))), ready=script.ready)
        for i, script in enumerate(sources)
    ]
    trace = bench.run(merged(bench, numbered, size))
    for i, script in enumerate(numbered):
        got = [item for item in trace.items if isinstance(item, Value) and item.value[0] == i]
        if len(got) > 1:
            bench.saw("several")
        bench.expect(got == list(script.items), f"source {i} was delivered as {got}", trace)


@law(
    "G3",
    "merging.none_one_and_empty",
    words="Merging no source is empty or refused, merging one is that one, and empty sources add"
    " nothing.",
    symbols="merge() = empty | ValueError; merge(s) = s; merge(s, empty) = s",
    takes=("merge",),
    observes=("emit",),
)
def none_one_and_empty(bench: Bench, source: Script) -> None:
    """All three; a merge that waits for ever is a deadlock."""
    try:
        nothing = bench.run(merged(bench, ()))
    except (TypeError, ValueError):
        pass  # As asyncio.wait refuses an empty set.
    else:
        if not isinstance(nothing.exception, (TypeError, ValueError)):
            bench.items_are(nothing, [])
    expected = bench.expected(source.items)
    bench.items_are(bench.run(merged(bench, (source,))), expected)
    bench.items_are(bench.run(merged(bench, (Script(()), source, Script(())))), expected)


@law(
    "G4",
    "merging.ends_with_its_sources",
    words="A merge ends when all its sources have ended, and not before, however slow its consumer"
    " and however full its buffer.",
    symbols="merge(s, t) ends iff s and t end",
    takes=("merge",),
    observes=("emit",),
    scope={"sources": TWO_BY_ONE, "size": 1},
)
def ends_with_its_sources(bench: Bench, sources: Sequence[Script], size: int) -> None:
    """A slow consumer; a merge that does not end is a deadlock."""
    _nothing_lost(bench, bench.run(merged(bench, sources, size), Plan(slow=True)), sources)


@law(
    "G5",
    "merging.hung_source",
    words="A source that never goes on does not keep the items of the others back.",
    symbols="take(n, merge(hang, s)) = n items of s",
    takes=("merge",),
    observes=("emit",),
)
def hung_source(bench: Bench, source: Script, size: int, flag: bool) -> None:
    """The hung source is the first or the last; all items of the other are asked for."""
    hung = Script((Hang(),))
    both = (hung, source) if flag else (source, hung)
    trace = bench.run(merged(bench, both, size), Plan(take=len(source.items)))
    bench.expect(
        trace.items == bench.expected(source.items), f"{trace.items} beside a hung source", trace
    )


@law(
    "G6",
    "merging.fairness",
    words="Of sources that are always ready, none is ahead of another by more than declared.",
    symbols="|delivered(s) - delivered(t)| <= fairness + buffer",
    takes=("merge",),
    observes=("emit",),
    policy="fairness",
)
def fairness(bench: Bench, size: int) -> None:
    """Three sources that never suspend; compare counts while each still has items."""
    each = 10 * size
    ready = [Script((Value(i),) * each, ready=True) for i in range(3)]
    trace = bench.run(merged(bench, ready, size))
    allowed = (bench.instance.policy.fairness or 0) + size
    counts = dict.fromkeys(range(3), 0)
    for item in trace.items:
        assert isinstance(item, Value)
        counts[item.value] += 1
        if max(counts.values()) == each:
            break
        lead = max(counts.values()) - min(counts.values())
        bench.expect(lead <= allowed, f"a lead of {lead} items, declared is {allowed}: {counts}")


@law(
    "G7",
    "merging.source_exception",
    words="An exception of a source follows the declared policy: all sources are closed, then it"
    " surfaces; or it becomes a failed item and the others go on.",
    symbols="s raises e => close all, raise e | Err(e), as declared",
    takes=("merge",),
    observes=("open",),
    policy="merge_exceptions",
    shows_log=True,
)
def source_exception(bench: Bench, failing: Script, sources: Sequence[Script]) -> None:
    """One source raises; of the others, one never goes on."""
    captures = bench.instance.policy.merge_exceptions == "capture"
    others = [*sources] if captures else [*sources, Script((Hang(),))]
    trace = bench.run(merged(bench, [failing, *others]))
    if captures:
        given = bench.expected([i for s in (failing, *others) for i in _until_raise(s)])
        failed = sum(isinstance(item, Failure) for item in given)
        got = sum(isinstance(item, Failure) for item in trace.items)
        bench.expect(got == failed + 1, "the exception did not become one failed item", trace)
        bench.expect(len(trace.items) == len(given) + 1, "items were lost", trace)
        return
    bench.expect(
        isinstance(alone(trace.exception), ProbeError),
        f"a source raised; the consumer saw {trace.exception or 'a normal end'!r}",
        trace,
    )
    seen = trace.index("out", "raise")
    before = trace.events[: len(trace.events) if seen is None else seen]
    opened = {event.actor for event in before if event.act == "open"}
    closed = {event.actor for event in before if event.act in ("close", "closing")}
    bench.expect(
        opened <= closed, f"raised while {sorted(opened - closed)} were open", trace, at=seen
    )


def _until_raise(script: Script) -> Sequence[Any]:
    raising = [i for i, step in enumerate(script.items) if isinstance(step, Raise)]
    return script.items[: raising[0]] if raising else script.items


@law(
    "G8",
    "merging.source_that_cannot_start",
    words="A description that raises when it is run does not hang the merge.",
    symbols="merge(raise e, s) ends",
    takes=("merge",),
    observes=("failed start",),
)
def source_that_cannot_start(bench: Bench, sources: Sequence[Script]) -> None:
    """The thunk itself raises, not the iterator; a merge that waits for it is a deadlock."""

    def broken() -> AsyncIterator[Any]:
        bench.saw("failed start")
        raise ProbeError("cannot start")

    others = [bench.source(script, f"s{i}") for i, script in enumerate(sources)]
    try:
        stream = merge_of(bench, [bench.op.embed(broken), *others], 2)
    except ProbeError:
        raise NotOffered("its descriptions are started when they are made") from None
    bench.run(stream)

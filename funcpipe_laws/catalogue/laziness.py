"""Laws of laziness: nothing is pulled, opened or called before an item is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funcpipe_laws.declared.instance import Value
from funcpipe_laws.declared.law import law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.comparing import expected, in_order
from funcpipe_laws.experiments.consumer import Plan, Shell
from funcpipe_laws.experiments.scripts import Fn, Hang, ItemFn, Kleisli, Script
from funcpipe_laws.experiments.subjects import build, merged


@law(
    "Z1",
    "laziness.opening_pulls_nothing",
    words="Making an iterator of a description does nothing before its first item is asked for.",
    symbols="effects(t()) = []",
    takes=(),
    observes=("opened",),
    shows_log=True,
)
def opening_pulls_nothing(bench: Bench, subject: str, source: Script) -> None:
    """Open, let the loop go round, look at the log."""
    stream = build(bench, subject, source)

    async def consumer(shell: Shell) -> None:
        shell.open(stream)
        await shell.settle()

    trace = bench.drive(consumer)
    bench.saw("opened")
    bench.expect(not trace.events, f"t() alone did: {', '.join(map(str, trace.events))}", trace)


@law(
    "Z2",
    "laziness.map_pulls_one_for_one",
    words="As many items are pulled from map's source as map was asked for.",
    symbols="n x anext(map(s, f)) = n x anext(s)",
    takes=("map",),
    observes=("pull",),
    policy="in_step",
    shows_log=True,
)
def map_pulls_one_for_one(bench: Bench, source: Script, f: Fn, take: int) -> None:
    """Take some, close, and count the source's pulls."""
    wanted = min(take, len(source.items))
    trace = bench.run(bench.op.map(bench.source(source), f), Plan(take=wanted))
    pulls = trace.count("pull", "s")
    bench.expect(pulls == wanted, f"{wanted} items were taken, {pulls} were pulled", trace)


@law(
    "Z3",
    "laziness.bind_pulls_outer_last",
    words="The next outer item is asked for only when the inner stream is exhausted.",
    symbols="end(k(x_i)) < pull(x_i+1)",
    takes=("bind",),
    observes=("next outer item",),
    policy="in_step",
    shows_log=True,
)
def bind_pulls_outer_last(bench: Bench, source: Script, k: Kleisli) -> None:
    """At every pull of the outer source, no inner stream is open or still to be opened."""
    trace = bench.run(bench.op.bind(bench.source(source), bench.kleisli(k)))
    called = closed = 0
    for index, event in enumerate(trace.events):
        called += (event.actor, event.act) == ("k", "call")
        closed += (event.actor, event.act) == ("k.s", "close")
        if (event.actor, event.act) == ("s", "pull"):
            bench.saw("next outer item", called)
            given = sum((e.actor, e.act) == ("s", "give") for e in trace.events[:index])
            oks = sum(isinstance(step, Value) for step in source.items[:given])
            bench.expect(
                closed == oks, "the outer stream was pulled before its turn", trace, at=index
            )


@law(
    "Z4",
    "laziness.infinite",
    words="Taking k items of an endless stream ends, whatever combinators lie between.",
    symbols="take(k, c(endless)) terminates",
    takes=(),
    observes=("emit",),
)
def infinite(bench: Bench, endless: Script, ongoing: str, take: int) -> None:
    """The source complains when pulled a thousand times."""
    source = Script((*endless.items, Value(bench.instance.usual)), endless.ready, endless=True)
    trace = bench.run(build(bench, ongoing, source), Plan(take))
    bench.expect(len(trace.items) == take, f"{len(trace.items)} items of {take}", trace)


@law(
    "Z7",
    "laziness.nothing_is_kept_back",
    words="What needs no more of the source is delivered while the source is idle.",
    symbols="s = [a, b, hang] => take(2, c(s)) = take(2, c([a, b]))",
    takes=(),
    observes=("emit",),
)
def nothing_is_kept_back(bench: Bench, long: Script, prompt: str, size: int) -> None:
    """Some items, and then a source that never goes on: waiting for it is a deadlock."""
    delivered = expected(bench, prompt, long, size)
    if delivered is None:
        return
    idle = Script((*long.items, Hang()), ready=long.ready)
    trace = bench.run(build(bench, prompt, idle, size), Plan(take=len(delivered)))
    items = in_order(bench, prompt, trace.items)
    bench.expect(items == delivered, f"{items}, not {delivered}, of an idle source", trace)


@law(
    "Z5",
    "laziness.lift_calls_on_pull",
    words="A lifted function is called when its item is asked for, not when the stream is made.",
    symbols="call(fn) > pull(lift(fn)(x))",
    takes=("lift",),
    observes=("call",),
    shows_log=True,
)
def lift_calls_on_pull(bench: Bench, value: Any, fn: ItemFn) -> None:
    """Make the stream, open it, then pull; look at the log before the pull."""
    early: list[str] = []
    # The call alone is logged too: a coroutine that was made may not have run yet.
    called = bench.function(bench.coroutine_function(fn, "fn body"), "fn")

    async def consumer(shell: Shell) -> None:
        run = shell.open(bench.op.lift(called)(value))
        await shell.settle()
        early.extend(map(str, bench.world.log))
        await run.pull()
        await run.close()

    trace = bench.drive(consumer)
    bench.expect(not early, f"before the first pull: {', '.join(early)}", trace)
    bench.expect(trace.count("call", "fn"), "fn was never called", trace)


@law(
    "Z6",
    "laziness.merge_starts_on_pull",
    words="A merge opens no source and starts no task before its first item is asked for.",
    symbols="effects(merge(...)()) = []",
    takes=("merge",),
    observes=("opened",),
    shows_log=True,
)
def merge_starts_on_pull(bench: Bench, sources: Sequence[Script]) -> None:
    """Build and open inside a running loop, let it go round, look at log and tasks."""

    async def consumer(shell: Shell) -> None:
        shell.open(merged(bench, sources))
        await shell.settle()

    trace = bench.drive(consumer)
    bench.saw("opened")
    bench.expect(not trace.events, f"before the first pull: {trace.events}", trace)
    bench.expect(not trace.leaks.tasks, f"before the first pull: {trace.leaks}", trace)

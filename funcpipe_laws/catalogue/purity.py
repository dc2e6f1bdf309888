"""Laws of construction: a description is made without doing anything."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

from funcpipe_laws.declared.instance import Stream
from funcpipe_laws.declared.law import Broken, law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.comparing import alike
from funcpipe_laws.experiments.consumer import Shell
from funcpipe_laws.experiments.probes import stream_of
from funcpipe_laws.experiments.scripts import Script
from funcpipe_laws.experiments.subjects import build, over, stream_maker


def _noisy_source(bench: Bench, source: Script) -> Stream:
    """A source whose thunk logs its calls too."""

    def thunk() -> Any:
        bench.world.note("s", "made")
        return stream_of(bench.world, bench.instance, "s", source)

    return bench.op.embed(thunk)


def _noisy_using(bench: Bench, source: Stream) -> Stream:
    managers: Callable[[], Any] = bench.resource()

    def thunk() -> Any:
        bench.world.note("r", "made")
        return managers()

    return bench.op.using(thunk, stream_maker(bench, source))


@law(
    "P1",
    "purity.construction",
    words="Building a description runs no user code and needs no running loop.",
    symbols="effects(c(s)) = []",
    takes=(),
    observes=("built",),
    shows_log=True,
)
def construction(bench: Bench, subject: str, source: Script) -> None:
    """Build outside of any loop; every thunk and function given is watched."""
    stream = _noisy_source(bench, source)
    before = len(bench.world.log)
    try:
        if subject == "using":
            bench.saw("subject using")
            _noisy_using(bench, stream)
        else:
            over(bench, subject, stream)
    except Exception as exc:
        raise Broken(f"building raised {exc!r}") from exc
    bench.saw("built")
    done = bench.world.log[before:]
    bench.expect(not done, f"building alone did: {', '.join(map(str, done))}")


@law(
    "P2",
    "purity.unused_is_silent",
    words="A description that is never run, and an iterator that is never pulled, vanish without a"
    " warning.",
    symbols="warnings(del c(s)) = warnings(del c(s)()) = []",
    takes=(),
    observes=("dropped",),
)
def unused_is_silent(bench: Bench, subject: str, source: Script) -> None:
    """Build and drop; build, open and drop; then collect."""

    async def consumer(shell: Shell) -> None:
        build(bench, subject, source)
        shell.open(build(bench, subject, source))
        # Young objects only: a full collection takes longer than the rest of the law.
        gc.collect(0)
        await shell.settle()

    trace = bench.drive(consumer)
    bench.saw("dropped")
    complaints = trace.leaks.unhandled
    bench.expect(not complaints, f"dropped unused: {'; '.join(complaints)}", trace)


@law(
    "P3",
    "purity.arguments_are_kept",
    words="A merge leaves the list it was given as it was, and later changes of that list do not"
    " reach it.",
    symbols="t = merge(xs); xs.clear() => run(t) unchanged",
    takes=("merge",),
    observes=("emit",),
    policy="snapshots_arguments",
)
def arguments_are_kept(bench: Bench, sources: tuple[Script, ...]) -> None:
    """Compare the list after a run; then empty it and run again."""
    streams = [bench.source(script, f"s{i}") for i, script in enumerate(sources)]
    given = list(streams)
    stream = bench.op.merge(given)
    first = bench.run(stream)
    unchanged = len(given) == len(streams) and all(
        a is b for a, b in zip(given, streams, strict=True)
    )
    bench.expect(unchanged, "the merge changed the list that it was given", first)
    if bench.instance.policy.snapshots_arguments:
        given.clear()
        second = bench.run(stream)
        bench.expect(
            sorted(map(repr, first.items)) == sorted(map(repr, second.items)),
            "emptying the list after construction changed the run",
            first,
            second,
        )


@law(
    "P4",
    "purity.any_loop",
    words="One description runs under two event loops in turn.",
    symbols="run(t) under loop 1 = run(t) under loop 2",
    takes=(),
    observes=("runs",),
)
def any_loop(bench: Bench, subject: str, source: Script) -> None:
    """Every run of a bench has a loop of its own."""
    stream = build(bench, subject, source)
    alike(bench, subject, bench.run(stream), bench.run(stream))

"""The bench a law experiments on: probes in, traces out, and nothing of the library in between.

A law builds descriptions from the instance's operations and the bench's probes, drives them, and
compares or inspects the traces. Every run has a fresh loop; the world and its log live as long as
the bench, so that one description can be run twice.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from funcpipe_laws.declared.instance import Failure, Item, Stream, StreamInstance, Value
from funcpipe_laws.declared.law import Broken, NotOffered, Side
from funcpipe_laws.experiments import probes
from funcpipe_laws.experiments.consumer import DRAIN, Plan, Shell
from funcpipe_laws.experiments.scripts import Hang, ItemFn, Kleisli, Resource, Script, Step, pick
from funcpipe_laws.simulation.schedule import Chooser, Schedule
from funcpipe_laws.simulation.session import LoopKind, Session
from funcpipe_laws.simulation.trace import Trace, compare, same
from funcpipe_laws.simulation.world import World


class Bench:
    """One experiment: an instance, a schedule, and everything that was seen.

    Parameters: the instance; who decides the schedule; whether runs are simulated or on the stock
    loop. `op` has the instance's operations.
    """

    def __init__(
        self,
        instance: StreamInstance,
        chooser: Chooser | None = None,
        *,
        loop: LoopKind = "sim",
        length: int = 2_000,
    ) -> None:
        self.instance = instance
        self.op: Any = instance
        self.world = World(chooser or Schedule())
        self.seen: Counter[str] = Counter()
        self.loop: LoopKind = loop
        self.length = length
        """Items of a long stream."""
        self.in_step = instance.declares("in_step")

    # Probes

    def source(self, script: Script, name: str = "s", form: str = "generator") -> Stream:
        """A description of the scripted source; each run of it is logged under `name`.

        `form` is "generator", or one of `probes.FORMS`.
        """
        return self.instance.embed(self._thunk(script, name, form))

    def failing_once(self, first: Script, then: Script, name: str = "s") -> Stream:
        """A description whose first run is one script, and every later one another."""
        thunks = [self._thunk(script, name, "generator") for script in (first, then)]
        return self.instance.embed(lambda: thunks.pop(0)() if thunks[1:] else thunks[0]())

    def _thunk(self, script: Script, name: str, form: str) -> Callable[[], Any]:
        if self.instance.kind == "value" and len(script.items) != 1:
            self._end_unoffered("a single value has one item")
        if self.instance.kind == "sync" and Hang() in script.items:
            self._end_unoffered("a synchronous source cannot wait")
        make: Callable[..., Any] = {
            "stream": probes.stream_of,
            "sync": probes.iterator_of,
            "value": probes.value_of,
        }[self.instance.kind]

        def thunk() -> Any:
            if self.world.callouts.watching:
                self.world.callouts.called(name, "made")
            if form != "generator":
                return probes.iterator(self.world, self.instance, name, script, form)
            return make(self.world, self.instance, name, script)

        return thunk

    def function(self, fn: Callable[[Any], Any], name: str = "f") -> Callable[[Any], Any]:
        """A function, by table or your own, whose calls are logged."""
        return probes.function(self.world, name, fn)

    def _end_unoffered(self, reason: str) -> NoReturn:
        """End the experiment, also from within a run of the code under test."""
        unoffered = NotOffered(reason)
        self.world.abort(unoffered)
        raise unoffered

    def coroutine_function(self, fn: ItemFn, name: str = "fn") -> Callable[[Any], Awaitable[Any]]:
        """A coroutine function from values to items, whose calls are logged."""
        return probes.coroutine_function(self.world, self.instance, name, fn)

    def kleisli(self, k: Kleisli, name: str = "k") -> Callable[[Any], Stream]:
        """A function from values to streams; calls are logged under `name`, runs under `name.s`."""

        def probe(argument: Any) -> Stream:
            self.world.note(name, "call", argument)
            if self.world.callouts.watching:
                self.world.callouts.called(name, "call")
            twice = Script((Value(argument), Value(argument)))
            script = pick(k.scripts, argument) if k.scripts else twice
            return self.source(script, f"{name}.s")

        return probe

    def resource(self, plan: Resource | None = None, name: str = "r") -> Callable[[], Any]:
        """A thunk of context managers whose entries and exits are logged."""
        return probes.manager(self.world, self.instance, name, plan or Resource())

    def one(self, value: Any) -> Stream:
        """The stream of one value: the instance's `pure`, or a source if it has none.

        The source is not logged: a log would keep every item alive.
        """
        if self.instance.pure is not None:
            return self.instance.pure(value)
        item = self.instance.make_item(Value(value))
        return self.instance.embed(lambda: probes.ONE[self.instance.kind](item))

    def wrap(self, stream: Stream, layers: Sequence[str]) -> Stream:
        """Put combinators around a stream, the first one innermost.

        "map" maps the identity, "bind" binds to one-item streams, "inner" makes the stream the
        inner one of a bind, "using" runs it in a resource of its own, "merge" merges it alone.
        """
        for depth, layer in enumerate(layers):
            stream = self._layer(stream, layer, depth)
        return stream

    def _layer(self, stream: Stream, layer: str, depth: int) -> Stream:
        op = self.op
        if layer == "map":
            return op.map(stream, lambda value: value)
        if layer == "bind":
            return op.bind(stream, self.one)
        if layer == "inner":
            return op.bind(self.one(0), lambda _: stream)
        if layer == "using":
            return op.using(self.resource(name=f"layer{depth}"), lambda _: stream)
        if layer == "merge":
            return op.merge([stream])
        raise ValueError(f"no layer is called {layer!r}")

    def expected(self, steps: Sequence[Step]) -> list[Item]:
        """The items of a script as a trace shows them: with the library's error payloads."""
        instance = self.instance
        return [
            instance.read_item(instance.make_item(step))
            for step in steps
            if isinstance(step, Value | Failure)
        ]

    # Runs

    def run(self, stream: Stream, plan: Plan = DRAIN, *, limit: int = 20_000) -> Trace:
        """Drive one run of a description on a fresh loop; a hang breaks the law at once."""

        async def consumer(shell: Shell) -> None:
            if plan.timeout is None:
                await shell.follow(plan, stream)
            else:
                async with asyncio.timeout(plan.timeout):
                    await shell.follow(plan, stream)

        return self.drive(consumer, cancel_at=plan.cancel_at, limit=limit)

    def drive(
        self,
        consumer: Callable[[Shell], Awaitable[Any]],
        *,
        cancel_at: Sequence[int] = (),
        limit: int = 20_000,
    ) -> Trace:
        """Run a consumer coroutine on a fresh loop and account for everything it leaves behind."""
        instance, world = self.instance, self.world
        session = Session(world, self.loop, limit, eager=instance.eager_tasks)
        trace = session.run(lambda main: consumer(Shell(instance, world, main)), cancel_at)
        self._tally(trace)
        if trace.ending in ("deadlock", "livelock"):
            raise _hang(trace)
        return trace

    def cancel_sweep(
        self, build: Callable[[], Stream], plan: Plan = DRAIN, *, twice: bool = False
    ) -> Iterator[Trace]:
        """The same consumer cancelled at every iteration of the loop in turn, one trace each.

        `build` makes the description anew for each run. The schedule of a first, undisturbed run is
        repeated in all others. With `twice`, every second cancel from the first one's next
        iteration on is tried as well.
        """
        if self.instance.kind == "sync":
            raise NotOffered("a synchronous stream cannot be cancelled")
        before = len(self.world.recorder.picks)
        undisturbed = self.run(build(), plan)
        picks = self.world.recorder.picks[before:]

        def cancelled(*at: int) -> Trace:
            with self.world.replaying(picks):
                return self.run(build(), replace(plan, cancel_at=at))

        for first in range(1, undisturbed.steps + 1):
            trace = cancelled(first)
            if trace.count("cancel") == 0:
                break
            yield trace
            for second in range(first + 1, trace.steps + 1) if twice else ():
                yield cancelled(first, second)

    def _tally(self, trace: Trace) -> None:
        seen = self.seen
        seen["runs"] += 1
        for event in trace.events:
            seen[event.act] += 1
            if event.act == "emit":
                seen["err" if isinstance(event.detail, Failure) else "ok"] += 1

    # Judgement

    def saw(self, what: str, times: int = 1) -> None:
        """Count an interesting case, for the law's `observes`."""
        self.seen[what] += times

    def same(
        self,
        left: Trace,
        right: Trace,
        *,
        names: tuple[str, str] = ("left", "right"),
        ignoring: Collection[str] = (),
    ) -> None:
        """Break the law unless both traces tell the same story.

        Whether an iterator can be closed at all is not part of it; nor, for a library that may read
        ahead, how the doings of one probe interleave with those of another.
        """
        apart = not self.in_step
        compare(left, right, names=names, ignoring=(*ignoring, "closed"), apart=apart)

    def expect(self, holds: object, reason: str, *traces: Trace, at: int | None = None) -> None:
        """Break the law, showing the traces, unless `holds`."""
        if not holds:
            names = [f"run {i + 1}" for i in range(len(traces))] if traces[1:] else ["run"]
            sides = [Side(name, trace, at) for name, trace in zip(names, traces, strict=False)]
            raise Broken(reason, *sides)

    def items_are(self, trace: Trace, expected: Sequence[Item]) -> None:
        """Break the law unless the run delivered exactly these items and ended by itself."""
        self.expect(
            same(tuple(trace.items), tuple(expected)) and trace.exception is None,
            f"{trace.exception or trace.items!r}, not {list(expected)}",
            trace,
        )

    def needs_close(self, stream: Stream) -> None:
        """Leave the law as "not offered" if the stream's iterators have no `aclose`."""
        if self.instance.kind == "value":
            raise NotOffered("a single value has nothing to close")
        if not self.can_close(stream):
            raise NotOffered("its iterators have no aclose()")

    def can_close(self, stream: Stream) -> bool:
        """Whether the iterators of a stream have an `aclose`, or `close` if it is synchronous."""
        name = "close" if self.instance.kind == "sync" else "aclose"
        return hasattr(self.instance.open(stream), name)


def _hang(trace: Trace) -> Broken:
    """A run that did not end: what every task waits for, or the first lap of what repeats."""
    reason = "\n".join(
        [f"{trace.ending}: {trace.exception}", *getattr(trace.exception, "__notes__", ())]
    )
    shown = trace.first_lap() if trace.ending == "livelock" else trace
    return Broken(reason, Side("run", shown, len(shown.events)))

"""Any operation as a stream under test, with logging probes in all of its places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .bench import Bench
from .instance import Stream, Value
from .probes import ItemFn, Kleisli, Script
from .trace import Trace

_TWO = Kleisli((Script((Value(1), Value(2))),))
_ONE = ItemFn((Value(1),))
_OTHER = Script((Value(7), Value(8)))


def stream_maker(bench: Bench, stream: Stream) -> Callable[[Any], Stream]:
    """A logged function from a resource to this stream; two runs of it log the same."""
    logged = bench.function(lambda _: stream, "k")
    return lambda resource: logged(None)


def _same(value: Any) -> Any:
    return value


SUBJECTS: dict[str, Callable[[Bench, Stream], Stream]] = {
    "map": lambda bench, s: bench.op.map(s, bench.function(_same)),
    "bind": lambda bench, s: bench.op.bind(s, bench.kleisli(_TWO)),
    "inner": lambda bench, s: bench.op.bind(bench.one(0), bench.function(lambda _: s, "k")),
    "using": lambda bench, s: bench.op.using(bench.resource(), stream_maker(bench, s)),
    "merge": lambda bench, s: bench.op.merge([s, bench.source(_OTHER, "t")], max_buffer=1),
    "par_map": lambda bench, s: bench.op.par_map(s, bench.coroutine_function(_ONE), concurrency=2),
    "buffer": lambda bench, s: bench.op.buffer(s, 1),
    "chunk": lambda bench, s: bench.op.chunk(s, 2),
    "lift": lambda bench, s: bench.op.lift(bench.coroutine_function(_ONE))(0),
    "pure": lambda bench, s: bench.op.pure(0),
}
"""Name -> how to make it of a source; `inner` is a bind whose inner stream is the source."""

CONCURRENT = frozenset({"merge", "par_map", "buffer"})
"""Subjects that may pull while their consumer does something else."""

SOURCELESS = frozenset({"lift", "pure"})


def operation_of(subject: str) -> str:
    """The instance's operation that a subject needs."""
    return "bind" if subject == "inner" else subject


def build(bench: Bench, subject: str, source: Script) -> Stream:
    """The description of a subject over a scripted source."""
    return SUBJECTS[subject](bench, bench.source(source))


def in_order(subject: str, items: list[Any]) -> list[Any]:
    """Items as two runs of a subject can be compared: a merge may deliver them in any order."""
    return sorted(items, key=repr) if subject == "merge" else items


def in_resource(bench: Bench, source: Script, layers: Sequence[str] = ()) -> Stream:
    """A source in a resource called r, with layers around it."""
    return bench.wrap(bench.op.using(bench.resource(), lambda _: bench.source(source)), layers)


def alike(bench: Bench, subject: str, first: Trace, second: Trace) -> None:
    """Break the law unless two runs of a subject, under schedules of their own, agree.

    Items and the ending must agree. What each probe did must agree too, unless the subject may pull
    while its consumer does something else; how the probes' doings interleave need not.
    """
    holds = (in_order(subject, first.items), first.ending) == (
        in_order(subject, second.items),
        second.ending,
    )
    if holds and subject not in CONCURRENT:
        apart = not bench.in_step
        holds = _by_actor(first, apart=apart) == _by_actor(second, apart=apart)
    bench.expect(
        holds,
        f"one run: {first.exception or first.items!r};"
        f" another: {second.exception or second.items!r}",
        first,
        second,
    )


def _by_actor(trace: Trace, *, apart: bool) -> dict[Any, list[str]]:
    """What each probe did; with `apart`, each run of it."""
    doings: dict[Any, list[str]] = {}
    for actor, number, act, detail in trace.story(ignoring=("closed",)):
        doings.setdefault((actor, number if apart else 0), []).append(f"{number} {act} {detail!r}")
    return doings


def received(trace: Trace, name: str) -> list[Any]:
    """The items of the runs that a consumer gave this name."""
    return [event.detail for event in trace.of(name, "emit")]


def merged(bench: Bench, sources: Sequence[Script], max_buffer: int = 2) -> Stream:
    """The merge of scripted sources, logged under s0, s1, ..."""
    streams = [bench.source(script, f"s{i}") for i, script in enumerate(sources)]
    return bench.op.merge(streams, max_buffer=max_buffer)

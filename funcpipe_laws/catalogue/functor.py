"""Laws of `map`."""

from __future__ import annotations

from typing import Any

from funcpipe_laws.declared.instance import Item, Value
from funcpipe_laws.declared.law import law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.scripts import Fn, Script
from funcpipe_laws.simulation.trace import same


@law(
    "F1",
    "functor.identity",
    words="Mapping the identity changes nothing: no item, no error, no effect.",
    symbols="run(map(s, id)) = run(s)",
    takes=("map",),
    observes=("ok", "err"),
)
def identity(bench: Bench, source: Script) -> None:
    """Compare whole traces."""
    left = bench.run(bench.op.map(bench.source(source), lambda value: value))
    right = bench.run(bench.source(source))
    bench.same(left, right, names=("map(s, id)", "s"))


@law(
    "F2",
    "functor.composition",
    words="Mapping two functions one after the other is mapping their composition.",
    symbols="run(map(map(s, f), g)) = run(map(s, g . f))",
    takes=("map",),
    observes=("call", "err"),
)
def composition(bench: Bench, source: Script, f: Fn, g: Fn) -> None:
    """Compare whole traces, calls of the functions included."""
    first, second = bench.function(f, "f"), bench.function(g, "g")
    left = bench.run(bench.op.map(bench.op.map(bench.source(source), first), second))
    right = bench.run(bench.op.map(bench.source(source), lambda value: second(first(value))))
    bench.same(left, right, names=("map(map(s, f), g)", "map(s, g . f)"))


@law(
    "F3",
    "functor.one_call",
    words="The function is called once for every item that succeeded, in order, with that very"
    " object.",
    symbols="calls(f) in run(map(s, f)) = [x | Ok(x) in s]",
    takes=("map",),
    observes=("call", "equal values"),
    shows_log=True,
)
def one_call(bench: Bench, source: Script, f: Fn) -> None:
    """Compare the calls with what the source gave, by identity."""
    trace = bench.run(bench.op.map(bench.source(source), bench.function(f)))
    values = [step.value for step in source.items if isinstance(step, Value)]
    if any(same(a, b) for i, a in enumerate(values) for b in values[:i]):
        bench.saw("equal values")
    calls = [event.detail for event in trace.of("f", "call")]
    bench.expect(
        len(calls) == len(values) and all(a is b for a, b in zip(calls, values, strict=True)),
        f"f was called with {calls}, the source gave {values}",
        trace,
    )


@law(
    "F4",
    "functor.one_output",
    words="Every item in is one item out, at its position, also when the result is None, 0, False"
    " or empty.",
    symbols="run(map(s, f))[i] = f(s[i])",
    takes=("map",),
    observes=("falsy", "ok"),
)
def one_output(bench: Bench, source: Script, f: Fn) -> None:
    """Compare the items with the function applied to a list."""
    trace = bench.run(bench.op.map(bench.source(source), f))
    expected: list[Item] = [
        Value(f(item.value)) if isinstance(item, Value) else item
        for item in bench.expected(source.items)
    ]
    bench.saw("falsy", sum(isinstance(item, Value) and not item.value for item in expected))
    bench.items_are(trace, expected)


@law(
    "F5",
    "functor.map_is_bind",
    words="Mapping a function is binding to the stream of its one result.",
    symbols="run(map(s, f)) = run(bind(s, pure . f))",
    takes=("map", "bind", "pure"),
    observes=("call", "err"),
)
def map_is_bind(bench: Bench, source: Script, f: Fn) -> None:
    """Compare whole traces."""
    op, logged = bench.op, bench.function(f)
    left = bench.run(op.map(bench.source(source), logged))
    right = bench.run(op.bind(bench.source(source), lambda value: op.pure(logged(value))))
    bench.same(left, right, names=("map(s, f)", "bind(s, pure . f)"))


@law(
    "F6",
    "functor.async_function",
    words="A coroutine function that computes f maps as f does: same items, calls and order.",
    symbols="run(bind(s, lift(async f))) = run(map(s, f))",
    takes=("map", "bind", "lift"),
    observes=("call", "err"),
)
def async_function(bench: Bench, source: Script, f: Fn) -> None:
    """Compare whole traces; each call of the coroutine function suspends."""
    op, logged = bench.op, bench.function(f)

    async def suspending(value: Any) -> Any:
        result = logged(value)
        await bench.world.point("f result")
        return bench.instance.make_item(Value(result))

    left = bench.run(op.bind(bench.source(source), op.lift(suspending)))
    right = bench.run(op.map(bench.source(source), logged))
    bench.same(left, right, names=("bind(s, lift(async f))", "map(s, f)"))

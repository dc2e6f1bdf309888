"""Laws of `bind` and `pure`."""

from __future__ import annotations

from typing import Any

from funcpipe_laws.declared.instance import Item, Value
from funcpipe_laws.declared.law import law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.scripts import ItemFn, Kleisli, Script, pick

ITEMS = 10_000
"""Enough that an implementation whose depth grows with the number of items overflows."""


@law(
    "M1",
    "monad.left_identity",
    words="Binding the stream of one value to k is k of that value.",
    symbols="run(bind(pure(x), k)) = run(k(x))",
    takes=("pure", "bind"),
    observes=("emit", "several", "err"),
)
def left_identity(bench: Bench, value: Any, k: Kleisli) -> None:
    """Compare whole traces, and the value that arrives by identity."""
    made = bench.kleisli(k)
    left = bench.run(bench.op.bind(bench.op.pure(value), made))
    right = bench.run(made(value))
    if len(right.items) > 1:
        bench.saw("several")
    arrived = [event.detail for event in left.of("k", "call")]
    bench.expect(
        len(arrived) == 1 and arrived[0] is value,
        f"k was called with {arrived}, pure was given {value!r}",
        left,
    )
    bench.same(left, right, names=("bind(pure(x), k)", "k(x)"), ignoring=("k",))


@law(
    "M2",
    "monad.right_identity",
    words="Binding a stream to pure changes nothing, failed items included.",
    symbols="run(bind(s, pure)) = run(s)",
    takes=("pure", "bind"),
    observes=("ok", "err"),
)
def right_identity(bench: Bench, source: Script) -> None:
    """Compare whole traces."""
    left = bench.run(bench.op.bind(bench.source(source), bench.op.pure))
    right = bench.run(bench.source(source))
    bench.same(left, right, names=("bind(s, pure)", "s"))


@law(
    "M3",
    "monad.associativity",
    words="How binds are nested does not matter.",
    symbols="run(bind(bind(s, k), h)) = run(bind(s, x -> bind(k(x), h)))",
    takes=("bind",),
    observes=("emit", "err"),
)
def associativity(bench: Bench, source: Script, k: Kleisli, h: Kleisli) -> None:
    """Compare whole traces."""
    bind, first, second = bench.op.bind, bench.kleisli(k, "k"), bench.kleisli(h, "h")
    left = bench.run(bind(bind(bench.source(source), first), second))
    right = bench.run(bind(bench.source(source), lambda value: bind(first(value), second)))
    bench.same(left, right, names=("bind(bind(s, k), h)", "bind(s, x -> bind(k(x), h))"))


def concatenated(bench: Bench, source: Script, k: Kleisli) -> list[Item]:
    """What a bind is to deliver, by lists."""
    expected: list[Item] = []
    for step, item in zip(source.items, bench.expected(source.items), strict=True):
        if isinstance(step, Value):
            expected.extend(bench.expected(pick(k.scripts, step.value).items))
        else:
            expected.append(item)
    return expected


@law(
    "M4",
    "monad.concatenation",
    words="A bind delivers the inner streams' items, one stream after the other.",
    symbols="run(bind(s, k)) = concat([run(k(x)) if Ok(x) else [e] for each item of s])",
    takes=("bind",),
    observes=("emit", "err"),
)
def concatenation(bench: Bench, source: Script, k: Kleisli) -> None:
    """Compare the items with a list model."""
    trace = bench.run(bench.op.bind(bench.source(source), bench.kleisli(k)))
    bench.items_are(trace, concatenated(bench, source, k))


@law(
    "M5",
    "monad.empty",
    words="An empty inner stream adds nothing and ends nothing; an empty outer one is empty.",
    symbols="run(bind(empty, k)) = []; run(bind(s, _ -> empty)) = failed items of s",
    takes=("bind",),
    observes=("item after an empty inner",),
)
def empty(bench: Bench, source: Script, k: Kleisli) -> None:
    """An empty outer stream, all inner streams empty, and one of them empty."""
    bind = bench.op.bind
    nothing = bench.run(bind(bench.source(Script(())), bench.kleisli(k)))
    bench.items_are(nothing, [])
    hollow = Kleisli((Script(()),))
    trace = bench.run(bind(bench.source(source), bench.kleisli(hollow)))
    bench.items_are(trace, concatenated(bench, source, hollow))
    mixed = Kleisli((Script(()), *k.scripts))
    trace = bench.run(bind(bench.source(source), bench.kleisli(mixed)))
    expected = concatenated(bench, source, mixed)
    lengths = [
        len(pick(mixed.scripts, step.value).items) if isinstance(step, Value) else 1
        for step in source.items
    ]
    if 0 in lengths and any(lengths[lengths.index(0) :]):
        bench.saw("item after an empty inner")
    bench.items_are(trace, expected)


@law(
    "M6",
    "monad.one_call_a_run",
    words="k is called once for every item that succeeded, in every run; results are not remembered"
    " by value.",
    symbols="calls(k) in each run of bind(s, k) = [x | Ok(x) in s]",
    takes=("bind",),
    observes=("call", "equal values"),
    shows_log=True,
)
def one_call_a_run(bench: Bench, source: Script, k: Kleisli) -> None:
    """Compare the calls of two runs with what the source gives."""
    stream = bench.op.bind(bench.source(source), bench.kleisli(k))
    values = [step.value for step in source.items if isinstance(step, Value)]
    if len({repr(value) for value in values}) < len(values):
        bench.saw("equal values")
    for trace in (bench.run(stream), bench.run(stream)):
        calls = [event.detail for event in trace.of("k", "call")]
        bench.expect(
            len(calls) == len(values) and all(a is b for a, b in zip(calls, values, strict=True)),
            f"k was called with {calls}, the source gave {values}",
            trace,
        )


@law(
    "M7",
    "monad.one_inner_at_a_time",
    words="An inner stream is closed before the next one is opened.",
    symbols="close(k(x_i)) < open(k(x_i+1))",
    takes=("bind",),
    observes=("second inner",),
    policy="in_step",
    shows_log=True,
)
def one_inner_at_a_time(bench: Bench, source: Script, k: Kleisli) -> None:
    """Count open inner streams."""
    trace = bench.run(bench.op.bind(bench.source(source), bench.kleisli(k)))
    live = 0
    for index, event in enumerate(trace.events):
        if event.actor == "k.s" and event.act in ("open", "close"):
            live += 1 if event.act == "open" else -1
            if event.run:
                bench.saw("second inner")
            bench.expect(live < 2, f"{live} inner streams are open at once", trace, at=index)


@law(
    "M8",
    "monad.lift",
    words="Binding one value to a lifted coroutine function awaits it once and delivers its item.",
    symbols="run(bind(pure(x), lift(fn))) = [await fn(x)]",
    takes=("pure", "bind", "lift"),
    observes=("ok", "err"),
)
def lift(bench: Bench, value: Any, fn: ItemFn) -> None:
    """Compare the items with the function's table, and count its calls."""
    awaited = bench.coroutine_function(fn)
    trace = bench.run(bench.op.bind(bench.op.pure(value), bench.op.lift(awaited)))
    bench.items_are(trace, bench.expected([pick(fn.results, value)]))
    calls = [event.detail for event in trace.of("fn", "call")]
    bench.expect(
        len(calls) == 1 and calls[0] is value, f"fn was called with {calls}, not [{value!r}]", trace
    )


@law(
    "M9",
    "monad.no_recursion",
    words=f"{ITEMS} items and as many inner streams, one after the other, are no deeper than one.",
    symbols="depth(bind(s, k)) does not grow with len(s)",
    takes=("bind",),
    observes=("emit",),
)
def no_recursion(bench: Bench) -> None:
    """A long stream of which only the last item gives one; all is ready at once."""
    many = Script((*(Value(0),) * ITEMS, Value(1)), ready=True)
    last = Kleisli((Script((), ready=True), Script((Value(1),), ready=True)))
    trace = bench.run(bench.op.bind(bench.source(many), bench.kleisli(last)), limit=100 * ITEMS)
    bench.expect(trace.exception is None, f"raised {trace.exception!r}")
    bench.expect(trace.items == [Value(1)], f"{trace.items} instead of the last item")

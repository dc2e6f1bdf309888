"""How a function on streams wants to be called: found out by what it does, not by its name.

An operation may take descriptions or async iterables, its function first or second, plain or a
coroutine function, all at once or curried. Each convention is tried in one short run on the
simulated loop; the one under which the function does what the operation is to do is its own.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from funcpipe_laws.declared.instance import StreamInstance, Value
from funcpipe_laws.declared.offers import branches
from funcpipe_laws.finding.trying.fit import iterated
from funcpipe_laws.finding.trying.trial import delivered

Function = Callable[..., Any]
VALUES = (1, 2, 3)
ODD_VALUES = (5, 3, 8)
"""That no stream of numbers has by itself."""
LIMITS = ("concurrency", "max_concurrency", "limit", "max_workers", "workers", "task_limit")
"""What a parallel map calls its limit."""


@dataclass(frozen=True, slots=True)
class Convention:
    """An operation in the form of descriptions, and the source of the lambda that makes it so."""

    operation: Function
    text: str
    """With {} for the function's name; empty if it is used as it is."""


def orders(call: Function) -> Iterator[tuple[Function, str]]:
    """The function with its stream first, however it is called, and how it is called."""
    yield call, "{}(SOURCE, FN)"
    yield lambda source, fn, **rest: call(fn, source, **rest), "{}(FN, SOURCE)"
    yield lambda source, fn, **rest: call(fn, **rest)(source), "{}(FN)(SOURCE)"


def _on_streams(call: Function, text: str) -> Iterator[Convention]:
    """A function of a stream and something else, on descriptions and on async iterables."""
    plain = text == "{}(SOURCE, FN)"
    on_descriptions = text.replace("SOURCE", "s").replace("FN", "f")
    yield Convention(call, "" if plain else f"lambda s, f: {on_descriptions}")
    on_iterables = text.replace("SOURCE", "s()").replace("FN", "f")

    def opened(source: Any, fn: Any, **rest: Any) -> Any:
        return lambda: iterated(call(source(), fn, **rest))

    yield Convention(opened, f"lambda s, f: lambda: {on_iterables}")


def _mapping(call: Function, instance: StreamInstance) -> Iterator[Convention]:
    for ordered, text in orders(call):
        yield from _on_streams(ordered, text)
    for ordered, text in orders(call):
        for convention in _on_streams(ordered, text):
            yield _awaiting(convention, text)


def _awaiting(convention: Convention, text: str) -> Convention:
    """The same for one whose function is a coroutine function."""
    operation = convention.operation

    def with_coroutine(source: Any, f: Function) -> Any:
        async def awaited(value: Any) -> Any:
            return f(value)

        return operation(source, awaited)

    plain = convention.text or "lambda s, f: {}(s, f)"
    head, _, body = plain.rpartition("{}")
    return Convention(with_coroutine, f"{head}{{}}{body.replace('f', 'awaiting(f)', 1)}")


def _binding(call: Function, instance: StreamInstance) -> Iterator[Convention]:
    for ordered, text in orders(call):
        for n, convention in enumerate(_on_streams(ordered, text)):
            yield convention if n == 0 else _opening(convention, coroutine=False)
    for ordered, text in orders(call):
        for convention in (*_on_streams(ordered, text),)[1:]:
            yield _opening(convention, coroutine=True)


def _opening(convention: Convention, *, coroutine: bool) -> Convention:
    """The same for one whose function returns, or is to await, an async iterable."""
    operation = convention.operation

    def bind(source: Any, k: Function) -> Any:
        async def awaited(value: Any) -> Any:
            return k(value)()

        return operation(source, awaited if coroutine else lambda value: k(value)())

    head, _, body = convention.text.rpartition("{}")
    inner = "awaiting(lambda x: f(x)())" if coroutine else "lambda x: f(x)()"
    return Convention(bind, f"{head}{{}}{body.replace('f', inner, 1)}")


def _limiting(call: Function, instance: StreamInstance) -> Iterator[Convention]:
    parameters = parameters_of(call)
    named = next((name for name in LIMITS if name in parameters), None)
    for ordered, text in orders(call):
        for convention in _on_streams(ordered, text):
            if named is not None:
                yield _with_limit(convention, named)
    if named is None and len(parameters) > 2:
        third = list(parameters)[2]
        yield Convention(lambda s, fn, concurrency: call(s, fn, concurrency), "")
        yield Convention(
            lambda s, fn, concurrency: lambda: iterated(call(s(), fn, concurrency)),
            f"lambda s, fn, concurrency: lambda: {{}}(s(), fn, {third}=concurrency)",
        )


def _with_limit(convention: Convention, named: str) -> Convention:
    operation = convention.operation

    def par_map(source: Any, fn: Function, concurrency: int) -> Any:
        return operation(source, fn, **{named: concurrency})

    if not convention.text and named == "concurrency":
        return Convention(par_map, "")
    plain = convention.text or "lambda s, f: {}(s, f)"
    head, _, last = plain.replace("lambda s, f:", "lambda s, f, concurrency:").rpartition(")")
    return Convention(par_map, f"{head}, {named}=concurrency){last}")


def _merging(call: Function, instance: StreamInstance) -> Iterator[Convention]:
    parameters = parameters_of(call)
    bounded = "max_buffer" in parameters or any(
        p.kind is p.VAR_KEYWORD for p in parameters.values()
    )
    each = any(p.kind is p.VAR_POSITIONAL for p in list(parameters.values())[:1])
    limit, bound = (", max_buffer=1", ", max_buffer=max_buffer") if bounded else ("", "")
    star = "*" if each else ""

    def given(sources: Sequence[Any], **options: Any) -> Any:
        return call(*sources, **options) if each else call(sources, **options)

    def opened(sources: Sequence[Any], **options: Any) -> Any:
        return lambda: iterated(given([s() for s in sources], **options))

    plain = "" if bounded and not each else f"lambda sources{limit}: {{}}({star}sources{bound})"
    inner = "*(s() for s in sources)" if each else "[s() for s in sources]"
    text = f"lambda sources{limit}: lambda: {{}}({inner}{bound})"
    for operation, told in ((given, plain), (opened, text)):
        yield Convention(operation if bounded else _without_options(operation), told)


def _without_options(operation: Function) -> Function:
    return lambda sources: operation(sources)


def _branching(call: Function, instance: StreamInstance) -> Iterator[Convention]:
    """Into n branches, told so or by its own default, of a description or of an async iterable."""

    def in_two(source: Any, n: int) -> Sequence[Any]:
        try:
            return list(call(source, n))
        except TypeError:
            return list(call(source))

    yield Convention(in_two, "")

    yield Convention(
        lambda source, n: branches(lambda: in_two(source(), n), n),
        "lambda s, n: branches(lambda: {}(s(), n), n)",
    )


def _sized(call: Function, instance: StreamInstance) -> Iterator[Convention]:
    for ordered, text in orders(call):
        yield from _on_streams(ordered, text)


def parameters_of(call: Function) -> Mapping[str, inspect.Parameter]:
    """The parameters of a function, or none if they cannot be told."""
    try:
        return inspect.signature(call).parameters
    except (TypeError, ValueError):
        return {}


def required_by(function: Function) -> int:
    """How many parameters have no default, and are not variadic."""
    parameters = parameters_of(function).values()
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return sum(p.default is p.empty and p.kind not in kinds for p in parameters)


CONVENTIONS: Mapping[str, Callable[[Function, StreamInstance], Iterator[Convention]]] = {
    "map": _mapping,
    "bind": _binding,
    "par_map": _limiting,
    "merge": _merging,
    "chunk": _sized,
    "buffer": _sized,
    "timeout": _sized,
    "tee": _branching,
}


def stream_of(instance: StreamInstance, values: Sequence[Any]) -> Any:
    """A description of these values."""

    async def run() -> AsyncGenerator[Any, None]:
        for value in values:
            yield instance.make_item(Value(value))

    return instance.embed(run)


def _in_turn(instance: StreamInstance, branches: Sequence[Any]) -> Any:
    async def run() -> AsyncGenerator[Any, None]:
        opened = [instance.open(branch) for branch in branches]
        for branch in opened:
            async for item in branch:
                yield item

    return instance.embed(run)


def tees_when_read_in_step(operation: Function, instance: StreamInstance) -> bool:
    """Whether branches that are read item by item, of a source that takes its time, have all."""

    async def slow() -> AsyncGenerator[Any, None]:
        for value in ODD_VALUES:
            await asyncio.sleep(1.0)
            yield instance.make_item(Value(value))

    def build() -> Any:
        async def run() -> AsyncGenerator[Any, None]:
            made = operation(instance.embed(slow), 2)
            opened = [instance.open(branch) for branch in made]
            for _ in ODD_VALUES:
                for branch in opened:
                    yield await anext(branch)

        return instance.embed(run)

    return delivered(build, instance) == [value for value in ODD_VALUES for _ in range(2)]


def keeps_back(operation: Function, instance: StreamInstance) -> bool:
    """Whether a map delivers its first item only when its source gives more: it works in slices."""

    async def idle() -> AsyncGenerator[Any, None]:
        yield instance.make_item(Value(VALUES[0]))
        await asyncio.sleep(1_000.0)

    def build() -> Any:
        async def run() -> AsyncGenerator[Any, None]:
            iterator = instance.open(operation(instance.embed(idle), lambda value: value))
            yield await asyncio.wait_for(anext(iterator), 10.0)

        return instance.embed(run)

    return delivered(build, instance) is None


Trial = tuple[Callable[[Function, StreamInstance], Any], list[Any]]
"""How an operation is tried, and what it then has to deliver."""


def _par_mapped(operation: Function, instance: StreamInstance) -> Any:
    async def fn(value: Any) -> Any:
        return instance.make_item(Value(("f", value)))

    return operation(stream_of(instance, VALUES), fn, concurrency=2)


TRIALS: Mapping[str, Trial] = {
    "map": (
        lambda operation, i: operation(stream_of(i, VALUES), lambda value: ("f", value)),
        [("f", 1), ("f", 2), ("f", 3)],
    ),
    "bind": (
        lambda operation, i: operation(stream_of(i, VALUES), lambda v: stream_of(i, (v, -v))),
        [1, -1, 2, -2, 3, -3],
    ),
    "par_map": (_par_mapped, [("f", 1), ("f", 2), ("f", 3)]),
    "merge": (lambda operation, i: operation([stream_of(i, (1,)), stream_of(i, (2,))]), [1, 2]),
    "chunk": (lambda operation, i: operation(stream_of(i, VALUES), 2), [[1, 2], [3]]),
    "buffer": (lambda operation, i: operation(stream_of(i, VALUES), 2), [1, 2, 3]),
    "timeout": (lambda operation, i: operation(stream_of(i, VALUES), 60.0), [1, 2, 3]),
    "tee": (
        lambda operation, i: _in_turn(i, operation(stream_of(i, ODD_VALUES), 2)),
        [*ODD_VALUES, *ODD_VALUES],
    ),
}


Unlike = tuple[list[Any], list[Any]]
"""What a function delivers of `VALUES`, and what one of its name is to deliver."""


def convention(
    operation: str, call: Function, instance: StreamInstance, unlike: list[Unlike]
) -> Convention | None:
    """The convention under which a function does what the operation is to do, or None: then what it
    does instead, where it does something, is added to `unlike`."""
    build, wanted = TRIALS[operation]
    for candidate in CONVENTIONS[operation](call, instance):
        got = delivered(lambda c=candidate: build(c.operation, instance), instance)  # type: ignore[misc]
        if operation == "chunk" and isinstance(got, list):
            got = [list(chunk) if isinstance(chunk, tuple) else chunk for chunk in got]
        if operation == "merge" and isinstance(got, list):
            got = sorted(got, key=repr)
        if got == wanted or (
            # In turn, one of the branches has lost items: as a tee, it is for the laws to judge.
            got and operation == "tee" and tees_when_read_in_step(candidate.operation, instance)
        ):
            return candidate
        if got is not None:
            unlike.append((got, wanted))
    return None

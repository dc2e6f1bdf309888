"""Whether an operation that was found by its name takes and returns descriptions, and which kind.

Two forms are understood: thunks, zero-argument callables that return a fresh async iterator; and
functions on async iterables, such as bare async-generator functions, which are made into the first
form. Anything else needs an instance that adapts it.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from funcpipe_laws.declared.instance import StreamInstance, Value
from funcpipe_laws.declared.offers import SEVERAL, Operator
from funcpipe_laws.finding.trying.trial import NO_END, DoesNotFit, delivered, on_loop

Operation = Callable[..., Any]
NUMBERS = (5, 6, 7, 8, 9)
SLOW = 100.0
"""Seconds between two items, which are more than what operators wait for by default."""


async def _one(item: Any) -> AsyncGenerator[Any, None]:
    yield item


class _Manager:
    async def __aenter__(self) -> _Manager:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Nothing was acquired."""


def _on_thunks(operation: str, call: Operation, item: Any) -> Any:
    """The description that an operation makes of thunks."""

    def source() -> Any:
        return _one(item)

    async def coroutine(value: Any) -> Any:
        return item

    made: dict[str, Callable[[], Any]] = {
        "pure": lambda: call(0),
        "map": lambda: call(source, lambda value: value),
        "bind": lambda: call(source, lambda value: source),
        "using": lambda: call(_Manager, lambda resource: source),
        "lift": lambda: call(coroutine)(0),
        "empty": lambda: call(),
        "merge": lambda: call([source]),
        "par_map": lambda: call(source, coroutine, concurrency=1),
        "buffer": lambda: call(source, 1),
        "chunk": lambda: call(source, 1),
        "timeout": lambda: call(source, 60.0),
        "retry": lambda: call(lambda: coroutine(0), attempts=1, delays=(), retry_on=()),
    }
    return made[operation]()


def on_iterables(operation: str, call: Operation) -> Operation:
    """A function on async iterables as one on thunks; each run of its thunk calls it anew."""

    def run(*args: Any, **options: Any) -> Any:
        made = call(*args, **options)
        return aiter(made) if hasattr(made, "__aiter__") else made

    adapted: dict[str, Operation] = {
        "map": lambda s, f: lambda: run(s(), f),
        "bind": lambda s, f: lambda: run(s(), lambda value: f(value)()),
        "using": lambda acquire, make: lambda: run(acquire, lambda held: make(held)()),
        "lift": lambda fn: lambda value: lambda: call(fn)(value),
        "merge": _merge_of_iterables(run, bounded=operation == "merge" and merge_takes(call)[1]),
        "par_map": lambda s, fn, **options: lambda: run(s(), fn, **options),
        "buffer": lambda s, size: lambda: run(s(), size),
        "timeout": lambda s, seconds: lambda: run(s(), seconds),
        "retry": lambda make, **options: lambda: run(make, **options),
        "chunk": lambda s, size, **options: lambda: run(s(), size, **options),
    }
    return adapted.get(operation, lambda *args: lambda: run(*args))


def _merge_of_iterables(run: Operation, *, bounded: bool) -> Operation:
    if bounded:
        return lambda sources, **options: lambda: run([s() for s in sources], **options)
    return lambda sources: lambda: run([s() for s in sources])


def as_laws_call_it(operation: str, call: Operation) -> Operation:
    """A merge and a parallel map that take what laws give them, whatever their signatures name it.

    A merge may take its sources one by one, and no bound; a parallel map its limit as third.
    """
    if operation == "merge":
        each, bounded = merge_takes(call)

        def merge(sources: Any, **options: Any) -> Any:
            return call(*(tuple(sources) if each else (sources,)), **options)

        return merge if bounded and each else call if bounded else lambda sources: merge(sources)
    if operation == "par_map":
        parameters = _parameters(call)
        if "concurrency" not in parameters and len(parameters) > 2:
            return lambda source, fn, concurrency: call(source, fn, concurrency)
    return call


def merge_takes(call: Operation) -> tuple[bool, bool]:
    """Whether a merge takes its sources one by one, and whether it takes a bound."""
    parameters = _parameters(call)
    kinds = [parameter.kind for parameter in parameters.values()]
    each = inspect.Parameter.VAR_POSITIONAL in kinds[:1]
    return each, "max_buffer" in parameters or inspect.Parameter.VAR_KEYWORD in kinds


def _parameters(call: Operation) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(call).parameters
    except (TypeError, ValueError):
        return {}


def fitted(operation: str, call: Operation, item: Any) -> tuple[Operation, str]:
    """The operation on thunks, and "thunks" or "async iterables" for what it was found to take.

    `item` is an item that succeeded. Each form is tried in one short run. Raises `DoesNotFit`; an
    operation that fits and is wrong is for the laws to find.
    """
    reasons = []
    call = as_laws_call_it(operation, call)
    for form, candidate in (
        ("thunks", call),
        ("async iterables", on_iterables(operation, call)),
    ):
        try:
            _try(partial(_on_thunks, operation, candidate, item))
        except DoesNotFit as exc:
            reasons.append(f"given {form}: {exc}")
        else:
            return candidate, form
    raise DoesNotFit("; ".join(reasons))


@dataclass(frozen=True, slots=True)
class Fit:
    """An operator on descriptions, and what it was found to take; or what is wrong with it."""

    make: Operation | None
    form: str = ""
    problem: str = ""
    model_problem: str = ""
    """What is wrong with its model; it is not used then."""
    steady: bool = True
    """Whether it delivers the same of items that come at once and of slow ones, as far as tried."""
    silent: bool = False
    """Whether it delivers nothing of a few numbers."""
    remembers: bool = False
    """Whether it delivers each of a few items once, however often they come: it has to keep what it
    has seen."""


def fitted_operators(instance: StreamInstance) -> Mapping[str, Fit]:
    """Each operator of an instance in the form of descriptions, found out once by a short trial."""
    known: Mapping[str, Fit] | None = vars(instance).get("_fits")
    if known is None:
        known = {name: _tried(instance, one) for name, one in instance.operators.items()}
        vars(instance)["_fits"] = known
    return known


def _tried(instance: StreamInstance, operator: Operator) -> Fit:
    """How it fits, and what has to be known of it where nothing else tells what it delivers."""
    fit = fit_of(instance, operator)
    make, arity = fit.make, 2 if operator.arity == SEVERAL else operator.arity
    if make is not None and arity and operator.takes == "streams":
        fit = replace(fit, remembers=_remembers(make, arity, instance))
    if make is None or not arity or operator.model is not None or operator.allows is not None:
        return fit

    # One that is made once for all streams differs from stream to stream, whatever the time.
    anew = getattr(operator.make, "anew", None)
    if anew is not None:
        make = fit_of(instance, replace(operator, make=anew)).make or make

    def of_items_every(seconds: float) -> list[Any] | None:
        async def items() -> AsyncGenerator[Any, None]:
            for value in NUMBERS if instance.values is None else instance.values:
                await asyncio.sleep(seconds)
                yield instance.make_item(Value(value))

        return delivered(lambda: make(*[instance.embed(items) for _ in range(arity)]), instance)

    quick, slow = of_items_every(0), of_items_every(SLOW)
    return replace(fit, steady=quick == slow, silent=not quick)


def _remembers(make: Operation, arity: int, instance: StreamInstance) -> bool:
    values = list(NUMBERS if instance.values is None else instance.values)[:3]

    def of(items: list[Any]) -> list[Any] | None:
        def stream(given: list[Any]) -> Any:
            async def run() -> AsyncGenerator[Any, None]:
                for value in given:
                    yield instance.make_item(Value(value))

            return instance.embed(run)

        return delivered(
            lambda: make(stream(items), *[stream([]) for _ in range(arity - 1)]), instance
        )

    return len(values) == 3 and of(values) == values and of([*values, *values[::-1]]) == values


def fit_of(instance: StreamInstance, operator: Operator) -> Fit:
    """One operator in the form of descriptions, or what is wrong with it."""
    item = instance.make_item(Value(0 if instance.values is None else instance.usual))
    arity = 2 if operator.arity == SEVERAL else operator.arity
    reasons = []
    for form, make in _forms(operator):

        def build(make: Operation = make) -> Any:
            if operator.takes == "resource":
                return make(_Manager)
            return make(*[instance.embed(lambda: _one(item)) for _ in range(arity)])

        try:
            _try(build, instance.open)
        except DoesNotFit as exc:
            reasons.append(f"given {form}: {exc}")
        else:
            return Fit(make, form, "", _disagreement(instance, operator, arity))
    return Fit(None, "", "; ".join(dict.fromkeys(reasons)))


def _disagreement(instance: StreamInstance, operator: Operator, arity: int) -> str:
    """What is wrong with a model on the plainest lists: it raises, or differs from one time to the
    next."""
    if operator.model is None:
        return ""
    usual = (1, 2) if instance.values is None else tuple(instance.values[:2])
    for values in ((), usual):

        def given(values: tuple[Any, ...] = values) -> list[list[Any]]:
            return [[instance.make_item(Value(value)) for value in values] for _ in range(arity)]

        try:
            first, second = (list(operator.model(*given()) or ()) for _ in range(2))
        except Exception as exc:
            return f"raised {exc!r} for {list(values)}"
        if first != second:
            return f"says {first}, and then {second}, of {list(values)}"
    return ""


def iterated(made: Any) -> Any:
    """What can be pulled, of what an operator has made, as `async for` asks for it."""
    if inspect.iscoroutine(made):
        made.close()
    return aiter(made) if hasattr(made, "__aiter__") else made


def _forms(operator: Operator) -> Iterator[tuple[str, Operation]]:
    make = operator.make

    def opened(*streams: Any) -> Any:
        def run() -> Any:
            given = [s() for s in streams] if operator.takes == "streams" else streams
            return iterated(make(*given))

        return run

    if operator.arity == 0:
        yield "nothing", make
        yield "nothing, anew for each run", opened
    else:
        yield "descriptions", make
        yield "async iterables", opened
        yield "what makes streams", lambda *streams: lambda: iterated(make(*streams))


def _try(build: Callable[[], Any], start: Callable[[Any], Any] = StreamInstance.open) -> None:
    """Build, open and pull once, inside a running loop."""

    async def run() -> None:
        description = _shaped(build)
        if inspect.iscoroutine(description):
            description.close()
            raise DoesNotFit("it returns a coroutine: without a yield, 'async def' is no stream")
        if start is StreamInstance.open and not callable(description):
            raise DoesNotFit(f"it returns {_kind(description)}, which cannot be called")
        iterator = _shaped(lambda: start(description))
        if not hasattr(iterator, "__anext__"):
            raise DoesNotFit(f"its run is {_kind(iterator)}, not an async iterator")
        try:
            with suppress(StopAsyncIteration):
                await anext(iterator)
        except (TypeError, AttributeError) as exc:
            raise DoesNotFit(f"{type(exc).__name__}: {exc}") from None
        finally:
            if hasattr(iterator, "aclose"):
                with suppress(Exception):
                    await iterator.aclose()

    try:
        on_loop(run())
    except DoesNotFit:
        raise
    except NO_END:
        pass  # It fits; what is wrong with it is for the laws to say.


def _kind(thing: object) -> str:
    if thing is None or isinstance(thing, type):
        return repr(thing)
    name = type(thing).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _shaped(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except (TypeError, AttributeError) as exc:
        raise DoesNotFit(f"{type(exc).__name__}: {exc}") from None

"""Synchronous streams and single values: right ones keep their suites, wrong ones do not."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from funcpipe_laws import catalogue
from funcpipe_laws.checking.check import check, check_law
from funcpipe_laws.declared.instance import Policy, ResultType, StreamInstance
from tests.laws.mutants import MODEL

assert MODEL.result is not None
RESULT: ResultType = MODEL.result
Thunk = Callable[[], Generator[Any, None, None]]


def sync_pure(value: Any) -> Thunk:
    def stream() -> Generator[Any, None, None]:
        yield RESULT.ok(value)

    return stream


def sync_map(gen: Thunk, f: Any) -> Thunk:
    def stream() -> Generator[Any, None, None]:
        with closing(gen()) as items:
            for item in items:
                yield RESULT.ok(f(RESULT.value(item))) if RESULT.is_ok(item) else item

    return stream


def sync_bind(gen: Thunk, f: Any) -> Thunk:
    def stream() -> Generator[Any, None, None]:
        with closing(gen()) as items:
            for item in items:
                if RESULT.is_ok(item):
                    with closing(f(RESULT.value(item))()) as inner:
                        yield from inner
                else:
                    yield item

    return stream


def sync_using(enter: Any, make: Any) -> Thunk:
    def stream() -> Generator[Any, None, None]:
        with enter() as resource, closing(make(resource)()) as items:
            yield from items

    return stream


SYNC = StreamInstance(
    name="sync model",
    kind="sync",
    pure=sync_pure,
    map=sync_map,
    bind=sync_bind,
    using=sync_using,
    result=RESULT,
    policy=Policy(in_step=True),
)


def value_pure(value: Any) -> Any:
    async def run() -> Any:
        return RESULT.ok(value)

    return run


def value_map(plan: Any, f: Any) -> Any:
    async def run() -> Any:
        item = await plan()
        return RESULT.ok(f(RESULT.value(item))) if RESULT.is_ok(item) else item

    return run


def value_bind(plan: Any, f: Any) -> Any:
    async def run() -> Any:
        item = await plan()
        return await f(RESULT.value(item))() if RESULT.is_ok(item) else item

    return run


def value_using(enter: Any, make: Any) -> Any:
    async def run() -> Any:
        async with enter() as resource:
            return await make(resource)()

    return run


def value_lift(fn: Any) -> Any:
    def lifted(value: Any) -> Any:
        async def run() -> Any:
            return await fn(value)

        return run

    return lifted


VALUE = StreamInstance(
    name="value model",
    kind="value",
    pure=value_pure,
    map=value_map,
    bind=value_bind,
    using=value_using,
    lift=value_lift,
    result=RESULT,
)


@pytest.mark.parametrize("instance", [SYNC, VALUE], ids=lambda i: i.kind)
def test_a_right_implementation_keeps_its_suite(instance: StreamInstance) -> None:
    """Every law of the suite holds, and none is vacuous or not offered."""
    verdicts = check(instance)
    assert len(verdicts) == len(catalogue.SMALLER_SUITES[instance.kind])
    assert [(str(v.law), v.status, v.reason) for v in verdicts if v.status != "held"] == []


def holding_using(enter: Any, make: Any) -> Thunk:
    """Leaves the source to the frame, which ends after the resource is released."""

    def stream() -> Generator[Any, None, None]:
        with enter() as resource:
            items = make(resource)()
            for item in items:  # noqa: UP028 - `yield from` would close it
                yield item

    return stream


def eager_map(gen: Thunk, f: Any) -> Thunk:
    """Reads everything first."""

    def stream() -> Generator[Any, None, None]:
        items = list(gen())
        for item in items:
            yield RESULT.ok(f(RESULT.value(item))) if RESULT.is_ok(item) else item

    return stream


def stopping_bind(gen: Thunk, f: Any) -> Thunk:
    """Ends at the first item that failed."""

    def stream() -> Generator[Any, None, None]:
        with closing(gen()) as items:
            for item in items:
                if not RESULT.is_ok(item):
                    yield item
                    return
                yield from f(RESULT.value(item))()

    return stream


def started_pure(value: Any) -> Any:
    """One coroutine for all runs."""
    coroutine = value_pure(value)()
    return lambda: coroutine


def overwriting_map(plan: Any, f: Any) -> Any:
    """Runs the function on the payload of a failed item."""

    async def run() -> Any:
        item = await plan()
        return RESULT.ok(f(RESULT.value(item) if RESULT.is_ok(item) else RESULT.error(item)))

    return run


def unguarded_using(enter: Any, make: Any) -> Any:
    """Forgets to release when the plan fails."""

    async def run() -> Any:
        manager = enter()
        item = await make(await manager.__aenter__())()
        await manager.__aexit__(None, None, None)
        return item

    return run


MUTANTS: list[tuple[StreamInstance, dict[str, Any], str]] = [
    (SYNC, {"using": holding_using}, "S11"),
    (SYNC, {"map": eager_map}, "Z2"),
    (SYNC, {"bind": stopping_bind}, "E2"),
    (VALUE, {"map": overwriting_map}, "E1"),
    (VALUE, {"using": unguarded_using}, "S3"),
    (VALUE, {"using": unguarded_using}, "S5"),
    (VALUE, {"pure": started_pure}, "R1"),
]


@pytest.mark.parametrize(
    ("model", "wrong", "ident"),
    MUTANTS,
    ids=[f"{m.kind}-{ident}-{next(iter(w.values())).__name__}" for m, w, ident in MUTANTS],
)
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
def test_a_wrong_implementation_breaks_the_law_it_should(
    model: StreamInstance, wrong: dict[str, Any], ident: str
) -> None:
    """Each mutant is caught by the law that names its fault."""
    law = next(law for law in catalogue.laws(model.kind) if law.id == ident)
    assert check_law(law, replace(model, **wrong)).failed

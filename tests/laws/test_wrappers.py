"""Wrappers that change nothing and consumers that close what they leave break no law."""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any

import pytest

from funcpipe_laws import Consumer, StreamInstance, Wrapper
from funcpipe_laws.checking.check import check

Generator = AsyncGenerator[Any, Any]


class Spans:
    """An iterator around another that writes down what happens, and hands everything on."""

    def __init__(self, inner: Generator) -> None:
        self.inner = inner
        self.events: list[str] = []

    def __aiter__(self) -> Spans:
        return self

    async def __anext__(self) -> Any:
        self.events.append("pull")
        return await self.inner.__anext__()

    async def asend(self, value: Any) -> Any:
        """As the inner one does."""
        return await self.inner.asend(value)

    async def athrow(self, *exc_info: Any) -> Any:
        """As the inner one does."""
        return await self.inner.athrow(*exc_info)

    async def aclose(self) -> None:
        """As the inner one does."""
        await self.inner.aclose()


def traced(function: Callable[..., Generator]) -> Callable[..., Spans]:
    """The same around a function."""

    @functools.wraps(function)
    def wrapper(*args: Any, **options: Any) -> Spans:
        return Spans(function(*args, **options))

    return wrapper


async def total(gen: Callable[[], Generator]) -> int:
    """A number for all items."""
    async with aclosing(gen()) as items:
        return len([item async for item in items])


async def first(items: Generator) -> Any:
    """The first item, of an iterator."""
    async with aclosing(items):
        return await anext(items, None)


def how_many(items: Sequence[Any]) -> int:
    """The model of `total`."""
    return len(items)


RIGHT = StreamInstance(
    name="right",
    wrappers={"traced": Wrapper(traced), "spans": Wrapper(Spans, takes="iterator")},
    consumers={
        "total": Consumer(total, model=how_many),
        "first": Consumer(first, model=lambda items: items[0] if items else None, pulls=1),
    },
)


def test_right_wrappers_and_consumers_break_no_law() -> None:
    """All laws about them hold, and have seen each of them."""
    verdicts = check(RIGHT)
    assert {v.law.id: v.reason for v in verdicts if v.failed} == {}
    held = {v.law.id for v in verdicts if v.status == "held"}
    own = {*(f"W{n}" for n in range(1, 8)), *(f"K{n}" for n in range(1, 6))}
    assert held == {*own, "D10", "D11"}


def _plain(function: Any) -> Any:
    return function


BARE: dict[str, Any] = {"wrappers": _plain, "consumers": total}


@pytest.mark.parametrize("kind", ["wrappers", "consumers"])
def test_a_bare_function_is_refused_with_what_to_write(kind: str) -> None:
    """The message names the value and the class."""
    given: dict[str, Any] = {kind: {"it": BARE[kind]}}
    wanted = {"wrappers": "write Wrapper(_plain)", "consumers": "write Consumer(total)"}
    with pytest.raises(TypeError, match=wanted[kind].replace("(", r"\(").replace(")", r"\)")):
        StreamInstance(name="bare", **given)


def test_a_misspelt_field_is_refused_with_the_nearest() -> None:
    """Of an instance as of a policy, by name and by value."""
    from funcpipe_laws import Policy

    misspelt: dict[str, Any] = {"mpa": 1}
    with pytest.raises(TypeError, match=r"StreamInstance\(mpa=\.\.\.\): did you mean 'map'\?"):
        StreamInstance(name="x", **misspelt)
    with pytest.raises(TypeError, match="did you mean 'fairness'"):
        Policy(fairnes=1)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match=r"exceptions='rais'\): did you mean 'raise'"):
        Policy(exceptions="rais")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="did you mean 'quick'"):
        check(RIGHT, profile="quik")

"""What operators of known names deliver, by lists: `Operator(make, model=take(2))`."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

ListModel = Callable[..., list[Any]]
Relation = Callable[..., bool]
"""What was delivered, and the list of each stream -> whether that may be."""


def as_it_is() -> ListModel:
    """All items: of a buffer, a time limit, a rate limit."""
    return list


def take(n: int) -> ListModel:
    """The first n items."""
    return lambda items: items[:n]


def drop(n: int) -> ListModel:
    """All but the first n items."""
    return lambda items: items[n:]


def take_while(holds: Callable[[Any], bool]) -> ListModel:
    """The items before the first for which `holds` is false."""
    return lambda items: list(itertools.takewhile(holds, items))


def drop_while(holds: Callable[[Any], bool]) -> ListModel:
    """The items from the first on for which `holds` is false."""
    return lambda items: list(itertools.dropwhile(holds, items))


def filtered(holds: Callable[[Any], bool]) -> ListModel:
    """The items for which `holds` is true."""
    return lambda items: [item for item in items if holds(item)]


def scan(initial: Any, f: Callable[[Any, Any], Any]) -> ListModel:
    """Running results, without the initial one."""
    return lambda items: list(itertools.accumulate(items, f, initial=initial))[1:]


def enumerated() -> ListModel:
    """Pairs of a number and an item."""
    return lambda items: list(enumerate(items))


def pairs() -> ListModel:
    """Each item with the one before it."""
    return lambda items: list(itertools.pairwise(items))


def windows(n: int) -> ListModel:
    """Every n items in a row, as tuples."""
    return lambda items: [tuple(items[i : i + n]) for i in range(len(items) - n + 1)]


def in_lists(model: ListModel) -> ListModel:
    """What a model delivers in tuples, in lists."""
    return lambda *lists: [list(i) if isinstance(i, tuple) else i for i in model(*lists)]


def zipped() -> ListModel:
    """The items of several streams at the same place; as many as the shortest has."""
    return lambda *lists: list(zip(*lists, strict=False))


def concatenated() -> ListModel:
    """One stream after the other; a merge has the same items in another order."""
    return lambda *lists: [item for items in lists for item in items]


def last_of_a_burst() -> ListModel:
    """Of items that come at once the last one: debounce."""
    return lambda items: items[-1:]


def first_of_a_burst() -> ListModel:
    """Of items that come at once the first one: throttle."""
    return lambda items: items[:1]


def grouped(key: Callable[[Any], Any]) -> ListModel:
    """A pair of key and list for each run of items with the same key, as `itertools.groupby`."""
    return lambda items: [(k, list(group)) for k, group in itertools.groupby(items, key)]


def concat_mapped(inner: Callable[[Any], Sequence[Any]]) -> ListModel:
    """The items of the list for each item, one list after the other."""
    return lambda items: [result for item in items for result in inner(item)]


def mapped(f: Callable[[Any], Any]) -> ListModel:
    """The result for each item."""
    return lambda items: list(map(f, items))


def switched(inner: Callable[[Any], Sequence[Any]]) -> Relation:
    """What a switch may deliver: the beginnings of the earlier lists, and the last one whole."""

    def allows(got: Sequence[Any], items: Sequence[Any]) -> bool:
        places = {0}
        for number, item in enumerate(items):
            whole, last = list(inner(item)), number == len(items) - 1
            places = {
                place + length
                for place in places
                for length in range(len(whole) if last else 0, len(whole) + 1)
                if list(got[place : place + length]) == whole[:length]
            }
        return len(got) in places

    return allows


def latest() -> Relation:
    """What two streams combined may deliver: pairs of the newest items, one step after another."""

    def allows(got: Sequence[Any], left: Sequence[Any], right: Sequence[Any]) -> bool:
        if not left or not right:
            return not got
        ends = [(i, 0) for i in range(len(left))] + [(0, j) for j in range(len(right))]
        places = set(ends)
        for number, pair in enumerate(got):
            if number:
                places = {step for i, j in places for step in ((i + 1, j), (i, j + 1))}
            places = {
                (i, j)
                for i, j in places
                if i < len(left) and j < len(right) and tuple(pair) == (left[i], right[j])
            }
        return bool(got) and (len(left) - 1, len(right) - 1) in places

    return allows


def unique() -> ListModel:
    """Each item once, at its first place."""

    def model(items: Sequence[Any]) -> list[Any]:
        return [item for n, item in enumerate(items) if item not in items[:n]]

    return model


def distinct() -> ListModel:
    """Each item that differs from the one before it."""

    def model(items: Sequence[Any]) -> list[Any]:
        return [item for n, item in enumerate(items) if n == 0 or item != items[n - 1]]

    return model

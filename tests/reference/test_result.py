"""Ok, Err, ErrInfo."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import pytest

from funcpipe_streams import Err, ErrInfo, Ok, Result, assert_never

BOOM = ErrInfo("BOOM", "it broke")


def described(result: Result[int, ErrInfo]) -> str:
    """Positional and keyword patterns of both cases."""
    match result:
        case Ok(value):
            text = f"ok {value}"
        case Err(error=error):
            text = f"err {error.code}"
        case _:
            assert_never(result)
    return text


def test_match_is_exhaustive() -> None:
    """A value of neither class is refused with its repr."""
    assert [described(Ok(1)), described(Err(BOOM))] == ["ok 1", "err BOOM"]
    with pytest.raises(AssertionError, match="got 3"):
        described(3)  # type: ignore[arg-type]


def test_map() -> None:
    """The function sees values, never errors."""
    assert Ok(2).map(lambda x: x * 10) == Ok(20)
    failed = Err(BOOM)
    assert failed.map(lambda x: 1 / 0) is failed


@pytest.mark.parametrize(("item", "name"), [(Ok(1), "value"), (Err(BOOM), "error"), (BOOM, "code")])
def test_items_are_immutable(item: Any, name: str) -> None:
    """Neither an attribute nor a new one can be set."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(item, name, 2)
    with pytest.raises((AttributeError, TypeError)):
        item.other = 2
    assert not hasattr(item, "__dict__")


@pytest.mark.parametrize("item", [Ok([1]), Err(BOOM), BOOM])
def test_items_can_be_copied_and_pickled(item: object) -> None:
    """They cross processes."""
    assert copy.deepcopy(item) == item
    assert pickle.loads(pickle.dumps(item)) == item


def test_equality() -> None:
    """By class and content; hashable if the content is."""
    assert Ok(1) == Ok(1) != Ok(2)
    items: list[object] = [Ok(1), Err(1)]
    assert items[0] != items[1]
    assert len({Ok(1), Ok(1), Err(1)}) == 2
    assert repr(Ok(1)) == "Ok(value=1)"


def test_error_of_an_exception() -> None:
    """Class name, text, and the exception itself, which equality leaves out."""
    cause = OSError("gone")
    error = ErrInfo.of(cause)
    assert (error.code, error.msg) == ("OSError", "gone")
    assert error.cause is cause
    assert error == ErrInfo("OSError", "gone")

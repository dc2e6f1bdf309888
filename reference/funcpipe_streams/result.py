"""What a stream yields: `Ok` with a value, or `Err` with what went wrong at that item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Never, TypeAlias, TypeVar

__all__ = ["Err", "ErrInfo", "Ok", "Result", "assert_never"]

T = TypeVar("T")
U = TypeVar("U")
E = TypeVar("E")
T_co = TypeVar("T_co", covariant=True)
E_co = TypeVar("E_co", covariant=True)


# The own __init__ stores through the slot: the one that dataclass writes for a frozen class goes
# through object.__setattr__ and takes half as long again, at every item of every stream.
@dataclass(frozen=True, slots=True, init=False)
class Ok(Generic[T_co]):
    """An item that succeeded. Immutable; equal to another `Ok` with an equal value."""

    value: T_co

    def __init__(self, value: T_co) -> None:
        _store_value(self, value)

    def map(self, f: Callable[[T_co], U]) -> Ok[U]:
        """`Ok` of what `f` makes of the value; what `f` raises is not caught."""
        return Ok(f(self.value))


@dataclass(frozen=True, slots=True, init=False)
class Err(Generic[E_co]):
    """An item that failed: data, not an exception. Immutable; equal by its error."""

    error: E_co

    def __init__(self, error: E_co) -> None:
        _store_error(self, error)

    def map(self, f: Callable[[Any], Any]) -> Err[E_co]:
        """This same `Err`; `f` is not called."""
        return self


_store_value: Callable[[object, object], None] = Ok.__dict__["value"].__set__
_store_error: Callable[[object, object], None] = Err.__dict__["error"].__set__

Result: TypeAlias = Ok[T] | Err[E]


@dataclass(frozen=True, slots=True)
class ErrInfo:
    """Why an item failed.

    Parameters: `code` is for programs (policies select by it), `msg` for people, and `cause` is the
    exception that was turned into this error, if there was one. Two are equal when code and message
    are: the cause is left out, because no two exceptions compare equal.
    """

    code: str
    msg: str
    cause: BaseException | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, exception: BaseException) -> ErrInfo:
        """The exception as data: its class name as code, its text as message, itself as cause."""
        return cls(type(exception).__name__, str(exception), exception)


def assert_never(value: Never) -> Never:
    """Mark what a `match` over `Result` cannot reach; type checkers report it when it can.

    Raises `AssertionError` with the value if a value of another type arrives at run time.
    """
    raise AssertionError(f"expected Ok or Err, got {value!r}")

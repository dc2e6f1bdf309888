"""An instance: a library's stream operations as a frozen record of plain callables."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from funcpipe_laws.declared.nearest import hint
from funcpipe_laws.declared.offers import Consumer, Operator, Wrapper

Stream = Any
"""A description in the library's own form; only the instance's callables look inside."""

Kind = Literal["stream", "sync", "value"]


VALUES = (0, 1, 2, 3, -1, None, False, "", (), [0], [1])
"""What items hold, if an instance does not say what they may."""


class NotFound(Exception):
    """Nothing that laws can be run on, where something was named; the text says what would be."""


@dataclass(frozen=True, slots=True)
class Value:
    """An item that succeeded, as laws see it, whatever the library's Result type."""

    value: Any

    def __repr__(self) -> str:
        return f"Value({self.value!r})"


@dataclass(frozen=True, slots=True)
class Failure:
    """An item that failed, as laws see it; the payload is the library's own."""

    error: Any

    def __repr__(self) -> str:
        return f"Failure({self.error!r})"


@dataclass(frozen=True, slots=True)
class Foreign:
    """Something a stream yielded that is not an item of its Result type."""

    thing: Any


Item = Value | Failure | Foreign


@dataclass(frozen=True, kw_only=True)
class ResultType:
    """How the library marks items as succeeded or failed.

    `error_for` makes an error payload from a code, a short string; payloads of the same code must
    be equal.
    """

    ok: Callable[[Any], Any]
    err: Callable[[Any], Any]
    is_ok: Callable[[Any], bool]
    is_err: Callable[[Any], bool]
    value: Callable[[Any], Any]
    error: Callable[[Any], Any]
    error_for: Callable[[str], Any] = str


_CHOICES = dict.fromkeys(("exceptions", "merge_exceptions", "stop_iteration"), ("raise", "capture"))
_CHOICES |= {"source_exceptions": ("in place", "at once")}


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What a library has chosen where right implementations differ; None is "not declared"."""

    in_step: bool | None = None
    """Everything but a merge works in step with its consumer: what is not needed for the item that
    was asked for is not pulled, called or opened. Others read ahead, into a buffer, in a task."""
    exceptions: Literal["raise", "capture"] | None = None
    """An exception of a user's function surfaces, or becomes an item that failed."""
    merge_exceptions: Literal["raise", "capture"] | None = None
    """The same for an exception of one source of a merge."""
    source_exceptions: Literal["in place", "at once"] | None = None
    """An exception of a source comes after all items that the source gave before, or as soon as it
    is there: then items that wait in a buffer, or in calls that still run, are dropped. Where
    nothing is declared, a buffer keeps the place, and a merge or a parallel map may do either."""
    fairness: int | None = None
    """Of sources that are always ready, none gets ahead of another by more items than this and
    what the buffer holds."""
    read_ahead: int | None = None
    """How many items of each source a merge may have pulled beyond what its buffer holds."""
    one_task_a_source: bool | None = None
    """A merge pulls and closes a source in one and the same task."""
    stop_iteration: Literal["raise", "capture"] | None = None
    """StopIteration or StopAsyncIteration of a user's function is an error, as in a generator; in a
    hand-written iterator it ends the stream, as in the built-in `map`."""
    frees_without_collector: bool | None = None
    """A closed stream holds its resource in no cycle."""
    snapshots_arguments: bool | None = None
    """A list of sources may be changed after a merge was built from it, without effect."""

    def __new__(cls, **chosen: Any) -> Policy:
        """Refuse a field that does not exist, with the nearest that does."""
        for name in chosen:
            if name not in cls.__dataclass_fields__:
                raise TypeError(f"Policy({name}=...): {hint(name, cls.__dataclass_fields__)}")
        return super().__new__(cls)

    def __post_init__(self) -> None:
        for name, words in _CHOICES.items():
            value = getattr(self, name)
            if value not in (None, *words):
                raise ValueError(f"Policy({name}={value!r}): {hint(str(value), words)}")


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """Why a law is known not to hold, and whether that is so here."""

    reason: str
    when: bool = True


def known_failure(reason: str, *, when: bool = True) -> KnownFailure:
    """A law that is known not to hold: a value of `StreamInstance.waivers`.

    `reason` is printed wherever the law is: `known_failure("issue 12")`. With `when`, it is known
    not to hold only under that condition, such as `when=sys.version_info < (3, 13)`; elsewhere the
    law must hold. Strict: a law that is known to fail and holds fails the run. Raises ValueError
    without a reason.
    """
    if not reason.strip():
        raise ValueError(f"known_failure needs a reason, such as 'issue 12', not {reason!r}")
    return KnownFailure(reason, when)


def _named(value: object) -> str:
    return str(getattr(value, "__name__", repr(value)))


def _call(description: Any) -> Any:
    return description()


def _as_is(thunk: Any) -> Any:
    return thunk


@dataclass(frozen=True, kw_only=True)
class StreamInstance:
    """A library's operations. What is None is not offered, and laws about it say so.

    Operations take and return descriptions in the library's own form. `embed` makes one from a
    zero-argument function that returns a fresh async iterator of the library's items; `open` starts
    a run of one. Both defaults fit libraries whose descriptions are such functions.
    """

    name: str
    pure: Callable[[Any], Stream] | None = None
    """value -> the stream of that one value"""
    map: Callable[[Stream, Callable[[Any], Any]], Stream] | None = None
    bind: Callable[[Stream, Callable[[Any], Stream]], Stream] | None = None
    """stream, (value -> stream) -> the concatenation of the streams, in order"""
    using: Callable[[Callable[[], Any], Callable[[Any], Stream]], Stream] | None = None
    """(() -> async context manager), (resource -> stream) -> stream"""
    lift: Callable[[Callable[[Any], Awaitable[Any]]], Callable[[Any], Stream]] | None = None
    """(value -> awaitable item) -> (value -> stream of that item)"""
    empty: Callable[[], Stream] | None = None
    merge: Callable[..., Stream] | None = None
    """sequence of streams, max_buffer=n if it has a buffer -> their items in order of arrival"""
    par_map: Callable[..., Stream] | None = None
    """stream, (value -> awaitable item), concurrency=n -> items in input order"""
    buffer: Callable[[Stream, int], Stream] | None = None
    chunk: Callable[..., Stream] | None = None
    """stream, max_size, max_seconds=None -> stream of lists"""
    retry: Callable[..., Stream] | None = None
    """(() -> awaitable item), attempts=n, delays=(seconds, ...), retry_on=(code, ...) -> stream"""
    timeout: Callable[[Stream, float], Stream] | None = None
    """stream, seconds per item -> stream"""
    tee: Callable[[Stream, int], Sequence[Stream]] | None = None
    """stream, n -> n streams with the items of one run of it; each is run once"""

    operators: Mapping[str, Operator] = field(default_factory=dict)
    """name -> any other function on streams, a source or a pipeline"""
    wrappers: Mapping[str, Wrapper] = field(default_factory=dict)
    """name -> what wraps async-generator functions or iterators, and must change nothing"""
    consumers: Mapping[str, Consumer] = field(default_factory=dict)
    """name -> what drives a stream to a result"""

    embed: Callable[[Callable[[], AsyncIterator[Any]]], Stream] = _as_is
    open: Callable[[Stream], Any] = _call
    result: ResultType | None = None
    policy: Policy = field(default_factory=Policy)
    kind: Kind = "stream"
    values: Sequence[Any] | None = None
    """What items may hold, of which laws draw; None is "anything": also None, False, lists. For a
    library that drops None or flattens lists by design: `values=(1, 2, "x")`."""
    eager_tasks: bool = False
    """Run on loops whose tasks are eager, as `asyncio.eager_task_factory` makes them."""
    waivers: Mapping[str, KnownFailure] = field(default_factory=dict)
    """law id or slug -> `known_failure("issue 12")`"""

    def __new__(cls, **offered: Any) -> StreamInstance:
        """Refuse an operation that does not exist, with the nearest that does."""
        for name in offered:
            if name not in cls.__dataclass_fields__:
                near = hint(name, cls.__dataclass_fields__)
                raise TypeError(
                    f"StreamInstance({name}=...): {near}; any other function goes into"
                    f" operators={{{name!r}: Operator(...)}}"
                )
        return super().__new__(cls)

    def __post_init__(self) -> None:
        if self.values is not None and (isinstance(self.values, str) or not [*self.values]):
            raise ValueError(f"values={self.values!r}: a tuple of at least one, such as (1, 2)")
        for law, waiver in self.waivers.items():
            if not isinstance(waiver, KnownFailure):
                raise TypeError(
                    f"waivers[{law!r}] is {waiver!r}: write known_failure({str(waiver)!r})"
                )
        for kind, given in (
            ("operators", (Operator, self.operators)),
            ("wrappers", (Wrapper, self.wrappers)),
            ("consumers", (Consumer, self.consumers)),
        ):
            wanted, mapping = given
            for name, value in mapping.items():
                if not isinstance(value, wanted):
                    raise TypeError(
                        f"{kind}[{name!r}] is {value!r}: write {wanted.__name__}({_named(value)})"
                    )
                if kind == "operators" and name in OPERATIONS:
                    raise ValueError(
                        f"operators[{name!r}]: give it as {name}=..., or under another name"
                    )

    @property
    def usual(self) -> Any:
        """What an item may hold, where any will do."""
        return 1 if self.values is None else self.values[0]

    def make_item(self, item: Value | Failure) -> Any:
        """The library's own form of an item whose failure, if it is one, holds a code."""
        if self.result is None:
            assert isinstance(item, Value), "an instance without a Result type has no failed items"
            return item.value
        if isinstance(item, Value):
            return self.result.ok(item.value)
        return self.result.err(self.result.error_for(item.error))

    def read_item(self, thing: Any) -> Item:
        """An item of the library as laws see it: `Failure` holds the library's payload."""
        result = self.result
        if result is None or result.is_ok(thing):
            return Value(thing if result is None else result.value(thing))
        return Failure(result.error(thing)) if result.is_err(thing) else Foreign(thing)

    def write_item(self, item: Item) -> Any:
        """What `read_item` has read."""
        if isinstance(item, Foreign):
            return item.thing
        if self.result is None:
            return item.value if isinstance(item, Value) else item
        if isinstance(item, Value):
            return self.result.ok(item.value)
        return self.result.err(item.error)

    def offers(self, operation: str) -> bool:
        """Whether an operation, or "err" for failed items, is there."""
        if operation == "err":
            return self.result is not None
        if operation in _OFFERS:
            return bool(getattr(self, operation))
        return getattr(self, operation) is not None

    def declares(self, policy: str) -> bool:
        """Whether a field of the policy is declared; to have chosen otherwise is to say nothing."""
        if policy == "in_step" and self.kind == "value":
            return True  # There is nothing to be read ahead.
        value = getattr(self.policy, policy)
        return value is not None and value is not False

    def waiver(self, *names: str) -> str:
        """Why the law of these names is known not to hold; empty if it must."""
        known = [self.waivers[name] for name in names if name in self.waivers]
        return next((waiver.reason for waiver in known if waiver.when), "")

    def operations(self) -> tuple[str, ...]:
        """The names of the operations that are offered."""
        return tuple(name for name in OPERATIONS if self.offers(name))


_OFFERS = {"operators", "wrappers", "consumers"}
_PLUMBING = _OFFERS | {
    "name",
    "embed",
    "open",
    "result",
    "policy",
    "kind",
    "values",
    "eager_tasks",
    "waivers",
}
OPERATIONS = tuple(f.name for f in fields(StreamInstance) if f.name not in _PLUMBING)

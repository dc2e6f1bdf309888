"""Any operation as a stream under test, with logging probes in all of its places."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from funcpipe_laws.declared.instance import Item, Stream, StreamInstance, Value
from funcpipe_laws.declared.offers import SEVERAL, Operator
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.scripts import ItemFn, Kleisli, Script
from funcpipe_laws.finding.trying.fit import Fit, fitted_operators, merge_takes

_TWO = Kleisli(())
_ECHO = ItemFn(())
OTHER = Script((Value(7), Value(8)))
"""What stands beside the source of a merge."""

Model: TypeAlias = Callable[[list[Item], int], list[Item] | None]
"""What a source gives, and the limit -> what is delivered; None where nothing is claimed."""


def merge_of(bench: Bench, streams: Sequence[Stream], max_buffer: int) -> Stream:
    """The merge of streams; the bound is given to a merge that takes one."""
    merge = bench.op.merge
    return merge(streams, max_buffer=max_buffer) if has_bound(bench.instance) else merge(streams)


def has_bound(instance: StreamInstance) -> bool:
    """Whether its merge has a buffer whose size can be told."""
    assert instance.merge is not None
    return merge_takes(instance.merge)[1]


def stream_maker(bench: Bench, stream: Stream) -> Callable[[Any], Stream]:
    """A logged function from a resource to this stream; two runs of it log the same."""
    logged = bench.function(lambda _: stream, "k")
    return lambda resource: logged(None)


def _as_is(items: list[Item], limit: int) -> list[Item]:
    return items


def any_order(items: list[Item]) -> list[Item]:
    return sorted(items, key=repr)


def _not_compared(items: list[Item]) -> list[Item]:
    """Two runs may differ in all of them."""
    return []


def _chunks_as_lists(items: list[Item]) -> list[Item]:
    """Chunks may be tuples, as those of `itertools.batched` are."""
    return [
        Value(list(item.value)) if isinstance(item, Value) and type(item.value) is tuple else item
        for item in items
    ]


def _put_together(items: list[Item]) -> list[Item]:
    """What is in the chunks, one after the other."""
    whole: list[Item] = []
    for item in items:
        chunk = item.value if isinstance(item, Value) else None
        whole += map(Value, chunk) if isinstance(chunk, list | tuple) else [item]
    return whole


@dataclass(frozen=True, slots=True)
class Subject:
    """An operation over one logged source, as a stream.

    `make` gets the bench, the source and a limit: of a buffer, of calls at once, of a chunk.
    """

    operation: str
    make: Callable[[Bench, Stream, int], Stream]
    model: Model | None = _as_is
    ahead: bool = False
    """It may pull while its consumer does something else."""
    mixes: bool = False
    """It has another source beside, whose items come in between."""
    lags: bool = False
    """It may keep back what it has until its source gives more, or ends."""
    clock: bool = False
    """It sets a timer of its own, that must not expire before the events that are due."""
    view: Callable[[list[Item]], list[Item]] = list
    """Items as two runs of it can be compared."""
    source: bool = True
    handles: bool = False
    """It is there to do something with an exception of its source."""
    waits: bool = False
    """It may wait for the end of its source before it delivers anything."""
    whole: bool = False
    """It needs all of its source at once."""
    remembers: bool = False
    """It delivers an item that it had before no second time: it has to keep what it has seen."""
    operator: Operator | None = None
    """The user's own description of it."""


def _chunked(items: list[Item], limit: int) -> list[Item]:
    chunks: list[Item] = []
    batch: list[Any] = []
    for item in (*items, None):
        if isinstance(item, Value):
            batch.append(item.value)
            if len(batch) < limit:
                continue
        if batch:
            chunks.append(Value(batch))
            batch = []
        if item is not None and not isinstance(item, Value):
            chunks.append(item)
    return chunks


def _twice(items: list[Item], limit: int) -> list[Item]:
    return [x for item in items for x in (item,) * (2 if isinstance(item, Value) else 1)]


def _same(value: Any) -> Any:
    return value


def _retry(bench: Bench, source: Stream, limit: int) -> Stream:
    call = bench.coroutine_function(_ECHO)
    return bench.op.retry(lambda: call(0), attempts=limit, delays=(1.0,) * limit, retry_on=("E1",))


SUBJECTS: dict[str, Subject] = {
    "map": Subject("map", lambda bench, s, n: bench.op.map(s, bench.function(_same))),
    "bind": Subject("bind", lambda bench, s, n: bench.op.bind(s, bench.kleisli(_TWO)), _twice),
    "inner": Subject(
        "bind",
        lambda bench, s, n: bench.op.bind(bench.one(0), bench.function(lambda _: s, "k")),
    ),
    "using": Subject(
        "using", lambda bench, s, n: bench.op.using(bench.resource(), stream_maker(bench, s))
    ),
    "merge": Subject(
        "merge",
        lambda bench, s, n: merge_of(bench, [s, bench.source(OTHER, "t")], n),
        lambda items, n: [*items, *(step for step in OTHER.items if isinstance(step, Value))],
        ahead=True,
        mixes=True,
        view=any_order,
    ),
    "par_map": Subject(
        "par_map",
        lambda bench, s, n: bench.op.par_map(s, bench.coroutine_function(_ECHO), concurrency=n),
        ahead=True,
    ),
    "buffer": Subject("buffer", lambda bench, s, n: bench.op.buffer(s, n), ahead=True),
    "chunk": Subject(
        "chunk",
        lambda bench, s, n: bench.op.chunk(s, n),
        _chunked,
        lags=True,
        clock=True,
        view=_chunks_as_lists,
    ),
    "timed chunk": Subject(
        "chunk",
        lambda bench, s, n: bench.op.chunk(s, n, max_seconds=1e6),
        ahead=True,
        lags=True,
        clock=True,
        view=_put_together,
    ),
    "timeout": Subject("timeout", lambda bench, s, n: bench.op.timeout(s, 1e6), clock=True),
    "retry": Subject("retry", _retry, lambda items, n: [Value(0)], source=False, clock=True),
    "lift": Subject(
        "lift",
        lambda bench, s, n: bench.op.lift(bench.coroutine_function(_ECHO))(0),
        lambda items, n: [Value(0)],
        source=False,
    ),
    "pure": Subject(
        "pure", lambda bench, s, n: bench.op.pure(0), lambda items, n: [Value(0)], source=False
    ),
    "empty": Subject("empty", lambda bench, s, n: bench.op.empty(), lambda i, n: [], source=False),
}
"""Name -> how to make it of a source; `inner` is a bind whose inner stream is the source."""


def subjects(instance: StreamInstance) -> Mapping[str, Subject]:
    """The subjects that an instance has the operations for, and its own operators, by name; found
    out once, for every experiment asks."""
    known: Mapping[str, Subject] | None = vars(instance).get("_subjects")
    if known is None:
        known = vars(instance)["_subjects"] = _subjects(instance)
    return known


def _subjects(instance: StreamInstance) -> Mapping[str, Subject]:
    found = {name: s for name, s in SUBJECTS.items() if _offers(instance, name, s)}
    for name, fit in fitted_operators(instance).items():
        if fit.make is not None:
            found[name] = _of_operator(instance.operators[name], fit)
    return found


def beside(instance: StreamInstance) -> Script:
    """What stands beside the first source of an operator with several: None is taken for the end by
    some."""
    values = (7, None, 8) if instance.values is None else instance.values[:3]
    return Script(tuple(map(Value, values)))


def _of_operator(operator: Operator, fit: Fit) -> Subject:
    """An operator of the user's, of which little is known, as a subject."""
    make = fit.make
    assert make is not None
    arity = 2 if operator.arity == SEVERAL else operator.arity

    def made(bench: Bench, source: Stream, limit: int) -> Stream:
        if operator.takes == "resource":
            return make(bench.resource())
        script = beside(bench.instance)
        others = [bench.source(script, f"t{n}") for n in range(1, arity)]
        return make(*[source, *others][:arity])

    def model(items: list[Item], limit: int) -> list[Item] | None:
        raise NotImplementedError  # Replaced by `expected`, which has the instance.

    return Subject(
        "operators",
        made,
        None if fit.model_problem or operator.model is None else model,
        ahead=True,
        lags=not operator.prompt,
        clock=True,
        view=_view(operator, fit),
        source=arity > 0,
        handles=operator.exceptions == "handle",
        waits=not operator.prompt,
        whole=operator.whole,
        remembers=fit.remembers,
        operator=operator,
    )


def _view(operator: Operator, fit: Fit) -> Callable[[list[Item]], list[Item]]:
    if operator.allows or not fit.steady:
        return _not_compared
    return list if operator.ordered else any_order


def _offers(instance: StreamInstance, name: str, subject: Subject) -> bool:
    return instance.offers(subject.operation) and (name != "timed chunk" or has_time(instance))


def has_time(instance: StreamInstance) -> bool:
    """Whether its chunks can be limited in time."""
    assert instance.chunk is not None
    try:
        return "max_seconds" in inspect.signature(instance.chunk).parameters
    except (TypeError, ValueError):
        return False


def subject_of(bench: Bench, name: str) -> Subject:
    """The subject of this name."""
    return SUBJECTS[name] if name in SUBJECTS else subjects(bench.instance)[name]


def over(bench: Bench, subject: str, source: Stream, limit: int = 2) -> Stream:
    """The description of a subject over a stream."""
    found = subject_of(bench, subject)
    bench.saw(f"subject {subject}")
    if found.clock:
        bench.world.clock_last = True
    return found.make(bench, source, limit)


def build(bench: Bench, subject: str, source: Script, limit: int = 2) -> Stream:
    """The description of a subject over a scripted source."""
    return over(bench, subject, bench.source(source), limit)


def ahead(bench: Bench, subject: str) -> bool:
    """Whether a subject may pull, and so close, beside its consumer."""
    return subject_of(bench, subject).ahead or not bench.in_step


def keeps_place(bench: Bench, subject: str) -> bool:
    """Whether an exception of its source comes after all items that the source gave before."""
    found, declared = subject_of(bench, subject), bench.instance.policy.source_exceptions
    if found.lags:
        return False
    if not ahead(bench, subject) or declared == "in place":
        return True
    return found.operation == "buffer" and declared is None


def in_resource(bench: Bench, source: Script, layers: Sequence[str] = ()) -> Stream:
    """A source in a resource called r, with layers around it."""
    return bench.wrap(bench.op.using(bench.resource(), lambda _: bench.source(source)), layers)


def merged(bench: Bench, sources: Sequence[Script], max_buffer: int = 2) -> Stream:
    """The merge of scripted sources, logged under s0, s1, ..."""
    streams = [bench.source(script, f"s{i}") for i, script in enumerate(sources)]
    return merge_of(bench, streams, max_buffer)

"""What a run of a subject is compared with: the items of its list model, and another run."""

from __future__ import annotations

from typing import Any

from funcpipe_laws.declared.instance import Item
from funcpipe_laws.declared.offers import SEVERAL, Operator
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.scripts import Script
from funcpipe_laws.experiments.subjects import any_order, beside, subject_of
from funcpipe_laws.simulation.trace import Trace


def in_order(bench: Bench, subject: str, items: list[Item]) -> list[Item]:
    """Items as two runs of a subject can be compared: a merge may deliver them in any order."""
    return subject_of(bench, subject).view(items)


def unordered(bench: Bench, subject: str) -> bool:
    """Whether its items come in an order that is not told."""
    found = subject_of(bench, subject)
    return found.mixes or found.view is any_order


def expected(bench: Bench, subject: str, source: Script, limit: int = 2) -> list[Item] | None:
    """What the list model of a subject says; None where it has none."""
    found = subject_of(bench, subject)
    if found.operator is not None:
        delivered = _by_its_model(bench, found.operator, source)
    else:
        delivered = found.model and found.model(bench.expected(source.items), limit)
    mixed = delivered is not None and unordered(bench, subject)
    return found.view(delivered) if mixed and delivered is not None else delivered


def _by_its_model(bench: Bench, operator: Operator, source: Script) -> list[Item] | None:
    if operator.model is None:
        return None
    delivered = operator.model(*given_lists(bench, operator, source))
    return None if delivered is None else [bench.instance.read_item(item) for item in delivered]


def given_lists(bench: Bench, operator: Operator, source: Script) -> list[list[Any]]:
    """What the streams that an operator is given hold, as the library's own items."""
    arity = 2 if operator.arity == SEVERAL else operator.arity
    given = [source, *[beside(bench.instance)] * (arity - 1)][:arity]
    return [[bench.instance.make_item(step) for step in script.items] for script in given]  # type: ignore[arg-type]


def alike(bench: Bench, subject: str, first: Trace, second: Trace, *, told: str = "") -> None:
    """Break the law unless two runs of a subject, under schedules of their own, agree.

    Items and the ending must agree. What each probe did must agree too, unless the subject may pull
    while its consumer does something else; how the probes' doings interleave need not.
    """
    outcomes = [(in_order(bench, subject, one.items), one.ending) for one in (first, second)]
    bench.expect(
        outcomes[0] == outcomes[1],
        f"{told}one run: {first.exception or first.items!r};"
        f" another: {second.exception or second.items!r}",
        first,
        second,
    )
    if subject_of(bench, subject).ahead:
        return
    doings = [_by_actor(one, apart=not bench.in_step) for one in (first, second)]
    for who in {**doings[0], **doings[1]}:
        left, right = (doing.get(who, []) for doing in doings)
        told_of = f"{told}one run has {who[0]}: {_few(left)}; another has {who[0]}: {_few(right)}"
        bench.expect(left == right, told_of, first, second)


def _few(doings: list[str]) -> str:
    return ", ".join(doings[:6] + ["..."] * (len(doings) > 6)) or "nothing"


def _by_actor(trace: Trace, *, apart: bool) -> dict[tuple[str, int], list[str]]:
    """What each probe did; with `apart`, each run of it."""
    doings: dict[tuple[str, int], list[str]] = {}
    for actor, number, act, detail in trace.story(ignoring=("closed",)):
        shown = act if detail is None else f"{act} {detail!r}"
        which = f" #{number + 1}" if number else ""
        doings.setdefault((actor, number if apart else 0), []).append(shown + which)
    return doings


def received(trace: Trace, name: str) -> list[Any]:
    """The items of the runs that a consumer gave this name."""
    return [event.detail for event in trace.of(name, "emit")]

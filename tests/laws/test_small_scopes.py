"""The walk through a small scope: what schedules can lead to is tried, and not time and again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from funcpipe_laws.catalogue import laws
from funcpipe_laws.declared.instance import StreamInstance
from funcpipe_laws.declared.law import Broken, Law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.simulation.schedule import Repeated, every_schedule
from tests.laws.mutants import MODEL, MUTANTS

SCOPED = {law.id: law for law in laws() if law.scope is not None}
WRONG = [(m.instance, ident) for m in MUTANTS for ident in m.killed_by if ident in SCOPED]


def walk(law: Law, instance: StreamInstance, *, once: bool) -> Iterator[tuple[str, ...] | None]:
    """The log of each run under the law's scope; None where the law is broken."""
    assert law.scope is not None
    for chooser in every_schedule():
        bench = Bench(instance, chooser)
        bench.world.each_run_once = once
        try:
            law.check(bench, **law.scope)
        except Repeated:
            continue
        except Broken:
            yield None
            return
        yield tuple(f"{event.time} {event}" for event in bench.world.log)


@pytest.mark.parametrize(
    ("ident", "schedules", "tried"), [("G1", 42, 7), ("G4", 2203, 268), ("G9", 1252, 508)]
)
def test_fewer_schedules_lead_to_the_same_runs(ident: str, schedules: int, tried: int) -> None:
    """What is left out of the walk has the log of a run that is in it."""
    every = [*walk(SCOPED[ident], MODEL, once=False)]
    once = [*walk(SCOPED[ident], MODEL, once=True)]
    assert (len(every), len(once)) == (schedules, tried)
    assert None not in every and set(once) == set(every)


def test_the_same_mutants_die() -> None:
    """Each wrong merge that the walk of all schedules finds, the shorter one finds as well."""
    found = [None in [*walk(SCOPED[ident], instance, once=False)] for instance, ident in WRONG]
    again = [None in [*walk(SCOPED[ident], instance, once=True)] for instance, ident in WRONG]
    assert found == again and sum(found) >= 5

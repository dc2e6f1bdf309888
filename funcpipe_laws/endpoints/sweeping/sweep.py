"""A request, sent once for every moment at which its client can leave."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from funcpipe_laws.endpoints.sweeping import findings, steps
from funcpipe_laws.endpoints.sweeping.findings import Fault, Finding
from funcpipe_laws.endpoints.sweeping.lifespan import Lifespan
from funcpipe_laws.endpoints.sweeping.loops import Simulated, Stock
from funcpipe_laws.endpoints.sweeping.request import Request
from funcpipe_laws.endpoints.sweeping.steps import Spec, Step
from funcpipe_laws.endpoints.sweeping.visit import Application, Visit, end_what_is_left, visit
from funcpipe_laws.endpoints.sweeping.watching import Watch

LoopKind = Literal["auto", "sim", "stock"]

SENDS = 12
"""Sends of a response that are looked at one by one; a longer one is left after so many."""
SECONDS = 60.0
"""Real time for one request."""
PATIENCE = 5.0
"""Real seconds without an end after which a visit on asyncio's own loop is stuck."""
RECEIVES = 6
"""Calls of `receive` that are looked at one by one."""


@dataclass
class Sweep:
    """What came of one request: what was looked at, and what was found."""

    request: Request
    loop: str = ""
    visits: list[Visit] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=dict)
    """What is no fault -> in how many visits it was seen."""
    missed: list[Step] = field(default_factory=list)
    """Steps whose moment did not come."""

    @property
    def answer(self) -> Visit | None:
        """The first visit that nobody ended."""
        return next((v for v in self.visits if v.step.act == "stays"), None)

    @property
    def streams(self) -> int:
        """How many async generators a whole answer has started."""
        return self.answer.streams if self.answer else 0


def sweep(
    app: Application,
    request: Request,
    *,
    step: Step | None = None,
    sends: int = SENDS,
    loop: LoopKind = "auto",
    seconds: float = SECONDS,
) -> Sweep:
    """`sweep_disconnects` in this thread, where no loop may run; faults are returned."""
    if loop not in get_args(LoopKind):
        raise ValueError(f"loop={loop!r} is none of {', '.join(get_args(LoopKind))}")
    if loop != "stock":
        # Its methods that are refused are set from a list, which a type checker does not see.
        make: Any = Simulated
        result, needs = _swept(make(), app, request, step, sends, seconds)
        if not needs:
            return result
        if loop == "sim":
            message = f"uses {needs}, which the simulated loop does not have; take loop='stock'"
            result.findings = [Finding(Fault("threads", needs, message))]
            return result
    return _swept(Stock(PATIENCE), app, request, step, sends, seconds)[0]


def _swept(
    loop: Any, app: Application, request: Request, step: Step | None, sends: int, seconds: float
) -> tuple[Sweep, str]:
    """The sweep on one loop, and what the application needs that the loop has not."""
    run = _Run(loop, app, request, sends, seconds)
    with _no_collections():
        try:
            run.all(step)
            return run.result, loop.needs_threads()
        finally:
            loop.close()


@contextmanager
def _no_collections() -> Iterator[None]:
    """A collection may strike anywhere and close a generator there: no verdict may hang on that."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Run:
    """One loop, one start of the application, and all visits."""

    def __init__(
        self, loop: Any, app: Application, request: Request, sends: int, seconds: float
    ) -> None:
        self.loop, self.app, self.request, self.sends = loop, app, request, sends
        self.result = Sweep(request, loop.words)
        self.deadline = time.monotonic() + seconds
        self.seconds = seconds
        self.state: dict[str, Any] = {}
        self.before = Watch(loop)

    def all(self, step: Step | None) -> None:
        """Start, visit, stop."""
        lifespan = Lifespan(self.loop, self.app)
        failure = lifespan.start()
        if failure:
            self.result.findings.append(Finding(Fault("lifespan", "startup", failure)))
            lifespan.stop()
            return
        self.state = lifespan.state
        try:
            for spec in get_args(Spec) if step is None else (step.spec,):
                self._of_spec(spec, step)
                if self.loop.needs_threads():
                    return
        finally:
            failure = lifespan.stop()
            end_what_is_left(self.before)
        if failure:
            self.result.findings.append(Finding(Fault("lifespan", "shutdown", failure)))

    def _of_spec(self, spec: Spec, only: Step | None) -> None:
        stays = Step(spec, "stays")
        # What an application starts with its first request, for good, is there after this one.
        answer = self._visit(stays)
        if self._judge(answer, findings.of_answer(answer, self.request)):
            return
        if self.loop.needs_threads():
            return
        receives, is_whole = min(answer.receives, RECEIVES), answer.is_complete
        planned = [stays, *steps.plan(spec, answer.sends, receives, is_whole=is_whole)]
        for number, step in enumerate(planned if only is None else [only]):
            if time.monotonic() > self.deadline:
                left = f"{number} of {len(planned)} steps"
                message = f"only {left} of ASGI {spec} were looked at in {self.seconds:g} seconds"
                self.result.findings.append(Finding(Fault("time is up", "", message)))
                return
            again = self._visit(step)
            self._judge(again, findings.of_visit(again, self.request))
            if not again.was_reached:
                self.result.missed.append(step)

    def _visit(self, step: Step) -> Visit:
        reads = self.sends if step.act in ("stays", "slow") else None
        is_first = not self.result.visits
        made = visit(
            self.loop,
            self.app,
            self.request,
            step,
            state=self.state,
            reads=reads,
            is_first=is_first,
        )
        self.result.visits.append(made)
        if is_first:
            for task in made.tasks:
                self.result.notes[f"the task {task} was started by the first request"] = 1
        for note in set(findings.notes(made)):
            self.result.notes[note] = self.result.notes.get(note, 0) + 1
        return made

    def _judge(self, made: Visit, faults: Iterator[Fault]) -> bool:
        found = list(faults)
        for fault in found:
            known = next((f for f in self.result.findings if _same(f.fault, fault)), None)
            if known is None:
                known = Finding(fault, made)
                self.result.findings.append(known)
            if made.step not in known.steps:
                known.steps.append(made.step)
        return bool(found)


def _same(one: Fault, other: Fault) -> bool:
    return (one.kind, one.place) == (other.kind, other.place)

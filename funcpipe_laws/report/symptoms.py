"""What is wrong in a failed verdict, in words that laws with the same cause share."""

from __future__ import annotations

import re
from collections.abc import Iterable

from funcpipe_laws.declared.law import Counterexample, Verdict

_OPERATIONS = (
    *("subject", "over", "layer", "through", "calling", "operator", "wrapper", "consumer"),
    *("modelled", "prompt", "passing", "predicted", "ongoing", "bounded", "steady", "limited"),
)
"""Inputs that name the operation an experiment was about."""


def symptom(verdict: Verdict) -> str:
    """What is wrong, as far as laws with the same cause share it; empty for a law that is kept."""
    if not verdict.failed:
        return ""
    found = verdict.counterexample
    if verdict.status != "broken" or found is None or not found.sides:
        return verdict.status if verdict.status == "vacuous" else alike(verdict.reason)
    traces = [side.trace for side in found.sides]
    endings = {trace.ending for trace in traces}
    if "deadlock" in endings:
        return "hangs: nothing can run any more"
    if "livelock" in endings:
        return "never ends"
    if any(trace.unreleased(started=True) or _closed_late(trace.late) for trace in traces):
        return "what is open inside stays open, or is closed late"
    if any(trace.leaks.tasks for trace in traces):
        return "leaves tasks behind"
    return f"{_operation(verdict, found)} does or delivers something else"


def alike(reason: str) -> str:
    """The first line of a reason, which is the same whatever its numbers are."""
    return re.sub(r"\b\d[\d.]*\b", "n", reason.partition("\n")[0])


def _closed_late(late: Iterable[object]) -> bool:
    return any(getattr(event, "act", "") in ("close", "released") for event in late)


def _operation(verdict: Verdict, found: Counterexample) -> str:
    named = [found.inputs[name] for name in _OPERATIONS if name in found.inputs]
    if named:
        first = named[0]
        return str(first[0] if isinstance(first, tuple) and first else first)
    return verdict.law.takes[0] if verdict.law.takes else "a stream"

"""Verdicts for the terminal."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from funcpipe_laws.declared.law import EVERY_SCHEDULE, Counterexample, Side, Verdict
from funcpipe_laws.report import marble

INDENT = 4
"""Of a diagram below the verdict that it belongs to."""
STATUSES = ("held", "broken", "vacuous", "crashed", "not simulated", "waived", "not offered")


def failure(verdict: Verdict, *, target: str = "", width: int = 0) -> str:
    """A failed verdict in full: the statement, both sides, what to read off them, how to replay.

    `width` is that of the page, 0 the terminal's.
    """
    law, found = verdict.law, verdict.counterexample
    holds = verdict.status == "broken" and found is None
    lines = [
        f"{law} {'holds' if holds else f'is {verdict.status}'}: {verdict.instance}",
        f"  {law.words}",
        f"  {law.symbols}",
        "",
        *(f"  {line}" for line in verdict.reason.splitlines()),
    ]
    if found is None:
        return "\n".join(lines)
    for side in found.sides:
        lines += ["", f"  {side.name}:", *(f"    {row}" for row in diagram(side, width))]
    if law.shows_log:
        for side in found.sides:
            lines += ["", "  release log:", *(f"    {row}" for row in release_log(side))]
    lines += ["", *(f"  {name} = {value!r}" for name, value in found.inputs.items())]
    lines += [f"  schedule = {list(found.schedule)}", f"  {confirmation(found)}"]
    if target:
        lines += [f"  replay: {replay_line(verdict, target)}"]
    return "\n".join(lines)


def diagram(side: Side, width: int = 0) -> list[str]:
    """One side's marble diagram, as wide as the page, or as the terminal is."""
    room = (width or shutil.get_terminal_size().columns) - INDENT
    return marble.text(marble.layout(side.trace, side.differs_at), width=max(room, 40))


def release_log(side: Side) -> list[str]:
    """What was acquired and released, and when control came back."""
    acts = {"acquired", "release", "released", "open", "closing", "close"}
    shown = acts | {"closed", "raise", "cancel", "cancelled", "end"}
    lines = [str(event) for event in side.trace.events if event.act in shown]
    lines.append("-- control is back with the consumer --")
    lines += [str(event) for event in side.trace.late if event.act in acts]
    if side.trace.leaks:
        lines += str(side.trace.leaks).splitlines()
    return lines


def confirmation(found: Counterexample) -> str:
    """Whether the stock loop shows the failure too."""
    if found.confirmed is None:
        return "not tried on the stock loop"
    return "confirmed on asyncio's stock loop" if found.confirmed else "simulation only"


def arguments(inputs: Mapping[str, Any]) -> str:
    """Inputs as the arguments of a call."""
    return ", ".join(f"{name}={value!r}" for name, value in inputs.items())


def replay_line(verdict: Verdict, target: str) -> str:
    """A command that shows the counterexample again."""
    found = verdict.counterexample
    assert found is not None
    inputs = arguments(found.inputs).replace('"', '\\"')
    schedule = f" --schedule '{list(found.schedule)}'" if found.schedule else ""
    return f'python -m funcpipe_laws replay {target} {verdict.law.id} "{inputs}"{schedule}'


def table(verdicts: Sequence[Verdict]) -> str:
    """One line a law, then the totals."""
    width = max((len(str(v.law)) for v in verdicts), default=0)
    rows = [f"{v.law!s:<{width}}  {v.status:<11}  {_remark(v)}".rstrip() for v in verdicts]
    return "\n".join([*rows, "", totals(verdict.status for verdict in verdicts)])


def totals(statuses: Iterable[str]) -> str:
    """How many laws held, broke, and so on."""
    counts = Counter(statuses)
    return ", ".join(f"{counts[status]} {status}" for status in STATUSES if counts[status])


def _remark(verdict: Verdict) -> str:
    if verdict.status != "held":
        return verdict.reason.partition("\n")[0]
    parts = [seen(verdict.seen)]
    every = verdict.seen.get(EVERY_SCHEDULE)
    if every and verdict.law.scope:
        parts.append(f"every schedule of {_scope(verdict.law.scope)}, in {every:,} runs")
    return ", ".join(filter(None, parts))


def seen(counts: Mapping[str, int]) -> str:
    """What a verdict rests on, in a few words."""
    names = {"runs": "runs", "ok": "items", "err": "errors", "cancel": "cancels"}
    names["released"] = "releases"
    return ", ".join(f"{counts[key]:,} {name}" for key, name in names.items() if counts.get(key))


def _scope(scope: Mapping[str, Any]) -> str:
    """Sources by items, such as 2x2, and the buffer."""
    counts = [len(script.items) for script in scope.get("sources", scope.get("busy", ()))]
    same = len(set(counts)) == 1
    shape = f"{len(counts)}x{counts[0]}" if same else "+".join(map(str, counts))
    return f"{shape}, buffer {scope['size']}"

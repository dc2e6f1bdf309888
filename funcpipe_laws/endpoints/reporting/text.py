"""Sweeps for the terminal."""

from __future__ import annotations

import textwrap

from funcpipe_laws.endpoints.reporting.picture import layout
from funcpipe_laws.endpoints.sweeping.findings import REMEDIES, Finding
from funcpipe_laws.endpoints.sweeping.steps import Step
from funcpipe_laws.endpoints.sweeping.sweep import Sweep
from funcpipe_laws.report import marble

BEHIND = "only after the application had ended"


def looked_at(sweep: Sweep) -> str:
    """What a sweep has seen, in one line: what its verdict stands for."""
    answer = sweep.answer
    if answer is None or answer.status is None:
        return f"{sweep.request}: no answer to look at; {sweep.loop}"
    parts = [
        f"{answer.status}",
        _many(answer.sends, "send"),
        _many(answer.receives, "receive"),
        _many(sweep.streams, "stream"),
        _many(len(sweep.visits), "visit"),
    ]
    text = f"{sweep.request}: {', '.join(parts)}; {sweep.loop}"
    if sweep.missed:
        text += f"; {_many(len(sweep.missed), 'step')} did not come about: {_keys(sweep.missed)}"
    return text


WIDTH = 80
"""Columns of a line of words; a diagram, and what is to be copied, stay whole."""


def failure(sweep: Sweep, target: str = "") -> str:
    """All findings of a sweep, each with a diagram and with what replays it."""
    lines: list[str] = []
    drawn: set[int] = set()
    for finding in sweep.findings:
        lines += [*_finding(sweep, finding, target, drawn), ""]
    for note, n in sweep.notes.items():
        lines += _wrapped(f"note: {note} (in {_many(n, 'visit')})")
    return "\n".join([*lines, *_wrapped(f"looked at {looked_at(sweep)}")])


def _wrapped(words: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        words,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def headline(finding: Finding) -> str:
    """A finding in one line."""
    fault, visit = finding.fault, finding.visit
    kind = "" if fault.message.startswith(fault.kind) else f"{fault.kind}: "
    if visit is None or visit.step.act == "stays":
        return f"{kind}{fault.message}"
    many = len(finding.steps) - 1
    more = f", and at {_many(many, 'other step')}" if many else ""
    return f"{kind}{visit.step}: {fault.message}{more}"


def _finding(sweep: Sweep, finding: Finding, target: str, drawn: set[int]) -> list[str]:
    lines = _wrapped(headline(finding))
    visit = finding.visit
    said = REMEDIES.get(finding.fault.kind)
    remedy = _wrapped(f"mend it: {said}", "  ") if said else []
    if visit is None:
        return lines + remedy
    if len(finding.steps) > 1:
        lines += _wrapped(f"steps: {_keys(finding.steps)}", "  ")
    if id(visit) in drawn:
        lines.append("  the same visit as above")
    else:
        drawn.add(id(visit))
        lines += [f"    {row}" for row in marble.text(layout(visit), behind=BEHIND)]
    return [*lines, *remedy, f"  replay: {replay(sweep, finding, target)}"]


def replay(sweep: Sweep, finding: Finding, target: str) -> str:
    """What shows a finding again, alone."""
    step, request = finding.steps[0].key, str(sweep.request)
    if not target:
        return f"await sweep_disconnects(app, {request!r}, step={step!r})"
    return f"pytest --stream-endpoints {target} --stream-request '{request}' --stream-step {step}"


def _keys(steps: list[Step]) -> str:
    shown = [step.key for step in steps[:8]]
    return ", ".join(shown) + (f", and {len(steps) - 8} more" if len(steps) > 8 else "")


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

"""The summary for the terminal, 80 columns wide."""

from __future__ import annotations

import os
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator

from funcpipe_gate.record import (
    IN_TABLE,
    LEFT_OUT,
    STAGES,
    UNCONFIGURED,
    Finding,
    GateReport,
    StageRecord,
    findings,
)
from funcpipe_lint.model.visible import beginning

WIDTH = 80
_SHOWN = 20
"""Findings of a stage that are shown; reports have all."""
_REMARKS = 5
_COLOURS = {"clean": "32", "findings": "1;31", "failed": "1;31", "skipped": "2"}


def render(report: GateReport) -> str:
    """Each stage with what it found, then one line for all."""
    lines = []
    off = [stage for stage in report["stages"] if _is_off(stage)]
    for stage in report["stages"]:
        if stage["reason"] != LEFT_OUT and stage not in off:
            lines += [_head(stage), *_body(stage)]
    lines += _left_off(off)
    lines += ["", *wrapped(summary(report), "")]
    return "\n".join(lines) + "\n"


def _is_off(stage: StageRecord) -> bool:
    """Whether it has no key. One that is required has failed, and says so itself."""
    return stage["status"] == "skipped" and stage["reason"].startswith(UNCONFIGURED)


def _left_off(stages: list[StageRecord]) -> Iterator[str]:
    """All of these in one paragraph, each with the key that switches it on."""
    if stages:
        keys = "; ".join(f"{s['name']}: {s['reason'].removeprefix(UNCONFIGURED)}" for s in stages)
        said = _painted("skipped", "no key in [tool.funcpipe] switches these on")
        yield f"{'skipped':<10} {said}"
        yield from wrapped(keys.replace(IN_TABLE, ""), "  ")


def summary(report: GateReport) -> str:
    """The whole run in a sentence or two."""
    found = findings(report)
    by_status: dict[str, list[str]] = {}
    for stage in report["stages"]:
        if stage["reason"] == LEFT_OUT:
            continue
        by_status.setdefault(stage["status"], []).append(stage["name"])
    parts = [f"{len(found)} finding{'s' * (len(found) != 1)}" if found else "Nothing was found"]
    if "clean" in by_status:
        parts.append(f"clean: {', '.join(by_status['clean'])}")
    if "failed" in by_status:
        parts.append(f"could not run: {', '.join(by_status['failed'])}")
    if "skipped" in by_status:
        parts.append(f"skipped: {', '.join(by_status['skipped'])}")
    if set(by_status) <= {"skipped"} and report["exit_code"]:
        parts[0] = "Nothing was checked"
    since = f" Only what has changed since {report['made']['since']}." * bool(
        report["made"]["since"]
    )
    cut = " Interrupted: what was found until then." * report["interrupted"]
    return f"{'; '.join(parts)}.{since}{cut} Exit code {report['exit_code']}."


def heading(found: Finding) -> str:
    """Where and what, without the message."""
    return f"{where(found)} {found['code']} {found['name']}".replace(
        f" {found['code']} {found['code']}", f" {found['code']}"
    )


def where(found: Finding) -> str:
    """`path:line:column`, or what the finding is about where no line is known."""
    spot = found["place"]
    if spot is None or (found["subject"] and found["stage"] in ("laws", "endpoints")):
        return found["subject"]
    numbers = [str(n) for n in (spot["line"], spot["column"]) if n]
    return ":".join([spot["path"], *numbers])


def notes(found: Finding) -> list[str]:
    """Other places that a finding of the linter is about, such as that of a callee."""
    return found["details"] if found["stage"] == "lint" else []


def _head(stage: StageRecord) -> str:
    count = len(stage["findings"])
    counted = f"{count} finding{'s' * (count != 1)}"
    said = {
        "clean": "clean",
        "findings": counted,
        "failed": "could not run" + (f"; {counted}" if count else ""),
        "skipped": "skipped",
    }[stage["status"]]
    seconds = f"{stage['seconds']:.1f} s" if stage["status"] != "skipped" else ""
    plain = f"{stage['name']:<10} {said:<58} {seconds:>10}".rstrip()
    return plain.replace(said, _painted(stage["status"], said), 1)


def _painted(status: str, text: str) -> str:
    plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    wanted = "FORCE_COLOR" in os.environ or sys.stdout.isatty()
    return f"\x1b[{_COLOURS[status]}m{text}\x1b[0m" if wanted and not plain else text


def _body(stage: StageRecord) -> Iterator[str]:
    if stage["reason"]:
        yield from wrapped(stage["reason"], "  ")
    for failure in stage["failures"]:
        yield from wrapped(failure, "  ! ")
    for line in stage["looked_at"]:
        yield from wrapped(f"looked at {line}", "  ")
    for found in stage["findings"][:_SHOWN]:
        yield from wrapped(heading(found), "  ")
        yield from wrapped(found["message"], "    ")
        for line in notes(found):
            yield from wrapped(f"see {line}", "    ")
        if found["replay"]:
            yield f"    {found['replay']}"  # Whole, so that it can be copied.
    more = len(stage["findings"]) - _SHOWN
    if more > 0:
        yield f"  and {more:,} more: `--report FILE.html` has them all"
    yield from _some(stage["not_looked_at"], "not looked at: ")
    yield from _some(stage["remarks"], "note: ")


def _some(lines: list[str], word: str) -> Iterator[str]:
    for line in lines[:_REMARKS]:
        yield from wrapped(f"{word}{line}", "  ")
    if len(lines) > _REMARKS:
        yield f"  {word}{len(lines) - _REMARKS:,} more"


def wrapped(text: str, indent: str, following: str = "") -> list[str]:
    """A paragraph; a word that is too long, as a path, stays whole so that it can be copied.
    `following` is the indentation of all lines but the first, if that is another."""
    flat = text if following else " ".join(text.split())
    lines = textwrap.wrap(
        flat,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=following or " " * len(indent),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [beginning(line) for line in lines]


def fence(lines: Iterable[str]) -> str:
    """What encloses lines in Markdown, longer than any run of backticks in them."""
    runs = (len(run) for line in lines for run in re.findall("`+", line))
    return "`" * (1 + max([2, *runs]))


def title(stage: StageRecord) -> str:
    """What a stage does, in words."""
    return STAGES[stage["name"]]

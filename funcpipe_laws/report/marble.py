"""Marble diagrams: a trace as one line per actor, time running to the right.

Every event has a column of its own, so that order is all that a diagram shows. The consumer's line
is the last one; timers that expire have the first, "clock". What happened only after control had
come back stands behind a double bar.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from funcpipe_laws.declared.instance import Failure, Foreign, Value
from funcpipe_laws.simulation.trace import Trace
from funcpipe_laws.simulation.world import Event, Expiry

Shape = Literal["item", "error", "end", "act", "bar"]

_WORDS = {
    "acquire": "acquire...",
    "acquired": "acquired",
    "release": "release...",
    "released": "released",
    "closing": "close...",
    "close": "closed",
    "end": "|",
    "cancel": "CANCEL",
}
_CLOCK = "clock"
"""The line of timers that expire, each with the instant."""
_SHAPES: dict[str, Shape] = {"emit": "item", "give": "item", "end": "end", "raise": "error"}


@dataclass(frozen=True, slots=True)
class Mark:
    """One event in a diagram: its line, its column, and how it reads."""

    lane: int
    column: int
    label: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Diagram:
    """A trace laid out: the names of the lines and the marks on them.

    `differs` is the column at which this side and the other one part; `cut` the column from which
    events are late.
    """

    lanes: tuple[str, ...]
    marks: tuple[Mark, ...]
    columns: int
    differs: int | None
    cut: int | None


def layout(trace: Trace, differs_at: int | None = None) -> Diagram:
    """Lay a trace out; `differs_at` is an index into its events, their number is the end."""
    numbers = _run_numbers(trace)
    names: dict[str, None] = {_CLOCK: None} if trace.expiries else {}
    for event in (*trace.events, *trace.late):
        names[_lane_name(event, numbers)] = None
    lanes = sorted(names, key=lambda name: name.startswith("out"))
    marks: list[Mark] = []
    column_of: list[int] = []
    expiries = [*trace.expiries]
    columns = 0
    for number in range(len(trace.events) + 1):
        while expiries and expiries[0].before <= number:
            marks.append(_expiry(expiries.pop(0), columns))
            columns += 1
        column_of.append(columns)
        for event in trace.events[number : number + 1]:
            marks.append(_mark(event, lanes.index(_lane_name(event, numbers)), columns))
            columns += 1
    differs = None if differs_at is None else column_of[differs_at]
    if differs_at == len(trace.events):
        marks.append(Mark(len(lanes) - 1, columns, f"({trace.ending})", "act"))
        columns += 1
    cut = None
    if trace.late:
        cut, columns = columns, columns + 1
        for event in trace.late:
            marks.append(_mark(event, lanes.index(_lane_name(event, numbers)), columns))
            columns += 1
    return Diagram(tuple(lanes), tuple(marks), columns, differs, cut)


def _expiry(expiry: Expiry, column: int) -> Mark:
    return Mark(0, column, f"{expiry.timer} {expiry.time:g} s", "act")


def _run_numbers(trace: Trace) -> dict[tuple[str, int], int]:
    numbers: dict[tuple[str, int], int] = {}
    counts: dict[str, int] = {}
    for event in (*trace.events, *trace.late):
        key = (event.actor, event.run)
        if key not in numbers:
            counts[event.actor] = numbers[key] = counts.get(event.actor, 0) + 1
    return numbers


def _lane_name(event: Event, numbers: dict[tuple[str, int], int]) -> str:
    number = numbers[event.actor, event.run]
    return event.actor if number == 1 else f"{event.actor}#{number}"


def _mark(event: Event, lane: int, column: int) -> Mark:
    shape = _SHAPES.get(event.act, "act")
    if isinstance(event.detail, Failure):
        shape = "error"
    return Mark(lane, column, label(event), shape)


def label(event: Event) -> str:
    """An event in a word or two."""
    detail = event.detail
    match event.act:
        case "emit" | "give" | "return":
            return _item(detail)
        case "call":
            return f"({detail!r})"
        case "raise":
            return f"{detail}!"
        case "closed":
            return "aclose() back"
        case "release" if detail is not None:
            return f"release({detail})..."
        case "pull":
            return "?"
    return _WORDS.get(event.act, event.act)


def _item(item: Any) -> str:
    match item:
        case Value(value):
            return repr(value)
        case Failure(error):
            return f"✗{error if isinstance(error, str) else repr(error)}"
        case Foreign(thing):
            return f"not an item: {thing!r}"
    return repr(item)


BEHIND = "only after control had come back to the consumer"


def text(diagram: Diagram, *, width: int = 76, behind: str = BEHIND) -> list[str]:
    """The diagram as lines of text, broken into blocks that fit the width.

    `behind` says what the events behind the double bar have in common.
    """
    widths = _column_widths(diagram)
    gutter = max(map(len, diagram.lanes), default=0) + 1
    lines: list[str] = []
    for block in _blocks(widths, width - gutter):
        if lines:
            lines.append("")
        for lane, name in enumerate(diagram.lanes):
            lines.append(f"{name:>{gutter - 1}} {_row(diagram, lane, block, widths)}".rstrip())
        if diagram.differs is not None and diagram.differs in block:
            before = sum(widths[c] for c in block if c < diagram.differs)
            lines.append(" " * (gutter + before + 1) + "^ here")
    if diagram.cut is not None:
        lines.append(" " * gutter + f"behind ‖: {behind}")
    return lines


def _column_widths(diagram: Diagram) -> list[int]:
    widths = [3] * diagram.columns
    for mark in diagram.marks:
        widths[mark.column] = max(widths[mark.column], len(mark.label) + 2)
    return widths


def _blocks(widths: Sequence[int], room: int) -> Iterator[range]:
    start = used = 0
    for column, wide in enumerate(widths):
        if used + wide > room and column > start:
            yield range(start, column)
            start, used = column, 0
        used += wide
    yield range(start, len(widths))


def _row(diagram: Diagram, lane: int, block: range, widths: Sequence[int]) -> str:
    labels = {mark.column: mark.label for mark in diagram.marks if mark.lane == lane}
    cells = []
    for column in block:
        if column == diagram.cut:
            cells.append("‖".center(widths[column]))
        else:
            cells.append("─" + labels.get(column, "").ljust(widths[column] - 1, "─"))
    return "".join(cells)


_CHARACTER = 7.3
"""Width of a character of the page's monospaced type, in pixels."""
_LANE = 44
_RADIUS = 13


def svg(diagram: Diagram, *, title: str) -> str:
    """The diagram as an SVG element; colours come from the classes of the page around it."""
    gutter = max(map(len, diagram.lanes), default=0) * _CHARACTER + 16
    wide = [max(30.0, w * _CHARACTER + 14) for w in _column_widths(diagram)]
    starts = [gutter + sum(wide[:column]) for column in range(diagram.columns)]
    width, height = gutter + sum(wide) + 8, len(diagram.lanes) * _LANE + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}"'
        f' viewBox="0 0 {width:.0f} {height}" role="img"><title>{escape(title)}</title>'
    ]
    if diagram.differs is not None and diagram.differs < diagram.columns:
        x, w = starts[diagram.differs], wide[diagram.differs]
        parts.append(f'<rect class="differs" x="{x:.1f}" y="0" width="{w:.1f}" height="{height}"/>')
    for lane, name in enumerate(diagram.lanes):
        y = _middle(lane)
        parts.append(f'<text class="name" x="4" y="{y + 4}">{escape(name)}</text>')
        parts.append(f'<line class="lane" x1="{gutter}" y1="{y}" x2="{width - 4:.1f}" y2="{y}"/>')
    if diagram.cut is not None:
        x = starts[diagram.cut] + wide[diagram.cut] / 2
        parts += [
            f'<line class="cut" x1="{x + d:.1f}" y1="2" x2="{x + d:.1f}" y2="{height - 2}"/>'
            for d in (-2, 2)
        ]
    for mark in diagram.marks:
        parts.append(_svg_mark(mark, starts[mark.column] + wide[mark.column] / 2))
    return "".join([*parts, "</svg>"])


def _middle(lane: int) -> int:
    return lane * _LANE + _LANE // 2 + 4


def _svg_mark(mark: Mark, x: float) -> str:
    y = _middle(mark.lane)
    if mark.shape == "end":
        return f'<line class="end" x1="{x:.1f}" y1="{y - 12}" x2="{x:.1f}" y2="{y + 12}"/>'
    half = max(_RADIUS, len(mark.label) * _CHARACTER / 2 + 5)
    corner = _RADIUS if mark.shape in ("item", "error") else 3
    return (
        f'<rect class="{mark.shape}" x="{x - half:.1f}" y="{y - _RADIUS}" width="{2 * half:.1f}"'
        f' height="{2 * _RADIUS}" rx="{corner}"/><text x="{x:.1f}" y="{y + 4}"'
        f' text-anchor="middle">{escape(mark.label)}</text>'
    )

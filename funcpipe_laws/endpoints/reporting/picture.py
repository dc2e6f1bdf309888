"""A visit as a marble diagram: its streams, the application, the client."""

from __future__ import annotations

from typing import Any

from funcpipe_laws.endpoints.sweeping.visit import Visit
from funcpipe_laws.report.marble import Diagram, Mark, Shape
from funcpipe_laws.simulation.world import Event

_SHAPES: dict[str, Shape] = {
    "item": "item",
    "gets": "item",
    "send": "item",
    "send to nobody": "error",
    "dropped": "error",
    "raised": "error",
    "leaves": "error",
    "cancel": "error",
}
_LONGEST = 14
"""Characters of a body that are shown."""


def layout(visit: Visit) -> Diagram:
    """The diagram: sources first, then the application, the client last.

    What stands behind the double bar happened only after the application had ended.
    """
    events = [*visit.events, *visit.late]
    streams = [event.actor for event in events if event.actor not in ("app", "client")]
    streams += [stream.name for stream in visit.open if stream.pending or stream.is_running]
    lanes = [*reversed(dict.fromkeys(streams)), "app", "client"]
    marks, column, differs, cut = [], 0, None, None
    for number, event in enumerate(events):
        if number == len(visit.events):
            cut, column = column, column + 1
        if differs is None and event.act in ("leaves", "cancel"):
            differs = column
        marks.append(_mark(event, lanes.index(event.actor), column))
        column += 1
    for stream in visit.open:
        if stream.pending or stream.is_running:
            if cut is None:
                cut, column = column, column + 1
            marks.append(Mark(lanes.index(stream.name), column, "still open", "error"))
            column += 1
    return Diagram(tuple(lanes), tuple(marks), column, differs, cut)


def _mark(event: Event, lane: int, column: int) -> Mark:
    return Mark(lane, column, _label(event), _SHAPES.get(event.act, "act"))


def _label(event: Event) -> str:
    match event.act:
        case "item":
            return "o"
        case "send" | "gets":
            return _message(event.detail)
        case "send to nobody":
            return f"{_message(event.detail)} to nobody"
        case "request":
            return str(event.detail)
        case "leaves":
            return "LEAVES"
        case "cancel":
            return "CANCEL"
        case "dropped":
            return "DROPPED"
        case "raised":
            return f"{event.detail}!"
    return event.act


def _message(message: Any) -> str:
    if message.get("type") == "http.response.start":
        return str(message.get("status"))
    if not message.get("more_body", False):
        return "|" if not message.get("body") else f"{_body(message)}|"
    return _body(message)


def _body(message: Any) -> str:
    body = bytes(message.get("body", b""))
    text = body.decode("utf-8", "replace").strip()
    shown = text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
    return repr(shown)

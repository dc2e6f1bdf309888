"""A report as a person may see it: nothing in it hidden, nothing that a terminal or a CI service
would obey."""

from __future__ import annotations

import re
from typing import Any, cast

from funcpipe_gate.record import GateReport
from funcpipe_lint.model.visible import beginning, visible, visible_line

_LINES = ("message", "details", "replay", "reason", "failures", "remarks", "looked_at")
"""Fields that may be of several lines; others are names, each on one."""
# White space that Python's layout may be made of: escaped, a patch would not apply.
_LAYOUT = re.compile("([\t\f\r])")


def shown(report: GateReport) -> GateReport:
    """The same report with an escape, such as `\\x1b`, for what cannot be seen. O(report)."""
    return cast(GateReport, _shown(dict(report), ""))


def _shown(value: Any, field: str) -> Any:
    if isinstance(value, str):
        return _text(value, field)
    if isinstance(value, list):
        return [_shown(one, field) for one in value]
    if isinstance(value, dict):
        # What the tools' own reports hold, such as a rule's documentation, has lines of its own.
        inner = field if field == "reports" else ""
        return {_text(key, ""): _shown(one, inner or key) for key, one in value.items()}
    return value


def _text(text: str, field: str) -> str:
    if field == "patch":
        return "\n".join(_of_a_diff(line) for line in text.split("\n"))
    if field == "reports" or field in _LINES or field == "not_looked_at":
        return "\n".join(visible_line(line.expandtabs(4)) for line in text.split("\n"))
    return visible_line(text)


def _of_a_diff(line: str) -> str:
    text = line.removesuffix("\r")  # of a line end CRLF
    parts = (part if part in ("\t", "\f") else visible(part) for part in _LAYOUT.split(text))
    whole = "".join(parts)
    return whole[:1] + beginning(whole[1:]) + line[len(text) :]

"""What happens in a visit besides the request: who ends it, at which moment, on which protocol."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Spec = Literal["2.3", "2.4"]
Act = Literal["stays", "slow", "leaves", "cancelled"]
Moment = Literal["", "start", "during-send", "after-send", "at-receive"]

_WRITTEN = re.compile(
    r"(?P<spec>2\.3|2\.4)-(?P<act>stays|slow|leaves|cancelled)"
    r"(?:-(?P<moment>start|during-send|after-send|at-receive)(?:-(?P<number>[1-9]\d*))?)?"
)
_ACTS = {
    "stays": "the client reads to the end",
    "slow": "the client reads slowly",
    "leaves": "the client leaves",
    "cancelled": "the server cancels its task",
}
_MOMENTS = {
    "start": "before the first byte",
    "during-send": "during send",
    "after-send": "after send",
    "at-receive": "at receive",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One way to end a visit.

    On ASGI 2.3 a `send` after the client has left does nothing; on 2.4 it raises OSError. On both,
    `receive` gives `http.disconnect`. Sends and receives are counted from 1; the start of the
    response is a send.
    """

    spec: Spec
    act: Act
    moment: Moment = ""
    number: int = 0

    @property
    def key(self) -> str:
        """How it is written on a command line: 2.4-leaves-during-send-3."""
        parts = [self.spec, self.act, self.moment, str(self.number) if self.number else ""]
        return "-".join(part for part in parts if part)

    def __str__(self) -> str:
        words = [_ACTS[self.act]]
        if self.moment:
            words.append(_MOMENTS[self.moment])
        if self.number:
            words.append(str(self.number))
        return f"{' '.join(words)} (ASGI {self.spec})"

    @property
    def ends_early(self) -> bool:
        """Whether the visit is ended from outside."""
        return self.act in ("leaves", "cancelled")


def parse(text: str) -> Step:
    """The step that a report has named; raises ValueError for anything else."""
    found = _WRITTEN.fullmatch(text.strip())
    step = None
    if found:
        number = int(found["number"] or 0)
        step = Step(found["spec"], found["act"], found["moment"] or "", number)  # type: ignore[arg-type]
        needs_moment = step.ends_early
        needs_number = step.moment not in ("", "start")
        if bool(step.moment) != needs_moment or bool(number) != needs_number:
            step = None
    if step is None:
        raise ValueError(f"{text!r} is not a step such as 2.4-leaves-during-send-3")
    return step


def plan(spec: Spec, sends: int, receives: int, *, is_whole: bool) -> Iterator[Step]:
    """Every step for an application that sends and receives so often when it is left alone.

    After the last send of a whole response there is nothing left to end.
    """
    yield Step(spec, "slow")
    acts: tuple[Act, ...] = ("leaves", "cancelled")
    for act in acts:
        yield Step(spec, act, "start")
        for number in range(1, receives + 1):
            yield Step(spec, act, "at-receive", number)
        for number in range(1, sends + 1):
            yield Step(spec, act, "during-send", number)
            if number < sends or not is_whole:
                yield Step(spec, act, "after-send", number)

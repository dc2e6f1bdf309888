"""What a run demands of what was found: that all of it is checked, that something is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from funcpipe_laws.checking.suite import refuse_unknown_waivers
from funcpipe_laws.declared.config import ConfigError
from funcpipe_laws.declared.instance import OPERATIONS, StreamInstance
from funcpipe_laws.declared.nearest import hint
from funcpipe_laws.finding.discover import Found
from funcpipe_laws.finding.words import WORDS

STRICT_PROFILE = "ci"
"""The profile under which what looks like a stream function must be checked, unless told not to."""


def is_strict(asked: bool | None, profile: str) -> bool:
    """Whether a function that was not checked fails the run."""
    return profile == STRICT_PROFILE if asked is None else asked


def check_demands(found: Sequence[Found], required: Iterable[str]) -> None:
    """Raise `ConfigError` for a waiver of no law, and for an operation that is required and not
    there."""
    for one in found:
        try:
            refuse_unknown_waivers(one.instance)
        except ValueError as exc:
            raise ConfigError(str(exc)) from None
    known = {*OPERATIONS, *WORDS.values()}
    there = {op for one in found for op in one.instance.operations()}
    there |= {sighting.checked_as for one in found for sighting in one.sightings}
    there |= {name for one in found for name in one.instance.operators}
    for name in required:
        if name not in known | there:
            raise ConfigError(f"{name!r} is required, and is no operation; {hint(name, known)}")
        if name not in there:
            targets = ", ".join(one.target for one in found) or "nothing"
            raise ConfigError(
                f"{name} is required, and {targets} does not offer it: name it in a"
                f" StreamInstance, or correct what was required"
            )


def listing(found: Iterable[Found]) -> list[str]:
    """What was found in each module, and what looks like a stream function and is not checked."""
    lines = []
    for one in found:
        lines.append(f"{one.target}: {one.mapping}")
        lines += [f"{one.target}: not checked: {line}" for line in unchecked(one)]
    return lines


def notes(found: Found) -> list[str]:
    """What of a module was not looked at, in lines for all reports."""
    left = [f"not checked: {line}" for line in unchecked(found)]
    more = [f"{s.name}: {s.reason}" for s in found.sightings if s.checked_as and s.reason]
    return uncompared(found.instance) + more + left


def uncompared(instance: StreamInstance) -> list[str]:
    """A line for operators, and one for consumers, of which no model tells what is right."""
    lines = []
    for maker, model, given in (
        ("Operator", "items", instance.operators),
        ("Consumer", "result", instance.consumers),
    ):
        bare = [
            name
            for name, one in given.items()
            if one.model is None and getattr(one, "allows", None) is None
        ]
        if bare:
            lines.append(
                f"no model of {', '.join(bare)}: what holds of any was checked, but not their"
                f" {model}: {maker}({bare[0]}, model=...) adds that"
            )
    return lines


def unchecked(found: Found) -> list[str]:
    """A line for each function that looks like one on streams and was not checked."""
    return [f"{s.name}: {s.reason}" for s in found.sightings if not s.checked_as]

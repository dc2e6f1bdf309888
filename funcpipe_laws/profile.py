"""How much is tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """Inputs tried a law, and whether small scopes are walked through all their schedules."""

    examples: int
    exhaustive: bool = False


PROFILES: Mapping[str, Profile] = {
    "quick": Profile(25),
    "ci": Profile(250),
    "exhaustive": Profile(1_000, exhaustive=True),
}
DEFAULT = "quick"

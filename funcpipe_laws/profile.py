"""How much is tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """Inputs tried a law, and schedules walked in the small scope of those that have one.

    With `remember`, the search differs from run to run, and Hypothesis' database (that of the
    user's own settings) keeps what failed. Without, the same code gives the same verdict.
    """

    examples: int
    schedules: int
    remember: bool = False


PROFILES: Mapping[str, Profile] = {
    "quick": Profile(25, schedules=50),
    "ci": Profile(250, schedules=5_000),
    "exhaustive": Profile(2_000, schedules=1_000_000, remember=True),
}
DEFAULT = "quick"

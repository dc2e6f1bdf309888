"""What becomes of laws on operations that hang, end the process or use threads: rows of a table.

`python docs/studies/hostile_instances.py` prints them; a page of what was tried imports `rows`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
TIMEOUT = 0.5
"""Seconds that one experiment gets here."""


class Row(NamedTuple):
    """One kind of operation: how many laws were checked on such, and how many had their verdict."""

    kind: str
    instances: int
    laws: int
    as_it_should: int


def rows(laws: tuple[str, ...] = ("F1", "S14", "R1")) -> Iterator[Row]:
    """A row a kind; every law is checked after every other, in this process, which goes on."""
    from funcpipe_laws import catalogue
    from funcpipe_laws.checking.check import check
    from funcpipe_laws.declared.profile import Budget
    from tests.laws.hostile_operations import KINDS, with_map

    chosen = [law for law in catalogue.laws() if law.id in laws]
    for kind, (operations, expected) in KINDS.items():
        right = 0
        for operation in operations:
            budget = Budget(len(chosen), timeout=TIMEOUT)
            verdicts = check(with_map(operation), chosen, budget=budget)
            right += sum(verdict.status == expected for verdict in verdicts)
        yield Row(kind, len(operations), len(operations) * len(chosen), right)


def main() -> int:
    """Print the rows; 1 if a verdict is another than it should be."""
    print("| operations that | instances | laws checked | verdict as it should be |")
    print("|---|---|---|---|")
    wrong = 0
    for row in rows():
        print(f"| {row.kind} | {row.instances} | {row.laws} | {row.as_it_should} |", flush=True)
        wrong += row.laws - row.as_it_should
    return int(wrong > 0)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())

"""Which new file is which old one under another name: by what was recorded of the old one."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping


def renamed(
    gone: Mapping[str, Counter[Hashable]], new: Mapping[str, Counter[Hashable]]
) -> dict[str, str]:
    """The new path of each old one that has one, by what is on record of the old and found in the
    new.

    A file was renamed to the one that has most of its records, and at least half of them, which is
    where git too draws the line; of several, to one of the same name, then to the first. No new
    file is two old ones.
    """
    holders = defaultdict(list)
    for old, records in gone.items():
        for record in records:
            holders[record].append(old)
    shared = Counter[tuple[str, str]]()
    for path, found in new.items():
        for record, count in found.items():
            for old in holders.get(record, ()):
                shared[old, path] += min(count, gone[old][record])
    likely = sorted(
        (-same, os.path.basename(old) != os.path.basename(path), old, path)
        for (old, path), same in shared.items()
        if 2 * same >= gone[old].total()
    )
    moved: dict[str, str] = {}
    taken = set()
    for _, _, old, path in likely:
        if old not in moved and path not in taken:
            moved[old] = path
            taken.add(path)
    return moved

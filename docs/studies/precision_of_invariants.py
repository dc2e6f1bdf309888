"""How often the profile of the invariants is right: its findings in the packages of precision.md.

`python docs/studies/precision_of_invariants.py` fetches those packages in which the profile once
found something, runs it over them and writes the counts into `invariants.md`; the readings there
are kept. `--check` writes nothing and fails when the counts have changed; `--all` fetches every
package of the samples, 400 MB and more, and fails at a finding that nobody has read.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from docs.programs.filling import filled
from docs.studies import precision

PAGE = precision.PAGE.with_name("invariants.md")
SAMPLE = "\n## In packages that the "
# The samples of precision.md: what the rules were tuned on, and three in which these were read.
_READ_BEFORE = 3
Packages = dict[str, str]


def samples() -> tuple[Packages, Packages]:
    """The packages, with their versions, that nobody had read for these rules, and the others."""
    _, *later = precision.PAGE.read_text("utf-8").split(precision.LATER)
    before: Packages = precision.NAMED | precision.FURTHER
    for part in later[: _READ_BEFORE - 1]:
        before |= dict(precision.PINNED.findall(part.partition(precision.QUIET)[0]))
    fresh: Packages = {}
    for part in later[_READ_BEFORE - 1 :]:
        fresh |= dict(precision.PINNED.findall(part))
    return fresh, before


def main() -> int:
    """Write or check, as the command line says; 0 when the page holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, help="where the packages are kept unpacked")
    parser.add_argument("--check", action="store_true", help="only compare, write nothing")
    parser.add_argument("--all", action="store_true", help="check all packages, the quiet ones too")
    options = parser.parse_args()
    cache = precision.cache_folder(options.cache)
    page = PAGE.read_text("utf-8")
    first, *parts = page.split(SAMPLE)
    new, problems = [first], list[str]()
    for part, packages in zip(parts, samples(), strict=True):
        read = precision.readings(part)
        loud = {place.partition("/")[0] for _, place in read}
        asked = packages if options.all else {name: packages[name] for name in sorted(loud)}
        precision.fetch(cache, asked)
        found = precision.findings(cache, asked, "--profile", "invariants")
        problems += precision.wrong(found, read, PAGE.name)
        unread = precision.unread(found, read)
        problems += [f"nobody has read {one.code} at {one.place}" for one in unread]
        counts = precision.later_table(read, (len(loud), len(packages) - len(loud)))
        new.append(filled(part, precision.MARKS, counts))
    print(*problems, sep="\n", end="\n" if problems else "")
    if not options.check:
        PAGE.write_text(SAMPLE.join(new), "utf-8")
    return int(bool(problems) or (options.check and SAMPLE.join(new) != page))


if __name__ == "__main__":
    sys.exit(main())

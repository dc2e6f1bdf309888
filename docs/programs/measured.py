"""How often the findings of each rule were read in published packages, and what they were: the
table that the rules' pages quote, from the readings in precision.md and invariants.md."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from docs.programs.tables import formatted
from docs.studies.precision import PAGE, VERDICTS, readings
from docs.studies.precision_of_invariants import PAGE as OF_INVARIANTS

# A rule's counts where not each place is listed: perhaps of how many, then how many were read, were
# true, debatable and false. The tables that precision.py writes have shares too.
_COUNTED = re.compile(r"\| (?P<code>FP\d{3}) \| (?:\d+ \| )?(\d+) \| (\d+) \| (\d+) \| (\d+) \|")


def measured_table() -> Mapping[str, str]:
    """The module that holds the counts, by path below docs/."""
    found = counts("\n".join(page.read_text("utf-8") for page in (PAGE, OF_INVARIANTS)))
    entries = "".join(f"{code!r}: {_entry(found[code])},\n" for code in sorted(found))
    return {
        "../funcpipe_lint/model/measured.py": formatted(
            '"""How many findings of each rule were read, and true, debatable or false.\n\n'
            "Written by `make docs` from the readings in docs/precision.md, docs/invariants.md.\n"
            '"""\n\n'
            f"READ: dict[str, tuple[int, int, int]] = {{{entries}}}\n"
        )
    }


def counts(text: str) -> Mapping[str, Counter[str]]:
    """The verdicts on each rule's findings, listed or only counted."""
    found: dict[str, Counter[str]] = {}
    for (code, _), one in readings(text).items():
        found.setdefault(code, Counter())[one.verdict] += 1
    for code, verdicts in _counted(text):
        found.setdefault(code, Counter()).update(verdicts)
    return found


def _counted(text: str) -> Iterator[tuple[str, Mapping[str, int]]]:
    for line in text.splitlines():
        row = _COUNTED.match(line)
        if row is None or "%" in line:
            continue
        read, *verdicts = (int(cell) for cell in row.groups()[1:])
        if read != sum(verdicts):
            raise ValueError(f"{PAGE.name}: the verdicts are not as many as were read: {line}")
        yield row["code"], dict(zip(VERDICTS, verdicts, strict=True))


def _entry(verdicts: Counter[str]) -> str:
    return repr(tuple(verdicts[each] for each in VERDICTS))

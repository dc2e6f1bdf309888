"""How often each rule spoke: where to begin in an old code base."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from funcpipe_lint.cli.report.pages import record
from funcpipe_lint.model import Violation


def render(violations: Iterable[Violation], *, as_json: bool) -> str:
    """The rules that spoke, the most frequent first, with how many of each have a fix."""
    violations = list(violations)
    counts = Counter(v.code for v in violations)
    fixable = Counter(v.code for v in violations if v.fix is not None)
    files = {code: len({v.path for v in violations if v.code == code}) for code in counts}
    rows = [
        {
            "code": code,
            "name": record(code)["name"],
            "count": count,
            "files": files[code],
            "fixable": fixable[code],
        }
        for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    if as_json:
        import json

        return json.dumps(rows, indent=2) + "\n"
    out = []
    for row in rows:
        text = f"{row['count']:>6}  {row['code']}  {row['name']}"
        text += f"  (in {row['files']} file{'s' * (row['files'] != 1)}"
        out.append(text + (f", {row['fixable']} fixable)" if row["fixable"] else ")") + "\n")
    return "".join(out)

"""The linter's safe fixes, at the lines that leave streams open and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from funcpipe_laws.leaks.model import Remedy
from funcpipe_laws.leaks.reading import stacks
from funcpipe_laws.leaks.reporting.record import PlaceRecord


def mend(places: Iterable[PlaceRecord], root: Path) -> list[str]:
    """Fix what a rule's safe fix applies to; what was done, or why not, a line each."""
    remedies: dict[tuple[str, int], Remedy] = {}
    for place in places:
        remedy = place["leak"]["remedy"]
        if remedy is not None and remedy["rule"] and not place["leak"]["waived"]:
            remedies[remedy["file"], remedy["line"]] = remedy
    by_file: dict[str, list[Remedy]] = {}
    for remedy in remedies.values():
        by_file.setdefault(remedy["file"], []).append(remedy)
    lines = []
    for file, wanted in sorted(by_file.items()):
        path = stacks.on_disk(file)
        if not path.resolve().is_relative_to(root.resolve()) or stacks.is_installed(str(path)):
            lines.append(f"{file}: not fixed: it is not a file of this project")
        else:
            lines += _mend_file(path, file, wanted)
    return lines


def _mend_file(path: Path, file: str, wanted: list[Remedy]) -> list[str]:
    from funcpipe_lint.check.fixing.fix import chosen_edits
    from funcpipe_lint.check.fixing.writing import replace_file
    from funcpipe_lint.check.single import check_content
    from funcpipe_lint.config.settings import settings_for
    from funcpipe_lint.read.source import Source, UndecodableError, read_bytes
    from funcpipe_lint.read.syntax import is_python
    from funcpipe_lint.rule.edits import apply_edits

    try:
        raw = read_bytes(str(path))
        source = Source.decode(raw)
    except (OSError, UndecodableError) as error:
        return [f"{file}: not fixed: {error}"]
    rules = sorted({remedy["rule"] for remedy in wanted})
    report = check_content(settings_for({"select": rules}), str(path), raw)
    asked = {remedy["line"]: remedy for remedy in wanted}
    found = [violation for violation in report.violations if violation.line in asked]
    edits = chosen_edits(found, unsafe=False)
    text = apply_edits(source.text, edits) if edits else source.text
    if edits and is_python(text):
        replace_file(str(path), source.encode(text), expected=raw)
    else:
        edits = []
    fixes = {violation.line: violation.fix for violation in found if violation.fix}
    return [
        f"{file}:{line}: {_outcome(remedy, fixes.get(line), edits)}"
        for line, remedy in sorted(asked.items())
    ]


def _outcome(remedy: Remedy, fix: Any, done: list[Any]) -> str:
    """What became of a place, by the linter's fix for it, if there is one, and the edits made."""
    if fix is not None and all(edit in done for edit in fix.edits):
        return f"fixed ({remedy['rule']})"
    if fix is not None and not fix.safe:
        command = f"funcpipe-lint check --select {remedy['rule']} --unsafe-fixes {remedy['file']}"
        return f"not fixed: {remedy['rule']}'s fix is unsafe here: `{command}` applies it"
    return f"not fixed: {remedy['rule']} has no safe fix here; {remedy['advice']}"

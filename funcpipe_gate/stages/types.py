"""`mypy --strict` on the modules whose types the project wants held."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from funcpipe_gate.config import Config, GateError
from funcpipe_gate.record import UNCHANGED, Finding, finding
from funcpipe_gate.running.process import Outcome
from funcpipe_gate.stages.job import (
    Asked,
    Job,
    Part,
    Plan,
    Skipped,
    importing,
    lacks,
    python,
    unconfigured,
    waived,
)
from funcpipe_laws.declared.config import ConfigError
from funcpipe_laws.declared.written import written_lines


def plan(config: Config, asked: Asked) -> Plan:
    """One process."""
    if not config.types:
        return unconfigured("types", '["src/package/streams.py"]')
    missing = lacks("typed", "mypy")
    if missing:
        return missing
    for path in config.types:
        if not os.path.lexists(config.root / path):
            raise GateError(f"{config.file}: types: {path}: there is no such file or folder")
    wanted = [path for path in config.types if asked.touches(config.root / path)]
    if not wanted:
        return Skipped(UNCHANGED)
    error_stale = asked.error_stale if asked.changed is None else None
    read = partial(_read, wanted, Counter(_known(config)), error_stale)
    return [_job(wanted, config, read, [])]


def _known(config: Config) -> Iterator[str]:
    if config.known_types:
        try:
            lines = list(written_lines(config.root / config.known_types, "known errors"))
        except ConfigError as error:
            raise GateError(f"{config.file}: known-types: {error}") from None
        yield from (line for _, line in lines)


def _job(
    wanted: list[str], config: Config, read: Callable[[Outcome], Part], more: list[str]
) -> Job:
    words = ["--strict", "--output", "json", "--no-error-summary", *more, "--", *wanted]
    environment = importing(config)
    environment["MYPYPATH"] = os.pathsep.join(
        filter(
            None, [*(str(config.root / p) for p in config.pythonpath), os.environ.get("MYPYPATH")]
        )
    )
    again = None if more else _job(wanted, config, read, [f"--cache-dir={os.devnull}"])
    return Job("mypy", python("mypy", *words), read, environment, 1 << 28, again)


def _read(
    wanted: list[str], recorded: Counter[str], error_stale: bool | None, outcome: Outcome
) -> Part:
    """`error_stale` is None where not everything was looked at: what is not seen proves nothing."""
    rows = [json.loads(line) for line in outcome.out.splitlines() if line.startswith("{")]
    if outcome.lost or outcome.code not in (0, 1) or (outcome.code == 1 and not rows):
        return Part(failures=[f"mypy: {outcome.lost or _why(outcome, rows)}"])
    part = Part(looked_at=[f"mypy --strict on {', '.join(wanted)}"])
    errors = [_finding(row) for row in rows if row["severity"] == "error"]
    left = Counter(recorded)
    for error in errors:
        if left[_key(error)]:
            left[_key(error)] -= 1
        else:
            part.findings.append(error)
    part.remarks += waived(len(errors) - len(part.findings), "error")
    stale = [f"recorded, and not seen: {line}" for line in left.elements()]
    if error_stale:
        part.findings += [_stale(problem) for problem in stale]
    elif error_stale is not None:
        part.remarks += stale
    return part


def _key(error: Finding) -> str:
    """What stands for an error, whatever line it is on."""
    path = error["place"]["path"] if error["place"] else ""
    return " ".join(f"{path} [{error['code']}] {error['message']}".split())


def _stale(problem: str) -> Finding:
    return finding("types", "known-types", problem, name="stale-record", subject="mypy")


def on_record(found: list[Finding], document: Any, reason: str) -> list[str]:
    """The lines of a file of known errors."""
    return [_key(one) for one in found]


def _why(outcome: Outcome, rows: list[dict[str, Any]]) -> str:
    crashed = [line for line in outcome.err.splitlines() if "INTERNAL ERROR" in line]
    if crashed:
        return crashed[0].partition(" -- ")[0]
    return str(rows[0]["message"]) if rows else outcome.last_line


def _finding(row: dict[str, Any]) -> Finding:
    return finding(
        "types",
        row["code"] or "mypy",
        row["message"],
        at={
            "path": row["file"],
            "line": row["line"],
            "column": row["column"] + 1,
            "end_line": 0,
            "end_column": 0,
        },
        details=(row["hint"] or "").splitlines(),
        replay=f"mypy --strict {row['file']}",
    )


def merged(documents: list[Any]) -> Any:
    """mypy has no report of its own."""
    return None

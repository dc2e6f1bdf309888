"""`mypy --strict` on the modules whose types the project wants held."""

from __future__ import annotations

import json
import os
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
)


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
    return [_job(wanted, config, [])]


def _job(wanted: list[str], config: Config, more: list[str]) -> Job:
    words = ["--strict", "--output", "json", "--no-error-summary", *more, "--", *wanted]
    environment = importing(config)
    environment["MYPYPATH"] = os.pathsep.join(
        filter(
            None, [*(str(config.root / p) for p in config.pythonpath), os.environ.get("MYPYPATH")]
        )
    )
    again = None if more else _job(wanted, config, [f"--cache-dir={os.devnull}"])
    return Job("mypy", python("mypy", *words), partial(_read, wanted), environment, 1 << 28, again)


def _read(wanted: list[str], outcome: Outcome) -> Part:
    rows = [json.loads(line) for line in outcome.out.splitlines() if line.startswith("{")]
    if outcome.lost or outcome.code not in (0, 1) or (outcome.code == 1 and not rows):
        return Part(failures=[f"mypy: {outcome.lost or _why(outcome, rows)}"])
    part = Part(looked_at=[f"mypy --strict on {', '.join(wanted)}"])
    part.findings = [_finding(row) for row in rows if row["severity"] == "error"]
    return part


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

"""Runs the stages beside each other, and makes one report of what they find."""

from __future__ import annotations

import asyncio
import logging
import platform
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from funcpipe_gate.config import Config, GateError
from funcpipe_gate.record import (
    LEFT_OUT,
    SCHEMA,
    STAGES,
    UNCHANGED,
    Finding,
    GateReport,
    StageName,
    StageRecord,
    exit_code,
)
from funcpipe_gate.running import process
from funcpipe_gate.running.progress import Progress
from funcpipe_gate.stages import module
from funcpipe_gate.stages.job import Asked, Job, Part, Plan, Skipped
from funcpipe_lint import __version__

INTERRUPTED = "interrupted before it had ended"


@dataclass(slots=True)
class _Stage:
    """A stage and what it has come to so far."""

    name: StageName
    plan: Plan
    parts: dict[str, Part] = field(default_factory=dict)
    """By the labels of their jobs, in the order of the plan."""
    seconds: float = 0.0


async def run(
    config: Config,
    asked: Asked,
    *,
    stages: Collection[str],
    jobs: int,
    progress: Progress,
) -> GateReport:
    """Run the chosen stages; each process takes one of `jobs` places.

    Cancelled, as by Ctrl-C, it ends what runs, and reports what was found until then. Raises
    GateError before anything runs where a stage cannot be planned.
    """
    planned = [_Stage(name, _plan(name, config, asked, stages)) for name in STAGES]
    places = asyncio.Semaphore(jobs)
    tasks = [
        asyncio.create_task(_run(job, stage, config, places, progress))
        for stage in planned
        if not isinstance(stage.plan, Skipped)
        for job in stage.plan
    ]
    ticking = asyncio.create_task(_tick(progress))
    interrupted = False
    try:
        await asyncio.gather(*tasks)
    except asyncio.CancelledError:
        interrupted = True
    finally:
        for task in (*tasks, ticking):
            task.cancel()
        await asyncio.gather(*tasks, ticking, return_exceptions=True)
        progress.erase()
    return _report(config, asked, planned, interrupted)


def _plan(name: StageName, config: Config, asked: Asked, stages: Collection[str]) -> Plan:
    if name not in stages:
        return Skipped(LEFT_OUT)
    plan: Plan = module(name).plan(config, asked)
    return plan


async def _tick(progress: Progress) -> None:
    while True:
        await asyncio.sleep(0.5)
        progress.tick()


async def _run(
    job: Job, stage: _Stage, config: Config, places: asyncio.Semaphore, progress: Progress
) -> None:
    label = f"{stage.name} {job.label}"
    stage.parts[job.label] = Part(failures=[f"{job.label}: {INTERRUPTED}"])
    async with places:
        begun = time.monotonic()
        progress.started(label)
        part = stage.parts[job.label]
        try:
            part = await _answer(job, config)
            if part.failures and job.again is not None:
                second = await _answer(job.again, config)
                if not second.failures:
                    second.remarks.append(f"{part.failures[0]}: it ran again without its cache")
                    part = second
        finally:
            stage.seconds += time.monotonic() - begun
            progress.ended(label, _said(part))
    stage.parts[job.label] = part


async def _answer(job: Job, config: Config) -> Part:
    try:
        outcome = await process.run(
            job.command,
            folder=config.root,
            environment=job.environment,
            seconds=config.timeout,
            keep=job.keep,
        )
    except OSError as error:
        return Part(
            failures=[f"{job.label}: cannot be started: {error.strerror}: {error.filename}"]
        )
    try:
        return job.read(outcome)
    except (ValueError, KeyError, TypeError, OSError) as error:
        why = f"{type(error).__name__}: {error}"
        return Part(failures=[f"{job.label}: its report cannot be read: {why}"])


def _said(part: Part) -> str:
    if part.failures:
        return part.failures[0]
    count = len(part.findings)
    return f"{count} finding{'s' * (count != 1)}" if count else "clean"


def _report(config: Config, asked: Asked, planned: list[_Stage], interrupted: bool) -> GateReport:
    records = [_record(config, stage) for stage in planned]
    reports: dict[str, Any] = {}
    for stage in planned:
        documents = [part.document for part in stage.parts.values() if part.document is not None]
        whole = module(stage.name).merged(documents)
        if whole is not None:
            reports[stage.name] = whole
    return {
        "schema": SCHEMA,
        "made": {
            "version": __version__,
            "python": platform.python_version(),
            "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "folder": str(config.root),
            "since": asked.since,
        },
        "exit_code": exit_code(records, interrupted=interrupted),
        "interrupted": interrupted,
        "stages": records,
        "reports": reports,
    }


def _record(config: Config, stage: _Stage) -> StageRecord:
    made: StageRecord = {
        "name": stage.name,
        "status": "clean",
        "reason": "",
        "required": stage.name in config.require,
        "seconds": round(stage.seconds, 1),
        "looked_at": [],
        "not_looked_at": [],
        "remarks": [],
        "failures": [],
        "findings": [],
    }
    if isinstance(stage.plan, Skipped):
        made["reason"] = stage.plan.reason
        if made["required"] and made["reason"] not in (UNCHANGED, LEFT_OUT):
            made["status"] = "failed"
            made["failures"] = [f"it is required, and cannot run: {made['reason']}"]
        else:
            made["status"] = "skipped"
        return made
    for part in stage.parts.values():
        made["looked_at"] += part.looked_at
        made["not_looked_at"] += part.not_looked_at
        made["remarks"] += part.remarks
        made["failures"] += part.failures
        made["findings"] += part.findings
    made["findings"].sort(key=_order)
    if made["failures"]:
        made["status"] = "failed"
    elif made["findings"]:
        made["status"] = "findings"
    return made


def _order(found: Finding) -> tuple[str, int, int, str]:
    spot = found["place"]
    where = ("", 0, 0) if spot is None else (spot["path"], spot["line"], spot["column"])
    return (*where, found["code"])


def complete(
    config: Config,
    asked: Asked,
    *,
    stages: Collection[str],
    jobs: int,
    progress: Progress,
) -> GateReport:
    """`run` in an event loop of its own; Ctrl-C and SIGTERM end it with a report."""
    # Of a process that outlives the loop, after a second Ctrl-C, asyncio warns in its own words.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)

    async def whole() -> GateReport:
        import signal

        task = asyncio.current_task()
        assert task is not None
        with suppress(NotImplementedError, RuntimeError):  # Windows; not in the main thread
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await run(config, asked, stages=stages, jobs=jobs, progress=progress)

    try:
        return asyncio.run(whole())
    except KeyboardInterrupt:
        raise GateError("interrupted") from None

"""A whole run: the files, split over an executor, reported in one stable order."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from funcpipe_lint.config import Resolver
from funcpipe_lint.discover import Target, discover, is_match
from funcpipe_lint.model import Crash, FileReport, Settings, Violation
from funcpipe_lint.prefilter import Prefilter
from funcpipe_lint.source import Source, is_notebook, read_bytes
from funcpipe_lint.syntax import check_syntax

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from multiprocessing.context import BaseContext

    from funcpipe_lint.engine import Engine

# Below this many files that any rule could concern, a pool costs more than it saves.
_POOL_FROM = 100
# Up to this many files, each is parsed for its syntax even where no rule could speak of it.
_PARSE_ALL_UP_TO = 500
# A worker gets this many bytes of source at a time.
_CHUNK_BYTES = 400_000

Task = tuple[Settings, tuple[str, ...], bool]


class Run(NamedTuple):
    """What a run gave, in the order of paths, lines and columns."""

    files: int
    violations: tuple[Violation, ...]
    crashes: tuple[Crash, ...]
    suppressed: int = 0
    baselined: int = 0

    @property
    def exit_code(self) -> int:
        """0: clean; 1: violations; 2: something could not be checked."""
        return 2 if self.crashes else int(bool(self.violations))


def check(
    paths: Iterable[str],
    resolver: Resolver | None = None,
    *,
    executor: Executor | None = None,
    jobs: int = 0,
    noqa: bool = True,
) -> Run:
    """Check files and folders.

    `executor` is any `concurrent.futures.Executor`; without one, a process pool of `jobs` workers
    (0: one a core) is used where the run is large enough. What is found does not depend on it.
    Raises ConfigError where a configuration cannot be used; never for what a file holds.
    """
    targets, crashes = discover(paths, resolver or Resolver())
    reports = list(check_targets(targets, executor=executor, jobs=jobs, noqa=noqa))
    return gather(targets, reports, crashes)


def gather(targets: list[Target], reports: Iterable[FileReport], crashes: list[Crash]) -> Run:
    """The reports of single files as one run: per-file ignores applied, everything sorted."""
    configs = {target.path: target.config for target in targets}
    violations: list[Violation] = []
    crashes = list(crashes)
    suppressed = 0
    for report in reports:
        config = configs[report.path]
        ignored = [
            code
            for glob, codes in config.per_file_ignores
            if is_match(report.path, (glob,), config.root)
            for code in codes
        ]
        violations += [v for v in report.violations if not _is_ignored(v.code, ignored)]
        crashes += report.crashes
        suppressed += report.suppressed
    violations.sort(key=lambda v: v.order)
    crashes.sort(key=lambda c: (c.path, c.cell, c.line, c.column, c.message))
    return Run(len(targets), tuple(violations), tuple(crashes), suppressed)


def _is_ignored(code: str, ignored: list[str]) -> bool:
    return any(prefix == "ALL" or code.startswith(prefix) for prefix in ignored)


def check_targets(
    targets: list[Target], *, executor: Executor | None = None, jobs: int = 0, noqa: bool = True
) -> Iterator[FileReport]:
    """The report of each target, in no particular order."""
    parse_all = len(targets) <= _PARSE_ALL_UP_TO
    waiting: list[tuple[Target, int]] = []
    for target in targets:
        try:
            size = _size_if_it_matters(target, parse_all)
        except OSError as error:
            yield FileReport(target.path, crashes=(Crash(target.path, _reason(error)),))
            continue
        if size is None:
            yield FileReport(target.path)
        else:
            waiting.append((target, size))
    jobs = jobs or os.cpu_count() or 1
    if executor is None and (jobs == 1 or len(waiting) < _POOL_FROM):
        for target, _ in waiting:
            yield check_file(target.config.settings, target.path, noqa)
        return
    tasks = _chunks(waiting, noqa)
    if executor is not None:
        for reports in executor.map(check_files, tasks):
            yield from reports
    else:
        yield from _in_pool(tasks, jobs)


def _size_if_it_matters(target: Target, parse_all: bool) -> int | None:
    """The size of a file that has to be looked at; None for one that its bytes clear."""
    raw = read_bytes(target.path)
    is_wanted = parse_all or target.is_named or is_notebook(target.path)
    is_wanted = is_wanted or prefilter_for(target.config.settings).passes(raw)
    return len(raw) if is_wanted else None


def _chunks(waiting: list[tuple[Target, int]], noqa: bool) -> list[Task]:
    """Tasks of about equal size, the largest files first, so that no worker is left with one."""
    tasks: list[Task] = []
    by_settings: dict[Settings, list[tuple[str, int]]] = {}
    for target, size in waiting:
        by_settings.setdefault(target.config.settings, []).append((target.path, size))
    for settings, files in by_settings.items():
        chunk: list[str] = []
        weight = 0
        for path, size in sorted(files, key=lambda f: (-f[1], f[0])):
            chunk.append(path)
            weight += size
            if weight >= _CHUNK_BYTES:
                tasks.append((settings, tuple(chunk), noqa))
                chunk, weight = [], 0
        if chunk:
            tasks.append((settings, tuple(chunk), noqa))
    return tasks


def _in_pool(tasks: list[Task], jobs: int) -> Iterator[FileReport]:
    """Runs tasks in processes. Where a worker dies, its files run again one by one, each in a
    process of its own, so that only the file that kills is lost."""
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool

    lost: list[Task] = []
    with ProcessPoolExecutor(jobs, mp_context=_context()) as pool:
        running = {pool.submit(check_files, task): task for task in tasks}
        for future in as_completed(running):
            try:
                yield from future.result()
            except BrokenProcessPool:
                lost.append(running[future])
    for settings, paths, noqa in lost:
        for path in paths:
            with ProcessPoolExecutor(1, mp_context=_context()) as pool:
                try:
                    yield from pool.submit(check_files, (settings, (path,), noqa)).result()
                except BrokenProcessPool:
                    message = "could not be checked: the process that checked it was killed"
                    yield FileReport(path, crashes=(Crash(path, message),))


def _context() -> BaseContext:
    """Fork where that is safe (a spawned worker imports libcst again: 0.3 s each), else spawn."""
    import multiprocessing
    import threading

    can_fork = sys.platform == "linux" and threading.active_count() == 1
    return multiprocessing.get_context("fork" if can_fork else "spawn")


def check_files(task: Task) -> list[FileReport]:
    """What a worker does: plain values in, plain values out."""
    settings, paths, noqa = task
    return [check_file(settings, path, noqa) for path in paths]


def check_file(settings: Settings, path: str, noqa: bool = True) -> FileReport:
    """Reads and checks one file; an unreadable one is reported, not raised."""
    try:
        raw = read_bytes(path)
    except OSError as error:
        return FileReport(path, crashes=(Crash(path, _reason(error)),))
    if not is_notebook(path) and not prefilter_for(settings).passes(raw):
        return check_syntax(path, raw)
    return engine_for(settings, noqa).check(path, raw)


def check_text(path: str, text: str, resolver: Resolver, *, noqa: bool = True) -> FileReport:
    """Checks a text as if it were the content of a path (an editor's buffer, flake8's lines)."""
    target = Target(path, True, resolver.config_for(path))
    engine = engine_for(target.config.settings, noqa)
    report = engine.check_source(path, Source.of_text(text))
    run = gather([target], [report], [])
    return FileReport(path, run.violations, run.crashes, run.suppressed)


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "vanished before it was read"
    return f"cannot be read: {error.strerror or error}"


@lru_cache(maxsize=64)
def prefilter_for(settings: Settings) -> Prefilter:
    """The first screen for some settings: one a process."""
    return Prefilter(settings)


@lru_cache(maxsize=64)
def engine_for(settings: Settings, noqa: bool = True) -> Engine:
    """The engine for some settings: one a process."""
    from funcpipe_lint.engine import Engine

    return Engine(settings, noqa=noqa)


def fix(
    targets: list[Target], *, unsafe: bool, apply: Callable[[str, bytes, bytes], None] | None
) -> Iterator[tuple[FileReport, bool]]:
    """Fixes each target; yields what is left of it and whether it changed.

    `apply(path, before, after)` is called instead of writing, where given.
    """
    from funcpipe_lint.fix import fix_file

    for target in targets:
        report = check_file(target.config.settings, target.path)
        changed = False
        if any(v.fix and (v.fix.safe or unsafe) for v in report.violations):
            engine = engine_for(target.config.settings)
            try:
                outcome = fix_file(target.path, engine, unsafe=unsafe)
                changed = outcome.changed
                if changed and apply is not None:
                    apply(target.path, outcome.before, outcome.after)
                elif changed:
                    outcome.write()
                    report = engine.check(target.path, outcome.after)
            except OSError as error:
                crash = Crash(target.path, f"could not be fixed: {error.strerror or error}")
                report = report._replace(crashes=(*report.crashes, crash))
        yield report, changed

"""A whole run: the files, split over an executor, reported in one stable order."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from funcpipe_lint.config import Resolver
from funcpipe_lint.discover import Target, discover, is_match
from funcpipe_lint.model import Crash, FileReport, Settings, Violation
from funcpipe_lint.packages import package_of
from funcpipe_lint.prefilter import Prefilter
from funcpipe_lint.source import Source, is_notebook, read_bytes
from funcpipe_lint.syntax import check_syntax

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from multiprocessing.context import BaseContext

    from funcpipe_lint.cache import Cache, Shelf
    from funcpipe_lint.engine import Engine

# Up to this many files, those that no rule can speak of are read and parsed sooner than looked up.
_FEW = 20
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
    cache: Cache | None = None,
) -> Run:
    """Check files and folders.

    `executor` is any `concurrent.futures.Executor`; without one, a process pool of `jobs` workers
    (0: one a core) is used where the run is large enough. What is found depends neither on it nor
    on `cache`, the reports of unchanged files: `Cache(folder)`, or none.
    A configuration that cannot be used is among the crashes, as what a file holds is.
    """
    targets, crashes = discover(paths, resolver or Resolver())
    reports = list(check_targets(targets, executor=executor, jobs=jobs, noqa=noqa, cache=cache))
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
    targets: list[Target],
    *,
    executor: Executor | None = None,
    jobs: int = 0,
    noqa: bool = True,
    cache: Cache | None = None,
) -> Iterator[FileReport]:
    """The report of each target of which there is something to say, in no particular order.

    With a cache, what it knows is not checked again, and what is found out goes into it, also
    where the run is broken off.
    """
    package_of.cache_clear()
    thorough = len(targets) <= _PARSE_ALL_UP_TO
    if len(targets) <= _FEW:
        targets = yield from _cleared(targets)
    waiting: list[Waiting] = []
    for group in _by_config(targets):
        shelf = None
        if cache is not None:
            shelf = cache.shelf(group[0].config.settings, noqa, {t.folder for t in group})
        yield from _screened(group, thorough, shelf, waiting)
    if not waiting:
        if cache is not None:
            cache.write()
        return
    shelves = {each.target.path: each.shelf for each in waiting}
    try:
        for report in _checked(waiting, executor, jobs, noqa):
            shelf = shelves[report.path]
            if shelf is not None:
                shelf.checked(report)
            yield report
    finally:
        if cache is not None:
            cache.write()


class Waiting(NamedTuple):
    """A file that has to be checked, its size, and where its report is kept."""

    target: Target
    size: int
    shelf: Shelf | None


def _cleared(targets: list[Target]) -> Generator[FileReport, None, list[Target]]:
    """Reports the files of which no rule can speak; returns the others. For these few, asking a
    cache costs more than reading them."""
    rest = []
    for target in targets:
        try:
            raw = read_bytes(target.path)
        except OSError as error:
            yield _unread(target.path, error)
            continue
        if is_notebook(target.path) or prefilter_for(target.config.settings).passes(raw):
            rest.append(target)
        else:
            yield check_syntax(target.path, raw)
    return rest


def _by_config(targets: list[Target]) -> Iterable[list[Target]]:
    groups: dict[int, list[Target]] = {}
    for target in targets:
        groups.setdefault(id(target.config), []).append(target)
    return groups.values()


def _screened(
    group: list[Target], thorough: bool, shelf: Shelf | None, waiting: list[Waiting]
) -> Iterator[FileReport]:
    """Reports what is known of targets with one configuration, and what cannot be read; what has to
    be checked goes to `waiting`."""
    screen = prefilter_for(group[0].config.settings)
    for target in group:
        path = target.path
        is_wanted = thorough or target.is_named or is_notebook(path)
        if shelf is not None:
            report = shelf.known(path, thorough=is_wanted)
            if report is not None:
                if report.violations or report.suppressed:
                    yield report
                continue
        try:
            raw = read_bytes(path)
        except OSError as error:
            yield _unread(path, error)
            continue
        if is_wanted or screen.passes(raw):
            if shelf is not None:
                shelf.read(path, raw)
            waiting.append(Waiting(target, len(raw), shelf))
        elif shelf is not None:
            shelf.cleared(path)


def _checked(
    waiting: list[Waiting], executor: Executor | None, jobs: int, noqa: bool
) -> Iterator[FileReport]:
    jobs = jobs or os.cpu_count() or 1
    if executor is None and (jobs == 1 or len(waiting) < _POOL_FROM):
        for each in waiting:
            yield check_file(each.target.config.settings, each.target.path, noqa)
        return
    tasks = _chunks(waiting, noqa)
    if executor is not None:
        for reports in executor.map(check_files, tasks):
            yield from reports
    else:
        yield from _in_pool(tasks, jobs)


def _chunks(waiting: list[Waiting], noqa: bool) -> list[Task]:
    """Tasks of about equal size, the largest files first, so that no worker is left with one."""
    tasks: list[Task] = []
    by_settings: dict[Settings, list[tuple[str, int]]] = {}
    for target, size, _ in waiting:
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
        return _unread(path, error)
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


def _unread(path: str, error: OSError) -> FileReport:
    reason = f"cannot be read: {error.strerror or error}"
    if isinstance(error, FileNotFoundError):
        reason = "vanished before it was read"
    return FileReport(path, crashes=(Crash(path, reason),))


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

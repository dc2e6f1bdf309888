"""A whole run: the files, split over an executor, reported in one stable order."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from funcpipe_lint.check.budget import within_time
from funcpipe_lint.check.runs.waiting import LARGE, Waiting
from funcpipe_lint.check.single import (
    check_content,
    check_syntax_of,
    engine_for,
    failed,
    may_matter,
    unread,
)
from funcpipe_lint.config.discover import Target, discover, is_match
from funcpipe_lint.config.resolver import Resolver
from funcpipe_lint.config.settings import Config
from funcpipe_lint.model import Crash, FileReport, Violation
from funcpipe_lint.program.links import Dependency
from funcpipe_lint.read.interruption import end_if_interrupted
from funcpipe_lint.read.packages import forget
from funcpipe_lint.read.source import Source, is_notebook, read_bytes

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from funcpipe_lint.check.runs.cache import Cache, Shelf

# Up to this many files, those that no rule can speak of are read and parsed sooner than looked up.
_FEW = 20
# Up to this many files, each is parsed for its syntax even where no rule could speak of it.
_PARSE_ALL_UP_TO = 500


class Run(NamedTuple):
    """What a run gave, in the order of paths, lines and columns."""

    files: int
    violations: tuple[Violation, ...]
    crashes: tuple[Crash, ...]
    suppressed: int = 0
    baselined: int = 0
    unchecked: int = 0
    """How many of the files could not be checked: a crash says why."""

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
        ignored = _ignored(report.path, configs[report.path])
        violations += [v for v in report.violations if not v.is_among(ignored)]
        crashes += report.crashes
        suppressed += report.suppressed
    violations.sort(key=lambda v: v.order)
    crashes.sort(key=lambda c: (c.path, c.cell, c.line, c.column, c.message))
    unchecked = len(configs.keys() & {crash.path for crash in crashes})
    return Run(len(targets), tuple(violations), tuple(crashes), suppressed, unchecked=unchecked)


def _ignored(path: str, config: Config) -> list[str]:
    """The codes, or their first letters, that a configuration ignores for a file."""
    return [
        code
        for glob, codes in config.per_file_ignores
        if is_match(path, (glob,), config.root)
        for code in codes
    ]


def check_targets(
    targets: list[Target],
    *,
    executor: Executor | None = None,
    jobs: int = 0,
    noqa: bool = True,
    cache: Cache | None = None,
    step: Callable[[], object] = int,
) -> Iterator[FileReport]:
    """The report of each target of which there is something to say, in no particular order.

    With a cache, what it knows is not checked again, and what is found out goes into it, also
    where the run is broken off. `step` is called for each target that is done with.
    """
    forget()
    _refresh()
    thorough = len(targets) <= _PARSE_ALL_UP_TO
    if len(targets) <= _FEW:
        targets = yield from _cleared(targets)
    waiting = Waiting(executor, jobs)
    with closing(waiting):
        for group in _by_config(targets):
            shelf = None
            if cache is not None:
                shelf = cache.shelf(group[0].config.settings, noqa, {t.folder for t in group})
            yield from _screened(group, thorough, shelf, waiting, step)
        try:
            for report, shelf in waiting.checked(noqa):
                end_if_interrupted()
                if shelf is not None:
                    shelf.checked(report)
                step()
                yield report
        finally:
            if cache is not None:
                cache.write()


def _refresh() -> None:
    """What is known of other files may be of the run before."""
    modules = sys.modules.get("funcpipe_lint.program.modules")
    if modules is not None:
        modules.forget()


def _cleared(targets: list[Target]) -> Generator[FileReport, None, list[Target]]:
    """Reports the files of which no rule can speak; returns the others. For these few, asking a
    cache costs more than reading them."""
    rest = []
    for target in targets:
        try:
            raw = read_bytes(target.path)
        except OSError as error:
            yield unread(target.path, error)
            continue
        if may_matter(target.config.settings, target.path, raw):
            rest.append(target)
        else:
            yield check_syntax_of(target.config.settings, target.path, raw)
    return rest


def _by_config(targets: list[Target]) -> Iterable[list[Target]]:
    groups: dict[int, list[Target]] = {}
    for target in targets:
        groups.setdefault(id(target.config), []).append(target)
    return groups.values()


def _screened(
    group: list[Target],
    thorough: bool,
    shelf: Shelf | None,
    waiting: Waiting,
    step: Callable[[], object],
) -> Iterator[FileReport]:
    """Reports what is known of targets with one configuration, and what cannot be read; what has to
    be checked goes to `waiting`."""
    settings = group[0].config.settings
    facts = None if shelf is None else shelf.facts

    def is_current(dependencies: Iterable[Dependency]) -> bool:
        from funcpipe_lint.program import asked
        from funcpipe_lint.program.modules import modules_for

        try:
            modules = modules_for(settings, facts)
            return within_time(settings, lambda: asked.is_current(modules, dependencies))
        except Exception as error:  # a row of the cache of another shape, or out of time
            end_if_interrupted(error)
            return False

    for target in group:
        path = target.path
        is_wanted = thorough or target.is_named or is_notebook(path)
        if shelf is not None:
            report = shelf.known(path, thorough=is_wanted, is_current=is_current)
            if report is not None:
                step()
                if report.violations or report.suppressed:
                    yield report
                continue
        try:
            raw = read_bytes(path)
        except OSError as error:
            step()
            yield unread(path, error)
            continue
        if is_wanted or may_matter(settings, path, raw):
            try:
                waiting.add(target, raw, is_wanted, shelf)
            except BaseException as error:
                step()
                yield failed(path, error)
            continue
        step()
        if shelf is not None:
            shelf.cleared(path)


def check_text(path: str, text: str, resolver: Resolver, *, noqa: bool = True) -> FileReport:
    """Checks a text as if it were the content of a path (an editor's buffer, flake8's lines)."""
    target = Target(path, True, resolver.config_for(path))
    _refresh()
    engine = engine_for(target.config.settings, noqa)
    try:
        report = engine.check_source(path, Source.of_text(text))
    except BaseException as error:
        report = failed(path, error)
    run = gather([target], [report], [])
    return FileReport(path, run.violations, run.crashes, run.suppressed)


def fix(
    targets: list[Target],
    reports: Iterable[FileReport],
    *,
    unsafe: bool,
    noqa: bool = True,
    apply: Callable[[str, bytes, bytes], None] | None,
    tops: Sequence[str] | None = None,
) -> Iterator[tuple[FileReport, bool]]:
    """Fixes the files of which the reports say that there is something to fix; yields what is left
    of each and whether it changed. What its configuration ignores in a file stays as it is.

    `apply(path, before, after)` is called instead of writing, where given. With `tops`, a link that
    leads out of these files and folders is not followed.
    """
    from funcpipe_lint.check.fixing.writing import refuse_leading_out
    from funcpipe_lint.check.runs.workers import run_fix, run_fix_apart

    configs = {target.path: target.config for target in targets}
    for report in reports:
        path, config = report.path, configs[report.path]
        ignored = _ignored(path, config)
        wanted = [v for v in report.violations if not v.is_among(ignored)]
        if not any(v.fix and (v.fix.safe or unsafe) for v in wanted):
            yield report, False
            continue
        try:
            run = run_fix_apart if os.path.getsize(path) >= LARGE else run_fix
            outcome = run(config.settings, noqa, path, unsafe, ignored)
            if outcome.changed and apply is None:
                refuse_leading_out(path, tops)
                outcome.write()
        except OSError as error:
            crash = Crash(path, f"could not be fixed: {error.strerror or error}")
            yield report._replace(crashes=(*report.crashes, crash)), False
            continue
        except BaseException as error:
            crashes = failed(path, error, "could not be fixed").crashes
            yield report._replace(crashes=(*report.crashes, *crashes)), False
            continue
        if apply is None:
            report = check_content(config.settings, path, outcome.after, noqa)
        elif outcome.changed:
            apply(path, outcome.before, outcome.after)
        yield report, outcome.changed

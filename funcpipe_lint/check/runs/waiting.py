"""The files of a run that have to be checked, and what checks them: this process, or others."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from funcpipe_lint.check.budget import OverBudgetError, refuse_too_large, within_time
from funcpipe_lint.check.single import check_content
from funcpipe_lint.config.discover import Target
from funcpipe_lint.model import FileReport, Link, Settings
from funcpipe_lint.program.links import Links, may_link
from funcpipe_lint.read.source import is_notebook

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from funcpipe_lint.check.runs.cache import Shelf

# Below this many files that any rule could concern, a pool costs more than it saves.
_POOL_FROM = 100
# A file of this many bytes may take much time and memory: where it is checked by another process,
# that can be ended.
LARGE = 1_000_000


class Waiting:
    """The files that have to be checked, with their contents and where their reports are kept; and
    what checks them: an executor, or processes of this machine where there are enough files.

    These start as soon as there are: while the other files are read, they import what it takes.
    """

    def __init__(self, executor: Executor | None, jobs: int) -> None:
        self._executor = executor
        self._jobs = jobs or os.cpu_count() or 1
        self._pool: Executor | None = None
        self._contents: list[tuple[Settings, str, bytes, bool, tuple[Link, ...]]] = []
        self._shelves: dict[str, Shelf | None] = {}

    def add(self, target: Target, raw: bytes, is_syntax_due: bool, shelf: Shelf | None) -> None:
        """Puts a file among them. What it says of other files is looked up here and now, for where
        it is checked there may be none."""
        settings, path = target.config.settings, target.path
        links = Links()
        # The lines of a notebook's code are within JSON.
        if is_notebook(path) or may_link(raw, settings.rules):
            links = self._links(settings, path, raw, shelf)
        if shelf is not None:
            shelf.read(path, raw, links.dependencies)
        self._contents.append((settings, path, raw, is_syntax_due, links.links))
        self._shelves[target.path] = shelf
        is_pool_due = self._executor is None and self._jobs > 1
        if is_pool_due and len(self._contents) == _POOL_FROM:
            from funcpipe_lint.check.runs.workers import started

            self._pool = started(self._jobs)

    def _links(self, settings: Settings, path: str, raw: bytes, shelf: Shelf | None) -> Links:
        """What a file says of others; raises OverBudgetError."""
        from funcpipe_lint.program.linking import links_of
        from funcpipe_lint.program.modules import forget

        refuse_too_large(settings, raw)
        facts = None if shelf is None else shelf.facts
        try:
            return within_time(settings, lambda: links_of(settings, path, raw, facts))
        except OverBudgetError as error:
            forget()  # what was being read when time was up is not whole
            raise OverBudgetError(f"with what it imports, {error}") from error

    def checked(self, noqa: bool) -> Iterator[tuple[FileReport, Shelf | None]]:
        """The reports of all of them, and where each is kept."""
        for report in self._reports(noqa):
            yield report, self._shelves[report.path]

    def _reports(self, noqa: bool) -> Iterator[FileReport]:
        executor = self._executor or self._pool
        left = self._contents
        if executor is None and any(len(content[2]) >= LARGE for content in left):
            from funcpipe_lint.check.runs.workers import started

            self._pool = executor = started(1)
            small = [content for content in left if len(content[2]) < LARGE]
            left = [content for content in left if len(content[2]) >= LARGE]
            yield from _checked_here(small, noqa)
        if executor is None:
            yield from _checked_here(left, noqa)
        elif left:
            from funcpipe_lint.check.runs.workers import run_on, tasks_of

            yield from run_on(executor, tasks_of(left, noqa))

    def close(self) -> None:
        """Ends the processes; what they have not begun is left undone."""
        if self._pool is not None:
            # Not waited for, a pool that Ctrl-C broke now and then prints a traceback at the end:
            # the interpreter wakes its thread through a pipe that this is just closing.
            self._pool.shutdown(wait=True, cancel_futures=True)


def _checked_here(
    contents: Iterable[tuple[Settings, str, bytes, bool, tuple[Link, ...]]], noqa: bool
) -> Iterator[FileReport]:
    for settings, path, raw, is_due, links in contents:
        yield check_content(settings, path, raw, noqa, is_syntax_due=is_due, links=links)

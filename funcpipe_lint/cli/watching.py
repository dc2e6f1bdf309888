"""`check --watch`: a run whenever a file or a configuration has changed, until Ctrl-C."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

from funcpipe_lint.config.discover import discover
from funcpipe_lint.config.resolver import Resolver
from funcpipe_lint.config.settings import Config
from funcpipe_lint.model import ConfigError
from funcpipe_lint.model.visible import visible
from funcpipe_lint.read.interruption import end_if_interrupted, forget_interruption
from funcpipe_lint.read.source import Stamp, stamp_of

_POLL_SECONDS = 0.3
# Looking takes at most this part of a processor, however many files there are.
_SHARE = 0.1


class Seen(NamedTuple):
    """What a run would look at: when two are equal, it would say the same."""

    files: dict[str, Stamp | None]
    configs: tuple[Config, ...]
    problem: str

    def changed_since(self, before: Seen) -> list[str]:
        """The files that are new, gone or different."""
        every = {**before.files, **self.files}
        return [path for path in every if self.files.get(path) != before.files.get(path)]


def watch(paths: list[str], words: list[str], resolver: Callable[[], Resolver]) -> int:
    """Runs `words` now and after each change below the paths; returns at Ctrl-C.

    Each run is a process of its own: nothing that it knows is older than the files. `resolver`
    makes what finds configurations, anew for each look. The output is that of the runs, for
    programs as for people; what is said beside it goes to the standard error.
    """
    command = [sys.executable, "-m", "funcpipe_lint", *words]
    has_screen = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    gc.enable()  # unlike a run, this lasts
    seen = _look(paths, resolver)
    try:
        while True:
            if has_screen:
                sys.stdout.write("\x1b[H\x1b[2J")
                sys.stdout.flush()
                subprocess.run(command, check=False)
            else:  # written from here: where the reader has gone, this must end too
                done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
                sys.stdout.buffer.write(done.stdout)
                sys.stdout.flush()
            _say(f"Watching {_count(len(seen.files))}; Ctrl-C ends it.")
            before, seen = seen, _next_change(paths, resolver, seen)
            if not has_screen:
                _say(f"Changed: {', '.join(seen.changed_since(before)) or 'configuration'}")
    except KeyboardInterrupt:
        forget_interruption()
        print(file=sys.stderr)
        return 0


def _say(words: str) -> None:
    print(f"\n{visible(words)}", file=sys.stderr, flush=True)


def _count(files: int) -> str:
    return f"{files} file{'s' * (files != 1)}"


def _next_change(paths: list[str], resolver: Callable[[], Resolver], before: Seen) -> Seen:
    """Waits until something has changed, and then until nothing changes any more: an editor, or
    git, writes many files at a time."""
    last = before
    while True:
        end_if_interrupted()
        start = sum(os.times()[:4])
        seen = _look(paths, resolver)
        if seen == last != before:
            return seen
        last = seen
        time.sleep(max(_POLL_SECONDS, (sum(os.times()[:4]) - start) / _SHARE))


def _look(paths: list[str], resolver: Callable[[], Resolver]) -> Seen:
    try:
        targets, crashes = discover(paths, resolver())
    except ConfigError as error:
        return Seen({}, (), str(error))
    configs = {id(target.config): target.config for target in targets}
    files = {target.path: stamp_of(target.path) for target in targets}
    for config in configs.values():
        if config.baseline:
            file = os.path.join(config.root, config.baseline)
            files[file] = stamp_of(file)
    return Seen(files, tuple(configs.values()), "\n".join(crash.message for crash in crashes))

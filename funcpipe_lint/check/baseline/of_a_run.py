"""The baselines of a run: which violations they keep back, or what they record."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from funcpipe_lint.check.baseline import violations as baseline
from funcpipe_lint.check.runs.run import Run
from funcpipe_lint.check.source_lines import Texts
from funcpipe_lint.config.discover import Target
from funcpipe_lint.config.settings import Config
from funcpipe_lint.model import ConfigError, Crash, Violation


def without_recorded(
    options: argparse.Namespace, here: Config, targets: list[Target], run: Run, texts: Texts
) -> tuple[Run, int]:
    """The run without the violations of the baselines, and how many recorded ones are gone.

    Raises ConfigError for a baseline of the command line or of the current folder's configuration;
    one of another folder is among the run's crashes, and what it may hold is reported.
    """
    groups = _by_baseline(options, targets)
    if options.update_baseline and not groups:
        raise ConfigError(
            "--update-baseline needs a file: --baseline FILE, or `baseline` in the configuration"
        )
    apply = baseline.update if options.update_baseline else baseline.compare
    stale = 0
    unusable: list[Crash] = []
    violations: Sequence[Violation] = run.violations
    for file, group in groups.items():
        try:
            violations, gone = apply(Path(file), violations, _judged(options, group, run), texts)
        except ConfigError as error:
            if options.baseline or group[0].config.root == here.root:
                raise
            unusable.append(Crash(file, str(error)))
            continue
        stale += gone
    hidden = len(run.violations) - len(violations)
    crashes = (*run.crashes, *unusable)
    found = run._replace(violations=tuple(violations), crashes=crashes, baselined=hidden)
    return found, stale


def _by_baseline(options: argparse.Namespace, targets: list[Target]) -> dict[str, list[Target]]:
    groups: dict[str, list[Target]] = {}
    for target in targets:
        named = options.baseline or target.config.baseline
        if named:
            root = "" if options.baseline else target.config.root
            groups.setdefault(os.path.join(root, named), []).append(target)
    return groups


def _judged(options: argparse.Namespace, group: list[Target], run: Run) -> baseline.Judged:
    rules = {code for target in group for code in target.config.settings.rules}
    paths = {target.path for target in group} - {crash.path for crash in run.crashes}
    tops = [options.stdin_filename] if options.stdin_filename else options.paths
    if options.update_baseline and run.crashes:
        tops = []  # what could not be checked may be a recorded file under its new name
    return baseline.Judged(paths, rules, tops)

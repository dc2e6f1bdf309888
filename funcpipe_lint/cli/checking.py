"""The `check` command: files to findings to a report, an exit code, and fixes where asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from funcpipe_lint.cli.progress import Progress
from funcpipe_lint.cli.showing import (
    FOR_PEOPLE,
    Aside,
    show,
    show_errors,
    show_line,
    show_refused,
    show_statistics,
)
from funcpipe_lint.config.discover import Target, discover, is_left_out
from funcpipe_lint.config.resolver import Resolver
from funcpipe_lint.model import ConfigError
from funcpipe_lint.read.interruption import end_if_interrupted

if TYPE_CHECKING:
    import argparse
    from concurrent.futures import Executor
    from contextlib import AbstractContextManager

    from funcpipe_lint.check.runs.cache import Cache
    from funcpipe_lint.check.runs.run import Run
    from funcpipe_lint.check.source_lines import Texts
    from funcpipe_lint.config.settings import Config
    from funcpipe_lint.model import Crash, FileReport, Violation

# What puts today's violations on record.
_RECORDS = ("add_noqa", "update_baseline")


def check(options: argparse.Namespace) -> int:
    """Runs the command; returns its exit code. Raises ConfigError."""
    from funcpipe_lint.check.runs.run import gather
    from funcpipe_lint.check.source_lines import Texts

    if options.watch:
        return _watch(options)
    if options.stdin_filename or options.paths == ["-"]:
        return _check_stdin(options)
    if options.diff:
        _refuse(options, _RECORDS, "--diff writes nothing")
    if options.since:
        _refuse(options, ("update_baseline",), "--since does not look at every file")
    resolver = _resolver(options)
    here = resolver.config_for("")
    targets, crashes = discover(options.paths, resolver, force_exclude=options.force_exclude)
    targets, passed_by = _changed(options, targets)
    is_fixing = options.fix or options.unsafe_fixes or options.diff
    if options.fix is None and not is_fixing and here.fix:
        is_fixing = True
    unsafe = bool(options.unsafe_fixes) or (is_fixing and here.unsafe_fixes)
    fixed = 0
    reports = _reports(options, here, targets)
    if is_fixing:
        reports, fixed = _fix(options, targets, reports, unsafe)
    run = gather(targets, reports, crashes)
    if options.diff:
        show_errors(run)
        show_refused(resolver)
        return 2 if run.crashes else int(bool(fixed))
    texts = Texts()
    form = options.output_format or here.output_format or "text"
    is_for_people = form in FOR_PEOPLE and not options.statistics
    if options.add_noqa:
        kept, _ = _without_recorded(options, here, targets, run, texts)
        silenced, failed = _silence(kept, options.add_noqa, options.paths)
        if is_for_people and not options.quiet:
            print(f"Silenced {silenced} violation{'s' * (silenced != 1)}.")
        reports = _reports(options, here, targets)
        run, texts = gather(targets, reports, [*crashes, *failed]), Texts()
    run, stale = _without_recorded(options, here, targets, run, texts)
    aside = Aside(fixed, stale, options.since or "", passed_by)
    code = _shown(options, form, run, aside, texts)
    show_refused(resolver)
    if not options.quiet:
        _show_unasked(targets, run)
    return code


def _show_unasked(targets: list[Target], run: Run) -> None:
    """Says which of the rules that are selected by name had nothing to look at."""
    is_selecting = {"select", "extend-select", "profile"}
    if all(is_selecting.isdisjoint(target.config.given) for target in targets):
        return
    from funcpipe_lint.cli.counted import unasked

    for sentence in unasked(targets, (violation.code for violation in run.violations)):
        show_line(sentence)


def _changed(options: argparse.Namespace, targets: list[Target]) -> tuple[list[Target], int]:
    """Those of some files that `--since` asks for, and how many it does not."""
    if not options.since:
        return targets, 0
    from funcpipe_lint.config.changed import changed_since

    paths = changed_since(options.since)
    wanted = [target for target in targets if os.path.realpath(target.path) in paths]
    return wanted, len(targets) - len(wanted)


def _shown(options: argparse.Namespace, form: str, run: Run, aside: Aside, texts: Texts) -> int:
    """Shows a run; returns the exit code."""
    if options.statistics:
        show_statistics(run, form)
    else:
        show(run, form, quiet=options.quiet, aside=aside, texts=texts)
    if options.error_stale and aside.stale:
        some = f"{aside.stale} recorded violation{'s' * (aside.stale != 1)}"
        show_line(f"{some} of the baseline: mended; take out with --update-baseline")
        return run.exit_code or 1
    return run.exit_code


def _check_stdin(options: argparse.Namespace) -> int:
    """What an editor holds, as the content of a path: checked, not changed."""
    from funcpipe_lint.check.runs.run import gather
    from funcpipe_lint.check.single import check_content
    from funcpipe_lint.check.source_lines import Texts

    path = options.stdin_filename
    if path is None:
        raise ConfigError("standard input needs a name: --stdin-filename PATH")
    if options.paths not in (["."], ["-"]):
        raise ConfigError(f"--stdin-filename {path} takes the place of {options.paths[0]}")
    _refuse(options, (*_RECORDS, "fix", "unsafe_fixes", "diff"), "--stdin-filename writes nothing")
    _refuse(options, ("since",), "standard input has no history")
    resolver = _resolver(options)
    here = resolver.config_for("")
    raw = sys.stdin.buffer.read() if sys.stdin is not None else b""
    target = Target(path, True, resolver.config_for(path))
    targets = [] if options.force_exclude and is_left_out(path, resolver) else [target]
    noqa = not options.no_noqa
    reports = [check_content(each.config.settings, path, raw, noqa) for each in targets]
    run, texts = gather(targets, reports, []), Texts({path: raw})
    run, _ = _without_recorded(options, here, targets, run, texts)
    form = options.output_format or here.output_format or "text"
    code = _shown(options, form, run, Aside(), texts)
    show_refused(resolver)
    return code


def _watch(options: argparse.Namespace) -> int:
    from funcpipe_lint.cli.watching import watch

    _refuse(options, _RECORDS, "--watch runs many times")
    _refuse(options, ("stdin_filename",), "there is no file to watch")
    words = [word for word in options.words if word != "--watch"]
    return watch(options.paths, words, lambda: _resolver(options))


def _refuse(options: argparse.Namespace, unwanted: Sequence[str], reason: str) -> None:
    for option in unwanted:
        if getattr(options, option):
            raise ConfigError(f"{reason}: without --{option.replace('_', '-')}")


def _resolver(options: argparse.Namespace) -> Resolver:
    with_plugins = not options.no_plugins
    return Resolver(
        _overrides(options), options.config, options.isolated, with_plugins=with_plugins
    )


def _reports(options: argparse.Namespace, here: Config, targets: list[Target]) -> list[FileReport]:
    from funcpipe_lint.check.runs.run import check_targets

    cache = None if options.no_cache else _cache(options, here)
    with (
        _executor(options) as executor,
        Progress(len(targets), not (options.quiet or options.diff)) as progress,
    ):
        reports = check_targets(
            targets,
            executor=executor,
            jobs=options.jobs,
            noqa=not options.no_noqa,
            cache=cache,
            step=progress.step,
        )
        return list(reports)


def _cache(options: argparse.Namespace, here: Config) -> Cache | None:
    """The cache of the current folder's configuration, beside its file; None where a link leads
    away from there, which may have come with the files: nothing is written where it leads."""
    from funcpipe_lint.check.runs.cache import FOLDER, Cache

    if options.cache_dir:
        return Cache(options.cache_dir)
    named = os.path.expanduser(here.cache_dir) or FOLDER
    meant = os.path.normpath(os.path.join(os.path.realpath(here.root), named))
    is_here = os.path.isabs(named) or os.path.realpath(meant) == meant
    return Cache(os.path.join(here.root, named)) if is_here else None


def _executor(options: argparse.Namespace) -> AbstractContextManager[Executor | None]:
    if not options.executor:
        return nullcontext()
    from funcpipe_lint.check.runs.remote import connected

    return connected(options.executor)


def _silence(run: Run, reason: str, tops: Sequence[str]) -> tuple[int, list[Crash]]:
    """Silences the findings in their files; how many, and which files could not be changed. A file
    that has several names by links is changed once."""
    from funcpipe_lint.check.fixing.silence import silence_file
    from funcpipe_lint.check.fixing.writing import refuse_leading_out
    from funcpipe_lint.check.single import said
    from funcpipe_lint.model import Crash
    from funcpipe_lint.read.source import UndecodableError

    changed: set[tuple[int, int]] = set()
    by_path: dict[str, list[Violation]] = {}
    for violation in run.violations:
        by_path.setdefault(violation.path, []).append(violation)
    silenced, failed = 0, []
    for path, violations in by_path.items():
        try:
            found = os.stat(path)
            if (found.st_dev, found.st_ino) in changed:
                continue
            refuse_leading_out(path, tops)
            silenced += silence_file(path, violations, reason)
            found = os.stat(path)
            changed.add((found.st_dev, found.st_ino))
        except OSError as error:
            failed.append(Crash(path, f"could not be changed: {error.strerror or error}"))
        except UndecodableError as error:
            failed.append(Crash(path, f"could not be changed: {error}"))
        except Exception as error:
            end_if_interrupted(error)
            failed.append(Crash(path, f"could not be changed: {said(error)}"))
    return silenced, failed


def _without_recorded(
    options: argparse.Namespace, here: Config, targets: list[Target], run: Run, texts: Texts
) -> tuple[Run, int]:
    """The run without the violations of the baselines, and how many recorded ones are gone."""
    named = options.baseline or any(target.config.baseline for target in targets)
    if not named and not options.update_baseline:
        return run, 0
    from funcpipe_lint.check.baseline.of_a_run import without_recorded

    return without_recorded(options, here, targets, run, texts)


def _split(codes: str | None) -> list[str] | None:
    return None if codes is None else [code for code in codes.replace(",", " ").split() if code]


def _overrides(options: argparse.Namespace) -> dict[str, Any]:
    given = {
        "select": _split(options.select),
        "extend-select": _split(options.extend_select),
        "ignore": _split(options.ignore),
        "profile": options.profile,
        "discipline": options.discipline,
        "follow-imports": options.follow_imports,
        "python": options.python,
        "target-version": options.target_version,
        "extend-exclude": options.extend_exclude,
        "max-seconds": options.max_seconds,
        "max-memory": options.max_memory,
        "plugins": options.plugin,
    }
    return {key: value for key, value in given.items() if value is not None}


def _fix(
    options: argparse.Namespace, targets: list[Target], reports: list[FileReport], unsafe: bool
) -> tuple[list[FileReport], int]:
    from funcpipe_lint.check.runs.run import fix

    apply: Callable[[str, bytes, bytes], None] | None = None
    if options.diff:
        from funcpipe_lint.cli.report import diff

        apply = diff.show
    noqa = not options.no_noqa
    in_order = sorted(reports, key=lambda report: report.path)
    left = list(fix(targets, in_order, unsafe=unsafe, noqa=noqa, apply=apply, tops=options.paths))
    return [report for report, _ in left], sum(changed for _, changed in left)

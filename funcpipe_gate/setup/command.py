"""The `init` command: look, propose, run once, write on a yes."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from funcpipe_gate.config import FILE, Config, GateError, find, from_table
from funcpipe_gate.record import STAGES, GateReport
from funcpipe_gate.report.text import summary, wrapped
from funcpipe_gate.setup import propose
from funcpipe_gate.setup.look import look
from funcpipe_laws.report.write import place

NEXT = """\
Next: `funcpipe check` in your CI and as a pre-push hook (docs/ci.md shows both)."""


def init(options: argparse.Namespace) -> int:
    """Runs the command; returns its exit code. Raises GateError."""
    root = Path.cwd()
    found = find(root)
    if found is not None:
        raise GateError(f"{found} configures the gate already; edit it, or run `funcpipe check`")
    target = root / "pyproject.toml"
    if not target.is_file():
        target = root / FILE
    seen = look(root)
    print("\n".join(propose.told(seen)), end="\n\n")
    made = propose.propose(seen)
    report = _first_run(from_table(made.table, target, {}), options)
    _show_run(report)
    if report["interrupted"]:
        raise GateError("interrupted: nothing was written")
    propose.after(made, report)
    _show(made, target)
    if not options.yes and not _agreed():
        print("Nothing was written; `funcpipe init --yes` writes it.")
        return 0
    _write(made, target)
    print(NEXT)
    return 0


def _first_run(config: Config, options: argparse.Namespace) -> GateReport:
    from funcpipe_gate.running.gate import complete
    from funcpipe_gate.running.progress import Progress
    from funcpipe_gate.stages.job import Asked

    print("The first run:", flush=True)
    with tempfile.TemporaryDirectory(prefix="funcpipe-") as scratch:
        progress = Progress(not options.quiet)
        jobs = os.cpu_count() or 1
        return complete(
            config, Asked(Path(scratch)), stages=list(STAGES), jobs=jobs, progress=progress
        )


def _show_run(report: GateReport) -> None:
    for stage in report["stages"]:
        if stage["status"] != "skipped":
            count = len(stage["findings"])
            said = f"{count} finding{'s' * (count != 1)}" if count else "clean"
            text = stage["failures"][0] if stage["failures"] else said
            print("\n".join(wrapped(f"{stage['name']:<10} {text}", "  ", " " * 13)))
    print("\n".join(wrapped(summary(report), "  ")), end="\n\n")


def _show(made: propose.Proposal, target: Path) -> None:
    print(f"Proposed for {target.name}:\n")
    print(propose.render(made.table, header=target.name != FILE))
    files = ([propose.BASELINE] if made.has_baseline else []) + list(made.records)
    if files:
        print("With today's findings on record, so that only new ones will fail:")
        print("\n".join(f"  {name}" for name in files), end="\n\n")
    if made.left_out:
        print("Left out:")
        for line in made.left_out:
            print("\n".join(wrapped(line, "  ", "    ")))
        print()


def _agreed() -> bool:
    if not sys.stdin.isatty():
        return False
    try:
        return input("Write this? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _write(made: propose.Proposal, target: Path) -> None:
    """The records first: a table that names a file which is not there would fail."""
    if made.has_baseline:
        words = ["check", "-q", "--output-format", "concise", "--baseline", propose.BASELINE]
        done = subprocess.run(
            [sys.executable, "-m", "funcpipe_lint", *words, "--update-baseline", "--"]
            + made.table["paths"],
            capture_output=True,
            text=True,
            check=False,
        )
        if not (target.parent / propose.BASELINE).is_file():
            raise GateError(f"the baseline could not be written: {done.stderr.strip()[-200:]}")
    text = target.read_text("utf-8") if target.is_file() else ""
    table = propose.render(made.table, header=target.name != FILE)
    whole = f"{text.rstrip()}\n\n{table}" if text.strip() else table
    tomllib.loads(whole)
    for name, content in {**made.records, target.name: whole}.items():
        try:
            place(content, target.parent / name)
        except OSError as error:
            raise GateError(f"{name}: cannot be written: {error.strerror}") from None
        print(f"written: {name}")

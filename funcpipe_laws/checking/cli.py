"""`python -m funcpipe_laws`: check modules, replay a counterexample, list the laws.

Exit codes: 0 all laws hold (or are waived or not offered), 1 a law is broken, 2 could not run.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from funcpipe_laws import catalogue
from funcpipe_laws.checking.arguments import parser
from funcpipe_laws.checking.suite import unmatched_waivers
from funcpipe_laws.declared.config import Config, ConfigError, load
from funcpipe_laws.declared.instance import NotFound, StreamInstance
from funcpipe_laws.declared.known_failures import KnownFailures
from funcpipe_laws.declared.law import Law
from funcpipe_laws.declared.nearest import hint
from funcpipe_laws.finding.discover import Found, resolve, waived


class UsageError(Exception):
    """The command line cannot be carried out; the text is one line."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    arguments = parser().parse_args(argv)
    try:
        code = _COMMANDS[arguments.command](arguments)
    except (ConfigError, NotFound, UsageError) as exc:
        print(f"funcpipe_laws: {exc}", file=sys.stderr)
        return 2
    return code


def _check(arguments: argparse.Namespace) -> int:
    from funcpipe_laws.checking import demands
    from funcpipe_laws.checking.check import check
    from funcpipe_laws.report import causes, record, text, write

    failed = False
    checked = []
    project = load(Path.cwd())
    laws = _select(arguments.law)
    # All of the command line first: a typo at its end must not cost the time of the checks.
    for path in arguments.report:
        problem = write.check_path(path)
        if problem:
            raise UsageError(f"--report {problem}")
    targets = _targets(arguments, project)
    required = [name.strip() for name in arguments.require.split(",")]
    demands.check_demands(targets, filter(None, required))
    profile = arguments.profile or project.profile
    for found in targets:
        target, instance = found.target, found.instance
        print("\n".join(demands.listing([found])))
        applicable = [law for law in catalogue.laws(instance.kind) if law in laws]
        _say_what_does_not_apply(arguments.law, instance, applicable)
        if demands.is_strict(arguments.strict, profile) and demands.unchecked(found):
            failed = True
            print("not everything is checked (see above): name it, or --no-strict")
        verdicts = check(instance, applicable, profile=profile)
        for verdict in verdicts:
            if verdict.failed:
                print(f"\n{text.failure(verdict, target=target)}")
                failed = True
        records = [record.law_record(verdict, target) for verdict in verdicts]
        print(f"\n{text.table(verdicts)}")
        notes = demands.notes(found)
        for line in causes.summary(records, notes):
            print(f"  {line}")
        checked.append(record.Checked(target, instance.name, found.mapping, records, notes))
    options = [f"profile {arguments.profile or project.profile}"]
    for path in arguments.report:
        try:
            write.write(record.conformance(checked, options), path)
        except OSError as exc:
            raise UsageError(f"--report {path}: {exc.strerror}") from None
    return int(failed)


def _say_what_does_not_apply(
    wanted: Sequence[str], instance: StreamInstance, applicable: Sequence[Law]
) -> None:
    there = {name for law in applicable for name in (law.id, law.slug, law.family)}
    for name in wanted:
        if name not in there:
            print(f"{name} does not apply to descriptions of the kind {instance.kind!r}")


def _targets(arguments: argparse.Namespace, project: Config) -> list[Found]:
    """What is to be checked, known failures waived; all resolved before anything is run."""
    targets = arguments.targets or project.modules
    if not targets:
        raise UsageError("name a module, or list modules in [tool.funcpipe-laws] of pyproject.toml")
    found = [one for target in targets for one in resolve(target)]
    for line in (line for one in found for line in unmatched_waivers(one.instance)):
        print(f"warning: {line}", file=sys.stderr)
    path = arguments.known_failures or project.known_failures
    if path is None:
        return found
    known = KnownFailures.read(path)
    names = [name for law in catalogue.laws() for name in (law.id, law.slug)]
    for line in known.unmatched((one.target for one in found), names):
        print(f"warning: {line}", file=sys.stderr)
    return [waived(one, known.waivers(one.target)) for one in found]


def _select(wanted: Sequence[str]) -> list[Law]:
    chosen = [
        law
        for law in catalogue.laws()
        if not wanted or {law.id, law.slug, law.family} & set(wanted)
    ]
    known = {name for law in chosen for name in (law.id, law.slug, law.family)}
    for name in wanted:
        if name not in known:
            every = (n for law in catalogue.laws() for n in (law.id, law.slug, law.family))
            near = hint(name, every)
            near = near if near.startswith("did") else "python -m funcpipe_laws list names them"
            raise UsageError(f"no law is called {name!r}; {near}")
    return chosen


def _replay(arguments: argparse.Namespace) -> int:
    from funcpipe_laws.checking.replay import confirms, replay
    from funcpipe_laws.declared.law import Broken, Counterexample, Verdict
    from funcpipe_laws.experiments.inputs import parse
    from funcpipe_laws.report import text
    from funcpipe_laws.simulation.schedule import Schedule

    wanted = arguments.law
    law = next((law for law in catalogue.laws() if wanted in (law.id, law.slug)), None)
    if law is None:
        raise UsageError(f"no law is called {wanted!r}; python -m funcpipe_laws list names them")
    instance = _instance_of(arguments.target)
    try:
        inputs = parse(arguments.inputs)
        schedule = Schedule.parse(arguments.schedule)
    except ValueError as exc:
        raise UsageError(str(exc)) from None
    if set(inputs) != set(law.inputs):
        raise UsageError(
            f"{law} takes {', '.join(law.inputs)}, not {', '.join(inputs) or 'nothing'}"
        )
    try:
        replay(law, instance, inputs, schedule, stock=arguments.stock)
    except Broken as exc:
        picks = tuple(schedule.picks)
        confirmed = arguments.stock or confirms(law, instance, exc.reason, inputs, picks)
        found = Counterexample(exc.reason, inputs, picks, exc.sides, confirmed)
        verdict = Verdict(law, instance.name, "broken", exc.reason, counterexample=found)
        print(text.failure(verdict, target=arguments.target))
        return 1
    print(f"{law} holds for these inputs and this schedule")
    return 0


def _instance_of(target: str) -> StreamInstance:
    """What a failure named: `module`, `module:NAME`, or `file.py:NAME` of a test file."""
    path, _, name = target.rpartition(":")
    if not path.endswith(".py"):
        return resolve(target)[0].instance
    file = Path(path)
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if not file.is_file() or spec is None or spec.loader is None:
        raise NotFound(f"there is no file {path} below {Path.cwd()}")
    # As pytest does it: what lies beside the test file, or below the working folder, is found.
    sys.path[:0] = [str(file.parent.absolute()), str(Path.cwd())]
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    try:
        spec.loader.exec_module(module)
    except Exception as exc:
        raise NotFound(f"{path} does not import: {type(exc).__name__}: {exc}") from None
    instance = getattr(module, name, None)
    if not isinstance(instance, StreamInstance):
        raise NotFound(f"{path} has no StreamInstance {name!r}")
    return instance


def _init(arguments: argparse.Namespace) -> int:
    from funcpipe_laws.finding.scaffold import scaffold, write

    found = resolve(arguments.target)
    if arguments.file is None:
        print(scaffold(found), end="")
        return 0
    write(found, arguments.file)
    print(f"written: {arguments.file}")
    return 0


def _list(arguments: argparse.Namespace) -> int:
    for law in catalogue.laws():
        policy = f"  [policy: {law.policy}]" if law.policy else ""
        print(f"{law}{policy}\n    {law.words}\n    {law.symbols}")
    return 0


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "check": _check,
    "replay": _replay,
    "init": _init,
    "list": _list,
}

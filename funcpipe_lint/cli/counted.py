"""Whether a file counts as a module of Results, in words; and which selected rules had none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from funcpipe_lint.check.single import prefilter_for
from funcpipe_lint.config.discover import Target
from funcpipe_lint.config.settings import Config
from funcpipe_lint.model import Scope, Settings
from funcpipe_lint.model.codes import entry
from funcpipe_lint.read.interruption import end_if_interrupted
from funcpipe_lint.read.source import Source, is_notebook, read_bytes


class Counted(NamedTuple):
    """Whether a file is a module of Results, and why."""

    is_module: bool
    reason: str


def counts(path: str, settings: Settings) -> Counted | None:
    """Whether a file counts as a module of Results; None where it cannot be read as Python."""
    if settings.discipline != "auto":
        return Counted(settings.discipline == "all", f"discipline is '{settings.discipline}'")
    if is_notebook(path):
        return None
    try:
        raw = read_bytes(path)
        if not prefilter_for(settings).may_hold_results(raw):
            return _NONE
        return _by_evidence(path, Source.decode(raw).text, settings)
    except Exception as error:  # a check of the file says what is wrong
        end_if_interrupted(error)
        return None


_NONE = Counted(
    False,
    "no function is annotated to return a stream of Results, and no name of a configured Result "
    "library is used",
)


def _by_evidence(path: str, text: str, settings: Settings) -> Counted:
    from funcpipe_lint.read.packages import module_name
    from funcpipe_lint.read.syntax import libcst_module
    from funcpipe_lint.rule import Context
    from funcpipe_lint.rule.opting import evidence
    from funcpipe_lint.rule.tree import Tree

    name, is_package = module_name(path)
    ctx = Context(Tree(libcst_module(text), text), settings, path, name, is_package)
    found = evidence(ctx.tree, ctx.names, ctx.annotations, settings)
    if found is None:
        return _NONE
    return Counted(True, f"line {ctx.line(found)} uses '{ctx.text(found)}'")


def unasked(targets: Iterable[Target], reported: Iterable[str]) -> Iterator[str]:
    """For each configuration in use, which rules it names that had nothing to look at, and why;
    `reported` are the codes that found something."""
    groups: dict[int, list[Target]] = {}
    for target in targets:
        groups.setdefault(id(target.config), []).append(target)
    told = set()
    for group in groups.values():
        for sentence in _unasked_in(group, frozenset(reported)):
            if sentence not in told:
                told.add(sentence)
                yield sentence


def _unasked_in(group: list[Target], reported: frozenset[str]) -> Iterator[str]:
    config = group[0].config
    settings = config.settings
    named = _named(config)
    if "FP103" in named and not settings.shell:
        yield "FP103 checks nothing: `shell` does not say where streams may be driven"
    bound = [code for code in named if _is_bound(code, settings)]
    if not bound or not reported.isdisjoint(bound) or settings.discipline == "all":
        return
    if settings.discipline == "off":
        reason = "discipline is 'off'"
    elif any((found := counts(t.path, settings)) and found.is_module for t in group):
        return
    else:
        files = f"none of the {len(group)} files" if len(group) > 1 else f"{group[0].path} does not"
        verb = "counts" if len(group) > 1 else "count"
        reason = f"{files} {verb} as a module of Results; `funcpipe-lint config FILE` says by what"
    yield f"{', '.join(bound)} checked nothing: {reason}"


def _named(config: Config) -> list[str]:
    """The codes that a configuration selects itself, one by one, by a prefix or by the profile of
    the invariants."""
    given = [config.given[key][0] for key in ("select", "extend-select") if key in config.given]
    prefixes = [prefix.strip().upper() for codes in given for prefix in codes]
    is_profile = config.given.get("profile", ("", ""))[0] == "invariants"
    return [
        code
        for code in config.settings.rules
        if is_profile or any(code.startswith(prefix) for prefix in prefixes)
    ]


def _is_bound(code: str, settings: Settings) -> bool:
    """Whether a rule looks at modules of Results alone."""
    rule = entry(code)
    return rule is not None and rule.scope is Scope.RESULT and code not in settings.everywhere

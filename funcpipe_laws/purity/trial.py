"""One builder, built under watch with arguments from its annotations."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

from funcpipe_laws.declared.instance import NotFound
from funcpipe_laws.finding.importing import import_named
from funcpipe_laws.purity.arguments import PortUsed, Unbuildable, for_builder, for_type, strategies
from funcpipe_laws.purity.construction import observe
from funcpipe_laws.purity.examples import OF_TYPES, arguments_of
from funcpipe_laws.purity.watcher import EffectPrevented, Impurity

Verdict = Literal["pure", "impure", "not tried"]
EXAMPLES = 10
"""Sets of arguments that a builder is built with, each of them twice."""


@dataclass
class Trial:
    """What came of one builder."""

    verdict: Verdict = "not tried"
    effects: list[str] = field(default_factory=list)
    """What it did besides building, each with its place."""
    built: int = 0
    """How many sets of arguments it was built with."""
    reason: str = ""
    """Why it was not tried."""
    factory: str = ""
    """What would make it possible."""


def warm_up() -> None:
    """Make a text: the first one takes a second, which no builder is to be blamed for."""

    @settings(max_examples=1, database=None, deadline=None, phases=[Phase.generate])
    @given(st.text())
    def make(text: str) -> None:
        """Nothing but that."""

    make()


def tried(name: str) -> Trial:
    """Build `module:function` with some arguments, and see what that does besides."""
    trial, builder = Trial(), None
    try:
        builder, owner = _resolve(name)
        if arguments_of(name) is not None:
            _build_by_example(builder, owner, name, trial)
        else:
            _build_by_types(builder, owner, name, trial)
    except Unbuildable as exc:
        trial.reason, trial.factory = exc.reason, exc.factory
    except HypothesisException as exc:
        trial.reason = trial.reason or f"its arguments cannot be made: {_line(exc)}"
    if trial.effects:
        trial.verdict = "impure"
    elif trial.built:
        trial.verdict = "pure"
    elif not trial.factory and builder is not None:
        trial.factory = for_builder(name, _names(builder))
    if trial.verdict != "not tried":
        trial.reason = trial.factory = ""
    return trial


def _resolve(name: str) -> tuple[Callable[..., Any], type | None]:
    """The function, and the class whose instance it takes first, if it does."""
    module_name, _, qualname = name.partition(":")
    try:
        found: Any = import_named(module_name, module_name)
    except NotFound as exc:
        raise Unbuildable(str(exc), "") from None
    owner: Any = None
    for part in qualname.split("."):
        owner, found = found, inspect.getattr_static(found, part, None)
        if found is None:
            raise Unbuildable(f"{module_name} has no {qualname} at run time", "")
    if not isinstance(owner, type):
        return found, None
    if isinstance(found, staticmethod | classmethod):
        return getattr(owner, qualname.rpartition(".")[2]), None
    if isinstance(found, property):
        found = found.fget
    if not inspect.isfunction(found):
        raise Unbuildable(f"it is a {type(found).__name__}, not a method that can be called", "")
    return found, owner


def _build_by_example(
    builder: Callable[..., Any], owner: type | None, name: str, trial: Trial
) -> None:
    for _ in range(EXAMPLES):
        made = arguments_of(name)
        assert made is not None
        positional, named = made
        if owner is not None:
            # The instance comes first.
            _build(builder.__get__(positional[0]), positional[1:], named, trial)
        else:
            _build(builder, positional, named, trial)


def _build_by_types(
    builder: Callable[..., Any], owner: type | None, name: str, trial: Trial
) -> None:
    callee = builder if owner is None else builder.__get__(object())
    made = strategies(callee, name)
    instances = st.none() if owner is None else _instances(owner)
    parameters = inspect.signature(callee).parameters.values()
    positional = [p.name for p in parameters if p.kind is p.POSITIONAL_ONLY and p.name in made]

    @settings(
        max_examples=EXAMPLES if made else 1,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(_together({_INSTANCE: instances, **made}, trial))
    def build(arguments: dict[str, Any]) -> None:
        instance = arguments.pop(_INSTANCE)
        args = tuple(arguments.pop(name) for name in positional)
        bound = builder if owner is None else builder.__get__(instance)
        _build(bound, args, arguments, trial)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        build()


_INSTANCE = " instance"
"""No parameter is called this."""


def _instances(owner: type) -> st.SearchStrategy[Any]:
    """Instances of a builder's class, made under watch: a constructor may act as well."""
    if owner in OF_TYPES:
        return st.builds(OF_TYPES[owner])

    def make(arguments: dict[str, Any]) -> Any:
        seen = observe(owner, prevents=True, **arguments)
        if seen.impurities:
            acts = _told(seen.impurities[0])
            raise Unbuildable(f"making a {owner.__qualname__} acts: {acts}", for_type(owner))
        if seen.exception is not None:
            raise seen.exception
        return seen.built

    try:
        return st.fixed_dictionaries(strategies(owner, "")).map(make)
    except Unbuildable as exc:
        reason = f"nothing makes a {owner.__qualname__}: {exc.reason}"
        raise Unbuildable(reason, for_type(owner)) from None


@st.composite
def _together(
    draw: st.DrawFn, made: dict[str, st.SearchStrategy[Any]], trial: Trial
) -> dict[str, Any]:
    """All arguments; a set of which one refuses its own parts is left out."""
    try:
        return {name: draw(one) for name, one in made.items()}
    except (HypothesisException, Unbuildable):
        raise
    except Exception as exc:
        trial.reason = f"its arguments cannot be made: {_line(exc)}"
        reject()


def _line(exc: BaseException) -> str:
    return f"{type(exc).__name__}: {' '.join(str(exc).split())}"


def _names(builder: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(builder).parameters.values()
    return [p.name for p in parameters if p.default is p.empty and p.name != "self"]


def _build(
    builder: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any], trial: Trial
) -> None:
    try:
        seen = observe(builder, *args, prevents=True, **named)
    except SystemExit as exc:
        _add(trial, f"ended the process: SystemExit: {exc.code}")
        return
    for impurity in seen.impurities:
        _add(trial, _told(impurity))
    if seen.exception is None:
        trial.built += 1
    elif isinstance(seen.exception, PortUsed):
        if not seen.impurities:
            _add(trial, str(seen.exception))
    elif isinstance(seen.exception, Unbuildable):
        trial.reason, trial.factory = seen.exception.reason, seen.exception.factory
    elif not isinstance(seen.exception, EffectPrevented):
        trial.reason = f"it raises for each of its arguments: {_line(seen.exception)}"


def _told(impurity: Impurity) -> str:
    return " ".join(str(impurity).split("\n")[0].split())


def _add(trial: Trial, effect: str) -> None:
    # One a place: with other arguments, the same line opens another file.
    if _without_details(effect) not in map(_without_details, trial.effects):
        trial.effects.append(effect)


def _without_details(effect: str) -> tuple[str, str]:
    """What kind of effect it is, and where."""
    return effect.partition(":")[0], effect.rpartition(", in ")[2]

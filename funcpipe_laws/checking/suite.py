"""One test a law: what `pytest --laws` collects, and the decorator for your own test function."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any

from funcpipe_laws.declared.instance import StreamInstance
from funcpipe_laws.declared.law import Law, Verdict
from funcpipe_laws.declared.nearest import hint
from funcpipe_laws.declared.offers import Operator
from funcpipe_laws.declared.profile import DEFAULT, PROFILES, Budget
from funcpipe_laws.simulation.loops.tasks import shown
from funcpipe_laws.simulation.schedule import Schedule


class BoundLaw:
    """One law to be checked on one instance; `target` names the instance for a replay.

    `budget` is the time that it shares with the other laws of its suite.
    """

    def __init__(
        self,
        law: Law,
        instance: StreamInstance,
        *,
        target: str = "",
        profile: str | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.law, self.instance, self.target = law, instance, target
        self.profile = profile
        self.budget = budget
        self.schedule: Schedule | None = None
        self.verdict: Verdict | None = None

    @property
    def name(self) -> str:
        """The id and slug as one word, for test ids and `-k`."""
        return f"{self.law.id}-{self.law.slug}"

    def check(self) -> Verdict:
        """Search, and end the running test by the verdict: fail, skip or xfail, or go on."""
        import pytest

        from funcpipe_laws.checking.check import check_law
        from funcpipe_laws.report.text import failure

        verdict = check_law(
            self.law,
            self.instance,
            profile=self.profile or DEFAULT,
            schedule=self.schedule,
            budget=self.budget,
        )
        self.verdict = verdict
        if verdict.failed:
            pytest.fail(failure(verdict, target=self.target), pytrace=False)
        if verdict.status == "not offered":
            pytest.skip(f"not offered: {verdict.reason}")
        if verdict.status == "waived":
            pytest.xfail(verdict.reason)
        return verdict


def bind(instance: StreamInstance, target: str, profile: str | None = None) -> list[BoundLaw]:
    """Every law that makes sense for the instance's kind."""
    from funcpipe_laws.catalogue import laws as every

    chosen = every(instance.kind)
    budget = Budget(len(chosen))
    return [
        BoundLaw(law, instance, target=target, profile=profile, budget=budget) for law in chosen
    ]


def refuse_unknown_waivers(instance: StreamInstance) -> None:
    """Raise `ValueError` for a waiver that names no law at all, with the nearest one."""
    from funcpipe_laws.catalogue import laws as every

    known = {name for law in every() for name in (law.id, law.slug)}
    for name in instance.waivers:
        if name not in known:
            raise ValueError(
                f"{instance.name}: waivers[{name!r}] is no law; {_nearest_law(name, known)}"
            )


def _nearest_law(name: str, known: set[str]) -> str:
    text = hint(name, known)
    return text if text.startswith("did") else "python -m funcpipe_laws list names them"


def unmatched_waivers(instance: StreamInstance) -> list[str]:
    """A line for each waiver of a law that does not apply to the instance's kind."""
    from funcpipe_laws.catalogue import unmatched

    names = unmatched(instance.waivers, instance.kind)
    return [
        f"{instance.name}: waivers[{name!r}] does not apply to descriptions of the kind"
        f" {instance.kind!r}"
        for name in names
    ]


def laws(
    instance: StreamInstance | None = None,
    *,
    pipeline: Callable[..., Any] | Operator | None = None,
    profile: str | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Parametrize a test function over all laws that apply.

    `pipeline` is a function from a source, or from several, to a stream, in place of an instance:
    `@laws(pipeline=lambda source: embed(clean(source)))`. Raises `TypeError` without either.

    The function takes a parameter `law`, and fixtures if it likes. The law is checked before its
    body runs, so the body may be empty. `profile` overrides `--laws-profile`.

        @laws(MY_STREAMS)
        def test_streams(law): ...
    """

    if pipeline is not None and instance is None:
        operator = pipeline if isinstance(pipeline, Operator) else Operator(pipeline)
        instance = StreamInstance(name="the pipeline", operators={"pipeline": operator})
    elif instance is None or pipeline is not None:
        raise TypeError("laws() takes a StreamInstance or pipeline=, one of them")
    if not isinstance(instance, StreamInstance):
        raise TypeError(f"laws({instance!r}): not a StreamInstance; laws(pipeline=...) takes it")
    checked = instance
    if profile is not None and profile not in PROFILES:
        raise ValueError(f"profile={profile!r}: {hint(profile, PROFILES)}")

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        import pytest

        @wraps(function)
        def test(*args: Any, law: BoundLaw, **fixtures: Any) -> None:
            law.check()
            function(*args, law=law, **fixtures)

        target = _target_of(checked, function)
        refuse_unknown_waivers(checked)
        for problem in unmatched_waivers(checked):
            warnings.warn(problem, stacklevel=2)
        cases = [pytest.param(law, id=law.name) for law in bind(checked, target, profile)]
        parametrized: Callable[..., Any] = pytest.mark.parametrize("law", cases)(test)
        return parametrized

    return decorate


def _target_of(instance: StreamInstance, function: Callable[..., Any]) -> str:
    """How a replay finds the instance: `file.py:NAME`, from where Python was started.

    Not the module's name: that of a test depends on how pytest imports it. Empty if the test's
    module has no name for the instance.
    """
    names = [name for name, value in function.__globals__.items() if value is instance]
    file = function.__globals__.get("__file__")
    if not names:
        return ""
    return f"{shown(file) if file else function.__module__}:{names[0]}"

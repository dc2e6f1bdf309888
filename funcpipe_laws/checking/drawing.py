"""How Hypothesis draws the inputs of a law's experiments, and shrinks those that fail."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.database import ExampleDatabase

from funcpipe_laws.declared.instance import StreamInstance
from funcpipe_laws.declared.law import Law
from funcpipe_laws.experiments.strategies import INPUTS
from funcpipe_laws.experiments.turns import EACH

Draw: TypeAlias = Callable[[int, int], int]
"""Answers an int between two, both included."""
Experiment: TypeAlias = Callable[[Draw, dict[str, Any]], None]

_PHASES = {
    "generate": (Phase.generate,),
    "shrink": (Phase.generate, Phase.shrink),
    "remembered": (Phase.explicit, Phase.reuse, Phase.shrink),
}


class Inputs:
    """The inputs of one law on one instance, for as many searches as it takes.

    With `remember`, Hypothesis' database (that of the user's own settings) keeps what failed, and
    each search differs from the last; without, the same searches draw the same inputs.
    """

    def __init__(self, law: Law, instance: StreamInstance, *, remember: bool) -> None:
        self.law, self.instance, self.remember = law, instance, remember
        self.database: ExampleDatabase | None = None
        if remember and settings.default is not None:
            self.database = settings.default.database
        self.drawn = [name for name in law.inputs if name not in EACH]

    def seed(self, number: int) -> int:
        """Of the law's search of this number."""
        return zlib.crc32(self.law.id.encode()) + number

    def search(
        self,
        experiment: Experiment,
        *,
        examples: int,
        number: int,
        phases: Literal["generate", "shrink", "remembered"] = "generate",
        key: Mapping[str, Any] | None = None,
    ) -> None:
        """Call the experiment with drawn inputs, so many times; raises what it raises.

        It is given a function too that draws an int, for what it decides on its way: with "shrink"
        in `phases`, what fails is made smaller. `key` tells apart what the database keeps.
        """

        if not self.drawn and phases == "generate":
            self._without_inputs(experiment, examples, number)
            return

        def one(data: st.DataObject, inputs: dict[str, Any]) -> None:
            # Not data.draw: what it does besides, for its report, takes longer than a run.
            experiment(data.conjecture_data.draw_integer, inputs)

        # What Hypothesis remembers is filed under the function's name and source.
        one.__qualname__ = f"{self.law} on {self.instance.name} {dict(key or {})}"
        if not self.remember:
            # For its database, Hypothesis tokenizes the source of what it runs; here there is none.
            one.__code__ = one.__code__.replace(co_filename="<an experiment>")
        strategies = st.fixed_dictionaries({n: INPUTS[n](self.instance) for n in self.drawn})
        configured = settings(
            max_examples=examples,
            phases=_PHASES[phases],
            deadline=None,
            database=self.database,
            verbosity=Verbosity.quiet,
            print_blob=False,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )
        searching = configured(given(st.data(), strategies)(one))
        if not self.remember:
            searching = seed(self.seed(number))(searching)
        searching()

    def _without_inputs(self, experiment: Experiment, examples: int, number: int) -> None:
        """There is nothing for Hypothesis to draw but what is decided, the plainest first."""
        draw = random.Random(None if self.remember else self.seed(number)).randint
        experiment(lambda least, most: least, {})
        for _ in range(examples - 1):
            experiment(draw, {})

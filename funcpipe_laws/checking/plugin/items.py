"""Laws as pytest's tests: one item a law."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from funcpipe_laws.checking.suite import BoundLaw
    from funcpipe_laws.finding.discover import Found


class LawSuite(pytest.Collector):
    """The laws on one instance."""

    found: Found
    strict: bool

    def collect(self) -> Iterable[pytest.Item]:
        """One item a law; the first one, if that is demanded, says what is not checked."""
        from funcpipe_laws.checking.suite import bind

        if self.strict and self.found.sightings:
            everything: EverythingItem = EverythingItem.from_parent(self, name="everything-checked")
            everything.found = self.found
            yield everything

        for bound in bind(self.found.instance, self.name):
            item: LawItem = LawItem.from_parent(self, name=bound.name)
            item.bound = bound
            yield item


class EverythingItem(pytest.Item):
    """That every function which looks like one on streams is checked."""

    found: Found

    def runtest(self) -> None:
        """Fail with a line for each that is not."""
        from funcpipe_laws.checking.demands import unchecked

        lines = unchecked(self.found)
        if lines:
            text = "\n  ".join([f"not checked in {self.found.target}:", *lines])
            pytest.fail(f"{text}\n  or --laws-strict=no", pytrace=False)

    def reportinfo(self) -> tuple[Any, None, str]:
        """Where the terminal says it is."""
        return self.path, None, f"everything of {self.found.target} is checked"


class LawItem(pytest.Item):
    """One law on one instance."""

    bound: BoundLaw

    def runtest(self) -> None:
        """Check it."""
        self.bound.check()

    def reportinfo(self) -> tuple[Any, None, str]:
        """Where the terminal says it is."""
        # Not the end of the node id: pytest would write its dots as colons.
        return self.path, None, f"{self.bound.law} on {self.bound.instance.name}"


def bound_law(item: pytest.Item) -> BoundLaw | None:
    """The law that an item checks, whichever way it was collected."""
    if isinstance(item, LawItem):
        return item.bound
    if isinstance(item, pytest.Function) and hasattr(item, "callspec"):
        bound: Any = item.callspec.params.get("law")
        if type(bound).__module__ == "funcpipe_laws.checking.suite":
            law: BoundLaw = bound
            return law
    return None

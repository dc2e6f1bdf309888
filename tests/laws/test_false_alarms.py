"""No law speaks of a right implementation, whatever it has chosen that Python leaves open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from funcpipe_laws.instance import StreamInstance
from funcpipe_laws.mutants import MODEL
from funcpipe_laws.search import check
from tests.laws.right_streams import RIGHT


@pytest.mark.parametrize("operation", ["merge", "par_map", "map", "lift"])
def test_no_law_is_vacuous_for_a_library_of_one_operation(operation: str) -> None:
    """Laws that take whatever is there are not offered where that is nothing of theirs."""
    operations: dict[str, Any] = {operation: getattr(MODEL, operation)}
    one = StreamInstance(name=operation, result=MODEL.result, **operations)
    failed = {verdict.law.id: verdict.reason for verdict in check(one) if verdict.failed}
    assert failed == {}


@pytest.mark.parametrize("without", ["pure", "bind", "using"])
def test_no_law_needs_what_is_not_offered(without: str) -> None:
    """Where one operation is missing, the laws of the others hold, and none is vacuous."""
    operations: dict[str, Any] = {without: None}
    less = replace(MODEL, name=f"no {without}", **operations)
    failed = {verdict.law.id: verdict.reason for verdict in check(less) if verdict.failed}
    assert failed == {}


@pytest.mark.parametrize("instance", RIGHT, ids=lambda instance: instance.name)
def test_a_right_implementation_breaks_no_law(instance: StreamInstance) -> None:
    """Every law of what it offers holds, and has seen its interesting case."""
    verdicts = check(instance)
    failed = {verdict.law.id: verdict.reason for verdict in verdicts if verdict.failed}
    assert failed == {}
    assert sum(verdict.status == "held" for verdict in verdicts) > 60

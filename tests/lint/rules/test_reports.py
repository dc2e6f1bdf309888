"""Faults that people reported, each in its faulty and its mended form, and code that was reported
wrongly: reports/ has them in words and names of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.config.settings import settings_for

from .test_rules import marked, reported

REPORTS = Path(__file__).parents[1] / "reports"
MENDED = sorted(path.stem for path in REPORTS.glob("*_mended.py"))
SILENT = sorted(path.stem for path in REPORTS.glob("silent_*.py"))
FAULTY = [name.removesuffix("_mended") for name in MENDED]
STRICT = Engine(settings_for({"profile": "strict"}))
DEFAULT = Engine(settings_for({}))
# Known by the default rules; the others wait for a measured precision.
BY_DEFAULT = {
    *("end_mark_in_finally", "open_quote", "stderr_reader", "group_of_readers", "helper_task"),
    *("nothing_to_join", "blocking_rows", "drafts", "tried_again"),
}


def text_of(name: str) -> str:
    """The code of a case."""
    return (REPORTS / f"{name}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FAULTY)
def test_a_reported_fault_is_found(name: str) -> None:
    """What is wanted is reported at its line under the strict profile, and by default where the
    rule is on."""
    code = text_of(name)
    wanted = marked(code, "")
    assert wanted
    assert wanted <= reported(code, STRICT, f"{name}.py")
    found = reported(code, DEFAULT, f"{name}.py")
    assert found == (wanted if name in BY_DEFAULT else set())


@pytest.mark.parametrize("name", [*MENDED, *SILENT])
def test_right_code_is_not_reported(name: str) -> None:
    """Neither the mended form of a fault, nor what other linters report wrongly."""
    assert reported(text_of(name), DEFAULT, f"{name}.py") == set()


@pytest.mark.parametrize("name", MENDED)
def test_the_mended_form_has_lost_the_finding(name: str) -> None:
    """The rule that reports the fault is silent about it when it is mended."""
    codes = {code for _, code in marked(text_of(name.removesuffix("_mended")), "")}
    engine = Engine(settings_for({"select": sorted(codes)}))
    assert reported(text_of(name), engine, f"{name}.py") == set()

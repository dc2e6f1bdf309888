"""The pages of rules, as the command prints them."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from docs.programs.filling import filled
from docs.programs.measured import counts
from docs.studies import precision, precision_of_invariants
from funcpipe_lint.cli.report import further_reading, pages
from funcpipe_lint.config.options import INVARIANTS
from funcpipe_lint.model import ConfigError
from funcpipe_lint.model.codes import KNOWN_CODES, RULES
from tests.lint.conftest import Command

TEAM = """\
import libcst as cst
from funcpipe_lint.rule import Rule

class Base(Rule):
    '''A page of the team's.

    ## What it does
    Says so.
    '''

class MYC101(Base):
    code, name, summary, visits = "MYC101", "team-rule", "a rule", (cst.Await,)
    good = bad = ()
    def check(self, node, ctx):
        return iter(())
"""


def optimised(*arguments: str) -> str:
    """What the command prints where Python has dropped the docstrings."""
    command = [sys.executable, "-OO", "-m", "funcpipe_lint", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_without_docstrings_the_pages_are_the_same(command: Command) -> None:
    """`python -OO` drops docstrings: they are then read from the source, a team's too."""
    for arguments in (["ALL"], ["ALL", "--output-format", "json"]):
        assert optimised("rule", *arguments) == command("rule", *arguments).out
    Path("team.py").write_text(TEAM, encoding="utf-8")
    assert (
        "docstring lacks ## Why is this bad, ## Fix"
        in subprocess.run(
            [sys.executable, "-OO", "-m", "funcpipe_lint", "test-rules", "team"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
    )


def test_neither_docstring_nor_source(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that cannot be had is no empty page: one line says why, exit code 2."""

    def fail(_: object) -> str:
        raise OSError("could not get source code")

    names = [name for name in dir(sys.flags) if name[0] != "_" and name not in ("count", "index")]
    flags = SimpleNamespace(**{name: getattr(sys.flags, name) for name in names})
    flags.optimize = 2
    monkeypatch.setattr(sys, "flags", flags)
    monkeypatch.setattr(inspect, "getsource", fail)
    done = command("rule", "FP303")
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert "-OO" in done.err
    with pytest.raises(ConfigError, match="FP303"):
        pages.page("FP303")


def test_every_rule_has_the_same_keys(command: Command) -> None:
    """Also the two that no class stands behind: a reader of the JSON asks for one page like for
    another."""
    records = json.loads(command("rule", "--output-format", "json").out)
    assert [record["code"] for record in records] == list(KNOWN_CODES)
    assert len({frozenset(record) for record in records}) == 1
    assert all("## What it does" in record["documentation"] for record in records)


@pytest.mark.parametrize("code", RULES)
def test_a_page_leads_on(code: str) -> None:
    """To the language's pages on async generators, each with a whole address, and to how one
    finding is silenced with a reason."""
    page = pages.page(code)
    further = page[page.index("## See also") :]
    assert "https://peps.python.org/pep-0525/" in further
    assert "docs.python.org/3/library/asyncio-dev.html#asynchronous-generators" in further
    assert f"# funcpipe: ignore[{code}]" in further
    for address in re.findall(r"\]\(([^)]*)\)", further):
        assert re.fullmatch(r"https://[\w.-]+/[\w./#-]+", address), address


def test_related_rules_are_of_rules_that_there_are() -> None:
    """No row of the table of related rules stands for a code that no rule has."""
    named = {*further_reading._PEPS_OF, *further_reading._RULES_OF}
    assert named <= set(RULES)


@pytest.mark.parametrize("code", RULES)
def test_a_page_is_in_the_readers_words(code: str) -> None:
    """A page says what the tool does: it does not let rules and names speak."""
    page = pages.page(code)
    assert re.findall(r"\b(?:speaks?|heeds?|says of|is told|are told)\b", page) == []


@pytest.mark.parametrize("code", RULES)
def test_a_page_says_how_often_its_rule_was_right(code: str) -> None:
    """The counts are those of the readings; where nothing was found, the page says so."""
    text = " ".join(pages.page(code).split())
    read = (page.read_text("utf-8") for page in (precision.PAGE, precision_of_invariants.PAGE))
    known = counts("\n".join(read))
    if code in known:
        assert f"{known[code]['debatable']} debatable and {known[code]['false']} false" in text
        assert f"Of {known[code].total()} findings in published packages" in text
    else:
        assert "it has reported nothing, right or wrong" in text


def test_counts_of_listed_and_of_counted_findings() -> None:
    """Each line of a reading counts, and each number of a table whose findings are not listed."""
    found = counts(
        "| FP302 | `a/b.py:1, 2` | true | why |\n"
        "| FP302 | `a/c.py:3` | false | silent | why |\n"
        "| FP302 | 3 | 3 | 2 | 0 | 1 | 67% |\n"
        "| FP308 | 17 | 10 | 8 | 1 | 1 |\n"
        "| FP308 | 2 | 1 | 0 | 1 | why |\n"
    )
    assert found == {
        "FP302": {"true": 2, "false": 1},
        "FP308": {"true": 9, "debatable": 1, "false": 2},
    }


def test_verdicts_that_do_not_add_up_are_an_error() -> None:
    """A count that was mistyped does not get onto a page."""
    with pytest.raises(ValueError, match="not as many as were read"):
        counts("| FP308 | 17 | 10 | 8 | 1 | 2 |\n")


def test_the_page_of_the_invariants_counts_its_own_readings() -> None:
    """In each of its two samples, and nothing of a package that the sample does not have."""
    page = precision_of_invariants.PAGE.read_text("utf-8")
    parts = page.split(precision_of_invariants.SAMPLE)[1:]
    assert len(parts) == 2
    for part, packages in zip(parts, precision_of_invariants.samples(), strict=True):
        read = precision.readings(part)
        loud = {place.partition("/")[0] for _, place in read}
        assert loud <= {*packages}
        table = precision.later_table(read, (len(loud), len(packages) - len(loud)))
        assert filled(part, precision.MARKS, table) == part
        assert {code for code, _ in read} <= {*INVARIANTS}

"""Each output format, read back by what reads it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from funcpipe_lint.cli.report.pages import unmarked
from funcpipe_lint.model.codes import load
from tests.lint.conftest import LEAKY, Command

FORMATS = ["text", "concise", "json", "sarif", "github", "gitlab", "junit"]


def sarif(command: Command, *arguments: str) -> Any:
    """The only run of a report that the models of the published schema accept."""
    document = json.loads(command("check", "--output-format", "sarif", *arguments).out)
    Sarif.model_validate(document)  # unknown keys are errors in these models
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    return run


@pytest.mark.parametrize("form", FORMATS)
def test_exit_codes_do_not_depend_on_the_format(command: Command, form: str) -> None:
    """1 for violations, 0 for none, 2 where a file could not be checked."""
    Path("clean.py").write_text("x = 1\n", encoding="utf-8")
    Path("broken.py").write_text("def f(:\n", encoding="utf-8")
    assert command("check", "--output-format", form, "leaky.py").code == 1
    assert command("check", "--output-format", form, "clean.py").code == 0
    assert command("check", "--output-format", form, ".").code == 2


def test_concise_is_one_line_a_finding(command: Command) -> None:
    """Place, code, message; and no closing line, so that tools can count lines."""
    lines = command("check", "--output-format", "concise", "leaky.py").out.splitlines()
    assert len(lines) == 1
    assert re.match(r"leaky\.py:7:5: FP303 .*\[fixable with --fix\]$", lines[0])


def test_sarif_follows_the_published_schema(command: Command) -> None:
    """Rules, places, related places, fixes and a failed file, all as the schema has them."""
    Path("broken.py").write_text("def f(:\n", encoding="utf-8")
    run = sarif(command, ".")
    (result,) = run["results"]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert result["ruleId"] == rule["id"] == "FP303"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "leaky.py", "uriBaseId": "SRCROOT"}
    assert place["region"] == {"startLine": 7, "startColumn": 5, "endLine": 8, "endColumn": 23}
    assert result["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 8
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    failed = invocation["toolExecutionNotifications"][0]
    assert failed["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "broken.py"


def test_sarif_of_a_clean_run(command: Command) -> None:
    """No finding is an empty list, which services read as "all closed", not a missing one."""
    run = sarif(command, "--select", "FP502", "leaky.py")
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is True


def test_sarif_fixes_are_the_fix(command: Command) -> None:
    """Applying the replacements of a result by line and column gives what --fix writes."""
    (result,) = sarif(command, "leaky.py")["results"]
    lines = LEAKY.splitlines(keepends=True)
    text = LEAKY

    def offset(line: int, column: int) -> int:
        return sum(map(len, lines[: line - 1])) + column - 1

    changes = result["fixes"][0]["artifactChanges"][0]["replacements"]
    spans = [
        (
            offset(c["deletedRegion"]["startLine"], c["deletedRegion"]["startColumn"]),
            offset(c["deletedRegion"]["endLine"], c["deletedRegion"]["endColumn"]),
            c["insertedContent"]["text"],
        )
        for c in changes
    ]
    for start, end, new in sorted(spans, reverse=True):
        text = text[:start] + new + text[end:]
    command("check", "--fix", "leaky.py")
    assert text == Path("leaky.py").read_text(encoding="utf-8")


def test_github_commands_point_at_the_line(command: Command) -> None:
    """One workflow command a finding; what would end a property or a line is escaped."""
    Path("a,b%.py").write_text(LEAKY, encoding="utf-8")
    out = command("check", "--output-format", "github", "a,b%.py").out
    assert out.startswith("::error title=funcpipe-lint (FP303),file=a%2Cb%25.py,line=7,endLine=8,")
    assert len(out.splitlines()) == 1
    assert "::FP303 'rows(pool)' stays open" in out


def test_gitlab_report(command: Command) -> None:
    """The fields that code-quality widgets need, and a fingerprint for each finding."""
    again = LEAKY[LEAKY.index("async def names") :].replace("names", "other")
    Path("twice.py").write_text(LEAKY + "\n\n" + again, encoding="utf-8")
    found = json.loads(command("check", "--output-format", "gitlab", ".").out)
    assert {(f["location"]["path"], f["check_name"], f["severity"]) for f in found} == {
        ("leaky.py", "FP303", "major"),
        ("twice.py", "FP303", "major"),
    }
    assert found[0]["location"]["lines"]["begin"] == 7
    assert len({f["fingerprint"] for f in found}) == len(found) == 3


def test_fingerprints_survive_edits_elsewhere(command: Command) -> None:
    """Lines above, and other indentation, move no finding to another fingerprint."""

    def fingerprint() -> str:
        found = json.loads(command("check", "--output-format", "gitlab", "leaky.py").out)
        return str(found[0]["fingerprint"])

    before = fingerprint()
    Path("leaky.py").write_text("import os\n\n\n" + LEAKY.replace("    ", "\t"), encoding="utf-8")
    assert fingerprint() == before


def test_junit_report(command: Command) -> None:
    """A suite for each file, a failed case for each finding, an error for a failed file."""
    Path("broken.py").write_text("def f(:\n", encoding="utf-8")
    root = ElementTree.fromstring(command("check", "--output-format", "junit", ".").out)
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("2", "1", "1")
    by_name = {suite.get("name"): suite for suite in root}
    (failure,) = by_name["leaky.py"].iter("failure")
    assert failure.get("type") == "FP303"
    assert "leaky.py:7:5" in (failure.text or "")
    assert len(list(by_name["broken.py"].iter("error"))) == 1


def test_junit_report_of_a_clean_run(command: Command) -> None:
    """A run without findings holds a passed case: some services fail on an empty report."""
    Path("leaky.py").write_text("x = 1\n", encoding="utf-8")
    root = ElementTree.fromstring(command("check", "--output-format", "junit", ".").out)
    assert (root.get("tests"), root.get("failures")) == ("1", "0")
    assert len(list(root.iter("testcase"))) == 1


def test_statistics_count_by_rule(command: Command) -> None:
    """The most frequent rule first, with the files that it is in and what has a fix."""
    Path("other.py").write_text(
        LEAKY + "\n\nasync def more(pool):\n    rows(pool)\n", encoding="utf-8"
    )
    done = command("check", "--statistics", ".")
    assert done.code == 1
    assert [line.split() for line in done.out.splitlines()] == [
        ["2", "FP303", "source-not-closed", "(in", "2", "files,", "2", "fixable)"],
        ["1", "FP602", "stream-discarded", "(in", "1", "file)"],
    ]
    rows = json.loads(command("check", "--statistics", "--output-format", "json", ".").out)
    assert [(row["code"], row["count"]) for row in rows] == [("FP303", 2), ("FP602", 1)]


def test_an_unknown_format_is_named(command: Command) -> None:
    """The choices are listed; nothing is checked."""
    done = command("check", "--output-format", "xml")
    assert done.code == 2
    assert "'xml'" in done.err
    assert "junit" in done.err


def test_sarif_levels(command: Command) -> None:
    """What is wrong in any code weighs most, a team's conventions least; result and rule agree."""
    leak = "async def f(p):\n    async for r in g(p):\n        yield r  # noqa: FP303, FP302\n"
    raw = unmarked(load("FP201").bad[0].code)
    for name, text in {"leak.py": leak, "raw.py": raw}.items():
        Path(name).write_text(text, encoding="utf-8")
    arguments = ("--select", "FP001,FP201,FP303,FP603", "--output-format", "sarif", "--discipline")
    (run,) = json.loads(command("check", *arguments, "all", ".").out)["runs"]
    levels = {result["ruleId"]: result["level"] for result in run["results"]}
    assert levels["FP303"] == "error"
    assert levels["FP201"] == "warning"
    assert levels["FP001"] == "note"
    rules = run["tool"]["driver"]["rules"]
    assert {rule["id"]: rule["defaultConfiguration"]["level"] for rule in rules} == levels

"""The report as JUnit XML: a suite for each stage, a failed case for each finding.

What a stage looked at is a case that passed; a skipped stage is a skipped case.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from funcpipe_gate.record import GateReport, StageRecord
from funcpipe_gate.report.text import heading, where

# What XML 1.0 cannot hold, even escaped, and DEL, which it holds raw.
_NOT_XML = re.compile("[^\t\n\r\x20-\x7e\x80-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: GateReport) -> str:
    """The whole report."""
    root = ElementTree.Element("testsuites", name="funcpipe")
    for stage in report["stages"]:
        _suite(root, stage)
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ElementTree.indent(root)
    # References for what is not ASCII: right in whatever encoding the reader assumes.
    text: bytes = ElementTree.tostring(root, encoding="us-ascii", xml_declaration=True)
    return text.decode() + "\n"


def _suite(root: ElementTree.Element, stage: StageRecord) -> None:
    suite = ElementTree.SubElement(
        root, "testsuite", name=f"funcpipe {stage['name']}", time=str(stage["seconds"])
    )
    for line in stage["looked_at"]:
        _case(suite, stage, f"looked at {line}")
    if stage["status"] == "skipped":
        reason = _clean(stage["reason"])
        ElementTree.SubElement(_case(suite, stage, "skipped"), "skipped", message=reason)
    for found in stage["findings"]:
        case = _case(suite, stage, heading(found))
        spot = found["place"]
        if spot is not None:
            case.set("file", _clean(spot["path"]))
            case.set("line", str(spot["line"]))
        failure = ElementTree.SubElement(
            case, "failure", message=_clean(found["message"]), type=found["code"]
        )
        lines = [f"{where(found)}: {found['message']}", *found["details"]]
        failure.text = _clean(
            "\n".join([*lines, *[f"replay: {found['replay']}"] * bool(found["replay"])])
        )
    for failure_text in stage["failures"]:
        case = _case(suite, stage, failure_text.partition(": ")[0])
        ElementTree.SubElement(case, "error", message=_clean(failure_text))
    aside = [f"not looked at: {line}" for line in stage["not_looked_at"]]
    aside += [f"note: {line}" for line in stage["remarks"]]
    if aside:
        ElementTree.SubElement(suite, "system-out").text = _clean("\n".join(aside))
    counts = {
        "tests": len(suite.findall("testcase")),
        "failures": len(stage["findings"]),
        "errors": len(stage["failures"]),
        "skipped": int(stage["status"] == "skipped"),
    }
    for key, count in counts.items():
        suite.set(key, str(count))


def _case(suite: ElementTree.Element, stage: StageRecord, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(
        suite, "testcase", name=_clean(name), classname=f"funcpipe.{stage['name']}"
    )


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)

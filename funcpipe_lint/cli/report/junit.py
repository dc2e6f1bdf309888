"""Findings as JUnit XML: one suite a file, one failed case a finding."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

from funcpipe_lint.check.source_lines import Texts, shown
from funcpipe_lint.cli.report.concise import place
from funcpipe_lint.model import Crash, Violation

# What XML 1.0 cannot hold, even escaped, and DEL, which it holds raw.
_NOT_XML = re.compile("[^\t\n\r\x20-\x7e\x80-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(
    violations: Sequence[Violation], crashes: Sequence[Crash], files: int, texts: Texts
) -> str:
    """The whole run; a clean one holds a single passed case, for services that refuse none."""
    root = ElementTree.Element(
        "testsuites",
        name="funcpipe-lint",
        tests=str(max(1, len(violations) + len(crashes))),
        failures=str(len(violations)),
        errors=str(len(crashes)),
    )
    paths = sorted({v.path for v in violations} | {c.path for c in crashes})
    for path in paths:
        own = [v for v in violations if v.path == path]
        _suite(root, path, own, [c for c in crashes if c.path == path])
    if not paths:
        suite = ElementTree.SubElement(
            root, "testsuite", name="funcpipe-lint", tests="1", failures="0", errors="0"
        )
        ElementTree.SubElement(suite, "testcase", name=f"{files} files", classname="funcpipe-lint")
    ElementTree.indent(root)
    # References for what is not ASCII: right in whatever encoding the output has.
    text: bytes = ElementTree.tostring(root, encoding="us-ascii", xml_declaration=True)
    return text.decode() + "\n"


def _suite(
    root: ElementTree.Element, path: str, violations: list[Violation], crashes: Iterable[Crash]
) -> None:
    crashes = list(crashes)
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        name=_clean(shown(path)),
        tests=str(len(violations) + len(crashes)),
        failures=str(len(violations)),
        errors=str(len(crashes)),
    )
    for found in violations:
        case = _case(suite, found, found.code)
        failure = ElementTree.SubElement(
            case, "failure", message=_clean(found.whole_message), type=found.code
        )
        failure.text = _clean(f"{place(found)}: {found.code} {found.whole_message}")
    for crash in crashes:
        ElementTree.SubElement(_case(suite, crash, "FP002"), "error", message=_clean(crash.message))


def _case(suite: ElementTree.Element, found: Violation | Crash, code: str) -> ElementTree.Element:
    cell = f"cell {found.cell}:" if found.cell else ""
    return ElementTree.SubElement(
        suite,
        "testcase",
        name=f"{code} at {cell}{found.line}:{found.column}",
        classname=_clean(shown(found.path)),
        file=_clean(shown(found.path)),
        line=str(found.line),
    )


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)

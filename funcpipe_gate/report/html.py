"""The report as one HTML page that needs nothing else, in the style of the laws' report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from funcpipe_gate.record import STAGES, Finding, GateReport, findings
from funcpipe_gate.report.text import heading, summary, where

_LISTED = 2_000
"""Findings that are shown in full: a browser still scrolls through these."""
_SIGNS = {"clean": "clean", "findings": "findings", "failed": "could not run", "skipped": "skipped"}
_CLASSES = {"clean": "held", "findings": "broken", "failed": "crashed", "skipped": "not-offered"}


def render(report: GateReport) -> str:
    """The whole page. Needs jinja2, which the extra `laws` brings."""
    from funcpipe_laws.report import marble
    from funcpipe_laws.report.html import conformance, page
    from funcpipe_laws.report.record import diagram_of

    every = findings(report)
    shown = [found for found in every if found["stage"] != "laws"][:_LISTED]
    reports = report["reports"]
    laws = reports.get("laws")
    values = conformance(laws) if laws else {"instances": []}
    # The matrix draws the sides of a counterexample, the endpoints whole diagrams.
    values["drawing"] = lambda diagram, title: marble.svg(diagram_of(diagram), title=title)
    made = report["made"]
    return page(
        "page.html.j2",
        __package__,
        whole_summary=summary(report),
        made=f"funcpipe {made['version']}, Python {made['python']}, {made['date']}",
        stages=report["stages"],
        titles=STAGES,
        stage_signs=_SIGNS,
        stage_classes=_CLASSES,
        files=_by_file(shown),
        rules=_by_rule(every),
        left_out=sum(found["stage"] != "laws" for found in every) - len(shown),
        heading=heading,
        where=where,
        has_laws=bool(laws),
        purity=reports.get("purity"),
        endpoints=[e for e in reports.get("endpoints", {}).get("endpoints", ()) if e["findings"]],
        **values,
    )


def _by_file(found: Iterable[Finding]) -> dict[str, list[Finding]]:
    files: dict[str, list[Finding]] = {}
    for one in found:
        name = one["place"]["path"] if one["place"] else one["subject"]
        files.setdefault(name, []).append(one)
    return dict(sorted(files.items()))


def _by_rule(found: Iterable[Finding]) -> list[dict[str, Any]]:
    counts = Counter((one["stage"], one["code"], one["name"]) for one in found)
    pages = {one["code"]: one["page"] for one in found}
    return [
        {"stage": stage, "code": code, "name": name, "count": count, "page": pages[code]}
        for (stage, code, name), count in counts.most_common()
    ]

"""The conformance report as one HTML page that needs nothing else."""

from __future__ import annotations

from collections import Counter
from importlib import resources

from funcpipe_laws import marble

from .record import Conformance, diagram_of
from .text import STATUSES

SIGNS = {
    "held": "✓",
    "broken": "✗",
    "vacuous": "∅",
    "crashed": "!",
    "waived": "w",
    "not offered": "-",
}


def render(report: Conformance) -> str:
    """The whole page. Needs jinja2, which the extra `laws` brings."""
    import jinja2

    source = resources.files(__package__).joinpath("page.html.j2").read_text("utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    laws = {law["id"]: law for instance in report["instances"] for law in instance["laws"]}
    verdicts = [{law["id"]: law for law in i["laws"]} for i in report["instances"]]
    page: str = environment.from_string(source).render(
        instances=report["instances"],
        laws=laws.values(),
        verdicts=verdicts,
        signs=SIGNS,
        statuses=STATUSES,
        counts=[Counter(law["status"] for law in i["laws"]) for i in report["instances"]],
        svg=lambda side: marble.svg(diagram_of(side), title=side["name"]),
    )
    return page

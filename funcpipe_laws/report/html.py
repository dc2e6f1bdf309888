"""The conformance report as one HTML page that needs nothing else."""

from __future__ import annotations

from collections import Counter
from importlib import resources
from typing import Any

from funcpipe_laws import marble

from .causes import failures, summary
from .record import Conformance, diagram_of, made_line
from .text import STATUSES

SIGNS = {
    "held": "✓",
    "broken": "✗",
    "vacuous": "∅",
    "crashed": "!",
    "not simulated": "~",
    "waived": "w",
    "not offered": "-",
}


def render(report: Conformance) -> str:
    """The whole page. Needs jinja2, which the extra `laws` brings."""
    laws = {law["id"]: law for instance in report["instances"] for law in instance["laws"]}
    return page(
        "page.html.j2",
        made=made_line(report["made"]),
        instances=report["instances"],
        failures=failures,
        summary=summary,
        laws=laws.values(),
        verdicts=[{law["id"]: law for law in i["laws"]} for i in report["instances"]],
        signs=SIGNS,
        statuses=STATUSES,
        failing=[status for status in STATUSES if status not in ("held", "not offered")],
        counts=[Counter(law["status"] for law in i["laws"]) for i in report["instances"]],
        svg=lambda side: marble.svg(diagram_of(side["diagram"]), title=side["name"]),
    )


def page(template: str, **values: Any) -> str:
    """A template of this folder, filled in; all pages have one style."""
    import jinja2

    here = resources.files(__package__)
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    source = here.joinpath(template).read_text("utf-8")
    style = here.joinpath("page.css").read_text("utf-8")
    return str(environment.from_string(source).render(style=style, **values))

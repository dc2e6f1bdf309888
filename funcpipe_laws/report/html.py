"""The conformance report as one HTML page that needs nothing else."""

from __future__ import annotations

from collections import Counter
from importlib import resources
from typing import Any

from funcpipe_laws.report import marble
from funcpipe_laws.report.causes import failures, summary
from funcpipe_laws.report.record import Conformance, diagram_of, made_line
from funcpipe_laws.report.text import STATUSES, seen

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
    return page("page.html.j2", made=made_line(report["made"]), **conformance(report))


def conformance(report: Conformance) -> dict[str, Any]:
    """What `conformance.html.j2` shows: each instance with what failed, and the matrix of laws."""
    laws = {law["id"]: law for instance in report["instances"] for law in instance["laws"]}
    return {
        "instances": report["instances"],
        "failures": failures,
        "summary": summary,
        "laws": laws.values(),
        "verdicts": [{law["id"]: law for law in i["laws"]} for i in report["instances"]],
        "signs": SIGNS,
        "seen": seen,
        "statuses": STATUSES,
        "failing": [status for status in STATUSES if status not in ("held", "not offered")],
        "counts": [Counter(law["status"] for law in i["laws"]) for i in report["instances"]],
        "svg": lambda side: marble.svg(diagram_of(side["diagram"]), title=side["name"]),
    }


def page(template: str, package: str = __package__, **values: Any) -> str:
    """A template of a package, filled in; all pages have the style of this folder, and may include
    its templates."""
    import jinja2

    folders = [resources.files(package), resources.files(__package__)]

    def read(name: str) -> str | None:
        files = [folder.joinpath(name) for folder in folders]
        return next((file.read_text("utf-8") for file in files if file.is_file()), None)

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(read),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = resources.files(__package__).joinpath("page.css").read_text("utf-8")
    return str(environment.get_template(template).render(style=style, **values))

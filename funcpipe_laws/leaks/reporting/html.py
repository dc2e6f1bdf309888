"""The report as one HTML page that needs nothing else."""

from __future__ import annotations

from importlib import resources

from funcpipe_laws.leaks.model import TITLES

from . import text
from .record import LeakReport


def render(report: LeakReport) -> str:
    """The whole page. Needs jinja2, which the extra `laws` brings."""
    import jinja2

    source = resources.files(__package__).joinpath("page.html.j2").read_text("utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    page: str = environment.from_string(source).render(
        report=report,
        summary=text.summary(report["places"]),
        looked_at=list(text.looked_at(report["looked_at"])),
        titles=TITLES,
        where=text.where,
        heading=text.heading,
        body=text.body,
    )
    return page

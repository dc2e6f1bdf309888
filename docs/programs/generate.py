"""Writes the generated pages of docs/; with `--check`, fails where one is not what it would write.

    python docs/programs/generate.py [--check]

Each writer gives pages by path below docs/. To generate another kind of page, add its writer.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

DOCS = Path(__file__).parents[1]


def rule_pages() -> Mapping[str, str]:
    """A page a rule, and their index, from the rule classes."""
    from funcpipe_lint.cli.report.pages import page, record
    from funcpipe_lint.model.codes import KNOWN_CODES

    pages = {}
    rows = ["| code | name | on | fix | |", "|---|---|---|---|---|"]
    for code in KNOWN_CODES:
        known = record(code)
        name = f"{code}-{known['name']}.md"
        pages[f"rules/{name}"] = page(code) + "\n"
        on, fix = known["scope"], known["fix"] or "-"
        rows.append(f"| [{code}]({name}) | {known['name']} | {on} | {fix} | {known['summary']} |")
    intro = (
        "# Rules\n\n`default`: on in any module. `result`: on in modules of Result streams. "
        "`strict`: on request.\n\n"
    )
    pages["rules/README.md"] = intro + "\n".join(rows) + "\n"
    return pages


def readme_page() -> Mapping[str, str]:
    """README.md and stream-leaks.md, their pictures drawn anew."""
    from docs.programs.readme import readme, stream_leaks

    return {
        "../README.md": readme((DOCS.parent / "README.md").read_text(encoding="utf-8")),
        "stream-leaks.md": stream_leaks((DOCS / "stream-leaks.md").read_text(encoding="utf-8")),
    }


def law_pages() -> Mapping[str, str]:
    """The catalogue of laws."""
    from docs.programs.laws import laws_page

    return laws_page()


def streams_pages() -> Mapping[str, str]:
    """The reference of funcpipe_streams."""
    from docs.programs.streams import streams_page

    return streams_page()


def configuration_pages() -> Mapping[str, str]:
    """The JSON schema of [tool.funcpipe-lint], and its keys as a table."""
    from funcpipe_lint.cli.effective import schema, table

    return {"configuration.schema.json": schema(), "configuration.md": table()}


def report_pages() -> Mapping[str, str]:
    """The JSON schemas of what the report options write."""
    from funcpipe_gate.report import schema as gate
    from funcpipe_laws.endpoints.reporting import record as endpoints
    from funcpipe_laws.leaks.reporting import record as leaks
    from funcpipe_laws.purity import record as purity
    from funcpipe_laws.report.schema import schema, text

    return {
        "laws-report.schema.json": text(),
        "stream-leaks.schema.json": text(
            schema(leaks.LeakReport, leaks.SCHEMA, "What tests leave behind")
        ),
        "endpoints-report.schema.json": text(
            schema(endpoints.EndpointsReport, endpoints.SCHEMA, "What endpoints leave behind")
        ),
        "gate-report.schema.json": text(gate.schema()),
        "purity-report.schema.json": text(
            schema(purity.PurityReport, purity.SCHEMA, "What builders do besides building")
        ),
    }


def conformance_pages() -> Mapping[str, str]:
    """The laws on published libraries."""
    from docs.programs.conformance import conformance_page

    return conformance_page()


def rule_tables() -> Mapping[str, str]:
    """The tables that a start-up reads in place of the rules, and what their pages quote."""
    from docs.programs.measured import measured_table
    from docs.programs.tables import tables

    return {**tables(), **measured_table()}


def field_study_pages() -> Mapping[str, str]:
    """What published packages leave behind in their tests."""
    from docs.studies.field_study_page import page

    return page()


WRITERS: tuple[Callable[[], Mapping[str, str]], ...] = (
    rule_tables,
    rule_pages,
    configuration_pages,
    readme_page,
    law_pages,
    report_pages,
    conformance_pages,
    streams_pages,
    field_study_pages,
)
# Folders in which every file is generated: a page that no writer gives is stale.
OWNED = ("rules",)


def main(arguments: list[str]) -> int:
    """Writes or checks every page; returns the exit code."""
    if "--check" not in arguments and _write(rule_tables(), DOCS):
        # A new rule is in the table from the next start on.
        return subprocess.run([sys.executable, __file__, *arguments], check=False).returncode
    pages = {path: text for writer in WRITERS for path, text in writer().items()}
    there = {
        file.relative_to(DOCS).as_posix() for folder in OWNED for file in (DOCS / folder).glob("*")
    }
    stale = sorted(there - set(pages))
    for path, text in pages.items():
        file = DOCS / path
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            stale.append(path)
    if "--check" in arguments:
        for path in stale:
            print(f"docs/{path} is stale: run `make docs`", file=sys.stderr)
        return int(bool(stale))
    for path in stale:
        if path not in pages:
            (DOCS / path).unlink()
    _write({path: pages[path] for path in stale if path in pages}, DOCS)
    return 0


def _write(pages: Mapping[str, str], folder: Path) -> bool:
    """Writes what is not there as it should be; whether that was anything."""
    stale = []
    for path, text in pages.items():
        file = folder / path
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            stale.append(path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            print(f"wrote docs/{path}", flush=True)
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

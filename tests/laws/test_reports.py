"""Reports: the same verdicts as text, JSON, Markdown and a page; written whole or not at all."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from funcpipe_laws import catalogue
from funcpipe_laws.checking.check import check
from funcpipe_laws.checking.cli import main
from funcpipe_laws.declared.instance import Failure, Value
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.consumer import Plan, Shell
from funcpipe_laws.experiments.scripts import Script
from funcpipe_laws.report import html, marble, markdown, record, text, write
from tests.laws.mutants import MODEL, MUTANTS

FEW = [law for law in catalogue.laws() if law.id in ("F1", "S5", "S14")]
DROPS_ERR = next(m.instance for m in MUTANTS if m.name == "map drops Err")


@pytest.fixture(scope="module")
def report() -> record.Conformance:
    """A right instance beside a wrong one."""
    checked = [
        record.Checked(
            instance.name,
            instance.name,
            "by hand",
            [record.law_record(verdict, "module:X") for verdict in check(instance, FEW)],
        )
        for instance in (MODEL, DROPS_ERR)
    ]
    return record.conformance(checked)


def test_a_diagram_shows_order_and_marks_the_place() -> None:
    """Every event has its own column; the caret stands under the one that differs."""
    assert MODEL.result is not None
    bench = Bench(replace(MODEL, result=replace(MODEL.result, error_for=str)))
    trace = bench.run(bench.source(Script((Value(7), Failure("E1")), ready=True)), Plan(take=2))
    lines = marble.text(marble.layout(trace, trace.index("out", "emit")))
    assert lines == [
        "  s ─open──?──7─────?──✗E1───────close...──closed────────────────",
        "out ─────────────7──────────✗E1────────────────────aclose() back─",
        "                 ^ here",
    ]


def test_a_timer_that_expires_is_in_the_diagram() -> None:
    """It has a line of its own, with what had set it and when it expired; events keep theirs."""
    bench = Bench(MODEL)

    async def consumer(shell: Shell) -> None:
        await asyncio.sleep(0.5)
        async with asyncio.timeout(2):
            bench.world.note("out", "emit", Value(7))
            await bench.world.never()

    trace = bench.drive(consumer)
    assert [event.act for event in trace.events] == ["emit"]
    assert marble.text(marble.layout(trace, 1)) == [
        "clock ─sleep 0.5 s─────timeout 2.5 s───────────",
        "  out ──────────────7─────────────────(raised)─",
        "                                      ^ here",
    ]


def test_the_table_says_where_every_schedule_was_tried() -> None:
    """A small scope that was walked to its end is named with the number of runs it took."""
    one = [law for law in catalogue.laws() if law.id in ("F1", "G1")]
    lines = text.table(check(MODEL, one)).splitlines()
    assert lines[1].startswith("G1 ") and lines[1].endswith(
        ", every schedule of 2x2, buffer 1, in 7 runs"
    )
    assert "schedule" not in lines[0]


def test_a_wide_diagram_is_broken_into_blocks() -> None:
    """No line is longer than the width, and all names stand in each block."""
    bench = Bench(MODEL)
    trace = bench.run(bench.source(Script(tuple(map(Value, range(30))))))
    lines = marble.text(marble.layout(trace), width=60)
    assert max(map(len, lines)) <= 60 and len(lines) > 6
    assert sum(line.startswith("out ") for line in lines) == lines.count("") + 1


def test_json_survives_a_round_trip_and_says_its_schema(
    report: record.Conformance, tmp_path: Path
) -> None:
    """What is read back is what was found, down to the diagram."""
    path = tmp_path / "laws.json"
    write.write(report, path)
    again = json.loads(path.read_text("utf-8"))
    assert again["schema"] == record.SCHEMA
    broken = next(law for law in again["instances"][1]["laws"] if law["status"] == "broken")
    (left, right) = broken["counterexample"]["sides"]
    assert marble.text(record.diagram_of(left["diagram"])) == left["text"]
    assert [left["name"], right["name"]] == ["map(s, id)", "s"]


def test_the_json_report_is_as_the_published_schema_says(
    report: record.Conformance, tmp_path: Path
) -> None:
    """The schema in docs/ takes what is written, with counterexample; and not what is changed."""
    published = Path(__file__).parents[2] / "docs" / "laws-report.schema.json"
    schema = json.loads(published.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    path = tmp_path / "laws.json"
    write.write(report, path)
    written = json.loads(path.read_text("utf-8"))
    assert any(law["counterexample"] for law in written["instances"][1]["laws"])
    assert [*validator.iter_errors(written)] == []
    for key, wrong in (("status", "fine"), ("seen", {"runs": "many"}), ("added", 1)):
        again = json.loads(path.read_text("utf-8"))
        again["instances"][0]["laws"][0][key] = wrong
        assert [*validator.iter_errors(again)], key


def test_markdown_has_the_matrix_and_the_broken_laws(report: record.Conformance) -> None:
    """One row a law, one column an instance, and a section only for what did not hold."""
    page = markdown.render(report)
    assert re.search(
        r"^\| F1 functor.identity \| ✓ \d+ runs, \d+ items[^|]* \| \*\*✗\*\* \|$", page, re.M
    )
    assert "### F1 functor.identity: broken" in page and "## model" not in page
    assert "✗E1" in page and "python -m funcpipe_laws replay module:X F1" in page


class _Page(HTMLParser):
    """Collects tags, and checks that they are balanced."""

    VOID = ("meta", "br")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [str(given["id"])] if "id" in given else []
        self.links += [str(given["href"])] if tag == "a" else []
        self.outside += [tag] if tag in ("link", "script", "img") or "src" in given else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone_and_its_links_lead_somewhere(report: record.Conformance) -> None:
    """Balanced tags, no outside resource, unique ids, every link has its target."""
    page = _Page()
    page.feed(html.render(report))
    assert not page.open and not page.outside
    assert len(page.ids) == len(set(page.ids))
    assert page.links and {link.removeprefix("#") for link in page.links} <= set(page.ids)


def test_the_page_says_how_much_a_law_that_holds_has_seen(report: record.Conformance) -> None:
    """For a pointer, and for who hears the page."""
    page = html.render(report)
    assert re.search(r'aria-label="held: (\d+ runs, \d+ items[^"]*)" title="\1"', page)


def test_what_code_prints_cannot_break_the_page(report: record.Conformance) -> None:
    """Values that look like tags are text."""
    law = report["instances"][1]["laws"][0]
    side = law["counterexample"]["sides"][0] if law["counterexample"] else None
    assert side is not None
    nasty = {**side, "name": "<script>", "diagram": {**side["diagram"], "lanes": ["<b>", "out"]}}
    changed: Any = {
        **law,
        "counterexample": {**dict(law["counterexample"] or {}), "sides": [nasty]},
    }
    instance: Any = {**report["instances"][1], "laws": [changed]}
    page = html.render({**report, "instances": [instance]})
    assert "<script>" not in page and "<b>" not in page


def test_totals_name_only_what_occurs() -> None:
    """The summary line leaves zeros out."""
    assert text.totals(["held", "broken", "held"]) == "2 held, 1 broken"


def run(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m funcpipe_laws` in a folder."""
    command = [sys.executable, "-m", "funcpipe_laws", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


NAIVE = Path(__file__).parent.parent.parent / "examples" / "naive_streams.py"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the nested form of streams in it."""
    (tmp_path / "naive.py").write_text(NAIVE.read_text("utf-8"), "utf-8")
    return tmp_path


def test_the_command_line_checks_and_writes(project: Path) -> None:
    """Exit code 1, a table on the terminal, and the files that were asked for."""
    wanted = ["--report", "a.json", "--report", "a.md", "--report", "a.html"]
    result = run(project, "check", "naive", "--law", "S14", "--law", "functor", *wanted)
    assert result.returncode == 1 and result.stderr == ""
    assert "S14 resources.close_reaches_inside  broken" in result.stdout
    assert "F1 functor.identity" in result.stdout
    assert sorted(p.suffix for p in project.glob("a.*")) == [".html", ".json", ".md"]


def test_holding_laws_exit_with_0(project: Path) -> None:
    """A selection of laws that hold is success."""
    assert run(project, "check", "naive", "--law", "F1").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["check", "nope"], "funcpipe_laws: no module named 'nope'"),
        (["check", "naive", "--law", "F99"], "no law is called 'F99'"),
        (["check", "naive", "--report", "a.pdf"], "must end in .json, .md, .html"),
        (["check", "naive", "--report", "no/a.md"], "there is no folder no"),
        (["replay", "naive", "F1", "source=3 +"], "not of the form name=value"),
        (["replay", "naive", "F1", "source=open('x')"], "open('x') is neither a literal nor"),
        (["replay", "naive", "F1", "take=1"], "takes source, not take"),
        (["replay", "naive", "F1", "source=Script()"], "Script(): "),
        (["replay", "naive", "functor", "source=1"], "no law is called 'functor'"),
        (["replay", "naive", "F1", "source=Script(())", "--schedule", "x"], "not a list of ints"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    project: Path, arguments: list[str], line: str
) -> None:
    """The line names the value; there is no traceback."""
    result = run(project, *arguments)
    assert result.returncode == 2 and line in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_the_list_names_every_law(project: Path) -> None:
    """Ids, words and symbols, without running anything."""
    result = run(project, "list")
    assert result.returncode == 0 and "F1 functor.identity" in result.stdout


def test_pytest_writes_reports_from_worker_processes(project: Path) -> None:
    """With xdist, the page is made from all workers' verdicts."""
    pytest_ = [str(Path(sys.executable).parent / "pytest"), "-p", "no:cacheprovider"]
    report = "--laws-report=out.json"
    command = [*pytest_, report, "--laws", "naive", "-k", "F", "-n", "2"]
    result = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert "written: out.json" in result.stdout
    (instance,) = json.loads((project / "out.json").read_text("utf-8"))["instances"]
    assert len(instance["laws"]) >= 1 and instance["mapping"].startswith("pure=async_gen_return")


def test_help_teaches() -> None:
    """pytest's help lists the options, the command's own shows how to write an instance."""
    pytest_ = str(Path(sys.executable).parent / "pytest")
    result = subprocess.run([pytest_, "--help"], capture_output=True, text=True, check=False)
    for option in ("--laws", "--laws-profile", "--laws-schedule", "--laws-report"):
        assert option in result.stdout
    help_ = run(Path.cwd(), "--help").stdout
    assert "StreamInstance(name=" in help_ and "replay" in help_


@pytest.mark.parametrize("command", ["", "check", "replay", "init", "list"])
def test_the_help_of_each_command_fits_80_columns(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names its exit codes, and says what each of its arguments is."""
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        main([*filter(None, [command]), "--help"])
    lines = capsys.readouterr().out.splitlines()
    assert ended.value.code == 0
    assert [line for line in lines if len(line) > 80] == []
    assert "exit codes:" in lines

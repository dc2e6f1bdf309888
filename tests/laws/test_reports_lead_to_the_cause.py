"""What a report puts first, what it leaves out, and what it says of hangs."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from funcpipe_laws import Operator, StreamInstance, catalogue
from funcpipe_laws.checking.check import check, check_law
from funcpipe_laws.declared.law import CUT_SHORT
from funcpipe_laws.declared.profile import Budget
from funcpipe_laws.finding.discover import resolve
from funcpipe_laws.report import causes, html, marble, markdown, record, text
from tests.laws.mutants import MODEL

LAWS = {law.id: law for law in catalogue.laws()}
ROOT = Path(__file__).parent.parent.parent
(_NAIVE,) = resolve("examples.naive_streams")
NAIVE = _NAIVE.instance

pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
]


@pytest.fixture(scope="module")
def naive() -> list[record.LawRecord]:
    """The nested form, whose one fault breaks several laws; in another order, as xdist has it."""
    chosen = [LAWS[i] for i in ("S14", "F1", "S10", "G1", "C2", "S9", "F2")]
    return [record.law_record(verdict, "naive") for verdict in check(NAIVE, chosen)]


def test_laws_broken_by_one_cause_stand_together(naive: list[record.LawRecord]) -> None:
    """The smallest counterexample first, the others by their ids."""
    (group,) = causes.grouped(naive)
    assert {law["id"] for law in group} == {"S14", "S10", "C2", "S9"}
    first = causes.summary(naive)[0]
    assert "stays open, or is closed late; also broken: " in first
    assert first.startswith(group[0]["id"])


def test_a_cause_is_told_with_its_own_numbers() -> None:
    """What groups laws leaves numbers out; what a reader sees does not."""

    def same(stream: Any) -> Any:
        return stream

    def model() -> list[Any]:
        return []

    unfit: Any = model
    wrong = Operator(same, model=unfit)
    verdicts = check(StreamInstance(name="one", operators={"same": wrong}), [LAWS["A2"]])
    (line,) = causes.summary([record.law_record(verdict, "") for verdict in verdicts])
    assert "takes 0 positional arguments but 1 was given" in line


def test_what_was_not_offered_is_counted_with_the_reason(naive: list[record.LawRecord]) -> None:
    """In each format, and by the terminal."""
    report = record.conformance([record.Checked("naive", "naive", "by name", naive)], ["profile q"])
    for page in (markdown.render(report), html.render(report)):
        assert "not offered: 1 no merge" in page
        assert report["made"]["version"] in page and "profile q" in page
        assert report["made"]["date"].endswith("UTC")
    assert "not offered: 1 no merge" in causes.summary(naive)


def test_the_summary_does_not_depend_on_the_order_of_the_checks() -> None:
    """Workers report their laws as they finish them."""
    verdicts = check(NAIVE, [LAWS["G1"], LAWS["G12"], LAWS["I6"]])
    records = [record.law_record(verdict, "") for verdict in verdicts]
    told = causes.summary(records)
    assert told == causes.summary(records[::-1])
    assert "1 no merge; 1 no par_map" in told[-1]


def test_laws_have_their_order_and_failures_come_first(naive: list[record.LawRecord]) -> None:
    """Whatever order they were checked in; the page shows what failed above the table."""
    report = record.conformance([record.Checked("naive", "naive", "by name", naive)])
    (instance,) = report["instances"]
    assert [law["id"] for law in instance["laws"]] == ["F1", "F2", "S9", "S10", "S14", "C2", "G1"]
    page = html.render(report)
    assert page.index('id="law-1-S14"') < page.index('id="matrix"')
    rendered = markdown.render(report)
    assert rendered.index("### S14") < rendered.index("## Law by instance")


def test_a_suite_without_time_tries_less_and_says_so() -> None:
    """It ends, nothing is vacuous by it, and the laws concerned are named."""
    budget = Budget(3)
    budget.spent = 1_000.0
    verdicts = check(MODEL, [LAWS["C1"], LAWS["S14"], LAWS["G4"]], budget=budget)
    assert [verdict.status for verdict in verdicts] == ["held"] * 3
    cut = [verdict for verdict in verdicts if verdict.seen.get(CUT_SHORT)]
    assert cut and all(verdict.seen["examples"] >= 1 for verdict in cut)
    records = [record.law_record(verdict, "") for verdict in verdicts]
    assert any(line.startswith("out of time: ") for line in causes.summary(records))


def test_a_waived_law_that_holds_does_not_read_as_broken() -> None:
    """It fails the run, and the report says that it holds."""
    from funcpipe_laws import known_failure

    verdict = check_law(LAWS["F1"], replace(MODEL, waivers={"F1": known_failure("issue 12")}))
    shown = text.failure(verdict)
    assert verdict.failed
    assert shown.startswith("F1 functor.identity holds: ")
    assert "waived (issue 12), but it holds" in shown


def stuck(streams: Any, max_buffer: int = 1) -> Any:
    """A merge that waits for what never comes, in a task for each source."""

    async def pump(queue: asyncio.Queue[Any]) -> None:
        await queue.get()

    async def stream() -> AsyncIterator[Any]:
        tasks = [asyncio.create_task(pump(asyncio.Queue())) for _ in streams]
        await asyncio.gather(*tasks)
        yield 0

    return stream


def test_a_deadlock_names_every_task_and_what_it_waits_for() -> None:
    """Where each of them waits: line, function, and the call of asyncio."""
    verdict = check_law(LAWS["G1"], replace(MODEL, merge=stuck))
    assert verdict.status == "broken"
    waiting = verdict.reason.splitlines()[1:]
    assert waiting[0].startswith("the consumer waits in stuck.<locals>.stream (tests/laws/")
    assert any(
        "in stuck.<locals>.pump (tests/laws/" in line and line.endswith("for Queue.get()")
        for line in waiting
    )


def spinning(source: Any, f: Any) -> Any:
    """A map that starts its source over and over."""

    async def stream() -> AsyncIterator[Any]:
        while True:
            async with aclosing(source()) as items:
                async for item in items:
                    yield f(item)

    return stream


def test_the_trace_of_a_livelock_is_cut_to_its_first_lap() -> None:
    """What repeats itself is shown once."""
    instance = StreamInstance(name="spinning", map=spinning)
    verdict = check_law(LAWS["F1"], instance)
    assert verdict.status == "broken" and verdict.counterexample is not None
    assert verdict.reason.startswith("livelock: ")
    (side,) = verdict.counterexample.sides
    assert len(side.trace.events) < 40
    assert len(text.failure(verdict).splitlines()) < 60


def test_a_diagram_fits_a_terminal_of_80_columns(
    naive: list[record.LawRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No line of it is broken by the terminal; the wide one of a wide terminal has fewer."""
    verdict = check_law(LAWS["S14"], NAIVE)
    assert verdict.counterexample is not None
    (side, *_) = verdict.counterexample.sides
    heights = []
    for columns in (80, 140):
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = [f"    {line}" for line in text.diagram(side)]
        assert max(map(len, lines)) <= columns
        heights.append(len(lines))
    assert heights[0] > heights[1]
    assert max(map(len, marble.text(marble.layout(side.trace)))) <= 76


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A module and a test of the user's own."""
    source = (ROOT / "examples" / "naive_streams.py").read_text("utf-8")
    (tmp_path / "naive.py").write_text(source, "utf-8")
    (tmp_path / "test_own.py").write_text("def test_own(): pass\n", "utf-8")
    return tmp_path


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """pytest, in a process of its own."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly"]
    return subprocess.run(
        [*command, *arguments], cwd=project, capture_output=True, text=True, check=False
    )


def test_laws_in_addopts_add_to_the_users_own_tests(project: Path) -> None:
    """Typed, they are all that is collected; configured, they are some more tests."""
    typed = run(project, "--laws", "naive", "-k", "F1- or own")
    assert "1 passed" in typed.stdout, typed.stdout
    (project / "pytest.ini").write_text("[pytest]\naddopts = --laws naive\n", "utf-8")
    configured = run(project, "-k", "F1- or own")
    assert "2 passed" in configured.stdout, configured.stdout


@pytest.mark.parametrize("name", ["folder.json", "nowhere/report.json", "/proc/report.json"])
def test_a_report_that_cannot_be_written_is_one_line(project: Path, name: str) -> None:
    """Before the laws are run, or after them; never a traceback, never exit code 0."""
    (project / "folder.json").mkdir()
    if name.startswith("/proc") and not os.path.isdir("/proc"):  # noqa: PTH112
        pytest.skip("there is no /proc")
    done = run(project, "--laws", "naive", "-k", "F1-", f"--laws-report={name}")
    output = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Traceback" not in output and "INTERNALERROR" not in output, output
    assert name.rpartition("/")[2] in output


SUITE = """\
from funcpipe_laws import laws
from beside import NAIVE

@laws(NAIVE)
def test_naive(law): ...
"""
BESIDE = """\
from dataclasses import replace
from funcpipe_laws.finding.discover import resolve
NAIVE = replace(resolve("naive")[0].instance, name="naive")
"""


@pytest.mark.parametrize("options", [(), ("--import-mode=importlib", "-o", "pythonpath=tests")])
@pytest.mark.parametrize("is_ci", [True, False])
def test_the_replay_line_works_from_where_pytest_ran(
    project: Path, options: tuple[str, ...], is_ci: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a suite in a folder of tests too; it says what the stock loop says. It is printed once,
    in CI too, where pytest's summary does not cut messages."""
    monkeypatch.setenv("CI", "true") if is_ci else monkeypatch.delenv("CI", raising=False)
    (project / "tests").mkdir()
    (project / "tests" / "test_laws.py").write_text(SUITE, "utf-8")
    (project / "tests" / "beside.py").write_text(BESIDE, "utf-8")
    done = run(project, "tests", "-k", "S14-", *options)
    (line,) = [row for row in done.stdout.splitlines() if row.strip().startswith("replay: ")]
    assert " tests/test_laws.py:NAIVE " in line
    command = line.strip().removeprefix("replay: python ")
    again = subprocess.run(
        f"{sys.executable} {command}",
        shell=True,
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 1, again.stdout + again.stderr
    assert "S14 resources.close_reaches_inside is broken" in again.stdout
    assert "confirmed on asyncio's stock loop" in again.stdout

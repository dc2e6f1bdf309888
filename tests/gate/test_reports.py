"""What a run of the gate writes: each format is what its readers take."""

from __future__ import annotations

import html
import json
import re
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from funcpipe_gate.report import load
from funcpipe_gate.report.schema import schema

from .projects import BROKEN, COMBINATOR, LEAKING, gate, project

FILES = ("gate.json", "gate.sarif", "gate.xml", "gate.md", "gate.html", "gate.txt")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that found something in three stages, with a report in each format."""
    impure = COMBINATOR.replace("    async def stream", "    source()\n\n    async def stream")
    # A word that no narrow page has room for beside two other columns.
    impure = impure.replace("source", "source_of_the_rows_that_one_client_sends")
    folder = project(
        tmp_path_factory.mktemp("written"),
        'laws = ["bad"]\npurity = ["maker"]\npaths = ["app.py"]',
        app=LEAKING,
        bad=BROKEN,
        maker=impure,
    )
    words = [word for name in FILES for word in ("--report", name)]
    step_summary = folder / "step.md"
    step_summary.write_text("before\n")
    done = gate(
        folder, "check", *words, GITHUB_STEP_SUMMARY=str(step_summary), GITHUB_ACTIONS="true"
    )
    assert done.returncode == 1, done.stderr
    (folder / "stdout").write_text(done.stdout)
    return folder


def test_json_follows_its_schema(written: Path) -> None:
    """And the reports of the tools are in it."""
    document = json.loads((written / "gate.json").read_text("utf-8"))
    jsonschema.validate(document, schema())
    assert set(document["reports"]) == {"lint", "laws", "purity"}
    broken = {**document, "exit_code": "1"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema())


def test_sarif_has_a_run_for_each_stage_that_ran(written: Path) -> None:
    """A reader made from the published schema takes it; skipped stages have no run."""
    text = (written / "gate.sarif").read_text("utf-8")
    Sarif.model_validate_json(text)
    runs = json.loads(text)["runs"]
    names = [run["tool"]["driver"]["name"] for run in runs]
    assert names == ["funcpipe-lint", "funcpipe-laws", "funcpipe-purity"]
    for run in runs:
        assert run["results"]
        for result in run["results"]:
            [spot] = result["locations"]
            assert spot["physicalLocation"]["artifactLocation"]["uriBaseId"] == "SRCROOT"
            assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert runs[0]["results"][0]["fixes"]


def test_junit_counts_what_is_in_it(written: Path) -> None:
    """A suite a stage; findings are failures, skipped stages skipped cases."""
    root = ElementTree.parse(written / "gate.xml").getroot()
    suites = {suite.get("name"): suite for suite in root}
    assert len(suites) == 6
    assert suites["funcpipe lint"].get("failures") == "1"
    assert suites["funcpipe types"].get("skipped") == "1"
    for tag, key in (("failure", "failures"), ("skipped", "skipped"), ("testcase", "tests")):
        assert len(root.findall(f".//{tag}")) == int(root.get(key, "-1"))


def test_markdown_goes_to_the_summary_of_the_job_too(written: Path) -> None:
    """It is added to what other steps have written."""
    page = (written / "gate.md").read_text("utf-8")
    assert (written / "step.md").read_text("utf-8") == f"before\n{page}"
    assert "| lint | ✗ 1 | 1 file |" in page
    assert "S14" in page
    assert page.count("```") % 2 == 0


def test_a_workflow_gets_annotations(written: Path) -> None:
    """Where the run is a GitHub workflow's, each finding is a command that its log is read for."""
    lines = (written / "stdout").read_text("utf-8").splitlines()
    [lint] = [line for line in lines if line.startswith("::") and "FP303" in line]
    assert lint.startswith("::error title=FP303 source-not-closed,file=app.py,line=17,")
    assert any(line.startswith("::error title=S14") and "file=bad.py" in line for line in lines)


def test_the_agents_form_has_patch_page_and_replay(written: Path) -> None:
    """And is plain text."""
    text = (written / "gate.txt").read_text("utf-8")
    assert "```diff\n--- a/app.py" in text
    assert "replay: python -m funcpipe_laws replay bad:STREAMS S14" in text
    assert "# FP303 source-not-closed: " in text
    assert text.count("## Why is this bad") == 1
    assert "\x1b" not in text


@pytest.mark.parametrize(
    "form", ["text", "agent", "markdown", "html", "sarif", "junit", "json", "github"]
)
def test_the_places_that_a_finding_is_also_about_are_shown(written: Path, form: str) -> None:
    """For a source that is left open: what it holds, and where."""
    document = json.loads((written / "gate.json").read_text("utf-8"))
    [found] = document["stages"][0]["findings"]
    assert found["details"][-1] == "app.py:10: 'rows' yields inside 'async with asyncio.Lock()'"
    text = " ".join(html.unescape(load(form)(document)).split())
    for line in found["details"]:
        said = line.partition(": ")[2]
        assert (said if form == "sarif" else line) in text
    if form == "sarif":
        [result] = json.loads(load(form)(document))["runs"][0]["results"]
        [*_, spot] = result["relatedLocations"]
        assert spot["physicalLocation"]["artifactLocation"]["uri"] == "app.py"
        assert spot["physicalLocation"]["region"]["startLine"] == 10


@pytest.mark.parametrize("form", ["text", "agent", "markdown", "html", "sarif", "junit", "json"])
def test_what_was_let_pass_or_not_looked_at_is_in_each_report(written: Path, form: str) -> None:
    """A green report that says less than the terminal would be believed too far."""
    document = json.loads((written / "gate.json").read_text("utf-8"))
    document["stages"][0] |= {"remarks": ["3 more in the baseline"], "not_looked_at": ["old.py"]}
    text = html.unescape(load(form)(document))
    assert "3 more in the baseline" in text
    assert "old.py" in text


def test_a_summary_that_is_too_long_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: Path
) -> None:
    """The service refuses more than a megabyte as a whole."""
    from funcpipe_gate.report.write import add_to_step_summary

    document = json.loads((written / "gate.json").read_text("utf-8"))
    document["stages"][0]["findings"][0]["message"] = "x" * 2_000_000
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "step.md"))
    assert add_to_step_summary(document) == ""
    assert (tmp_path / "step.md").stat().st_size < 1_024_000


def test_nothing_in_a_finding_is_markup(written: Path) -> None:
    """What code says is shown as it is, on the page and in Markdown."""
    document = json.loads((written / "gate.json").read_text("utf-8"))
    hostile = "<script>alert(1)</script> | `x` *y*"
    document["stages"][0]["findings"][0]["message"] = hostile
    document["stages"][0]["findings"][0]["place"]["path"] = hostile
    assert "<script>" not in load("html")(document)
    assert "<script>" not in load("markdown")(document)


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
CONTRAST = """
() => {
  const channel = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number);
    return .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b); };
  const ground = node => { while (node) { const c = getComputedStyle(node).backgroundColor;
    if (!/, 0\\)$|transparent/.test(c)) return c;
    node = node.parentElement; } return 'rgb(0,0,0)'; };
  let worst = 21;
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || node.closest('svg')) continue;
    const [a, b] = [light(getComputedStyle(node).color), light(ground(node))];
    worst = Math.min(worst, (Math.max(a, b) + .05) / (Math.min(a, b) + .05));
  }
  return worst;
}
"""
# Tables wider than what shows them: of the matrix and the diagrams alone that is meant.
CUT_OFF = """
() => [...document.querySelectorAll('.scroll')]
  .filter(n => n.scrollWidth > n.clientWidth && !n.querySelector('.matrix, svg'))
  .map(n => n.textContent.slice(0, 80))
"""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed: the page is not looked at")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_in_a_browser(written: Path, scheme: Any, width: int) -> None:
    """It needs nothing else, fits the window, can be read, and shows what was found."""
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    complaints: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto((written / "gate.html").as_uri())
        assert asked == [(written / "gate.html").as_uri()]
        assert complaints == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CUT_OFF) == []
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert sum(map(int, re.findall(r"\d+", ground))) < 200 or scheme == "light"
        assert page.evaluate(CONTRAST) >= 4.5
        assert page.get_by_text("app.py:17:5 FP303 source-not-closed").is_visible()
        result = page.locator(".stages tr", has_text="lint").locator("td").first.bounding_box()
        assert result is not None
        assert result["height"] < 60, "the result is broken into pieces"
        page.locator("a[aria-label='S14 broken']").click()
        assert page.locator("#law-1-S14 svg").first.is_visible()
        assert page.locator("#law-1-S14 svg").first.bounding_box() is not None
        assert page.get_by_role("heading", name="Purity of construction").count() == 1
        browser.close()

"""`pytest --laws` and `@laws`, as real pytest runs in a folder of their own."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
NAIVE = (ROOT / "examples" / "naive_streams.py").read_text("utf-8")
FEW = "F1- or S5- or S14-"
SUITE = """\
from dataclasses import replace
from funcpipe_laws import laws
from funcpipe_laws.finding.discover import resolve
NAIVE = replace(resolve("naive")[0].instance, name="naive")

@laws(NAIVE)
def test_naive(law): ...
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the nested form of streams in it, and a test that must not be collected."""
    (tmp_path / "naive.py").write_text(NAIVE, "utf-8")
    (tmp_path / "test_unrelated.py").write_text("def test_unrelated(): pass\n", "utf-8")
    return tmp_path


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`pytest` as a user's shell runs it."""
    command = [str(Path(sys.executable).parent / "pytest"), "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def outcomes(output: str) -> dict[str, int]:
    """The totals of pytest's last line."""
    return {
        word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|skipped|xfailed)", output)
    }


def test_laws_on_a_module_without_any_code(project: Path) -> None:
    """One test a law, none of the project's own, the mapping on top, exit code 1 for a failure."""
    result = run(project, "--laws", "naive", "-k", FEW)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "laws: naive: pure=async_gen_return, map=async_gen_map" in result.stdout
    assert "S14 resources.close_reaches_inside is broken: naive" in result.stdout
    assert "test_unrelated" not in result.stdout
    assert "Traceback" not in result.stdout


def test_a_failure_says_all_that_is_needed(project: Path) -> None:
    """Statement, diagram, release log, inputs, schedule, confirmation, and a line that replays."""
    output = run(project, "--laws", "naive", "-k", "S14-").stdout
    for wanted in (
        "after aclose(c(using(r, s))): nothing open",
        "aclose() back",
        "behind ‖: only after control had come back",
        "release log:",
        "long = Script((Value(0), Value(0)))",
        "schedule = ",
        "confirmed on asyncio's stock loop",
    ):
        assert wanted in output
    # With CI set, pytest repeats the message in its closing summary.
    (line,) = set(re.findall(r"replay: python -m (.*)", output))
    command = f"{sys.executable} -m {line}"
    again = subprocess.run(
        command, shell=True, cwd=project, capture_output=True, text=True, check=False
    )
    assert again.returncode == 1 and "S14 resources.close_reaches_inside is broken" in again.stdout


def test_k_selects_a_law_or_a_family(project: Path) -> None:
    """`-k F1-` is one law, `-k functor` its family."""
    assert outcomes(run(project, "--laws", "naive", "-k", "F1-").stdout) == {"passed": 1}
    assert outcomes(run(project, "--laws", "naive", "-k", "functor").stdout)["passed"] >= 1


def test_paths_are_collected_beside_the_laws_when_given(project: Path) -> None:
    """With a path, its tests run too."""
    output = run(project, "--laws", "naive", "-k", "F1- or unrelated", "test_unrelated.py").stdout
    assert outcomes(output) == {"passed": 2}


def test_junit_has_one_case_a_law_with_what_it_saw(project: Path) -> None:
    """The junit file names module and law, and counts observations."""
    run(project, "--laws", "naive", "-k", "F1- or S14-", "--junitxml=out.xml")
    cases = list(ElementTree.parse(project / "out.xml").iter("testcase"))
    assert [(c.get("classname"), c.get("name")) for c in cases] == [
        ("naive", "F1-functor.identity"),
        ("naive", "S14-resources.close_reaches_inside"),
    ]
    assert cases[1].find("failure") is not None
    properties = {p.get("name"): p.get("value") for p in cases[0].iter("property")}
    assert properties["status"] == "held" and int(properties["seen err"] or 0) > 0


def test_xdist_gives_the_same_verdicts(project: Path) -> None:
    """Two workers find what one process finds."""
    alone = outcomes(run(project, "--laws", "naive", "-k", FEW).stdout)
    assert alone == {"passed": 2, "failed": 1}
    assert outcomes(run(project, "--laws", "naive", "-k", FEW, "-n", "2").stdout) == alone


def test_decorated_function_is_parametrized_over_the_laws(project: Path) -> None:
    """`@laws(INSTANCE)`: one case a law, `-k` works, and an empty body still checks."""
    (project / "test_mine.py").write_text(SUITE, "utf-8")
    result = run(project, "test_mine.py", "-k", FEW)
    assert outcomes(result.stdout) == {"passed": 2, "failed": 1}
    assert "replay: python -m funcpipe_laws replay test_mine.py:NAIVE S14" in result.stdout
    assert outcomes(run(project, "test_mine.py", "-k", "F1-").stdout) == {"passed": 1}


def known(waivers: str) -> str:
    """The suite with these waivers."""
    text = SUITE.replace('name="naive"', f'name="naive", waivers={{{waivers}}}')
    return text.replace("import laws", "import known_failure, laws")


def test_a_known_failure_may_depend_on_a_condition(project: Path) -> None:
    """Where the condition is false the law must hold: what breaks it fails the run."""
    (project / "test_mine.py").write_text(
        known('"S14": known_failure("x", when=False), "F1": known_failure("y", when=False)'),
        "utf-8",
    )
    assert outcomes(run(project, "test_mine.py", "-k", "S14- or F1-").stdout) == {
        "failed": 1,
        "passed": 1,
    }


def test_a_known_failure_is_not_shrunk(project: Path) -> None:
    """The search for it ends at the first failure: the smallest is nobody's concern."""
    runs = {}
    for name, text in (("known", known('"S14": known_failure("x")')), ("new", SUITE)):
        (project / "test_mine.py").write_text(text, "utf-8")
        run(project, "test_mine.py", "-k", "S14-", "--junitxml=out.xml")
        (case,) = ElementTree.parse(project / "out.xml").iter("testcase")
        properties = {p.get("name"): p.get("value") for p in case.iter("property")}
        runs[name] = int(properties["seen runs"] or 0)
    assert runs["known"] < runs["new"]


def test_a_waiver_of_no_law_is_refused_with_the_nearest(project: Path) -> None:
    """A typo in an id or slug would otherwise waive nothing, and nobody would see it."""
    text = known('"resources.stack_ordr": known_failure("x")')
    (project / "test_mine.py").write_text(text, "utf-8")
    message = "waivers['resources.stack_ordr'] is no law; did you mean 'resources.stack_order'?"
    done = run(project, "test_mine.py", "-k", "F1-")
    assert done.returncode == 2 and message in done.stdout


@pytest.mark.parametrize(
    ("waiver", "message"),
    [
        ('"issue 12"', "waivers['S14'] is 'issue 12': write known_failure('issue 12')"),
        ('known_failure(" ")', "known_failure needs a reason, such as 'issue 12', not ' '"),
    ],
)
def test_a_wrong_waiver_is_refused_where_it_is_written(
    project: Path, waiver: str, message: str
) -> None:
    """The message names the value and the way out."""
    (project / "test_mine.py").write_text(known(f'"S14": {waiver}'), "utf-8")
    assert message in run(project, "test_mine.py").stdout


def test_waived_laws_are_expected_failures_and_strict(project: Path) -> None:
    """A waived law that breaks is an xfail with its reason; one that holds fails the run."""
    waived = known('"S14": known_failure("issue 12")')
    (project / "test_mine.py").write_text(waived, "utf-8")
    broken = run(project, "test_mine.py", "-k", "S14-", "-rx")
    assert outcomes(broken.stdout) == {"xfailed": 1} and "issue 12" in broken.stdout
    (project / "test_mine.py").write_text(waived.replace("S14", "F1"), "utf-8")
    held = run(project, "test_mine.py", "-k", "F1-")
    assert outcomes(held.stdout) == {"failed": 1} and "but it holds" in held.stdout


def test_strict_xfail_marks_work(project: Path) -> None:
    """A user's own xfail mark applies to the cases like to any test."""
    text = SUITE.replace("@laws(NAIVE)", "import pytest\n\n@pytest.mark.xfail\n@laws(NAIVE)")
    (project / "test_mine.py").write_text(text, "utf-8")
    result = run(project, "test_mine.py", "-k", "S14-", "-o", "xfail_strict=true")
    assert outcomes(result.stdout) == {"xfailed": 1}
    result = run(project, "test_mine.py", "-k", "F1-", "-o", "xfail_strict=true")
    assert outcomes(result.stdout) == {"failed": 1}


@pytest.mark.parametrize("target", ["nope", "broken", "naive.py"])
def test_a_wrong_target_is_one_clear_line_and_exit_code_2(project: Path, target: str) -> None:
    """The line names the value; no traceback, nothing is run."""
    (project / "broken.py").write_text("1 / 0\n", "utf-8")
    result = run(project, "--laws", target)
    assert result.returncode == 2
    assert "Traceback" not in result.stdout + result.stderr
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("Exit: laws: ") and target in line


def test_a_wrong_schedule_is_one_clear_line(project: Path) -> None:
    """`--laws-schedule` takes a list of ints and says so."""
    result = run(project, "--laws", "naive", "--laws-schedule", "fast")
    assert result.returncode == 2
    assert "'fast' is not a list of ints such as '[0, 2, 1]'" in result.stderr


def test_a_given_schedule_is_used(project: Path) -> None:
    """A failure under a fixed schedule prints that schedule."""
    result = run(project, "--laws", "naive", "-k", "S14-", "--laws-schedule", "Schedule([0, 1])")
    assert re.search(r"schedule = \[(0, 1)?\]", result.stdout)


def test_public_names_win_in_any_order_of_imports() -> None:
    """No submodule has the name of something public: importing it would put itself in its place.
    `models` is a module that is public."""
    code = """
import importlib, pkgutil, types, funcpipe_laws
for module in pkgutil.iter_modules(funcpipe_laws.__path__):
    if module.name != "__main__":
        importlib.import_module(f"funcpipe_laws.{module.name}")
for name in set(funcpipe_laws.__all__) - {"models"}:
    assert not isinstance(getattr(funcpipe_laws, name), types.ModuleType), name
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("module", ["funcpipe_laws", "funcpipe_laws.pytest_plugin"])
def test_importing_does_not_import_hypothesis(module: str) -> None:
    """A project that only has the kit installed must not pay for it."""
    heavy = "{'hypothesis', 'libcst', 'jinja2'}"
    code = f"import sys, {module}; sys.exit(bool(set(sys.modules) & {heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

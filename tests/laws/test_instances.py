"""The instances of published libraries: no false alarm on a right one, and no crash on any."""

from __future__ import annotations

import re
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from funcpipe_laws.checking.check import check
from funcpipe_laws.finding.discover import resolve

ROOT = Path(__file__).parents[2]
MODULES = sorted(path.stem for path in (ROOT / "examples" / "instances").glob("for_*.py"))


@pytest.mark.parametrize("library", ["asyncstdlib", "returns"])
def test_a_library_that_closes_what_it_opens_breaks_no_law(library: str) -> None:
    """Nothing is broken, vacuous or crashed, and much is held."""
    [found] = resolve(f"examples.instances.for_{library}")
    verdicts = check(found.instance)
    assert [str(verdict.law) for verdict in verdicts if verdict.failed] == []
    assert sum(verdict.status == "held" for verdict in verdicts) >= 25


@pytest.mark.parametrize("module", MODULES)
def test_an_instance_is_of_the_pinned_version(module: str) -> None:
    """Its name says the version that is installed, and pyproject.toml pins that one."""
    if module == "for_openinference" and sys.version_info >= (3, 15):
        pytest.skip("it is for Python up to 3.14")
    [found] = resolve(f"examples.instances.{module}")
    library, said = found.instance.name.split()
    assert version(library) == said
    pins = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert re.search(rf'"{re.escape(f"{library}=={said}")}[";]', pins)


def test_every_script_is_on_the_page_and_every_cross_has_its_script() -> None:
    """The pages link to each of docs/counterexamples, and to nothing that is not there."""
    pages = [ROOT / "docs" / name for name in ("conformance.md", "field-study.md")]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    linked = set(re.findall(r"\(counterexamples/(\w+\.py)\)", text))
    assert linked == {path.name for path in (ROOT / "docs" / "counterexamples").glob("*.py")}

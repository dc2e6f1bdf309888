"""Every rule against its own examples and against the files in cases/."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from docs.programs.tables import tables
from funcpipe_lint.check.engine import Engine
from funcpipe_lint.check.fixing.fix import fixed
from funcpipe_lint.cli.examples import problems
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.model.codes import RULES, load
from funcpipe_lint.read.source import Source

CASES = Path(__file__).parents[1] / "cases"
DOCS = Path(__file__).parents[3] / "docs"
MARK = re.compile(r"\s*# error(?:: (?P<codes>FP\d+(?:, ?FP\d+)*))?(?:[ ]*$| .*$)", re.MULTILINE)
HEADER = re.compile(r"# options: (.*)")


def marked(code: str, default: str) -> set[tuple[int, str]]:
    """(line, code) of each `# error` mark; a mark without codes stands for the default one."""
    found = set()
    for number, line in enumerate(code.splitlines(), 1):
        mark = MARK.search(line)
        if mark:
            codes = mark["codes"] or default
            found |= {(number, one.strip()) for one in codes.split(",")}
    return found


def reported(code: str, engine: Engine, path: str = "example.py") -> set[tuple[int, str]]:
    """(line, code) of what the engine says; fails if anything could not be checked."""
    report = engine.check(path, code.encode())
    assert report.crashes == (), report.crashes
    return {(v.line, v.code) for v in report.violations}


def fixed_code(code: str, engine: Engine, path: str = "example.py") -> str:
    """What all fixes, safe and unsafe, make of some code."""
    return fixed(path, Source.decode(code.encode()), engine, unsafe=True).text


@pytest.mark.parametrize("code", RULES)
def test_examples(code: str) -> None:
    """A rule reports exactly the marked lines of its bad examples and nothing of its good ones; its
    fix makes what it says; its page has every heading."""
    rule = load(code)
    assert rule.code == code
    assert list(problems(rule)) == []


def case_files() -> list[str]:
    """The files in cases/, golden ones left out."""
    return sorted(path.name for path in CASES.glob("*.py*") if not path.stem.endswith(".fixed"))


def options_of(name: str, code: str) -> dict[str, object]:
    """The configuration of a case: its `# options:` line as a TOML table, and the rule that its
    name begins with, which is then on in every module."""
    found = HEADER.match(code)
    given: dict[str, object] = tomllib.loads("o = {" + found[1] + "}")["o"] if found else {}
    rule = name[:5].upper()
    return {"select": [rule], **given} if rule in RULES else given


@pytest.mark.parametrize("name", case_files())
def test_cases(name: str) -> None:
    """The rule reports exactly the marks of a case; fixing it gives its golden file."""
    path = CASES / name
    code = path.read_text(encoding="utf-8")
    options = options_of(name, code)
    engine = Engine(settings_for(options))
    assert reported(code, engine, name) == marked(code, "")
    assert reported(code, Engine(settings_for(options), use_screens=False), name) == marked(
        code, ""
    )
    golden = path.with_suffix(".fixed.py")
    outcome = fixed_code(code, engine, name)
    if golden.exists():
        assert outcome == golden.read_text(encoding="utf-8")
        assert fixed_code(outcome, engine, name) == outcome
    else:
        assert outcome == code, f"a fix applies: write {golden.name}"


def test_the_tables_agree_with_the_rules() -> None:
    """What a start-up reads in place of the rules is what their classes say: run `make docs`."""
    for path, text in tables().items():
        assert (DOCS / path).read_text(encoding="utf-8") == text, path
    for code, entry in RULES.items():
        assert entry.module == f"{code.lower()}_{load(code).name.replace('-', '_')}"

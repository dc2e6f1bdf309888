"""[tool.funcpipe-lint]: which file holds, what adds up, what `config` says of it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from funcpipe_lint.config.options import INVARIANTS
from funcpipe_lint.model import Scope
from funcpipe_lint.model.codes import RULES
from tests.lint.conftest import LEAKY, Command


def configure(text: str, folder: str = ".", name: str = "pyproject.toml") -> None:
    """Writes a configuration file, with its section where it needs one."""
    Path(folder).mkdir(exist_ok=True)
    head = "[tool.funcpipe-lint]\n" if name == "pyproject.toml" else ""
    Path(folder, name).write_text(head + text, encoding="utf-8")


def held(command: Command, path: str = "leaky.py") -> Any:
    """What `config` says of a file, as data."""
    done = command("config", "--output-format", "json", path)
    assert (done.code, done.err) == (0, "")
    return json.loads(done.out)


def test_the_nearest_file_holds(command: Command) -> None:
    """A folder's own configuration replaces the one above it; a bare pyproject.toml is none."""
    configure('ignore = ["FP303"]')
    configure('select = ["FP303"]', "sub")
    Path("bare").mkdir()
    Path("bare/pyproject.toml").write_text("[project]\n", encoding="utf-8")
    for folder in ("sub", "bare"):
        Path(folder, "leaky.py").write_text(LEAKY, encoding="utf-8")
    done = command("check", "--output-format", "concise", ".")
    assert [line.split(":")[0] for line in done.out.splitlines()] == ["sub/leaky.py"]


def test_extend_starts_from_another_file(command: Command) -> None:
    """Own keys win over those of the file extended, and lists that begin with extend- add up."""
    configure('discipline = "all"\nprofile = "strict"\nextend-ignore = ["FP303"]', name="base.toml")
    configure('extend = "base.toml"\nprofile = "default"\nextend-ignore = ["FP504"]')
    keys = held(command)["keys"]
    assert keys["discipline"]["value"] == "all"
    assert keys["discipline"]["from"].endswith("base.toml")
    assert keys["profile"]["value"] == "default"
    assert keys["extend-ignore"]["value"] == ["FP303", "FP504"]
    strict = {code for code, rule in RULES.items() if rule.scope is Scope.STRICT}
    assert held(command)["rules"]["off"] == sorted(strict | {"FP303", "FP504"})


@pytest.mark.parametrize("target", ["pyproject.toml", "none.toml"])
def test_extend_that_cannot_be_followed(command: Command, target: str) -> None:
    """A file that extends itself, or one that is not there, is named."""
    configure(f'extend = "{target}"')
    done = command("check", ".")
    assert done.code == 2
    assert target in done.err
    assert len(done.err.splitlines()) == 1


def test_the_command_line_wins(command: Command) -> None:
    """--select replaces what the file selects; --extend-select adds to it."""
    configure('select = ["FP504"]\nextend-select = ["FP303"]')
    assert command("check", "--select", "FP504", ".").code == 0
    configure('select = ["FP504"]')
    assert command("check", ".").code == 0
    assert command("check", "--extend-select", "FP303", ".").code == 1


def test_the_longer_prefix_wins(command: Command) -> None:
    """Ignoring a family and selecting one of its rules runs that rule."""
    assert command("check", "--ignore", "FP3", ".").code == 0
    assert command("check", "--ignore", "FP3", "--extend-select", "FP303", ".").code == 1
    assert command("check", "--select", "FP3", "--ignore", "FP303", ".").code == 0


def test_per_file_ignores(command: Command) -> None:
    """By glob from the configuration's folder; folders cover what is below them."""
    Path("tests/deep").mkdir(parents=True)
    Path("tests/deep/leaky.py").write_text(LEAKY, encoding="utf-8")
    configure('per-file-ignores = { "tests" = ["FP3"], "leaky.py" = ["FP504"] }')
    assert command("check", "tests").code == 0
    assert command("check", "leaky.py").code == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('selct = ["FP303"]', "unknown key 'selct'; did you mean 'select'?"),
        ('select = ["FP33"]', "unknown rule 'FP33'; did you mean 'FP3"),
        ('select = "FP303"', "'select' must be a list of strings, not 'FP303'"),
        ('per-file-ignores = { "a" = "FP303" }', "must be a table from glob to a list of codes"),
        ('per-file-ignores = { "a" = ["FP33"] }', "unknown rule 'FP33'"),
        ('profile = "strickt"', "must be one of default, strict, invariants, not 'strickt'"),
        ('presets = ["return"]', "unknown preset 'return'; did you mean 'returns'?"),
        ('presets = ["zzz"]', "'zzz'; there are funcpipe, returns, result, expression"),
        ('results = ["no name!"]', "must be a list of names such as db.session, not ['no name!']"),
        ('openers = [""]', "must be a list of names such as db.session, not ['']"),
        ('closing = "a b"', "'closing' must be a name such as team.closing, not 'a b'"),
        ("zzz = 1", "unknown key 'zzz'; `funcpipe-lint config` lists them"),
        ("fix = 1", "'fix' must be true or false, not 1"),
        ("select = [", "is not valid TOML"),
    ],
)
def test_errors_name_file_value_and_way_out(command: Command, text: str, said: str) -> None:
    """One line, exit code 2, from `check` and from `config`."""
    configure(text)
    for arguments in (["check", "."], ["config", "."]):
        done = command(*arguments)
        assert done.code == 2
        assert "pyproject.toml: " in done.err
        assert said in done.err
        assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("pyproject.toml", "[tool.funcpipe_lint]", "[tool.funcpipe_lint] is written [tool."),
        ("funcpipe-lint.toml", "[tool.funcpipe-lint]", "keys stand at its top, without [tool."),
    ],
)
def test_a_section_of_another_name(command: Command, name: str, text: str, said: str) -> None:
    """What would be passed over in silence is refused, in one line."""
    Path(name).write_text(f"{text}\nselect = []\n", encoding="utf-8")
    done = command("check", ".")
    assert (done.code, done.out) == (2, "")
    assert f"{name}: {said}" in done.err


def test_names_may_be_globs(command: Command) -> None:
    """Names, dotted ones, globs of them; a path where one may stand."""
    configure('locks = ["*lock*", "db.[ab]*", "x-y"]\nshell = ["bin/run it.py"]\nclosing = "t.c"')
    assert command("check", ".").code == 1


def test_config_prints_a_section_that_reads_back(command: Command) -> None:
    """The output is TOML; using it as configuration changes nothing of what holds."""
    configure('presets = ["returns"]\nopeners = ["db.session"]\nper-file-ignores = {"x" = ["FP3"]}')
    before = held(command)
    printed = command("config", "leaky.py").out
    assert "# rules everywhere: FP001" in printed
    section = tomllib.loads(printed)["tool"]["funcpipe-lint"]
    assert section["openers"] == ["db.session"]
    assert "returns.result.Success" in section["oks"]
    Path("pyproject.toml").write_text(printed, encoding="utf-8")
    assert held(command)["rules"] == before["rules"]


def test_config_says_where_each_key_is_from(command: Command) -> None:
    """A file, presets, the default; and what per-file-ignores take from this file."""
    configure('openers = ["db.session"]\nper-file-ignores = {"leaky.py" = ["FP3"]}')
    said = held(command)
    assert said["file"].endswith("pyproject.toml")
    assert said["keys"]["openers"]["from"] == said["file"]
    assert said["keys"]["oks"]["from"] == "presets"
    assert said["keys"]["queues"]["from"] == "default"
    assert said["rules"]["ignored for this file"] == ["FP3"]
    assert "FP303" not in said["rules"]["everywhere"]
    assert command("config", "--isolated", "leaky.py").out.startswith(
        "# leaky.py: configured by no file"
    )


def test_config_of_a_path_that_is_not_there(command: Command) -> None:
    """It is named; a typo must not show another file's configuration."""
    done = command("config", "nowhere.py")
    assert done.code == 2
    assert "nowhere.py: does not exist" in done.err


def test_the_schema_knows_every_key_and_no_other(command: Command) -> None:
    """Editors complete the keys that the linter reads, and mark those that it refuses."""
    schema = json.loads(command("config", "--schema").out)
    assert schema["additionalProperties"] is False
    configure("")
    assert set(schema["properties"]) == set(held(command)["keys"])
    assert all(shape["description"] for shape in schema["properties"].values())


@pytest.mark.parametrize(
    ("preset", "imports", "ok"),
    [
        ("returns", "from returns.result import Result, Success", "Success"),
        ("result", "from result import Result, Ok", "Ok"),
        ("expression", "from expression import Result, Ok", "Ok"),
    ],
)
def test_presets_know_a_librarys_results(
    command: Command, preset: str, imports: str, ok: str
) -> None:
    """With the preset a raw value in a stream of that library's Results is found."""
    Path("leaky.py").write_text(
        f"from collections.abc import AsyncIterator\n{imports}\n\n\n"
        "async def numbers() -> AsyncIterator[Result[int, str]]:\n"
        f"    yield {ok}(1)\n"
        "    yield 2\n",
        encoding="utf-8",
    )
    configure(f'presets = ["{preset}"]')
    done = command("check", "--output-format", "concise", ".")
    assert " FP201 " in done.out
    assert len(done.out.splitlines()) == 1


# -- the founding invariants, and what a selected rule had to look at

COLLECTED = """\
async def collected(source):
    items = [item async for item in source()]
    for item in items:
        yield item
"""
OF_RESULTS = """\
from collections.abc import AsyncIterator

from funcpipe_streams import ErrInfo, Ok, Result


async def numbers() -> AsyncIterator[Result[int, ErrInfo]]:
    yield Ok(1)
"""


def test_the_profile_of_the_invariants(command: Command) -> None:
    """It runs the rules of the three invariants in any module, and no other."""
    Path("plain.py").write_text(COLLECTED, encoding="utf-8")
    configure('profile = "invariants"')
    done = command("check", "--output-format", "concise", ".")
    assert done.code == 1
    assert [line.split()[1] for line in done.out.splitlines()] == ["FP102"]
    done = command("check", "--output-format", "concise", "--profile", "default", ".")
    assert "FP303" in done.out and "FP102" not in done.out
    rules = held(command)["rules"]
    named = {*rules["everywhere"], *rules["in Result modules"]} - {"FP001", "FP002"}
    assert named == {*INVARIANTS}
    assert rules["in Result modules"] == []


def test_a_rule_selected_by_its_code_finds_it_in_any_module(command: Command) -> None:
    """FP101 alone reports a stream that is collected to be gone through, without any Result."""
    Path("plain.py").write_text(COLLECTED, encoding="utf-8")
    done = command("check", "--select", "FP101", "--output-format", "concise", "plain.py")
    assert (done.code, done.err) == (1, "")
    assert "plain.py:2:" in done.out


def test_a_run_says_which_selected_rules_had_nothing_to_look_at(command: Command) -> None:
    """By their codes, with the reason, beside the report; not where one module of Results was
    looked at, nor for what nobody selected by name."""
    Path("plain.py").write_text(COLLECTED, encoding="utf-8")
    done = command("check", "--select", "FP203,FP204,FP101", ".")
    assert "FP203, FP204 checked nothing: none of the 2 files counts" in done.err
    assert "FP101" not in done.err
    assert command("check", "--select", "FP203", "--quiet", ".").err == ""
    assert "'off'" in command("check", "--select", "FP203", "--discipline", "off", ".").err
    assert "`shell`" in command("check", "--select", "FP103", ".").err
    assert command("check", ".").err == ""
    Path("results.py").write_text(OF_RESULTS, encoding="utf-8")
    assert command("check", "--select", "FP203", ".").err == ""
    assert "plain.py does not count" in command("check", "--select", "FP203", "plain.py").err


@pytest.mark.parametrize("profile", ["default", "invariants", "strict"])
def test_all_modules_as_modules_of_results_lose_no_finding(command: Command, profile: str) -> None:
    """What a profile finds where annotations decide, it finds where every module counts."""
    cases = Path(__file__).parents[1] / "cases"
    names = ("fp101_elsewhere", "fp304_resource_across_yield", "fp302_fires", "fp403_elsewhere")
    for name in names:
        Path(f"{name}.py").write_bytes((cases / f"{name}.py").read_bytes())
    found = []
    for discipline in ("auto", "all"):
        options = ("--profile", profile, "--discipline", discipline, "--output-format", "concise")
        done = command("check", "--isolated", *options, *(f"{name}.py" for name in names))
        found.append({tuple(line.split()[:2]) for line in done.out.splitlines() if " FP" in line})
    by_evidence, everywhere = found
    assert by_evidence
    assert by_evidence <= everywhere


def test_config_says_whether_a_file_is_a_module_of_results(command: Command) -> None:
    """And by what: the annotation and its line, or that there is none."""
    Path("plain.py").write_text(COLLECTED, encoding="utf-8")
    Path("results.py").write_text(OF_RESULTS, encoding="utf-8")
    assert held(command, "plain.py")["module of Results"]["counts"] is False
    found = held(command, "results.py")["module of Results"]
    assert found["counts"] is True
    assert "line 6" in found["by"] and "AsyncIterator[Result[int, ErrInfo]]" in found["by"]
    shown = command("config", "results.py").out
    assert "# it counts as a module of Results: line 6 uses" in shown
    assert held(command, ".")["module of Results"] is None
    configure('discipline = "all"')
    assert "discipline is 'all'" in held(command, "plain.py")["module of Results"]["by"]

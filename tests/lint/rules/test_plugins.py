"""A team's own rules: loaded when named, selected, silenced, fixed, tested on their examples."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import pytest

from funcpipe_lint.check.runs.run import check
from funcpipe_lint.config.resolver import Resolver
from tests.lint.conftest import Command

RULE = '''\
import libcst as cst

from funcpipe_lint.model import Fix
from funcpipe_lint.rule import Bad, Good, Rule, Finding
from funcpipe_lint.screen.declaration import Screen


class {code}(Rule):
    """A file prints.

    ## What it does
    Finds calls of print.

    ## Why is this bad
    It is noise.

    ## Fix safety
    Safe.

    ## Known problems
    None.
    """

    code = "{code}"
    name = "no-print"
    summary = "a file prints"
    fix = "safe"
    visits = (cst.Call,)
    bad = (
        Bad("print(1)  # error\\n", fixed="log(1)\\n"),
        Bad("x = 1\\nprint(x)  # error\\n"),
    )
    good = (Good("log(1)\\n"), Good("self.print(1)\\n"))

    def check(self, node, ctx):
        if isinstance(node.func, cst.Name) and node.func.value == "print":
            edit = ctx.edits.replace(node.func, ctx.plugin_settings.get("log", "log"))
            yield Finding(node, "this prints", fix=Fix((edit,), True, "log it"))
'''
PRINTING = "def f(x):\n    print(x)\n    return x\n"


class Team(NamedTuple):
    """A package with one rule, below the folder that the command runs in."""

    module: str
    code: str
    file: Path


_numbers = itertools.count(200)


@pytest.fixture
def team(command: Command, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    """A module and a code that no other test uses: a process can load a module only once."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    number = next(_numbers)
    folder = Path(f"company{number}")
    folder.mkdir()
    (folder / "__init__.py").touch()
    file = folder / "stream_rules.py"
    code = f"MYC{number}"
    file.write_text(RULE.format(code=code), encoding="utf-8")
    Path("printing.py").write_text(PRINTING, encoding="utf-8")
    module = f"{folder}.stream_rules"
    Path("pyproject.toml").write_text(
        f'[tool.funcpipe-lint]\nplugins = ["{module}"]\n', encoding="utf-8"
    )
    yield Team(module, code, file.absolute())


def found(command: Command, *arguments: str) -> list[str]:
    """`path:line code` of each finding."""
    done = command("check", "--output-format", "concise", *arguments)
    assert done.err == ""
    rows = (line.split(": ") for line in done.out.splitlines())
    return [f"{row[0].rpartition(':')[0]} {row[1].split()[0]}" for row in rows]


def test_a_configured_plugin_speaks(command: Command, team: Team) -> None:
    """Beside our rules, in a file without a stream, which no screen of ours would let through."""
    assert found(command, "printing.py", "leaky.py") == [
        "leaky.py:7 FP303",
        f"printing.py:2 {team.code}",
    ]


def test_a_plugin_of_the_command_line_adds(command: Command, team: Team) -> None:
    """`--plugin` imports from the current folder, with no configuration too."""
    Path("pyproject.toml").unlink()
    assert found(command, "printing.py") == []
    assert found(command, "--plugin", team.module, "printing.py") == [f"printing.py:2 {team.code}"]
    assert found(command, "--isolated", "--plugin", team.module, "printing.py") == [
        f"printing.py:2 {team.code}"
    ]


def test_it_is_imported_from_its_configurations_folder(command: Command, team: Team) -> None:
    """Wherever the command runs, where it names that file."""
    path = str(Path("printing.py").absolute())
    Path("elsewhere").mkdir()
    os.chdir("elsewhere")
    named = ("--config", "../pyproject.toml")
    assert found(command, *named, path) == [f"{path}:2 {team.code}"]


def test_nothing_is_imported_that_is_not_named(command: Command, team: Team) -> None:
    """A package of rules that no configuration names is only text, and so is what is checked."""
    Path("pyproject.toml").unlink()
    team.file.write_text("raise SystemExit('imported')\n", encoding="utf-8")
    assert command("check", ".").code == 1
    assert team.module not in sys.modules


@pytest.mark.parametrize("name", ["json", "tomllib", "tokenize", "libcst", "concurrent"])
def test_what_is_checked_takes_no_modules_place(command: Command, name: str) -> None:
    """A project may hold modules named as ours and the standard library's are: none is run."""
    Path(f"{name}.py").write_text("raise SystemExit('imported')\n", encoding="utf-8")
    Path("pyproject.toml").write_text("[tool.funcpipe-lint]\n", encoding="utf-8")
    run = [sys.executable, "-m", "funcpipe_lint", "check", "--output-format", "json", "."]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert [v["code"] for v in json.loads(done.stdout)["violations"]] == ["FP303"]


@pytest.mark.parametrize(
    ("arguments", "speaks"),
    [
        (["--select", "{code}"], True),
        (["--select", "MYC"], True),
        (["--select", "ALL"], True),
        (["--select", "FP303"], False),
        (["--ignore", "{code}"], False),
        (["--ignore", "MYC"], False),
    ],
)
def test_selection(command: Command, team: Team, arguments: list[str], speaks: bool) -> None:
    """By its code and by prefixes, as our own rules."""
    given = [argument.format(code=team.code) for argument in arguments]
    assert bool(found(command, *given, "printing.py")) == speaks


def test_per_file_ignores(command: Command, team: Team) -> None:
    """They take a plugin's codes; one of no rule is refused, with the nearest."""
    config = Path("pyproject.toml")
    head = config.read_text(encoding="utf-8")
    config.write_text(f'{head}per-file-ignores = {{ "printing.py" = ["{team.code}"] }}\n')
    assert found(command, "printing.py") == []
    config.write_text(f'{head}ignore = ["{team.code}0"]\n')
    done = command("check", "printing.py")
    assert done.code == 2
    assert f"unknown rule '{team.code}0'; did you mean 'MYC2" in done.err


@pytest.mark.parametrize("comment", ["# noqa: {code}", "# funcpipe: ignore[{code}] a script"])
def test_suppressions(command: Command, team: Team, comment: str) -> None:
    """They silence a plugin's rule; one that silences nothing is FP001, and --fix removes it."""
    said = comment.format(code=team.code)
    Path("printing.py").write_text(f"print(1)  {said}\nx = 1  {said}\n", encoding="utf-8")
    assert found(command, "printing.py") == ["printing.py:2 FP001"]
    assert command("check", "--fix", "printing.py").code == 0
    assert Path("printing.py").read_text() == f"print(1)  {said}\nx = 1\n"


def test_fixes(command: Command, team: Team) -> None:
    """A plugin's fixes are applied, with what `plugin-settings` tells its rules."""
    config = Path("pyproject.toml")
    config.write_text(f'{config.read_text()}plugin-settings = {{ log = "info" }}\n')
    assert command("check", "--fix", "printing.py").code == 0
    assert Path("printing.py").read_text() == PRINTING.replace("print", "info")


def test_pages_and_reports(command: Command, team: Team) -> None:
    """Its page, its line among all rules, its record in SARIF and in the statistics."""
    page = command("rule", team.code)
    assert page.code == 0
    assert page.out.startswith(f"# {team.code} no-print\n")
    assert "print(1)\n" in page.out
    assert f"{team.code}  no-print" in command("rule").out
    assert command("check", "--explain", team.code).out == page.out
    sarif = json.loads(command("check", "--output-format", "sarif", "printing.py").out)
    (rule,) = sarif["runs"][0]["tool"]["driver"]["rules"]
    assert (rule["id"], rule["name"]) == (team.code, "no-print")
    assert f"1  {team.code}  no-print" in command("check", "--statistics", "printing.py").out
    assert team.code in command("config", "printing.py").out


def test_worker_processes(command: Command, team: Team) -> None:
    """A worker that has imported nothing yet finds the plugin, and says the same."""
    here = str(Path("printing.py").absolute())
    resolver = Resolver()
    alone = check([here], resolver)
    os.chdir("/")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert check([here], resolver, executor=pool) == alone
    assert [v.code for v in alone.violations] == [team.code]


def test_the_settings_change_with_the_plugins_source(command: Command, team: Team) -> None:
    """So that no cache of yesterday's rule answers: also for a module that the plugin imports."""
    helper = team.file.with_name("words.py")
    show = (
        "import sys; sys.path.append('.')\n"
        "from funcpipe_lint.config.resolver import Resolver\n"
        "print(hash_of := Resolver().config_for('').settings.plugins[0].fingerprint)\n"
    )

    def fingerprint() -> str:
        run = subprocess.run([sys.executable, "-c", show], capture_output=True, check=True)
        return run.stdout.decode()

    helper.write_text("A = 1\n", encoding="utf-8")
    text = team.file.read_text(encoding="utf-8")
    team.file.write_text(f"from .words import A\n{text}", encoding="utf-8")
    first = fingerprint()
    assert fingerprint() == first
    helper.write_text("A = 2\n", encoding="utf-8")
    second = fingerprint()
    team.file.write_text(f"from .words import A\n{text}# more\n", encoding="utf-8")
    assert len({first, second, fingerprint()}) == 3


def test_the_cache_knows_an_edited_rule(command: Command, team: Team) -> None:
    """A second run answers with the rule of today, not with what it remembers."""
    run = [sys.executable, "-m", "funcpipe_lint", "check", "--output-format", "concise"]

    def said() -> str:
        done = subprocess.run([*run, "printing.py"], capture_output=True, text=True, check=False)
        assert done.stderr == ""
        return done.stdout

    first = said()
    assert said() == first
    text = team.file.read_text(encoding="utf-8")
    team.file.write_text(text.replace("this prints", "this still prints"), encoding="utf-8")
    assert said() == first.replace("this prints", "this still prints")


def test_under_flake8(command: Command, team: Team) -> None:
    """flake8 reports them once it is told the module, and their prefix."""
    plugin = ["--funcpipe-plugins", team.module]
    run = [sys.executable, "-m", "flake8", "--isolated", *plugin, "printing.py"]
    silent = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (silent.stdout, silent.stderr) == ("", "")
    spoken = subprocess.run(
        [*run, "--extend-select", "MYC"], capture_output=True, text=True, check=False
    )
    assert spoken.stdout == f"printing.py:2:5: {team.code} this prints\n"


BROKEN = {
    "raise LookupError('no database')": "stream_rules.py:1: LookupError: no database",
    "import nowhere_to_be_found": "ModuleNotFoundError: No module named 'nowhere_to_be_found'",
    "def broken(:": "stream_rules.py:1: invalid syntax",
    "raise SystemExit(3)": "SystemExit: 3",
    "x = 1": "holds no rule: import or define subclasses of funcpipe_lint.rule.Rule in it",
    RULE.format(code="FP999"): "has the code FP999: FP codes are the linter's own",
    RULE.format(code="print"): "needs a code of one to three capitals and three digits",
    RULE.format(code="ZZZ100").replace("def check", "def chek"): "ZZZ100 has no `check` method",
    RULE.format(code="ZZZ100").replace("(cst.Call,)", "()"): "needs `visits`",
    RULE.format(code="ZZZ100").replace("(cst.Call,)", "(int,)"): "no libcst node type",
    RULE.format(code="ZZZ100").replace("cst.Call,", "cst.Kall,"): "has no attribute 'Kall'",
    RULE.format(code="ZZZ100").replace("    name = ", "    nam = "): "needs a `name`",
    RULE.format(code="ZZZ100") + "class Second(ZZZ100): pass\n": "the code ZZZ100 twice: ZZZ100",
}


@pytest.mark.parametrize("text", BROKEN, ids=BROKEN.values())
def test_a_plugin_that_cannot_be_used(command: Command, team: Team, text: str) -> None:
    """One line that names configuration, plugin and reason; exit code 2, from every command."""
    team.file.write_text(text, encoding="utf-8")
    for arguments in (["check", "."], ["test-rules"], ["config", "."]):
        done = command(*arguments)
        assert (done.code, done.out) == (2, "")
        assert f"pyproject.toml: plugin '{team.module}'" in done.err
        assert BROKEN[text] in done.err
        assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("name", ["nowhere.rules", "company.rules", "./rules.py", ""])
def test_a_plugin_that_is_not_there(command: Command, team: Team, name: str) -> None:
    """The message says where it was looked for, or what a module's name looks like."""
    done = command("check", "--plugin", name, ".")
    assert done.code == 2
    assert f"plugin '{name}' " in done.err
    where = str(Path.cwd()) if name.endswith("rules") else "write a name such as"
    assert where in done.err
    assert len(done.err.splitlines()) == 1


def test_two_plugins_with_one_code(command: Command, team: Team) -> None:
    """Both are named."""
    team.file.with_name("other.py").write_text(RULE.format(code=team.code), encoding="utf-8")
    other = team.module.replace("stream_rules", "other")
    done = command("check", "--plugin", other, ".")
    assert done.code == 2
    assert f"the plugins '{team.module}' and '{other}' both have a rule {team.code}" in done.err


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise LookupError('no such word')", "LookupError: no such word"),
        ("yield 'print'", "AttributeError"),
        ("yield Finding(cst.Name('x'), 'not a node of this file')", "KeyError"),
    ],
)
def test_a_rule_that_raises_loses_only_itself(
    command: Command, team: Team, body: str, said: str
) -> None:
    """The plugin is named, with the line; the rest of the file is reported."""
    text = team.file.read_text(encoding="utf-8")
    head = text[: text.index("        if isinstance")]
    team.file.write_text(f"{head}        {body}\n", encoding="utf-8")
    Path("leaky.py").write_text(f"print(1)\n{Path('leaky.py').read_text()}", encoding="utf-8")
    done = command("check", "--output-format", "concise", "leaky.py")
    assert done.code == 2
    assert done.out.startswith("leaky.py:8:5: FP303 ")
    assert f"FP002 rule {team.code} of the plugin '{team.module}' failed: {said}" in done.err


def test_what_a_plugin_prints_is_no_part_of_the_report(command: Command, team: Team) -> None:
    """A report for programs stays one."""
    text = team.file.read_text(encoding="utf-8")
    team.file.write_text(f"print('loading')\n{text}", encoding="utf-8")
    done = command("check", "--output-format", "json", "printing.py")
    assert json.loads(done.out)["files"] == 1
    assert done.err == "loading\n"


def test_the_example_plugin(command: Command) -> None:
    """The one that the documentation points to holds its own examples."""
    done = command("test-rules", "examples.team_rules")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "MYC101 print-in-stream: 2 good, 2 bad examples hold\n1 rule, none with problems.\n"
    )


def test_test_rules_without_a_plugin(command: Command) -> None:
    """It says what to name."""
    done = command("test-rules")
    assert (done.code, done.out) == (2, "")
    assert "no plugin: name a module, or list it in `plugins`" in done.err


WRONG = {
    ('Bad("print(1)  # error', 'Bad("print(1)'): "no line is marked `# error`",
    ('Good("log(1)', 'Good("print(1)'): "line 1 is reported and not marked: this prints",
    ('Bad("x = 1\\nprint(x)', 'Bad("x = 1\\nlog(x)'): "line 2 is marked `# error` and not reported",
    ('fixed="log(1)', 'fixed="lag(1)'): "-lag(1)\n    +log(1)",
    ('get("log", "log")', 'get("log", "1 =")'): "what it makes is not valid Python",
    ('get("log", "log")', 'get("log", "print")'): "its fix changes nothing",
    ('Good("log(1)', 'Good("log(1'): "is not valid Python",
    ("visits = (cst.Call,)", "visits = (cst.Call, cst.Comma)"): "visits Comma",
    ("visits = (cst.Call,)", "visits = (cst.Call, cst.BaseExpression)"): "a base class",
    ("## Fix safety\n    Safe.", "Safe."): "the docstring lacks ## Fix safety",
    ("## Why is this bad", "## Known problems"): "the docstring lacks ## Why is this bad",
    ('"""A file prints.', '"""## A file'): "does not begin with a line that says what is wrong",
    ('fix = "safe"', "fix = None"): "a finding carries a fix, and `fix` is None",
    ("True, ", "False, "): "a finding carries an unsafe fix, and `fix` is 'safe'",
    (', Good("self.print(1)\\n")', ","): "it has 1 good example; two are needed",
    ('"no-print"', '"No print"'): "is not in lower-case words with hyphens",
    ("    visits", "    screen = Screen(words=('let',))\n    visits"): "its `screen` is too strong",
    ('Good("log(1)', 'Good("# options: selct = 1\\nlog(1)'): "unknown key 'selct'",
    ('good = (Good("log(1)\\n")', 'good = ("log(1)\\n"'): "good[0] is no Good(...)",
}


@pytest.mark.parametrize("change", WRONG, ids=WRONG.values())
def test_test_rules_says_what_does_not_hold(
    command: Command, team: Team, change: tuple[str, str]
) -> None:
    """Which example, which line, what instead; exit code 1."""
    before, after = change
    text = team.file.read_text(encoding="utf-8")
    assert before in text
    team.file.write_text(text.replace(before, after, 1), encoding="utf-8")
    done = command("test-rules", team.module)
    assert (done.code, done.err) == (1, "")
    assert WRONG[change] in done.out
    assert done.out.endswith("1 rule, 1 with problems.\n")

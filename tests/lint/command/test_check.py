"""The `check` command on good and bad input: what it says, where, and how it leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from funcpipe_lint.model.codes import names
from tests.lint.conftest import LEAKY, Command


def write(name: str, content: str | bytes) -> Path:
    """A file in the current folder."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_clean_code_leaves_with_0(command: Command) -> None:
    """Nothing found: exit 0, and a line that says how many files were looked at."""
    write("clean.py", "x = 1\n")
    outcome = command("check", "clean.py")
    assert outcome == (0, "No violations in 1 file.\n", "")


def test_a_file_that_could_not_be_checked_is_not_counted_as_clean(command: Command) -> None:
    """The closing line says how many files were checked, and how many could not be."""
    write("clean.py", "x = 1\n")
    write("broken.py", "x = (\n")
    outcome = command("check", "clean.py", "broken.py")
    assert outcome.code == 2
    assert outcome.out == "No violations in 1 file; 1 could not be checked.\n"
    assert "broken.py:1:5: FP002" in outcome.err


def test_the_picture_of_a_finding(command: Command) -> None:
    """Place, code, message, the source around it with the place marked, and the related line."""
    outcome = command("check", "leaky.py")
    assert outcome.code == 1
    assert outcome.out.startswith("leaky.py:7:5: FP303 'rows(pool)' stays open")
    assert "7 |     async for row in rows(pool):\n" in outcome.out
    assert "  |     ^^^^^^^^^^^" in outcome.out
    assert "= line 8: the generator can be closed here" in outcome.out
    assert "Found 1 violation in 1 file (1 fixable with --fix)." in outcome.out


def test_the_picture_of_a_long_line(command: Command) -> None:
    """Of a line of generated code as much as is around the place, the place still marked."""
    table = "x = [" + "1, " * 100_000 + "]"
    write("long.py", f"{LEAKY}{table}\nasync def all():\n    {'y = 1; ' * 90}rows(2)\n")
    outcome = command("check", "--select", "FP602", "long.py")
    lines = outcome.out.splitlines()
    shown = next(line for line in lines if line.endswith("rows(2)"))
    mark = lines[lines.index(shown) + 1]
    assert shown[mark.index("^") :] == "rows(2)"
    assert mark.count("^") == len("rows(2)")
    assert "| ... 1; y = 1;" in shown
    (above,) = (line for line in lines if "| x = [1, 1, 1," in line)
    assert above.endswith("1, 1, ...")
    assert max(map(len, lines)) < 300


def test_json_has_everything(command: Command) -> None:
    """Schema number, files, violations with edits and notes, errors."""
    write("broken.py", "async def f(:\n")
    outcome = command("check", "--output-format", "json", "leaky.py", "broken.py")
    document = json.loads(outcome.out)
    assert outcome.code == 2
    assert (document["schema"], document["files"]) == (1, 2)
    (found,) = document["violations"]
    assert (found["path"], found["line"], found["column"]) == ("leaky.py", 7, 5)
    assert found["fix"]["safe"] is True
    assert found["fix"]["edits"][0].keys() == {"start", "end", "text"}
    note, held = found["notes"]
    assert (note["line"], note["message"]) == (8, "the generator can be closed here")
    assert (held["line"], held["path"]) == (2, "")
    (error,) = document["errors"]
    assert (error["path"], error["line"], error["code"]) == ("broken.py", 1, "FP002")


BAD_FILES: dict[str, tuple[str | bytes, str]] = {
    "syntax": ("async def f(:\n", "is not valid Python"),
    "plain text": ("Dear reader,\nhello\n", "is not valid Python"),
    "null byte": (b"async def f():\n    yield '\0'\n", "NUL character"),
    "not utf-8": (b"async def f():\n    yield '\xe9'\n", "byte 0xe9 at offset 26 is not utf-8"),
    "utf-16": ("async def f(): yield 1".encode("utf-16"), "UTF-16"),
    "unknown cookie": (b"# coding: klingon\nasync def f(): yield 1\n", "klingon"),
    "contradiction": (b"\xef\xbb\xbf# coding: latin-1\nasync def f(): yield 1\n", "cookie"),
    "indentation": ("async def f():\nyield 1\n", "is not valid Python"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_is_named_and_the_others_are_checked(command: Command, kind: str) -> None:
    """One line with path and reason, exit 2, no traceback; the finding elsewhere is still there."""
    content, reason = BAD_FILES[kind]
    write("bad.py", content)
    outcome = command("check", ".")
    assert outcome.code == 2
    (line,) = outcome.err.splitlines()
    assert line.startswith("bad.py:")
    assert "FP002" in line
    assert reason in line
    assert "leaky.py:7:5: FP303" in outcome.out


def test_a_path_that_does_not_exist(command: Command) -> None:
    """It is named, with what to do; the other path is checked."""
    outcome = command("check", "leaky.py", "leeky.py")
    assert outcome.code == 2
    assert outcome.err == "leeky.py:1:1: FP002 does not exist; name a file or a folder\n"
    assert "leaky.py:7:5" in outcome.out


@pytest.mark.skipif(os.name == "nt", reason="links and pipes")
def test_what_cannot_be_read_is_named(command: Command) -> None:
    """A link to nothing, a link to itself, a pipe: each one line, none waited for. What Emacs puts
    beside a file that is being edited is no file."""
    Path("gone.py").symlink_to("nowhere.py")
    Path("loop.py").symlink_to("loop.py")
    Path(".#leaky.py").symlink_to("user@host.1234:1")
    os.mkfifo("pipe.py")
    Path("up").symlink_to("..")
    outcome = command("check", ".")
    reasons = dict(line.split(":1:1: FP002 ") for line in outcome.err.splitlines())
    assert reasons == {
        "gone.py": "is a link to nothing",
        "loop.py": "cannot be read: Too many levels of symbolic links",
        "pipe.py": "cannot be read: it is no regular file",
    }
    assert outcome.code == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--select", "FP33"], "unknown rule 'FP33'; did you mean 'FP313'?"),
        (["--ignore", "XY1"], "unknown rule 'XY1'; `funcpipe-lint rule` lists them"),
        (["--select", " ,"], "it names no rule; ALL names every one"),
        (["--config", "none.toml"], "none.toml: cannot be read"),
        (["--output-format", "yaml"], "invalid choice: 'yaml'"),
        (["--selct", "FP303"], "did you mean '--select'?"),
        (["--jobs", "many"], "'many'"),
        (["--plugin", "rules.py"], "plugin 'rules.py': write the module's name, rules"),
        (["--isolated", "--config", "x.toml"], "--config: not allowed with argument --isolated"),
        (["--diff", "--add-noqa", "old"], "--diff writes nothing: without --add-noqa"),
        (["--diff", "--baseline", "b.json", "--update-baseline"], "without --update-baseline"),
    ],
)
def test_a_wrong_command_line(command: Command, arguments: list[str], message: str) -> None:
    """One line that names the value and the way out, exit 2."""
    outcome = command("check", *arguments, "leaky.py")
    assert outcome.code == 2
    assert outcome.out == ""
    assert message in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_no_hint_repeats_what_was_written(command: Command) -> None:
    """An option that is right, with a value that is not, is not suggested instead of itself."""
    for arguments in (["--output-format", "yaml"], ["--add-noqa"], ["--profile", "x"]):
        assert "did you mean" not in command("check", *arguments).err


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ('selct = ["FP303"]', "unknown key 'selct'; did you mean 'select'?"),
        ('select = ["FP999"]', "unknown rule 'FP999'"),
        ('select = "FP303"', "'select' must be a list of strings, not 'FP303'"),
        ('discipline = "some"', "'discipline' must be one of auto, all, off, not 'some'"),
        ('presets = ["retruns"]', "unknown preset 'retruns'; did you mean 'returns'?"),
        ("fix = 1", "'fix' must be true or false, not 1"),
        ("select = [", "is not valid TOML"),
    ],
)
def test_a_wrong_configuration(command: Command, section: str, message: str) -> None:
    """One line that names file, key and the way out, exit 2, nothing checked."""
    write("pyproject.toml", f"[tool.funcpipe-lint]\n{section}\n")
    outcome = command("check", "leaky.py")
    assert (outcome.code, outcome.out) == (2, "")
    assert "pyproject.toml: " in outcome.err
    assert message in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_select_and_ignore(command: Command) -> None:
    """The most specific of several codes decides; a selected rule runs alone."""
    assert command("check", "--select", "FP302", "leaky.py").code == 0
    assert command("check", "--select", "FP3", "leaky.py").code == 1
    assert command("check", "--ignore", "FP3", "leaky.py").code == 0
    assert command("check", "--select", "FP303", "--ignore", "FP3", "leaky.py").code == 1
    assert command("check", "--select", "FP3", "--ignore", "FP303", "leaky.py").code == 0


def test_per_file_ignores(command: Command) -> None:
    """A glob below the configuration's folder takes codes out for its files only."""
    write("legacy/old.py", LEAKY)
    write("pyproject.toml", '[tool.funcpipe-lint.per-file-ignores]\n"legacy/*" = ["FP303"]\n')
    outcome = command("check", "--output-format", "concise", ".")
    assert [line.split(":")[0] for line in outcome.out.splitlines()] == ["leaky.py"]


def test_names_of_ones_own(command: Command) -> None:
    """Result and stream names of the configuration open a module to the Result rules."""
    write(
        "mine.py",
        "from house.types import Good, Outcome, Flow\n\n\n"
        "def numbers() -> Flow[int]:\n"
        "    async def stream():\n"
        "        yield 1\n\n"
        "    return stream\n",
    )
    assert command("check", "mine.py").code == 0
    write(
        "pyproject.toml",
        '[tool.funcpipe-lint]\nresults = ["house.types.Outcome"]\noks = ["house.types.Good"]\n'
        'descriptions = ["house.types.Flow"]\n',
    )
    outcome = command("check", "--output-format", "concise", "mine.py")
    assert outcome.out.startswith("mine.py:6:9: FP201")


def test_findings_do_not_depend_on_processes(command: Command) -> None:
    """One process, three processes, any order of paths: the same bytes."""
    for number in range(120):
        write(f"pkg/m{number:03}.py", LEAKY)
    alone = command("check", "--jobs", "1", "--output-format", "concise", "pkg")
    assert len(alone.out.splitlines()) == 120
    assert command("check", "--jobs", "3", "--output-format", "concise", "pkg") == alone
    paths = sorted((str(p) for p in Path("pkg").iterdir()), reverse=True)
    assert command("check", "--jobs", "3", "--output-format", "concise", *paths) == alone


def test_git_ignores_and_excludes(command: Command) -> None:
    """What git ignores and the usual folders of others are left out, unless named."""
    subprocess.run(["git", "init", "-q", "."], check=True)
    write(".gitignore", "generated/\n")
    for folder in ("generated", "node_modules", ".venv/lib"):
        write(f"{folder}/leaky.py", LEAKY)
    outcome = command("check", "--output-format", "concise", ".")
    assert [line.split(":")[0] for line in outcome.out.splitlines()] == ["leaky.py"]
    assert command("check", "generated/leaky.py").code == 1
    assert command("check", "generated").code == 1


def test_excludes_of_what_is_named(command: Command) -> None:
    """With --force-exclude, as in a commit hook, `exclude` holds for named files and folders too:
    by name, by path, by the configuration of a folder above; the rest is checked as ever."""
    named = [
        "leaky.py",
        "old/leaky.py",
        "a/gen/leaky.py",
        "a/b/node_modules/leaky.py",
        "a/leaky.py",
    ]
    for name in named:
        write(name, LEAKY)
    write("pyproject.toml", '[tool.funcpipe-lint]\nextend-exclude = ["old", "a/gen/*.py"]\n')
    write("a/b/funcpipe-lint.toml", "")
    concise = ("check", "--output-format", "concise")
    for paths in (named, [str(Path(name).absolute()) for name in named], ["leaky.py", "old", "a"]):
        outcome = command(*concise, "--force-exclude", *paths)
        found = {os.path.relpath(line.split(":")[0]) for line in outcome.out.splitlines()}
        assert found == {"leaky.py", "a/leaky.py"}
        assert len(command(*concise, *named).out.splitlines()) == 5
    write("new/leaky.py", LEAKY)
    outcome = command(*concise, "--extend-exclude=a", "--extend-exclude", "new/*.py", ".")
    assert [line.split(":")[0] for line in outcome.out.splitlines()] == ["leaky.py"]
    only = command("check", "--force-exclude", "old/leaky.py")
    assert (only.code, only.out) == (0, "No violations in 0 files.\n")
    write("a/b/funcpipe-lint.toml", "wrong = 1")
    assert command("check", "--force-exclude", "a/b/node_modules/leaky.py").code == 2


def test_help_teaches(command: Command) -> None:
    """Examples and exit codes are in the help; without a command it is shown, with exit 2."""
    assert "funcpipe-lint check --fix src" in command("--help").out
    assert "exit codes:" in command("check", "--help").out
    assert command().code == 2


def test_explain(command: Command) -> None:
    """Every way to ask for a rule's page gives the page."""
    page = command("rule", "FP303").out
    assert page.startswith("# FP303 source-not-closed")
    assert command("--explain", "fp303").out == page
    assert command("check", "--explain", "FP303", "leaky.py").out == page
    assert command("--explain", "FP303", "check", "leaky.py").out == page


def test_rules_by_their_first_letters(command: Command) -> None:
    """`rule` takes what `select` takes; what names nothing is refused."""
    pages = command("rule", "FP3").out
    assert [line[2:7] for line in pages.splitlines() if line.startswith("# ")] == [
        code for code in names().values() if code.startswith("FP3")
    ]
    assert command("rule", "ALL").out == command("rule", "--all").out
    for code in ("FP9", ""):
        refused = command("rule", code)
        assert (refused.code, refused.out) == (2, "")
        assert f"unknown rule '{code}'" in refused.err


def test_rules_by_their_names(command: Command) -> None:
    """Each rule's page is found by its name; the closest one is offered for another."""
    own = {name: code for name, code in names().items() if code.startswith("FP")}
    for name, code in {**own, "unused-suppression": "FP001"}.items():
        assert command("rule", name).out.startswith(f"# {code} {name}\n")
    assert command("rule", "Source-Not-Closed").code == 0
    done = command("rule", "source-not-close")
    assert done.code == 2
    assert "unknown rule 'source-not-close'; did you mean 'source-not-closed'?" in done.err


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["."], "; did you mean `funcpipe-lint check .`?"),
        (["leaky.py", "--fix"], "; did you mean `funcpipe-lint check leaky.py --fix`?"),
        (["a file.py"], "; did you mean `funcpipe-lint check 'a file.py'`?"),
        (["chek", "."], "; did you mean 'check'?"),
        (["rules"], "; did you mean 'rule'?"),
        (["zzz"], ""),
    ],
)
def test_a_word_that_is_no_command(command: Command, words: list[str], meant: str) -> None:
    """A path, or a misspelt command: one line that says what was meant, exit 2."""
    Path("a file.py").touch()
    done = command(*words)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"funcpipe-lint: '{words[0]}' is no command, which are check, rule, config, test-rules,"
        f" server{meant}; see funcpipe-lint --help\n"
    )


def test_as_a_module() -> None:
    """`python -m funcpipe_lint` is the command."""
    done = subprocess.run(
        [sys.executable, "-m", "funcpipe_lint", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("funcpipe-lint ")


def test_what_is_checked_is_never_run(command: Command) -> None:
    """Neither the file nor anything that it imports is executed or imported."""
    write("trap.py", "raise SystemExit('executed')\nasync def f(): yield 1\n")
    write("conftest.py", "open('executed', 'w')\nasync def f(): yield 1\n")
    assert command("check", "trap.py", "conftest.py").code == 0
    assert not Path("executed").exists()

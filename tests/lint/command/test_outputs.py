"""What a report is written to: terminals with few letters, outputs that are closed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from docs.studies.hostile import HIDDEN
from tests.lint.conftest import LEAKY, Command

ODD = os.fsdecode(b"\xc3\xbc\xff.py")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder with a finding in ünï.py, on a line that is not all ASCII."""
    monkeypatch.chdir(tmp_path)
    text = LEAKY.replace("in rows(pool)", "in rows(pool, 'ä')").replace("(pool):", "(pool, x):", 1)
    Path("ünï.py").write_text(text, encoding="utf-8")
    return tmp_path


def lint(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "funcpipe_lint", *arguments],
        capture_output=True,
        check=False,
        env=os.environ | environment,
    )


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1252"},
        {"PYTHONIOENCODING": "utf-8"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=lambda each: " ".join(each.values()),
)
@pytest.mark.parametrize("option", ["--diff", "text", "github"])
def test_what_an_output_cannot_spell_is_escaped(
    folder: Path, environment: dict[str, str], option: str
) -> None:
    """The findings, the exit code, no traceback: a path or line with other letters loses none."""
    options = [option] if option == "--diff" else ["--output-format", option]
    done = lint("check", *options, ".", **environment)
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"aclosing(rows(pool" in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no UTF-8")
def test_a_name_that_is_no_text(folder: Path) -> None:
    """On an output that is strictly UTF-8 too, a file whose name is not is reported."""
    Path("ünï.py").rename(ODD)
    Path("broken\udcff.py").write_text("def f(:\n", encoding="utf-8")
    done = lint("check", "--output-format", "concise", ".", PYTHONIOENCODING="utf-8:strict")
    assert done.returncode == 2
    assert done.stdout.startswith("ü\\udcff.py:7:5: FP303".encode())
    assert done.stderr.startswith(b"broken\\udcff.py:1:7: FP002")


@pytest.mark.skipif(os.name == "nt", reason="names that may hold anything")
@pytest.mark.parametrize(
    ("options", "name", "spelt"),
    [
        (["--output-format", "concise"], "a\nb.py", "a\\nb.py:7:5: FP303"),
        ([], "a\x1b[31m.py", "a\\x1b[31m.py:7:5: FP303"),
        (["--diff"], "a\nb.py", "--- a\\nb.py"),
    ],
)
def test_a_name_that_would_begin_a_line(
    folder: Path, options: list[str], name: str, spelt: str
) -> None:
    """A line end or an escape in a name is spelt out; a program is told the name itself."""
    Path("ünï.py").rename(name)
    Path("a\n.py").write_text("def f(:\n", encoding="utf-8")
    done = lint("check", *options, ".")
    assert done.stdout.decode().splitlines()[0].startswith(spelt)
    assert done.stderr.startswith(b"a\\n.py:1:7: FP002")
    told = json.loads(lint("check", "--output-format", "json", ".").stdout)
    assert told["violations"][0]["path"] == name


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("form", ["json", "sarif", "gitlab", "junit"])
def test_formats_for_programs_in_any_encoding(folder: Path, encoding: str, form: str) -> None:
    """They can be read whatever the output's encoding is, and hold the path as it is."""
    done = lint("check", "--output-format", form, ".", PYTHONIOENCODING=encoding)
    assert done.returncode == 1
    if form == "junit":
        suite = ElementTree.fromstring(done.stdout)[0]
        assert suite.get("name") == "ünï.py"
        return
    assert "ünï.py" in unquote(str(json.loads(done.stdout)))


@pytest.mark.skipif(os.name == "nt", reason="the current folder is never removed")
def test_a_current_folder_that_is_gone(folder: Path) -> None:
    """One line that says so."""
    command = f'mkdir gone && cd gone && rmdir ../gone && "{sys.executable}" -m funcpipe_lint check'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "funcpipe-lint: the current folder is gone\n")


@pytest.mark.skipif(os.name == "nt", reason="a shell's redirections")
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&-"])
def test_closed_outputs(folder: Path, closed: str) -> None:
    """The exit code is as ever, and nobody's file is written instead."""
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    command = f'"{sys.executable}" -m funcpipe_lint check . {closed}'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert {name: (folder / name).read_bytes() for name in before} == before


SHOWN = [["text"], ["concise"], ["github"], ["--diff"]]


def options_of(form: list[str]) -> list[str]:
    """The options that ask for a format, or for a diff."""
    return form if form == ["--diff"] else ["--output-format", *form]


@pytest.mark.parametrize("form", SHOWN, ids=" ".join)
@pytest.mark.parametrize("place", ["above", "in it", "below"])
def test_source_lines_reach_no_terminal_raw(folder: Path, form: list[str], place: str) -> None:
    """Control characters, escapes, hidden and turning letters, commands of CI services: each is
    shown as an escape, and nothing else of the line is lost."""
    Path("ünï.py").unlink()
    text = "".join(HIDDEN)
    above, inside, below = (f"'{text}'" if where == place else "0" for where in PLACES)
    source = LEAKY.replace("in rows(pool)", f"in rows(pool, {inside})")
    source = source.replace("        yield row.name", f"        yield row, {below}")
    source = source.replace("async def names(pool):", f"async def names(pool, s={above}):")
    Path("m.py").write_text(source, encoding="utf-8", newline="")
    done = lint("check", *options_of(form), ".", PYTHONIOENCODING="utf-8")
    assert done.returncode == 1
    out = (done.stdout + done.stderr).decode()
    for raw, shown in HIDDEN.items():
        assert raw not in out
        if form in (["text"], ["--diff"]):
            assert shown in out


PLACES = ("above", "in it", "below")


@pytest.mark.skipif(os.name == "nt", reason="names that may hold anything")
@pytest.mark.parametrize("form", ["json", "sarif", "gitlab", "junit"])
def test_formats_for_programs_hold_nothing_raw(folder: Path, form: str) -> None:
    """Their own escapes, for lines and names: a log that shows such a report is obeyed by no
    terminal."""
    Path("ünï.py").unlink()
    for number, raw in enumerate(HIDDEN):
        leak = LEAKY.replace("in rows(pool)", f"in rows(pool, '{raw}')")
        Path(f"{number}{raw}.py").write_text(leak, encoding="utf-8", newline="")
        Path(f"bad{number}{raw}.py").write_text("def f(:\n", encoding="utf-8")
    done = lint("check", "--output-format", form, ".", PYTHONIOENCODING="utf-8")
    assert done.returncode == 2
    assert done.stdout.decode().replace("\n", "").isprintable()


def test_a_mark_below_what_was_spelt_out(folder: Path) -> None:
    """The carets stand below the code that they mean."""
    Path("ünï.py").unlink()
    Path("n.py").write_text(
        "async def f(a, b):\n    x = '\u202e'; y = [r async for r in a]\n    yield x, y\n",
        encoding="utf-8",
    )
    done = lint(
        "check", "--select", "FP101", "--discipline", "all", "n.py", PYTHONIOENCODING="utf-8"
    )
    line, mark = (row[4:] for row in done.stdout.decode().splitlines()[3:5])
    assert line[mark.index("^") : mark.rindex("^") + 1] == "[r async for r in a]"


@pytest.mark.skipif(os.name == "nt", reason="names that may hold anything")
@pytest.mark.parametrize("form", SHOWN, ids=" ".join)
def test_names_reach_no_terminal_raw(folder: Path, form: list[str]) -> None:
    """The same for the names of files and folders, in findings and in errors."""
    for number, raw in enumerate(HIDDEN):
        Path(f"{number}{raw}").mkdir()
        Path(f"{number}{raw}", f"{raw}.py").write_text(LEAKY, encoding="utf-8")
        Path(f"{number}{raw}.py").write_text("def f(:\n", encoding="utf-8")
    Path("::warning::x.py").write_text(LEAKY, encoding="utf-8")
    Path(" ::error::x.py").write_text("def f(:\n", encoding="utf-8")
    done = lint("check", *options_of(form), ".", PYTHONIOENCODING="utf-8")
    assert done.returncode == 2
    out = (done.stdout + done.stderr).decode()
    for raw, shown in HIDDEN.items():
        assert raw not in out.replace("\n", "")
        assert shown in out
    commands = [line for line in out.splitlines() if line.lstrip().startswith("::")]
    assert all(line.startswith("::error title=funcpipe-lint (FP") for line in commands)
    assert bool(commands) is (form == ["github"])


def test_configurations_reach_no_terminal_raw(command: Command) -> None:
    """The same for keys and values of a configuration, in each command that reads it."""
    for raw, shown in HIDDEN.items():
        if "#" not in raw:
            escaped = "".join(f"\\U{ord(c):08x}" for c in raw)
            for text in (
                f'"{escaped}" = 1',
                f'discipline = "{escaped}"',
                f'presets = ["{escaped}"]',
            ):
                Path("pyproject.toml").write_text(f"[tool.funcpipe-lint]\n{text}\n", "utf-8")
                for name in ("check", "config"):
                    done = command(name)
                    assert done.code == 2
                    assert raw not in done.out + done.err
                    assert shown in done.err


@pytest.mark.skipif(os.name == "nt", reason="names that may hold anything")
def test_a_diff_line_is_no_command(folder: Path) -> None:
    """A line of a file that begins with `::`, or ends in a lone CR, begins no command in the log
    of a CI; a diff of what can be seen stays as it is, and applies."""
    Path("ünï.py").unlink()
    text = LEAKY.replace("    async for", '    """\n::add-mask::x\n"""\n    async for')
    Path("m.py").write_text(text, encoding="utf-8")
    out = lint("check", "--diff", ".").stdout.decode()
    assert " \\x3a:add-mask::x\n" in out
    Path("m.py").write_text(LEAKY.replace("pool", "pööl"), encoding="utf-8", newline="\r\n")
    raw = lint("check", "--diff", ".", PYTHONIOENCODING="utf-8").stdout
    subprocess.run(["patch", "-p0", "--binary"], input=raw, check=True, capture_output=True)
    assert b"aclosing(rows(p\xc3\xb6\xc3\xb6l)) as items:\r\n" in Path("m.py").read_bytes()

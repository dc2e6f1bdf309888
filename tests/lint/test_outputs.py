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

from .conftest import LEAKY

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

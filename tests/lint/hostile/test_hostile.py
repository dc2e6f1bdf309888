"""One file, one configuration, one row of the cache never ends a run: the rest is checked."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from ast import AST
from pathlib import Path

import libcst as cst
import pytest

from docs.studies.hostile import BASELINES, CONFIGURATIONS
from funcpipe_lint.check.runs.cache import Cache
from funcpipe_lint.check.runs.store import Store
from funcpipe_lint.config.settings import config_for
from funcpipe_lint.model import Settings
from funcpipe_lint.read.nodes import fields_of
from funcpipe_lint.read.source import stamp_of
from tests.lint.command.test_configuration import configure
from tests.lint.conftest import KEY, LEAKY, Command

ROWS = "leaky.py:7:5: FP303"


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_configurations(command: Command, name: str) -> None:
    """One that cannot be read is one line and exit 2; below another folder, the rest is checked."""
    text = CONFIGURATIONS[name].encode("utf-8", "surrogateescape")
    Path("bad").mkdir()
    for folder in ("bad", "."):
        file = Path(folder, "pyproject.toml")
        file.write_bytes(b"[tool.funcpipe-lint]\n" + text + b"\n")
        done = command("check", "--output-format", "concise", ".")
        assert done.code == 2
        (line,) = done.err.splitlines()
        assert "pyproject.toml: " in line
        assert len(line) < 500
        if folder == "bad":
            assert line.startswith("bad:1:1: FP002 nothing in it was checked: ")
            assert done.out.startswith(ROWS)


def test_a_configuration_that_is_a_device(command: Command) -> None:
    """`--config /dev/zero` is refused, as is a chain of files that extend each other."""
    assert "it is no regular file" in command("check", "--config", "/dev/zero").err
    for number in range(2_000):
        configure(f'extend = "{number + 1}.toml"', name=f"{number}.toml")
    assert "leads on over more than" in command("check", "--config", "0.toml").err


@pytest.mark.parametrize("name", BASELINES)
def test_baselines(command: Command, name: str) -> None:
    """One that is none is one line and exit 2."""
    Path("old.json").write_bytes(BASELINES[name].encode("utf-8", "surrogateescape"))
    done = command("check", "--baseline", "old.json", ".")
    assert done.code == 2
    (line,) = done.err.splitlines()
    assert line.startswith("funcpipe-lint: old.json: is ")
    assert len(line) < 500


@pytest.mark.skipif(os.name == "nt", reason="devices")
@pytest.mark.parametrize("source", ["command line", "configuration"])
@pytest.mark.parametrize("path", ["/dev/zero", "pipe", "folder", "sparse"])
def test_baselines_that_are_no_files(command: Command, path: str, source: str) -> None:
    """None is waited for, nor read until the memory is full."""
    os.mkfifo("pipe")
    Path("folder").mkdir()
    with Path("sparse").open("wb") as file:
        file.truncate(1 << 40)
    if source == "configuration":
        configure(f'baseline = "{path}"')
    given = ["--baseline", path] if source == "command line" else []
    done = command("check", *given, ".")
    assert done.code == 2
    assert done.err.startswith("funcpipe-lint: ")
    assert f"{path}: cannot be read: " in done.err


def test_a_file_larger_than_the_memory(command: Command) -> None:
    """A sparse file is named, and not read."""
    with Path("sparse.py").open("wb") as file:
        file.truncate(1 << 40)
    done = command("check", "--output-format", "concise", ".")
    assert done.code == 2
    assert done.err == "sparse.py:1:1: FP002 cannot be read: it is larger than 256 MB\n"
    assert done.out.startswith(ROWS)


def row(**fields: object) -> list[object]:
    """A row with the report of leaky.py, as it is now; its fields can be of another shape."""
    place = {"line": 1, "column": 1, "end_line": 1, "end_column": 1, "code": "FP303"}
    texts: dict[str, object] = {"message": "m", "notes": [], "fix": None, "cell": 0}
    violation = [fields.pop(name, held) for name, held in {**place, **texts}.items()]
    parts = {"stamp": "STAMP", "digest": "x", "violations": [violation], "suppressed": 0, "on": []}
    return [[], {}, {"leaky.py": [fields.get(name, held) for name, held in parts.items()]}]


SHAPES: dict[str, object] = {
    "no list": 1,
    "a short row": [[], {}],
    "a list of files": [[], [], []],
    "a number for a file": [[], {}, {"leaky.py": 7}],
    "a short entry": [[], {}, {"leaky.py": [[0, 0, 0], "x", []]}],
    "a stamp of words": row(stamp=["a", "b", "c"]),
    "a short stamp": row(stamp=[0, 0]),
    "a digest that is a number": row(digest=7),
    "violations that are words": row(violations=["FP303"]),
    "violations of lists": row(violations=[[[]] * 9]),
    "a line that is a word": row(line="1"),
    "a code that is a number": row(code=303),
    "a note of words": row(notes=[["a"]]),
    "an edit of words": row(fix=[[["a", 1, ""]], True, ""]),
    "a word for safe": row(fix=[[], "yes", ""]),
    "many suppressed": row(suppressed="many"),
    "a number of dependencies": row(on=7),
}


def test_a_row_of_this_shape_is_believed(command: Command) -> None:
    """What the others differ from."""
    assert known(row()) == 1


@pytest.mark.parametrize("name", SHAPES)
def test_rows_of_the_cache(command: Command, name: str) -> None:
    """A row of another shape is a miss, whoever wrote it, and a run replaces it."""
    assert known(SHAPES[name]) is None
    assert command("check", ".").out.startswith(ROWS)


def known(written: object) -> int | None:
    """How many violations of leaky.py a cache that holds a row knows of; None: it does not know."""
    text = json.dumps(written).replace('"STAMP"', json.dumps(stamp_of("leaky.py")))
    shelf = Cache(".funcpipe_cache").shelf(config_for({}, "here").settings, True, [""])
    Store(".funcpipe_cache", KEY).write(shelf.key, {"": text.encode()})
    shelf = Cache(".funcpipe_cache").shelf(config_for({}, "here").settings, True, [""])
    assert shelf.bodies
    report = shelf.known("leaky.py", thorough=True)
    return None if report is None else len(report.violations)


def test_fields_of_later_pythons() -> None:
    """No field that holds plain values is taken for nodes, as a t-string's text was: held against
    the grammar of this Python."""
    plain = {"identifier", "int", "string", "constant", "object"}
    seen = 0
    kinds = [AST]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        grammar = re.match(r"\w+\((.*)\)$", kind.__doc__ or "", re.DOTALL)
        if grammar is None or kind.__name__ == "TypeIgnore":  # which no parse gives
            continue
        for field in grammar[1].split(","):
            type_of, _, name = field.strip().partition(" ")
            if type_of.strip("?*") in plain and kind.__name__ != "Constant":
                seen += 1
                assert name not in fields_of(kind), kind
    assert seen > 20


def test_a_linter_that_fails(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a file makes of it is that file's report: with its place, for us to mend."""
    Path("other.py").write_text(LEAKY.replace("rows", "others"), encoding="utf-8")
    parse = cst.parse_module

    def fail(text: str) -> cst.Module:
        if "others" in text:
            raise BaseExceptionGroup("all", [ValueError()])
        return parse(text)

    class PanicException(BaseException):
        """What a panic in a native module becomes."""

    def panic(text: str) -> cst.Module:
        if "others" in text:
            raise PanicException("range end index 9 out of range")
        return parse(text)

    for broken in (fail, panic):
        monkeypatch.setattr(cst, "parse_module", broken)
        done = command("check", "--no-cache", "--output-format", "concise", ".")
        assert done.code == 2
        (line,) = done.err.splitlines()
        assert line.startswith("other.py:1:1: FP002 ")
        assert done.out.startswith(ROWS)


def test_a_command_that_fails(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback, whose exit code 1 would say that violations were found: one line, exit 2."""

    def fail(*arguments: object, **options: object) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr("funcpipe_lint.check.runs.run.gather", fail)
    done = command("check", ".")
    assert done.code == 2
    (line,) = done.err.splitlines()
    assert line.startswith("funcpipe-lint: failed: RecursionError: too deep (")
    assert line.endswith("; please report it")


def turned_into_another(text: str) -> cst.Module:
    """Ctrl-C in a library whose clean-up then fails, as libcst's does."""
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        dict[str, int]().pop("state")
    raise AssertionError


def swallowed(text: str) -> cst.Module:
    """Ctrl-C in a library that takes whatever there is."""
    try:
        signal.raise_signal(signal.SIGINT)
    except BaseException as error:
        raise SyntaxError("no Python") from ValueError(type(error).__name__)
    raise AssertionError


@pytest.mark.parametrize("library", [turned_into_another, swallowed])
@pytest.mark.parametrize("options", [[], ["--fix"], ["--diff"]], ids=" ".join)
def test_ctrl_c_in_a_library(
    command: Command, monkeypatch: pytest.MonkeyPatch, library: object, options: list[str]
) -> None:
    """It ends the run, whatever the library makes of it."""
    monkeypatch.setattr(cst, "parse_module", library)
    done = command("check", "--no-cache", *options, ".")
    assert (done.code, done.err) == (2, "funcpipe-lint: interrupted\n")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_in_a_rule_of_the_api(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside the command, where nobody remembers it, what comes of it is known for what it is."""
    from funcpipe_lint.check.single import check_content

    monkeypatch.setattr(cst, "parse_module", turned_into_another)
    with pytest.raises(KeyboardInterrupt):
        check_content(Settings(rules=("FP303",)), "leaky.py", LEAKY.encode())


LASTING = """
import os, sys, time
from funcpipe_lint.check.runs import workers
def last(task):
    os.write(1, b"begun\\n")
    time.sleep(3600)
workers.run_task = last
from funcpipe_lint.cli import main
main(["check", "--jobs", "3", "."])
"""


@pytest.mark.skipif(os.name == "nt", reason="kills")
@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_run_leaves_no_workers(command: Command, way: int) -> None:
    """They end with it, though each is in the middle of a task."""
    for number in range(120):
        Path(f"m{number}.py").write_text(LEAKY * 80, encoding="utf-8")
    run = subprocess.Popen([sys.executable, "-c", LASTING], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    assert [run.stdout.readline() for _ in range(3)] == ["begun\n"] * 3
    run.send_signal(way)
    # Each worker holds the other end of the pipe: it ends when the last of them has.
    out, _ = run.communicate(timeout=60)
    assert out == ""

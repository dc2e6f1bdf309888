"""What is written and shown of a stranger's files: literals, killed writes, links, escapes; each
counted by what became of it.

An outcome that begins with ! is wrong, as in docs/studies/hostile_runs.py.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from docs.studies.hostile import HIDDEN
from docs.studies.traps import LEAK, ROWS

Outcomes = Iterable[tuple[str, str]]
LEAKY = ROWS + LEAK
NEW = b"x = 1\n" * 10_000
FIXED = "async with aclosing(rows(p)) as items:"
SHAPES = ("plain", "two names", "no nameless files")
PROGRAMS = 400

# Writes a file, and is killed before one of the calls that this takes: the number of it is given.
_KILLED = """
import os, signal, sys
from funcpipe_lint.check.fixing import writing
if sys.argv[2] == "no nameless files" and hasattr(os, "O_TMPFILE"):
    del os.O_TMPFILE
calls = 0
def killing(call):
    def killed(*arguments, **options):
        global calls
        calls += 1
        if calls == int(sys.argv[1]):
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **options)
    return killed
for name in ("open", "write", "fsync", "fchmod", "link", "replace", "close", "ftruncate", "rename"):
    setattr(os, name, killing(getattr(os, name)))
writing.replace_file("leaky.py", b"x = 1\\n" * 10_000, None)
"""


class Write(NamedTuple):
    """What a write left that was killed, or came to its end."""

    is_killed: bool
    content: bytes
    litter: int
    """Files beside it that were not there."""


def killed_writes(folder: Path, shape: str) -> Iterator[Write]:
    """A write of leaky.py for each call that it takes, killed before it; the last is whole."""
    file = folder / "leaky.py"
    for number in range(1, 60):
        file.write_text(LEAKY, encoding="utf-8")
        if shape == "two names" and not (folder / "second.py").exists():
            os.link(file, folder / "second.py")
        done = subprocess.run(
            [sys.executable, "-c", _KILLED, str(number), shape],
            cwd=folder,
            capture_output=True,
            check=False,
        )
        if done.returncode not in (0, -signal.SIGKILL):
            raise AssertionError(done.stderr.decode())
        litter = sum(path.name.startswith(".leaky") for path in folder.iterdir())
        yield Write(done.returncode != 0, file.read_bytes(), litter)
        if not done.returncode:
            return
    raise AssertionError("it never came to its end")


def _writes(folder: Path) -> Iterator[tuple[str, str]]:
    from funcpipe_lint.check.fixing.writing import replace_file

    contents = {LEAKY.encode(): "the old content", NEW: "the new content"}
    for shape in SHAPES:
        place = folder / shape
        place.mkdir()
        for number, write in enumerate(killed_writes(place, shape)):
            if write.is_killed:
                yield f"{shape}, call {number}", contents.get(write.content, "!half a file")
        replace_file(str(place / "leaky.py"), b"y = 2\n")
        if any(path.name.startswith(".leaky") for path in place.iterdir()):
            yield shape, "!the next write leaves what the killed one left"


def _literals(folder: Path) -> Outcomes:
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st

    from tests.lint.fixing.test_fixed_literals import LAYOUTS, STATEMENTS, became_of, literals

    found: dict[str, str] = {}

    @settings(
        max_examples=PROGRAMS,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        literals(),
        st.sampled_from(STATEMENTS),
        st.sampled_from(sorted(LAYOUTS)),
        st.sampled_from(("\n", "\r\n")),
    )
    def run(literal: str, statement: str, layout: str, newline: str) -> None:
        key = repr((literal, statement, layout, newline))
        found[key] = became_of(literal, statement, layout, newline)

    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        run()
    return found.items()


def _hard(folder: Path) -> list[str]:
    os.link(folder / "leaky.py", folder / "second.py")
    return ["."]


def _symbolic(folder: Path) -> list[str]:
    (folder / "second.py").symlink_to("leaky.py")
    return ["."]


def _through_a_folder(folder: Path) -> list[str]:
    (folder / "below").mkdir()
    (folder / "below" / "second.py").symlink_to("../leaky.py")
    return [".", "below"]


def _in_a_ring(folder: Path) -> list[str]:
    (folder / "up").symlink_to(".")
    (folder / "a.py").symlink_to("b.py")
    (folder / "b.py").symlink_to("a.py")
    return ["."]


def _leading_out(folder: Path) -> list[str]:
    (folder / "given").mkdir()
    (folder / "given" / "link.py").symlink_to("../leaky.py")
    return ["given"]


def _folder_leading_out(folder: Path) -> list[str]:
    (folder / "given").mkdir()
    (folder / "real").mkdir()
    (folder / "leaky.py").rename(folder / "real" / "leaky.py")
    (folder / "leaky.py").symlink_to("real/leaky.py")
    (folder / "given" / "link").symlink_to("../real")
    return ["given"]


# How a file gets its names -> whether it is in what was given, and has to be written, once.
_LINKS: dict[Callable[[Path], list[str]], bool] = {
    _hard: True,
    _symbolic: True,
    _through_a_folder: True,
    _in_a_ring: True,
    _leading_out: False,
    _folder_leading_out: False,
}
_ACTIONS = {"--fix": FIXED, "--add-noqa=why": "ignore[FP303] why"}


def _links(folder: Path) -> Iterator[tuple[str, str]]:
    number = 0
    for make, is_given in _LINKS.items():
        for action, mark in _ACTIONS.items():
            for mode in (0o644, 0o2751):
                number += 1
                place = folder / str(number)
                place.mkdir()
                yield (
                    f"{make.__name__} {action} {mode:o}",
                    _linked(place, make, action, mark, is_given, mode),
                )


def _linked(
    place: Path,
    make: Callable[[Path], list[str]],
    action: str,
    mark: str,
    is_given: bool,
    mode: int,
) -> str:
    file = place / "leaky.py"
    file.write_text(LEAKY, encoding="utf-8")
    paths = make(place)
    file.chmod(mode)
    with suppress(OSError):  # there are file systems that have none
        os.setxattr(file, "user.origin", b"there")
    attributes = {name: os.getxattr(file, name) for name in os.listxattr(file)}
    shape = {str(path) for path in place.rglob("*")}
    names = {str(path): path.is_symlink() for path in place.rglob("*")}
    done = subprocess.run(
        [sys.executable, "-m", "funcpipe_lint", "check", "--no-cache", action, *paths],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    text = file.read_text(encoding="utf-8")
    if text.count(mark) != int(is_given) or "Traceback" in done.stderr:
        return f"!{text.count(mark)} times, {' '.join(done.stderr.split())[-200:]}"
    if not is_given and text != LEAKY:
        return "!written outside"
    kept = {name: os.getxattr(file, name) for name in os.listxattr(file)}
    if kept != attributes or file.stat().st_mode & 0o7777 != mode:
        return "!lost its mode or attributes"
    if {str(path) for path in place.rglob("*")} != shape:
        return "!left something beside it"
    if {str(path): path.is_symlink() for path in place.rglob("*")} != names:
        return "!a link became a file"
    if (place / "second.py").exists() and not file.samefile(place / "second.py"):
        return "!two files of one"
    return "written once, all names, mode and attributes kept" if is_given else "not followed"


SHOWN = ("text", "concise", "github", "--diff")
READ = ("json", "sarif", "gitlab", "junit")


def _shown(folder: Path) -> Iterator[tuple[str, str]]:
    for number, (raw, shown) in enumerate(HIDDEN.items()):
        place = folder / str(number)
        place.mkdir()
        leak = LEAK.replace("rows(p)", f"rows(p, '{raw}')")
        (place / f"a{raw}.py").write_text(ROWS + leak, encoding="utf-8")
        (place / f"b{raw}.py").write_text("def f(:\n", encoding="utf-8")
        for form in (*SHOWN, *READ):
            yield f"{shown} in {form}", _shown_in(place, form, raw, shown)


def _shown_in(place: Path, form: str, raw: str, shown: str) -> str:
    options = [form] if form == "--diff" else ["--output-format", form]
    done = subprocess.run(
        [sys.executable, "-m", "funcpipe_lint", "check", "--no-cache", *options, "."],
        cwd=place,
        capture_output=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    if done.returncode != 2 or raw in err:
        return f"!exit {done.returncode}, {err[-200:]!r}"
    if form in SHOWN:
        return "shown as an escape" if raw not in out and shown in out else "!raw"
    if form != "junit":
        json.loads(out)
    if raw.isascii() and raw.isprintable():
        return "as the format escapes it"  # words, which no terminal obeys in such a file
    return "!raw" if raw in out else "as the format escapes it"


KINDS: dict[str, Callable[[Path], Outcomes]] = {
    "literals of every prefix, quote and layout in a loop that is wrapped, run before and after"
    " the fix": _literals,
    "SIGKILL before each call of a write, in three ways of writing": _writes,
    "hard links, symbolic links within, around and out of what is given; two modes, extended"
    " attributes; `--fix` and `--add-noqa`": _links,
    "letters and commands in source lines, names of files and error lines, in eight formats": (
        _shown
    ),
}

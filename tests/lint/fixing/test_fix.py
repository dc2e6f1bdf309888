"""`--fix` and `--diff`: only what the fix changes, at once or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.check.fixing.fix import FixOutcome, fix_file
from funcpipe_lint.check.fixing.writing import FileChangedError
from funcpipe_lint.config.settings import settings_for
from tests.lint.conftest import LEAKY, Command

FIXED = """\
from contextlib import aclosing


async def rows(pool):
    async with pool.connect() as db:
        yield db


async def names(pool):
    async with aclosing(rows(pool)) as items:
        async for row in items:
            yield row.name
"""
ENGINE = Engine(settings_for({}))


def test_fix(command: Command) -> None:
    """The file is repaired, nothing is left, exit 0; a second run changes nothing."""
    outcome = command("check", "--fix", "leaky.py")
    assert (outcome.code, outcome.out) == (0, "1 file fixed. No violations in 1 file.\n")
    assert Path("leaky.py").read_text(encoding="utf-8") == FIXED
    assert command("check", "--fix", "leaky.py").out == "No violations in 1 file.\n"


def test_diff_of_a_form_feed(command: Command) -> None:
    """It ends no line: the diff says nothing of a file without an end."""
    text = LEAKY.replace("    async for", "    # \x0c\n    async for")
    Path("feed.py").write_text(text, encoding="utf-8")
    shown = command("check", "--diff", "feed.py")
    assert shown.code == 1
    assert "\n     # \x0c\n" in shown.out
    assert "No newline" not in shown.out


def test_diff(command: Command) -> None:
    """The change is shown, exit 1, and nothing is written; without a change, exit 0."""
    outcome = command("check", "--diff", "leaky.py")
    assert outcome.code == 1
    assert "+    async with aclosing(rows(pool)) as items:\n" in outcome.out
    assert Path("leaky.py").read_text(encoding="utf-8") == LEAKY
    Path("leaky.py").write_text(FIXED, encoding="utf-8")
    assert command("check", "--diff", "leaky.py") == (0, "", "")


def test_what_a_file_may_ignore_is_not_fixed(command: Command) -> None:
    """A finding that `per-file-ignores` leaves out of the report is left in the file."""
    Path("funcpipe-lint.toml").write_text('per-file-ignores = {"leaky.py" = ["FP303"]}\n')
    assert command("check", "--fix", "leaky.py").out == "No violations in 1 file.\n"
    assert command("check", "--diff", "leaky.py") == (0, "", "")
    assert Path("leaky.py").read_text(encoding="utf-8") == LEAKY


def test_beside_what_is_ignored_the_rest_is_fixed(command: Command) -> None:
    """In a file with both, the fix of what is reported is made and that of the ignored is not."""
    replay = (
        "\n\nfrom contextlib import aclosing\nasync def source():\n    yield 1\n"
        "async def again():\n    {}for item in {}:\n        {}print(item)\n"
    )
    listed = replay.format("", "[item async for item in source()]", "")
    Path("funcpipe-lint.toml").write_text('per-file-ignores = {"leaky.py" = ["FP303"]}\n')
    Path("leaky.py").write_text(LEAKY + listed)
    assert command("check", "--fix", "leaky.py").out.startswith("1 file fixed.")
    after = Path("leaky.py").read_text(encoding="utf-8")
    opened = "async with aclosing(source()) as items:\n        async "
    assert after == LEAKY + replay.format(opened, "items", "    ")


def test_a_suppression_holds_back_its_fix_unless_suppressions_are_off(command: Command) -> None:
    """`--fix` changes what `check` reports: under `--no-noqa` also what a comment silences."""
    silenced = LEAKY.replace(
        "rows(pool):\n        yield row", "rows(pool):  # noqa: FP303\n        yield row"
    )
    assert silenced != LEAKY
    Path("leaky.py").write_text(silenced, encoding="utf-8")
    assert command("check", "--diff", "leaky.py") == (0, "", "")
    outcome = command("check", "--diff", "--no-noqa", "leaky.py")
    assert outcome.code == 1
    assert "+    async with aclosing(rows(pool)) as items:\n" in outcome.out


def test_fixes_of_many_files_come_in_their_order(command: Command) -> None:
    """A run that is large enough for a pool fixes as one process does, and shows it by path."""
    names = [f"leaky{number:03}.py" for number in range(120)]
    for name in names:
        Path(name).write_text(LEAKY, encoding="utf-8")
    Path("leaky.py").unlink()
    shown = command("check", "--diff", "--jobs", "2", ".")
    assert [line[4:] for line in shown.out.splitlines() if line.startswith("--- ")] == names
    assert shown == command("check", "--diff", "--jobs", "1", "--no-cache", ".")
    assert command("check", "--fix", "--jobs", "2", ".").out.startswith("120 files fixed.")
    assert {Path(name).read_text(encoding="utf-8") for name in names} == {FIXED}


READY = "from contextlib import aclosing\n\n\n" + LEAKY
OLD = b"    async for row in rows(pool):\n        yield row.name\n"
NEW = (
    b"    async with aclosing(rows(pool)) as items:\n"
    b"        async for row in items:\n            yield row.name\n"
)
ENCODED = {
    "CRLF": READY.replace("\n", "\r\n").encode(),
    "mixed line ends": READY.replace("db\n", "db\r\n").encode(),
    "byte-order mark": b"\xef\xbb\xbf" + READY.encode(),
    "latin-1": b"# coding: latin-1\nS = '\xe9'\n" + READY.encode(),
    "shift_jis": "# coding: shift_jis\nS = 'テスト'\n".encode("shift_jis") + READY.encode(),
    "no final newline": READY.rstrip("\n").encode(),
    "form feed": b"\x0c\n" + READY.encode(),
    "odd spaces": b"x  =  ( 1,2 )   # kept\n\n\n\n" + READY.encode(),
}


@pytest.mark.parametrize("kind", ENCODED)
def test_all_other_bytes_stay(command: Command, kind: str) -> None:
    """Line ends, encoding, byte-order mark and layout are what they were, but for the loop."""
    before, old, new = ENCODED[kind], OLD, NEW
    if kind == "CRLF":
        old, new = old.replace(b"\n", b"\r\n"), new.replace(b"\n", b"\r\n")
    if kind == "no final newline":
        old, new = old.rstrip(b"\n"), new.rstrip(b"\n")
    Path("leaky.py").write_bytes(before)
    assert command("check", "--fix", "leaky.py").code == 0
    assert old in before
    assert Path("leaky.py").read_bytes() == before.replace(old, new)


@pytest.mark.skipif(os.name == "nt", reason="modes and links")
def test_mode_and_link_stay(command: Command) -> None:
    """An executable stays one; a symbolic link stays a link, and its target is repaired."""
    Path("leaky.py").chmod(0o750)
    Path("link.py").symlink_to("leaky.py")
    assert command("check", "--fix", "--no-cache", "link.py").code == 0
    assert Path("link.py").is_symlink()
    assert Path("leaky.py").read_text(encoding="utf-8") == FIXED
    assert stat.S_IMODE(Path("leaky.py").stat().st_mode) == 0o750
    assert sorted(p.name for p in Path().iterdir()) == ["leaky.py", "link.py"]


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    """What was written between reading and fixing is not overwritten, and no litter stays."""
    path = tmp_path / "leaky.py"
    path.write_text(LEAKY, encoding="utf-8")
    outcome = fix_file(str(path), ENGINE, unsafe=False)
    path.write_text("newer = 1\n", encoding="utf-8")
    with pytest.raises(FileChangedError):
        outcome.write()
    assert path.read_text(encoding="utf-8") == "newer = 1\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk: the file is as it was, and no litter stays."""
    path = tmp_path / "leaky.py"
    path.write_text(LEAKY, encoding="utf-8")
    outcome = fix_file(str(path), ENGINE, unsafe=False)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        outcome.write()
    assert path.read_text(encoding="utf-8") == LEAKY
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_checked_is_not_fixed(command: Command) -> None:
    """It is named, exit 2, and the others are repaired."""
    Path("broken.py").write_bytes(b"async def f(:\n")
    outcome = command("check", "--fix", "broken.py", "leaky.py")
    assert outcome.code == 2
    assert "broken.py:1:13: FP002 is not valid Python" in outcome.err
    assert Path("broken.py").read_bytes() == b"async def f(:\n"
    assert Path("leaky.py").read_text(encoding="utf-8") == FIXED


def test_unsafe_fixes_wait_to_be_asked(command: Command) -> None:
    """--fix leaves them; --unsafe-fixes applies both kinds."""
    code = (
        "from funcpipe_streams import AsyncGen, Ok\n\n\ndef one() -> AsyncGen[int]:\n"
        "    async def stream():\n        yield 1\n        yield Ok(2)\n\n    return stream\n"
    )
    Path("raw.py").write_text(code, encoding="utf-8")
    outcome = command("check", "--fix", "raw.py")
    assert outcome.code == 1
    assert "1 more with --unsafe-fixes" in outcome.out or "--unsafe-fixes" in outcome.out
    assert Path("raw.py").read_text(encoding="utf-8") == code
    assert command("check", "--unsafe-fixes", "raw.py").code == 0
    assert "yield Ok(1)" in Path("raw.py").read_text(encoding="utf-8")


IMPORTS = {
    "nothing": ("", "from contextlib import aclosing\n\n\n"),
    "docstring": ('"""Doc."""\n\n', '"""Doc."""\n\nfrom contextlib import aclosing\n\n'),
    "future": (
        "from __future__ import annotations\n\n",
        "from __future__ import annotations\n\nfrom contextlib import aclosing\n\n",
    ),
    "sorted in": (
        "import asyncio\nfrom typing import Any\n\n\n",
        "import asyncio\nfrom contextlib import aclosing\nfrom typing import Any\n\n\n",
    ),
    "added to": (
        "from contextlib import suppress\n\n\n",
        "from contextlib import aclosing, suppress\n\n\n",
    ),
    "there under an alias": (
        "from contextlib import aclosing as ac\n\n\n",
        "from contextlib import aclosing as ac\n\n\n",
    ),
    "the module is there": ("import contextlib as c\n\n\n", "import contextlib as c\n\n\n"),
    "third party below": (
        "import asyncio\n\nimport httpx\n\n\n",
        "import asyncio\nfrom contextlib import aclosing\n\nimport httpx\n\n\n",
    ),
    "only for type checkers": (
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import contextlib\n\n\n",
        "from contextlib import aclosing\nfrom typing import TYPE_CHECKING\n\n"
        "if TYPE_CHECKING:\n    import contextlib\n\n\n",
    ),
}


@pytest.mark.parametrize("name", IMPORTS)
def test_imports(command: Command, name: str) -> None:
    """The import goes where a person would put it, and what is there is used."""
    before, after = IMPORTS[name]
    Path("leaky.py").write_text(before + LEAKY, encoding="utf-8")
    assert command("check", "--fix", "leaky.py").code == 0
    text = Path("leaky.py").read_text(encoding="utf-8")
    assert text.startswith(after + "async def rows"), text
    compile(text, "leaky.py", "exec")


def test_a_taken_name_is_not_fixed(command: Command) -> None:
    """Where `aclosing` means something else the finding stays, without a fix."""
    Path("leaky.py").write_text("aclosing = None\n" + LEAKY, encoding="utf-8")
    outcome = command("check", "--fix", "leaky.py")
    assert outcome.code == 1
    assert "aclosing = None" in Path("leaky.py").read_text(encoding="utf-8")


def test_nested_loops_are_fixed_level_by_level(tmp_path: Path) -> None:
    """Five loops in each other: all repaired in one run, and the outcome parses."""
    loops = "".join(f"{'    ' * (i + 1)}async for r{i} in rows(p):\n" for i in range(5))
    path = tmp_path / "nested.py"
    path.write_text(LEAKY + f"\n\nasync def deep(p):\n{loops}{'    ' * 6}yield r4\n", "utf-8")
    outcome: FixOutcome = fix_file(str(path), ENGINE, unsafe=False)
    text = outcome.after.decode()
    assert text.count("async with aclosing(") == 6
    assert ENGINE.check("nested.py", outcome.after).violations == ()
    compile(text, "nested.py", "exec")

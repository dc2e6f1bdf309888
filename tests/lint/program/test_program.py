"""Leaks whose stream is another module's: a project of a hundred modules, and what it takes to find
its leaks again after each change."""

from __future__ import annotations

import ast
import gc
import io
import json
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from funcpipe_lint.check.runs.cache import Cache
from funcpipe_lint.check.runs.run import check, check_text
from funcpipe_lint.check.single import check_content, check_file
from funcpipe_lint.cli import main
from funcpipe_lint.config.options import OPTIONS
from funcpipe_lint.config.resolver import Resolver
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.program import modules
from funcpipe_lint.program.facts import reading
from funcpipe_lint.program.facts.collected import Functions
from funcpipe_lint.program.facts.reading import facts_of
from funcpipe_lint.program.facts.records import Facts
from funcpipe_lint.read.syntax import parse
from tests.lint.program.hundred_modules import (
    DRIVES,
    INHERITS,
    LEAKS,
    OVERRIDES,
    OWNER,
    OWNS_NOTHING,
    PASSES,
    POOLED,
    build,
    found,
    write,
)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package of a hundred modules."""
    monkeypatch.chdir(tmp_path)
    build(tmp_path / "shop")
    return tmp_path / "shop"


def without(*names: str) -> dict[str, list[tuple[int, str]]]:
    """The leaks, less those of some modules."""
    return {name: leaks for name, leaks in LEAKS.items() if name not in names}


@pytest.mark.parametrize("jobs", [1, 2])
def test_each_leak_is_found_cold_and_warm(shop: Path, tmp_path: Path, jobs: int) -> None:
    """At each length of chain, through base classes, Protocols and attributes; the same from the
    cache."""
    cache = str(tmp_path / "kept")
    for _ in range(3):
        assert found(check(["shop"], jobs=jobs, cache=Cache(cache))) == LEAKS
    write(shop / "m02.py", OWNS_NOTHING)
    for _ in range(2):
        assert found(check(["shop"], jobs=jobs, cache=Cache(cache))) == without("leak_5.py")


def test_what_is_let_go_is_read_again(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where memory has room for the facts of a few modules only, the same leaks are found, cold and
    warm; and no more than these few are held."""
    assert shop.is_dir()
    held: list[weakref.ref[object]] = []
    most = 0

    def noted(text: str) -> Facts | None:
        nonlocal most
        facts = facts_of(text)
        if facts is not None:
            assert isinstance(facts.functions, Functions)
            held.append(weakref.ref(facts.functions.module))
        most = max(most, sum(each() is not None for each in held))
        return facts

    monkeypatch.setattr(reading, "facts_of", noted)
    monkeypatch.setattr(modules, "_HELD", 400)
    gc.disable()  # as the command does
    try:
        for _ in range(2):
            assert found(check(["shop"], jobs=1, cache=Cache(str(tmp_path / "kept")))) == LEAKS
    finally:
        gc.enable()
    assert len(held) > 20
    assert most < 15


def test_one_file_alone_says_what_it_says_among_all(shop: Path) -> None:
    """As a commit hook gives it, as an editor's text, by an absolute path."""
    for name, leaks in LEAKS.items():
        path = str(Path("shop", name))
        assert found(check([path])) == {name: leaks}
        assert found(check([str(Path(path).resolve())])) == {name: leaks}
        said = check_text(path, Path(path).read_text(encoding="utf-8"), Resolver())
        assert [(each.line, each.code) for each in said.violations] == leaks
        alone = check_file(settings_for({}), path)
        assert [(each.line, each.code) for each in alone.violations] == leaks


def test_notebooks_and_standard_input(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A notebook's cells reach what its folder holds; so does what an editor holds of a file."""
    source = DRIVES.format(below=1).replace("shop.", "")
    head, _, rest = source.partition("\n\n\n")
    cells: list[object] = [
        {
            "cell_type": "code",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": text,
        }
        for text in (head, rest)
    ]
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    write(shop / "book.ipynb", json.dumps(book))
    write(shop / "m01.py", PASSES.format(below=0).replace("shop.", ""))
    (shop / "__init__.py").unlink()
    (only,) = check(["shop/book.ipynb"]).violations
    assert (only.code, only.cell, only.line) == ("FP302", 2, 2)
    assert only.notes[-1].path == str(Path("shop", "m00.py"))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(source.encode())))
    form = ["--output-format", "concise"]
    assert main(["check", *form, "--stdin-filename", "shop/new.py"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("shop/new.py:5:5: FP302 ")
    assert "(shop/m00.py:2: 'rows' yields inside 'async with pool.connect()')" in said


def test_each_format_names_the_place(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a note, a related location, or behind the message."""
    for form in OPTIONS["output-format"].choices:
        assert main(["check", "--no-cache", "--output-format", form, "shop/leak_2.py"]) == 1
        said = capsys.readouterr().out
        assert "shop/m00.py" in said
        assert "yields inside" in said


def test_an_executor_needs_no_files(shop: Path) -> None:
    """What other files say travels with a file: where it is checked there may be none."""

    class Elsewhere(ThreadPoolExecutor):
        def submit(self, function, /, *arguments, **more):  # type: ignore[no-untyped-def]
            hidden = shop.with_name("hidden")
            shop.rename(hidden)
            try:
                future = super().submit(function, *arguments, **more)
                future.exception()
            finally:
                hidden.rename(shop)
            return future

    with Elsewhere(1) as executor:
        assert found(check(["shop"], executor=executor)) == LEAKS


def test_a_change_in_the_middle_is_seen_by_those_that_depend_on_it(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And by them alone: what no change can concern is not checked again."""
    folder = str(tmp_path / "kept")
    check(["shop"], jobs=1, cache=Cache(folder))
    checked: list[str] = []

    def noting(settings, path, *more, **options):  # type: ignore[no-untyped-def]
        checked.append(Path(path).name)
        return before(settings, path, *more, **options)

    before = check_content
    monkeypatch.setattr("funcpipe_lint.check.runs.waiting.check_content", noting)

    def warm() -> dict[str, list[tuple[int, str]]]:
        checked.clear()
        return found(check(["shop"], jobs=1, cache=Cache(folder)))

    assert warm() == LEAKS
    assert checked == []
    write(shop / "m01.py", OWNS_NOTHING)
    assert warm() == without("leak_2.py", "leak_5.py")
    assert {"m01.py", "leak_2.py", "leak_5.py"} <= set(checked)
    assert {"leak_1.py", "other_00.py", "m00.py", "pooled.py"}.isdisjoint(checked)
    write(shop / "m01.py", PASSES.format(below=0).replace("\n\n\n", "\n\n\n# moved\n\n\n"))
    assert warm() == LEAKS
    write(shop / "k01.py", OVERRIDES.format(below=0, number=1))
    above = ("class_2.py", "class_5.py", "protocol_2.py", "protocol_5.py")
    assert warm() == without(*above)
    assert {"k01.py", *above} <= set(checked)
    assert {"leak_1.py", "leak_5.py", "class_1.py", "other_00.py"}.isdisjoint(checked)
    write(shop / "k01.py", INHERITS.format(below=0, number=1))
    assert warm() == LEAKS
    (shop / "m00.py").unlink()
    assert warm() == without(*(name for name in LEAKS if name.startswith("leak_")))
    assert "leak_1.py" in checked
    write(shop / "m00.py", OWNER)
    assert warm() == LEAKS


def test_functions_that_nobody_asks_for_are_not_parsed(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the modules that a caller leads to, what its streams go through is parsed, and no more."""
    body = "    total = [0]\n    total.append(pool)\n    return total\n"
    write(shop / "m00.py", f"import os\n\n\ndef unused(pool):\n{body}\n\n{OWNER}")
    parsed: list[str] = []

    def noting(text: str) -> ast.Module:
        parsed.append(text)
        return parse(text)

    monkeypatch.setattr("funcpipe_lint.program.facts.lenient.parse", noting)
    assert found(check(["shop/leak_2.py"], jobs=1)) == {"leak_2.py": [(5, "FP302")]}
    assert any("pool.connect()" in text for text in parsed)
    assert not any("total" in text for text in parsed)


@pytest.mark.parametrize("rest", ["text]", "    text]"])
def test_bodies_that_indentation_does_not_show(tmp_path: Path, rest: str) -> None:
    """A line that goes on below its function's indentation, in brackets, a string or behind a
    backslash, and what a function binds outside of itself, is read as Python reads it."""
    odd = f"""\


async def rows(pool):
    text = '''
def rows(pool): pass
'''
    items = [pool,
{rest}
    total = len(text) + \\
len(items)
    async with pool.connect(total):
        yield items


def bind():
    global bound
    bound = rows
    return "a body that is longer than forty characters"
"""
    uses = """\
from shop.odd import bound, rows


async def first(pool):
    async for row in rows(pool):
        return row


async def second(pool):
    async for row in bound(pool):
        return row
"""
    folder = tmp_path / "shop"
    folder.mkdir()
    write(folder / "__init__.py", "")
    write(folder / "odd.py", odd)
    write(folder / "uses.py", uses)
    assert found(check([str(folder / "uses.py")], jobs=1)) == {"uses.py": [(5, "FP302")]}


def test_another_class_of_a_protocol_is_seen(shop: Path, tmp_path: Path) -> None:
    """A class that a Protocol fits wakes those that use the Protocol; so does one that is gone."""
    folder = str(tmp_path / "kept")

    def warm() -> dict[str, list[tuple[int, str]]]:
        return found(check(["shop"], jobs=1, cache=Cache(folder)))

    text = POOLED[: POOLED.index("class Readable")]
    write(shop / "pooled.py", text)
    before = {**LEAKS, "uses.py": LEAKS["uses.py"][:2]}
    assert warm() == before
    write(shop / "late.py", POOLED[POOLED.index("class Readable") :])
    assert warm() == LEAKS
    (shop / "late.py").unlink()
    assert warm() == before


def test_the_place_is_named(shop: Path) -> None:
    """The finding says where the clean-up lives, by the path from here."""
    (only,) = check(["shop/leak_5.py"]).violations
    note = only.notes[-1]
    assert (note.path, note.line) == (str(Path("shop", "m00.py")), 2)
    assert note.message == "'rows' yields inside 'async with pool.connect()'"
    assert only.whole_message.endswith(f"({note.path}:2: {note.message})")


def test_imports_that_are_not_followed(shop: Path) -> None:
    """With `follow-imports = "off"` a file is all that is known."""
    Path("funcpipe-lint.toml").write_text('follow-imports = "off"\n', encoding="utf-8")
    assert found(check(["shop"])) == {}

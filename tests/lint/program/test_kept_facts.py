"""The facts of a module that were kept are those that are read of its text, and no others are
believed."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from funcpipe_lint.check.runs.cache import Cache
from funcpipe_lint.check.runs.run import Run, check
from funcpipe_lint.config.resolver import Resolver
from funcpipe_lint.program.facts import reading
from funcpipe_lint.program.facts.kept import from_json, to_json
from funcpipe_lint.program.facts.reading import facts_of
from funcpipe_lint.program.facts.records import Facts

ROOT = Path(__file__).parents[3]
KIT = [
    path
    for package in ("funcpipe_lint", "funcpipe_laws", "reference", "tests/reference")
    for path in sorted((ROOT / package).rglob("*.py"))
]
STREAMS = sorted(Path(asyncio.__file__).parent.glob("*.py"))
TELLING = """\
class Pool:
    def __init__(self, source):
        self.source = source

    def reset(self):
        self.source = None
        other.rows = 1

    async def rows(self, fast=False):
        async with self.source.connect(b=[1, "x"]) as db, lock[1, True]:
            if fast:
                yield db

        async def inside(): ...

    @contextlib.asynccontextmanager
    async def entered(self, *many: "int | str"):
        global Known
        class Known(Pool, Generic[T]): ...
        try:
            async for row in self.rows():
                yield row or None
        finally:
            await self.source.close()
"""


def everything(facts: Facts) -> list[Any]:
    """All that a module may be asked for, in an order that numbers its functions the same."""
    functions = facts.functions[:]
    named = sorted(name for each in facts.classes for name in each.attributes)
    replaced = [each.name in facts.replaced for each in functions]
    plain = [facts.bindings, facts.classes, list(facts.stars), facts.exported]
    return [functions, facts.functions[:], named, replaced, plain, list(facts.sites)]


def some(facts: Facts, count: int, seed: str) -> list[Any]:
    """A part of what a module may be asked for, and of its first functions: by a seed."""
    chosen = random.Random(seed)
    numbers = [number for number in range(count) if chosen.random() < 0.2]
    found: list[Any] = [facts.functions[number] for number in numbers]
    for each in facts.classes:
        for word in ("source", "_rows", "name", "_bodies"):
            if chosen.random() < 0.3:
                found.append(each.attributes.get(word))
                found.append(word in facts.replaced)
    return found


def texts(paths: Iterable[Path]) -> list[str]:
    """The texts of files, and one in which each kind of fact is."""
    return [TELLING, *(path.read_text(encoding="utf-8") for path in paths)]


def unasked() -> str:
    """Instead of the text of a module that need not be read again."""
    raise AssertionError("the text is not needed")


@pytest.mark.parametrize("seed", range(3))
def test_what_was_kept_is_what_was_read(seed: int) -> None:
    """Whatever was asked, the same questions have the same answers, without the text; any others
    have those of the module that was read whole, and so has what is kept of that."""
    for number, text in enumerate(texts([*KIT, *STREAMS][seed::3])):
        fresh = facts_of(text)
        assert fresh is not None
        count = len(fresh.functions)
        first = some(fresh, count, f"{seed} {number}")
        row = to_json(fresh, "digest")
        assert row is not None
        kept = from_json(row, "digest", unasked)
        assert kept is not None
        assert some(kept, count, f"{seed} {number}") == first
        assert (kept.bindings, kept.classes) == (fresh.bindings, fresh.classes)
        assert to_json(kept, "digest") is None
        more = from_json(row, "digest", lambda text=text: text)  # type: ignore[misc]
        assert more is not None
        assert some(more, count, f"{number}") == some(fresh, count, f"{number}")
        assert everything(more) == everything(fresh)
        whole = to_json(more, "digest")
        assert whole is not None
        again = from_json(whole, "digest", unasked)
        assert again is not None
        assert again.functions[:] == fresh.functions[:]


@pytest.mark.parametrize(
    "row", [b"", b"[]", b"{}", b'["digest"]', b'["digest",1,2,3,4,5,6,7,8]', b"[" * 100_000]
)
def test_what_is_no_row_is_not_believed(row: bytes) -> None:
    """Bytes of another shape, or of another content's digest, are no facts."""
    assert from_json(row, "digest", unasked) is None
    facts = facts_of(TELLING)
    assert facts is not None
    kept = to_json(facts, "another")
    assert kept is not None
    assert from_json(kept, "digest", unasked) is None


def test_what_is_half_read_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module in which reading a function was broken off is not kept, nor is one with a number of
    more digits than Python converts."""
    facts = facts_of(TELLING)
    assert facts is not None

    def pressed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(reading, "function_of", pressed)
        with pytest.raises(KeyboardInterrupt):
            list(facts.sites)
    assert to_json(facts, "digest") is None
    long = facts_of(f"x = call(0x{'f' * 9_000})\n")
    assert long is not None
    assert to_json(long, "digest") is None


OWNER = "async def rows(pool):\n    async with pool.connect() as db:\n        yield db\n"
PLAIN = "async def rows(pool):\n    yield pool\n"
CALLER = (
    "from lib import rows\n\n\nasync def first(pool):\n"
    "    async for row in rows(pool):\n        return row\n"
)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts of which facts are read, in order."""
    seen: list[str] = []

    def noted(text: str) -> Facts | None:
        seen.append(text)
        return facts_of(text)

    monkeypatch.setattr(reading, "facts_of", noted)
    return seen


def run(folder: Path, kept: Path, **given: object) -> Run:
    """A run over a folder with a cache, as by a process of its own."""
    cache = Cache(str(kept))
    return check([str(folder)], Resolver(dict(given), isolated=True), cache=cache, jobs=1)


def test_an_unchanged_module_is_not_read_again(tmp_path: Path, read: list[str]) -> None:
    """Where a caller has changed, or the rules are others, its callee's facts are those that were
    kept; where the callee has changed, they are not; findings are those of a fresh run."""
    folder = tmp_path / "project"
    folder.mkdir()
    main, lib = folder / "main.py", folder / "lib.py"
    main.write_text(CALLER, encoding="utf-8")
    lib.write_text(OWNER, encoding="utf-8")
    first = run(folder, tmp_path / "kept")
    assert [each.code for each in first.violations] == ["FP302"]
    assert sorted(read) == sorted([CALLER, OWNER])
    for change in ("# more\n", "# and more\n"):
        read.clear()
        main.write_text(CALLER + change, encoding="utf-8")
        assert run(folder, tmp_path / "kept").violations == first.violations
        assert read == [CALLER + change]
    read.clear()
    assert run(folder, tmp_path / "kept", select=["FP302"]).violations == first.violations
    assert read == [CALLER + change]
    lib.write_text(PLAIN, encoding="utf-8")
    assert run(folder, tmp_path / "kept").violations == ()
    assert PLAIN in read
    lib.write_text(OWNER, encoding="utf-8")
    assert run(folder, tmp_path / "kept").violations == first.violations


def test_nobody_else_gives_facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of facts that another user has written is not believed."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "main.py").write_text(CALLER, encoding="utf-8")
    (folder / "lib.py").write_text(OWNER, encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(reading, "facts_of", lambda _: facts_of(PLAIN))
        assert run(folder, tmp_path / "kept").violations == ()
    assert run(folder, tmp_path / "kept").violations == ()  # this user believes what it wrote
    above = tmp_path / "user"
    monkeypatch.setenv("XDG_CACHE_HOME", str(above))
    assert [each.code for each in run(folder, tmp_path / "kept").violations] == ["FP302"]
    rows = {name.name for name in (tmp_path / "kept").glob("*.sqlite3")}
    assert len(rows) == 2


def test_rows_are_json(tmp_path: Path) -> None:
    """What is kept is JSON, which runs nothing when it is read."""
    facts = facts_of(TELLING)
    assert facts is not None
    assert len(facts.functions[:]) > 1
    kept = json.loads(to_json(facts, "digest") or b"")
    assert kept[0] == "digest"


@pytest.mark.parametrize("lines", [900, 1_100, 40_000])
def test_far_down_a_file_facts_are_the_same(lines: int) -> None:
    """Lines are counted from the top of the file, however far down a function stands."""
    near, far = facts_of(TELLING), facts_of("\n" * lines + TELLING)
    assert near is not None
    assert far is not None
    assert [each.line for each in far.functions[:]] == [
        each.line + lines for each in near.functions[:]
    ]
    held = [each.holders for each in near.functions[:]]
    assert [[one.line for one in each.holders] for each in far.functions[:]] == [
        [one.line + lines for one in each] for each in held
    ]
    starts = [each.start for each in near.sites]
    assert starts
    assert [each.start for each in far.sites] == [start + lines for start in starts]

"""Where modules are found, and what is no module, or not certainly one: silent, never a crash, and
the same answer on the second run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from funcpipe_lint.check.runs.cache import Cache
from funcpipe_lint.check.runs.run import check
from funcpipe_lint.config.resolver import Resolver

OWNER = "async def rows(pool):\n    async with pool.connect() as db:\n        yield db\n"
PLAIN = "async def rows(pool):\n    yield pool\n"
DRIVER = "{}\n\n\nasync def first(pool):\n    async for row in {}(pool):\n        return row\n"
METHOD = (
    "class {}:\n    async def rows(self, pool):\n        async with pool.connect() as db:\n"
    "            yield db\n"
)


def driver(imports: str, call: str = "rows") -> str:
    """A module that imports something and leaves the stream that calling it gives."""
    return DRIVER.format(imports, call)


BASE = (
    "class Base:\n    async def rows(self):\n        yield 1\n\n    async def first(self):\n"
    "        async for row in self.rows():\n            return row\n"
)


def made(folder: Path, files: dict[str, str]) -> None:
    """Writes some files."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def leaks(folder: Path, path: str, overrides: Mapping[str, object] | None = None) -> list[str]:
    """The codes found in a file: twice from scratch, cold and from the cache, by its name and among
    all; raises where two of these differ."""
    wanted = str(folder / path)

    def once(paths: list[str], cache: Cache | None = None) -> list[str]:
        run = check(paths, Resolver(dict(overrides or {}), isolated=True), cache=cache, jobs=1)
        assert run.crashes == ()
        return [v.code for v in run.violations if str(Path(v.path).resolve()) == wanted]

    kept = str(folder / ".kept")
    said = [once([wanted]), once([wanted]), once([str(folder)]), once([str(folder)], Cache(kept))]
    said.append(once([str(folder)], Cache(kept)))
    assert said == [said[0]] * len(said)
    return said[0]


FOUND: dict[str, dict[str, str]] = {
    "beside a script": {"main.py": driver("from lib import rows"), "lib.py": OWNER},
    "in a package": {
        "shop/__init__.py": "",
        "shop/lib.py": OWNER,
        "shop/main.py": driver("from shop.lib import rows"),
    },
    "relative": {
        "shop/__init__.py": "",
        "shop/lib.py": OWNER,
        "shop/inner/__init__.py": "",
        "shop/inner/main.py": driver("from ..lib import rows"),
    },
    "a module of a relative package": {
        "shop/__init__.py": "",
        "shop/lib.py": OWNER,
        "shop/main.py": driver("from . import lib", "lib.rows"),
    },
    "by a dotted name": {
        "shop/__init__.py": "",
        "shop/lib.py": OWNER,
        "main.py": driver("import shop.lib", "shop.lib.rows"),
    },
    "under another name": {
        "lib.py": OWNER,
        "main.py": driver("import lib as library\n\nfetch = library.rows", "fetch"),
    },
    "re-exported": {
        "shop/__init__.py": "from .lib import rows as fetch\n",
        "shop/lib.py": OWNER,
        "main.py": driver("from shop import fetch", "fetch"),
    },
    "by a star": {
        "shop/__init__.py": "from .lib import *\n",
        "shop/lib.py": f'__all__ = ["rows"]\n\n\n{OWNER}',
        "main.py": driver("from shop import *"),
    },
    "for type checkers": {
        "lib.py": METHOD.format("Pool"),
        "main.py": "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\n"
        "if TYPE_CHECKING:\n    from lib import Pool\n\n\n"
        "async def first(pool: Pool):\n    async for row in pool.rows(1):\n        return row\n",
    },
    "from src": {
        "pyproject.toml": "",
        "src/shop/__init__.py": OWNER,
        "tests/main.py": driver("from shop import rows"),
    },
    "in a package without an init": {
        "pyproject.toml": "",
        "company/shop/lib.py": OWNER,
        "company/other/main.py": driver("from company.shop.lib import rows"),
    },
    "in another project of the repository": {
        ".git/HEAD": "",
        "one/pyproject.toml": "",
        "one/src/shop/__init__.py": OWNER,
        "two/pyproject.toml": "",
        "two/src/main.py": driver("from shop import rows"),
    },
    "one's own of two": {
        ".git/HEAD": "",
        "one/pyproject.toml": "",
        "one/src/lib.py": OWNER,
        "two/pyproject.toml": "",
        "two/src/lib.py": PLAIN,
        "one/src/main.py": driver("from lib import rows"),
    },
    "by a Protocol, from a base of the class that has its members": {
        "shop/__init__.py": "",
        "shop/lib.py": METHOD.format("Pool"),
        "shop/whole.py": "from shop.lib import Pool\n\n\nclass Whole(Pool):\n"
        "    def close(self):\n        pass\n",
        "shop/main.py": "from typing import Protocol\n\n\nclass Source(Protocol):\n"
        "    def rows(self, pool): ...\n\n    def close(self): ...\n\n\n"
        "async def first(source: Source):\n    async for row in source.rows(1):\n"
        "        return row\n",
    },
    "of an object that makes it": {
        "lib.py": METHOD.format("Pool").replace("rows(self, pool)", "__aiter__(self)"),
        "main.py": "from lib import Pool\n\n\nasync def first():\n    async for row in Pool():\n"
        "        return row\n",
    },
    "of an object that inherits what makes it": {
        "lib.py": METHOD.format("Pool").replace("rows(self, pool)", "__aiter__(self)"),
        "sub.py": "from lib import Pool\n\n\nclass Sub(Pool):\n    pass\n",
        "main.py": "from sub import Sub\n\n\nasync def first(sub: Sub):\n"
        "    async for row in sub:\n        return row\n",
    },
    "of a property": {
        "lib.py": METHOD.format("Pool"),
        "shop.py": "from lib import Pool\n\n\nclass Shop:\n    @property\n"
        "    def pool(self) -> Pool:\n        return self._pool\n",
        "main.py": "from shop import Shop\n\n\nasync def first(shop: Shop):\n"
        "    async for row in shop.pool.rows(1):\n        return row\n",
    },
    "within a function": {
        "lib.py": OWNER,
        "main.py": "async def first(pool):\n    from lib import rows\n\n"
        "    async for row in rows(pool):\n        return row\n",
    },
    "beside a stub": {
        "lib.py": OWNER,
        "lib.pyi": "from collections.abc import AsyncGenerator\n"
        "async def rows(pool) -> AsyncGenerator[int, None]: ...\n",
        "main.py": driver("from lib import rows"),
    },
    "in a folder without an init that only its name tells": {
        "shop/inner/lib.py": OWNER,
        "shop/main.py": driver("from shop.inner.lib import rows"),
    },
    "of a class that puts its own in the place of a plain one": {
        "base.py": BASE,
        "best.py": "from base import Base\n\n\n"
        + METHOD.format("Best(Base)").replace("(self, pool)", "(self, pool=None)"),
        "main.py": "from base import Base\n\n\nasync def first(base: Base):\n"
        "    async for row in base.rows():\n        return row\n",
    },
    "of a class below that keeps the method which goes through it": {
        "base_main.py": BASE,
        "best.py": "from base_main import Base\n\n\n" + METHOD.format("Best(Base)"),
    },
    "of a class below that calls the method which goes through it": {
        "base_main.py": BASE,
        "best.py": "from base_main import Base\n\n\n"
        + METHOD.format("Best(Base)")
        + "\n    async def first(self):\n        return await super().first()\n",
    },
    "in a circle of imports": {
        "a.py": f"from b import other\n\n\n{OWNER}",
        "b.py": "from a import rows\n\nother = rows\n",
        "main.py": driver("from b import other", "other"),
    },
}


@pytest.mark.parametrize("name", FOUND)
def test_found(name: str, tmp_path: Path) -> None:
    """A stream is found where Python would find it."""
    made(tmp_path, FOUND[name])
    (path,) = (path for path in FOUND[name] if path.endswith("main.py"))
    assert leaks(tmp_path, path) == ["FP302"]


ASKED: dict[str, tuple[str, tuple[str, str], dict[str, str]]] = {
    "a stream that is closed by hand": (
        "FP301",
        ("async def rows(pool):\n    yield pool", "def rows(pool):\n    return pool"),
        {
            "lib.py": "async def rows(pool):\n    yield pool\n",
            "main.py": "from lib import rows\n\n\nasync def show(pool):\n"
            "    stream = rows(pool)\n    try:\n        async for row in stream:\n"
            "            print(row)\n    finally:\n        await stream.aclose()\n",
        },
    ),
    "a manager that holds a lock": (
        "FP307",
        ("async with self._lock:", "if self._lock:"),
        {
            "lib.py": "from contextlib import asynccontextmanager\n\n\nclass Store:\n"
            "    @asynccontextmanager\n    async def guarded(self):\n"
            "        async with self._lock:\n            yield self\n",
            "main.py": "from lib import Store\n\n\nclass Best(Store):\n"
            "    async def items(self):\n        async with self.guarded():\n"
            "            yield 1\n",
        },
    ),
    "a manager that holds a resource": (
        "FP304",
        ("    await pool.close()\n", ""),
        {
            "lib.py": "from contextlib import asynccontextmanager\n\n\n@asynccontextmanager\n"
            "async def opened(pool):\n    yield pool\n    await pool.close()\n",
            "main.py": "from lib import opened\n\n\nasync def rows(pool):\n"
            "    async with opened(pool):\n        yield 1\n",
        },
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_others_hold(name: str, tmp_path: Path) -> None:
    """Rules that no loop wakes ask other modules too, and are silent where these hold nothing."""
    code, (held, instead), files = ASKED[name]
    made(tmp_path, files)
    assert leaks(tmp_path, "main.py", {"select": [code]}) == [code]
    made(tmp_path, {"lib.py": files["lib.py"].replace(held, instead)})
    (tmp_path / ".kept").rename(tmp_path / ".before")
    assert leaks(tmp_path, "main.py", {"select": [code]}) == []


SILENT: dict[str, dict[str, str]] = {
    "a Protocol that no class has all the members of": {
        "lib.py": METHOD.format("Pool"),
        "main.py": "from typing import Protocol\n\n\nclass Source(Protocol):\n"
        "    def rows(self, pool): ...\n\n    def close(self): ...\n\n\n"
        "async def first(source: Source):\n    async for row in source.rows(1):\n"
        "        return row\n",
    },
    "a class below that replaces the method which goes through it": {
        "main.py": BASE,
        "best.py": "from main import Base\n\n\n"
        + METHOD.format("Best(Base)")
        + "\n    async def first(self):\n        return 1\n",
    },
    "a class below that replaces the method which goes through an abstract one": {
        "main.py": BASE.replace("yield 1", "raise NotImplementedError"),
        "best.py": "from main import Base\n\n\n"
        + METHOD.format("Best(Base)")
        + "\n    async def first(self):\n        return 1\n",
    },
    "a class below that is not the one which is made": {
        "base.py": BASE,
        "best.py": "from base import Base\n\n\n" + METHOD.format("Best(Base)"),
        "main.py": "from base import Base\n\n\nasync def first():\n"
        "    async for row in Base().rows():\n        return row\n",
    },
    "a class below whose method does not take what it is given": {
        "base.py": BASE,
        "best.py": "from base import Base\n\n\n" + METHOD.format("Best(Base)"),
        "main.py": "from base import Base\n\n\nasync def first(base: Base):\n"
        "    async for row in base.rows(limit=1):\n        return row\n",
    },
    "in a folder of another name": {
        "inner/lib.py": OWNER,
        "main.py": driver("from shop.inner.lib import rows"),
    },
    "an object that is its own iterator": {
        "lib.py": "class Pool:\n    def __aiter__(self):\n        return self\n\n"
        "    async def __anext__(self):\n        async with self.lock:\n            return 1\n",
        "main.py": "from lib import Pool\n\n\nasync def first():\n    async for row in Pool():\n"
        "        return row\n",
    },
    "nowhere": {"main.py": driver("from lib import rows")},
    "not followed through the standard library": {
        "queue.py": OWNER,
        "main.py": driver("from queue import rows"),
    },
    "either of two": {
        ".git/HEAD": "",
        "one/pyproject.toml": "",
        "one/src/lib.py": OWNER,
        "two/pyproject.toml": "",
        "two/src/lib.py": PLAIN,
        "main.py": driver("from lib import rows"),
    },
    "a stub alone": {
        "lib.pyi": "async def rows(pool): ...\n",
        "main.py": driver("from lib import rows"),
    },
    "made up by the module": {
        "lib.py": f"def __getattr__(name):\n    return name\n\n\nother = 1\n{OWNER}",
        "main.py": driver("from lib import others as rows"),
    },
    "a name that nothing binds, beside a star": {
        "lib.py": "from gone import *\n",
        "main.py": driver("from lib import rows"),
    },
    "a star that leaves it out": {
        "lib.py": f'__all__ = ["other"]\nother = 1\n\n\n{OWNER}',
        "main.py": driver("from lib import *"),
    },
    "a circle of imports and nothing else": {
        "a.py": "from b import rows\n",
        "b.py": "from a import rows\n",
        "main.py": driver("from a import rows"),
    },
    "a circle of stars": {
        "a.py": "from b import *\n",
        "b.py": "from a import *\n",
        "main.py": driver("from a import rows"),
    },
    "no Python": {"lib.py": "async def rows(:\n", "main.py": driver("from lib import rows")},
    "no text": {"lib.py": "", "main.py": driver("from lib import rows")},
    "a class that is its own base": {
        "lib.py": "class Pool(Pool):\n    x = 1\n\n\nclass A(B):\n    x = 1\n\n\n"
        "class B(A):\n    x = 1\n",
        "main.py": driver("from lib import A, Pool", "A().rows"),
    },
    "an alias of itself": {
        "lib.py": "rows = rows\nother = thing = other\n",
        "main.py": driver("from lib import rows"),
    },
    "of a fallback": {
        "lib.py": OWNER,
        "main.py": "try:\n    from gone import rows\nexcept ImportError:\n"
        "    from lib import rows\n" + driver("")[1:],
    },
}


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str, tmp_path: Path) -> None:
    """What is not certainly one stream is none."""
    made(tmp_path, SILENT[name])
    if name == "no Python":
        run = check([str(tmp_path / "main.py")], Resolver(isolated=True))
        assert (run.violations, run.crashes) == ((), ())
        return
    assert leaks(tmp_path, "main.py") == []


def test_a_stub_tells_the_type(tmp_path: Path) -> None:
    """What closes the stream safely depends on what a type checker sees: the stub."""
    made(tmp_path, {"lib.py": OWNER, "main.py": driver("from lib import rows")})
    for kind, is_safe in ("AsyncGenerator[int, None]", True), ("AsyncIterator[int]", False):
        word = kind.partition("[")[0]
        stub = f"from collections.abc import {word}\nasync def rows(pool) -> {kind}: ...\n"
        (tmp_path / "lib.pyi").write_text(stub, encoding="utf-8")
        (found,) = check([str(tmp_path / "main.py")], Resolver(isolated=True)).violations
        assert found.fix is not None
        assert found.fix.safe is is_safe
        assert ("annotate it AsyncGenerator" in found.message) is not is_safe


def test_a_stub_that_changes_is_seen(tmp_path: Path) -> None:
    """A report from the cache is that of the stub as it is now: made, changed, gone again."""
    folder = tmp_path / "project"
    made(folder, {"lib.py": OWNER, "main.py": driver("from lib import rows")})
    stub = folder / "lib.pyi"
    for kind, is_safe in (
        ("", True),
        ("AsyncIterator[int]", False),
        ("AsyncGenerator[int, None]", True),
        ("AsyncIterator[str]", False),
        ("", True),
    ):
        if kind:
            word = kind.partition("[")[0]
            text = f"from collections.abc import {word}\nasync def rows(pool) -> {kind}: ...\n"
            stub.write_text(text, encoding="utf-8")
        elif stub.exists():
            stub.unlink()
        for _ in range(2):
            cache = Cache(str(tmp_path / "kept"))
            run = check([str(folder / "main.py")], Resolver(isolated=True), cache=cache)
            (found,) = run.violations
            assert found.fix is not None
            assert found.fix.safe is is_safe


HIDDEN: dict[str, tuple[dict[str, str], tuple[str, int], str]] = {
    "in another module": (
        {"lib.py": OWNER.replace("(pool)", "(pool) -> AsyncIterator[dict[str, int]]", 1)},
        ("lib.py", 1),
        "write 'AsyncGenerator[dict[str, int], None]'",
    ),
    "in a stub": (
        {
            "lib.py": OWNER,
            "lib.pyi": "import typing\ndef rows(p) -> typing.AsyncIterator[int]: ...\n",
        },
        ("lib.pyi", 2),
        "write 'typing.AsyncGenerator[int, None]'",
    ),
    "of what hands the stream on": (
        {
            "made.py": OWNER,
            "lib.py": "import made\n\n\ndef rows(pool) -> 'AsyncIterable[int]':\n"
            "    return made.rows(pool)\n",
        },
        ("lib.py", 4),
        "write ''AsyncGenerator[int, None]''",
    ),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_the_annotation_that_hides_aclose_is_named(name: str, tmp_path: Path) -> None:
    """With its place and what to write there; not where a helper of the project closes anything."""
    files, (path, line), repair = HIDDEN[name]
    made(tmp_path, {**files, "main.py": driver("from lib import rows")})
    (found,) = check([str(tmp_path / "main.py")], Resolver(isolated=True)).violations
    assert found.fix is not None
    assert not found.fix.safe
    note = found.notes[-1]
    assert (Path(note.path).name, note.line) == (path, line)
    assert repair in note.message
    helped = Resolver({"closing": "lib.closing_any"}, isolated=True)
    (found,) = check([str(tmp_path / "main.py")], helped).violations
    assert found.fix is not None
    assert found.fix.safe
    assert not any("is annotated" in each.message for each in found.notes)


STUBBED = """\
import lib


async def first_of_attribute(shop: lib.Shop):
    async for row in shop.pool.rows(1):
        return row


async def first_of_property(shop: lib.Shop):
    async for row in shop.best.rows(1):
        return row


async def first_of_variable():
    async for row in lib.opened.rows(1):
        return row


async def first_of_parameter(shop):
    async for row in shop.pool.rows(1):
        return row
"""


def test_a_stub_tells_the_types_of_attributes_and_parameters(tmp_path: Path) -> None:
    """Of the module that it is beside, also of the one that is checked; a stub that comes, changes
    or goes has that checked again whose findings it decides."""
    lib = (
        "from elsewhere import made\n\nopened = made()\n\n\nclass Shop:\n"
        "    def __init__(self, pool):\n        self.pool = pool\n\n    @property\n"
        "    def best(self):\n        return made(self.pool)\n"
    )
    stub = (
        "from pools import Pool\n\nopened: Pool\n\nclass Shop:\n    pool: Pool\n"
        "    @property\n    def best(self) -> Pool: ...\n"
    )
    own = "from lib import Shop\n\nasync def first_of_parameter(shop: Shop) -> None: ...\n"
    made(tmp_path, {"pools.py": METHOD.format("Pool"), "lib.py": lib, "main.py": STUBBED})
    kept = str(tmp_path / ".kept")

    def lines() -> list[int]:
        runs = [
            check([str(tmp_path)], Resolver(isolated=True), cache=cache, jobs=1)
            for cache in (Cache(kept), Cache(kept), None)
        ]
        said = [[(v.line, v.code) for v in run.violations] for run in runs]
        assert said == [said[0]] * 3
        assert all(code == "FP302" for _, code in said[0])
        return [line for line, _ in said[0]]

    assert lines() == []
    (tmp_path / "lib.pyi").write_text(stub, encoding="utf-8")
    assert lines() == [5, 10, 15]
    (tmp_path / "main.pyi").write_text(own, encoding="utf-8")
    assert lines() == [5, 10, 15, 20]
    (tmp_path / "lib.pyi").write_text(stub.replace("opened: Pool", "opened: int"), "utf-8")
    assert lines() == [5, 10, 20]
    (tmp_path / "lib.pyi").unlink()
    assert lines() == []


def test_a_stub_of_overloads(tmp_path: Path) -> None:
    """Which of two signatures is meant is not known, and neither decides."""
    stub = (
        "from typing import overload\nfrom pools import Pool\n@overload\n"
        "def opened(a: int) -> Pool: ...\n@overload\ndef opened(a: str) -> Pool: ...\n"
    )
    main = "from lib import opened\n\n\nasync def first():\n"
    main += "    async for row in opened(1).rows(1):\n        return row\n"
    lib = "def opened(a):\n    return a\n"
    made(tmp_path, {"pools.py": METHOD.format("Pool"), "lib.py": lib, "main.py": main})
    made(tmp_path, {"lib.pyi": stub})
    assert leaks(tmp_path, "main.py") == []


@pytest.mark.parametrize("kind", ["folder", "pipe", "link to nothing", "binary"])
def test_a_module_that_cannot_be_read(tmp_path: Path, kind: str) -> None:
    """It holds nothing that is known; nobody waits for it."""
    made(tmp_path, {"main.py": driver("from lib import rows")})
    lib = tmp_path / "lib.py"
    if kind == "folder":
        lib.mkdir()
    elif kind == "pipe":
        os.mkfifo(lib)
    elif kind == "link to nothing":
        lib.symlink_to("gone.py")
    else:
        lib.write_bytes(b"\xff\xfe\x00" * 1000)
    run = check([str(tmp_path / "main.py")], Resolver(isolated=True))
    assert (run.violations, run.crashes) == ((), ())


SCOPED = "async def rows(pool):\n    async with {}(1):\n        yield pool\n"
SCOPES: dict[str, dict[str, str]] = {
    "a scope under another name": {
        "compat.py": "try:\n    from asyncio import timeout\nexcept ImportError:\n"
        "    from async_timeout import timeout\n",
        "main.py": f"from compat import timeout as limited\n\n\n{SCOPED.format('limited')}",
    },
    "a manager of another module": {
        "managers.py": "import asyncio\nfrom contextlib import asynccontextmanager\n\n\n"
        "@asynccontextmanager\nasync def limited(seconds):\n"
        "    async with asyncio.timeout(seconds) as scope:\n        yield scope\n",
        "main.py": f"from managers import limited\n\n\n{SCOPED.format('limited')}",
    },
    "a manager in a manager": {
        "inner.py": "import asyncio\nfrom contextlib import asynccontextmanager\n\n\n"
        "class Limits:\n    @asynccontextmanager\n    async def limited(self, seconds):\n"
        "        async with asyncio.timeout(seconds) as scope:\n            yield scope\n",
        "managers.py": "from contextlib import asynccontextmanager\n\n"
        "from inner import Limits\n\n\n"
        "@asynccontextmanager\nasync def limited(seconds):\n"
        "    async with Limits().limited(seconds):\n        yield\n",
        "main.py": f"import managers\n\n\n{SCOPED.format('managers.limited')}",
    },
}


@pytest.mark.parametrize("name", SCOPES)
def test_cancel_scopes(name: str, tmp_path: Path) -> None:
    """A cancel scope is found where another module enters it, or gives it another name."""
    made(tmp_path, SCOPES[name])
    assert leaks(tmp_path, "main.py") == ["FP305"]


def test_a_manager_that_enters_no_scope(tmp_path: Path) -> None:
    """What another module's manager does else is no matter of FP305."""
    files = SCOPES["a manager of another module"]
    text = files["managers.py"].replace("asyncio.timeout(seconds)", "asyncio.Lock()")
    made(tmp_path, {**files, "managers.py": text})
    assert leaks(tmp_path, "main.py") == []


def environment(folder: Path) -> Path:
    """An environment with a distribution in it, another one that a `.pth` file adds, and 3,000
    files that nobody imports."""
    packages = folder / "env" / "lib" / "python3.12" / "site-packages"
    made(packages, {"dist/__init__.py": OWNER, "added.pth": f"{folder / 'added'}\nimport sys\n"})
    made(folder / "added", {"editable.py": OWNER})
    made(packages, {f"bulk/m{number}.py": OWNER for number in range(3_000)})
    return packages


def test_installed_distributions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are followed with `follow-imports = "all"` alone, in the environment that is named; of
    its files those are read that are imported."""
    packages = environment(tmp_path)
    made(tmp_path / "project", {"main.py": driver("from dist import rows\nimport editable")})
    made(tmp_path / "project", {"other.py": driver("import editable", "editable.rows")})
    read: list[str] = []

    def noting(path: str) -> bytes:
        read.append(path)
        return before(path)

    from funcpipe_lint.read.source import read_bytes as before

    monkeypatch.setattr("funcpipe_lint.program.modules.read_bytes", noting)
    project = tmp_path / "project"
    everything = {"follow-imports": "all", "python": str(tmp_path / "env")}
    assert leaks(project, "main.py", everything) == ["FP302"]
    assert leaks(project, "other.py", everything) == ["FP302"]
    assert leaks(project, "main.py") == []
    assert leaks(project, "main.py", {"follow-imports": "off"}) == []
    assert {path for path in read if str(packages) in path} == {str(packages / "dist/__init__.py")}
    no_environment = {"follow-imports": "all", "python": str(tmp_path / "gone")}
    assert leaks(project, "main.py", no_environment) == []


def test_the_environment_of_the_project(tmp_path: Path) -> None:
    """Where none is named, it is the `.venv` beside the project."""
    environment(tmp_path)
    made(tmp_path / "project", {"main.py": driver("from dist import rows"), "pyproject.toml": ""})
    (tmp_path / "env").rename(tmp_path / "project" / ".venv")
    assert leaks(tmp_path / "project", "main.py", {"follow-imports": "all"}) == ["FP302"]
    assert leaks(tmp_path / "project", "main.py") == []

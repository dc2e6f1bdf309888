"""A project of a hundred modules with leaks at the ends of chains of 1, 2 and 5: of functions that
pass a stream on, of classes that inherit it, of Protocols that such a class fits.
"""

from __future__ import annotations

import os
from pathlib import Path

from funcpipe_lint.check.runs.run import Run

OWNER = """\
async def rows(pool):
    async with pool.connect() as connection:
        yield connection
"""
OWNS_NOTHING = "async def rows(pool):\n    yield pool\n"
PASSES = """\
from shop.m{below:02} import rows as below


async def rows(pool):
    stream = below(pool)
    async for row in stream:
        yield row
    print(stream)
"""
DRIVES = """\
from shop.m{below:02} import rows


async def first(pool):
    async for row in rows(pool):
        return row
"""
BASES = """\
from abc import ABC, abstractmethod
from typing import Protocol


class Source(ABC):
    @abstractmethod
    def rows(self): ...

    async def first(self):
        async for row in self.rows():
            return row


class Reads(Protocol):
    def rows(self): ...

    def close(self): ...
"""
POOLED = """\
from shop.bases import Source


class Pooled(Source):
    def __init__(self, pool):
        self.pool = pool

    async def rows(self):
        async with self.pool.connect() as connection:
            yield connection


class Deeper(Pooled):
    pass


class Readable:
    def __init__(self, pool):
        self.pool = pool

    async def rows(self):
        async with self.pool.connect() as connection:
            yield connection

    def close(self):
        pass
"""
USES = """\
from .bases import Reads
from .pooled import Deeper


class Shop:
    def __init__(self, pool):
        self.source = Deeper(pool)

    async def first(self):
        async for row in self.source.rows():
            return row


class Best(Deeper):
    async def rows(self):
        async for row in super().rows():
            yield row


async def first_read(reads: Reads):
    async for row in reads.rows():
        return row
"""
# A class that inherits the stream, and what calls it: by its class, and by a Protocol that it fits.
INHERITS = """\
from shop.k{below:02} import K{below} as Below


class K{number}(Below):
    pass
"""
OVERRIDES = INHERITS.replace("    pass\n", "    async def rows(self):\n        yield 1\n")
DRIVES_CLASS = """\
from shop.k{below:02} import K{below}


async def first(pool):
    async for row in K{below}(pool).rows():
        return row
"""
DRIVES_PROTOCOL = """\
from typing import Protocol


class Source(Protocol):
    def rows(self): ...

    def close_{length}(self): ...


async def first(source: Source):
    async for row in source.rows():
        return row
"""
FITS = """\
from shop.k{below:02} import K{below}


class Closed(K{below}):
    def close_{length}(self):
        pass
"""
LENGTHS = (1, 2, 5)
# Line of each leak by module.
LEAKS = {
    **{f"leak_{length}.py": [(5, "FP302")] for length in LENGTHS},
    **{f"class_{length}.py": [(5, "FP302")] for length in LENGTHS},
    **{f"protocol_{length}.py": [(11, "FP302")] for length in LENGTHS},
    "bases.py": [(10, "FP302")],
    "uses.py": [(10, "FP302"), (16, "FP303"), (21, "FP302")],
}


def texts() -> dict[str, str]:
    """The modules: m00 and k00 own, m01 to m04 pass on, k01 to k04 inherit; leak_N drives m(N - 1),
    class_N and protocol_N what k(N - 1) has."""
    found = {"__init__.py": "", "m00.py": OWNER, "bases.py": BASES, "pooled.py": POOLED}
    owner, _, _ = POOLED[POOLED.index("class Readable") :].partition("    def close")
    found["k00.py"] = owner.replace("Readable", "K0")
    found |= {f"m{i:02}.py": PASSES.format(below=i - 1) for i in range(1, 5)}
    found |= {f"k{i:02}.py": INHERITS.format(below=i - 1, number=i) for i in range(1, 5)}
    for i in LENGTHS:
        found[f"leak_{i}.py"] = DRIVES.format(below=i - 1)
        found[f"class_{i}.py"] = DRIVES_CLASS.format(below=i - 1)
        found[f"protocol_{i}.py"] = DRIVES_PROTOCOL.format(length=i)
        found[f"fits_{i}.py"] = FITS.format(below=i - 1, length=i)
    found["uses.py"] = USES
    for number in range(100 - len(found)):
        found[f"other_{number:02}.py"] = f"async def f{number}():\n    yield {number}\n"
    return found


def build(folder: Path) -> None:
    """Writes the modules below a folder."""
    folder.mkdir()
    for name, text in texts().items():
        write(folder / name, text)
    assert len(list(folder.iterdir())) == 100


def write(path: Path, text: str) -> None:
    """Writes a file as it was a while ago, so that its times tell of every change from now on."""
    before = path.stat().st_mtime_ns if path.exists() else 10**18
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before + 10**9, before + 10**9))


def found(run: Run) -> dict[str, list[tuple[int, str]]]:
    """The findings by module."""
    by_name: dict[str, list[tuple[int, str]]] = {}
    for each in run.violations:
        by_name.setdefault(Path(each.path).name, []).append((each.line, each.code))
    assert run.crashes == ()
    return by_name

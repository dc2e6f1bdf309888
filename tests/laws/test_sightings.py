"""Discovery says what it saw: each function on streams is checked as something, or named."""

from __future__ import annotations

import html
import subprocess
import sys
from pathlib import Path

import pytest

from funcpipe_laws.catalogue import laws
from funcpipe_laws.checking.check import check_law
from funcpipe_laws.declared.instance import NotFound
from funcpipe_laws.finding.discover import Found, resolve

SHOP = '''
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing


async def amap(fn, source):
    async with aclosing(source):
        async for item in source:
            yield await fn(item)


async def aflat_map(source, fn):
    async with aclosing(source):
        async for item in source:
            async with aclosing(fn(item)) as inner:
                async for result in inner:
                    yield result


async def amerge(*sources):
    for source in sources:
        async for item in source:
            yield item


async def aparmap(fn, source, limit=3):
    async for item in source:
        yield await fn(item)


async def afilter(holds, source):
    async for item in source:
        if holds(item):
            yield item


async def atake(source, n):
    async for item in source:
        yield item
        n -= 1
        if not n:
            return


async def transform(source, f):
    """A map by what it does."""
    async for item in source:
        yield f(item)


def curried(f):
    async def run(source):
        async for item in source:
            yield f(item)

    return run


async def normalise(source):
    async for item in source:
        yield item


async def sampled(source, config):
    async for item in source:
        if item % config.every == 0:
            yield item


async def slowly(source, seconds):
    async for item in source:
        yield item


async def numbers():
    logging.info("begun")
    yield 1


async def three():
    for number in range(3):
        yield number


async def lines(path: str):
    yield path


async def total(source: AsyncIterator[int]) -> int:
    logging.info("adding up")
    return sum([item async for item in source])


async def first(lines, default=None):
    async with aclosing(lines) as items:
        async for line in items:
            return line
    return default


async def fetch(url):
    return url.strip()


def quantity(order):
    return order.amount


class Order:
    amount = 1


class Flow:
    def __init__(self, source):
        self.source = source

    def __aiter__(self):
        return aiter(self.source)

    def batched(self, size):
        async def run():
            batch = []
            async for item in self.source:
                batch.append(item)
                if len(batch) == size:
                    yield batch
                    batch = []
            if batch:
                yield batch

        return Flow(run())
'''
CHECKED = {
    "amap": "map",
    "aflat_map": "bind",
    "amerge": "merge",
    "aparmap": "par_map",
    "afilter": "filter",
    "atake": "take",
    "transform": "map, as an operator",
    "normalise": "operator",
    "curried": "operator, given a function too",
    "slowly": "operator, given 2 too",
    "three": "source",
    "first": "consumer",
    "Flow.batched": "chunk",
}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Found:
    """A module under names of its own."""
    (tmp_path / "shop_streams.py").write_text(SHOP, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "shop_streams", raising=False)
    [found] = resolve("shop_streams")
    return found


def test_people_s_names_are_known_and_behaviour_decides(shop: Found) -> None:
    """Whatever the order of the arguments, whatever the kind of function, method forms too."""
    seen = {one.name: one.checked_as for one in shop.sightings}
    assert {name: seen[name] for name in CHECKED} == CHECKED
    assert dict(shop.operations).keys() == {"map", "bind", "merge", "par_map", "chunk"}


def test_what_is_not_checked_is_listed_with_the_way_out(shop: Found) -> None:
    """What needs values of its own is named; what is no function on streams is not."""
    left = {one.name: one.reason for one in shop.sightings if not one.checked_as}
    assert left.keys() == {"sampled", "lines", "numbers", "total"}
    # What may have effects of its own is not run unasked.
    assert "--laws shop_streams:numbers, or operators=" in left["numbers"]
    assert "consumers={'total': Consumer(total)}" in left["total"]
    assert "it needs source, config" in left["sampled"]
    assert "operators={'sampled': Operator(lambda s: sampled(s, ...))}" in left["sampled"]
    assert "Operator(lambda: lines(...))" in left["lines"]
    assert not {"quantity", "fetch"} & {one.name for one in shop.sightings}


def test_a_module_of_sources_alone_says_how_to_check_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is run unasked, and the one line names the way."""
    text = "import time\nasync def ticks():\n    yield time.time()\n"
    (tmp_path / "only_sources.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(NotFound, match="--laws only_sources:ticks"):
        resolve("only_sources")
    [found] = resolve("only_sources:ticks")
    assert list(found.instance.operators) == ["ticks"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            "async def chunk(source, n):\n    part = []\n    async for item in source:\n"
            "        part.append(item)\n        if len(part) == n:\n            yield part\n"
            "            part = []\n",
            "it delivers [[1, 2]], and chunk is to deliver [[1, 2], [3]]",
        ),
        (
            "async def window(source, n):\n    kept = []\n    async for item in source:\n"
            "        kept = [*kept, item][-n:]\n        yield kept\n",
            "it delivers [[1], [1, 2], [2, 3]], and window is to deliver [(1, 2), (2, 3)]",
        ),
        (
            "async def azip(left, right):\n    async for item in left:\n        yield item, 0\n",
            "it delivers [(1, 0), (2, 0), (3, 0)], and zip is to deliver [(1, 1), (2, 2), (3, 3)]",
        ),
        (
            "async def group_by(source, key):\n    async for item in source:\n"
            "        yield key(item), [item]\n        return\n",
            "it delivers [(1, [1])], and group_by is to deliver [(1, [1]), (0, [2]), (1, [3])]",
        ),
    ],
)
def test_what_does_not_do_as_it_is_called_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, what: str
) -> None:
    """A fault, or another convention: nothing is claimed, and both lists are shown."""
    (tmp_path / "misnamed_streams.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "misnamed_streams", raising=False)
    with pytest.raises(NotFound) as refused:
        resolve("misnamed_streams")
    assert what in str(refused.value)


def test_a_window_of_lists_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists are as good as tuples."""
    text = (
        "async def window(source, n):\n    kept = []\n    async for item in source:\n"
        "        kept = [*kept, item][-n:]\n        if len(kept) == n:\n            yield kept\n"
    )
    (tmp_path / "listed_windows.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    [found] = resolve("listed_windows")
    assert [one.checked_as for one in found.sightings] == ["window"]
    (content,) = (law for law in laws() if law.id == "A1")
    assert check_law(content, found.instance).status == "held"


def test_a_module_whose_functions_warn_is_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warning in a trial adds a name to the module that is being looked through."""
    text = SHOP + (
        "\n\nasync def renamed(source, f):\n    import warnings\n\n"
        "    warnings.warn('use amap', DeprecationWarning, stacklevel=1)\n"
        "    async for item in source:\n        yield f(item)\n\n\nlast = amap\n"
    )
    (tmp_path / "warning_streams.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    [found] = resolve("warning_streams")
    assert "amap" in {one.name for one in found.sightings}


def pytest_run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """pytest in a folder, with the laws of its module shop_streams."""
    (folder / "shop_streams.py").write_text(SHOP, "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_strict_fails_for_what_is_not_checked(tmp_path: Path) -> None:
    """The default under the profile ci; elsewhere on request; the header says it in any case."""
    strict = pytest_run(tmp_path, "--laws", "shop_streams", "-k", "everything", "--laws-strict")
    assert strict.returncode == 1 and "not checked in shop_streams" in strict.stdout
    assert "sampled: it needs source, config" in strict.stdout
    default = pytest_run(
        tmp_path, "--laws", "shop_streams", "-k", "everything", "--laws-profile=ci"
    )
    assert default.returncode == 1
    quick = pytest_run(tmp_path, "--laws", "shop_streams", "-k", "P2-")
    assert quick.returncode == 0 and "not checked: sampled" in quick.stdout
    off = pytest_run(
        tmp_path, "--laws=shop_streams", "-k", "P2-", "--laws-profile=ci", "--laws-strict=no"
    )
    assert off.returncode == 0


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("map,timeout", "timeout is required, and shop_streams does not offer it"),
        ("mpa", "'mpa' is required, and is no operation; did you mean 'map'?"),
    ],
)
def test_what_is_required_must_be_there(tmp_path: Path, wanted: str, message: str) -> None:
    """A refactoring that takes an operation out of the laws does not go unseen."""
    run = pytest_run(tmp_path, "--laws", "shop_streams", f"--laws-require={wanted}")
    assert run.returncode == 2 and message in run.stdout + run.stderr
    there = pytest_run(
        tmp_path, "--laws", "shop_streams", "--laws-require=map,filter,take", "-k", "P2-"
    )
    assert there.returncode == 0
    assert "not offered" not in there.stderr


def test_the_summary_says_what_was_not_looked_at(tmp_path: Path) -> None:
    """Laws that were not offered, and why; functions that were not checked; those whose items no
    model tells: at the end of the run, also of a quiet one, and in every format."""
    reports = [tmp_path / f"laws.{kind}" for kind in ("json", "md", "html")]
    run = pytest_run(
        tmp_path,
        *("--laws", "shop_streams", "-k", "S1- or S2- or E1- or P3-", "-q"),
        *(f"--laws-report={report}" for report in reports),
    )
    texts = [html.unescape(report.read_text("utf-8")) for report in reports]
    for text in (run.stdout, *texts):
        assert "no using" in text and "no model of " in text
        assert "not checked: sampled: it needs source, config" in " ".join(text.split())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lines", "shop_streams:lines: it needs path; name it:"),
        ("quantity", "operators={'quantity': Operator("),
        ("Order", "shop_streams:Order is a type: no StreamInstance"),
    ],
)
def test_one_function_alone_that_cannot_be_checked_is_one_line(
    shop: Found, name: str, message: str
) -> None:
    """A source that needs arguments, and what has nothing to do with streams."""
    with pytest.raises(NotFound) as raised:
        resolve(f"shop_streams:{name}")
    assert message in str(raised.value) and "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["numbers", "normalise", "amap", "total"])
def test_one_function_alone_can_be_named(shop: Found, name: str) -> None:
    """A source, an operator, an operation or a consumer: `pytest --laws module:function`."""
    [found] = resolve(f"shop_streams:{name}")
    instance = found.instance
    assert instance.operators or instance.operations() or instance.consumers

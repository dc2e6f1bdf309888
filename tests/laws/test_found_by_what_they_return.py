"""Functions without an annotation, classes and methods are found by what they return in a trial."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from funcpipe_laws.catalogue import laws
from funcpipe_laws.checking.check import check_law
from funcpipe_laws.declared.instance import NotFound
from funcpipe_laws.finding.discover import Found, resolve
from funcpipe_laws.finding.trying import trial

LAWS = {law.id: law for law in laws()}
RETURNED = """
import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import aclosing

opened = []


class Doubled:
    def __init__(self, inner):
        self._inner = inner

    def __aiter__(self):
        return self

    async def __anext__(self):
        return await self._inner.__anext__()

    async def aclose(self):
        await self._inner.aclose()


class Windowed:
    def __init__(self, source, n):
        self.source, self.n = source, n

    async def __aiter__(self):
        kept = []
        async with aclosing(self.source):
            async for item in self.source:
                kept = [*kept, item][-self.n:]
                if len(kept) == self.n:
                    yield tuple(kept)


class Three:
    def __init__(self):
        self.n = 0

    def __aiter__(self):
        return self

    async def __anext__(self):
        self.n += 1
        if self.n > 3:
            raise StopAsyncIteration
        return self.n


class Client:
    def __init__(self, url):
        self.url = url

    async def events(self, since):
        yield since

    async def send_all(self, stream: AsyncIterator[int]) -> None:
        async for item in stream:
            print(item)

    @classmethod
    async def poll(cls, url):
        yield url

    @staticmethod
    async def joined(*streams):
        for stream in streams:
            async with aclosing(stream):
                async for item in stream:
                    yield item


class Tools:
    async def passed(self, source):
        async with aclosing(source):
            async for item in source:
                yield item

    async def count(self, source):
        async with aclosing(source):
            return len([item async for item in source])


class Fluent:
    def __init__(self, source):
        self._source = source

    def __aiter__(self):
        return self._source.__aiter__()

    def skipping(self):
        return Fluent(_kept(self._source, bool))

    async def to_set(self):
        return {item async for item in self._source}


class Cached:
    def __init__(self, source):
        self._source, self._seen = source, []

    async def read(self):
        async for item in self._source:
            self._seen.append(item)
            yield item


async def _kept(source, holds):
    async with aclosing(source):
        async for item in source:
            if holds(item):
                yield item


def doubled(source):
    return Doubled(source)


def either(source, fast=True):
    if fast:
        wrapped = Doubled(source)
        return wrapped
    return Three()


def counted():
    return Three()


def both(feed):
    return _kept(feed, bool), Three()


def copies(upstream, n):
    cached = Cached(upstream)
    return [cached.read() for _ in range(n)]


def remembering(upstream):
    kept = []

    async def branch(number):
        async for item in upstream:
            kept.append(item)
        for item in kept:
            yield item

    return tuple(branch(number) for number in range(2))


def passed_on(upstream):
    return Tools().passed(upstream)


def remembered(source):
    opened.append(source)
    return source


def unrelated(source):
    return [1, 2]


def read(stream):
    return stream.read()


def connected(source):
    return socket.create_connection(source)


async def awaited(url) -> AsyncIterator[int]:
    return Three()
"""
CHECKED = {
    "Doubled": "operator",
    "Windowed": "window",
    "Three": "source",
    "Client.joined": "operator on streams",
    "Tools.passed": "operator",
    "Tools.count": "consumer",
    "Fluent": "operator",
    "Fluent.skipping": "operator",
    "Fluent.to_set": "consumer",
    "Cached.read": "operator",
    "doubled": "operator",
    "either": "operator",
    "counted": "source",
    "remembering": "tee",
    "passed_on": "operator",
}
LEFT = {
    "Client.events": "operators={'Client.events': Operator(lambda: Client(...).events(...))}",
    "Client.send_all": "Consumer(lambda s: Client(...).send_all(s))",
    "Client.poll": "Operator(lambda: Client.poll(...))",
    "both": "it returns a tuple",
    "copies": "it needs upstream, n",
    "awaited": "its stream comes only when it is awaited",
}


@pytest.fixture(name="returned", scope="module")
def what_is_returned(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """A module without annotations, most of whose functions only return what others make."""
    folder = tmp_path_factory.mktemp("returned")
    (folder / "returned_streams.py").write_text(RETURNED, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        [found] = resolve("returned_streams")
    return found


def test_everything_that_makes_or_takes_a_stream_is_listed(returned: Found) -> None:
    """Classes, methods of three kinds, and plain functions: as what, or how to name it."""
    checked = {one.name: one.checked_as for one in returned.sightings if one.checked_as}
    assert checked == CHECKED
    left = {one.name: one.reason for one in returned.sightings if not one.checked_as}
    assert left.keys() == LEFT.keys()
    assert all(words in left[name] for name, words in LEFT.items()), left


def test_what_is_not_known_to_be_harmless_is_not_tried(returned: Found) -> None:
    """A parameter's name alone is no reason to call what changes its module, or opens a socket."""
    assert not sys.modules["returned_streams"].opened
    assert {"remembered", "connected", "read", "unrelated"}.isdisjoint(
        one.name for one in returned.sightings
    )


@pytest.mark.parametrize(
    ("name", "status"),
    [("Doubled", "held"), ("doubled", "held"), ("Windowed", "held"), ("Cached.read", "broken")],
)
def test_what_is_returned_is_closed_with_its_source(
    returned: Found, name: str, status: str
) -> None:
    """A class that hands `aclose` on, and one whose generator leaves its source open."""
    [alone] = resolve(f"returned_streams:{name}")
    assert check_law(LAWS["S14"], alone.instance).status == status


LOSING = """
import asyncio
from contextlib import aclosing


def fan_out(upstream, n=2, backlog=2):
    queues, begun = [asyncio.Queue(backlog) for _ in range(n)], []

    async def pump():
        async with aclosing(upstream):
            async for item in upstream:
                for queue in queues:
                    if not queue.full():
                        queue.put_nowait(item)
        for queue in queues:
            await queue.put(None)

    async def reader(queue):
        if not begun:
            begun.append(asyncio.create_task(pump()))
        while (item := await queue.get()) is not None:
            yield item

    return tuple(reader(queue) for queue in queues)
"""


def test_a_tee_that_loses_items_is_a_tee(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in step it delivers all, read in turn it does not: that is for the laws to judge."""
    (tmp_path / "losing_tee.py").write_text(LOSING, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    [found] = resolve("losing_tee")
    assert dict(found.operations) == {"tee": "fan_out"}
    assert check_law(LAWS["X4"], found.instance).status == "broken"


def test_a_method_alone_can_be_named(returned: Found) -> None:
    """As `module:Class.method`; one that cannot be called says why, in one line."""
    [found] = resolve("returned_streams:Client.joined")
    assert list(found.instance.operators) == ["Client.joined"]
    with pytest.raises(NotFound, match="laws do not make a Client unasked"):
        resolve("returned_streams:Client.events")


HARMFUL = """
import asyncio
import os
import sys
from contextlib import aclosing


async def passed(rows):
    async with aclosing(rows):
        async for row in rows:
            yield row


async def spins(rows):
    async for row in rows:
        while True:
            pass
        yield row


async def exits(rows):
    async for row in rows:
        sys.exit(3)
        yield row


async def forks(rows):
    async for row in rows:
        os.fork()
        yield row


async def tells(rows):
    print("out")
    print("err", file=sys.stderr)
    sys.excepthook = print
    os.chdir("/")
    async for row in rows:
        yield row


map, filter = passed, 3
"""


def test_a_trial_ends_and_leaves_the_process_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """An endless loop, an exit, a fork, output, a hook and the folder: one line each, or nothing;
    the others are checked, also under a name that Python has for something else."""
    (tmp_path / "harmful_streams.py").write_text(HARMFUL, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(trial, "PATIENCE", 1.0)
    before = sys.excepthook, Path.cwd()
    [found] = resolve("harmful_streams")
    assert (sys.excepthook, Path.cwd()) == before and capfd.readouterr() == ("", "")
    left = {one.name: one.reason for one in found.sightings if not one.checked_as}
    assert left.keys() == {"spins", "exits", "forks"}
    assert "still running after" in left["spins"] and "in spins (" in left["spins"]
    assert "it ends the program: SystemExit: 3" in left["exits"]
    assert "it called os.fork()" in left["forks"]
    assert found.instance.operators.keys() == {"passed", "tells", "map_operator"}

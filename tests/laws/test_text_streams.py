"""What wants items of one kind is tried with these, as an instance of its own."""

from __future__ import annotations

import pytest

from funcpipe_laws.catalogue import laws
from funcpipe_laws.checking.check import check_law
from funcpipe_laws.declared.instance import NotFound
from funcpipe_laws.finding.discover import Found, resolve

LAWS = {law.id: law for law in laws()}
READERS = """
import json
from contextlib import aclosing


async def doubled(rows):
    async with aclosing(rows):
        async for row in rows:
            yield row * 2


async def lines(chunks):
    rest = ""
    async with aclosing(chunks):
        async for chunk in chunks:
            *whole, rest = (rest + chunk).split("\\n")
            for line in whole:
                yield line
    if rest:
        yield rest


async def aiter_lines(chunks):
    rest = b""
    async with aclosing(chunks):
        async for chunk in chunks:
            *whole, rest = (rest + chunk).split(b"\\n")
            for line in whole:
                yield line


async def server_sent(chunks):
    event = {}
    async with aclosing(chunks):
        async for chunk in chunks:
            for line in chunk.decode().splitlines():
                if line:
                    key, _, value = line.partition(": ")
                    event[key] = value
                elif event:
                    yield event
                    event = {}


async def records(rows):
    async for row in rows:
        yield json.loads(row)


async def total_length(texts):
    async with aclosing(texts):
        return sum([len(text) async for text in texts])


def clamped(low, high):
    async def over(numbers):
        async with aclosing(numbers):
            async for number in numbers:
                yield min(max(number, low), high)

    return over


async def flattened(pages):
    async with aclosing(pages):
        async for page in pages:
            for item in page:
                yield item + item if isinstance(item, int) else item


async def as_dict(pairs):
    async with aclosing(pairs):
        return {key: value async for key, value in pairs}


async def again(make_stream, tries=2):
    for _ in range(tries):
        async with aclosing(make_stream()) as rows:
            async for row in rows:
                yield row
        return


class Slow:
    def __init__(self, rows):
        self.rows = rows

    def __aiter__(self):
        self.iterator, self.number = aiter(self.rows), 0
        return self

    async def __anext__(self):
        self.number += 1
        return self.number, await anext(self.iterator)


async def shouted(tokens):
    async with aclosing(tokens):
        return "".join([token.upper() async for token in tokens])
"""


@pytest.fixture(name="readers", scope="module")
def text_readers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Found]:
    """A module whose functions want items of four kinds."""
    folder = tmp_path_factory.mktemp("readers")
    (folder / "readers_of_text.py").write_text(READERS, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        return {one.target.partition(":")[2]: one for one in resolve("readers_of_text")}


def test_each_kind_of_items_is_an_instance_of_its_own(readers: dict[str, Found]) -> None:
    """Nothing is left over, and no other function is restricted to text."""
    seen = {kind: {s.name: s.checked_as for s in one.sightings} for kind, one in readers.items()}
    assert seen == {
        "": {
            "doubled": "operator",
            "total_length": "consumer",
            "again": "operator",
            "Slow": "operator",
        },
        "numbers": {"clamped": "operator, given 2 and 2 too"},
        "lists": {"flattened": "operator"},
        "pairs": {"as_dict": "consumer"},
        "text": {"lines": "operator", "shouted": "consumer"},
        "bytes": {"aiter_lines": "operator", "server_sent": "operator"},
        "json": {"records": "operator"},
    }


@pytest.mark.parametrize(
    ("kind", "law_id", "status"),
    [
        ("text", "A1", "held"),
        ("text", "K1", "held"),
        ("bytes", "A1", "broken"),
        ("bytes", "E4", "held"),
        ("bytes", "O2", "held"),
        ("json", "S14", "broken"),
    ],
)
def test_laws_hold_for_right_readers_of_text(
    readers: dict[str, Found], kind: str, law_id: str, status: str
) -> None:
    """Broken are a last line that is lost, and a source that stays open."""
    assert check_law(LAWS[law_id], readers[kind].instance).status == status


def test_a_kind_of_items_is_a_target(readers: dict[str, Found]) -> None:
    """So that a replay line finds it again; a kind that is not there is one line."""
    [found] = resolve("readers_of_text:bytes")
    assert list(found.instance.operators) == list(readers["bytes"].instance.operators)
    [alone] = resolve("readers_of_text:server_sent")
    assert alone.instance.values == readers["bytes"].instance.values
    with pytest.raises(NotFound, match="no function on streams of json_bytes"):
        resolve("readers_of_text:json_bytes")

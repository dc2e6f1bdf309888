"""Lines and records: what is kept of an input that is partly bad."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.rag.domain import CleanDoc, RawDoc
from examples.rag.lines import LINE_LIMIT, split_lines
from examples.rag.passages import Passages, clean_item
from funcpipe_streams import Err, Ok

from .running import as_csv, documents

CELL = st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=8)
NAME = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


async def blocks(content: bytes, cuts: list[int]) -> AsyncIterator[bytes]:
    edges = [0, *sorted(cut % (len(content) + 1) for cut in cuts), len(content)]
    for start, end in pairwise(edges):
        yield content[start:end]


@given(content=st.binary(max_size=60), cuts=st.lists(st.integers(0, 60), max_size=6))
@pytest.mark.asyncio
async def test_lines_do_not_depend_on_blocks(content: bytes, cuts: list[int]) -> None:
    """However a body is cut into blocks, its lines are what stands between line feeds."""
    lines = [line async for line in split_lines(blocks(content, cuts))]
    assert lines == list(io.BytesIO(content))


@given(rows=st.lists(st.tuples(NAME, CELL, CELL.filter(lambda text: bool(text.strip())))))
@pytest.mark.asyncio
async def test_whatever_csv_writes_is_read(rows: list[tuple[str, str, str]]) -> None:
    """Quotes, commas, line feeds and every other character in cells come back as they were."""
    rows = [(f"d{n}{first}", title, text) for n, (first, title, text) in enumerate(rows)]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([("id", "title", "text"), *rows])
    lines = io.BytesIO(text.getvalue().encode()).readlines()
    found = [item.value for item in await documents(*lines) if isinstance(item, Ok)]
    assert [(doc.id, doc.title, doc.text) for doc in found] == [
        (identity.strip(), title, text) for identity, title, text in rows
    ]


@pytest.mark.asyncio
async def test_bad_records_stand_at_their_place() -> None:
    """A record of each kind of fault is one Err that names its line; the others are all read."""
    items = await documents(
        b"id,title,text\n",
        b"a,A,first\n",
        b"b,B\n",
        b"c,C,\xff\n",
        b" ,D,no id\n",
        b"\n",
        b"x\x00y,X,bad id\n",
        b'e,E,"two\n',
        b'lines"\n',
        b'f,"F"x,text\n',
        b"g,G,last",
    )
    found = [item.value.id if isinstance(item, Ok) else item.error.msg for item in items]
    assert found == [
        "a",
        "line 3: expected 3 columns, found 2",
        "line 4, byte 5: invalid start byte",
        "line 5: column 'id' is empty",
        "line 7: column 'id' holds control characters: 'x\\x00y'",
        "e",
        "line 10: ',' expected after '\"'",
        "g",
    ]


@pytest.mark.asyncio
async def test_open_quote_costs_one_line() -> None:
    """After a quote that is never closed the following lines are read as records of their own."""
    items = await documents(b"id,title,text\n", b'a,"A,x\n', b"b,B,x\n", b"c,C,x\n")
    codes = [item.value.id if isinstance(item, Ok) else item.error.msg for item in items]
    assert codes == ["line 2: a quote is never closed", "b", "c"]


@pytest.mark.asyncio
async def test_endless_line_is_one_error() -> None:
    """A line over the limit is one Err, whatever its length, and the next is read."""

    async def endless() -> AsyncIterator[bytes]:
        yield b"id,title,text\na,A,"
        for _ in range(40):
            yield b"x" * (LINE_LIMIT // 16)
        yield b"\nb,B,text\n"

    lines = [line async for line in split_lines(endless())]
    assert max(map(len, lines)) < 2 * LINE_LIMIT
    codes = [
        item.value.id if isinstance(item, Ok) else item.error.code
        for item in await documents(*lines)
    ]
    assert codes == ["LINE_TOO_LONG", "b"]


@pytest.mark.asyncio
async def test_header_without_the_columns() -> None:
    """A header that lacks a column is one error that names it and what is there."""
    (item,) = await documents(b"number,text\n", b"1,one\n")
    assert isinstance(item, Err)
    assert item.error.code == "INPUT"
    assert item.error.msg == "no column 'id' in the header: found 'number', 'text'"


@pytest.mark.asyncio
async def test_positions_count_the_bytes() -> None:
    """The last document's position is the size of the input, byte order mark included."""
    content = b"\xef\xbb\xbf" + as_csv(("a", "Ä", "one\ntwo"), ("b", "B", "ß"))
    items = await documents(*io.BytesIO(content).readlines())
    positions = [item.value.position for item in items if isinstance(item, Ok)]
    assert len(positions) == 2
    assert positions[-1] == len(content)


@pytest.mark.asyncio
async def test_cleaning() -> None:
    """White space becomes single blanks, control characters go, text is in NFC; nothing is Err."""
    clean = await clean_item(RawDoc("a", " T\t", "cafe\u0301 \x07 au\n\n lait", 0))
    assert clean == Ok(CleanDoc("a", "T", "café au lait", 0))
    empty = await clean_item(RawDoc("b", "", " \x07\n", 0))
    assert isinstance(empty, Err)
    assert (empty.error.code, empty.error.msg) == ("EMPTY", "document b: no text")


LENGTHS = st.lists(st.integers(1, 30), min_size=1, max_size=40)


@given(lengths=LENGTHS, size=st.integers(20, 60), overlap=st.integers(0, 19))
def test_passages_cover_the_text(lengths: list[int], size: int, overlap: int) -> None:
    """Each passage is a part of the text within the size; they leave out blanks at seams only."""
    letters = iter(map(chr, range(0x4E00, 0x9000)))  # each once, so that places are unmistakable
    text = " ".join("".join(islice(letters, length)) for length in lengths)
    chunks = list(Passages(CleanDoc("d", "", text, 0), size, overlap))
    assert [chunk.number for chunk in chunks] == list(range(len(chunks)))
    assert [chunk.last for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    end = 0
    for chunk in chunks:
        start = text.find(chunk.text)
        assert 0 < len(chunk.text) <= size
        assert end - overlap <= start
        assert not text[end:start].strip()
        assert start + len(chunk.text) > end
        end = start + len(chunk.text)
    assert end == len(text)

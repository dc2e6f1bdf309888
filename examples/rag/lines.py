"""Bytes into lines, lines into text."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

from funcpipe_streams import AsyncGen, Err, ErrInfo, Ok, Result, closing_stream

LINE_LIMIT = 8 << 20


async def split_lines(blocks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    r"""The lines of a body that arrives in blocks, each with its `\n`; the last may have none.

    Only `\n` ends a line: `str.splitlines` would also cut at form feeds and U+2028, which stand in
    real texts. A line over `LINE_LIMIT` comes in pieces, each but the last of them longer than the
    limit and without an end of line, so that one endless line does not fill the memory.
    """
    rest = b""
    async with closing_stream(blocks) as source:
        async for block in source:
            first, *more = block.split(b"\n")
            rest += first
            for line in more:
                yield rest + b"\n"
                rest = line
            if len(rest) > LINE_LIMIT:
                yield rest
                rest = b""
    if rest:
        yield rest


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text and where it stands."""

    number: int
    end: int
    text: str


def text_lines(lines: AsyncGen[bytes]) -> AsyncGen[Line]:
    """The lines as text; one that is no UTF-8, or too long, is an `Err` at its place."""

    async def stream() -> AsyncGenerator[Result[Line, ErrInfo], None]:
        number, end, too_long = 0, 0, False
        async with closing_stream(lines()) as source:
            async for item in source:
                if isinstance(item, Err):
                    yield item
                    continue
                line = item.value
                end += len(line)
                if len(line) > LINE_LIMIT and not line.endswith(b"\n"):
                    if not too_long:
                        number += 1
                        limit = f"line {number} is longer than {LINE_LIMIT} bytes"
                        yield Err(ErrInfo("LINE_TOO_LONG", limit))
                    too_long = True
                    continue
                if too_long:
                    too_long = False
                    continue
                number += 1
                try:
                    text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    place = f"line {number}, byte {error.start + 1}"
                    yield Err(ErrInfo("ENCODING", f"{place}: {error.reason}", error))
                else:
                    yield Ok(Line(number, end, text))

    return stream

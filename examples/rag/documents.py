"""Lines of CSV into documents, one record at a time."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import AsyncGenerator, Callable

from examples.rag.domain import Columns, RawDoc
from examples.rag.lines import Line, text_lines
from funcpipe_streams import AsyncGen, Err, ErrInfo, Ok, Result, closing_stream

RECORD_LIMIT = 8 << 20

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

csv.field_size_limit(2 * RECORD_LIMIT)


def parse_docs_stream(columns: Columns) -> Callable[[AsyncGen[bytes]], AsyncGen[RawDoc]]:
    """A function from the lines of a CSV input to its documents.

    The first record names the columns; without those that `columns` asks for the stream is one
    `Err` with the code `INPUT`. A record that cannot be read is an `Err` that costs its first line
    only: reading goes on with the next line, so that a stray quote does not swallow the file.
    Holds one record, at most `RECORD_LIMIT` characters and a line.
    """

    def parse(lines: AsyncGen[bytes]) -> AsyncGen[RawDoc]:
        async def stream() -> AsyncGenerator[Result[RawDoc, ErrInfo], None]:
            reader = _Reader(columns)
            async with closing_stream(text_lines(lines)()) as source:
                async for item in source:
                    if isinstance(item, Err):
                        yield item
                        continue
                    reader.take(item.value)
                    while (document := reader.next_document(at_end=False)) is not None:
                        yield document
                        if reader.useless:
                            return
            while (document := reader.next_document(at_end=True)) is not None:
                yield document

        return stream

    return parse


class _Reader:
    """Lines that were read but are not yet part of a document, and what the header said."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._header: list[str] | None = None
        self._unread: deque[Line] = deque()
        self._record: list[Line] = []
        self._characters = 0
        self.useless = False

    def take(self, line: Line) -> None:
        """Add the next line."""
        self._unread.append(line)

    def next_document(self, *, at_end: bool) -> Result[RawDoc, ErrInfo] | None:
        """The next document, or None if more lines are needed; at the end there are none."""
        while self._unread or (at_end and self._record):
            cells = self._next_record(at_end=at_end)
            if isinstance(cells, Err):
                return cells
            if cells is None:
                continue
            first, end = self._record[0].number, self._record[-1].end
            if self._header is None:
                self._forget()
                error = self._learn(cells)
                if error is not None:
                    return error
            elif cells:
                if len(cells) != len(self._header):
                    found = f"expected {len(self._header)} columns, found {len(cells)}"
                    return self._give_up(found)
                self._forget()
                return self._document(dict(zip(self._header, cells, strict=True)), first, end)
            else:
                self._forget()  # an empty line
        return None

    def _next_record(self, *, at_end: bool) -> list[str] | Err[ErrInfo] | None:
        """The cells of the record that the next line completes, None if it completes none."""
        if self._unread:
            line = self._unread.popleft()
            # Within an open quote only a line with an odd number of quotes can close it: without
            # this test a record of n lines would be parsed n times.
            closing = not self._record or line.text.count('"') % 2 == 1
            self._record.append(line)
            self._characters += len(line.text)
            if self._characters > RECORD_LIMIT:
                return self._give_up(f"a quote stays open for more than {RECORD_LIMIT} characters")
            if not closing and not (at_end and not self._unread):
                return None
        try:
            rows = list(csv.reader((line.text for line in self._record), strict=True))
        except csv.Error as error:
            if str(error) != "unexpected end of data":
                return self._give_up(str(error))
            if at_end and not self._unread:
                return self._give_up("a quote is never closed")
            return None
        return rows[0]

    def _learn(self, header: list[str]) -> Err[ErrInfo] | None:
        self._header = header
        wanted = [name for name in (self._columns.id, self._columns.text) if name]
        missing = [name for name in wanted if name not in header]
        if not missing:
            return None
        self.useless = True
        self._unread.clear()
        found = ", ".join(repr(name) for name in header)
        return Err(ErrInfo("INPUT", f"no column {missing[0]!r} in the header: found {found}"))

    def _document(self, row: dict[str, str], line: int, end: int) -> Result[RawDoc, ErrInfo]:
        identity = row[self._columns.id].strip()
        if not identity:
            return Err(ErrInfo("NO_ID", f"line {line}: column {self._columns.id!r} is empty"))
        if _CONTROL.search(identity):
            # Databases refuse some of them, and a line of output must stay one line.
            found = f"column {self._columns.id!r} holds control characters: {identity!r}"
            return Err(ErrInfo("NO_ID", f"line {line}: {found}"))
        title = row.get(self._columns.title, "")
        return Ok(RawDoc(identity, title, row[self._columns.text], end))

    def _give_up(self, reason: str) -> Err[ErrInfo]:
        """Report the first line of the record, and read the others anew."""
        first, *others = self._record
        self._unread.extendleft(reversed(others))
        self._forget()
        return Err(ErrInfo("CSV", f"line {first.number}: {reason}"))

    def _forget(self) -> None:
        self._record.clear()
        self._characters = 0

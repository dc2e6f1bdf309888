"""Documents into clean text, clean text into passages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from examples.rag.domain import Chunk, CleanDoc, RawDoc
from funcpipe_streams import Err, ErrInfo, Ok, Result

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\ufeff]")


def normalised(text: str) -> str:
    """The text in NFC, without control characters, white space reduced to single blanks."""
    return " ".join(_UNPRINTABLE.sub("", unicodedata.normalize("NFC", text)).split())


async def clean_item(doc: RawDoc) -> Result[CleanDoc, ErrInfo]:
    """The document with its text normalised; `Err` with the code `EMPTY` if nothing remains."""
    text = normalised(doc.text)
    if not text:
        return Err(ErrInfo("EMPTY", f"document {doc.id}: no text"))
    return Ok(CleanDoc(doc.id, normalised(doc.title), text, doc.position))


@dataclass(frozen=True, slots=True)
class Passages:
    """The passages of a document: an iterable that starts anew, and cuts as it is iterated.

    A passage has at most `size` characters and ends between words where it can; it repeats up to
    `overlap` characters of the one before, so that a sentence at a seam is found from both sides.
    """

    doc: CleanDoc
    size: int
    overlap: int

    def __iter__(self) -> Iterator[Chunk]:
        text, start, number = self.doc.text, 0, 0
        while True:
            end = self._end(start)
            last = end == len(text)
            yield Chunk(
                self.doc.id, number, last, self.doc.title, text[start:end], self.doc.position
            )
            if last:
                return
            number += 1
            start = self._next_start(start, end)

    def _end(self, start: int) -> int:
        text, limit = self.doc.text, start + self.size
        if limit >= len(text):
            return len(text)
        blank = text.rfind(" ", start + 1, limit + 1)
        # A cut within the overlap would make the next passage begin before this one's middle.
        return blank if blank - start > max(self.overlap, self.size // 2) else limit

    def _next_start(self, start: int, end: int) -> int:
        text = self.doc.text
        begin = end if text[end] != " " else end + 1
        if not self.overlap:
            return begin
        blank = text.find(" ", max(start + 1, end - self.overlap), end)
        return begin if blank < 0 else blank + 1

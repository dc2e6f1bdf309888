"""A file's bytes and text: decoded as Python decodes them, encoded back to the very same bytes."""

from __future__ import annotations

import codecs
import errno
import os
import stat
import time
from typing import NamedTuple

_BOM = codecs.BOM_UTF8
_READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_bytes(path: str) -> bytes:
    """A regular file's content; raises OSError. A pipe or device is refused, never waited for."""
    # A file object costs as much again as opening, reading and closing.
    handle = os.open(path, _READING)
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        content = os.read(handle, found.st_size + 1)
        if len(content) != found.st_size:  # it grew, shrank, or comes in parts
            while part := os.read(handle, 1 << 20):
                content += part
        return content
    finally:
        os.close(handle)


def is_notebook(path: str) -> bool:
    """Whether a file is a Jupyter notebook, by its name."""
    return path.endswith(".ipynb")


Stamp = list[int]
"""When a file was modified, when it or its times were changed (nobody can set that back), its
size."""


def stamp_of(path: str) -> Stamp | None:
    """A file's stamp, links followed; None where there is no such file."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return [found.st_mtime_ns, found.st_ctime_ns, found.st_size]


# A file may change twice within a tick of its file system's clock, and show the same times.
_TICK_NS = 50_000_000
_COARSE_TICK_NS = 2_000_000_000


def is_settled(stamp: Stamp) -> bool:
    """Whether a file would show every change that was made to it from now on by another stamp."""
    is_coarse = all(at % 1_000_000_000 == 0 for at in stamp[:2])
    return max(stamp[:2]) < time.time_ns() - (_COARSE_TICK_NS if is_coarse else _TICK_NS)


class UndecodableError(Exception):
    """The bytes are no text in the encoding that they claim; says why."""


class Source(NamedTuple):
    """A decoded file. `text` keeps every line end as it is, and holds no byte-order mark."""

    raw: bytes
    text: str
    encoding: str
    has_bom: bool

    @classmethod
    def decode(cls, raw: bytes) -> Source:
        """Decodes by byte-order mark, coding cookie, or as UTF-8; raises UndecodableError."""
        if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise UndecodableError("it is UTF-16; Python reads only ASCII-based encodings")
        has_bom = raw.startswith(_BOM)
        body = raw[len(_BOM) :] if has_bom else raw
        encoding = _declared(body)
        if has_bom and encoding not in ("utf-8", "utf-8-sig"):
            raise UndecodableError(f"a UTF-8 byte-order mark contradicts its cookie '{encoding}'")
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError as error:
            byte, place = body[error.start], error.start + len(raw) - len(body)
            message = f"byte 0x{byte:02x} at offset {place} is not {encoding}"
            hint = "" if _has_cookie(body) else "; declare the encoding or save it as UTF-8"
            raise UndecodableError(message + hint) from None
        if "\0" in text:
            raise UndecodableError(f"it holds a NUL character at offset {text.index(chr(0))}")
        return cls(raw, text, encoding, has_bom)

    @classmethod
    def of_text(cls, text: str) -> Source:
        """A text that is no file's bytes: an editor's buffer, a test."""
        return cls(text.encode("utf-8", "surrogatepass"), text, "utf-8", False)

    def encode(self, text: str) -> bytes:
        """The bytes of a changed text; raises UnicodeEncodeError where the encoding lacks a
        character."""
        body = text.encode(self.encoding)
        return _BOM + body if self.has_bom else body

    @property
    def is_stable(self) -> bool:
        """Whether decoding and encoding gives the same bytes (shift-state encodings may not)."""
        return self.encode(self.text) == self.raw


def _has_cookie(body: bytes) -> bool:
    return any(b"coding" in line for line in body[:400].splitlines()[:2])


def _declared(body: bytes) -> str:
    if not _has_cookie(body):
        return "utf-8"
    import tokenize  # a tenth of the start-up of a run that needs nothing else

    lines = iter(body[:4000].splitlines(keepends=True)[:2])
    try:
        encoding, _ = tokenize.detect_encoding(lambda: next(lines, b""))
    except SyntaxError as error:
        raise UndecodableError(str(error.msg)) from None
    return encoding

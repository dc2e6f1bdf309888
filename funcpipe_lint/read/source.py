"""A file's bytes and text: decoded as Python decodes them, encoded back to the very same bytes."""

from __future__ import annotations

import codecs
import errno
import os
import re
import stat
import time
from typing import NamedTuple

_BOM = codecs.BOM_UTF8
_READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


# A sparse file of a few blocks can claim to be larger than the memory.
_LARGEST = 256 << 20


def read_bytes(path: str, largest: int = _LARGEST) -> bytes:
    """A regular file's content; raises OSError. A pipe or device is refused, never waited for, and
    so is a file of more than `largest` bytes."""
    # A file object costs as much again as opening, reading and closing.
    handle = os.open(path, _READING)
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        if found.st_size > largest:
            raise _too_large(largest)
        content = os.read(handle, found.st_size + 1)
        if len(content) != found.st_size:  # it grew, shrank, or comes in parts
            while part := os.read(handle, 1 << 20):
                content += part
                if len(content) > largest:  # /proc and its like claim no size
                    raise _too_large(largest)
        return content
    finally:
        os.close(handle)


def _too_large(largest: int) -> OSError:
    return OSError(errno.EFBIG, f"it is larger than {largest >> 20} MB")


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
    """Whether a file would show every change that was made to it from now on by another stamp; or
    several files, whose stamps stand one behind the other."""
    return all(_is_past(*stamp[place : place + 2]) for place in range(0, len(stamp), 3))


def _is_past(*times: int) -> bool:
    is_coarse = all(at % 1_000_000_000 == 0 for at in times)
    return max(times) < time.time_ns() - (_COARSE_TICK_NS if is_coarse else _TICK_NS)


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
        except LookupError:
            raise UndecodableError(f"'{encoding}' is no encoding of text") from None
        except Exception as error:  # a codec raises what it likes
            hint = "" if _has_cookie(body) else "; declare the encoding or save it as UTF-8"
            start = len(raw) - len(body)
            raise UndecodableError(_undecoded(error, body, encoding, start) + hint) from None
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
        try:
            body = text.encode(self.encoding)
        except UnicodeEncodeError:
            raise
        except Exception as error:  # a codec that only decodes, or raises what it likes
            raise UnicodeEncodeError(self.encoding, text, 0, len(text), str(error)) from None
        return _BOM + body if self.has_bom else body

    @property
    def is_stable(self) -> bool:
        """Whether decoding and encoding gives the same bytes (shift-state encodings may not)."""
        try:
            return self.encode(self.text) == self.raw
        except UnicodeEncodeError:
            return False


def _has_cookie(body: bytes) -> bool:
    return any(b"coding" in line for line in body[:400].splitlines()[:2])


def _undecoded(error: Exception, body: bytes, encoding: str, start: int) -> str:
    """Why a body that begins at offset `start` is not what its encoding says."""
    if isinstance(error, UnicodeDecodeError) and error.object == body:
        place = error.start
        return f"byte 0x{body[place]:02x} at offset {start + place} is not {encoding}"
    return f"it is not {encoding}: {' '.join(str(error).split())}"


def _declared(body: bytes) -> str:
    if not _has_cookie(body):
        return "utf-8"
    import tokenize  # a tenth of the start-up of a run that needs nothing else

    head = body[:4000].splitlines(keepends=True)[:2]
    lines = iter(head)
    try:
        encoding, _ = tokenize.detect_encoding(lambda: next(lines, b""))
    except Exception as error:
        # 3.14 decodes the lines with what they name, and that may raise anything.
        found = re.search(rb"coding[:=][ \t]*([-\w.]+)", b"".join(head))
        if found and _is_codec(found[1].decode()):
            return found[1].decode()  # decoding says what is wrong
        raise UndecodableError(" ".join(str(error).split())) from None
    return encoding


def _is_codec(name: str) -> bool:
    try:
        codecs.lookup(name)
    except Exception:
        return False
    return True

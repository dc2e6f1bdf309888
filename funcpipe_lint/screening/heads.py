"""What the `with` statements in a part of a file enter, by its bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from funcpipe_lint.mentions import line_before

_WITH = re.compile(rb"with\b([^\r\n]*)")
_STRING = re.compile(rb"\"[^\"\\]*\"|'[^'\\]*'")
_BRACKETS = ((b"(", b")"), (b"[", b"]"), (b"{", b"}"))


def heads(raw: bytes, begin: int, end: int) -> Iterator[bytes]:
    """What each `with` may enter: the rest of its line, less strings and comments; or all up to the
    end of the part where it is not certain that this is the whole header."""
    for found in _WITH.finditer(raw, begin, end):
        # The statement begins its line: it is the body of no other one on the same line.
        if line_before(raw, found.start()).strip(b" \t\f") in (b"", b"async"):
            code = _whole(found[1])
            yield raw[found.start(1) : end] if code is None else code


def _whole(line: bytes) -> bytes | None:
    """The code of a line on which a header certainly ends; None for any other."""
    if b"'" in line or b'"' in line:
        if b"{" in line:  # since Python 3.12 a string with braces may hold the same quotes
            return None
        line = _STRING.sub(b"", line)
    code = line.partition(b"#")[0].rstrip()
    if not code.endswith(b":") or any(other in code for other in (b"'", b'"', b"\\")):
        return None
    is_closed = all(code.count(opened) == code.count(closed) for opened, closed in _BRACKETS)
    return code if is_closed else None

"""How far an `async def` statement can go in a file's bytes, whatever strings and brackets hold.

Where a block is cut out to be parsed, the parser says whether it was cut rightly. One that is not
even parsed, because it holds no word that matters, has to be seen to its end for certain.
"""

from __future__ import annotations

import re
from functools import cache

from funcpipe_lint.read.mentions import is_continued

_QUOTES = (b'"""', b"'''")
_REST_OF_STRING = {
    quotes: re.compile(
        rb"[^Q\\]*(?:(?:\\.|Q(?!QQ))[^Q\\]*)*QQQ".replace(b"Q", quotes[:1]), re.DOTALL
    )
    for quotes in _QUOTES
}


def reach_of_function(raw: bytes, width: int, after: int) -> int:
    """An offset that a function, indented by `width`, certainly ends before: where the next `def`
    or `class` stands that is indented no more and not in a string. No bracket can hold these."""
    at = after
    while found := _next_statement(width).search(raw, at):
        end = found.start()
        if is_continued(raw, end + 1):
            at = found.end()  # in a string
            continue
        beyond = _string_over(raw, after, end)
        if beyond is None:
            return end + 1
        at = after = beyond
    return len(raw)


@cache
def _next_statement(width: int) -> re.Pattern[bytes]:
    return re.compile(rb"\n {0,%d}(?:class|def|async[ \t]+def)\b" % width)


def _string_over(raw: bytes, begin: int, end: int) -> int | None:
    """Where a string ends that is open at `end`, `begin` being code; None: there is none. Where it
    is not certain, the string is taken to go on to the end of the file."""
    while True:
        at, other = raw.find(_QUOTES[0], begin, end), raw.find(_QUOTES[1], begin, end)
        if at < 0 and other < 0:
            return None
        if at < 0 or 0 <= other < at:
            at = other
        line = raw.rfind(b"\n", begin, at) + 1
        before = raw[line or begin : at]
        if is_continued(raw, line) or b"'" in before or b'"' in before or b"#" in before:
            return len(raw)  # these quotes may be in a comment, or in another string
        quotes = raw[at : at + 3]
        closed = _REST_OF_STRING[quotes].match(raw, at + 3)
        if closed is None:
            return len(raw)
        # Since Python 3.12 the braces of such a string may hold the same quotes.
        if before[-2:].lower().strip(b"rb").endswith((b"f", b"t")) and b"{" in closed[0]:
            return len(raw)
        begin = closed.end()
        if begin > end:
            return begin

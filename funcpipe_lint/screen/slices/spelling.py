"""Whether Python reads a name otherwise than it is spelt: letters of full width are plain ones to
`ast`, not so in the text that screens search and that libcst shows the rules."""

from __future__ import annotations

import re
from bisect import bisect_left

from funcpipe_lint.read.outline import STRINGS, are_closed, masked

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


def may_respell(text: str) -> bool:
    """Whether a name in a text may change as Python normalises it; False is certain. O(1) where
    the text is ASCII, which all but one in ten are."""
    if text.isascii():
        return False
    from unicodedata import is_normalized  # 1 ms that a commit hook's usual run need not pay

    if is_normalized("NFKC", text):
        return False
    # An accent belongs to the letter before it, which may be ASCII.
    changed = [
        found.start()
        for found in _BEYOND_ASCII.finditer(text)
        for part in _in_names(text[max(found.start() - 1, 0) : found.end()])
        if not is_normalized("NFKC", part)
    ]
    if not changed:
        return False
    mask = masked(text)  # most stand in a string: signs, units, and tables of letters
    if mask is None or any(mask[place] not in '"#' for place in changed):
        return True
    return any(
        not are_closed(text, string.start(), changed[at])
        for string in STRINGS.finditer(text)
        for at in range(*(bisect_left(changed, offset) for offset in string.span()))
    )


def _in_names(text: str) -> list[str]:
    """The parts of a text that can be in a name."""
    return "".join(c if f"a{c}".isidentifier() else " " for c in text).split()

"""Texts of files, paths and settings as a person may see them: on one line, nothing in them hidden,
nothing that a terminal or a CI service would obey."""

from __future__ import annotations

import re

# Printable to Python, and yet nothing is seen of them: fillers, variation selectors, joiners.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U0001d159\U000e0100-\U000e01ef]"
)
# GitHub finds `##[...]` anywhere in a line, Azure `##vso[...]`, TeamCity `##teamcity[...]`.
_COMMAND = re.compile(r"##(?=\w*\[)")
# GitHub finds `::...::` at the begin of a line, blanks left out.
_LEADING = re.compile(r"\s*::")


def visible(text: str) -> str:
    """The text with an escape, such as `\\x1b`, for what cannot be seen: control characters, line
    ends, tabs, letters without a shape, marks that turn the direction of writing. O(text)."""
    if text.isprintable() and "##" not in text and (text.isascii() or not _UNSEEN.search(text)):
        return text
    return "".join(letters(text))


def letters(text: str) -> list[str]:
    """What is shown of each letter of a text."""
    shown = [_letter(letter) for letter in text]
    for command in _COMMAND.finditer(text):
        shown[command.start()] = r"\x23"
    return shown


def visible_line(text: str) -> str:
    """The same for a text that begins a line."""
    return beginning(visible(text))


def beginning(shown: str) -> str:
    """What is shown, where it begins a line: no command either."""
    return shown.replace(":", r"\x3a", 1) if _LEADING.match(shown) else shown


def _letter(letter: str) -> str:
    is_seen = letter.isprintable() and not _UNSEEN.match(letter)
    return letter if is_seen else letter.encode("unicode_escape").decode()

"""The first screen: whether any rule can speak of a file, from its bytes alone.

Like every screen it may say yes too often, never no wrongly. A run that it clears imports nothing
else of the linter: a commit hook's usual run is that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, cached_property

from funcpipe_lint.kit import KIT
from funcpipe_lint.model import Settings
from funcpipe_lint.rules import UNUSED_SUPPRESSION

# Between two tokens may stand blanks, line ends, escaped line ends and comments.
_GAP = rb"(?:[ \t\f\r\n]|\\\r?\n|\\\r|#[^\r\n]*)+"
_ASCII_SUPERSETS = frozenset(
    b"utf-8 utf8 utf-8-sig latin-1 latin1 iso-8859-1 iso-8859-15 ascii us-ascii cp1252".split()
)
_SYNC_WORDS = (b"yield", b"lambda", b"Callable", b"IOGen", b"AsyncGen", b"async_gen_", b"match")
_EVERYWHERE_WORDS = (b"yield", b"lambda", b"Iterator", b"Async")


class Prefilter:
    """What can matter under fixed settings. Patterns are compiled when the first file needs them:
    each costs what checking a small file costs."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def passes(self, raw: bytes) -> bool:
        """Whether any rule can speak of a file; False is certain. O(bytes)."""
        if may_hold_streams(raw):
            return True
        plugins = self._settings.plugins
        codes = (code for plugin in plugins for code in plugin.codes)
        if UNUSED_SUPPRESSION in self._settings.rules and may_suppress(raw, codes):
            return True
        if any(word.encode() in raw for plugin in plugins for word in plugin.words):
            return True
        if any(word in raw for word in self._maker_words):
            return True
        if self._settings.everywhere or self._settings.discipline == "all":
            return any(word in raw for word in _EVERYWHERE_WORDS)
        if any(word in raw for word in _SYNC_WORDS):
            return self._result_words.search(raw) is not None
        return False

    @cached_property
    def _maker_words(self) -> tuple[bytes, ...]:
        return tuple(word.encode() for word in maker_words(self._settings))

    @cached_property
    def _result_words(self) -> re.Pattern[bytes]:
        return re.compile(result_words(self._settings).encode())


def may_hold_streams(raw: bytes) -> bool:
    """Whether any async stream can be in a file; False is certain. O(bytes)."""
    if b"async" not in raw:
        return has_odd_encoding(raw)
    if _async_word("for").search(raw) is not None:
        return True
    if b"yield" in raw and _async_word("def").search(raw) is not None:
        return True
    return has_odd_encoding(raw)


@cache
def _async_word(word: str) -> re.Pattern[bytes]:
    # No leading \b: a literal prefix lets `re` search seven times faster.
    return re.compile(rb"async" + _GAP + word.encode() + rb"\b")


def has_odd_encoding(raw: bytes) -> bool:
    """Whether a file's bytes do not show its ASCII words as they are."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    head = raw[:400]
    if b"coding" not in head:
        return False
    for line in head.splitlines()[:2]:
        found = re.match(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", line)
        if found:
            return found.group(1).lower().replace(b"_", b"-") not in _ASCII_SUPERSETS
    return False


def may_suppress(raw: bytes, plugin_codes: Iterable[str] = ()) -> bool:
    """Whether a file can hold a suppression of one of our codes, or of a plugin's. O(bytes)."""
    lower = raw.lower()
    if b"funcpipe" in lower and re.search(rb"#\s*funcpipe\s*:", lower) is not None:
        return True
    if b"noqa" not in lower:
        return False
    codes = "|".join(["fp[0-9]", *(code.lower() for code in plugin_codes)])
    return re.search(rf"noqa\s*:[^\r\n]*(?:{codes})".encode(), lower) is not None


def maker_words(settings: Settings) -> tuple[str, ...]:
    """Words of which a file that calls a stream function or builder of elsewhere holds one."""
    configured = (name.rpartition(".")[2] for name in settings.stream_functions)
    return ("async_gen_", "io_gen_", *configured)


def result_words(settings: Settings) -> str:
    """A pattern that matches the text of every file that may be a Result module."""
    # `Result` alone is in every tenth file and proves nothing: without the kit, a configured name
    # or an `Ok` or `Err` beside it, no annotation counts.
    known = {KIT, "Ok", "Err", "ErrInfo", "AsyncGen", "IOGen"}
    for group in (
        settings.results,
        settings.oks,
        settings.errs,
        settings.descriptions,
        settings.sync_descriptions,
    ):
        known.update(name.rpartition(".")[2] for name in group if not name.startswith(f"{KIT}."))
    words = "|".join(sorted(map(re.escape, known)))
    return rf"\b(?:{words}|async_gen_\w+)\b"

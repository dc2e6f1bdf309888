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
GAP = rb"(?:[ \t\f\r\n]|\\\r?\n|\\\r|#[^\r\n]*)+"
_ASCII_SUPERSETS = frozenset(
    b"utf-8 utf8 utf-8-sig latin-1 latin1 iso-8859-1 iso-8859-15 ascii us-ascii cp1252".split()
)
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
        if self._settings.everywhere and any(word in raw for word in _EVERYWHERE_WORDS):
            return True
        return self.may_hold_results(raw) or may_make(raw, self._settings)

    def may_hold_results(self, raw: bytes) -> bool:
        """Whether a file may be a module of Results; False is certain. O(bytes)."""
        if self._settings.discipline == "all":
            return any(word in raw for word in _EVERYWHERE_WORDS)
        for pattern in self._result_words:
            for found in pattern.finditer(raw):
                before = raw[found.start() - 1 : found.start()]
                if not before.isalnum() and before != b"_":
                    return True
        return False

    @cached_property
    def _result_words(self) -> tuple[re.Pattern[bytes], ...]:
        # A literal prefix each: `re` finds it ten times faster than a boundary or a choice.
        words = result_words(self._settings)
        return tuple(re.compile(rb"%s\b" % re.escape(word.encode())) for word in words)


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
    return re.compile(rb"async" + GAP + word.encode() + rb"\b")


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


def may_silence_all(raw: bytes) -> bool:
    """Whether a file can hold a `noqa` without codes. O(bytes)."""
    lower = raw.lower()
    return b"noqa" in lower and re.search(rb"noqa\b(?![ \t]*:)", lower) is not None


def may_make(raw: bytes, settings: Settings) -> bool:
    """Whether a file may call a stream function or builder of elsewhere. O(bytes)."""
    configured = (name.rpartition(".")[2].encode() for name in settings.stream_functions)
    if any(word in raw for word in configured):
        return True
    # Only the kit itself imports its functions without naming it.
    is_kit = b"_gen_" in raw and (KIT.encode() in raw or b"from ." in raw)
    return is_kit and (b"async_gen_" in raw or b"io_gen_" in raw)


def result_words(settings: Settings) -> tuple[str, ...]:
    """Words of which every file that may be a module of Results holds one."""
    # `Result` alone is in every tenth file and proves nothing: without the kit, a configured name
    # or an `Ok` or `Err` beside it, no annotation counts.
    known = {KIT, "Ok", "Err", "AsyncGen", "IOGen"}
    for group in (
        settings.results,
        settings.oks,
        settings.errs,
        settings.descriptions,
        settings.sync_descriptions,
    ):
        known.update(name.rpartition(".")[2] for name in group if not name.startswith(f"{KIT}."))
    return tuple(sorted(known))

"""The first screen: whether any rule can speak of a file, from its bytes alone.

Like every screen it may say yes too often, never no wrongly. A run that it clears imports nothing
else of the linter: a commit hook's usual run is that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache, cached_property

from funcpipe_lint.model import RuleEntry, Settings
from funcpipe_lint.model.codes import RULES, UNUSED_SUPPRESSION
from funcpipe_lint.model.reference import KIT
from funcpipe_lint.read.searching import by_rarest_letter, part

# Between two tokens may stand blanks and escaped line ends; in brackets line ends and comments too.
# All of it is possessive: what was read is never read in another way, or a row of `#` would be an
# exponential search. No search reads more comments than these, or a comment of many `async` would
# be a quadratic one.
_ESCAPED = rb"\\(?:\r\n?|\n)"
_COMMENT = rb"#[^\r\n]{0,1000}+(?=[\r\n])"
GAP = rb"(?=[\s\\#])(?:[ \t\f\r\n]|%s)*+(?:%s(?:[ \t\f\r\n]|%s)*+){0,50}+" % (
    (_ESCAPED, _COMMENT, _ESCAPED)
)
IN_STATEMENT = rb"(?:[ \t\f]|%s)++" % _ESCAPED
# A comment that is left makes the gap longer than is read: what follows may be the word.
ASYNC_FOR = rb"nc(?<=async)%s(?:for\b|#)" % GAP
# `Result` alone is in every tenth file and proves nothing: without the kit, a configured name or
# one of these beside it, no annotation counts.
_SIDES = ("Ok", "Err")
_DESCRIPTIONS = ("AsyncGen", "IOGen")
_NAMING = ("results", "oks", "errs", "descriptions", "sync_descriptions")
_ASCII_SUPERSETS = frozenset(
    b"utf-8 utf8 utf-8-sig latin-1 latin1 iso-8859-1 iso-8859-15 ascii us-ascii cp1252".split()
)
# A stream that is given may be pulled from, and closed, without a word of what it is.
_EVERYWHERE_WORDS = (
    *(b"yield", b"lambda", b"Iterator", b"Iterable", b"Generator", b"Async"),
    b"aclose",
)


class Prefilter:
    """What can matter under fixed settings. Patterns are compiled when the first file needs them:
    each costs what checking a small file costs."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def passes(self, raw: bytes, path: str | None = None) -> bool:
        """Whether any rule can speak of a file; False is certain. O(bytes).

        Without a path, it may be a file of the kit itself."""
        if may_hold_streams(raw) or any(_holds(raw, groups) for groups in self._beyond_streams):
            return True
        plugins = self._settings.plugins
        names_us = True
        if UNUSED_SUPPRESSION in self._settings.rules:
            lower = raw.lower()
            names_us = bool(part("funcpipe")(lower))
            codes = (code for plugin in plugins for code in plugin.codes)
            if _suppresses(lower, codes, names_us=names_us):
                return True
        if any(word.encode() in raw for plugin in plugins for word in plugin.words):
            return True
        if self._settings.everywhere and any(word in raw for word in _EVERYWHERE_WORDS):
            return True
        if "FP302" in self._settings.rules and part("anext")(raw):  # of a stream of another module
            return True
        is_typed = may_name_any_type(raw)
        if is_typed and self._types_matter and may_name_types(raw):
            return True
        if self._collecting_matters and may_collect(raw, self._settings):
            return True
        if self._holds_results(raw, names_us=names_us, is_typed=is_typed):
            return True
        return may_make(raw, self._settings, None if names_us else path)

    @cached_property
    def _collecting_matters(self) -> bool:
        """Whether a rule speaks of functions that collect what they are given, stream or not."""
        return bool(self._settings.shell) and "FP103" in self._settings.rules

    @cached_property
    def _entries(self) -> list[RuleEntry]:
        return [RULES[code] for code in self._settings.rules if code in RULES]

    @cached_property
    def _beyond_streams(self) -> list[tuple[tuple[str, ...], ...]]:
        return [entry.without_streams for entry in self._entries if entry.without_streams]

    @cached_property
    def _types_matter(self) -> bool:
        """Whether a rule may speak of a file that has no stream of its own, but a type of one."""
        return any(entry.by_type for entry in self._entries)

    def may_hold_results(self, raw: bytes) -> bool:
        """Whether a file may be a module of Results; False is certain. O(bytes)."""
        return self._holds_results(raw, names_us=True, is_typed=may_name_any_type(raw))

    def _holds_results(self, raw: bytes, *, names_us: bool, is_typed: bool) -> bool:
        is_given = self._settings.discipline == "all"
        if is_given and any(word in raw for word in _EVERYWHERE_WORDS):
            return True
        if names_us and part(KIT)(raw):
            return True
        if any(_whole(word)(raw) for word in self._configured_words):
            return True
        # A fold that matches on a Result needs no type.
        if not is_typed and not is_given:
            return False
        if _ending("Gen", "")(raw) and any(_is_in_code(raw, word) for word in _DESCRIPTIONS):
            return True
        sides = sum(_is_in_code(raw, word) for word in _SIDES)
        # One side makes no Result: it says of what library the `Result` of an annotation is. The
        # kit itself imports what makes a module one of Results without naming it.
        is_named = is_given or _whole("Result")(raw) or b"from ." in raw
        return sides == 2 or (sides == 1 and bool(is_named))

    @cached_property
    def _configured_words(self) -> tuple[str, ...]:
        """Words of which a module of Results holds one that uses no kit of ours."""
        named = [name for field in _NAMING for name in getattr(self._settings, field)]
        words = {name.rpartition(".")[2] for name in named if not name.startswith(f"{KIT}.")}
        # What is imported from a library of Results needs no annotation.
        return (*sorted(words), *_SIDES, *_DESCRIPTIONS) if words else ()


def _holds(raw: bytes, groups: Iterable[tuple[str, ...]]) -> bool:
    return all(any(part(word)(raw) for word in words) for words in groups)


@cache
def _whole(word: str) -> Callable[[bytes], object]:
    """A search for a word that no other runs into; compiled when the first file needs it."""
    return re.compile(by_rarest_letter(word.encode(), rb"\b")).search


def _is_in_code(raw: bytes, word: str) -> bool:
    """Whether a word stands, whole, anywhere but in prose: before another word, or in a comment."""
    for found in _in_code(word).finditer(raw):
        line = raw[raw.rfind(b"\n", 0, found.start()) + 1 : found.start()]
        if not line.lstrip().startswith(b"#"):
            return True
    return False


@cache
def _in_code(word: str) -> re.Pattern[bytes]:
    keywords = rb"(?:and|as|async|else|for|from|if|import|in|is|not|or)\b"
    pattern = by_rarest_letter(word.encode(), rb"\b")
    return re.compile(rb"%s(?![ \t]+(?!%s)[a-z])" % (pattern, keywords))


def may_hold_streams(raw: bytes) -> bool:
    """Whether any async stream can be in a file; False is certain. O(bytes)."""
    found = _loop_or_yield().search(raw)
    if found is not None:
        if found[0] != b"yield" or _async_def().search(raw) is not None:
            return True
        if _async_for().search(raw, found.end()) is not None:
            return True
    return has_odd_encoding(raw)


@cache
def _loop_or_yield() -> re.Pattern[bytes]:
    """One search for two words with the same rare letter takes half as long as two."""
    return re.compile(rb"y(?:%s|ield)" % ASYNC_FOR)


def may_name_any_type(raw: bytes) -> bool:
    """Whether a type of streams, async or not, or of their descriptions, may be named in a file:
    all have one of these in their names."""
    return bool(_ending("Gen", "(?:erator)?")(raw) or _ending("Itera", "(?:tor|ble)")(raw))


@cache
def _ending(part: str, ending: str) -> Callable[[bytes], object]:
    """A search for a part of a word, and how the word ends."""
    return re.compile(rf"{part}{ending}\b".encode()).search


def may_name_types(raw: bytes) -> bool:
    """Whether a type of async streams may be named in a file; False is certain. O(bytes)."""
    return _stream_type().search(raw) is not None


@cache
def _stream_type() -> re.Pattern[bytes]:
    return re.compile(rb"Async(?:It|Gen)")


@cache
def _async_def() -> re.Pattern[bytes]:
    return re.compile(by_rarest_letter(b"async") + IN_STATEMENT + rb"def\b")


@cache
def _async_for() -> re.Pattern[bytes]:
    return re.compile(rb"y" + ASYNC_FOR)


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
    return _suppresses(lower, plugin_codes, names_us=bool(part("funcpipe")(lower)))


def _suppresses(lower: bytes, plugin_codes: Iterable[str], *, names_us: bool) -> bool:
    if names_us and re.search(rb"#\s*funcpipe\s*:", lower) is not None:
        return True
    if not part("noqa")(lower):
        return False
    codes = "|".join(["fp[0-9]", *(code.lower() for code in plugin_codes)])
    return re.search(rf"noqa\s*:[^\r\n]*(?:{codes})".encode(), lower) is not None


def may_silence_all(raw: bytes) -> bool:
    """Whether a file can hold a `noqa` without codes. O(bytes)."""
    lower = raw.lower()
    return b"noqa" in lower and re.search(rb"noqa\b(?![ \t]*:)", lower) is not None


def may_collect(raw: bytes, settings: Settings) -> bool:
    """Whether a file may call a function that collects a stream into a container. O(bytes)."""
    return any(
        name.rpartition(".")[2].encode() in raw
        # Only its own package imports it without naming that.
        and (name.partition(".")[0].encode() in raw or b"from ." in raw)
        for name in settings.collectors
    )


def may_make(raw: bytes, settings: Settings, path: str | None = None) -> bool:
    """Whether a file may call a stream function or builder of elsewhere. O(bytes).

    The path is that of a file that does not name the kit: it has to be one of the kit's own."""
    configured = (name.rpartition(".")[2].encode() for name in settings.stream_functions)
    if any(word in raw for word in configured):
        return True
    if (path is not None and KIT not in path) or not part("_gen_")(raw):
        return False
    # Only the kit itself imports its functions without naming it.
    is_kit = bool(part(KIT)(raw)) or b"from ." in raw
    return is_kit and re.search(rb"\b(?:async|io)_gen_", raw) is not None

"""Which of the selected rules may have something to say of a file: from bytes, then from `ast`."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from funcpipe_lint.model import Scope, Settings
from funcpipe_lint.model.codes import RULES
from funcpipe_lint.model.vocabulary import last_words
from funcpipe_lint.read.source import Source
from funcpipe_lint.screen.declaration import Need, Screen, Shape, Words, words_of
from funcpipe_lint.screen.parsed.conditions import CONDITIONS, shown_in
from funcpipe_lint.screen.parsed.facts import Facts
from funcpipe_lint.screen.screens import SCREENS
from funcpipe_lint.screen.text.blocks import Start, name_of, read_blocks, read_starts
from funcpipe_lint.screen.text.building import Builders
from funcpipe_lint.screen.text.discarded import Bearers
from funcpipe_lint.screen.text.functions import Functions
from funcpipe_lint.screen.text.prefilter import Prefilter, may_make
from funcpipe_lint.screen.text.typed import TypedNames
from funcpipe_lint.screen.text.wording import Wording
from funcpipe_lint.screen.text.words import FileWords

if TYPE_CHECKING:
    from funcpipe_lint.rule import Rule


# Of these neither words nor the `ast` of functions tell.
_BEYOND_WORDS = frozenset((Shape.BUILDER, Shape.DISCARDED_CALL))


class Candidates:
    """Screens files one after the other under fixed settings, and the rules of plugins."""

    def __init__(self, settings: Settings, theirs: Iterable[Rule] = ()) -> None:
        self._settings = settings
        self.prefilter = Prefilter(settings)
        self._screens = {code: SCREENS[code] for code in settings.rules if code in RULES}
        self._screens |= {rule.code: rule.screen for rule in theirs}
        bound = {code for code in self._screens if code in RULES}
        bound = {code for code in bound if RULES[code].scope is Scope.RESULT}
        bound |= {rule.code for rule in theirs if rule.scope is Scope.RESULT}
        self._bound = bound - set(settings.everywhere)
        """Rules that speak in modules of Results alone."""

    def of_bytes(self, raw: bytes, path: str | None = None) -> frozenset[str] | None:
        """The codes that may speak of a file, by its bytes; None where these do not tell. Without a
        path, it may be a file of the kit itself."""
        if not self.prefilter.passes(raw, path):
            return frozenset()
        return None if self.may_hold_results(raw) else self._seen_in_bytes(raw, path)

    @cached_property
    def _without_results(self) -> tuple[list[str], frozenset[Need]]:
        """The rules that may speak in a module that is none of Results, and what they ask."""
        speaking = self._speaking(is_result=False)
        return speaking, self._needs(speaking)

    def asked_by(
        self, codes: Collection[str], linked: Collection[str] = ()
    ) -> frozenset[Need] | None:
        """What rules ask of a module that is none of Results; None where one may speak of whatever
        a file holds. Those that are `linked` speak for the sake of a link too, of what in a module
        of Results any file may hold."""
        if any(Shape.NONE in self._screens[code].shapes for code in codes):
            return None
        of_links = self._needs((code for code in codes if code in linked), is_result=True)
        return self._needs(codes) | of_links

    def _needs(self, codes: Iterable[str], *, is_result: bool = False) -> frozenset[Need]:
        """What rules ask of a module, each shape apart."""
        needs = [
            need
            for code in codes
            for need in self._alternatives(code)
            if is_result or isinstance(need, Words) or Shape.RESULT_WORDS not in need
        ]
        apart = (one for need in needs for one in (need if isinstance(need, Shape) else (need,)))
        return frozenset(apart) - {Shape.RESULT_WORDS}

    def _seen_in_bytes(self, raw: bytes, path: str | None) -> frozenset[str] | None:
        """The codes that may speak of a file that is no module of Results; None where it is not
        certain."""
        speaking, asked = self._without_results
        for knows_texts in (False, True):
            starts = read_starts(raw, knows_texts=knows_texts)
            if starts is None:
                return None
            words = FileWords(raw, self._settings)
            functions = Functions(raw, starts, words, self._settings, asked)
            # Words are looked for last: most files show none of the shapes.
            left = self._passing(speaking, functions.shown | (asked & _BEYOND_WORDS))
            left = [code for code in left if self._holds_words(code, raw)]
            needs = self._needs(left)
            shown = functions.shown & needs
            seen = shown - CONDITIONS.keys()
            wanted = functions.wanted(shown - seen)
            if wanted:
                facts = self._facts_of(raw, starts, wanted, words)
                if facts is None:  # it may begin in a docstring's example
                    continue
                seen |= {*shown_in(facts, words, shown)}
            if Shape.BUILDER in needs and Builders(words, self._settings).may_build():
                seen |= {Shape.BUILDER}
            if Shape.DISCARDED_CALL in needs and self._discards(raw, functions, words, path):
                seen |= {Shape.DISCARDED_CALL}
            return frozenset(self._passing(left, seen))
        return None

    def _facts_of(
        self, raw: bytes, starts: list[Start], wanted: list[Start], words: FileWords
    ) -> Facts | None:
        """The facts of some functions; None where it is not certain where they are."""
        blocks = read_blocks(raw, starts, wanted)
        if blocks is None:
            return None
        facts = Facts(blocks.tree, words)
        return facts if facts.async_functions == blocks.functions else None

    def _discards(
        self, raw: bytes, functions: Functions, words: FileWords, path: str | None
    ) -> bool:
        """Whether a statement may make a stream and drop it."""
        streams = functions.streams
        if not self._may_discard(raw, {name_of(raw, start) for start in streams}, path):
            return False
        # What only looks like a stream beside a yield of another function is worth to be parsed
        # now: few files come here.
        facts = self._facts_of(raw, functions.starts, streams, words)
        return facts is None or self._may_discard(raw, _names(facts), path)

    def of_tree(
        self, tree: ast.Module, source: Source, known: frozenset[str] | None
    ) -> Collection[str]:
        """The codes that may speak of a file, by its whole tree; `known` is what its bytes say."""
        raw = source.raw
        if known is not None:
            return known
        is_result = self.may_hold_results(raw)
        speaking = [c for c in self._speaking(is_result=is_result) if self._holds_words(c, raw)]
        if is_result or not self.prefilter.passes(raw):
            return speaking if is_result else []
        words = FileWords(raw, self._settings)
        asked = self._needs(speaking)
        facts = Facts(tree, words)
        wording = Wording(words, self._settings)
        held = {need for need in asked if (one := words_of(need)) and wording.may_hold(one)}
        seen = held - CONDITIONS.keys() | {*shown_in(facts, words, held)}
        if Shape.BUILDER in asked and Builders(words, self._settings).may_build():
            seen |= {Shape.BUILDER}
        if Shape.DISCARDED_CALL in asked and self._may_discard(raw, _names(facts)):
            seen |= {Shape.DISCARDED_CALL}
        return self._passing(speaking, seen)

    def may_hold_results(self, raw: bytes) -> bool:
        """Whether a file may be a module of Results, by its bytes."""
        return self._settings.discipline == "all" or self.prefilter.may_hold_results(raw)

    def _may_discard(self, raw: bytes, streams: set[bytes], path: str | None = None) -> bool:
        """Whether a statement may make a stream and drop it; `streams` are the names of the async
        generators."""
        if may_make(raw, self._settings, path):
            return True
        return Bearers(raw, streams, TypedNames(raw, self._settings)).may_be_discarded()

    def _speaking(self, *, is_result: bool) -> list[str]:
        """The rules that the settings, and the kind of module, leave something to say."""
        return [
            code
            for code, screen in self._screens.items()
            if (is_result or code not in self._bound)
            and (not screen.requires or getattr(self._settings, screen.requires))
        ]

    def _holds_words(self, code: str, raw: bytes) -> bool:
        screen = self._screens[code]
        return not screen.words or any(word in raw for word in self._words(screen))

    def _words(self, screen: Screen) -> Iterator[bytes]:
        configured = getattr(self._settings, screen.setting) if screen.setting else ()
        return (word.encode() for word in (*screen.words, *last_words(configured)))

    def _alternatives(self, code: str) -> tuple[Need, ...]:
        screen = self._screens[code]
        is_everywhere = code in self._settings.everywhere
        return (*screen.shapes, *screen.elsewhere) if is_everywhere else screen.shapes

    def _passing(self, asked: Iterable[str], seen: Collection[Need]) -> list[str]:
        return [code for code in asked if any(_is_in(n, seen) for n in self._alternatives(code))]


def _is_in(need: Need, seen: Collection[Need]) -> bool:
    """Whether something is seen: all of some shapes, if it is several."""
    return need in seen if isinstance(need, Words) else all(one in seen for one in need)


def _names(facts: Facts) -> set[bytes]:
    return {stream.node.name.encode() for stream in facts.streams if stream.node is not None}

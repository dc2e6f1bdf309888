"""Which of the selected rules may have something to say of a file: from bytes, then from `ast`."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from funcpipe_lint.blocks import Blocks, read_blocks
from funcpipe_lint.discarded import may_discard
from funcpipe_lint.model import Scope, Settings
from funcpipe_lint.prefilter import Prefilter, may_make
from funcpipe_lint.rules import RULES
from funcpipe_lint.screen import IN_BLOCKS, Shape
from funcpipe_lint.screens import SCREENS, Screen
from funcpipe_lint.shapes import Facts, shapes_of
from funcpipe_lint.source import Source
from funcpipe_lint.words import FileWords

if TYPE_CHECKING:
    from funcpipe_lint.rule import Rule


class Candidates:
    """Screens files one after the other under fixed settings, and the rules of plugins."""

    def __init__(self, settings: Settings, theirs: Iterable[Rule] = ()) -> None:
        self._settings = settings
        self.prefilter = Prefilter(settings)
        self._screens = {code: SCREENS[code] for code in settings.rules if code in RULES}
        self._screens |= {rule.code: Screen(rule.screen, rule.tokens) for rule in theirs}
        bound = {code for code in self._screens if code in RULES}
        bound = {code for code in bound if RULES[code].scope is Scope.RESULT}
        bound |= {rule.code for rule in theirs if rule.scope is Scope.RESULT}
        self._bound = bound - set(settings.everywhere)
        """Rules that speak in modules of Results alone."""

    def of_bytes(self, raw: bytes) -> frozenset[str] | None:
        """The codes that may speak of a file, by its bytes; None where these do not tell."""
        if not self.prefilter.passes(raw):
            return frozenset()
        if self.prefilter.may_hold_results(raw):
            return None
        asked = self._asked(raw, is_result=False)
        if any(shape & ~IN_BLOCKS for code in asked for shape in self._alternatives(code)):
            return None
        for knows_texts in (False, True):
            blocks = read_blocks(raw, knows_texts=knows_texts)
            if blocks is None:
                return None
            words = FileWords(raw, self._settings, blocks)
            facts = Facts(blocks.tree, words)
            if facts.async_functions == blocks.functions:
                return self._of_blocks(raw, asked, blocks, words, facts)
        return None

    def _of_blocks(
        self, raw: bytes, asked: list[str], blocks: Blocks, words: FileWords, facts: Facts
    ) -> frozenset[str]:
        seen = shapes_of(facts, words)
        if "FP602" in asked and (may_make(raw, self._settings) or may_discard(raw, facts, blocks)):
            seen |= Shape.DISCARDED_CALL
        return frozenset(self._passing(asked, seen))

    def of_tree(self, tree: ast.Module, source: Source, known: frozenset[str] | None) -> list[str]:
        """The codes that may speak of a file, by its whole tree; `known` is what its bytes say."""
        if known is None and not self.prefilter.passes(source.raw):
            return []
        is_result = self.prefilter.may_hold_results(source.raw)
        asked = self._asked(source.raw, is_result)
        words = FileWords(source.raw, self._settings, None)
        seen = shapes_of(Facts(tree, words), words) | Shape.DISCARDED_CALL
        if is_result:
            seen |= Shape.RESULT_WORDS | Shape.DESCRIPTION
        if b"aclose" in source.raw:
            seen |= Shape.CLOSE_CALL
        return [code for code in self._passing(asked, seen) if known is None or code in known]

    def _asked(self, raw: bytes, is_result: bool) -> list[str]:
        """The rules that the module, and the words in it, leave something to say."""
        return [
            code
            for code, screen in self._screens.items()
            if (is_result or code not in self._bound)
            and (not screen.words or any(word.encode() in raw for word in screen.words))
        ]

    def _alternatives(self, code: str) -> tuple[Shape, ...]:
        screen = self._screens[code]
        is_everywhere = code in self._settings.everywhere
        return (*screen.shapes, *screen.elsewhere) if is_everywhere else screen.shapes

    def _passing(self, asked: Iterable[str], seen: Shape) -> list[str]:
        return [code for code in asked if any(shape in seen for shape in self._alternatives(code))]

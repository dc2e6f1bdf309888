"""What of a file some rules can ask about: the functions that they may speak of, and whatever these
mention, and whatever that mentions. The rest is cut out before libcst parses the file.

What is cut is overwritten by as many characters, so that every offset stays what it was.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby, islice

from funcpipe_lint.model import Settings
from funcpipe_lint.model.reference import KIT, USING
from funcpipe_lint.model.vocabulary import last_words
from funcpipe_lint.read.offsets import Cut, Cuts
from funcpipe_lint.read.outline import Part, Statement, body_of, masked, statements
from funcpipe_lint.screen.declaration import Need, Words, words_of
from funcpipe_lint.screen.slices.rebinding import bound_in
from funcpipe_lint.screen.slices.roots import Roots

# A body that is shorter is cheaper to parse than to cut.
_LEAST = 30
_WORD = re.compile(r"\w+")
_DEFINED = re.compile(r"def[\s\\]+(\w+)")
_GLOBAL = re.compile(r"global\b((?:[^\n\\]|\\\r?\n)*)")
_IMPORT = re.compile(r"\n *(?:from +[\w.]+ +import *(?:\([^)]*\)|[^\n;\\]*)|import +[^\n;\\]*)")
# A colon that ends its line is that of a header.
_SET_ATTRIBUTE = re.compile(r"\.[\s\\#]*(\w+)[\s)\\#]*(?::[ \t]*(?=[^\s#])|=(?!=))")
_FILLED = re.compile(r"\b(\w+)[\s)\\]*\.[\s(\\]*append\b")
# Parts of the names of all types of async streams.
_STREAMS = (b"AsyncIt", b"AsyncGen")


def cuts(text: str, asked: Collection[Need], settings: Settings) -> Cuts | None:
    """What the rules that ask for these shapes can do without in a module that is none of Results,
    in order; None where that is not certain. What is left has to be Python, or some cut is wrong.
    O(text).
    """
    holding = [one for need in asked if (one := words_of(need)) is not None]
    # A fix asks whether the kit is imported.
    passing = [getattr(settings, one.passed_to) for one in holding if one.passed_to]
    users = last_words((*USING, *(name for names in passing for name in names))) if passing else ()
    if any(word in text for word in (KIT, *users)):
        return None
    mask = masked(text)
    if mask is None:
        return None
    slice_ = _Slice(text, mask, asked, holding, settings)
    if slice_.roots.drivers is None:
        return None
    found = slice_.cuts()
    with_lists = any(one.with_lists for one in holding)
    return None if with_lists and slice_.fills_a_list_of_the_module() else found


class _Slice:
    def __init__(
        self,
        text: str,
        mask: str,
        asked: Collection[Need],
        holding: Sequence[Words],
        settings: Settings,
    ) -> None:
        self._text = text
        self._mask = mask
        self._holding = holding
        self._members = {name for one in holding for name in one.members}
        self._functions: list[Part] = []
        self._others: list[Part] = []
        self._plain: list[Part] = []
        """All that are no functions; of a class, its header."""
        self._bound: dict[str, list[Part]] = {}
        self._words: set[str] = set()
        self._bound_in: dict[Part, set[str] | None] = {}
        self._parts = self._read(0, len(mask), 0, None)
        self.roots = Roots(text, asked, holding, settings, self._functions, self._plain)

    def _read(self, start: int, end: int, width: int, owner: Part | None) -> list[Part]:
        parts = [Part(one, owner) for one in statements(self._mask, start, end, width)]
        for part in parts:
            one = part.one
            if one.kind != "function":
                self._plain.append(part)
            for name in one.names:
                self._bound.setdefault(name, []).append(part)
            if one.kind == "function":
                self._functions.append(part)
            elif one.kind == "other":
                self._others.append(part)
            elif one.kind == "class":
                part.body = body_of(self._mask, one)
                if part.body is not None:
                    at, inner = part.body
                    part.members = self._read(at - inner, one.end, inner, part)
        return parts

    # -- what is kept

    def cuts(self) -> Cuts:
        """What is not kept, in order."""
        indented = (part for part in self._parts if part.one.kind in ("function", "class"))
        for part in islice(indented, 1):  # libcst takes the file's indentation from it
            self._keep(part)
        for part in self._others:
            # A class may define functions under a condition.
            if part.owner is None or "def" in self._mask[part.one.start : part.one.end]:
                self._keep(part)
        for part in self._functions:
            if self.roots.are_in(part.one.start, part.one.end):
                self._keep(part, is_whole=True)
        for part in self._plain:
            if self.roots.are_in(
                part.one.start, part.one.end if part.body is None else part.body[0]
            ):
                self._keep(part)
        for name in self._members:
            for part in self._bound.get(name, ()):
                self._keep(part)
        self._keep_users()
        self._keep_what_binds_elsewhere()
        return tuple(self._cut(self._parts))

    def _keep_users(self) -> None:
        """Keeps the functions that name, and may return, one of which it is asked who names it."""
        asked = self.roots.having(one for one in self._holding if one.with_users)
        named = {name for text in asked for name in _DEFINED.findall(text)}
        for part in self._functions:
            text = self._text[part.one.start : part.one.end]
            if "return" in text and not named.isdisjoint(_WORD.findall(text)):
                self._keep(part, is_whole=True)

    def _may_return_stream(self, part: Part) -> bool:
        one = part.one
        body = body_of(self._mask, one)
        if "return" not in self._mask[one.head : one.end]:
            return False
        header = self._text[one.head : one.end if body is None else body[0]]
        annotation = header[header.find("->") :].encode("utf-8", "surrogatepass")
        return self.roots.aliases.may_be(annotation, _STREAMS)

    def _keep(self, part: Part, *, is_whole: bool = False) -> None:
        """Keeps a part, of a function at least the header, and what this mentions."""
        waiting = [(part, is_whole)]
        while waiting:
            part, is_whole = waiting.pop()
            if part.is_whole or (part.is_kept and not is_whole):
                continue
            if part.owner is not None:
                waiting.append((part.owner, False))
            words = self._words_in(part, self._kept_end(part, is_whole))
            others = (each for each in part.members if each.one.kind == "other")
            waiting += [(each, False) for each in others if not self._is_text(each.one)]
            new = words - self._words
            self._words |= new
            for word in new:
                waiting += [(each, self._is_asked(each)) for each in self._bound.get(word, ())]

    def _words_in(self, part: Part, end: int) -> set[str]:
        """The words of a part, up to a place. What an import names is no name of the file, as long
        as nothing else mentions it."""
        start = part.one.start
        words: set[str] = set()
        if part.one.kind == "other":
            for found in _IMPORT.finditer(self._mask, max(start - 1, 0), end):
                words.update(_WORD.findall(self._text, start, found.start()))
                start = found.end()
        words.update(_WORD.findall(self._text, start, end))
        return words

    def _kept_end(self, part: Part, is_whole: bool) -> int:
        """Marks a part as kept; where what is kept of it ends."""
        one = part.one
        part.is_kept = True
        if one.kind == "function" and not is_whole:
            part.body = body_of(self._mask, one)
            if part.body is not None and one.end - part.body[0] >= _LEAST:
                return part.body[0]
        elif one.kind == "class" and part.body is not None:
            part.is_whole = True
            return part.body[0]
        part.is_whole = True
        return one.end

    def _is_text(self, one: Statement) -> bool:
        return not self._mask[one.start : one.end].strip('"')

    def _is_asked(self, part: Part) -> bool:
        """Whether the body of a function that is mentioned matters: that of a manager does, that of
        a stream, and of what may hand one on."""
        one = part.one
        if one.kind != "function":
            return False
        code = self._mask[one.head : one.end]
        if "yield" in self._text[one.start : one.end]:
            return True
        if one.is_async:
            return False
        # It may describe a stream, or hand one on.
        nests = "lambda" in code or len(_DEFINED.findall(code)) > 1
        return nests or self._may_return_stream(part)

    def _keep_what_binds_elsewhere(self) -> None:
        """Keeps the functions that bind a name of the module, or an attribute in place of a
        method, where what is kept mentions it."""
        mask = self._mask
        methods = set(_DEFINED.findall(mask))
        set_ = [(each.start(), each[1]) for each in _SET_ATTRIBUTE.finditer(mask)]
        # Who else sets what one holds that is asked what its class has.
        asked = self.roots.having(one for one in self._holding if one.members)
        methods.update(*(_WORD.findall(text) for text in asked))
        replaced = self._by_function((place, {name}) for place, name in set_ if name in methods)
        declared = self._by_function(
            (each.start(), set(_WORD.findall(each[1]))) for each in _GLOBAL.finditer(mask)
        )
        before = -1
        while before != len(self._words):
            before = len(self._words)
            for part, names in replaced.items():
                if names & self._words:
                    self._keep(part, is_whole=True)
            for part, names in declared.items():
                self._keep_globals(part, names & self._words)

    def _by_function(self, places: Iterable[tuple[int, set[str]]]) -> dict[Part, set[str]]:
        starts = [part.one.start for part in self._functions]
        found: dict[Part, set[str]] = {}
        for place, names in places:
            at = bisect_right(starts, place) - 1
            if at >= 0 and place < self._functions[at].one.end:
                found.setdefault(self._functions[at], set()).update(names)
        return found

    def _keep_globals(self, part: Part, names: set[str]) -> None:
        """Keeps a function where it binds these names of the module."""
        if part.is_whole or not names:
            return
        if part not in self._bound_in:
            self._bound_in[part] = bound_in(self._text[part.one.head : part.one.end])
        bound = self._bound_in[part]
        if bound is None or names & bound:
            self._keep(part, is_whole=True)

    def fills_a_list_of_the_module(self) -> bool:
        """Whether something is appended to a list of the module that what is kept mentions: who
        else uses that, any line may tell."""
        filled = set(_FILLED.findall(self._mask)) & self._words
        values = (part for part in self._parts if part.one.kind == "value")
        return any(not filled.isdisjoint(part.one.names) for part in values)

    # -- what is not

    def _cut(self, parts: list[Part]) -> Iterator[Cut]:
        for is_kept, some in groupby(parts, key=lambda part: part.is_kept):
            run = list(some)
            if not is_kept:
                start, end = run[0].one.start, run[-1].one.end
                if end - start >= _LEAST:
                    yield Cut(start, end)
                continue
            for part in run:
                yield from self._cut(part.members)
                if not part.is_whole and part.body is not None:
                    yield Cut(part.body[0], part.one.end, "pass")

"""What the words of one file leave open: which names in it may stand for something that matters."""

from __future__ import annotations

import ast
import re
from functools import cached_property

from funcpipe_lint.model import Settings
from funcpipe_lint.model.vocabulary import (
    CLOSING,
    LOOP_NAMES,
    SCOPES,
    SPAWNERS,
    last_words,
)
from funcpipe_lint.read.mentions import (
    is_called,
    other_names,
    places,
)
from funcpipe_lint.read.nodes import last_word
from funcpipe_lint.read.searching import part
from funcpipe_lint.screen.text.aliases import Aliases

_SCOPES = frozenset(last_words(SCOPES))
_CLOSING = frozenset(last_words(CLOSING))
_ASYNCIO = frozenset(("asyncio",))
# A file that gives some words more names than these may call them anything.
_MOST_NAMES = 20
# `= module.name(`, an annotation before it or not.
_BOUND_CALL = re.compile(
    rb"[ \t]*(?::[^=\n]*)?:?=(?!=)[\s(\\]*+(?:#[^\n]{0,1000}+\s*+){0,200}+(?:\w+\s*\.\s*)*(\w+)"
)
_ASSIGNED = re.compile(rb"(?:[\s\\)]|#[^\n]*\n)*(?::[^=\n]*)?:?=(?!=)")
_FUNCTION = re.compile(rb"def[ \t\\\r\n]+([\w\x80-\xff]+)")
# `= name` and nothing behind it: a default value is no other name of what annotates it.
_NAME = rb"(?!(?:True|False|None)\b)[A-Za-z_\x80-\xff][\w\x80-\xff]*+"
_BOUND_TO_NAME = re.compile(
    rb"[ \t)]*=(?!=)(?:[\s\\(]|#[^\n]{0,1000}+\n)*+%s[ \t)]*(?:[#;\r\n\\]|$)" % _NAME
)


class FileWords:
    """Answers for one file, from its bytes. All are over-approximations."""

    def __init__(self, raw: bytes, settings: Settings) -> None:
        self.raw = raw
        self._configured_spawners = last_words(settings.spawners)
        self._spawners = frozenset((*last_words(SPAWNERS), *self._configured_spawners))
        self._held: dict[str, bool] = {}
        self._scoped: dict[str, bool] = {}
        self._aliased: dict[str, bool] = {}
        self._known_as: dict[frozenset[str], frozenset[str] | None] = {}

    @cached_property
    def aliases(self) -> Aliases:
        """What its names may stand for."""
        return Aliases(self.raw)

    def may_be(self, named: ast.AST, words: frozenset[str]) -> bool:
        """Whether an expression, or what it calls, may be one that the words are the last of."""
        return self.may_mean(last_word(named), words)

    def may_spawn(self, called: ast.expr) -> bool:
        """Whether a call of this may start a task."""
        if isinstance(called, ast.Attribute):
            if called.attr in self._configured_spawners:
                return True
            return called.attr in self._spawners and self._may_be_free(called.value)
        return isinstance(called, ast.Name) and self.may_mean(called.id, self._spawners)

    def _may_be_free(self, receiver: ast.expr) -> bool:
        """Whether what starts a task may be asyncio or its loop: no group looks after it."""
        if isinstance(receiver, ast.Call):
            return True
        word = receiver.attr if isinstance(receiver, ast.Attribute) else ""
        word = receiver.id if isinstance(receiver, ast.Name) else word
        return word in LOOP_NAMES or self.may_mean(word, _ASYNCIO)

    def may_be_scope(self, manager: ast.expr) -> bool:
        """Whether entering a manager may enter a cancel scope."""
        if not self.scope_words:
            return False
        if isinstance(manager, ast.NamedExpr):
            manager = manager.value
        if isinstance(manager, ast.Name):
            return self.is_assigned_scope(manager.id)
        if not isinstance(manager, ast.Call):
            return False
        if isinstance(manager.func, ast.Attribute):
            name = manager.func.attr
        elif isinstance(manager.func, ast.Name):
            name = manager.func.id
        else:
            return False
        if self.may_mean(name, _SCOPES):
            return True
        # A manager of the file may enter one.
        return b"contextmanager" in self.raw and (
            not name.isascii()
            or re.search(rb"def[\s\\]+%s\b" % name.encode(), self.raw) is not None
            or self.is_bound(name)
        )

    def is_bound(self, name: str) -> bool:
        """Whether the file may bind a name by an assignment."""
        word = name.encode()
        return any(_ASSIGNED.match(self.raw, at + len(word)) for at in places(self.raw, word))

    def may_meet_closing(self, caught: ast.expr | None) -> bool:
        """Whether a handler of this may catch what closes a stream."""
        if caught is None:
            return True
        for kind in caught.elts if isinstance(caught, ast.Tuple) else [caught]:
            if isinstance(kind, ast.Attribute) and kind.attr in _CLOSING:
                return True
            if isinstance(kind, ast.Name) and self.may_mean(kind.id, _CLOSING):
                return True
        return False

    @cached_property
    def functions(self) -> dict[bytes, list[re.Match[bytes]]]:
        """Where the functions of the file begin, by their names: a search for each would take as
        long as the file is, for each name that it calls."""
        found: dict[bytes, list[re.Match[bytes]]] = {}
        for head in _FUNCTION.finditer(self.raw):
            found.setdefault(head[1], []).append(head)
        return found

    @cached_property
    def scope_words(self) -> list[bytes]:
        """The last words of cancel scopes that the file calls, or gives other names."""
        held = filter(self.holds, _SCOPES)
        return [word for word in map(str.encode, held) if self._is_used(word)]

    def _is_used(self, word: bytes) -> bool:
        """Whether a word is more than an argument's name, as most `timeout` are."""
        ends = (at + len(word) for at in places(self.raw, word))
        return any(is_called(self.raw, end) for end in ends) or any(other_names(self.raw, word))

    def holds(self, word: str) -> bool:
        """Whether the file has a word, in others too."""
        if word not in self._held:
            self._held[word] = part(word)(self.raw) is not None
        return self._held[word]

    def may_mean(self, name: str, words: frozenset[str]) -> bool:
        """Whether a name may stand for one of the words, as it is or as the file renames it."""
        if name in words:
            return True
        known = self.known_as(words)
        return known is None or name in known

    def known_as(self, words: frozenset[str]) -> frozenset[str] | None:
        """The words that the file has, and the names that it gives them; None where these are too
        many to be followed."""
        if words not in self._known_as:
            self._known_as[words] = self._followed(words)
        return self._known_as[words]

    def _followed(self, words: frozenset[str]) -> frozenset[str] | None:
        found = set(filter(self.holds, words))
        waiting = list(found)
        while waiting:
            word = waiting.pop().encode()
            new = {name.decode(errors="replace") for name in other_names(self.raw, word)} - found
            self._held |= dict.fromkeys(new, True)
            found |= new
            waiting += new
            if len(found) > len(words) + _MOST_NAMES:  # each is looked for in all of the file
                return None
        return frozenset(found)

    def is_alias(self, name: str) -> bool:
        """Whether a name may stand for a function, as one that is bound to another name does: what
        is set as an attribute stands for none, to the rules, nor does what is annotated so."""
        if name not in self._aliased:
            raw, word = self.raw, name.encode()
            self._aliased[name] = any(
                _BOUND_TO_NAME.match(raw, at + len(word)) and raw[at - 1 : at] != b"."
                for at in places(raw, word)
            )
        return self._aliased[name]

    def is_assigned_scope(self, name: str) -> bool:
        """Whether a name may be bound to the call of a cancel scope."""
        if name not in self._scoped:
            bound = (
                _BOUND_CALL.match(self.raw, at + len(name.encode()))
                for at in places(self.raw, name.encode())
            )
            self._scoped[name] = any(
                each and self.may_mean(each[1].decode(), _SCOPES) for each in bound
            )
        return self._scoped[name]

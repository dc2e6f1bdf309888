"""What the words of one file leave open: which names in it may stand for something that matters."""

from __future__ import annotations

import ast
import re
from functools import cached_property

from funcpipe_lint.model import Settings
from funcpipe_lint.model.vocabulary import (
    CHANNELS,
    CLOSING,
    LOCK,
    LOOP_NAMES,
    QUEUES,
    SCOPES,
    SPAWNERS,
    last_words,
)
from funcpipe_lint.read.mentions import (
    GAP_TO_NAME,
    bound_names,
    functions_around,
    is_alone,
    is_called,
    is_caught,
    other_names,
    places,
    text_before,
)
from funcpipe_lint.read.nodes import last_word
from funcpipe_lint.read.searching import part
from funcpipe_lint.screen.text.aliases import Aliases
from funcpipe_lint.screen.text.blocks import Blocks

_SCOPES = frozenset(last_words(SCOPES))
_CLOSING = frozenset(last_words(CLOSING))
_ASYNCIO = frozenset(("asyncio",))
_ANEXT = frozenset(("anext",))
# A file that gives some words more names than these may call them anything.
_MOST_NAMES = 20
# `= module.name(`, an annotation before it or not.
_BOUND_CALL = re.compile(
    rb"[ \t]*(?::[^=\n]*)?:?=(?!=)[\s(\\]*+(?:#[^\n]{0,1000}+\s*+){0,200}+(?:\w+\s*\.\s*)*(\w+)"
)
_ASSIGNED = re.compile(rb"(?:[\s\\)]|#[^\n]*\n)*(?::[^=\n]*)?:?=(?!=)")
# `= name` and nothing behind it: a default value is no other name of what annotates it.
_NAME = rb"(?!(?:True|False|None)\b)[A-Za-z_\x80-\xff][\w\x80-\xff]*+"
_BOUND_TO_NAME = re.compile(
    rb"[ \t)]*=(?!=)(?:[\s\\(]|#[^\n]{0,1000}+\n)*+%s[ \t)]*(?:[#;\r\n\\]|$)" % _NAME
)
_RETURNED = re.compile(rb"\breturn\b" + GAP_TO_NAME)


class FileWords:
    """Answers for one file, from its bytes. All are over-approximations.

    `blocks` are the parts of it that the tree shows which is asked about; None: the tree shows all.
    """

    def __init__(self, raw: bytes, settings: Settings, blocks: Blocks | None) -> None:
        self.raw = raw
        self.blocks = blocks
        self._configured_spawners = last_words(settings.spawners)
        self._spawners = frozenset((*last_words(SPAWNERS), *self._configured_spawners))
        self._held: dict[str, bool] = {}
        self._scoped: dict[str, bool] = {}
        self._aliased: dict[str, bool] = {}
        self._known_as: dict[frozenset[str], frozenset[str] | None] = {}
        self.stream_functions = frozenset(last_words(settings.stream_functions))
        self.queues = frozenset(last_words((*QUEUES, *CHANNELS, *settings.queues)))

    @cached_property
    def aliases(self) -> Aliases:
        """What its names may stand for."""
        return Aliases(self.raw)

    def may_be(self, named: ast.AST, words: frozenset[str]) -> bool:
        """Whether an expression, or what it calls, may be one that the words are the last of."""
        return self.may_mean(last_word(named), words)

    def is_anext(self, name: str) -> bool:
        """Whether a name may stand for the builtin `anext`."""
        return self.may_mean(name, _ANEXT)

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

    def is_lock(self, manager: ast.expr) -> bool:
        """Whether a manager is a name or attribute that is called a lock."""
        if isinstance(manager, ast.Attribute):
            return LOCK.search(manager.attr) is not None
        return isinstance(manager, ast.Name) and LOCK.search(manager.id) is not None

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
        # A manager of the file may enter one, and be out of sight: a plain function.
        return self.blocks is not None and b"contextmanager" in self.raw and self._may_define(name)

    def _may_define(self, name: str) -> bool:
        """Whether the file may define a function of a name, or give one that name."""
        if not name.isascii():
            return True
        word = re.escape(name.encode())
        if re.search(rb"def[\s\\]+%s\b" % word, self.raw):
            return True
        return any(_ASSIGNED.match(self.raw, at + len(word)) for at in places(self.raw, word))

    def is_only_caught(self, name: str) -> bool:
        """Whether the file names an error in `except` alone: then it is the builtin one."""
        word = name.encode()
        return all(is_caught(self.raw, at) for at in places(self.raw, word))

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

    def handed_on_elsewhere(self, names: set[str]) -> set[str]:
        """Names by which code out of sight hands on calls of some names: of functions that return
        one, of aliases."""
        found: set[bytes] = set()
        if self.blocks is None:
            return set()
        for name in names:
            for at in places(self.raw, name.encode()):
                if self.blocks.hold(at):
                    continue
                before = text_before(self.raw, at)
                if _RETURNED.search(before):
                    found.update(each for each, _ in functions_around(self.raw, at))
                elif is_alone(self.raw, at + len(name.encode())):
                    found.update(bound_names(before))
        return {name.decode(errors="replace") for name in found}

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
    TRANSFORMING,
    last_words,
)
from funcpipe_lint.read.mentions import (
    GAP_TO_NAME,
    bound_names,
    functions_around,
    is_alone,
    is_caught,
    is_renamed,
    places,
    text_before,
)
from funcpipe_lint.read.nodes import last_word
from funcpipe_lint.read.searching import part
from funcpipe_lint.screen.text.aliases import Aliases
from funcpipe_lint.screen.text.blocks import Blocks

_SCOPES = frozenset(last_words(SCOPES))
_CLOSING = frozenset(last_words(CLOSING))
# `= module.name(`, an annotation before it or not.
_BOUND_CALL = re.compile(
    rb"[ \t]*(?::[^=\n]*)?:?=(?!=)[\s(\\]*+(?:#[^\n]{0,1000}+\s*+){0,200}+(?:\w+\s*\.\s*)*(\w+)"
)
_ASSIGNED = re.compile(rb"(?:[\s\\)]|#[^\n]*\n)*(?::[^=\n]*)?:?=(?!=)")
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
        self._scoped: dict[str, bool] = {}
        self._renamed: dict[frozenset[str], bool] = {}
        self.stream_functions = frozenset(last_words(settings.stream_functions))
        self.queues = frozenset(last_words((*QUEUES, *CHANNELS, *settings.queues)))

    @cached_property
    def aliases(self) -> Aliases:
        """What its names may stand for."""
        return Aliases(self.raw)

    def may_be(self, named: ast.AST, words: frozenset[str]) -> bool:
        """Whether an expression, or what it calls, may be one that the words are the last of."""
        if last_word(named) in words:
            return True
        while isinstance(named, ast.Call):
            named = named.func
        return isinstance(named, ast.Name) and self.renames(words)

    def is_transformed(self, decorators: list[str]) -> bool:
        """Whether one of the decorators is named as what makes no stream of a generator."""
        return any(word in name.lower() for name in decorators for word in TRANSFORMING)

    def is_anext(self, name: str) -> bool:
        """Whether a name may stand for the builtin `anext`."""
        return name == "anext" or self.has_other_anext

    def may_spawn(self, called: ast.expr) -> bool:
        """Whether a call of this may start a task."""
        if isinstance(called, ast.Attribute):
            if called.attr in self._configured_spawners:
                return True
            return called.attr in self._spawners and self._may_be_free(called.value)
        if not isinstance(called, ast.Name):
            return False
        return called.id in self._spawners or self.has_other_spawner

    def _may_be_free(self, receiver: ast.expr) -> bool:
        """Whether what starts a task may be asyncio or its loop: no group looks after it."""
        if isinstance(receiver, ast.Call):
            return True
        word = receiver.attr if isinstance(receiver, ast.Attribute) else ""
        word = receiver.id if isinstance(receiver, ast.Name) else word
        return word == "asyncio" or word in LOOP_NAMES or self._has_other_asyncio

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
            if self.has_other_scope:
                return True
        else:
            return False
        if name in _SCOPES:
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
            if isinstance(kind, ast.Name) and (kind.id in _CLOSING or self.has_other_closing):
                return True
        return False

    @cached_property
    def scope_words(self) -> list[bytes]:
        """The last words of cancel scopes that the file has."""
        return [word.encode() for word in _SCOPES if part(word)(self.raw)]

    @cached_property
    def has_other_scope(self) -> bool:
        """Whether the file gives a cancel scope another name."""
        return any(is_renamed(self.raw, word) for word in self.scope_words)

    @cached_property
    def has_other_closing(self) -> bool:
        """Whether the file gives what closing raises another name."""
        return self.renames(_CLOSING)

    @cached_property
    def has_other_spawner(self) -> bool:
        """Whether the file gives what starts a task another name."""
        return self.renames(self._spawners)

    @cached_property
    def _has_other_asyncio(self) -> bool:
        return self.renames(frozenset(("asyncio",)))

    @cached_property
    def has_other_anext(self) -> bool:
        """Whether the file gives the builtin `anext` another name."""
        return self.renames(frozenset(("anext",)))

    def renames(self, words: frozenset[str]) -> bool:
        """Whether the file gives one of the words another name."""
        known = self._renamed.get(words)
        if known is None:
            known = any(is_renamed(self.raw, word.encode()) for word in words)
            self._renamed[words] = known
        return known

    def is_assigned_scope(self, name: str) -> bool:
        """Whether a name may be bound to the call of a cancel scope."""
        if name not in self._scoped:
            bound = (
                _BOUND_CALL.match(self.raw, at + len(name.encode()))
                for at in places(self.raw, name.encode())
            )
            self._scoped[name] = any(
                each and (each[1].decode() in _SCOPES or self.has_other_scope) for each in bound
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

"""Whether a statement of a file may be a call that makes a stream and drops it, from its bytes.

Every name that the file may give a stream's meaning is looked for, and what stands around it is
read: a definition, an alias, a call within an expression, or a statement of its own.
"""

from __future__ import annotations

import re
from functools import cached_property

from funcpipe_lint.mentions import (
    BOUND,
    GAP_TO_NAME,
    Texts,
    functions_around,
    line_before,
    places,
    text_before,
    without_receiver,
)
from funcpipe_lint.vocabulary import STREAM_TYPES

_DEF = re.compile(rb"[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)")
_ANNOTATED = re.compile(rb"(\w+)[ \t]*:")
_FIRST_ANNOTATED = re.compile(rb"[ \t]*\*{0,2}(\w+)[ \t]*:")
_ASSIGNED = re.compile(rb"[ \t]*(?:type[ \t]+)?(\w+)[^=\n(]*=(?!=)")
_MEANINGLESS = re.compile(rb"[ \t]*(?:#|class\b|@)|.*\b(?:isinstance|cast|TypeVar)\(")
_BRACKET = re.compile(rb"[()\[\]{}]")
_CALLED = re.compile(rb"[\s)\\]*\(")
_EQUALS_COMMENT = re.compile(rb"=[\s(\\]*#")
_RETURN = re.compile(rb"\breturn\b" + GAP_TO_NAME)
# A string that may be an annotation: no sentence.
_ANNOTATION = re.compile(rb"[\"']+\s*[\w.]+\s*(?:[\[|]|[\"'])")
_LAMBDA = re.compile(rb"\blambda\b[^\n:]*:[\s(\\]*$")
_NO_VARIABLES = {b"None", b"self", b"cls", b"lambda", b"else"}
# First words of a line whose colon a statement may follow, and the end of a header's lines.
_HEADER = re.compile(
    rb"[ \t]*(?:if|elif|else|for|while|with|try|except|finally|def|class|async|match|case|[)\]}])"
)
# What ends a line within an expression. A comment's last character says nothing.
_GOES_ON = b",([{=+-*/|&<%^.~!"


def may_discard(raw: bytes, streams: set[bytes]) -> bool:
    """Whether a call statement may be of an async stream of the file, whose async generators have
    these names, or of the description of one. O(bytes) for most files."""
    functions = set(streams)
    for name in streams:
        for at in places(raw, name):
            if _RETURN.search(text_before(raw, at)):
                functions.update(functions_around(raw, at))  # one of them may be a builder
    return _Bearers(raw, functions - {b""}).may_be_discarded()


class _Bearers:
    """The names of a file whose call may give a stream."""

    def __init__(self, raw: bytes, functions: set[bytes]) -> None:
        self._raw = raw
        self._functions = functions
        """Called plainly or on an object."""
        self._variables: set[bytes] = set()

    def may_be_discarded(self) -> bool:
        """Whether one of them may be called in a statement of its own."""
        if not self._read_annotations():
            return True
        done: set[bytes] = set()
        self._variables -= _NO_VARIABLES
        while waiting := (self._functions | self._variables) - done:
            for name in waiting:
                done.add(name)
                for at in places(self._raw, name):
                    if self._is_telling(name, at) and not self._is_text(at):
                        return True
        return False

    def _is_telling(self, name: bytes, at: int) -> bool:
        """Whether a mention may discard what it calls, or pass on what cannot be followed. What
        is bound to it joins the variables."""
        raw = self._raw
        line = line_before(raw, at)
        if line.rstrip(b" \t").endswith(b"."):
            if name not in self._functions:
                return False
            line = without_receiver(line)
        is_called = _CALLED.match(raw, at + len(name)) is not None
        before = line.rstrip(b" \t\f(")
        if not before:
            return self._tells_below(raw[max(at - 300, 0) : at - len(line)].rstrip(), is_called)
        if before.endswith(b"="):
            return self._binds(before)
        if before.endswith(b":"):
            if b"lambda" in before and _LAMBDA.search(before):
                return True
            return is_called and _HEADER.match(before) is not None
        return is_called and before.endswith((b";", b"\\"))

    def _tells_below(self, above: bytes, is_called: bool) -> bool:
        """The same for a mention that begins its line, below this text."""
        last = above[above.rfind(b"\n") + 1 :]
        if b"#" in last:
            return is_called or _EQUALS_COMMENT.search(last) is not None
        if last.endswith((b"=", b"(", b"\\")):
            return self._binds(above)
        return is_called and (not last or last[-1] not in _GOES_ON)

    def _binds(self, before: bytes) -> bool:
        bound = BOUND.search(before)
        if bound is not None:  # not an item, an attribute or several names at once
            self._variables.add(bound[1])
        return False

    def _read_annotations(self) -> bool:
        """Finds what annotations name; False where a mention of a stream type is not understood."""
        waiting = [word.encode() for word in STREAM_TYPES]
        done = set(waiting)
        while waiting:
            for at in places(self._raw, waiting.pop()):
                aliases = self._mentioned(at)
                if aliases is None:
                    if self._is_text(at, is_annotation=True):
                        continue
                    return False
                waiting += aliases - done
                done |= aliases
        return True

    @cached_property
    def _texts(self) -> Texts:
        return Texts(self._raw)

    def _is_text(self, at: int, *, is_annotation: bool = False) -> bool:
        """Whether a mention is in a comment or string; one that is no annotation, if asked."""
        text = self._texts.around(at) if self._texts.are_certain else None
        if text is None:
            return False
        return not is_annotation or text.startswith(b"#") or _ANNOTATION.match(text) is None

    def _mentioned(self, at: int) -> set[bytes] | None:
        """The aliases that a mention makes; None where it cannot be told what it says."""
        found = self._in_line(at)
        while found is None:
            # What its line does not tell, the line tells where its bracket opens.
            at = _opening(self._raw, at)
            if at < 0:
                return None
            line = line_before(self._raw, at)
            is_call = self._raw[at : at + 1] == b"(" and line[-1:].isalnum()
            found = set() if is_call and not _DEF.match(line) else self._in_line(at)
        return found

    def _in_line(self, at: int) -> set[bytes] | None:
        raw = self._raw
        before = line_before(raw, at)
        end = raw.find(b"\n", at)
        line = before + raw[at : end if end >= 0 else len(raw)]
        if self._is_imported(at, before) and b";" not in line:
            return set()
        annotated = _ANNOTATED.findall(line)
        if b"->" in before or _DEF.match(line):
            function = _last_function(raw, at)
            if not function:
                return None
            self._functions.add(function)
            self._variables.update(annotated)
            return set()
        first = _FIRST_ANNOTATED.match(line)
        assigned = _ASSIGNED.match(before)
        if first or assigned or _ANNOTATED.search(before):
            self._variables.update(annotated)
            alias = first if first and b"=" in before else assigned
            return {alias[1]} if alias else set()
        return set() if _MEANINGLESS.match(line) else None

    def _is_imported(self, at: int, before: bytes) -> bool:
        if b"import " in before:
            return True
        found = self._raw.rfind(b"import", 0, at)
        is_open = found >= 0 and self._raw.find(b"(", found, at) >= 0
        return is_open and self._raw.find(b")", found, at) < 0


def _opening(raw: bytes, at: int) -> int:
    """The bracket that is open at a place, on this line or at most 50 above; -1: there is none."""
    begin = at
    for _ in range(50):
        begin = raw.rfind(b"\n", 0, max(begin, 0))
    depth = 0
    for bracket in reversed(list(_BRACKET.finditer(raw, max(begin, 0), at))):
        depth += -1 if bracket[0] in b"([{" else 1
        if depth < 0:
            return bracket.start()
    return -1


def _last_function(raw: bytes, at: int) -> bytes:
    """The name in the last `def` before a place; empty where there is none."""
    while at > 0:
        at = raw.rfind(b"def ", 0, at)
        if at == 0 or (at > 0 and raw[at - 1 : at].isspace()):
            found = _DEF.match(raw, at)
            return found[1] if found else b""
    return b""

"""The tree of a text, also of one in a later Python than this one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, cast

from funcpipe_lint.read.interruption import end_if_interrupted
from funcpipe_lint.read.syntax import UNPARSABLE, newer_module, parse

if TYPE_CHECKING:
    import ast

    import libcst as cst
    from libcst.metadata.base_provider import BaseMetadataProvider
    from libcst.metadata.span_provider import CodeSpan


# `{x!s }`, of which libcst loses the blanks.
_SPACED_CONVERSION = re.compile(r"![rsa][ \t]+(?=[:}])")
# The kinds of nodes that may be, or hold, what a later Python added.
_NEWER = frozenset(
    (
        *("TemplatedString", "FormattedString", "Integer", "TypeParameters", "TypeAlias"),
        *("LazyImport", "LazyImportFrom", "ExceptHandler", "ExceptStarHandler"),
        *("ListComp", "SetComp", "GeneratorExp", "StarredDictComp"),
    )
)
# The least number of digits that Python can be told to refuse.
_MANY_DIGITS = 640


class _Edit(NamedTuple):
    start: int
    end: int
    text: str


def parsed(text: str) -> ast.Module | None:
    """The tree of a text; None where it is no Python that is known."""
    try:
        return parse(text)
    except SyntaxError:
        older = _in_older_python(text)
    except UNPARSABLE:
        return None
    try:
        return None if older is None else parse(older)
    except UNPARSABLE:
        return None


def _in_older_python(text: str) -> str | None:
    """A text that libcst reads, without what a later Python added: type parameters, `lazy`, the
    stars of comprehensions, the braces of template strings and of f-strings that are refused here;
    exceptions without parentheses get some, and a number of too many digits is 0. Every other
    character stays where it is. None where libcst does not read it. O(text), as much as libcst
    takes."""
    text = _SPACED_CONVERSION.sub(lambda found: " " * len(found[0]), text)
    module = newer_module(text)
    if module is None:
        return None
    try:
        spans = _spans(module, text)
        newer = (node for node in spans if node.__class__.__name__ in _NEWER)
        edits = sorted(edit for node in newer for edit in _edits(node, spans, text))
    except Exception as error:  # libcst recurses, and loses characters of odd layouts
        end_if_interrupted(error)
        return None
    parts: list[str] = []
    done = 0
    for start, end, instead in edits:
        if start >= done:  # nothing of what is replaced already
            parts += (text[done:start], instead)
            done = end
    return "".join((*parts, text[done:]))


class _Recorder:
    """Where libcst's code generation leaves the spans, in characters."""

    def __init__(self) -> None:
        self._computed: dict[cst.CSTNode, CodeSpan] = {}


def _spans(module: cst.Module, text: str) -> dict[cst.CSTNode, tuple[int, int]]:
    """Where each node is. Raises ValueError where libcst lost something."""
    from libcst.metadata.span_provider import SpanProvidingCodegenState

    recorder = _Recorder()
    state = SpanProvidingCodegenState(
        default_indent=module.default_indent,
        default_newline=module.default_newline,
        provider=cast("BaseMetadataProvider[CodeSpan]", recorder),
    )
    module._codegen(state)
    if len("".join(state.tokens)) != len(text):
        raise ValueError("not as it is written")
    return {node: (s.start, s.start + s.length) for node, s in recorder._computed.items()}


def _edits(
    node: cst.CSTNode, spans: dict[cst.CSTNode, tuple[int, int]], text: str
) -> Iterator[_Edit]:
    """What stands instead of a node, or of a part of it, that is a later Python's."""
    import libcst as cst

    start, end = spans[node]
    kind = node.__class__.__name__
    if kind == "TemplatedString" or (kind == "FormattedString" and _is_refused(text[start:end])):
        yield _Edit(start, end, _plain(text[start:end]))
    elif kind == "Integer" and end - start > _MANY_DIGITS:
        yield _Edit(start, end, "0".ljust(end - start))
    elif kind == "TypeParameters":
        yield _Edit(start, end, re.sub(r"[^\r\n]", " ", text[start:end]))
    elif isinstance(node, cst.TypeAlias):
        before = spans[node.type_parameters or node.name][1]
        equals = text.index("=", before)
        yield _Edit(start, equals, node.name.value.ljust(equals - start))
    elif kind in ("LazyImport", "LazyImportFrom"):
        word = "import" if kind == "LazyImport" else "from"
        behind = text.index(word, start) + len(word)
        yield _Edit(start, behind, word.ljust(behind - start))
    elif isinstance(node, cst.ExceptHandler | cst.ExceptStarHandler):
        if isinstance(node.type, cst.Tuple) and not node.type.lpar:
            star = "*" if isinstance(node, cst.ExceptStarHandler) else ""
            caught = [text[slice(*spans[each.value])] for each in node.type.elements]
            before, end = start + len("except"), spans[node.type][1]
            yield _Edit(before, end, _parenthesised(star, caught, text[before:end]))
    elif isinstance(node, cst.ListComp | cst.SetComp | cst.GeneratorExp):
        if isinstance(node.elt, cst.StarredElement):
            at = text.index("*", start)
            yield _Edit(at, at + 1, " ")
    elif kind == "StarredDictComp":
        at = text.index("**", start)
        yield _Edit(at, at + 2, "  ")


def _is_refused(string: str) -> bool:
    try:
        parse(f"({string})")
    except UNPARSABLE:
        return True
    return False


def _plain(string: str) -> str:
    """A string as long, of as many bytes, and over as many lines, that holds no expression."""
    inner = re.sub(r"""['"\\]""", " ", string)
    quotes = "'''" if len(string) >= 6 else "'"
    return f"{quotes}{inner[len(quotes) : -len(quotes)]}{quotes}"


def _parenthesised(star: str, caught: list[str], written: str) -> str:
    """What is caught, in parentheses where they fit; else the first of it alone."""
    short = f"{star}({','.join(caught)})"
    if len(short) <= len(written) and not re.search(r"[\r\n]", written):
        return short.ljust(len(written))
    behind = written.index(caught[0]) + len(caught[0])
    return written[:behind] + re.sub(r"[^\\\r\n]", " ", written[behind:])

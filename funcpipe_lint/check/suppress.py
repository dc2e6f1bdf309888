"""Comments that silence: what they say, what they match, and which of them matched nothing.

x = f()  # noqa: FP101                      this line; bare `noqa` silences every rule
x = f()  # funcpipe: ignore[FP101] reason   this statement, or the one below a comment of its own
# funcpipe: ignore-file[FP101] reason       the file
# funcpipe: off[FP101] reason               from here to `# funcpipe: on[FP101]`, or to the end
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from funcpipe_lint.model import Edit, Fix, Violation

UNUSED = "FP001"
_NOQA = re.compile(r"#\s*noqa\b(?P<colon>\s*:\s*(?P<codes>[^#]*))?", re.IGNORECASE)
_DIRECTIVE = re.compile(
    r"#\s*funcpipe\s*:\s*(?P<word>[\w-]*)\s*(?P<bracket>\[(?P<codes>[^\]#]*)\])?", re.IGNORECASE
)
# The next comment in a comment; `#12` is an issue's number in a reason.
_NEXT = re.compile(r"#(?!\d)")
_CODE = re.compile(r"\b[A-Za-z]+[0-9]+\b")
_OWN = re.compile(r"FP\d+$")
_WORDS = ("ignore", "ignore-file", "off", "on")


_FEW_LINES = 50


@dataclass(eq=False)
class Suppression:
    """One code (or all of them) silenced over a range of lines."""

    code: str
    """Empty: every code."""
    first: int
    last: int
    span: tuple[int, int]
    """Offsets of the text that asks for it, for the fix."""
    segment: tuple[int, int]
    """Offsets of its part of the comment: from its `#` to the next one, or to the end."""
    is_noqa: bool
    problem: str = ""
    """What is wrong with it, where it cannot be understood."""
    used: bool = field(default=False)

    def covers(self, violation: Violation) -> bool:
        """Whether it silences a violation."""
        is_code = self.code in ("", violation.code)
        return not self.problem and is_code and self.first <= violation.line <= self.last


def suppressions(
    text: str, known: Iterable[str], *, lacks_plugins: bool = False
) -> list[Suppression]:
    """Every suppression in a text that parses. O(text)."""
    comments = list(_comments(text))
    if not comments:
        return []
    return _Reader(text, frozenset(known), lacks_plugins).read(comments)


@dataclass(frozen=True, slots=True)
class _Comment:
    start: int
    text: str
    line: int
    first: int
    """The first and last line of the statement that it belongs to."""
    last: int
    is_alone: bool


def _comments(text: str) -> Iterator[_Comment]:
    """The comments with the statement that each belongs to (the next one, if alone on its line)."""
    import io
    import tokenize  # only for files that mention a suppression

    starts = [0, *(end.end() for end in re.finditer("\r\n|\r|\n", text))]
    reader = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    layout = (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    waiting: list[tuple[int, int, str, bool]] = []
    first = 0
    try:
        for token in tokenize.generate_tokens(reader.readline):
            line, column = token.start
            if token.type == tokenize.COMMENT:
                waiting.append((line, column, token.string, first == 0))
            elif token.type == tokenize.NEWLINE:
                for at, col, comment, alone in waiting:
                    begin = at if alone and at >= line else first or at
                    yield _Comment(starts[at - 1] + col, comment, at, begin, line, alone)
                waiting, first = [], 0
            elif token.type not in layout and first == 0:
                first = line
    except (tokenize.TokenError, SyntaxError, IndentationError):
        pass
    for at, col, comment, alone in waiting:
        yield _Comment(starts[at - 1] + col, comment, at, at, at, alone)


class _Reader:
    def __init__(self, text: str, known: frozenset[str], lacks_plugins: bool) -> None:
        self._text = text
        self._known = known
        self._lacks_plugins = lacks_plugins
        self._open: dict[str, Suppression] = {}

    def read(self, comments: list[_Comment]) -> list[Suppression]:
        found: list[Suppression] = []
        for comment in comments:
            for noqa in _NOQA.finditer(comment.text):
                found += self._noqa(comment, noqa)
            for directive in _DIRECTIVE.finditer(comment.text):
                found += self._directive(comment, directive)
        return found

    def _make(
        self, comment: _Comment, match: re.Match[str], code: str, span: tuple[int, int]
    ) -> Suppression:
        begin, end = comment.start + span[0], comment.start + span[1]
        following = _NEXT.search(comment.text, match.end())
        stop = following.start() if following else len(comment.text)
        segment = (comment.start + match.start(), comment.start + stop)
        is_noqa = match.re is _NOQA
        return Suppression(code, comment.first, comment.last, (begin, end), segment, is_noqa)

    def _noqa(self, comment: _Comment, match: re.Match[str]) -> Iterator[Suppression]:
        if match["colon"] is None:
            yield replace(self._make(comment, match, "", match.span()), first=comment.line)
            return
        offset = match.start("codes")
        for code in _listed(match["codes"]):
            upper = code[0].upper()
            if not _OWN.match(upper) and upper not in self._known:
                continue
            made = self._make(comment, match, upper, (offset + code[1], offset + code[2]))
            yield self._judged(made)

    def _directive(self, comment: _Comment, match: re.Match[str]) -> Iterator[Suppression]:
        word = match["word"].lower()
        problem = ""
        if word not in _WORDS:
            problem = f"'{match['word'] or match[0]}' is none of {', '.join(_WORDS)}"
        elif word != "on" and not _listed(match["codes"] or ""):
            problem = f"it names no code: write {word}[FP...] and a reason"
        if problem:
            yield replace(self._make(comment, match, "", match.span()), problem=problem)
            return
        offset = match.start("codes")
        codes = _listed(match["codes"] or "") or [(code, 0, 0) for code in self._open]
        for code, begin, end in codes:
            made = self._make(comment, match, code.upper(), (offset + begin, offset + end))
            if word == "on":
                self._close(made, comment.line)
                continue
            if word == "off":
                made.first, made.last = comment.line, 1 << 60
                self._open[made.code] = made
            elif word == "ignore-file":
                made.first, made.last = 1, 1 << 60
            yield self._judged(made)

    def _close(self, made: Suppression, line: int) -> None:
        opened = self._open.pop(made.code, None)
        if opened is not None:
            opened.last = line

    def _judged(self, made: Suppression) -> Suppression:
        is_theirs = self._lacks_plugins and not _OWN.match(made.code)
        if made.code not in self._known and not is_theirs:
            made.problem = f"'{made.code}' is not a rule"
        return made


def _listed(codes: str) -> list[tuple[str, int, int]]:
    """(code, start, end) of each code at the head of a list; commas and blanks part them."""
    found, position = [], 0
    for match in _CODE.finditer(codes):
        if codes[position : match.start()].strip(" \t,;"):
            break  # prose after the codes: the reason
        found.append((match[0], match.start(), match.end()))
        position = match.end()
    return found


def apply(
    path: str,
    text: str,
    violations: Iterable[Violation],
    known: Iterable[str],
    enabled: Iterable[str],
    *,
    noqa: bool = True,
    lacks_plugins: bool = False,
) -> tuple[list[Violation], int]:
    """(what is left, how many were silenced); FP001 for each suppression that silenced nothing.

    `enabled` are the codes that this run checks: a suppression of any other is not judged. With
    `noqa=False` the noqa comments are left to another tool; with `lacks_plugins` codes that are not
    known may be those of plugins that were left out.
    """
    every = suppressions(text, known, lacks_plugins=lacks_plugins)
    found = _ByLine(s for s in every if noqa or not s.is_noqa)
    kept: list[Violation] = []
    silenced = 0
    for violation in violations:
        by = found.covering(violation)
        for suppression in by:
            suppression.used = True
        silenced += bool(by)
        if not by:
            kept.append(violation)
    enabled = frozenset(enabled)
    if UNUSED in enabled:
        unused = [s for s in found.all if s.problem or (s.code in enabled and not s.used)]
        starts = [0, *(end.end() for end in re.finditer("\r\n|\r|\n", text))]
        reports = [_report(path, text, starts, s) for s in unused if s.code != UNUSED]
        kept += [r for r in reports if not any(s.code for s in found.covering(r))]
    return kept, silenced


class _ByLine:
    """Suppressions by the lines that they cover: a file has thousands, most for one line each."""

    def __init__(self, suppressions: Iterable[Suppression]) -> None:
        self.all = list(suppressions)
        self._near: dict[int, list[Suppression]] = {}
        self._far: list[Suppression] = []
        for each in self.all:
            if each.last - each.first > _FEW_LINES:
                self._far.append(each)
                continue
            for line in range(each.first, each.last + 1):
                self._near.setdefault(line, []).append(each)

    def covering(self, violation: Violation) -> list[Suppression]:
        """Those that silence a violation."""
        near = self._near.get(violation.line, ())
        return [each for each in (*near, *self._far) if each.covers(violation)]


def _report(path: str, text: str, starts: list[int], one: Suppression) -> Violation:
    line = bisect_right(starts, one.span[0]) - 1
    column = one.span[0] - starts[line] + 1
    if one.problem:
        message = f"this suppression does nothing: {one.problem}"
    else:
        message = f"this suppression silences nothing: {one.code} does not fire here. Remove it"
    fix = Fix((_removal(text, one),), True, "remove the suppression")
    end = column + one.span[1] - one.span[0]
    return Violation(path, line + 1, column, line + 1, end, UNUSED, message, (), fix)


def _removal(text: str, one: Suppression) -> Edit:
    """Takes out a code of several; all of its part of the comment where it was the only one."""
    start, end = one.segment
    comment = text[start:end]
    begin, stop = one.span[0] - start, one.span[1] - start
    left = comment[:begin].rstrip(" \t,"), comment[stop:].lstrip(" \t,")
    others = [code for code, _, _ in _listed(comment[stop:].strip(" \t,]"))]
    has_before = re.search(r"[A-Za-z]+\d+$", left[0]) is not None
    if others or has_before:
        glue = ", " if has_before and others else ""
        if not glue and not has_before:
            glue = " " if left[0].endswith(":") else ""
        elif not glue and left[1] and not left[1].startswith("]"):
            glue = " "
        return Edit(start, end, left[0] + glue + left[1])
    if text.startswith("#", end):
        return Edit(start, end, "")
    while start > 0 and text[start - 1] in " \t":
        start -= 1
    if start == 0 or text[start - 1] in "\r\n":
        newline = re.compile("\r\n|\r|\n").match(text, end)
        end = newline.end() if newline else end
    return Edit(start, end, "")

"""IPython's own syntax made Python that does nothing, every other character left in its place.

`%time f()`, `!ls`, `name?`, `x = !ls`, `%%bash`: a notebook's cell may hold them beside Python.
"""

from __future__ import annotations

import re

from funcpipe_lint.read.syntax import is_python

# Their cell is Python below the first line; every other cell magic has a body of another language,
# or of another process.
_PYTHON_CELLS = frozenset(
    (
        "time",
        "timeit",
        "capture",
        "prun",
        "debug",
        "memit",
        "mprun",
        "snakeviz",
        "pyinstrument",
        "scalene",
        "ipytest",
    )
)
_CELL = re.compile(r"\s*%%(?P<name>[\w.]*)")
_LINE = re.compile(r"\s*[%!?,;/]")
_HELP = re.compile(r"\s*[\w.%*]+\?{1,2}\s*;?\s*$")
_ASSIGNED = re.compile(r"(?P<target>\s*[A-Za-z_][\w\s,.\[\]'\"*]*=\s*)[%!]")
# Without their `%`, as IPython takes them where no variable of the name is in the way.
_AUTOMATIC = re.compile(
    r"\s*(?:pip|conda|mamba|uv|cd|ls|ll|cat|cp|mv|mkdir|rm|man|more|less)\s+[\w./~$\"'-]"
)
_TOKEN = re.compile(
    r"(?P<comment>\#[^\r\n]*)"
    r"|(?P<quote>\"\"\"|'''|\"|')"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])"
    r"|(?P<continued>\\(?=\r|\n|$))"
    r"|(?P<end>\r\n|\r|\n)"
)


def blanked(source: str) -> tuple[str, bool]:
    """(a cell's code with its magics blanked, whether the cell holds no Python at all).

    The code is as long as the source, line by line. A cell that is Python as it stands is returned
    as it is. O(source).
    """
    first = source[: len(source) - len(source.lstrip())]
    cell = _CELL.match(source)
    if cell is not None:
        line_end = _end_of_line(source, cell.end())
        if cell["name"] not in _PYTHON_CELLS:
            return _blank(source), True
        head = first + _nothing(source[len(first) : line_end])
        return head + blanked(source[line_end:])[0], False
    if is_python(source):
        return source, False
    return _without_line_magics(source), False


def _without_line_magics(source: str) -> str:
    out: list[str] = []
    at = 0
    while at < len(source):
        end = _end_of_statement_line(source, at)
        line = source[at:end]
        magic = _magic_start(line)
        if magic is None:
            at, piece = _end_of_statement(source, at), ""
            piece = source[end - len(line) : at]
        else:
            piece = line[:magic] + _nothing(line[magic:])
            at = end
        out.append(piece)
    return "".join(out)


def _magic_start(line: str) -> int | None:
    """Where in a statement's first line a magic begins; None where it holds none."""
    assigned = _ASSIGNED.match(line)
    if assigned is not None:
        return assigned.end("target")
    if _LINE.match(line) or _HELP.match(line):
        return len(line) - len(line.lstrip())
    if _AUTOMATIC.match(line) and not is_python(line.strip()):
        return len(line) - len(line.lstrip())
    return None


def _end_of_line(source: str, at: int) -> int:
    """The offset of the next line end."""
    found = re.compile(r"\r\n|\r|\n").search(source, at)
    return found.start() if found else len(source)


def _end_of_statement_line(source: str, at: int) -> int:
    """The offset behind a magic's line: lines that end in a backslash go on."""
    while True:
        end = _end_of_line(source, at)
        newline = re.compile(r"\r\n|\r|\n").match(source, end)
        after = newline.end() if newline else end
        if newline is None or not source[at:end].endswith("\\"):
            return after
        at = after


def _end_of_statement(source: str, at: int) -> int:
    """The offset behind a logical line of Python: brackets, strings and backslashes span lines."""
    depth = 0
    while True:
        token = _TOKEN.search(source, at)
        if token is None:
            return len(source)
        at = token.end()
        if token["quote"]:
            at = _end_of_string(source, at, token["quote"])
        elif token["open"]:
            depth += 1
        elif token["close"]:
            depth -= 1
        elif token["continued"]:
            newline = re.compile(r"\r\n|\r|\n").match(source, at)
            at = newline.end() if newline else at
        elif token["end"] and depth <= 0:
            return at


def _end_of_string(source: str, at: int, quote: str) -> int:
    """The offset behind a string's closing quote, or behind the line that it never ends on."""
    closing = re.compile(rf"(?:[^\\]|\\.)*?{quote}", re.DOTALL).match(source, at)
    if len(quote) == 3:
        return closing.end() if closing else len(source)
    line_end = _end_of_line(source, at)
    return closing.end() if closing and closing.end() <= line_end else line_end


def _nothing(magic: str) -> str:
    """A statement that does nothing, as long as a magic, line by line."""
    blank = _blank(magic)
    return "0" + blank[1:] if magic.strip() else blank


def _blank(text: str) -> str:
    """Blanks in place of everything but line ends."""
    return re.sub(r"[^\r\n]", " ", text)

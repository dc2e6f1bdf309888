"""Files that break parsers, linters and their readers, by name: each has broken one somewhere.

What must happen to each is in the name's entry: `None`, the leak in it is found; else words
of the reason for which it is not checked ("": either will do, or there is nothing to find).
"""

from __future__ import annotations

from typing import NamedTuple

ROWS = "async def rows(p):\n    async with p as c:\n        yield c\n"
LEAK = "async def leak(p):\n    async for r in rows(p):\n        yield r\n"


class Trap(NamedTuple):
    """A file's bytes, and the reason for which it is refused; empty: some versions of Python refuse
    it."""

    raw: bytes
    refusal: str | None = None


def _with(text: str, refusal: str | None = None) -> Trap:
    """A text between a stream and a leak of it."""
    return Trap(f"{ROWS}{text}\n{LEAK}".encode(), refusal)


def _encoded(encoding: str, body: str = "s = 'a~'") -> Trap:
    return Trap(f"# coding: {encoding}\n{body}\n{ROWS}{LEAK}".encode(encoding))


def _nested(opening: str, middle: str, closing: str, depth: int) -> str:
    return opening * depth + middle + closing * depth


_DEEP = "cannot be checked: its"
_NO_PYTHON = "is not valid Python"

TRAPS: dict[str, Trap] = {
    # nestings: CPython refuses some, libcst dies of others or takes minutes
    "190 parentheses": _with("x = " + _nested("(", "1", ")", 190)),
    "1,500 parentheses": _with("x = " + _nested("(", "1", ")", 1_500), _NO_PYTHON),
    "100,000 parentheses": _with("x = " + _nested("(", "1", ")", 100_000), _NO_PYTHON),
    "90 calls": _with("x = " + _nested("f(", "", ")", 90)),
    "800 calls": _with("x = " + _nested("f(", "", ")", 800), _NO_PYTHON),
    "90 lists": _with("x = " + _nested("[", "", "]", 90)),
    "90 dicts": _with("x = " + _nested("{1: ", "1", "}", 90)),
    "60 lambdas": _with("x = " + "lambda: " * 60 + "1"),
    "900 lambdas": _with("x = " + "lambda: " * 900 + "1", ""),
    "60 conditionals": _with("x = " + "1 if y else " * 60 + "2"),
    "2,000 nots": _with("x = " + "not " * 2_000 + "1", ""),
    "2,000 minuses": _with("x = " + "-" * 2_000 + "1", ""),
    "6 mapping patterns": _with(
        "match y:\n    case " + _nested("{'k': ", "x", "}", 6) + ":\n        pass"
    ),
    "15 mapping patterns": _with(
        "match y:\n    case " + _nested("{'k': ", "x", "}", 15) + ":\n        pass", _DEEP
    ),
    "15 sequence patterns": _with(
        "match y:\n    case " + _nested("[", "x", "]", 15) + ":\n        pass", _DEEP
    ),
    "15 class patterns": _with(
        "match y:\n    case " + _nested("C(", "x", ")", 15) + ":\n        pass", _DEEP
    ),
    "95 blocks": _with("".join("  " * i + "if a:\n" for i in range(95)) + "  " * 95 + "pass"),
    "150 blocks": _with(
        "".join(" " * i + "if a:\n" for i in range(150)) + " " * 150 + "pass", _NO_PYTHON
    ),
    "60 functions in each other": _with(
        "".join("  " * i + "def f():\n" for i in range(60)) + "  " * 60 + "pass"
    ),
    "60 comprehensions in each other": _with("x = " + _nested("[", "1", " for a in b]", 60)),
    # chains: what walks by recursion dies of them
    "500 terms": _with("x = " + " + ".join("a" * 500)),
    "2,000 terms": _with("x = " + " + ".join("a" * 2_000)),
    "5,000 terms": _with("x = " + " + ".join("a" * 5_000), ""),
    "500 attributes": _with("x = a" + ".b" * 500),
    "2,000 attributes": _with("x = a" + ".b" * 2_000),
    "500 calls in a row": _with("x = a" + ".b()" * 500),
    "900 calls in a row": _with("x = a" + ".b()" * 900),
    "3,000 calls in a row": _with("x = a" + ".b()" * 3_000, ""),
    "500 subscripts": _with("x = a" + "[0]" * 500),
    "500 elif": _with("if a: pass\n" + "elif b: pass\n" * 500),
    "500 links of `and`": _with("x = " + " and ".join("a" * 500)),
    "500 comparisons": _with("x = " + " < ".join("a" * 500)),
    "500 strings side by side": _with("x = " + " ".join(["'a'"] * 500)),
    "500 decorators": _with("@d\n" * 500 + "def f(): pass"),
    # sizes
    "5 MB of text": _with('x = """\n' + "some text, 12345,\n" * 280_000 + '"""'),
    "5 MB of data": Trap(b"x = [\n" + b"    'some text', 12345,\n" * 230_000 + b"]\n", ""),
    "a line of 1 MB": _with("x = '" + "y" * 1_000_000 + "'"),
    "2,000 functions": _with("".join(f"def f{i}(): return f{i}\n" for i in range(2_000))),
    "a number of 5,000 digits": _with("x = " + "9" * 5_000),
    # bytes and encodings
    "NUL": Trap((ROWS + "x = '\0'\n" + LEAK).encode(), "NUL"),
    "lone CR": Trap((ROWS + LEAK).replace("\n", "\r").encode()),
    "CRLF": Trap((ROWS + LEAK).replace("\n", "\r\n").encode()),
    "mixed line ends": Trap(ROWS.replace("\n", "\r").encode() + LEAK.encode()),
    "no final line end": Trap((ROWS + LEAK).rstrip("\n").encode()),
    "byte-order mark": Trap(b"\xef\xbb\xbf" + (ROWS + LEAK).encode()),
    "UTF-16": Trap((ROWS + LEAK).encode("utf-16"), "it is UTF-16"),
    "latin-1": _encoded("latin-1", "s = 'é'"),
    "latin-1 without a cookie": Trap((ROWS + "# é\n" + LEAK).encode("latin-1"), "is not utf-8"),
    "shift_jis": _encoded("shift_jis", "s = '表'"),
    "utf-7": _encoded("utf-7", "s = 'é'"),
    "an unknown cookie": Trap(("# coding: klingon\n" + ROWS + LEAK).encode(), "unknown encoding"),
    **{
        f"the codec {name}, which makes no text": Trap(
            (f"# coding: {name}\n" + ROWS + LEAK).encode(), "is no encoding of text"
        )
        for name in ("rot13", "hex", "zlib", "bz2", "base64", "uu", "quopri")
    },
    **{
        f"the codec {name}": Trap(
            (f"# coding: {name}\n" + ROWS + LEAK).encode(), "cannot be decoded: "
        )
        for name in ("punycode", "undefined")
    },
    "the codec idna": Trap(("# coding: idna\n" + ROWS + LEAK).encode()),
    "the codec unicode_escape": Trap(("# coding: unicode_escape\n" + ROWS + LEAK).encode()),
    "a cookie against the mark": Trap(
        b"\xef\xbb\xbf" + ("# coding: latin-1\n" + ROWS + LEAK).encode(), "contradicts"
    ),
    "an encoded surrogate": Trap((ROWS + LEAK).encode() + b"s = '\xed\xa0\x80'\n", "is not utf-8"),
    "an escaped surrogate": _with("s = '\\ud800'"),
    "form feeds": Trap(("\f" + ROWS + "\f\n" + LEAK).encode()),
    "a form feed in the indentation": _with("if a:\n\f    pass"),
    "line separators in strings": _with("s = '\u2028\x1c\x85'"),
    "wide characters": _with("é = '😀'; x = 'é'"),
    "tabs and blanks mixed": _with("if a:\n        x\n\ty", _NO_PYTHON),
    "empty": Trap(b"", ""),
    "a byte-order mark alone": Trap(b"\xef\xbb\xbf", ""),
    "blanks alone": Trap(b" \n\t\n\f\n", ""),
    # what libcst refuses or loses, though it is Python
    "(x): int": _with("(x): int = 1", "libcst cannot parse it"),
    "a comment between async and for": Trap(
        (ROWS + LEAK + "    x = [r async # c\n      for r in rows(p)]\n").encode(),
        "libcst cannot parse it",
    ),
    "a line end between async and for": Trap(
        (ROWS + LEAK + "    x = [r async\n      for r in rows(p)]\n").encode(),
        "libcst cannot parse it",
    ),
    "the same in a function that no rule asks for": Trap(
        (ROWS + "async def g(p):\n    x = [r async\n      for r in rows(p)]\n" + LEAK).encode(),
    ),
    "except E :": _with("try:\n    pass\nexcept E :\n    pass"),
    'f"{x!s  }"': _with('s = f"{x!s  }"'),
    "an escaped line end before the end": _with("x = 1 + \\\n  2"),
    # later Pythons
    "a t-string": _with("from funcpipe_streams import Ok\nx = t'{a!r:>{b}} {c=}'"),
    "a t-string of several lines": _with('x = t"""a\n{a}\n    {b}"""'),
    "except A, B:": _with("try:\n    pass\nexcept A, B:\n    pass"),
    "unpacking in a comprehension": _with("x = [*a for a in b]\ny = {**a for a in b}"),
    "a lazy import": _with("lazy import a.b\nlazy from c import d"),
    # no Python
    "an open string": _with("s = '''", _NO_PYTHON),
    "an open bracket": _with("x = (", _NO_PYTHON),
    "Python 2": _with("print 'x'", _NO_PYTHON),
    "a merge conflict": _with("<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> x", _NO_PYTHON),
    "binary": Trap(bytes(range(1, 256)) * 40, "cannot be decoded"),
}

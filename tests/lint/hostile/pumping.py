"""Pumps every pattern that the linter compiles: `python -m tests.lint.hostile.pumping` prints those
whose work grows faster than the text. Run by test_patterns, in a process of its own, with
`--quick`: fewer of a pattern's own words are put among what is repeated (a third of the time)."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

CASES = Path(__file__).parents[1] / "cases"
SIZE = 4_000
QUICK = 0.001  # seconds; a quadratic pattern takes some ten times that
# What is repeated; each pattern is pumped with its own words too.
PIECES = (
    *(" ", "\t", "\n", "\\\n", "\\\r\n", "#", "#\n", "# x\n", "'", '"', "'a' ", '"""', "f'{", ","),
    *("(", ")", "[", "]", "{", "}", "a", "a.", "a ", "a, ", "a = ", "a: ", "-> a", "=", ":", ";"),
    *(
        "async ",
        "async #",
        "# async for\n",
        "async\\\n",
        "in ",
        "# in\n",
        "def a(",
        "def\\\n",
        "@a\n",
    ),
    # Comments that no line ends, behind all that may stand before one.
    *(f"{mark} #" for mark in (".", "(", ")", "[", "]", "=", ":", ",", "a", "a.", "@", "->", "*")),
    *("noqa: FP303 ", "# noqa: FP1\n", "# funcpipe: ignore[FP1] ", "self.", "a_lock", "lambda:"),
)
_WORD = re.compile(r"[A-Za-z_]{2,}")
_NO_WORD = re.compile(r"\\[a-zA-Z]|\\x[0-9a-f]{2}|\(\?P?[a-zA-Z<=!:]+")


class Recorded:
    """A pattern, and which of its methods are called."""

    every: list[Recorded] = []  # noqa: RUF012 - one list for all, on purpose

    def __init__(self, real: re.Pattern[Any]) -> None:
        self.real = real
        self.used: set[str] = set()
        self.every.append(self)

    def __getattr__(self, name: str) -> Any:
        if name in ("search", "match", "fullmatch", "finditer", "findall", "sub"):
            self.used.add(name)
        return getattr(self.real, name)


def recording() -> None:
    """From now on the patterns of the linter are recorded."""
    real = re.compile

    def compiled(pattern: Any, flags: Any = 0) -> Any:
        made = real(pattern, flags)
        caller = sys._getframe(1).f_globals.get("__name__", "")
        return Recorded(made) if caller.startswith("funcpipe_lint") else made

    re.compile = compiled


def texts(pattern: str, most: int) -> Iterator[tuple[str, str]]:
    """(head, piece): a pattern's own words, at most so many, before each piece, and among them."""
    words = list(dict.fromkeys(_WORD.findall(_NO_WORD.sub(" ", pattern))))[:most]
    own = [f"{word}{end}" for word in words for end in (" ", "\n", "(", " #", "\\\n")]
    own += [f"# {word}\n" for word in words]
    for head in ("", *words[: most - 2]):
        for piece in (*PIECES, *own):
            yield head, piece


def work(one: Recorded, head: str, piece: str, size: int) -> float:
    """The processor time that what is called of a pattern takes on a text."""
    text: Any = head + piece * (size // len(piece)) + "!"
    if isinstance(one.real.pattern, bytes):
        text = text.encode()
    start = time.process_time()
    for name in one.used & {"search", "match", "fullmatch"}:
        getattr(one.real, name)(text)
    if one.used - {"search", "match", "fullmatch"}:
        for _ in one.real.finditer(text):
            pass
    return time.process_time() - start


def grows(one: Recorded, head: str, piece: str) -> bool:
    """Whether four times the text takes much more than four times the work, whenever it is asked:
    on a busy machine some measurements are twice what they should be."""
    if work(one, head, piece, SIZE) < QUICK:
        return False
    return all(_takes_more(one, head, piece) for _ in range(4))


def _takes_more(one: Recorded, head: str, piece: str) -> bool:
    few, many = (min(work(one, head, piece, n) for _ in range(3)) for n in (SIZE, 4 * SIZE))
    return few >= QUICK / 4 and many > 10 * few


def main() -> None:
    """Uses every pattern on the cases, then pumps it."""
    most = 3 if "--quick" in sys.argv[1:] else 5
    recording()
    package = importlib.import_module("funcpipe_lint")
    for found in pkgutil.walk_packages(package.__path__, "funcpipe_lint."):
        if not found.name.endswith("__main__"):
            with suppress(
                ModuleNotFoundError
            ):  # what an extra brings: no pattern reads a file there
                importlib.import_module(found.name)
    engines = importlib.import_module("funcpipe_lint.check.engine")
    settings_for = importlib.import_module("funcpipe_lint.config.settings").settings_for
    for options in ({"profile": "strict"}, {"select": ["ALL"], "discipline": "all"}):
        engine = engines.Engine(settings_for(options))
        for path in sorted(CASES.glob("*.py")):
            engine.check(str(path), path.read_bytes(), is_syntax_due=False)
    patterns = {one.real: one for one in Recorded.every if one.used}
    print(len(patterns), "patterns pumped")
    for one in patterns.values():
        worst = [pair for pair in texts(str(one.real.pattern), most) if grows(one, *pair)]
        if worst:
            print(repr(one.real.pattern), *worst[:3])


if __name__ == "__main__":
    main()

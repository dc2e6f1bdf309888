"""Pumps the example of every rule: `python -m tests.lint.hostile.pumped_examples [CODE...]` prints
those that take more than their share of work as they are repeated. Calls are counted, not
seconds."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.model.codes import RULES, load

FEWEST = 4
"""Copies of the smallest text; the others are of twice and of four times as many."""
MORE = 16
"""Copies where the first ones showed too much: what is looked at up to a limit, such as the first
40 meanings of a name, has come to it then."""
MOST = 2.5
"""Twice the copies may add this many times what the first ones added: 2 where the work grows as
the text does, 4 where it grows as its square."""


class Pumped(NamedTuple):
    """An example, repeated in one way, and the calls that each of three sizes took."""

    name: str
    calls: tuple[int, int, int]

    @property
    def growth(self) -> float:
        """What the last copies took, of what as many half as far took."""
        few, some, many = self.calls
        return (many - some) / max(some - few, 1)


def body_repeated(text: str, times: int) -> str:
    """The body of the longest function, so many times in one function."""
    lines = text.splitlines(keepends=True)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)]
    longest = max(functions, key=lambda node: (node.end_lineno or 0) - node.body[0].lineno)
    start, end = longest.body[0].lineno - 1, longest.end_lineno
    return "".join([*lines[:start], *lines[start:end] * times, *lines[end:]])


def functions_repeated(text: str, times: int) -> str:
    """All that follows the imports, so many times under other names."""
    body = ast.parse(text).body
    imports = (
        node.end_lineno or 0 for node in body if isinstance(node, ast.Import | ast.ImportFrom)
    )
    lines = text.splitlines(keepends=True)
    head = max(imports, default=0)
    rest = "".join(lines[head:])
    names = [name for node in body if (name := getattr(node, "name", None))]
    found = re.compile(rf"\b({'|'.join(map(re.escape, names)) or '(?!)'})\b")
    copies = (found.sub(rf"\1_{number}", rest) + "\n" for number in range(times))
    return "".join([*lines[:head], *copies])


WAYS: tuple[Callable[[str, int], str], ...] = (body_repeated, functions_repeated)


def calls(engine: Engine, text: str) -> int:
    """How many functions are called while every rule looks at a text."""
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    re.purge()
    sys.setprofile(counted)
    try:
        engine.check("m.py", text.encode())
    finally:
        sys.setprofile(None)
    return count


def pumped(code: str) -> Iterator[Pumped]:
    """What becomes of the first bad and the first good example of a rule, in each way."""
    engine = Engine(settings_for({"select": ["ALL"]}))
    rule = load(code)
    for kind, example in (("bad", rule.bad[0]), ("good", rule.good[0])):
        engine.check("m.py", body_repeated(example.code, 2).encode())  # whatever is made once
        for way in WAYS:
            for fewest in (FEWEST, MORE):
                sizes = (fewest, 2 * fewest, 4 * fewest)
                few, some, many = (calls(engine, way(example.code, size)) for size in sizes)
                found = Pumped(f"{code} {kind}: {way.__name__}", (few, some, many))
                if found.growth <= MOST:
                    break
            yield found


def main(codes: list[str]) -> int:
    """Prints what grows too fast, and how many were pumped; returns the exit code."""
    found = [each for code in codes or RULES for each in pumped(code)]
    print(len(found), "examples pumped")
    growing = [each for each in found if each.growth > MOST]
    for each in growing:
        print(f"{each.name}: {each.calls} calls, {each.growth:.2f}")
    return int(bool(growing))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

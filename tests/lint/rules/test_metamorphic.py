"""Changes of a file that must not change what is found, and changes that must silence it."""

from __future__ import annotations

import ast
import builtins
import io
import itertools
import re
import subprocess
import sys
import tokenize
from collections import Counter
from pathlib import Path

import pytest

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.check.fixing.fix import fixed
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.model.codes import RULES
from funcpipe_lint.read.source import Source

HERE = Path(__file__).parents[1]
CASES = sorted((HERE / "cases").glob("*.py"))
PROGRAMS = sorted((HERE / "cases" / "programs").glob("*.py"))
HEADER = re.compile(r"# options: (.*)")
# Names that say something to a rule: locks, breakers, selectors, event loops, shells, logs.
MEANT = re.compile(
    r"lock|mutex|semaphore|condition|limiter|take_|until|tap_|filter_|partition|breaker"
    r"|short_circuit|^_|loop|main|^test|log|conn|client|peer|sock|listener|server|session|worker"
    r"|tracer|all|sort|permut|aclose|source",
    re.IGNORECASE,
)


def engine_of(code: str) -> Engine:
    """An engine under the configuration that a case's first line holds."""
    import tomllib

    found = HEADER.search(code.split("\n", 1)[0])
    options = tomllib.loads("o = {" + found[1] + "}")["o"] if found else {}
    return Engine(settings_for(options))


def findings(code: str, engine: Engine) -> Counter[tuple[int, str]]:
    """How often each rule speaks on each line."""
    report = engine.check("case.py", code.encode())
    assert report.crashes == ()
    return Counter((v.line, v.code) for v in report.violations)


def moved(found: Counter[tuple[int, str]], lines: int) -> Counter[tuple[int, str]]:
    """The findings, some lines further down."""
    return Counter({(line + lines, code): n for (line, code), n in found.items()})


def string_lines(code: str) -> set[int]:
    """The lines that begin inside a string."""
    inside: set[int] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno is not None:
            inside.update(range(node.lineno + 1, node.end_lineno + 1))
    return inside


def indented(code: str) -> str:
    """All of a module inside `if True:`."""
    first, *rest = code.split("\n")
    keep = string_lines(code)
    body = [
        line if number in keep or not line else f"    {line}" for number, line in enumerate(rest, 2)
    ]
    return "\n".join([first, "if True:", *body])


def with_future(code: str) -> str:
    """A module with `from __future__ import annotations` below its docstring."""
    head = ast.parse(code).body[0]
    has_docstring = isinstance(head, ast.Expr) and isinstance(head.value, ast.Constant)
    after = (head.end_lineno or 0) if has_docstring else 1
    lines = code.split("\n")
    return "\n".join([*lines[:after], "from __future__ import annotations", *lines[after:]])


def quoted(code: str) -> str:
    """A module whose annotations of parameters and results are strings."""
    lines = code.split("\n")
    notes: list[ast.expr] = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
            notes.append(node.returns)
        elif isinstance(node, ast.arg) and node.annotation is not None:
            notes.append(node.annotation)
    for note in sorted(notes, key=lambda n: (n.lineno, n.col_offset), reverse=True):
        if isinstance(note, ast.Constant) or note.lineno != note.end_lineno:
            continue
        line = lines[note.lineno - 1]
        text = line[note.col_offset : note.end_col_offset]
        if "'" not in text and '"' not in text:
            lines[note.lineno - 1] = (
                f"{line[: note.col_offset]}'{text}'{line[note.end_col_offset :]}"
            )
    return "\n".join(lines)


def renamed(code: str) -> str:
    """A module whose own variables, parameters and functions have other names."""
    tree = ast.parse(code)
    bound: set[str] = set()
    kept: set[str] = {"self", "cls", *dir(builtins)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            bound.add(node.name)
        elif isinstance(node, ast.ClassDef):
            kept.update(getattr(each, "name", "") for each in node.body)
        elif isinstance(node, ast.keyword):
            kept.add(node.arg or "")
        elif isinstance(node, ast.alias):
            kept.update((node.name, node.asname or ""))
        elif isinstance(node, ast.MatchAs | ast.MatchStar):
            kept.add(node.name or "")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            kept.update(re.findall(r"\w+", node.value))
    chosen = {name for name in bound - kept if not MEANT.search(name)}
    tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    strings = {w for t in tokens if t.type == tokenize.STRING for w in re.findall(r"\w+", t.string)}
    lines = code.split("\n")
    edits = [
        token
        for before, token in itertools.pairwise(tokens)
        if token.type == tokenize.NAME and token.string in chosen - strings and before.string != "."
    ]
    for token in reversed(edits):
        row, column = token.start
        line = lines[row - 1]
        lines[row - 1] = f"{line[:column]}q_{token.string}{line[token.end[1] :]}"
    return "\n".join(lines)


class Stripper(ast.NodeTransformer):
    """Takes every `async` and `await` away."""

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        self.generic_visit(node)
        return ast.copy_location(ast.FunctionDef(**vars(node)), node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        self.generic_visit(node)
        return ast.copy_location(ast.For(**vars(node)), node)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AST:
        self.generic_visit(node)
        return ast.copy_location(ast.With(**vars(node)), node)

    def visit_Await(self, node: ast.Await) -> ast.AST:
        self.generic_visit(node)
        return node.value

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        node.is_async = 0
        return node


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def ids(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", CASES, ids=ids)
def test_wrapping_in_if_true_changes_nothing(path: Path) -> None:
    """Imports and definitions count at any depth of the module."""
    code = read(path)
    engine = engine_of(code)
    assert findings(indented(code), engine) == moved(findings(code, engine), 1)


@pytest.mark.parametrize("path", CASES, ids=ids)
def test_future_annotations_change_nothing(path: Path) -> None:
    """`from __future__ import annotations` moves every finding down by a line."""
    code = read(path)
    if "from __future__" in code:
        pytest.skip("it has them already")
    engine = engine_of(code)
    after = with_future(code)
    at = after.split("\n").index("from __future__ import annotations") + 1
    found = findings(code, engine)
    assert all(line >= at for line, _ in found)
    assert findings(after, engine) == moved(found, 1)


@pytest.mark.parametrize("path", CASES, ids=ids)
def test_quoted_annotations_change_nothing(path: Path) -> None:
    """A string annotation says what it says without its quotes."""
    code = read(path)
    engine = engine_of(code)
    assert findings(quoted(code), engine) == findings(code, engine)


@pytest.mark.parametrize("path", CASES, ids=ids)
def test_new_names_change_nothing(path: Path) -> None:
    """What a module calls its own things, beyond the words that mean something, is its own."""
    code = read(path)
    engine = engine_of(code)
    assert findings(renamed(code), engine) == findings(code, engine)


@pytest.mark.parametrize("path", CASES, ids=ids)
def test_another_layout_changes_nothing(path: Path) -> None:
    """The same findings, rule by rule, after all layout and comments are gone."""
    code = read(path)
    engine = engine_of(code)
    bare = Engine(engine.settings, noqa=False)
    layout = ast.unparse(ast.parse(code))
    before = Counter(v.code for v in bare.check("case.py", code.encode()).violations)
    after = Counter(v.code for v in bare.check("case.py", layout.encode()).violations)
    assert after == before


# Rules that speak of plain generators, and of what describes them, too.
SYNC_TOO = {"FP101", *("FP201", "FP202", "FP203", "FP204", "FP205"), "FP501", "FP601", "FP602"}
SYNC_TOO |= {"FP401", "FP402", "FP403", "FP404"}


@pytest.mark.parametrize("path", CASES, ids=ids)
def test_without_async_the_rules_of_async_streams_are_silent(path: Path) -> None:
    """A rule that is not about sync streams too says nothing once every `async` is gone."""
    code = read(path)
    stripped = ast.unparse(Stripper().visit(ast.parse(code)))
    report = engine_of(code).check("case.py", stripped.encode())
    assert report.crashes == ()
    spoken = {v.code for v in report.violations if v.code in RULES}
    assert spoken <= SYNC_TOO


@pytest.mark.parametrize("path", CASES, ids=ids)
def test_a_fixed_file_has_nothing_left_to_fix(path: Path) -> None:
    """Fixing once leaves no finding that carries a fix, and fixing again changes nothing."""
    code = read(path)
    engine = engine_of(code)
    once = fixed("case.py", Source.decode(code.encode()), engine, unsafe=True).text
    left = engine.check("case.py", once.encode()).violations
    assert [(v.line, v.code) for v in left if v.fix is not None] == []
    assert fixed("case.py", Source.decode(once.encode()), engine, unsafe=True).text == once


def printed(program: Path, code: str, folder: Path) -> str:
    """What a program prints."""
    file = folder / program.name
    file.write_text(code, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-X", "dev", str(file)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.parametrize("program", PROGRAMS, ids=ids)
def test_fixes_do_not_change_what_a_program_prints(program: Path, tmp_path: Path) -> None:
    """A program that is fixed prints what it printed before: by safe fixes alone, or by those that
    are unsafe for type checkers alone."""
    code, unsafe = read(program), program.stem == "annotated"
    after = fixed(program.name, Source.decode(code.encode()), engine_of(code), unsafe=unsafe).text
    assert after != code, "the program has to hold something that is fixed"
    assert printed(program, after, tmp_path) == printed(program, code, tmp_path)

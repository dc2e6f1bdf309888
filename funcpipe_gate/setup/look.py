"""What a project has that the gate can look at. Files are read, nothing of them is run."""

from __future__ import annotations

import ast
import os
import re
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from funcpipe_lint.config.discover import discover
from funcpipe_lint.config.resolver import Resolver
from funcpipe_lint.program.facts.lenient import parsed as later
from funcpipe_lint.read.source import Source, UndecodableError
from funcpipe_lint.read.syntax import UNPARSABLE, parse

FRAMEWORKS = ("FastAPI", "Starlette", "Litestar", "Quart", "Sanic", "BlackSheep")
RESULTS = ("returns", "result", "expression", "funcpipe_streams", "rusty_results", "safe_result")
CI = {
    ".github/workflows": "GitHub Actions",
    ".gitlab-ci.yml": "GitLab CI",
    ".pre-commit-config.yaml": "pre-commit",
}
_WORDS = re.compile(
    rb"\basync\s+def\b|\bStreamInstance\b|\b(?:" + "|".join(FRAMEWORKS).encode() + rb")\b"
)
_TEST = re.compile(r"(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$")
_METHODS = ("get", "route")


@dataclass(slots=True)
class Seen:
    """What was found. Paths and module names are sorted."""

    root: Path
    files: int = 0
    tops: set[str] = field(default_factory=set)
    """Folders and files at the root that hold code which is no test."""
    streams: dict[str, int] = field(default_factory=dict)
    """Files with async generators, and how many."""
    builders: set[str] = field(default_factory=set)
    """Top-level packages and modules with functions that make streams."""
    suites: list[str] = field(default_factory=list)
    """Modules that hold combinators by names that the laws know, or an instance."""
    applications: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    results: set[str] = field(default_factory=set)
    """The Result libraries that are imported."""
    tests: int = 0
    test_folders: set[str] = field(default_factory=set)
    """Folders at the root that hold them; empty where pytest's configuration names its own."""
    is_src: bool = False
    is_typed: bool = False
    ci: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def look(root: Path) -> Seen:
    """Read the project's files, those that git ignores left out."""
    seen = Seen(root, ci=[name for path, name in CI.items() if (root / path).exists()])
    targets, _ = discover([str(root)], Resolver(with_plugins=False))
    paths = [os.path.relpath(target.path, root) for target in targets]
    seen.is_src = any(path.startswith(f"src{os.sep}") for path in paths)
    for path in sorted(paths):
        name = Path(path).as_posix()
        if name.endswith((".py", ".pyi")):
            _read(seen, name)
    seen.is_typed = _is_typed(root)
    if _names_tests(root):
        seen.test_folders.clear()
    return seen


def module_of(seen: Seen, path: str) -> str:
    """The dotted name that a file is imported by."""
    parts = list(Path(path).with_suffix("").parts)
    if seen.is_src and parts[0] == "src":
        del parts[0]
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)


def _read(seen: Seen, path: str) -> None:
    seen.files += 1
    if _TEST.search(path):
        if path.rpartition("/")[2] != "conftest.py":
            seen.tests += 1
            seen.test_folders.add(path.rpartition("/")[0].partition("/")[0])
        return
    if path.startswith(("docs/", "examples/", "tests/", "test/", "benchmarks/")):
        return
    head, _, rest = path.partition("/")
    seen.tops.add(head if rest or head.endswith(".py") else path)
    try:
        raw = (seen.root / path).read_bytes()
        if not _WORDS.search(raw):
            return
        tree = _parsed(raw)
    except (OSError, UndecodableError, *UNPARSABLE) as error:
        seen.unread.append(f"{path}: {type(error).__name__}")
        return
    _note(seen, path, tree)


def _parsed(raw: bytes) -> ast.Module:
    """The tree of a file, also of one in a later Python than this one. Raises what parsing does."""
    try:
        return parse(raw)
    except SyntaxError:
        tree = later(Source.decode(raw).text)
        if tree is None:
            raise
        return tree


def _note(seen: Seen, path: str, tree: ast.Module) -> None:
    module = module_of(seen, path)
    inner = {id(f) for g in _functions(tree) for f in _functions(g) if f is not g}
    generators = [f for f in _functions(tree) if isinstance(f, ast.AsyncFunctionDef) and _yields(f)]
    if generators:
        seen.streams[path] = len(generators)
    if any(id(generator) in inner for generator in generators):
        seen.builders.add(module.partition(".")[0])
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            seen.results |= _top_names(node) & set(RESULTS)
    if _is_suite(tree):
        seen.suites.append(module)
    for name, call in _assigned_calls(tree):
        if call in FRAMEWORKS:
            seen.applications.append(f"{module}:{name}")
            seen.requests += _requests(tree, name)


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _yields(function: ast.AsyncFunctionDef) -> bool:
    """Whether it has a yield of its own."""
    left: list[ast.AST] = list(function.body)
    while left:
        node = left.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            left += ast.iter_child_nodes(node)
    return False


def _top_names(node: ast.Import | ast.ImportFrom) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    return {(node.module or "").partition(".")[0]} if not node.level else set()


def _is_suite(tree: ast.Module) -> bool:
    """Whether the laws find operations in it: by an instance, or by two names that they know."""
    from funcpipe_laws.finding.discover import NAMES

    known = {name for names in NAMES["stream"].values() for name in names}
    top = {f.name for f in tree.body if isinstance(f, ast.FunctionDef)}
    instances = [call for _, call in _assigned_calls(tree) if call == "StreamInstance"]
    return bool(instances) or len(top & known) > 1


def _assigned_calls(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The names of a module that a call's result is bound to, and the last name of the callee."""
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            callee = ast.unparse(node.value.func).rpartition(".")[2]
            for target in targets:
                if isinstance(target, ast.Name):
                    yield target.id, callee


def _requests(tree: ast.Module, name: str) -> Iterable[str]:
    """Paths without parameters that an application answers to GET."""
    for function in _functions(tree):
        for call in function.decorator_list:
            if isinstance(call, ast.Call) and _is_route(call.func, name) and call.args:
                yield from _path(call.args[0])
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Route" and node.args:
            yield from _path(node.args[0])


def _is_route(callee: ast.expr, name: str) -> bool:
    return ast.unparse(callee) in {f"{name}.{method}" for method in _METHODS}


def _path(argument: ast.expr) -> Iterable[str]:
    path = argument.value if isinstance(argument, ast.Constant) else None
    if isinstance(path, str) and path.startswith("/") and not set("{<") & set(path):
        yield f"GET {path}"


def _names_tests(root: Path) -> bool:
    """Whether pytest's configuration says where the tests are."""
    for name in ("pyproject.toml", "pytest.ini", "tox.ini", "setup.cfg"):
        with suppress(OSError):
            if re.search(rb"^\s*testpaths\s*=", (root / name).read_bytes(), re.MULTILINE):
                return True
    return False


def _is_typed(root: Path) -> bool:
    if (root / "mypy.ini").is_file() or (root / ".mypy.ini").is_file():
        return True
    with suppress(OSError, ValueError):
        document: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
        return "mypy" in document.get("tool", {})
    return False

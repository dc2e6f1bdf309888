"""The shell: code whose business it is to run streams."""

from __future__ import annotations

import fnmatch
from pathlib import PurePosixPath

import libcst as cst

from funcpipe_lint.rule import Context

_FILES = ("__main__.py", "conftest.py", "test_*.py", "*_test.py", "tests.py", "setup.py")
_FOLDERS = frozenset(("tests", "test", "testing", "examples", "example", "scripts", "benchmarks"))


def is_shell(ctx: Context, node: cst.CSTNode) -> bool:
    """Whether a node belongs to the shell: tests, `__main__` modules and blocks, scripts, examples,
    and the paths and functions that the configuration names in `shell`."""
    return (
        _is_shell_file(ctx)
        or _is_in_main_block(ctx, node)
        or any(
            isinstance(function, cst.FunctionDef) and _is_named(ctx, function.name.value)
            for function in ctx.tree.functions(node)
        )
    )


def _is_named(ctx: Context, name: str) -> bool:
    return any("/" not in glob and fnmatch.fnmatchcase(name, glob) for glob in ctx.settings.shell)


def _is_shell_file(ctx: Context) -> bool:
    path = PurePosixPath(ctx.path.replace("\\", "/"))
    if any(fnmatch.fnmatchcase(path.name, pattern) for pattern in _FILES):
        return True
    if _FOLDERS & set(path.parts[:-1]):
        return True
    text = path.as_posix()
    return any(
        fnmatch.fnmatchcase(text, glob) or fnmatch.fnmatchcase(text, f"*/{glob}")
        for glob in ctx.settings.shell
        if "/" in glob or glob.endswith(".py")
    )


def _is_in_main_block(ctx: Context, node: cst.CSTNode) -> bool:
    return any(
        "__main__" in ctx.tree.code(above.test)
        for above in ctx.tree.ancestors(node)
        if isinstance(above, cst.If)
    )

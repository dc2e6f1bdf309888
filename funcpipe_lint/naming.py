"""Names that say what a function means to do, and calls that only log."""

from __future__ import annotations

import fnmatch

import libcst as cst

from funcpipe_lint.flow import called
from funcpipe_lint.tree import Tree

BREAKERS = ("take_while_*", "take_until_*", "until_*", "*breaker*", "*short_circuit*")
SELECTORS = ("tap_*", "filter_*", "partition*")
_LOGS = frozenset({"print", "logger", "log", "_logger", "_log", "logging", "LOGGER", "LOG"})


def is_named(tree: Tree, node: cst.CSTNode, patterns: tuple[str, ...]) -> bool:
    """Whether one of the functions around a node has a name that matches a glob; leading
    underscores do not count."""
    return any(
        isinstance(function, cst.FunctionDef)
        and any(fnmatch.fnmatchcase(function.name.value.lstrip("_"), p) for p in patterns)
        for function in tree.functions(node)
    )


def is_log(call: cst.Call) -> bool:
    """Whether a call only reports: `print(...)`, `logger.warning(...)`."""
    func = call.func
    return called(func.value if isinstance(func, cst.Attribute) else func) in _LOGS

"""Names that say what a function means to do, and calls that only log."""

from __future__ import annotations

import fnmatch
import re

import libcst as cst

from funcpipe_lint.rule.flow import called
from funcpipe_lint.rule.tree import Tree

BREAKERS = (
    "take_while_*",
    "take_until_*",
    "until_*",
    "*breaker*",
    "*short_circuit*",
    "*fail_fast*",
)
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


def is_asked_to_stop(tree: Tree, node: cst.CSTNode) -> bool:
    """Whether an `if` around a node, functions around it included, asks for a way to stop at the
    first error: `if policy == "fail_fast":`, `if stop_on_error:`."""
    return any(
        isinstance(above, cst.If) and _STOPS.search(tree.code(above.test)) is not None
        for above in tree.ancestors(node)
    )


_STOPS = re.compile(r"fail_?fast|stop_(?:on|at)|raise_on|break_on|strict", re.IGNORECASE)


def is_log(call: cst.Call) -> bool:
    """Whether a call only reports: `print(...)`, `logger.warning(...)`."""
    func = call.func
    return called(func.value if isinstance(func, cst.Attribute) else func) in _LOGS

"""Whether a text is Python, and whether libcst may see it: on some nestings its parser crashes."""

from __future__ import annotations

import ast
import re
import warnings

# Mapping patterns in each other cost 15 times more a level: 9 levels take 0.6 s, 11 take 9 s.
_MAX_PATTERN = 7
# Calls in each other are quadratic: 800 levels take 4.6 s and 1.4 GB.
_MAX_NESTING = 200
# Chains (a + b + ..., a.b.c..., elif) recurse once a link when positions are generated.
_MAX_DEPTH = 2_500
_NESTS = (ast.Call, ast.Subscript, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.Lambda)


# Brackets in each other, strings and comments counted in. CPython refuses 200, and libcst dies of
# 1,500; without a tree from `ast` the limit is far below either.
_MAX_BRACKETS = 30


def parse(text: str) -> ast.Module:
    """The syntax tree of a text, its own warnings kept quiet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def is_newer_python(text: str) -> bool:
    """Whether a text that this interpreter refuses is Python all the same, of a later version."""
    depth = 0
    for bracket in re.finditer(r"[()\[\]{}]", text):
        depth += 1 if bracket[0] in "([{" else -1
        if depth > _MAX_BRACKETS:
            return False
    import libcst

    try:
        libcst.parse_module(text)
    except Exception:  # libcst raises AttributeError and more on odd layouts
        return False
    return True


def is_python(text: str) -> bool:
    """Whether a text parses, here or in a later version."""
    try:
        parse(text)
    except SyntaxError:
        return is_newer_python(text)
    except (ValueError, RecursionError, MemoryError):
        return False
    return True


def refusal(tree: ast.Module) -> str:
    """Why libcst must not see a file; empty where it may. One pass without recursion, O(nodes)."""
    stack: list[tuple[ast.AST, int, int, int]] = [(tree, 0, 0, 0)]
    while stack:
        node, depth, nesting, pattern = stack.pop()
        depth += 1
        if isinstance(node, ast.pattern):
            pattern += 1
            if pattern > _MAX_PATTERN:
                return f"its match patterns nest more than {_MAX_PATTERN} deep"
        elif isinstance(node, _NESTS):
            nesting += 1
            if nesting > _MAX_NESTING:
                return f"its expressions nest more than {_MAX_NESTING} deep"
        elif isinstance(node, ast.stmt):
            nesting = pattern = 0
        if depth > _MAX_DEPTH:
            return f"its syntax tree is more than {_MAX_DEPTH} levels deep"
        below = [(child, depth, nesting, pattern) for child in ast.iter_child_nodes(node)]
        stack += below
    return ""

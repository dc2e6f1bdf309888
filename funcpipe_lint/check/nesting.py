"""What libcst must not see: on some nestings its parser crashes, hangs or fills the memory."""

from __future__ import annotations

import ast

from funcpipe_lint.read.nodes import children

# Mapping patterns in each other cost 15 times more a level: 9 levels take 0.6 s, 11 take 9 s.
_MAX_PATTERN = 7
# Calls and subscripts, in each other or in a row, are quadratic: `a.b(1, 2).b(1, 2)...` takes 0.6 s
# for 500 links, 3 s for 1,000. (CPython itself refuses 200 brackets in each other.)
_MAX_NESTING = 1_000
# Chains (a + b + ..., a.b.c..., elif) recurse once a link when positions are generated.
_MAX_DEPTH = 2_500
_NESTS = (ast.Call, ast.Subscript, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.Lambda)


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
        below = [(child, depth, nesting, pattern) for child in children(node)]
        stack += below
    return ""

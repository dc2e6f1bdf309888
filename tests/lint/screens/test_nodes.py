"""What runs in a body: screens and rules are of one mind."""

from __future__ import annotations

import ast

import libcst as cst
import pytest

from funcpipe_lint.read.nodes import own
from funcpipe_lint.rule.tree import Tree

# Names in the body itself begin with a, those in other bodies with b.
BODIES = {
    "a nested function": "@a1\ndef f(x: a2 = a3, *y: a4, z=a5) -> a6:\n    b1",
    "an async one in a block": "if a1:\n    @a2(a3)\n    async def f(x=(await a4)): await b1(b2)",
    "a lambda": "a1(lambda x=a2: b1)",
    "a function in a lambda's default": "a1(lambda x=(lambda y=a2: b1): b2)",
    "a class": "@a1\nclass C(a2, key=a3):\n    b1\n    def f(x=b2): b3",
    "a function in a function": "def f():\n    @b1\n    def g(x=b2): b3",
    "comprehensions": "[a1 async for x in a2 if a3]\n(a4 for x in a5)",
    "a finally": "try: a1\nexcept a2: a3\nelse: a4\nfinally:\n    @a5\n    def f(): b1",
    "a match": "match a1:\n    case a2.x if a3: a4",
    "a string's values": "f'{a1:{a2}}'",
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_holds_what_runs_in_it(name: str) -> None:
    """Decorators, defaults and annotations run outside of what they belong to, for `ast` trees as
    for libcst's."""
    code = "async def stream():\n" + "".join(f"    {line}\n" for line in BODIES[name].split("\n"))
    words = {word for word in ast.walk(ast.parse(code)) if isinstance(word, ast.Name)}
    expected = {word.id for word in words if word.id[0] == "a"}
    (function,) = ast.parse(code).body
    assert isinstance(function, ast.AsyncFunctionDef)
    seen = {node.id for node in own(function.body) if isinstance(node, ast.Name)}
    assert {word for word in seen if word[0] in "ab"} == expected
    tree = Tree(cst.parse_module(code), code)
    (stream,) = tree.own(tree.module, cst.FunctionDef)
    ruled = {node.value for node in tree.own(stream, cst.Name)}
    assert {word for word in ruled if word[0] in "ab" and word[1:].isdigit()} == expected

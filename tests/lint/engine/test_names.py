"""Names are looked up as Python does, and modules of Results told by what they use."""

from __future__ import annotations

import libcst as cst
import pytest

from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.rule.annotations import Annotations
from funcpipe_lint.rule.names import Names
from funcpipe_lint.rule.opting import opts_in
from funcpipe_lint.rule.tree import Tree


def parsed(text: str) -> tuple[Tree, Names]:
    tree = Tree(cst.parse_module(text), text)
    return tree, Names(tree, "m", is_package=False)


CLASS = """\
import contextlib as c
class A:
    import json as c
    in_class = c.loads
    def f(self, default=c.dumps):
        in_method = c.closing
        def g():
            in_nested = c.aclosing
"""


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("loads", "json.loads"),
        ("dumps", "json.dumps"),
        ("closing", "contextlib.closing"),
        ("aclosing", "contextlib.aclosing"),
    ],
)
def test_a_class_body_is_seen_by_itself_alone(word: str, known: str) -> None:
    """Its names are those of its own statements and defaults, not of the methods in it."""
    tree, names = parsed(CLASS)
    (use,) = tree.named(word)
    expression = tree.parent(use)
    assert expression is not None
    assert names.candidates(expression) == {known}


OPTING = {
    "a name in use": ("from funcpipe_streams import Ok\nx = Ok(1)\n", True),
    "a module in use": ("import funcpipe_streams as fs\nx = fs.Ok(1)\n", True),
    "an import alone": ("from funcpipe_streams import Ok\n", False),
    "a module that is imported alone": ("import funcpipe_streams as fs\n", False),
    "a namesake of another module": ("from other import Ok\nx = Ok(1)\n", False),
}


@pytest.mark.parametrize("name", OPTING)
def test_what_opts_in(name: str) -> None:
    """A library of Results opts a module in where it is used, not where it is imported alone."""
    text, expected = OPTING[name]
    tree, names = parsed(text)
    settings = settings_for({})
    assert opts_in(tree, names, Annotations(tree, names, settings), settings) is expected

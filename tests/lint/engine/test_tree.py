"""What a tree looks up is what a walk over all of it finds."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest

import funcpipe_lint
from funcpipe_lint.rule.tree import Tree, descendants

FILES = sorted(Path(funcpipe_lint.__file__).parent.rglob("s*.py"))
assert len(FILES) > 5

KINDS = (
    (cst.Name,),
    (cst.Call, cst.Yield),
    (cst.BaseExpression,),
    (cst.BaseSmallStatement, cst.BaseCompoundStatement),
    (cst.CSTNode,),
)


def read(path: Path) -> Tree:
    text = path.read_text(encoding="utf-8")
    return Tree(cst.parse_module(text), text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_own(path: Path) -> None:
    """The nodes of a body by kind, abstract kinds included, are those that `isinstance` knows."""
    tree = read(path)
    nodes = [*descendants(tree.module)]
    owners = {tree.owner(node) for node in nodes}
    for owner in owners:
        own = [node for node in nodes if tree.owner(node) is owner]
        assert [*tree.own(owner)] == own
        for kinds in KINDS:
            assert [*tree.own(owner, *kinds)] == [node for node in own if isinstance(node, kinds)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_named(path: Path) -> None:
    """The uses of a name are all names of the code that are spelt so, in source order."""
    tree = read(path)
    names = [node for node in descendants(tree.module) if isinstance(node, cst.Name)]
    for word in {node.value for node in names}:
        assert [*tree.named(word)] == [node for node in names if node.value == word]
        assert tree.mentions(word)
    assert not tree.named("no_such_name")
    assert not tree.mentions("no_such_name")

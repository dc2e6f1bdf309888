"""Whether a module opted into streams of Results: what its functions return, and what it uses."""

from __future__ import annotations

import libcst as cst

from funcpipe_lint.model import Settings
from funcpipe_lint.model.reference import describes
from funcpipe_lint.rule.annotations import Annotations
from funcpipe_lint.rule.names import Names, matches
from funcpipe_lint.rule.tree import FROM_IMPORTS, IMPORTS, Tree


def opts_in(tree: Tree, names: Names, annotations: Annotations, settings: Settings) -> bool:
    """Whether a module is one of Results: as `discipline` says, or, where that is "auto", by a
    function annotated to return a stream of them, or a name of their library in use."""
    if settings.discipline != "auto":
        return settings.discipline == "all"
    return evidence(tree, names, annotations, settings) is not None


def evidence(
    tree: Tree, names: Names, annotations: Annotations, settings: Settings
) -> cst.CSTNode | None:
    """What in a module shows that it is one of Results: the annotation of a function that returns a
    stream of them, or else the use of a name of their library."""
    for function in tree.of(cst.FunctionDef):
        kind = annotations.returned(function)
        if kind is not None and kind.of_results and function.returns is not None:
            return function.returns.annotation
    uses = (use for name in sorted(_of_results(names, settings)) for use in tree.named(name))
    return next((use for use in uses if not _is_in_import(tree, use)), None)


def _of_results(names: Names, settings: Settings) -> set[str]:
    """The imported names that are of a library of Results, or lead to it."""
    known = (*settings.results, *settings.oks, *settings.errs)
    known += (*settings.descriptions, *settings.sync_descriptions)
    return {
        name
        for name, dotted in names.imported()
        if matches(dotted, known)
        or describes(dotted)
        or any(word.startswith(dotted + ".") for word in known)
    }


def _is_in_import(tree: Tree, node: cst.CSTNode) -> bool:
    return any(isinstance(a, (*IMPORTS, *FROM_IMPORTS)) for a in tree.ancestors(node))

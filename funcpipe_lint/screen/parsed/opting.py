"""Whether a module may have opted into streams of Results, from its `ast`."""

from __future__ import annotations

import ast

from funcpipe_lint.model import Settings
from funcpipe_lint.model.vocabulary import SYNC_TYPES, last_words
from funcpipe_lint.read.nodes import last_word, walk, words_in


def may_opt_in(tree: ast.Module, root: str, settings: Settings) -> bool:
    """Whether a function may be annotated as returning a stream of Results, or something of a
    library of Results is imported. `root` is the top-level package of the module. O(nodes)."""
    makers = (*settings.results, *settings.oks, *settings.errs)
    described = (*settings.descriptions, *settings.sync_descriptions)
    libraries = {name.partition(".")[0] for name in (*makers, *described)}
    results = frozenset(("Result", "Ok", "Err", *last_words(makers)))
    descriptions = frozenset(("AsyncGen", "IOGen", *last_words(described)))
    aliases: dict[str, set[str]] = {}
    returned: list[ast.expr] = []
    for node in walk(tree):
        match node:
            case ast.Import(names=names):
                if any(each.name.partition(".")[0] in libraries for each in names):
                    return True
                _rename(names, aliases)
            case ast.ImportFrom(module=module, level=level, names=names):
                package = root if level else (module or "").partition(".")[0]
                if package in libraries:
                    return True
                _rename(names, aliases)
            case ast.FunctionDef(returns=ast.expr() as kind):
                returned.append(kind)
            case ast.AsyncFunctionDef(returns=ast.expr() as kind):
                returned.append(kind)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    aliases.setdefault(last_word(target), set()).update(words_in(value))
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                aliases.setdefault(last_word(target), set()).update(words_in(value))
            case _ if type(node).__name__ == "TypeAlias":  # since Python 3.12
                named = aliases.setdefault(last_word(getattr(node, "name")), set())  # noqa: B009
                named.update(words_in(getattr(node, "value")))  # noqa: B009
    for kind in returned:
        words = _meant(set(words_in(kind)), aliases)
        if words & descriptions:
            return True
        if words & results and any(part in word for word in words for part in SYNC_TYPES):
            return True
    return False


def _rename(names: list[ast.alias], aliases: dict[str, set[str]]) -> None:
    for each in names:
        if each.asname:
            aliases.setdefault(each.asname, set()).add(each.name.rpartition(".")[2])


def _meant(words: set[str], aliases: dict[str, set[str]]) -> set[str]:
    """The words, and those that they are aliases of."""
    waiting = list(words)
    while waiting:
        new = aliases.get(waiting.pop(), set()) - words
        words |= new
        waiting += new
    return words

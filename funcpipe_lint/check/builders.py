"""Where the builders of a file are, for tools that run them: what the rules call a builder."""

from __future__ import annotations

from typing import NamedTuple

import libcst as cst

from funcpipe_lint.check.single import may_matter
from funcpipe_lint.model import Settings
from funcpipe_lint.read.offsets import starts_in
from funcpipe_lint.read.packages import module_name
from funcpipe_lint.read.source import Source, UndecodableError, read_bytes
from funcpipe_lint.read.syntax import UNPARSABLE, libcst_module, parse
from funcpipe_lint.rule import Context
from funcpipe_lint.rule.tree import Tree


class Builder(NamedTuple):
    """A function that returns a description of a stream, its first line and its last."""

    qualname: str
    line: int
    last_line: int
    is_inner: bool
    """Whether it is defined inside a function, so that nobody else can call it."""


class Unread(Exception):
    """A file whose builders cannot be told; the text says why, in one line."""


def builders_in(path: str, settings: Settings) -> list[Builder]:
    """The builders of a file, in its order. Raises `Unread`.

    Linear in the size of the file; one that holds no stream at all is not parsed.
    """
    try:
        raw = read_bytes(path)
        if not may_matter(settings, path, raw):
            return []
        source = Source.decode(raw)
        syntax = parse(source.text)
        module = libcst_module(source.text)
    except OSError as error:
        raise Unread(f"cannot be read: {error.strerror or error}") from None
    except UndecodableError as error:
        raise Unread(f"cannot be decoded: {error}") from None
    except UNPARSABLE as error:
        raise Unread(f"is not valid Python: {error}") from None
    except Exception as error:
        # libcst raises AttributeError and more on odd layouts.
        raise Unread(f"cannot be parsed by libcst: {error}") from None
    name, is_package = module_name(path)
    tree = Tree(module, source.text, (), lambda: starts_in(source.text, syntax))
    ctx = Context(tree, settings, path, name, is_package)
    return [
        _builder(function, tree)
        for function in tree.of(cst.FunctionDef)
        if ctx.streams.is_builder(function) and not ctx.functions.is_stub(function)
    ]


def _builder(function: cst.FunctionDef, tree: Tree) -> Builder:
    owners = []
    owner = tree.owner(function)
    while not isinstance(owner, cst.Module):
        owners.append(owner)
        owner = tree.owner(owner)
    parts = [function.name.value]
    for above in owners:
        if isinstance(above, cst.ClassDef):
            parts.append(above.name.value)
        else:
            name = above.name.value if isinstance(above, cst.FunctionDef) else "<lambda>"
            parts += ["<locals>", name]
    is_inner = any(not isinstance(above, cst.ClassDef) for above in owners)
    start, end = tree.span(function)
    lines = tree.place(start)[0], tree.place(end)[0]
    return Builder(".".join(reversed(parts)), *lines, is_inner)

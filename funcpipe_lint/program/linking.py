"""Which expressions of a file certainly are streams that own clean-up, or enter a cancel scope, and
where that lives: the links of a file. They are plain values: whoever checks the file needs nothing
else of the program.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Literal

from funcpipe_lint.model import Link, Note, Settings
from funcpipe_lint.program.asked import Asked
from funcpipe_lint.program.entities import NOTHING_ENTITY, Instance, Owner, Scope, Stream
from funcpipe_lint.program.facts.expressions import UNKNOWN, Expression, head, last_word
from funcpipe_lint.program.facts.records import NOWHERE, Binding, Facts, Site
from funcpipe_lint.program.links import ASKING, Links, may_link
from funcpipe_lint.program.modules import Rows, modules_for
from funcpipe_lint.program.owners.owning import Owners
from funcpipe_lint.program.typing.types import Types
from funcpipe_lint.read.source import Source, UndecodableError, is_notebook

# An annotation of a stream that hides its `aclose`.
_STREAM = re.compile(r"""(["']?)((?:\w+\.)*)Async(?:Iterator|Iterable)(?:\[(.*)\])?\1""")


class Linker:
    """Links the files of one run."""

    def __init__(self, settings: Settings, rows: Rows | None = None) -> None:
        self._modules = modules_for(settings, rows)
        self._here = os.getcwd()
        self._rules = settings.rules
        self._is_wanted = not ASKING.isdisjoint(settings.rules)

    def links(self, path: str, source: Source) -> Links:
        """The links of a file, given by its path and content."""
        if not self._is_wanted or not may_link(source.raw, self._rules):
            return Links()
        path = os.path.abspath(path)
        facts = self._modules.of_text(path, source.raw, source.text)
        asked = Asked(self._modules)
        asked.own(path, facts)
        file = _File(path, facts, asked, self._here, self._rules)
        found = tuple(link for site in facts.sites for link in file.links(site))
        dependencies = tuple(asked.dependencies)
        asked.let_go()
        return Links(found, dependencies)


def links_of(settings: Settings, path: str, raw: bytes, rows: Rows | None = None) -> Links:
    """The links of a file, given by its path and bytes: none where these are no text."""
    try:
        source = _notebook(raw) if is_notebook(path) else Source.decode(raw)
    except UndecodableError:
        return Links()
    return Linker(settings, rows).links(path, source)


def _notebook(raw: bytes) -> Source:
    from funcpipe_lint.read.notebooks.ipynb import NotebookError
    from funcpipe_lint.read.notebooks.notebook import Notebook

    try:
        return Notebook.read(raw).source
    except NotebookError as error:
        raise UndecodableError from error


class _File:
    def __init__(
        self, path: str, facts: Facts, asked: Asked, here: str, rules: Collection[str]
    ) -> None:
        self._path = path
        self._rules = rules
        self._facts = facts
        self._here = here
        self._types = Types(asked)
        self._owners = Owners(self._types)
        self._managers = self._owners.managers

    def links(self, site: Site) -> Iterator[Link]:
        """The link of one site; nothing where it is not certain."""
        scope = Scope(self._path, site.function)
        if site.kind == "enter":
            yield from self._entered(site, scope)
            return
        if site.kind == "closed":
            if "FP301" in self._rules and self._is_stream(site.of, scope):
                yield Link(site.start, site.end, "made", "", 0, 0, "", "", "")
            return
        entities = self._types.of(site.of, scope)
        is_object = any(isinstance(each, Instance) for each in entities) and site.kind == "loop"
        if not self._is_asked(site, is_object=is_object):
            return
        if is_object:
            entities = self._types.iterated(site.of, scope)
        found = [each for each in entities if each != NOTHING_ENTITY]
        streams = [each for each in found if isinstance(each, Stream)]
        if len(streams) != len(found):
            return
        for stream in streams:
            owner = self._owners.of_stream(stream)
            if owner is not None:
                hidden = [each for each in streams if not self._can_close(each)]
                is_plain = not (site.of[0] == "over" or owner.is_argument or is_object)
                may_differ = any(map(self._may_differ, streams))
                yield self._link(site, "stream", owner)._replace(
                    can_close=not hidden,
                    repair=self._repair(hidden[0]) if hidden else None,
                    may_differ=may_differ,
                    is_plain=is_plain,
                    is_object=is_object,
                )
                return

    def _entered(self, site: Site, scope: Scope) -> Iterator[Link]:
        """What entering a manager enters; a cancel scope sooner than a lock."""
        entered = self._managers.cancel_scope(site.of, scope)
        if entered is not None:
            yield self._link(site, "scope", entered[1])
            return
        lock = self._managers.lock(site.of, scope) if "FP307" in self._rules else None
        if lock is not None:
            yield self._link(site, "lock", lock)
        elif "FP304" in self._rules and self._managers.holds_nothing(site.of, scope):
            yield Link(site.start, site.end, "idle", "", 0, 0, "", "", "")

    def _is_stream(self, expression: Expression, scope: Scope) -> bool:
        """Whether an expression certainly gives a stream."""
        found = [each for each in self._types.of(expression, scope) if each != NOTHING_ENTITY]
        return bool(found) and all(isinstance(each, Stream) for each in found)

    def _is_asked(self, site: Site, *, is_object: bool) -> bool:
        """Whether what a site goes through is made for it alone, and by nothing that closes it. An
        object makes a stream each time that somebody goes through it."""
        if site.ends_streams:
            return False
        bound: Sequence[Binding] = ()
        if site.of[0] == "name" and site.function != NOWHERE:
            bound = self._facts.functions[site.function].bindings.get(site.of[1], ())
        is_local = len(bound) == 1 and bound[0][0] in ("assigned", "annotated")
        if not is_object and (site.is_shared or (site.of[0] == "name" and not is_local)):
            return False
        values = [site.of, *(each[-1] for each in bound if is_local)]
        return not any(_is_borrowed(value, site.borrowed) for value in values)

    def _can_close(self, stream: Stream) -> bool:
        """Whether the type of a stream has `aclose`, to a type checker."""
        key = stream.function.key
        function = self._types.classes.function(key)
        return self._has_aclose(*(stream.noted or (function.returns, Scope(*key))), 6)

    def _repair(self, stream: Stream) -> Note | None:
        """Where to write what instead of the annotation that hides the `aclose` of a stream."""
        key = stream.function.key
        if stream.noted is not None:
            key = stream.noted[1].path, stream.noted[1].function
        function = self._types.classes.function(key)
        if not function.hiding:
            return None
        line, column, text, path = function.hiding
        repaired = _closable(text)
        if not repaired:
            return None
        message = (
            f"'{function.name}' is annotated '{text}': write '{repaired}', and a type checker sees "
            "its aclose"
        )
        path = path or key[0]
        return Note(line, column, message, path="" if path == self._path else self._shown(path))

    def _has_aclose(self, note: Expression, scope: Scope, depth: int) -> bool:
        if note == UNKNOWN:
            return True  # what is not annotated is what it is: a generator
        word = last_word(head(note))
        if note[0] == "text":
            return "AsyncGenerator" in note[1]
        if note[0] == "name" and word != "AsyncGenerator" and depth:
            for bound in self._types.names.lookup(scope.path, scope.function, word):
                if bound.binding[0] in ("assigned", "annotated"):
                    inner = Scope(bound.path, bound.function)
                    return self._has_aclose(bound.binding[-1], inner, depth - 1)
        return word == "AsyncGenerator"

    def _may_differ(self, stream: Stream) -> bool:
        """Whether a subclass that nobody knows of may put something else in a method's place, which
        no annotation forbids."""
        called = stream.function
        function = self._types.classes.function(called.key)
        if called.receiver is None or called.is_direct or function.returns != UNKNOWN:
            return False
        is_mangled = function.name.startswith("__") and not function.name.endswith("__")
        is_final = any(last_word(each) == "final" for each in function.decorators)
        return not (is_mangled or is_final or self._types.classes.get(called.receiver).is_final)

    def _shown(self, path: str) -> str:
        """A path from here, where it is below."""
        found = os.path.relpath(path, self._here)
        return path if found.startswith(os.pardir) else found

    def _link(self, site: Site, kind: Literal["stream", "scope", "lock"], owner: Owner) -> Link:
        return Link(
            site.start,
            site.end,
            kind,
            "" if owner.path in ("", self._path) else self._shown(owner.path),
            owner.line,
            owner.column,
            owner.name,
            owner.text,
            owner.kind,
            is_lock=owner.is_lock,
        )


def _closable(text: str) -> str:
    """An annotation of a stream as one that has `aclose`; empty where it is more than that."""
    found = _STREAM.fullmatch(text)
    if found is None:
        return ""
    quote, module, items = found.groups()
    return f"{quote}{module}AsyncGenerator{'' if items is None else f'[{items}, None]'}{quote}"


def _is_borrowed(of: Expression, borrowed: object) -> bool:
    """Whether a call is of, or is given, what an `async with` around it binds."""
    names = borrowed if isinstance(borrowed, list | tuple) else ()
    match of:
        case ("name", word):
            return word in names
        case ("attribute" | "await" | "over", inner, *_):
            return _is_borrowed(inner, borrowed)
        case ("call", inner, arguments):
            return _is_borrowed(inner, borrowed) or any(
                _is_borrowed(value, borrowed) for _, value in arguments
            )
    return False

"""Whether a task that a stream starts may be left to itself, from the `ast` of the stream.

What rule FP504 takes for certain to look after a task is looked for here: a clean-up around it,
and what becomes of the names that hold it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from funcpipe_lint.model.vocabulary import FILLS
from funcpipe_lint.read.nodes import children, last_word, own, walk
from funcpipe_lint.screen.text.words import FileWords

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_YIELDS = (ast.Yield, ast.YieldFrom)
_BROAD = frozenset(("BaseException", "GeneratorExit"))
# Calls that the task, or what holds it, may come back from.
_PASSING = frozenset(
    ("wait", "as_completed", "gather", "set", "list", "tuple", "dict", "frozenset")
)
_KNOWN = _PASSING | frozenset(
    ("wait_for", "len", "print", "isinstance", "id", "repr", "sorted", "any")
)


class Orphans:
    """What becomes of the tasks that one stream function starts."""

    def __init__(self, function: ast.AsyncFunctionDef, words: FileWords) -> None:
        self._words = words
        self._function = function
        self._tried: set[ast.AST] = set()
        """The statements of `try` blocks themselves, and below, those of `finally`s."""
        self._final: set[ast.AST] = set()
        self._ends: dict[ast.AST, bool] = {}
        """Whether a statement of a `finally` or a broad handler ends tasks."""
        self._own: list[ast.AST] = []
        self._inner: list[ast.AST] = []
        """The bodies of functions and classes within it."""
        stack: list[ast.AST] = list(function.body)
        self._parents: dict[ast.AST, ast.AST] = dict.fromkeys(stack, function)
        while stack:
            node = stack.pop()
            self._own.append(node)
            below = children(node)
            if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
                body = node.body if isinstance(node.body, list) else [node.body]
                self._inner += body
                inner = set(body)
                below = [child for child in below if child not in inner]
            if isinstance(node, ast.Try | ast.TryStar):
                self._tried.update(node.body)
                self._final.update(node.finalbody)
            self._parents.update(dict.fromkeys(below, node))
            stack += below

    def may_be(self, call: ast.Call) -> bool:
        """Whether nothing may look after the task that a call starts. O(depth), after O(function)
        for the first one."""
        if self._is_guarded(call) or self._is_every_yield_guarded:
            return False
        holders = self._holders(call)
        return holders is not None and not any(map(self._is_kept, holders))

    @cached_property
    def _is_every_yield_guarded(self) -> bool:
        return all(self._is_guarded(node) for node in self._own if isinstance(node, _YIELDS))

    def _path(self, node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
        """(node above, its child on the way down), up to the function."""
        while node is not self._function:
            above = self._parents[node]
            yield above, node
            node = above

    def _is_guarded(self, node: ast.AST) -> bool:
        """Whether a `try` around the node awaits or cancels something however it is left."""
        for above, child in self._path(node):
            if not isinstance(above, ast.Try | ast.TryStar) or child in self._final:
                continue
            parts = list(above.finalbody)
            if child in self._tried:
                broad = [each.body for each in above.handlers if self._is_broad(each.type)]
                parts += [statement for body in broad for statement in body]
            if any(map(self._ends_tasks, parts)):
                return True
        return False

    def _ends_tasks(self, part: ast.AST) -> bool:
        if part not in self._ends:
            self._ends[part] = _ends_tasks(part)
        return self._ends[part]

    def _is_broad(self, caught: ast.expr | None) -> bool:
        """Whether a handler of this certainly catches what closing a stream throws."""
        kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
        return caught is None or any(
            isinstance(kind, ast.Name) and kind.id in _BROAD and self._words.is_only_caught(kind.id)
            for kind in kinds
        )

    def _holders(self, call: ast.Call) -> set[str] | None:
        """The local names that hold the task; None where something else looks after it."""
        for above, child in self._path(call):
            match above:
                case ast.Return() | ast.Yield() | ast.YieldFrom() | ast.Attribute():
                    return None
                case ast.Await() if self._is_awaited(above):
                    return None
                case ast.Call() if child is not above.func:
                    if _fills(above):
                        return {above.func.value.id}  # type: ignore[attr-defined]
                    if self._is_none_of(above, _PASSING):
                        return None
                case ast.Assign(targets=targets):
                    return _names(targets)
                case ast.AnnAssign() | ast.NamedExpr() | ast.AugAssign():
                    return _names([above.target])
                case ast.stmt():
                    break
        return set()

    def _is_awaited(self, wait: ast.Await) -> bool:
        """Whether an `await` comes back when the task has ended, or nothing takes what it gives."""
        if isinstance(self._parents[wait], ast.Expr) or not isinstance(wait.value, ast.Call):
            return True
        return not any(each.arg in ("timeout", "return_when") for each in wait.value.keywords)

    def _is_none_of(self, call: ast.Call, words: frozenset[str]) -> bool:
        """Whether what is called is certainly none of some functions."""
        return not self._words.may_be(call, words)

    def _is_kept(self, holder: str) -> bool:
        """Whether something else looks after what a name holds: it is not the function's own, it
        goes to somebody else, or it is dealt with in a `finally`."""
        if holder in self._arguments or holder not in self._bound or holder in self._captured:
            return True
        return holder in self._looked_after

    @cached_property
    def _looked_after(self) -> set[str]:
        return {
            node.id
            for node in self._own
            if isinstance(node, ast.Name)
            and (self._is_handed_on(node) or self._is_in_finally(node))
        }

    def _is_handed_on(self, name: ast.AST) -> bool:
        above = self._parents[name]
        if isinstance(above, ast.Starred | ast.keyword):
            above = self._parents[above]
        match above:
            case ast.Attribute(attr=word):
                use = self._parents[above]
                is_called = isinstance(use, ast.Call) and use.func is above
                return word == ("add_done_callback" if is_called else "cancel")
            case ast.Assign(targets=targets, value=value):
                return value is name and any(not isinstance(each, ast.Name) for each in targets)
            case ast.Call():
                return name is not above.func and self._is_none_of(above, _KNOWN)
        return isinstance(above, ast.Yield)

    def _is_in_finally(self, name: ast.AST) -> bool:
        return any(child in self._final for _, child in self._path(name))

    @cached_property
    def _arguments(self) -> set[str]:
        given = self._function.args
        return {each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)}

    @cached_property
    def _bound(self) -> set[str]:
        """The names that the function binds, those of others within it included."""
        given = self._function.args
        found = {each.arg for each in (given.vararg, given.kwarg) if each is not None}
        for node in walk(self._function):
            match node:
                case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                    found.add(name)
                case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                    found.add(name)
                case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                    found.add(name)
                case ast.Import(names=names) | ast.ImportFrom(names=names):
                    found.update((each.asname or each.name).partition(".")[0] for each in names)
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    found.add(name)
                case ast.ClassDef(name=name):
                    found.add(name)
        return found

    @cached_property
    def _captured(self) -> set[str]:
        """The names that functions and classes within it use."""
        return {
            node.id for body in self._inner for node in walk(body) if isinstance(node, ast.Name)
        }


def _fills(call: ast.Call) -> bool:
    """Whether a call like `tasks.append(...)` puts its argument into a local container."""
    func = call.func
    return (
        isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.attr in FILLS
    )


def _names(targets: list[ast.expr]) -> set[str] | None:
    """The names that targets bind; None where one binds none: an object looks after it."""
    found: set[str] = set()
    for target in targets:
        plain = target
        if isinstance(plain, ast.Subscript) and isinstance(plain.value, ast.Name):
            plain = plain.value
        names = list(_plain_names(plain))
        if not names:
            return None
        found.update(names)
    return found


def _plain_names(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Starred):
        yield from _plain_names(target.value)
    elif isinstance(target, ast.Tuple | ast.List):
        for each in target.elts:
            yield from _plain_names(each)


def _ends_tasks(part: ast.AST) -> bool:
    """Whether a part awaits or cancels something itself, not in a function within it."""
    return any(
        isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith)
        or (isinstance(node, ast.comprehension) and bool(node.is_async))
        or (isinstance(node, ast.Call) and "cancel" in last_word(node).lower())
        for node in own([part])
    )

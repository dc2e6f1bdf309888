"""What is told by calls: tasks without a bound, queues without a size, streams closed by hand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from funcpipe_lint.model.vocabulary import BOUNDS, CHANNELS, FEEDS, PEERS, SPAWNERS, last_words
from funcpipe_lint.read.nodes import children, last_word, own, walk
from funcpipe_lint.screen.declaration import Shape
from funcpipe_lint.screen.parsed.facts import Facts
from funcpipe_lint.screen.text.words import FileWords

_SPAWNS = frozenset((*last_words(SPAWNERS), "start_soon"))
_GATHER = frozenset(("gather",))
_CHANNELS = frozenset(last_words(CHANNELS))
_ASYNC_COMPREHENSION = Shape.ASYNC_COMPREHENSION.value


def may_fan_out(
    tree: ast.Module, facts: Facts, words: FileWords, configured: Iterable[str]
) -> bool:
    """Whether every item of a stream may start a task, or become a coroutine to gather."""
    spawners = frozenset((*_SPAWNS, *last_words(tuple(configured))))
    if any(word.encode() in words.raw for word in spawners):
        loops = facts.async_fors
        if any(_spawns_without_bound(loop, words, spawners) for _, loop in loops):
            return True
    if b"gather" not in words.raw:
        return False
    gathered = [
        arg.value
        for node in walk(tree)
        if isinstance(node, ast.Call) and words.may_be(node, _GATHER)
        for arg in node.args
        if isinstance(arg, ast.Starred)
    ]
    if any(map(_is_of_stream, gathered)):
        return True
    # A list that is filled in a loop, or bound to a comprehension, goes by its name.
    names = {each.id for each in gathered if isinstance(each, ast.Name)}
    return bool(names) and not names.isdisjoint(_streamed(tree, facts))


def _streamed(tree: ast.Module, facts: Facts) -> Iterator[str]:
    """The names that are bound to a comprehension over a stream, or filled in a loop over one."""
    for _, loop in facts.async_fors:
        for node in own([loop]):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append")):
                    yield name
    if facts.shapes & _ASYNC_COMPREHENSION:
        for node in walk(tree):
            made = getattr(node, "value", getattr(node, "context_expr", None))
            if _is_of_stream(made):
                others = (child for child in children(node) if child is not made)
                yield from (
                    each.id for o in others for each in walk(o) if isinstance(each, ast.Name)
                )


def _spawns_without_bound(loop: ast.AsyncFor, words: FileWords, spawners: frozenset[str]) -> bool:
    if any(PEERS.search(name.lower()) for name in _target_names(loop.target)):
        return False
    nodes = list(own(loop.body))
    return any(
        isinstance(node, ast.Call) and words.may_be(node, spawners) for node in nodes
    ) and not any(map(_waits, nodes))


def may_make_queue(tree: ast.AST, words: FileWords) -> bool:
    """Whether a queue or channel is made that may have no size."""
    return any(
        isinstance(node, ast.Call)
        and words.may_be(_without_subscript(node.func), words.queues)
        and _may_be_endless(node, words)
        for node in walk(tree)
    )


def may_queue_stream(facts: Facts, words: FileWords) -> bool:
    """Whether such a queue is made in a stream function, or in one that feeds what an `async for`
    gives to something."""
    if not any(queue.encode() in words.raw for queue in words.queues):
        return False
    feeding = {frame for frame, loop in facts.async_fors if any(map(_feeds, own([loop])))}
    return any(
        frame.node is not None
        and ((frame.is_async and frame.has_yield and not frame.is_transformed) or frame in feeding)
        and may_make_queue(frame.node, words)
        for frame in facts.frames
    )


def _feeds(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    return node.func.attr in FEEDS


def may_close_by_hand(facts: Facts, words: FileWords) -> bool:
    """Whether a function binds a name to what may be a stream, goes through that and closes it."""
    return b"aclose" in words.raw and any(
        frame.node is not None and _closes_by_hand(frame.node, words) for frame in facts.frames
    )


def _closes_by_hand(function: ast.FunctionDef | ast.AsyncFunctionDef, words: FileWords) -> bool:
    closed: set[str] = set()
    opened: set[str] = set()
    iterated: set[str] = set()
    is_quoted = False
    for node in own(function.body):
        match node:
            case ast.Constant(value="aclose"):
                is_quoted = True  # of getattr
            case ast.Await(value=ast.Call(func=ast.Attribute(ast.Name(id=name), "aclose"))):
                closed.add(name)
            case ast.Call(func=ast.Attribute(ast.Name(id=name), "__anext__")):
                iterated.add(name)
            case ast.Call() if last_word(node) == "anext":
                iterated.update(each.id for each in walk(node) if isinstance(each, ast.Name))
            case ast.AsyncFor(iter=ast.Name(id=name)):
                iterated.add(name)
            case ast.comprehension(iter=ast.Name(id=name), is_async=1):
                iterated.add(name)
            case ast.Assign(targets=targets, value=ast.Call() as made) if _may_open(made, words):
                opened.update(last_word(target) for target in targets)
            case ast.AnnAssign(target=target, value=ast.expr()):
                opened.add(last_word(target))
    found = opened & iterated
    return bool(found) and (is_quoted or bool(found & closed))


def _may_open(call: ast.Call, words: FileWords) -> bool:
    """Whether what is called may be a function of the file, or the stream of something: a method
    is one of `self`, or of a class, and defined here."""
    if not isinstance(call.func, ast.Attribute):
        return True
    word = call.func.attr
    if word in ("aiter", "__aiter__") or word in words.stream_functions:
        return True
    is_method = isinstance(call.func.value, ast.Name)
    return is_method and re.search(rb"def[\s\\]+%s\b" % word.encode(), words.raw) is not None


def _target_names(target: ast.expr) -> Iterator[str]:
    match target:
        case ast.Name(id=name):
            yield name
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _target_names(part)
        case ast.Starred(value=value):
            yield from _target_names(value)


def _waits(node: ast.AST) -> bool:
    """Whether a node of a loop's body waits for room, or asks how much there is."""
    if isinstance(node, ast.Await):
        return not isinstance(node.value, ast.Call) or bool(BOUNDS.search(last_word(node.value)))
    if not isinstance(node, ast.Call):
        return False
    return last_word(node) == "len" or "acquire" in last_word(node)


def _is_of_stream(made: ast.AST | None) -> bool:
    return isinstance(made, ast.ListComp | ast.SetComp | ast.GeneratorExp) and bool(
        made.generators[0].is_async
    )


def _without_subscript(head: ast.expr) -> ast.expr:
    return head.value if isinstance(head, ast.Subscript) else head


def _may_be_endless(call: ast.Call, words: FileWords) -> bool:
    """Whether a queue's size may be none: absent, or no number above zero; of a channel it may have
    a name."""
    plain = [arg for arg in call.args if not isinstance(arg, ast.Starred)]
    sizes = plain[:1] or [k.value for k in call.keywords if k.arg in ("maxsize", "max_buffer_size")]
    if not sizes:
        return True
    match sizes[0]:
        case ast.Constant(value=int(number)):
            return number == 0
        case ast.UnaryOp():
            return True
    word = last_word(_without_subscript(call.func))
    return word not in words.queues or words.may_mean(word, _CHANNELS)

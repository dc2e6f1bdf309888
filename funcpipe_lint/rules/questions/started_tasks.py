"""Calls that start a task, and what waits for it or ends it."""

from __future__ import annotations

import re
from collections.abc import Callable

import libcst as cst

from funcpipe_lint.model.vocabulary import LOOP_NAMES, SPAWNERS, last_words
from funcpipe_lint.rule import Context, asked_once
from funcpipe_lint.rule.flow import Try, called, last_statement
from funcpipe_lint.rule.tree import COLLECTING, Owner

_WORDS = frozenset(last_words(SPAWNERS))
# `cancelled()` asks, and cancels nothing.
_CANCELS = re.compile(r"cancel(?!l?ed|l?ing|l?ation)", re.IGNORECASE)
_LOOPS = ("asyncio.get_running_loop", "asyncio.get_event_loop", "asyncio.new_event_loop")


def is_free_spawn(ctx: Context, call: cst.Call) -> bool:
    """Whether a call starts a task that belongs to nobody: `asyncio.create_task`,
    `ensure_future`, or `create_task` of an event loop. Those of a group are ended by it."""
    word = called(call)
    if word not in _WORDS and not ctx.settings.spawners and not isinstance(call.func, cst.Name):
        return False
    if ctx.names.is_a(call.func, (*SPAWNERS, *ctx.settings.spawners)):
        return True
    if not isinstance(call.func, cst.Attribute) or word != "create_task":
        return False
    receiver = call.func.value
    if isinstance(receiver, cst.Call):
        return ctx.names.is_a(receiver.func, _LOOPS)
    return called(receiver) in LOOP_NAMES


def is_group_spawn(call: cst.Call) -> bool:
    """Whether a call starts a task in a group, nursery or manager."""
    if not isinstance(call.func, cst.Attribute):
        return False
    return called(call) in ("create_task", "start_soon", "ensure_future")


def is_patient(ctx: Context, wait: cst.Await) -> bool:
    """Whether an `await` comes back only when all it waits for has ended: not `asyncio.wait` with
    a time or for the first one only."""
    call = wait.expression
    if not isinstance(call, cst.Call) or not ctx.names.is_a(call.func, ("asyncio.wait",)):
        return True
    return not any(
        arg.keyword is not None and arg.keyword.value in ("timeout", "return_when")
        for arg in call.args
    )


def is_ended_between(
    ctx: Context, call: cst.Call, place: cst.Yield, holders: frozenset[str]
) -> bool:
    """Whether the task that a call starts, which only some names hold, is awaited on the way to a
    yield, or anything is cancelled there."""
    owner = ctx.tree.owner(call)
    is_between = _between(ctx, call, place)
    if any(is_between(end) and _leads_to(ctx, end, place) for end in _cancelling(ctx, owner)):
        return True
    is_one = isinstance(ctx.tree.parent(call), cst.Assign | cst.AnnAssign)
    waiting = _waiting(ctx, owner)
    return any(
        is_between(name)
        and _is_awaited(ctx, name, place, is_one=is_one)
        and _leads_to(ctx, name, place)
        for holder in holders
        for name in waiting.get(holder, ())
    )


@asked_once
def _cancelling(ctx: Context, owner: Owner) -> list[cst.Call]:
    """The calls of a body that may cancel a task."""
    return [node for node in ctx.tree.own(owner, cst.Call) if _CANCELS.search(called(node))]


@asked_once
def _waiting(ctx: Context, owner: Owner) -> dict[str, list[cst.Name]]:
    """The names of a body that stand where what they hold may be awaited, by how they are spelt."""
    found: dict[str, list[cst.Name]] = {}
    for name in ctx.tree.own(owner, cst.Name):
        if _may_be_awaited(ctx, name):
            found.setdefault(name.value, []).append(name)
    return found


def _may_be_awaited(ctx: Context, name: cst.Name) -> bool:
    """Whether `_is_awaited` may say so, whatever the yield is."""
    for above in ctx.tree.ancestors(name):
        if isinstance(above, cst.BaseSmallStatement):
            break
        if isinstance(above, _WAITS):
            return True
        if isinstance(above, cst.BaseCompoundStatement):
            break
    asked = ctx.tree.parent(name)
    return isinstance(asked, cst.Attribute) and asked.attr.value in ("result", "exception")


_WAITS: tuple[type, ...] = (cst.Await, *COLLECTING, cst.For)


def _between(ctx: Context, call: cst.Call, place: cst.Yield) -> Callable[[cst.CSTNode], bool]:
    """Whether a node runs from a call to a yield: those from one to the other, or, where the yield
    stands before it, those around both in the next turn of their loop."""
    tree = ctx.tree
    first, last = tree.place_in_order(call), tree.place_in_order(place)
    loop: cst.CSTNode | None = None
    if last < first:
        loops = (a for a, _ in tree.path(call) if isinstance(a, cst.For | cst.While))
        loop = next((each for each in loops if tree.is_inside(place, each)), None)

    def is_between(node: cst.CSTNode) -> bool:
        at = tree.place_in_order(node)
        is_passed = first < at < last if last > first else at > first or at < last
        is_passed = is_passed and (last > first or tree.is_inside(node, loop))
        return (is_passed or tree.is_inside(node, place)) and not tree.is_inside(node, call)

    return is_between


def _is_awaited(ctx: Context, name: cst.CSTNode, place: cst.Yield, *, is_one: bool) -> bool:
    """Whether all that a name holds is awaited, or a result asked for, which only an ended task
    has.

    One task beside others in `asyncio.wait` may have ended when that comes back with the first:
    only of a whole set of tasks is it certain that some have not. What is taken out of a set is one
    of many, unless it is emptied before the yield.
    """
    above = ctx.tree.parent(name)
    is_part = False
    if isinstance(above, cst.Attribute):
        if above.attr.value in ("result", "exception"):
            return True
        is_part = not is_one and above.attr.value in ("pop", "popleft", "popitem")
    for above in ctx.tree.ancestors(name):
        if isinstance(above, cst.Await):
            return (is_one or is_patient(ctx, above)) and (
                not is_part or _is_in_loop_before(ctx, above, place)
            )
        if isinstance(above, COLLECTING):
            return ctx.flow.awaits_in(above)
        if isinstance(above, cst.For):
            return not ctx.tree.is_inside(place, above) and ctx.flow.awaits_in(above.body)
        if isinstance(above, cst.BaseSmallStatement | cst.BaseCompoundStatement):
            break
    return False


def _is_in_loop_before(ctx: Context, node: cst.CSTNode, place: cst.Yield) -> bool:
    return any(
        isinstance(above, cst.For | cst.While) and not ctx.tree.is_inside(place, above)
        for above, _ in ctx.tree.path(node)
    )


def _leads_to(ctx: Context, node: cst.CSTNode, place: cst.Yield) -> bool:
    """Whether what follows a node may come to a yield: no block around it ends before in a
    `return`, in a `raise` that nothing between them catches, or in a `break` out of the only loop
    around both."""
    is_raised = False
    for above, child in ctx.tree.path(node):
        if ctx.tree.is_inside(place, above):
            break
        if isinstance(above, Try) and child is above.body and above.handlers:
            is_raised = False
        last = last_statement(above.body[-1]) if isinstance(above, cst.BaseSuite) else None
        if isinstance(last, cst.Return):
            return False
        if isinstance(last, cst.Break):
            loops = [a for a, _ in ctx.tree.path(last) if isinstance(a, cst.For | cst.While)]
            if len(loops) == 1 and ctx.tree.is_inside(place, loops[0]):
                return False
        is_raised = is_raised or isinstance(last, cst.Raise)
    return not is_raised


def ends_after(ctx: Context, place: cst.Yield) -> bool:
    """Whether the stream comes to its end after a yield without waiting for anything more."""
    if ctx.flow.awaits_in(place):
        return False
    is_broken = False
    for above, child in ctx.tree.path(place):
        if isinstance(above, cst.For | cst.While):
            if not is_broken:
                return False
            is_broken = False
        elif isinstance(above, cst.With) and above.asynchronous is not None:
            return False
        elif isinstance(above, cst.BaseSuite) and not is_broken:
            match _ways_on(ctx, above)[id(child)]:
                case cst.Return():
                    return True
                case cst.Break():
                    is_broken = True
                case cst.CSTNode():
                    return False
    return True


@asked_once
def _ways_on(ctx: Context, block: cst.BaseSuite) -> dict[int, cst.CSTNode | None]:
    """For each statement of a block the first one behind it that decides whether the stream goes
    on: a return, break, raise or continue; the block itself for one that waits."""
    found: dict[int, cst.CSTNode | None] = {}
    decides: cst.CSTNode | None = None
    for statement in reversed(block.body):
        found[id(statement)] = decides
        last = last_statement(statement)
        if ctx.flow.awaits_in(statement):
            decides = block
        elif isinstance(last, cst.Return | cst.Break | cst.Raise | cst.Continue):
            decides = last
    return found

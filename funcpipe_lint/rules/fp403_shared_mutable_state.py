"""FP403: one run of a description leaves its state to the next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.model.effects import FILLING, FILLING_CONTAINERS
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.bindings import Binding
from funcpipe_lint.rule.flow import called
from funcpipe_lint.rule.tree import COLLECTING, Function
from funcpipe_lint.screen.declaration import Screen, Shape

_CONTAINERS = tuple(
    [f"builtins.{word}" for word in ("list", "dict", "set", "bytearray")]
    + [f"collections.{word}" for word in ("deque", "defaultdict", "Counter", "OrderedDict")]
    + [
        f"{module}.{word}"
        for module in ("typing", "collections.abc")
        for word in (
            "List",
            "Dict",
            "Set",
            "Deque",
            "MutableMapping",
            "MutableSequence",
            "MutableSet",
        )
    ]
)
_DISPLAYS: tuple[type, ...] = (cst.List, cst.Dict, cst.Set, *COLLECTING)


class FP403(Rule):
    """One run of a description leaves its state to the next.

    ## What it does
    Finds a stream function in a builder that changes what it captured from the builder: by
    `nonlocal`, by a mutating method, or by assigning to an item or an attribute. In a module
    without Result types `self` and `cls` may be changed.

    ## Why is this bad
    Every run of the description shares that state. The second run begins where the first ended,
    and two runs at once disturb each other.

    ## Fix safety
    There is no fix: state that is meant to be shared between runs has to say so.

    ## Known problems
    Methods of unknown meaning (a metric's `record`, a clock's `tick`) are trusted.
    """

    code = "FP403"
    name = "shared-mutable-state"
    summary = "the runs of a description share state that they change"
    scope = Scope.RESULT
    strict_elsewhere = True
    visits = (cst.FunctionDef,)
    screen = Screen((Shape.BUILDER,))
    bad = (
        Bad("""\
from funcpipe_streams import AsyncGen, Ok


def distinct(items: list[int]) -> AsyncGen[int]:
    seen = set()

    async def stream():
        for item in items:
            if item not in seen:
                seen.add(item)  # error
                yield Ok(item)

    return stream
"""),
        Bad("""\
from funcpipe_streams import AsyncGen, Ok


def counted() -> AsyncGen[int]:
    count = 0

    async def stream():
        nonlocal count
        count += 1  # error
        yield Ok(count)

    return stream
"""),
    )
    good = (
        Good("""\
from funcpipe_streams import AsyncGen, Ok


def distinct(items: list[int]) -> AsyncGen[int]:
    async def stream():
        seen = set()
        for item in items:
            if item not in seen:
                seen.add(item)
                yield Ok(item)

    return stream
"""),
        Good("""\
from funcpipe_streams import AsyncGen, Ok


def timed(clock) -> AsyncGen[float]:
    async def stream():
        clock.tick()
        yield Ok(clock.now)

    return stream
"""),
    )

    def check(self, node: cst.FunctionDef, ctx: Context) -> Iterator[Finding]:
        if not ctx.streams.is_builder(node):
            return
        for function in ctx.streams.described_functions(node):
            reported: set[str] = set()
            for place, name in _changes(ctx, function):
                binding = _captured(ctx, node, name, place)
                if binding is None or name in reported or not ctx.flow.is_live(place):
                    continue
                if not ctx.streams.is_result_module and ctx.functions.class_received(binding):
                    continue  # an object's state is meant to outlive what its methods give
                if isinstance(place, cst.Call) and not _is_mutation(ctx, place, binding):
                    continue
                reported.add(name)
                message = (
                    f"'{name}' belongs to the builder: every run of this description changes the "
                    "same one, and the next begins where this one ended. Make it inside the stream"
                )
                yield Finding(place, message, notes=((binding.node, "bound here"),))


def _changes(ctx: Context, function: Function) -> Iterator[tuple[cst.CSTNode, str]]:
    """(place, name) of each possible change of a name's value, or of what it holds."""
    rebound = {
        item.name.value
        for statement in ctx.tree.own(function, cst.Nonlocal)
        for item in statement.names
    }
    found: Iterator[Any] = ctx.tree.own(
        function, cst.AssignTarget, cst.AugAssign, cst.AnnAssign, cst.Del, cst.Call
    )
    for node in found:
        if isinstance(node, cst.Call):
            if isinstance(node.func, cst.Attribute) and isinstance(node.func.value, cst.Name):
                yield node, node.func.value.value
            continue
        target = node.target
        if isinstance(target, cst.Name):
            if target.value in rebound:
                yield node, target.value
            continue
        holder = target.value if isinstance(target, cst.Subscript | cst.Attribute) else None
        if isinstance(holder, cst.Name):
            yield node, holder.value


def _captured(
    ctx: Context, builder: cst.FunctionDef, name: str, place: cst.CSTNode
) -> Binding | None:
    """The builder's binding that a name in its stream stands for."""
    found = ctx.names.bindings(name, place)
    own = [b for b in found if ctx.tree.is_inside(b.node, builder) and b.kind != "augment"]
    is_builders = bool(own) and any(
        b is each for each in ctx.names.bound_in(builder).get(name, ()) for b in own
    )
    return own[0] if is_builders else None


def _is_mutation(ctx: Context, call: cst.Call, binding: Binding) -> bool:
    word = called(call)
    if word in FILLING:
        return True
    return word in FILLING_CONTAINERS and _is_container(ctx, binding)


def _is_container(ctx: Context, binding: Binding) -> bool:
    if isinstance(binding.value, _DISPLAYS):
        return True
    if isinstance(binding.value, cst.Call) and ctx.names.is_a(binding.value.func, _CONTAINERS):
        return True
    if binding.annotation is None:
        return False
    note = ctx.names.unquoted(binding.annotation)
    head = note.value if isinstance(note, cst.Subscript) else note
    return head is not None and ctx.names.is_a(head, _CONTAINERS, binding.node)

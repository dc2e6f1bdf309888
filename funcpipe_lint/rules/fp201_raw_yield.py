"""FP201: a stream of Results yields something that is certainly none."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Edit, Fix, Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rules.questions.not_results import Values
from funcpipe_lint.rules.questions.result_streams import gives_results
from funcpipe_lint.screen.declaration import STREAM_OF_RESULTS, Screen, Shape


class FP201(Rule):
    """A stream of Results yields a value that is certainly not a Result.

    ## What it does
    Reports live yields in a generator whose items are known to be Results, by its own annotation or
    that of the builder that returns it, where the value is certainly something else: a literal,
    an f-string, arithmetic, a comparison, a comprehension, a container, a lambda, a call of a
    builtin type, the payload of an `Ok` or `Err`, a call of a function of this file annotated with
    another type, a name bound only to such, or nothing. Calls, names and awaits of unknown type are
    trusted.

    In a module without Result types, under the strict and invariants profiles or selected by its
    code, an async generator without a return annotation counts as a stream of Results where another
    `yield` of it certainly gives an `Ok(...)` or `Err(...)`.

    ## Why is this bad
    Every consumer matches on `Ok` and `Err`. A bare value falls through all of them, or raises far
    from here, and ends a stream that was meant to carry its errors as items.

    ## Fix safety
    Unsafe: it wraps the value in `Ok(...)`, though `Err(...)` or another value may have been meant.

    ## Known problems
    With `ok-is-bare = true` (the ok side is yielded bare) the rule is off.
    """

    code = "FP201"
    name = "raw-yield"
    summary = "a stream of Results yields a bare value"
    scope = Scope.RESULT
    strict_elsewhere = True
    fix = "unsafe"
    visits = (cst.Yield,)
    screen = Screen(STREAM_OF_RESULTS, elsewhere=(Shape.SIDE_YIELDED,))
    bad = (
        Bad(
            """\
from collections.abc import AsyncIterator

from funcpipe_streams import ErrInfo, Ok, Result


async def lengths(words: list[str]) -> AsyncIterator[Result[int, ErrInfo]]:
    for word in words:
        yield len(word) + 1  # error
    yield Ok(0)
""",
            """\
from collections.abc import AsyncIterator

from funcpipe_streams import ErrInfo, Ok, Result


async def lengths(words: list[str]) -> AsyncIterator[Result[int, ErrInfo]]:
    for word in words:
        yield Ok(len(word) + 1)
    yield Ok(0)
""",
        ),
        Bad(
            """\
from funcpipe_streams import AsyncGen, Err, Ok


def unwrapped(source: AsyncGen[int]) -> AsyncGen[int]:
    async def stream():
        async for item in source():
            match item:
                case Ok(value=value):
                    yield value  # error
                case Err() as error:
                    yield error

    return stream
""",
            """\
from funcpipe_streams import AsyncGen, Err, Ok


def unwrapped(source: AsyncGen[int]) -> AsyncGen[int]:
    async def stream():
        async for item in source():
            match item:
                case Ok(value=value):
                    yield Ok(value)
                case Err() as error:
                    yield error

    return stream
""",
        ),
    )
    good = (
        Good("""\
from collections.abc import AsyncIterator

from funcpipe_streams import ErrInfo, Ok, Result


async def parsed(source, parse) -> AsyncIterator[Result[int, ErrInfo]]:
    async for item in source:
        yield parse(item)  # unknown: trusted
        yield item.map(int)
        yield Ok(1) if item else parse(item)
"""),
        Good("""\
async def numbers():
    yield 1  # not a stream of Results
"""),
    )

    def check(self, node: cst.Yield, ctx: Context) -> Iterator[Finding]:
        function = ctx.tree.function(node)
        if ctx.settings.ok_is_bare or isinstance(node.value, cst.From):
            return
        if not gives_results(self.code, function, ctx):
            return
        if not ctx.flow.is_live(node):
            return
        values = Values(ctx)
        for value in self._arms(node.value):
            reason = values.why_raw(value)
            if reason:
                yield Finding(
                    node,
                    f"this yields {reason} in a stream of Results: consumers match on Ok and Err. "
                    "Yield Ok(...), or Err(...) for a failure",
                    fix=self._wrapped(node, value, ctx),
                )
                return

    def _arms(self, value: cst.BaseExpression | None) -> Iterator[cst.BaseExpression | None]:
        """The values of a conditional; any other expression itself."""
        if isinstance(value, cst.IfExp):
            yield from self._arms(value.body)
            yield from self._arms(value.orelse)
        else:
            yield value

    def _wrapped(
        self, node: cst.Yield, value: cst.BaseExpression | None, ctx: Context
    ) -> Fix | None:
        constructor = self._constructor(node, ctx)
        if constructor is None or not ctx.tree.is_faithful or _is_error(value, ctx):
            return None
        ok, imports = constructor
        if value is None:
            edit = ctx.edits.replace(node, f"yield {ok}(None)")
        else:
            start, end = ctx.tree.span(value)  # without parentheses around it
            text = ctx.tree.text
            inner = f"({text[start:end]})" if isinstance(value, cst.Tuple) else text[start:end]
            if value.lpar and text[start - 1] == "(" and text[end] == ")":
                start, end = start - 1, end + 1
            edit = ctx.edits.put(start, end, f"{ok}({inner})")
        return Fix((edit, *imports), False, "wrap the value in Ok")

    def _constructor(self, node: cst.Yield, ctx: Context) -> tuple[str, tuple[Edit, ...]] | None:
        """How `Ok` is written here: what the module calls it already, or imported from the library
        that it takes its Results from."""
        imported = list(ctx.names.imported())
        for name, _ in imported:
            if ctx.annotations.is_ok(cst.Name(name), node):
                return name, ()
        roots = {dotted.partition(".")[0] for _, dotted in imported}
        for known in ctx.settings.oks:
            if known.partition(".")[0] in roots:
                return ctx.edits.import_name(known, node)
        return None


def _is_error(value: cst.BaseExpression | None, ctx: Context) -> bool:
    """Whether a value is the payload of an `Err`: wrapping that in `Ok` would turn it round."""
    return value is not None and Values(ctx).is_error_payload(value)

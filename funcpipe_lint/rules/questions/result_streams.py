"""Which generators are streams of Results: by what is declared, or by what they yield."""

from __future__ import annotations

import libcst as cst

from funcpipe_lint.rule import Context


def gives_results(code: str, function: cst.CSTNode | None, ctx: Context) -> bool:
    """Whether a generator's items are Results, for a rule: they are declared so, or the rule runs
    in any module and the generator is async, not annotated, and yields a side of a Result."""
    if ctx.streams.yields_results(function):
        return True
    if code not in ctx.settings.everywhere or not ctx.functions.is_stream_function(function):
        return False
    assert isinstance(function, cst.FunctionDef)
    if function.returns is not None:
        return False
    given = (each.value for each in ctx.flow.live_yields(function))
    return any(
        isinstance(value, cst.Call) and ctx.results.constructor_side(value.func) is not None
        for value in given
    )

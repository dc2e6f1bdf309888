"""A team's own rules: a module that `[tool.funcpipe-lint] plugins` names. Try them with

funcpipe-lint test-rules examples.team_rules
funcpipe-lint check --plugin examples.team_rules src/
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.rule import Bad, Context, Finding, Fix, Good, Rule, Screen, Shape


class MYC101(Rule):
    """A stream function prints.

    ## What it does
    Finds calls of `print` in async generators. The table `plugin-settings` may name the function to
    call instead: `plugin-settings = { log = "mycompany.log.info" }`.

    ## Why is this bad
    Whoever drives the stream decides what is written to the terminal, and at each item.

    ## Fix safety
    Unsafe: the log may be read by other people than the terminal is. Only calls with nothing but
    positional arguments are changed.

    ## Known problems
    A `print` that is passed on as a function is not seen.
    """

    code = "MYC101"
    name = "print-in-stream"
    summary = "a stream function prints"
    fix = "unsafe"
    visits = (cst.Call,)
    screen = Screen((Shape.ASYNC_GENERATOR,), words=("print",))
    bad = (
        Bad(
            """\
# options: plugin-settings = { log = "mycompany.log.info" }
async def rows(path):
    print(path)  # error
    yield path
""",
            fixed="""\
# options: plugin-settings = { log = "mycompany.log.info" }
from mycompany.log import info


async def rows(path):
    info(path)
    yield path
""",
        ),
        Bad("""\
async def rows(path):
    for row in path:
        print(row, end="")  # error
        yield row
"""),
    )
    good = (
        Good("""\
async def rows(path, log):
    log(path)
    yield path
"""),
        Good("""\
async def show(rows):
    async for row in rows:
        print(row)
"""),
    )

    def check(self, node: cst.Call, ctx: Context) -> Iterator[Finding]:
        """The finding at a call of `print` that an async generator's own body makes."""
        if not ctx.names.is_a(node.func, ("builtins.print",)):
            return
        if not ctx.functions.is_stream_function(ctx.tree.function(node)):
            return
        log = ctx.plugin_settings.get("log", "")
        advice = f"call {log}" if log else "log it, or leave it to the reader of the stream"
        yield Finding(node, f"this stream prints: {advice}", fix=_logged(node, log, ctx))


def _logged(call: cst.Call, log: str, ctx: Context) -> Fix | None:
    if not log or any(arg.keyword is not None or arg.star for arg in call.args):
        return None
    found = ctx.edits.import_name(log, call)
    if found is None:
        return None
    name, imports = found
    return Fix((ctx.edits.replace(call.func, name), *imports), False, f"call {log}")

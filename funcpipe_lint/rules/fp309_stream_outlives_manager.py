"""FP309: a stream of a resource is returned out of the `async with` that closes the resource."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Fix, Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.edits import TEXTS, is_docstring
from funcpipe_lint.rule.flow import called
from funcpipe_lint.rule.tree import descendants
from funcpipe_lint.rules.questions.managers import is_resource
from funcpipe_lint.screen.declaration import YIELD, Screen, Words

# Methods that give a stream: `aiter_bytes`, `iter_lines`, `stream`, `__aiter__`.
_STREAMING = re.compile(r"a?iter(_\w+)?|stream(_\w+)?|__aiter__|iter_\w+")


class FP309(Rule):
    """A stream of a resource is returned out of the `async with` that closes the resource.

    ## What it does
    Reports `return` inside `async with ... as name` in a coroutine, whose value is a stream that is
    read from that name: a call such as `name.aiter_bytes()`, or of an async generator of the file
    that is given the name, or an awaited request of it with `stream=True`. The call may be an
    argument of another one, as in `StreamingResponse(name.aiter_raw())`. Whatever else is awaited,
    or collected first, is left alone.

    ## Why is this bad
    `return` leaves the `async with`, which closes the resource before anybody has pulled an item.
    The consumer then reads from a closed connection: an error at the first item, or an empty
    stream.

    ## Fix safety
    Unsafe: an error in opening the resource then comes with the first item, and not to whoever
    awaits the function. The fix moves the `async with` into an async generator of the function and
    returns a run of that. It is only offered where the function does nothing else, and what is
    returned is an async generator of the file or of a method such as `aiter_bytes()`. Elsewhere do
    the same by hand, or hand out a context manager.

    ## Known problems
    Methods that give a stream are known by their names: `aiter...`, `iter_...`, `stream...`.
    """

    code = "FP309"
    name = "stream-outlives-manager"
    summary = "a stream is returned out of the manager that closes its resource"
    scope = Scope.STRICT
    screen = Screen(
        (
            Words((("async with",), ("return",), ("iter", "stream"))),
            Words((("async with",), ("return",)), beside=((YIELD,),)),  # a generator of the file
        ),
        without_streams=(("return",), ("async",), ("iter", "stream")),
    )
    fix = "unsafe"
    visits = (cst.Return,)
    bad = (
        Bad(
            """\
import httpx
from starlette.responses import StreamingResponse


async def download(url):
    async with httpx.AsyncClient() as client:
        async with client.stream("GET", url) as upstream:
            return StreamingResponse(upstream.aiter_raw())  # error
""",
            """\
import httpx
from starlette.responses import StreamingResponse


async def download(url):
    async def items():
        async with httpx.AsyncClient() as client:
            async with client.stream("GET", url) as upstream:
                async for item in upstream.aiter_raw():
                    yield item

    return StreamingResponse(items())
""",
        ),
        Bad("""\
import httpx


async def lines(request):
    async with httpx.AsyncClient() as client:
        response = await client.send(request, stream=True)
        return response.aiter_lines()  # error
"""),
        Bad("""\
from openai import AsyncOpenAI


async def tokens(messages):
    async with AsyncOpenAI() as client:
        return await client.chat.completions.create(messages=messages, stream=True)  # error
"""),
        Bad("""\
async def rows(connection):
    async for row in connection.execute("select 1"):
        yield row


async def opened(pool):
    async with pool.connect() as connection:
        return rows(connection)  # error
"""),
    )
    good = (
        Good("""\
import httpx
from starlette.responses import StreamingResponse


async def download(url):
    async def content():
        async with httpx.AsyncClient() as client:
            async with client.stream("GET", url) as upstream:
                async for part in upstream.aiter_raw():
                    yield part

    return StreamingResponse(content())
"""),
        Good("""\
import httpx


async def lines(request):
    async with httpx.AsyncClient() as client:
        response = await client.send(request)  # all of the body is read
        return response.aiter_lines()
"""),
        Good("""\
async def opened(pool):
    async with pool.connect() as connection:
        return [row async for row in connection.iter_rows()]
"""),
    )

    def check(self, node: cst.Return, ctx: Context) -> Iterator[Finding]:
        function = ctx.tree.function(node)
        if not isinstance(function, cst.FunctionDef) or ctx.functions.is_generator(function):
            return
        if node.value is None or not ctx.flow.is_live(node):
            return
        opened = _opened(ctx, node)
        for call, name in _streams_in(ctx, node.value):
            manager = opened.get(name) or opened.get(_asked_for_stream(ctx, name, node) or "")
            if manager is not None:
                message = (
                    f"'{ctx.short_call(call)}' reads from '{name}', which this return closes "
                    f"(line {ctx.line(manager)}): the stream is used after that. Open it inside "
                    "the stream: return a run of an async generator that holds the async with"
                )
                notes = ((manager, "closed by the return"),)
                yield Finding(node, message, notes=notes, fix=_fix(ctx, function, node, call))
                return


def _opened(ctx: Context, node: cst.CSTNode) -> dict[str, cst.With]:
    """The names of the resources that an `async with` around a node closes, bound once."""
    found: dict[str, cst.With] = {}
    for with_, item in ctx.flow.managers(node):
        name = None if item.asname is None else item.asname.name
        if with_.asynchronous is None or not isinstance(name, cst.Name):
            continue
        if is_resource(ctx, item.item, is_async=True) and ctx.names.only(name.value, node):
            found[name.value] = with_
    return found


def _streams_in(ctx: Context, value: cst.BaseExpression) -> Iterator[tuple[cst.Call, str]]:
    """The calls in a returned value that give a stream, as it is or as an argument, and the name
    that each reads from."""
    asked = _root_of_streaming(value)
    if isinstance(value, cst.Await) and asked is not None:
        assert isinstance(value.expression, cst.Call)
        yield value.expression, asked
    if not isinstance(value, cst.Call):
        return
    if isinstance(value.func, cst.Attribute) and _STREAMING.fullmatch(called(value)):
        root = _root(value)
        if root is not None:
            yield value, root
        return
    source = ctx.streams.async_stream_call(value)
    if source is not None and source.source == "generator":
        for arg in value.args:
            for name in descendants(arg.value):
                if isinstance(name, cst.Name):
                    yield value, name.value
        return
    if not ctx.names.is_a(value.func, _COLLECTORS):
        for arg in value.args:
            yield from _streams_in(ctx, arg.value)


def _root(call: cst.Call) -> str | None:
    """The name that what a call calls is an attribute of: `client` of `client.chat.create()`."""
    root: cst.BaseExpression = call.func
    while isinstance(root, cst.Attribute):
        root = root.value
    return root.value if isinstance(root, cst.Name) else None


def _root_of_streaming(value: cst.BaseExpression | None) -> str | None:
    """The name that an awaited request with `stream=True` is made of."""
    call = value.expression if isinstance(value, cst.Await) else None
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
        return None
    is_streaming = any(
        arg.keyword is not None
        and arg.keyword.value == "stream"
        and isinstance(arg.value, cst.Name)
        and arg.value.value == "True"
        for arg in call.args
    )
    return _root(call) if is_streaming else None


def _asked_for_stream(ctx: Context, name: str, at: cst.CSTNode) -> str | None:
    """The name that a response is asked of, where a name is bound once to a request with
    `stream=True`."""
    binding = ctx.names.only(name, at)
    return None if binding is None else _root_of_streaming(binding.value)


_COLLECTORS = tuple(
    f"builtins.{word}" for word in ("list", "tuple", "set", "dict", "sorted", "sum")
)


def _fix(
    ctx: Context, function: cst.FunctionDef, returning: cst.Return, stream: cst.Call
) -> Fix | None:
    """The managers move into an async generator of the function, which returns a run of it."""
    line = ctx.tree.statement(returning)
    outer = _nothing_but(ctx, function, line)
    value = returning.value
    if outer is None or value is None or not _gives_generator(ctx, stream):
        return None
    rest = ctx.tree.code(value).replace(ctx.tree.code(stream), "", 1)
    held = {name for with_ in _managers(ctx, line) for name in _named_by(with_)}
    if not held.isdisjoint(_WORD.findall(rest)) or "await" in rest:
        return None
    run = ctx.edits.unused(("items", "opened_items", "run"), function)
    item = ctx.edits.unused(("item", "each", "part"), function)
    start, end = ctx.tree.span(value)
    at, behind = ctx.tree.span(stream)
    around = ctx.tree.text[start:at], ctx.tree.text[behind:end]
    if any(isinstance(n, TEXTS) and "\n" in ctx.tree.code(n) for n in descendants(value)):
        return None
    text, newline = ctx.tree.text, ctx.tree.module.default_newline
    indent, inner = ctx.edits.indentation(outer), ctx.edits.indentation(line)
    if not run or not item or inner.strip() or not re.match(r"[ \t]*(#|\r?\n|$)", text[end:]):
        return None
    unit = "\t" if "\t" in indent else ctx.tree.module.default_indent
    loop = f"async for {item} in {text[at:behind]}:{newline}{unit}{inner}{unit}yield {item}"
    wrapped = ctx.edits.wrap(outer, f"async def {run}():", (ctx.edits.replace(returning, loop),))
    if wrapped is None:
        return None
    before, after = (part.replace(f"\n{inner}", f"\n{indent}") for part in around)
    returned = f"return {before}{run}(){after}"
    whole = f"{wrapped.text}{newline}{newline}{indent}{returned}"
    return Fix((wrapped._replace(text=whole),), False, "open the resource inside the stream")


def _nothing_but(ctx: Context, function: cst.FunctionDef, line: cst.CSTNode) -> cst.With | None:
    """The outermost manager of a function that does nothing but to enter managers that hold
    resources, and to return."""
    body = [each for each in function.body.body if not is_docstring(each)]
    managers = _managers(ctx, line)
    if not managers or body != [managers[-1]] or not isinstance(line, cst.SimpleStatementLine):
        return None
    blocks = [*(with_.body.body for with_ in managers), line.body]
    if any(len(block) != 1 for block in blocks):
        return None
    items = [(with_, item.item) for with_ in managers for item in with_.items]
    are_resources = all(
        with_.asynchronous is not None and is_resource(ctx, item, is_async=True)
        for with_, item in items
    )
    return managers[-1] if are_resources else None


def _managers(ctx: Context, line: cst.CSTNode) -> list[cst.With]:
    """The `with` statements around a line, innermost first, each once."""
    return list(dict.fromkeys(with_ for with_, _ in ctx.flow.managers(line)))


def _named_by(with_: cst.With) -> Iterator[str]:
    for item in with_.items:
        if item.asname is not None:
            yield from (n.value for n in descendants(item.asname) if isinstance(n, cst.Name))


def _gives_generator(ctx: Context, stream: cst.Call) -> bool:
    """Whether what a call gives is certainly gone through by `async for`, and by nothing else."""
    source = ctx.streams.async_stream_call(stream)
    is_own = source is not None and source.source == "generator"
    return is_own or called(stream).startswith("aiter_")


_WORD = re.compile(r"\w+")

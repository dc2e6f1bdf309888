"""The reference part of docs/streams.md, from the docstrings of funcpipe_streams."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import funcpipe_streams

PAGE = Path(__file__).parents[1] / "streams.md"
START, END = "<!-- reference: written by `make docs` -->\n", "<!-- end -->\n"
# The titles, and the modules whose public names stand below them.
GROUPS: dict[str, tuple[str, ...]] = {
    "Results": ("result",),
    "Sources, map and bind": ("stream",),
    "Resources and release": ("resource", "running.release"),
    "Choosing and combining": ("list_operations", "errors", "chunk"),
    "Several things at once": ("concurrent",),
    "Policies": ("policy",),
    "Single values": ("plan",),
    "Synchronous streams": ("io_gen",),
    "Exceptions into Err": ("attempt",),
    "The shell": ("shell",),
}
ALIASES = {
    "AsyncGen": "Callable[[], AsyncIterator[Result[T, ErrInfo]]]",
    "AsyncPlan": "Callable[[], Awaitable[Result[T, ErrInfo]]]",
    "IOGen": "Callable[[], Iterator[Result[T, ErrInfo]]]",
    "Result": "Ok[T] | Err[E]",
}


def streams_page() -> Mapping[str, str]:
    """The page, its reference written anew, its tutorial as it is."""
    text = PAGE.read_text(encoding="utf-8")
    tutorial, _, _ = text.partition(START)
    reference = "\n".join(_reference())
    return {"streams.md": f"{tutorial}{START}\n{reference}{END}"}


def _reference() -> Iterator[str]:
    yield "## Reference\n"
    yield from (f"- `{name} = {meaning}`" for name, meaning in ALIASES.items())
    left = set(funcpipe_streams.__all__) - set(ALIASES)
    for title, modules in GROUPS.items():
        yield f"\n### {title}\n"
        for module in modules:
            for name in import_module(f"funcpipe_streams.{module}").__all__:
                if name not in left:
                    continue
                left.remove(name)
                yield from _entry(name, getattr(funcpipe_streams, name))
    assert not left, f"no module of {__file__} has {sorted(left)}"


def _entry(name: str, thing: object) -> Iterator[str]:
    signature = str(inspect.signature(thing)).replace("'", "")  # type: ignore[arg-type]
    kind = "async " * inspect.iscoroutinefunction(thing)
    if inspect.isclass(thing):
        kind, signature = "class ", signature.removesuffix(" -> None")
    yield f"#### `{name}`\n\n```text\n{kind}{name}{signature}\n```\n\n{inspect.getdoc(thing)}\n"

"""The purity gate: building a description may do nothing; what it does is named with its line."""

from __future__ import annotations

import asyncio
import contextvars
import importlib.util
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from funcpipe_laws.purity.construction import ImpureConstruction, assert_pure_construction, watch
from tests.laws.mutants import MODEL

VARIABLE: contextvars.ContextVar[int] = contextvars.ContextVar("variable", default=0)


async def _nothing() -> None: ...


def pure(source: Any, f: Any) -> Any:
    """A builder as it should be."""
    return lambda: (source, f)


def test_a_pure_builder_passes_and_its_result_is_returned() -> None:
    """The right implementation's builders do nothing, and the gate hands out what they built."""
    operation: Any = MODEL.map
    thunk = assert_pure_construction(operation, MODEL.pure, lambda value: value)
    assert callable(thunk)
    for builder, args in (
        (MODEL.pure, (1,)),
        (MODEL.bind, (pure, pure)),
        (MODEL.using, (pure, pure)),
        (pure, ([1], {"a": 1})),
    ):
        assert_pure_construction(builder, *args)  # type: ignore[arg-type]


def opens() -> None:
    Path(__file__).read_bytes()


def imports() -> None:
    sys.modules.pop("colorsys", None)
    import colorsys  # noqa: F401


def connects() -> None:
    socket.socket().close()


def spawns() -> None:
    subprocess.run([sys.executable, "-c", ""], check=True)


def threads() -> None:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()


def tasks() -> None:
    _ = asyncio.get_running_loop().create_task(_nothing())


def callbacks() -> None:
    asyncio.get_running_loop().call_soon(int)


def timers() -> None:
    asyncio.get_running_loop().call_later(1, int)


def sets() -> None:
    VARIABLE.set(1)


EFFECTS: dict[Callable[[], None], str] = {
    opens: "opened a file",
    imports: "imported a module: 'colorsys'",
    connects: "made a socket",
    spawns: "started a process",
    threads: "started a thread",
    tasks: "started a task",
    callbacks: "scheduled a callback",
    timers: "set a timer",
    sets: "set the context variable 'variable'",
}


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda f: f.__name__)
def test_each_effect_is_named_with_its_function(effect: Callable[[], None]) -> None:
    """The message says what was done, and in which function of which file."""
    with pytest.raises(ImpureConstruction) as raised:
        assert_pure_construction(effect)
    message = str(raised.value)
    assert EFFECTS[effect] in message
    assert re.search(rf"in {effect.__name__} \(\S*test_purity\.py:\d+\)", message)


def _line_of(text: str) -> int:
    """The line of this file that holds the text, and nothing before it does."""
    lines = Path(__file__).read_text("utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if text in line)


def test_the_offending_line_is_named_and_shown() -> None:
    """Not the builder's first line: the one that did it, its text below; in a callee as well."""

    def calls() -> None:
        _ = 1
        sets()

    with pytest.raises(ImpureConstruction) as raised:
        assert_pure_construction(calls)
    wanted = (
        rf"in sets \(\S*test_purity\.py:{_line_of('    VARIABLE.set(1)')}\)\n +VARIABLE\.set\(1\)"
    )
    assert re.search(wanted, str(raised.value))


def test_a_changed_argument_is_traced_to_its_line() -> None:
    """The builder is run once more, on copies: what it was given is not changed further."""

    def appends(first: list[int], *, sources: list[int]) -> int:
        total = sum(first)
        sources.append(total)  # this line
        return total

    sources = [1]
    _, found = watch(appends, [1, 2], sources=sources)
    assert [(i.what, i.site[1]) for i in found] == [
        ("changed argument 'sources'", _line_of("sources.append(total)  # this line"))
    ]
    assert sources == [1, 3, 3]


READ = """\
import time

def described(path, twice=False):
    if twice:
        file = open(path)
    started = time.monotonic()  # noqa: FP401 - on purpose

    async def stream():
        yield open(path)

    return stream

def other(path):
    file = open(path)

    async def stream():
        yield file

    return stream
"""


def test_effects_on_other_paths_are_found_by_reading(tmp_path: Path) -> None:
    """What another argument would do, by its line; not what a comment excuses, nor a neighbour."""
    (tmp_path / "read.py").write_text(READ, "utf-8")
    spec = importlib.util.spec_from_file_location("read", tmp_path / "read.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    _, found = watch(module.described, "nowhere")
    (impurity,) = found
    assert "by its source, 'open(path)' happens when the stream is described" in impurity.what
    assert impurity.site[1] == 5


def test_a_builder_without_source_is_only_watched() -> None:
    """Nothing can be read of one that was made by exec, or is not of Python."""
    names: dict[str, Any] = {}
    exec("def build():\n    return lambda: open('x')", names)
    assert watch(names["build"])[1] == []


def test_calling_an_argument_is_an_effect() -> None:
    """A builder that runs the user's function, or starts the source, is eager."""

    def eager(source: Any, *, f: Any) -> Any:
        return source(), f(1)

    _, found = watch(eager, lambda: 1, f=lambda value: value)
    assert [impurity.what for impurity in found] == ["called argument 1", "called argument 'f'"]


def test_changing_an_argument_is_an_effect() -> None:
    """A list of sources that a builder pops from is changed; one that it reads is not."""

    def pops(sources: list[int]) -> int:
        return sources.pop()

    _, found = watch(pops, [1, 2, 3])
    assert [impurity.what for impurity in found] == ["changed argument 1"]
    assert watch(list, [1, 2])[1] == []


def test_needing_a_loop_is_an_effect() -> None:
    """A description can be built at import time, where no loop runs."""
    _, found = watch(asyncio.get_running_loop)
    assert [impurity.what for impurity in found] == ["needs a running event loop"]


def test_the_builders_own_exception_surfaces() -> None:
    """A wrong argument is the user's to see, not an impurity."""

    def refuses(size: int) -> None:
        raise ValueError("size must be positive")

    with pytest.raises(ValueError, match="size must be positive"):
        assert_pure_construction(refuses, 0)


def test_other_threads_and_later_effects_do_not_count() -> None:
    """Only the builder's own thread, and only while it builds, is watched."""
    go, stop = threading.Event(), threading.Event()

    def busy() -> None:
        go.set()
        while not stop.is_set():
            opens()

    thread = threading.Thread(target=busy)
    thread.start()
    go.wait()
    try:
        for _ in range(50):
            assert watch(pure, 1, 2)[1] == []
    finally:
        stop.set()
        thread.join()
    described = assert_pure_construction(lambda: opens)
    described()

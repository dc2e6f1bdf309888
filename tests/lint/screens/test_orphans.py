"""Tasks that are looked after, and what only looks so: FP504 says the same behind its screen."""

from __future__ import annotations

import pytest

from docs.studies.screens import differences
from funcpipe_lint.check.engine import Engine
from funcpipe_lint.config.settings import settings_for

SETTINGS = settings_for({})
HEAD = "import asyncio\nfrom asyncio import create_task\n\n\n"

# Each leaves a task to itself, and a simpler reading of its tree takes it to be looked after.
LEFT = {
    "alone": "async def f(p):\n    create_task(p())\n    yield await p.x()\n",
    "alone, in a loop that its last statement goes on with": (
        "async def f(p):\n    while p:\n        create_task(p())\n        yield 1\n"
        "        if p.x():\n            break\n"
    ),
    "a finally that suspends in a function within it alone": (
        "async def f(p):\n    t = create_task(p())\n    try:\n        yield 1\n    finally:\n"
        "        async def end():\n            await p.x()\n        end()\n"
    ),
    "a finally around one of two yields": (
        "async def f(p):\n    t = create_task(p())\n    yield 1\n    try:\n        pass\n"
        "    finally:\n        await p.x()\n    yield 2\n"
    ),
    "started in the finally": (
        "async def f(p):\n    while p:\n        yield 1\n        try:\n            p.x()\n"
        "        finally:\n            create_task(p.cancel())\n"
    ),
    "awaited below the yield": (
        "async def f(p):\n    t = create_task(p())\n    yield 1\n    await t\n"
    ),
    "waited for with a time": (
        "async def f(p):\n    t = {create_task(p())}\n    yield 1\n"
        "    x = await asyncio.wait(t, timeout=1)\n"
    ),
    "raced as it is started": (
        "async def f(p):\n    done, rest = await asyncio.wait([create_task(p())], timeout=1)\n"
        "    yield 1\n"
    ),
    "passed to what hands it back": (
        "async def f(p):\n    ts = list([create_task(p())])\n    yield len(ts)\n"
    ),
    "passed to what hands it back, by another name": (
        "from asyncio import wait_for as limit\nasync def f(p):\n    t = create_task(p())\n"
        "    yield 1\n    await limit(t, 1)\n"
    ),
    "passed to what hands it back, by one of two names": (
        "one = limit = asyncio.wait_for\nasync def f(p):\n    t = create_task(p())\n"
        "    yield 1\n    await one(t, 1)\n"
    ),
    "put into a container of the function": (
        "async def f(p):\n    ts = []\n    ts.append(create_task(p()))\n    yield 1\n"
    ),
    "put into more arguments": (
        "async def f(*ts):\n    ts.append(create_task(p()))\n    yield 1\n"
    ),
    "bound in an expression": ("async def f(p):\n    x(t := create_task(p()))\n    yield 1\n"),
    "bound to a name of the same value": (
        "async def f(p):\n    t = create_task(p())\n    other = t\n    yield other\n"
    ),
    "cancelled where nothing makes sure of it": (
        "async def f(p):\n    t = create_task(p())\n    yield 1\n    t.cancel()\n"
    ),
    "asked for its name": ("async def f(p):\n    t = create_task(p())\n    yield t.get_name()\n"),
    "a name that only another function binds": (
        "async def f(p):\n    def g():\n        ts = 1\n    t = create_task(p())\n    yield 1\n"
    ),
    "a handler of an error that is called as a broad one": (
        "from p import BaseException\nasync def f(p):\n    try:\n        t = create_task(p())\n"
        "        yield 1\n    except BaseException:\n        await p.x()\n"
    ),
    "a handler around the yield alone, of a second name": (
        "async def f(p, GeneratorExit):\n    t = create_task(p())\n    try:\n        yield 1\n"
        "    except GeneratorExit:\n        await p.x()\n"
    ),
    "a handler of some errors": (
        "async def f(p):\n    try:\n        t = create_task(p())\n        yield 1\n"
        "    except ValueError:\n        await p.x()\n"
    ),
}

# What the rule takes for certain to look after the task.
KEPT = {
    "awaited": "async def f(p):\n    await create_task(p())\n    yield 1\n",
    "handed on": "async def f(p):\n    t = create_task(p())\n    p.add(t)\n    yield 1\n",
    "handed on as it is started": "async def f(p):\n    p.add(create_task(p()))\n    yield 1\n",
    "handed on by name": "async def f(p):\n    t = create_task(p())\n    p(task=t)\n    yield 1\n",
    "handed on with others": (
        "async def f(p):\n    ts = [create_task(p())]\n    p(*ts)\n    yield 1\n"
    ),
    "yielded": "async def f(p):\n    t = create_task(p())\n    yield t\n",
    "an attribute": "async def f(p):\n    p.t = create_task(p())\n    yield 1\n",
    "of a parameter": "async def f(p):\n    p.append(create_task(p()))\n    yield 1\n",
    "of the module": "ts = set()\nasync def f(p):\n    ts.add(create_task(p()))\n    yield 1\n",
    "a callback": (
        "async def f(p):\n    t = create_task(p())\n    t.add_done_callback(p)\n    yield 1\n"
    ),
    "used within": (
        "async def f(p):\n    t = create_task(p())\n    p.end = lambda: t.cancel()\n    yield 1\n"
    ),
    "in a finally": (
        "async def f(p):\n    t = create_task(p())\n    yield 1\n    try:\n        yield 2\n"
        "    finally:\n        p.x = [t]\n"
    ),
    "a finally that awaits around it": (
        "async def f(p):\n    try:\n        create_task(p())\n        yield 1\n    finally:\n"
        "        await p.x()\n"
    ),
    "a broad handler": (
        "async def f(p):\n    t = create_task(p())\n    try:\n        yield 1\n"
        "    except (GeneratorExit, asyncio.CancelledError):\n        await p.x()\n        raise\n"
    ),
    "a finally that cancels around its yields": (
        "async def f(p):\n    t = create_task(p())\n    try:\n        yield 1\n    finally:\n"
        "        p.cancel_all()\n"
    ),
}


@pytest.mark.parametrize("name", LEFT)
def test_tasks_left_to_themselves(name: str) -> None:
    """What only looks like looking after a task hides no finding."""
    raw = (HEAD + LEFT[name]).encode()
    report = Engine(SETTINGS, use_screens=False).check("m.py", raw)
    assert [violation.code for violation in report.violations] == ["FP504"]
    assert differences("m.py", raw, ["default"]) == []


@pytest.mark.parametrize("name", KEPT)
def test_tasks_that_are_looked_after(name: str) -> None:
    """What the rule is sure of is not reported, with the screens as without."""
    raw = (HEAD + KEPT[name]).encode()
    assert Engine(SETTINGS, use_screens=False).check("m.py", raw).violations == ()
    assert Engine(SETTINGS).check("m.py", raw).violations == ()

"""Coroutines of a stream that are gathered elsewhere than they were bound are not lost."""

from __future__ import annotations

import pytest

from funcpipe_lint.check import engine

from .test_strict_screens import STRICT, said

LONG = "    print('what is worth its while to cut')\n" * 5
OTHER = f"from asyncio import gather\ndef other():\n{LONG}"
MODULE = "calls = (g(x) async for x in src())\n"

GATHERED = {
    "in a plain function": f"{OTHER}{MODULE}def go():\n{LONG}    return gather(*calls)\n",
    "in a coroutine function without a loop": (
        f"{OTHER}{MODULE}async def go():\n{LONG}    await gather(*calls)\n"
    ),
    "by another name": (
        f"import lib\nfrom asyncio import gather as go_all\n{OTHER}{MODULE}async def go():\n{LONG}"
        "    await go_all(*calls)\n"
    ),
    "by a name of the module": (
        f"{OTHER}{MODULE}go_all = gather\nasync def go():\n{LONG}    await go_all(*calls)\n"
    ),
    "filled by another function": (
        f"{OTHER}async def fill(s):\n    global calls\n    calls = [g(x) async for x in s]\n"
        f"async def go():\n{LONG}    await gather(*calls)\n"
    ),
    "filled by the function beside": (
        f"{OTHER}def outer(s):\n    async def fill():\n        nonlocal calls\n"
        "        calls = [g(x) async for x in s]\n"
        "    async def go():\n        await gather(*calls)\n    return fill, go\n"
    ),
    "filled by another function, handed on in brackets": (
        f"{OTHER}async def fill(s):\n    global other_calls, \\\n        calls\n"
        "    calls = [g(x) async for x in s]\n"
        "async def go():\n    await gather(*  # all\n        (calls))\n"
    ),
    "in a format": (
        f'{OTHER}def go(s):\n    return f"{{gather(*(g(x) async for x in s))}}"\n{LONG}'
    ),
    "in no function": f"{OTHER}{MODULE}every = gather(*calls)\n",
    "in a class": f"{OTHER}class A:\n    {MODULE}    every = gather(*calls)\n",
    "in the header of a class": f"{OTHER}{MODULE}class A(gather(*calls)):\n    x = 1\n{LONG}",
    "in a decorator": f"{OTHER}{MODULE}@gather(*calls)\ndef go():\n{LONG}",
    "in a default": f"{OTHER}{MODULE}def go(x=gather(*calls)):\n{LONG}",
}


@pytest.mark.parametrize("is_sliced", [True, False])
@pytest.mark.parametrize("name", GATHERED)
def test_nothing_is_lost(name: str, monkeypatch: pytest.MonkeyPatch, *, is_sliced: bool) -> None:
    """It is found with the screens as without, whichever way the file is cut."""
    text = GATHERED[name]
    if not is_sliced:
        monkeypatch.setattr(engine, "cuts", lambda *_: None)
    everything = said(text, STRICT, use_screens=False)
    assert "FP502" in [code for _, code in everything]
    assert said(text, STRICT, use_screens=True) == everything
    assert said(text, {"select": ["FP502"]}, use_screens=True) == everything

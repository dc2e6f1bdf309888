"""`funcpipe mcp` with a real client of the protocol, over standard input and output."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from .projects import BROKEN, CLEAN, LEAKING, gate, project

Ask = Callable[..., Awaitable[str]]


def with_client(folder: Path, use: Callable[[ClientSession, Ask], Awaitable[None]]) -> None:
    """Start the server in a folder, connect a client, and hand it on."""

    async def whole() -> None:
        parameters = StdioServerParameters(
            command=sys.executable,
            args=["-m", "funcpipe_gate", "mcp"],
            cwd=str(folder),
            env={**os.environ, "PYTEST_ADDOPTS": ""},
        )
        async with (
            stdio_client(parameters) as (read, write),
            ClientSession(read, write) as session,
        ):
            await session.initialize()

            async def ask(tool: str, **arguments: Any) -> str:
                result: Any = await session.call_tool(tool, arguments)
                assert not result.is_error, result.content
                return "".join(part.text for part in result.content)

            await use(session, ask)

    asyncio.run(asyncio.wait_for(whole(), 300))


def test_an_agent_checks_fixes_and_checks_again(tmp_path: Path) -> None:
    """check shows finding, patch and page; fix shows a diff, then applies it; then it is clean."""
    folder = project(tmp_path, app=LEAKING)

    async def use(session: ClientSession, ask: Ask) -> None:
        tools = await session.list_tools()
        # What runs the project's code, or writes, is asked for first.
        reading = {t.name for t in tools.tools if t.annotations and t.annotations.read_only_hint}
        assert reading == {"explain"}
        assert {tool.name for tool in tools.tools} == {"check", "explain", "fix", "replay"}
        assert all(tool.description for tool in tools.tools)
        found = await ask("check", stages="lint")
        assert "FP303 source-not-closed at app.py:17:5" in found
        assert "```diff" in found
        assert found.endswith("exit code 1")
        diff = await ask("fix", paths=["app.py"])
        assert "+    async with aclosing(rows(path)) as items:" in diff
        assert (folder / "app.py").read_text() == LEAKING
        await ask("fix", paths=["app.py"], codes="FP303", apply=True)
        assert "aclosing(rows(path))" in (folder / "app.py").read_text()
        assert (await ask("check", stages="lint")).endswith("exit code 0")

    with_client(folder, use)


def test_an_agent_replays_a_broken_law(tmp_path: Path) -> None:
    """The line that check prints is taken as it is; explain says what the law is."""
    folder = project(tmp_path, 'laws = ["bad"]', bad=BROKEN)

    async def use(session: ClientSession, ask: Ask) -> None:
        found = await ask("check", stages="laws")
        line = next(row for row in found.splitlines() if " S14 " in row and "replay: " in row)
        shown = await ask("replay", command=line.removeprefix("replay: "))
        assert "S14 resources.close_reaches_inside is broken" in shown
        assert "When aclose() of the outermost stream returns" in await ask("explain", code="S14")
        assert "Why is this bad" in await ask("explain", code="source-not-closed")
        assert "neither a rule nor a law" in await ask("explain", code="Z99")

    with_client(folder, use)


OTHER_COMMANDS = (
    *("rm -rf .", "python -c 1", "pytest tests", "python -m funcpipe_laws"),
    "pytest --stream-leaks=error --junitxml=x.json",
    "pytest --stream-leaks -p other",
    "pytest --stream-leaks-fix tests",
    "pytest --purity a @options",
    "pytest --stream-leaks /elsewhere/test_x.py",
    "pytest --stream-leaks ../test_x.py",
)


def test_an_agent_cannot_run_other_commands(tmp_path: Path) -> None:
    """Nor smuggle options in as paths; what it asks for wrongly is answered in words."""
    folder = project(tmp_path, app=CLEAN)

    async def use(session: ClientSession, ask: Ask) -> None:
        for command in (*OTHER_COMMANDS, "'"):
            assert (await ask("replay", command=command)).startswith("not run: ")
        assert "no such file" in await ask("check", paths=["--report=x.json"])
        assert "no stage; did you mean 'lint'" in await ask("check", stages="lnt")

    with_client(folder, use)
    assert not (folder / "x.json").exists()


def test_without_the_extra_it_is_one_line(tmp_path: Path) -> None:
    """Exit code 2, and how to install it."""
    hider = tmp_path / "hider"
    hider.mkdir()
    (hider / "mcp").mkdir()
    (hider / "mcp" / "__init__.py").write_text("raise ModuleNotFoundError('no', name='mcp')\n")
    done = gate(tmp_path, "mcp", PYTHONPATH=str(hider))
    assert done.returncode == 2
    assert done.stderr == "funcpipe: the server needs mcp: pip install 'funcpipe-kit[mcp]'\n"

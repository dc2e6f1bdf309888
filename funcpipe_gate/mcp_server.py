"""`funcpipe mcp`: the gate for coding agents, by the Model Context Protocol over standard input and
output. Needs the extra `mcp`.

Each call runs a command of the kit in a process of its own, in the folder where the server was
started: what is printed, or crashes, there does not reach the protocol.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations

from funcpipe_gate.running import process
from funcpipe_lint import __version__

SECONDS = 1_800.0
"""That a call may take: a whole gate with law suites and tests takes minutes."""
_KEPT = 1 << 20
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
# The project's own tests and modules: what they do is theirs, and a client has to ask first.
_RUNS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=True)
# What a replay line of pytest consists of; its other options write files or load plugins.
_OPTIONS = (
    *("--stream-leaks", "--stream-endpoints", "--stream-request", "--stream-step"),
    *("--stream-loop", "--purity", "-k"),
)
_WRITES = ToolAnnotations(destructive_hint=True, idempotent_hint=True, open_world_hint=False)
_REPLAYS = (
    ("python", "-m", "funcpipe_laws", "replay"),
    ("pytest", "--stream-"),
    ("pytest", "--purity"),
)

server = MCPServer(
    "funcpipe",
    version=__version__,
    instructions="Checks code that works with async streams (async generators). Call check; for"
    " each finding read its patch and replay; explain a code that is new to you; fix applies safe"
    " patches; replay shows a broken law, leak or endpoint again after you have changed the code.",
    log_level="ERROR",
)


@server.tool(annotations=_RUNS)
async def check(paths: list[str] | None = None, stages: str = "", since: str = "") -> str:
    """Run the gate on the project: linter, law suites, purity, endpoints, leaks, types.

    paths: files or folders for the linter; empty for what the project configures.
    stages: some of lint, laws, purity, endpoints, leaks, types, separated by commas; empty for all
    that are configured. lint alone takes seconds and runs none of the project's code.
    since: a git revision, such as origin/main: only what has changed, and what depends on it.
    """
    words = ["check", "-q", "--output-format", "agent"]
    words += [f"--only={stages}"] if stages else []
    words += [f"--since={since}"] if since else []
    return await _said("funcpipe_gate", [*words, "--", *(paths or [])])


@server.tool(annotations=_READS)
async def explain(code: str) -> str:
    """The page of a rule (FP303, or a name such as source-not-closed), or the statement of a law
    (S14, or resources.close_reaches_inside)."""
    if code.upper().startswith("FP") or "-" in code:
        return await _said("funcpipe_lint", ["rule", "--", code])
    listing = await _said("funcpipe_laws", ["list"])
    laws = listing.replace("\n    ", "\0    ").split("\n")
    found = [law.replace("\0", "\n") for law in laws if code in law.partition("\0")[0].split()]
    return found[0] if found else f"{code} is neither a rule nor a law; rules begin with FP"


@server.tool(annotations=_WRITES)
async def fix(paths: list[str], codes: str = "", apply: bool = False) -> str:
    """The linter's safe fixes for some paths, as a unified diff; with apply, written to the files.

    codes: rules whose findings are fixed, separated by commas; empty for all that have a fix.
    """
    words = ["check", "-q", "--fix" if apply else "--diff"]
    words += [f"--select={codes}"] if codes else []
    return await _said("funcpipe_lint", [*words, "--", *paths])


@server.tool(annotations=_RUNS)
async def replay(command: str) -> str:
    """Show a finding again: its `replay` line, as check printed it. No other command is run."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        return f"not run: {error}"
    if not any(_begins(words, known) for known in _REPLAYS) or not _is_plain(words):
        return "not run: only the replay lines of findings are"
    module, rest = (words[2], words[3:]) if words[0] == "python" else ("pytest", words[1:])
    return await _said(module, rest)


def _is_plain(words: Sequence[str]) -> bool:
    """Whether pytest's words are those of a replay line; no path leads out of the project."""
    if words[0] != "pytest":
        return True
    options = (word for word in words[1:] if word.startswith(("-", "@")))
    known = all(word.partition("=")[0] in _OPTIONS for word in options)
    return known and not any(".." in Path(word).parts or Path(word).is_absolute() for word in words)


def _begins(words: Sequence[str], known: Sequence[str]) -> bool:
    some = words[: len(known)]
    return (
        len(some) == len(known)
        and tuple(some[:-1]) == tuple(known[:-1])
        and (some[-1].startswith(known[-1]))
    )


async def _said(module: str, words: Sequence[str]) -> str:
    """What a module of this environment prints, and how it ended."""
    outcome = await process.run(
        [sys.executable, "-m", module, *words],
        folder=Path.cwd(),
        environment={"NO_COLOR": "1", "COLUMNS": "100"},
        seconds=SECONDS,
        keep=_KEPT,
    )
    parts = [outcome.out.strip(), outcome.err.strip(), outcome.lost]
    return "\n".join([*filter(None, parts), f"exit code {outcome.code}"])


def serve() -> int:
    """Serve one client over standard input and output until it leaves."""
    server.run("stdio")
    return 0

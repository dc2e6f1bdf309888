"""`funcpipe-lint server` with a real client over standard input and output."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

lsp = pytest.importorskip("lsprotocol.types")
client_of = pytest.importorskip("pygls.lsp.client")
# pygls 2.1 asks in a way that Python 3.14 and on warn of.
pytestmark = pytest.mark.filterwarnings("ignore:'asyncio.iscoroutinefunction':DeprecationWarning")

OPEN = """\
import asyncio


async def rows():
    try:
        yield 1
    finally:
        await asyncio.sleep(0)


async def lines():
    \"\"\"\N{GRINNING FACE}\"\"\"
    async for row in rows():  # \N{GRINNING FACE}
        yield row
"""


class Editor:
    """A client, what it holds open, and what it was told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.client = client_of.LanguageClient("test", "1")
        self.told: asyncio.Queue[Any] = asyncio.Queue()

        @self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: Any) -> None:
            self.told.put_nowait(params)

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    async def open(self, name: str, text: str) -> list[Any]:
        document = lsp.TextDocumentItem(self.uri(name), "python", 1, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(document))
        return await self.diagnostics()

    async def change(self, name: str, text: str, version: int) -> list[Any]:
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(version, self.uri(name)),
                [lsp.TextDocumentContentChangeWholeDocument(text)],
            )
        )
        return await self.diagnostics()

    async def diagnostics(self) -> list[Any]:
        found = await asyncio.wait_for(self.told.get(), 60)
        return list(found.diagnostics)

    async def actions(self, name: str, place: Any, only: list[str] | None = None) -> list[Any]:
        context = lsp.CodeActionContext([], only=only)
        params = lsp.CodeActionParams(lsp.TextDocumentIdentifier(self.uri(name)), place, context)
        return list(await self.client.text_document_code_action_async(params))


@asynccontextmanager
async def editor(folder: Path) -> AsyncIterator[Editor]:
    """An editor with a server of its own, which it ends as editors do."""
    made = Editor(folder)
    await made.client.start_io(sys.executable, "-m", "funcpipe_lint", "server", cwd=folder)
    params = lsp.InitializeParams(lsp.ClientCapabilities(), root_uri=folder.as_uri())
    answer = await made.client.initialize_async(params)
    assert answer.server_info.name == "funcpipe-lint"
    made.client.initialized(lsp.InitializedParams())
    try:
        yield made
    finally:
        await made.client.shutdown_async(None)
        made.client.exit(None)
        await made.client.stop()


def applied(text: str, action: Any, uri: str) -> str:
    """The text with the edits of an action, by UTF-16 columns, as editors apply them."""
    lines = text.split("\n")

    def offset(position: Any) -> int:
        before = sum(len(line) + 1 for line in lines[: position.line])
        units = lines[position.line].encode("utf-16-le")[: 2 * position.character]
        return before + len(units.decode("utf-16-le"))

    changes = sorted(
        (
            (offset(e.range.start), offset(e.range.end), e.new_text)
            for e in action.edit.changes[uri]
        ),
        reverse=True,
    )
    for start, end, new in changes:
        text = text[:start] + new + text[end:]
    return text


def test_findings_come_as_one_types_and_go_when_they_are_fixed(tmp_path: Path) -> None:
    """A diagnostic with its code and place; a quick fix that clears it; a suppression too."""

    async def session() -> None:
        async with editor(tmp_path) as at:
            (found,) = await at.open("a.py", OPEN)
            assert (found.code, found.source) == ("FP303", "funcpipe-lint")
            assert (found.range.start.line, found.range.start.character) == (12, 4)
            fix, suppress, everything = await at.actions("a.py", found.range)
            assert (fix.kind, everything.kind) == ("quickfix", "source.fixAll.funcpipe")
            mended = applied(OPEN, fix, at.uri("a.py"))
            assert "async with aclosing(rows())" in mended
            assert await at.change("a.py", mended, 2) == []
            assert applied(OPEN, everything, at.uri("a.py")) == mended
            silent = applied(OPEN, suppress, at.uri("a.py"))
            assert "# funcpipe: ignore[FP303] TODO: say why" in silent
            assert await at.change("a.py", silent, 3) == []
            (again,) = await at.change("a.py", OPEN, 4)
            only = await at.actions("a.py", again.range, ["source.fixAll"])
            assert [action.kind for action in only] == ["source.fixAll.funcpipe"]

    asyncio.run(session())


def test_a_finding_that_is_pointed_at_shows_the_page_of_its_rule(tmp_path: Path) -> None:
    """Markdown of the rule; nothing elsewhere."""

    async def session() -> None:
        async with editor(tmp_path) as at:
            (found,) = await at.open("a.py", OPEN)
            document = lsp.TextDocumentIdentifier(at.uri("a.py"))
            ask = at.client.text_document_hover_async
            shown = await ask(lsp.HoverParams(document, found.range.start))
            assert "# FP303" in shown.contents.value
            assert await ask(lsp.HoverParams(document, lsp.Position(0, 0))) is None

    asyncio.run(session())


def test_configuration_and_broken_code_are_told(tmp_path: Path) -> None:
    """The project's table counts, is read anew, and its mistakes show; so do syntax errors."""

    async def session() -> None:
        async with editor(tmp_path) as at:
            (found,) = await at.open("b.py", "async def f(:\n")
            assert found.code == "FP002"
            configuration = tmp_path / "pyproject.toml"
            configuration.write_text('[tool.funcpipe-lint]\nignore = ["FP303"]\n')
            assert await at.open("a.py", OPEN) == []
            configuration.write_text("[tool.funcpipe-lint]\nignor = []\n")
            (found,) = await at.change("a.py", OPEN + "\n", 2)
            assert "ignor" in found.message
            configuration.write_text('[tool.funcpipe-lint]\nextend-exclude = ["a.py"]\n')
            assert await at.change("a.py", OPEN, 3) == []
            at.client.text_document_did_close(
                lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(at.uri("b.py")))
            )
            assert await at.diagnostics() == []

    asyncio.run(session())


def test_without_pygls_one_line_says_what_to_install() -> None:
    """Exit code 2 and the extra's name."""
    code = (
        "import sys; sys.modules['pygls'] = None; sys.modules['lsprotocol'] = None\n"
        "from funcpipe_lint.cli import main; sys.exit(main(['server']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "funcpipe-lint: the server needs pygls: pip install 'funcpipe-kit[lsp]'\n"


NEOVIM = shutil.which("nvim")
DRIVE = """\
local function wait(held) assert(vim.wait(60000, held, 50), "waited for nothing") end
vim.cmd("edit app.py")
wait(function() return #vim.diagnostic.get(0) > 0 end)
io.stdout:write(vim.diagnostic.get(0)[1].code .. "\\n")
vim.cmd("write")
wait(function() return #vim.diagnostic.get(0) == 0 end)
vim.cmd("qa!")
"""


@pytest.mark.skipif(NEOVIM is None, reason="no Neovim is installed: its set-up is not tried")
def test_the_set_up_of_the_page_in_neovim(tmp_path: Path) -> None:
    """As it is printed: the finding is shown, and saving the file writes it mended."""
    page = (Path(__file__).parents[3] / "docs" / "editors.md").read_text("utf-8")
    shown = re.findall(r"```lua\n(.*?)```", page, re.DOTALL)
    (tmp_path / "init.lua").write_text("\n".join(shown), encoding="utf-8")
    (tmp_path / "drive.lua").write_text(DRIVE, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    (tmp_path / "app.py").write_text(OPEN, encoding="utf-8")
    done = subprocess.run(
        [str(NEOVIM), "--headless", "-u", "init.lua", "-c", "luafile drive.lua", "-c", "cquit"],
        cwd=tmp_path,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "FP303\n"), done.stderr
    assert "async with aclosing(rows())" in (tmp_path / "app.py").read_text("utf-8")

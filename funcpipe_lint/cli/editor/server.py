"""The server: documents that an editor holds open, checked as they change."""

from __future__ import annotations

from lsprotocol import types as lsp
from pygls import uris
from pygls.lsp.server import LanguageServer

from funcpipe_lint import __version__

from .answers import FIX_ALL, NAME, Document


def make() -> LanguageServer:
    """A server that speaks over whatever stream it is started on; one for each editor."""
    server = LanguageServer(NAME, __version__)
    documents: dict[str, Document] = {}

    def check(uri: str) -> Document:
        held = server.workspace.get_text_document(uri)
        known = documents.get(uri)
        if known is None or known.text != held.source:
            path = uris.to_fs_path(uri) or "untitled.py"
            known = documents[uri] = Document.checked(uri, path, held.source)
        return known

    def publish(uri: str) -> None:
        found = check(uri).diagnostics()
        server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found))

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        publish(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        publish(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        # What was saved may be the configuration's neighbour: look again.
        documents.pop(params.text_document.uri, None)
        publish(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        documents.pop(uri, None)
        server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))

    kinds = [lsp.CodeActionKind.QuickFix, FIX_ALL]

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=kinds))
    def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        return check(params.text_document.uri).actions(params.range, params.context.only)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        return check(params.text_document.uri).hover(params.position)

    return server


def serve() -> int:
    """Serve one editor over standard input and output, until it says goodbye."""
    make().start_io()
    return 0

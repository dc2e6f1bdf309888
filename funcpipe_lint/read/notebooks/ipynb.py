"""A notebook's JSON: the sources of its cells, where they stand in the text of the file, and a new
source in the layout of the old one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from funcpipe_lint.read.source import UndecodableError

_BLANKS = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()
_FORMAT = 4


class NotebookError(UndecodableError):
    """A file that is no notebook; says why."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def loaded(text: str) -> dict[str, Any]:
    """The document of a notebook; raises NotebookError."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"is no notebook: it is not valid JSON: {error.msg}"
        raise NotebookError(message, error.lineno, error.colno) from None
    except (ValueError, RecursionError) as error:
        raise NotebookError(f"is no notebook: {error}") from None
    if not isinstance(document, dict):
        raise NotebookError("is no notebook: its JSON is no object")
    version = document.get("nbformat")
    if not isinstance(version, int):
        raise NotebookError("is no notebook: it has no 'nbformat'")
    if version != _FORMAT:
        way_out = "; upgrade it with `jupyter nbconvert --to notebook`" if version < _FORMAT else ""
        raise NotebookError(
            f"is a notebook of format {version}, and only format {_FORMAT} can be read{way_out}"
        )
    if not isinstance(document.get("cells"), list):
        raise NotebookError("is no notebook: it has no list of 'cells'")
    return document


def is_python_notebook(document: dict[str, Any]) -> bool:
    """Whether its kernel is Python's, or unknown."""
    metadata = document.get("metadata")
    if not isinstance(metadata, dict):
        return True
    for key, name in (("language_info", "name"), ("kernelspec", "language")):
        held = metadata.get(key)
        language = held.get(name) if isinstance(held, dict) else None
        if isinstance(language, str):
            return "python" in language.lower()
    return True


def source_of(cell: object, number: int) -> str | None:
    """The source of a code cell of Python; None for another cell. Raises NotebookError."""
    if not isinstance(cell, dict):
        raise NotebookError(f"is no notebook: cell {number} is no object")
    if cell.get("cell_type") != "code":
        return None
    source = cell.get("source")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise NotebookError(
            f"is no notebook: the source of cell {number} is neither a text nor a list of texts"
        )
    metadata = cell.get("metadata")
    editor = metadata.get("vscode") if isinstance(metadata, dict) else None
    language = editor.get("languageId") if isinstance(editor, dict) else None
    return source if language in (None, "python") else None


def source_spans(text: str) -> list[tuple[int, int] | None]:
    """The offsets of each cell's source in a notebook's text, which is known to be valid."""
    cells = dict(_members(text, _skip(text, 0)))["cells"]
    return [dict(_members(text, start)).get("source") for start, _ in _items(text, cells[0])]


def _members(text: str, at: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """(key, offsets of the value) of an object that begins at an offset."""
    at = _skip(text, at + 1)
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        start = _skip(text, _skip(text, at) + 1)
        _, end = _DECODER.raw_decode(text, start)
        yield key, (start, end)
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


def _items(text: str, at: int) -> Iterator[tuple[int, int]]:
    """The offsets of each item of an array that begins at an offset."""
    at = _skip(text, at + 1)
    while text[at] != "]":
        _, end = _DECODER.raw_decode(text, at)
        yield at, end
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    blanks = _BLANKS.match(text, at)
    return blanks.end() if blanks else at


def rewritten(old: str, source: str, escapes: bool) -> str:
    """A new source in the layout of the old value: unchanged lines keep their very characters."""
    if old.startswith('"'):
        return json.dumps(source, ensure_ascii=escapes)
    items = list(_items(old, 0))
    if not items:
        return json.dumps([source], ensure_ascii=escapes)
    head = old[1 : items[0][0]]
    between = old[items[0][1] : items[1][0]] if len(items) > 1 else f",{head or ' '}"
    tail = old[items[-1][1] : -1]
    known = {json.loads(old[start:end]): old[start:end] for start, end in items}
    lines = [line for line in re.split(r"(?<=\n)", source) if line]
    written = [known.get(line) or json.dumps(line, ensure_ascii=escapes) for line in lines]
    return f"[{head}{between.join(written)}{tail}]"


def is_escaped(text: str) -> bool:
    """Whether a notebook writes other characters than ASCII's as escapes."""
    return text.isascii() and re.search(r"\\u[0-9a-fA-F]{4}", text) is not None

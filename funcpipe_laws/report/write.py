"""Write a report in the format that the file's name asks for."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from funcpipe_laws.report.record import Conformance

FORMATS = (".json", ".md", ".html")


def check_path(path: Path) -> str:
    """Why a report cannot go there; empty if it can. For before the laws are run."""
    if path.suffix not in FORMATS:
        return f"{path}: the name must end in {', '.join(FORMATS)}"
    if not path.parent.is_dir():
        return f"{path}: there is no folder {path.parent}"
    if path.is_dir():
        return f"{path} is a folder"
    if not os.access(path.parent, os.W_OK):
        return f"{path}: the folder {path.parent} cannot be written to"
    return ""


def write(report: Conformance, path: Path) -> None:
    """Write the file, whole or not at all."""
    if path.suffix == ".json":
        content = as_json(report)
    elif path.suffix == ".md":
        from funcpipe_laws.report.markdown import render

        content = render(report)
    else:
        from funcpipe_laws.report.html import render as render_html

        content = render_html(report)
    place(content, path)


def as_json(data: Any) -> str:
    """What a JSON report holds."""
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def place(content: str, path: Path) -> None:
    """Put a text into a file, whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        # Names of files that are no UTF-8 are spelt with an escape.
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(content)
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

"""Lines of a file that a person keeps: what is known, and why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .config import ConfigError


def written_lines(path: Path, what: str) -> Iterator[tuple[int, str]]:
    """Number and text of each line that is neither empty nor a comment (#).

    Raises `ConfigError` if the file cannot be read; `what` names its content there.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path}: {what} cannot be read: {exc}") from None
    for number, line in enumerate(map(str.strip, lines), 1):
        if line and not line.startswith("#"):
            yield number, line

"""Lines of a file that a person keeps: what is known, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from funcpipe_laws.declared.config import ConfigError


def written_lines(path: Path, what: str) -> Iterator[tuple[int, str]]:
    """Number and text of each line that is neither empty nor a comment (#).

    Raises `ConfigError` if the file cannot be read; `what` names its content there.
    """
    if path.exists() and not path.is_file():  # a pipe or device would be waited for
        raise ConfigError(f"{path}: {what} cannot be read: it is no regular file")
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path}: {what} cannot be read: {exc}") from None
    for number, line in enumerate(map(str.strip, lines), 1):
        if line and not line.startswith("#"):
            yield number, line


@dataclass(frozen=True, slots=True)
class KnownKeys:
    """What is known, one a line: its key, as a report prints it, and a reason."""

    path: Path = Path()
    lines: tuple[str, ...] = ()

    @classmethod
    def read(
        cls, path: Path, what: str, shape: str, kinds: Collection[str] | None = None
    ) -> KnownKeys:
        """Read the file. `what` names its content, `shape` the words of a line, of which the first
        is one of `kinds`, if they are given. Raises `ConfigError` if it cannot be read, or a line
        is not so."""
        kept = []
        for number, line in written_lines(path, f"known {what}s"):
            words = line.split()
            if kinds is not None and words[0] not in kinds:
                named = ", ".join(kinds)
                raise ConfigError(f"{path}:{number}: {words[0]!r} is no kind of {what}: {named}")
            if len(words) < len(shape.split()):
                wanted = f"`{shape}`, as a report prints them"
                raise ConfigError(f"{path}:{number}: {line!r} is not {wanted}")
            kept.append(line)
        return cls(path, tuple(kept))

    def reason_for(self, key: str) -> str:
        """Why something is let pass; empty if it is not."""
        # Not split into words: the name of a file may have spaces.
        start = f"{key} "
        return next((one[len(start) :].strip() for one in self.lines if one.startswith(start)), "")

    def unseen(self, keys: Iterable[str]) -> list[str]:
        """Lines that no key has matched."""
        starts = {f"{key} " for key in keys}
        return [line for line in self.lines if not any(line.startswith(one) for one in starts)]

"""Leaks that a project knows of: a file with a reason for each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from funcpipe_laws.config import ConfigError
from funcpipe_laws.leaks.model import LEVELS, Leak
from funcpipe_laws.written import written_lines

_WORDS = 5
_SHAPE = "`kind file function subject reason`, as a report prints them"


@dataclass(frozen=True, slots=True)
class KnownLeaks:
    """One leak a line: its key, as a report prints it, and a reason.

    Empty lines and lines that begin with # are skipped.
    """

    path: Path
    lines: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path) -> KnownLeaks:
        """Read the file; raises `ConfigError` if that cannot be done, or a line has no reason."""
        kept = []
        for number, line in written_lines(path, "known leaks"):
            words = line.split()
            if words[0] not in LEVELS:
                kinds = ", ".join(LEVELS)
                raise ConfigError(f"{path}:{number}: {words[0]!r} is no kind of leak: {kinds}")
            if len(words) < _WORDS:
                raise ConfigError(f"{path}:{number}: {line!r} is not {_SHAPE}")
            kept.append(line)
        return cls(path, tuple(kept))

    def reason_for(self, leak: Leak) -> str:
        """Why a leak is let pass; empty if it is not."""
        # Not split into words: the name of a file may have spaces.
        start = f"{leak['key']} "
        return next((one[len(start) :].strip() for one in self.lines if one.startswith(start)), "")

    def unseen(self, leaks: Iterable[Leak]) -> list[str]:
        """Lines that nothing matched."""
        keys = {f"{leak['key']} " for leak in leaks}
        return [line for line in self.lines if not any(line.startswith(key) for key in keys)]

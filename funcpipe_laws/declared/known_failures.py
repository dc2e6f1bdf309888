"""Files of known failures: one a line, with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from funcpipe_laws.declared.config import ConfigError
from funcpipe_laws.declared.instance import KnownFailure, known_failure
from funcpipe_laws.declared.nearest import hint
from funcpipe_laws.declared.written import written_lines


@dataclass(slots=True)
class KnownFailures:
    """Waivers kept in a file: one a line, `target law reason`.

    A law is an id or a slug. Empty lines and lines that begin with # are skipped.
    """

    path: Path
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> KnownFailures:
        """Read the file; raises `ConfigError` if that cannot be done, or a line has no reason."""
        reasons = {}
        for number, line in written_lines(path, "known failures"):
            words = line.split(maxsplit=2)
            if len(words) < 3:
                raise ConfigError(f"{path}:{number}: {line!r} is not `target law reason`")
            reasons[words[0], words[1]] = words[2].strip()
        return cls(path, reasons)

    def waivers(self, target: str) -> dict[str, KnownFailure]:
        """Law -> reason, for one target."""
        return {
            law: known_failure(reason) for (t, law), reason in self.reasons.items() if t == target
        }

    def unmatched(self, targets: Iterable[str], laws: Iterable[str]) -> list[str]:
        """Lines that name a target which is not checked, for a warning.

        Raises `ConfigError` for one that names a law which does not exist, with the nearest.
        """
        targets, laws = set(targets), set(laws)
        for target, law in self.reasons:
            if law not in laws:
                near = hint(law, laws)
                near = near if near.startswith("did") else "python -m funcpipe_laws list names them"
                raise ConfigError(f"{self.path}: {target} {law}: no such law; {near}")
        return [
            f"{self.path}: {target} {law} matches nothing that is checked now"
            f"{_near(target, targets)}"
            for target, law in self.reasons
            if target not in targets
        ]


def _near(target: str, targets: Iterable[str]) -> str:
    near = hint(target, targets)
    return f"; {near}" if near.startswith("did") else ""

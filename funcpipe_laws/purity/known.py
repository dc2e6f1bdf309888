"""Effects of builders that a project knows of: a file with a reason for each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from funcpipe_laws.declared.written import KnownKeys
from funcpipe_laws.purity.record import BuilderRecord

SHAPE = "kind builder reason"


class KnownEffects:
    """One effect a line: its key, as a failure prints it, and a reason."""

    def __init__(self, path: Path | None) -> None:
        """None without a file. Raises `ConfigError` for one that cannot be used."""
        self._keys = KnownKeys() if path is None else KnownKeys.read(path, "effect", SHAPE)

    def reason_for(self, record: BuilderRecord) -> str:
        """Why a builder is let pass, each of its effects being known; empty if it is not."""
        reasons = [self._keys.reason_for(key) for key in record["keys"]]
        return "; ".join(dict.fromkeys(reasons)) if all(reasons) else ""

    def lines_for(self, record: BuilderRecord) -> list[str]:
        """How each effect that is not known would be written down."""
        some = [key for key in record["keys"] if not self._keys.reason_for(key)]
        lines = "its line for a file of known effects:", "its lines for a file of known effects:"
        return [f"  {lines[len(some) > 1]}", *(f"    {key} REASON" for key in some)]

    def problems(self, records: Sequence[BuilderRecord]) -> list[str]:
        """Lines about a builder that was built, and did not have the effect."""
        names = {record["name"] for record in records if record["verdict"] in ("pure", "impure")}
        unseen = self._keys.unseen(key for record in records for key in record["keys"])
        about = [line for line in unseen if line.split()[1] in names]
        return [f"{self._keys.path}: not seen, remove it: {line}" for line in about]

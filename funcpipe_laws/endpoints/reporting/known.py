"""Faults of endpoints that a project knows of: a file with a reason for each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from funcpipe_laws.declared.written import KnownKeys
from funcpipe_laws.endpoints.reporting.record import KINDS, FindingRecord, SweepRecord

SHAPE = "kind application method path place reason"


class KnownFaults:
    """One fault a line: its key, as a failure prints it, and a reason."""

    def __init__(self, keys: KnownKeys, *, whole: bool) -> None:
        """`whole` is false where only one step is tried: what is not seen then proves nothing."""
        self._keys, self._whole = keys, whole
        self.path = keys.path

    def reason_for(self, found: FindingRecord) -> str:
        """Why a fault is let pass; empty if it is not."""
        return self._keys.reason_for(found["key"])

    def lines_for(self, record: SweepRecord) -> list[str]:
        """How each fault of a request would be written down."""
        keys = [found["key"] for found in record["findings"] if not found["waived"]]
        lines = "its line for a file of known failures:", "its lines for a file of known failures:"
        return [lines[len(keys) > 1], *(f"  {key} REASON" for key in keys)] if keys else []

    def unseen(self, records: Sequence[SweepRecord]) -> list[str]:
        """Lines about a request that was looked at, and did not have the fault."""
        if not self._whole:
            return []
        looked_at = [f" {record['target']} {record['request']} " for record in records]
        keys = [found["key"] for record in records for found in record["findings"]]
        lines = self._keys.unseen(keys)
        return [line for line in lines if any(one in line for one in looked_at)]


def read(path: Path | None, *, whole: bool) -> KnownFaults:
    """The known faults; none without a file. Raises `ConfigError` for one that cannot be used."""
    keys = KnownKeys() if path is None else KnownKeys.read(path, "fault", SHAPE, KINDS)
    return KnownFaults(keys, whole=whole)

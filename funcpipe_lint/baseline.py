"""Recorded old violations: only new ones are reported, until the old ones are mended.

An entry is a path (from the baseline's folder), a code, the text of the line that the violation
begins on, and how many such there are. Line numbers are no part of it, so code may move.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from funcpipe_lint.model import ConfigError, Violation
from funcpipe_lint.texts import Texts
from funcpipe_lint.writing import replace_file

VERSION = 1


class Judged(NamedTuple):
    """What a run looked at: only records of these paths and rules can be gone."""

    paths: Collection[str]
    rules: Collection[str]


def compare(
    file: Path, violations: Sequence[Violation], judged: Judged, texts: Texts
) -> tuple[list[Violation], int]:
    """(the violations that are not recorded, how many records are gone); raises ConfigError."""
    baseline = Baseline.read(file)
    own = [v for v in violations if v.path in judged.paths]
    fresh = set(baseline.new(own, texts))
    kept = [v for v in violations if v.path not in judged.paths or v in fresh]
    return kept, baseline.stale(own, judged, texts)


def update(
    file: Path, violations: Sequence[Violation], judged: Judged, texts: Texts
) -> tuple[list[Violation], int]:
    """Records the violations; all of them are then kept back. Raises ConfigError."""
    old = Baseline.read(file) if file.exists() else Baseline(file)
    own = [v for v in violations if v.path in judged.paths]
    old.updated(own, judged, texts).write()
    return [v for v in violations if v.path not in judged.paths], 0


class Key(NamedTuple):
    """What makes two violations the same one."""

    path: str
    code: str
    line: str


class Baseline:
    """The old violations of one file of records."""

    def __init__(self, file: Path, counts: Counter[Key] | None = None) -> None:
        self.file = file
        self._root = _absolute(file).parent
        self._counts = counts or Counter()

    @classmethod
    def read(cls, file: Path) -> Baseline:
        """Raises ConfigError where the file is missing or is no baseline."""
        try:
            document = json.loads(file.read_text(encoding="utf-8"))
            if document["version"] != VERSION:
                found = document["version"]
                raise ConfigError(
                    f"{file}: is a baseline of version {found}, not {VERSION};"
                    " make it anew with --update-baseline"
                )
            counts = Counter[Key]()
            for path, entries in document["violations"].items():
                for entry in entries:
                    key = Key(str(path), str(entry["code"]), str(entry["line"]))
                    counts[key] += int(entry["count"])
        except FileNotFoundError:
            raise ConfigError(
                f"{file}: does not exist; record the violations of today with --update-baseline"
            ) from None
        except OSError as error:
            raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigError(
                f"{file}: is no baseline ({type(error).__name__}: {error});"
                " make it anew with --update-baseline"
            ) from None
        return cls(file, counts)

    def new(self, violations: Iterable[Violation], texts: Texts) -> list[Violation]:
        """The violations that are not recorded; of several on equal lines, the last ones."""
        left = self._counts.copy()
        fresh = []
        for violation in violations:
            key = self._key(violation, texts)
            if left[key] > 0:
                left[key] -= 1
            else:
                fresh.append(violation)
        return fresh

    def stale(self, violations: Iterable[Violation], judged: Judged, texts: Texts) -> int:
        """How many recorded violations are gone, of those that were looked for."""
        now = Counter(self._key(v, texts) for v in violations)
        checked = {self._relative(path) for path in judged.paths}
        return sum(
            max(0, count - now[key])
            for key, count in self._counts.items()
            if key.code in judged.rules and (key.path in checked or self._is_gone(key.path))
        )

    def updated(self, violations: Iterable[Violation], judged: Judged, texts: Texts) -> Baseline:
        """With the violations of this run in place of those of the same files and rules.

        What this run did not look at stays; files that are gone leave.
        """
        checked = {self._relative(path) for path in judged.paths}
        counts = Counter(self._key(v, texts) for v in violations)
        for key, count in self._counts.items():
            is_judged = key.path in checked and key.code in judged.rules
            if not is_judged and not self._is_gone(key.path):
                counts[key] += count
        return Baseline(self.file, counts)

    def write(self) -> None:
        """Raises ConfigError where it cannot be written; the old file is then as it was."""
        try:
            replace_file(str(self.file), self.render().encode())
        except OSError as error:
            raise ConfigError(f"{self.file}: cannot be written: {error.strerror}") from None

    def render(self) -> str:
        """Sorted, one entry a line, so that version control merges it."""
        by_path: dict[str, list[dict[str, Any]]] = {}
        for key in sorted(self._counts):
            entry = {"code": key.code, "line": key.line, "count": self._counts[key]}
            by_path.setdefault(key.path, []).append(entry)
        parts = []
        for path, entries in by_path.items():
            rows = ",\n".join(f"   {json.dumps(e, ensure_ascii=False)}" for e in entries)
            parts.append(f"  {json.dumps(path)}: [\n{rows}\n  ]")
        body = ",\n".join(parts)
        inner = f"{{\n{body}\n }}" if parts else "{}"
        return f'{{\n "version": {VERSION},\n "violations": {inner}\n}}\n'

    def _key(self, violation: Violation, texts: Texts) -> Key:
        return Key(self._relative(violation.path), violation.code, texts.line(violation))

    def _relative(self, path: str) -> str:
        absolute = _absolute(path)
        if absolute.is_relative_to(self._root):
            return absolute.relative_to(self._root).as_posix()
        return absolute.as_posix()

    def _is_gone(self, path: str) -> bool:
        return not (self._root / path).exists()


def _absolute(path: str | Path) -> Path:
    """With `..` taken out by its name alone: a link keeps the name it was checked by."""
    return Path(os.path.abspath(path))

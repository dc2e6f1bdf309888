"""Recorded old violations: only new ones are reported, until the old ones are mended.

An entry is a path (from the baseline's folder), a code, the text of the line that the violation
begins on, and how many such there are. Line numbers are no part of it, so code may move; so may a
file, where a run looks at the new path and would look at the old one, were it there.
"""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from funcpipe_lint.check.baseline.renames import renamed
from funcpipe_lint.check.fixing.writing import replace_file
from funcpipe_lint.check.source_lines import Texts
from funcpipe_lint.model import ConfigError, Violation
from funcpipe_lint.read.source import read_bytes

VERSION = 1


class Judged(NamedTuple):
    """What a run looked at: only records of these paths and rules can be gone.

    `tops` are what was searched: a file that is gone from below one of them was looked for too.
    """

    paths: Collection[str]
    rules: Collection[str]
    tops: Collection[str]


def compare(
    file: Path, violations: Sequence[Violation], judged: Judged, texts: Texts
) -> tuple[list[Violation], int]:
    """(the violations that are not recorded, how many records are gone); raises ConfigError."""
    own = [v for v in violations if v.path in judged.paths]
    baseline = Baseline.read(file).followed(own, judged, texts)
    fresh = set(baseline.new(own, texts))
    kept = [v for v in violations if v.path not in judged.paths or v in fresh]
    return kept, baseline.stale(own, judged, texts)


def update(
    file: Path, violations: Sequence[Violation], judged: Judged, texts: Texts
) -> tuple[list[Violation], int]:
    """Records the violations; all of them are then kept back. Raises ConfigError."""
    own = [v for v in violations if v.path in judged.paths]
    old = Baseline.read(file).followed(own, judged, texts) if file.exists() else Baseline(file)
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
            document = json.loads(read_bytes(str(file)))
            if document["version"] != VERSION:
                found = str(document["version"])[:20]
                raise ConfigError(
                    f"{file}: is a baseline of version {found}, not {VERSION};"
                    " delete it and make it anew with --update-baseline"
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
        except RecursionError:
            raise ConfigError(f"{file}: is no baseline: it is nested too deep") from None
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ConfigError(
                f"{file}: is no baseline ({type(error).__name__}: {error});"
                " delete it and make it anew with --update-baseline"
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

    def followed(self, violations: Iterable[Violation], judged: Judged, texts: Texts) -> Baseline:
        """With the records of files that were renamed at their new paths."""
        gone: dict[str, Counter[Hashable]] = defaultdict(Counter)
        lost = self._lost(judged)
        for key, count in self._counts.items():
            if key.path in lost and key.code in judged.rules:
                gone[key.path][key.code, key.line] += count
        if not gone:
            return self
        known = {key.path for key in self._counts}
        fresh: dict[str, Counter[Hashable]] = defaultdict(Counter)
        for key in (self._key(violation, texts) for violation in violations):
            if key.path not in known:
                fresh[key.path][key.code, key.line] += 1
        moved = renamed(gone, fresh)
        counts = Counter[Key]()
        for key, count in self._counts.items():
            counts[key._replace(path=moved.get(key.path, key.path))] += count
        return Baseline(self.file, counts)

    def stale(self, violations: Iterable[Violation], judged: Judged, texts: Texts) -> int:
        """How many recorded violations are gone, of those that were looked for."""
        now = Counter(self._key(v, texts) for v in violations)
        return (self._sought(judged) - now).total()

    def updated(self, violations: Iterable[Violation], judged: Judged, texts: Texts) -> Baseline:
        """With the violations of this run in place of those that were looked for; what this run
        did not look at stays."""
        now = Counter(self._key(v, texts) for v in violations)
        return Baseline(self.file, now + (self._counts - self._sought(judged)))

    def _sought(self, judged: Judged) -> Counter[Key]:
        """The records that the run would have found, were they still true."""
        paths = {self._relative(path) for path in judged.paths} | self._lost(judged)
        return Counter(
            {k: n for k, n in self._counts.items() if k.path in paths and k.code in judged.rules}
        )

    def _lost(self, judged: Judged) -> set[str]:
        """The recorded paths that are gone from where the run looked."""
        tops = [_absolute(top) for top in judged.tops]
        return {
            path
            for path in {key.path for key in self._counts}
            if any(_absolute(self._root / path).is_relative_to(top) for top in tops)
            and _is_gone(self._root / path)
        }

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


def _absolute(path: str | Path) -> Path:
    """With `..` taken out by its name alone: a link keeps the name it was checked by."""
    return Path(os.path.abspath(path))


def _is_gone(path: Path) -> bool:
    """Whether nothing is there; not so where that cannot be told."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False

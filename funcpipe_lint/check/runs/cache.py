"""What the files that have not changed said the last time.

A report holds as long as the file shows the same times and size, or else has the same content; and
with everything else that decides on it: path and current folder (rules read paths), the packages
around the file, settings, this release to the letter of its rules, libcst, Python.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from funcpipe_lint.check.runs.keys import dumped, of_facts, of_reports
from funcpipe_lint.check.runs.known_facts import KnownFacts
from funcpipe_lint.check.runs.store import Store
from funcpipe_lint.check.runs.user_key import user_key
from funcpipe_lint.model import Edit, FileReport, Fix, Note, Settings, Violation
from funcpipe_lint.program.links import Dependency
from funcpipe_lint.read.packages import package_of
from funcpipe_lint.read.source import Stamp, is_settled, read_bytes, stamp_of

# Beside the configuration, or in the current folder.
FOLDER = ".funcpipe_cache"
_NO_STAMP: Stamp = [0, 0, 0]


class Cache:
    """The reports that a folder holds; a folder that cannot be read or written holds none."""

    def __init__(self, folder: str) -> None:
        self._store = Store(folder, user_key())
        self.facts = KnownFacts(self._store, of_facts)
        self._shelves: dict[tuple[Settings, bool], Shelf] = {}

    def shelf(self, settings: Settings, noqa: bool, folders: Iterable[str]) -> Shelf:
        """The reports of the files of some folders under some settings. One look-up a folder."""
        shelf = self._shelves.get((settings, noqa))
        if shelf is None:
            shelf = self._shelves[settings, noqa] = Shelf(of_reports(settings, noqa), self.facts)
        shelf.bodies |= self._store.read(shelf.key, folders)
        return shelf

    def write(self) -> None:
        """Keeps what the run has found out."""
        for shelf in self._shelves.values():
            self._store.write(shelf.key, shelf.changed_rows())
        self.facts.write()


def _is_still_absent(kind: str, about: str, *rest: Any) -> bool:
    """Whether a report depends on a file, as a stub, that was not there, and is not: to ask the
    program for it would load what reads Python, in every run."""
    return kind == "file" and not rest[-2] and not os.path.lexists(about)


class Shelf:
    """Reports under fixed settings. A miss notes how the file looks; what is then found out about
    it is kept if it still looks so."""

    def __init__(self, key: str, facts: KnownFacts) -> None:
        self.key = key
        self.facts = facts
        self.bodies: dict[str, bytes] = {}
        """What the store held, by folder."""
        self._rows: dict[str, _Row] = {}
        self._stamps: dict[str, Stamp] = {}
        self._read: dict[str, tuple[str, Sequence[Dependency]]] = {}
        self._changed: set[str] = set()

    def known(
        self,
        path: str,
        *,
        thorough: bool,
        is_current: Callable[[Iterable[Dependency]], bool] = any,
    ) -> FileReport | None:
        """The report of a file, where one holds; `thorough`: one for which the file was parsed even
        if no rule could speak of it. `is_current` says whether what a report depends on in other
        files is what it was."""
        # What was noted for the state of its package is not asked for again.
        stamp = self.facts.stamps.pop(path, None) or stamp_of(path)
        if stamp is None:
            return None
        folder, name, row = self._place(path)
        if not thorough and row.cleared.get(name) == stamp:
            return FileReport(path)
        entry = row.checked.get(name)
        report = None if entry is None else _unpacked(path, entry)
        if entry is not None and report is not None and row.is_current(folder):
            is_same = entry[0] == stamp
            holds = is_same or (entry[0][2] == stamp[2] and entry[1] == _digest_of(path))
            asked = [one for one in entry[4] if not _is_still_absent(*one)]
            if holds and (not asked or is_current(asked)):
                if not is_same:
                    self._keep(folder, name, stamp, entry[1:])
                return report
        self._stamps[path] = stamp
        return None

    def cleared(self, path: str) -> None:
        """No rule can speak of the file, by its bytes; it was not parsed."""
        stamp = self._settled(path)
        if stamp is not None:
            folder, name, row = self._place(path)
            row.cleared[name] = stamp
            row.checked.pop(name, None)
            self._changed.add(folder)

    def read(self, path: str, raw: bytes, dependencies: Sequence[Dependency] = ()) -> None:
        """The content that is going to be checked, and what its report depends on elsewhere."""
        self._read[path] = _digest(raw), dependencies

    def checked(self, report: FileReport) -> None:
        """The report of the content. One that says that something failed is not kept."""
        path = report.path
        stamp = stamp_of(path)
        if report.crashes or stamp is None or stamp != self._stamps.pop(path, None):
            return
        folder, name, _ = self._place(path)
        violations = [v[1:] for v in report.violations]
        digest, dependencies = self._read.pop(path)
        self._keep(folder, name, stamp, [digest, violations, report.suppressed, dependencies])

    def changed_rows(self) -> dict[str, bytes]:
        """The folders of which something new is known, as what the store holds."""
        return {folder: self._rows[folder].packed(folder) for folder in self._changed}

    def _keep(self, folder: str, name: str, stamp: Stamp, rest: list[Any]) -> None:
        # A file that may change without showing it is known by its content alone.
        known = stamp if is_settled(stamp) else [*_NO_STAMP[:2], stamp[2]]
        row = self._rows[folder]
        row.is_current(folder)
        row.checked[name] = [known, *rest]
        row.cleared.pop(name, None)
        self._changed.add(folder)

    def _settled(self, path: str) -> Stamp | None:
        """A file's stamp, if it is still the one that was noted, and every change would show."""
        stamp = stamp_of(path)
        is_same = stamp is not None and stamp == self._stamps.pop(path, None)
        return stamp if is_same and stamp and is_settled(stamp) else None

    def _place(self, path: str) -> tuple[str, str, _Row]:
        folder, separator, name = path.rpartition(os.sep)
        folder = folder or separator
        row = self._rows.get(folder)
        if row is None:
            row = self._rows[folder] = _Row(self.bodies.get(folder))
        return folder, name, row


class _Row:
    """The files of a folder, by name."""

    __slots__ = ("_package", "checked", "cleared")

    def __init__(self, body: bytes | None) -> None:
        self._package: list[str] | None = None
        self.cleared: dict[str, Stamp] = {}
        self.checked: dict[str, list[Any]] = {}
        """Stamp, digest of the content, violations, how many were suppressed, dependencies."""
        if body is not None and (loaded := _loaded(body)) is not None:
            self._package, self.cleared, self.checked = loaded

    def is_current(self, folder: str) -> bool:
        """Whether the folder is the package that it was; what was checked as another is dropped."""
        package = list(package_of(folder))
        if package != self._package:
            self._package, self.checked = package, {}
        return bool(self.checked)

    def packed(self, folder: str) -> bytes:
        """The row for the store, without files that are gone."""
        self.is_current(folder)
        for files in (self.cleared, self.checked):
            for name in [n for n in files if not os.path.lexists(os.path.join(folder, n))]:
                del files[name]
        return dumped([self._package, self.cleared, self.checked]).encode("ascii")


def _digest(raw: bytes) -> str:
    from hashlib import blake2b  # openssl costs 2 ms that a run without streams need not pay

    return blake2b(raw, digest_size=16).hexdigest()


def _digest_of(path: str) -> str:
    try:
        return _digest(read_bytes(path))
    except OSError:
        return ""


def _unpacked(path: str, entry: Any) -> FileReport | None:
    """The report that an entry of a row holds; None where it is of another shape."""
    try:
        stamp, digest, violations, suppressed, dependencies = entry
        if not _are(int, *stamp) or len(stamp) != len(_NO_STAMP) or not _are(str, digest):
            return None
        held = tuple(_violation(path, *fields) for fields in violations)
    except (TypeError, ValueError, IndexError):
        return None
    return (
        FileReport(path, held, (), suppressed)
        if _are(int, suppressed) and _are(list, dependencies)
        else None
    )


def _violation(path: str, *fields: Any) -> Violation:
    """A violation of the fields that `checked` kept; raises ValueError for others."""
    *places, code, message, notes, fix, cell = fields
    made = None
    if fix is not None:
        edits, is_safe, title = fix
        made = Fix(tuple(Edit(*edit) for edit in edits), is_safe, title)
    found = Violation._make(
        (path, *places, code, message, tuple(Note(*n) for n in notes), made, cell)
    )
    numbers = [*places, cell]
    words = [code, message]
    for note in found.notes:
        numbers += [note.line, note.column, note.cell]
        words += [note.message, note.path]
    for edit in made.edits if made else ():
        numbers += edit[:2]
        words.append(edit.text)
    if made is not None and not (_are(bool, made.safe) and _are(str, made.title)):
        raise ValueError("another shape")
    if not _are(int, *numbers) or not _are(str, *words):
        raise ValueError("another shape")
    return found


def _are(kind: type, *values: object) -> bool:
    return all(value.__class__ is kind for value in values)


def _loaded(body: bytes) -> tuple[list[str], dict[str, Stamp], dict[str, list[Any]]] | None:
    """What a row holds; None where it is of another shape."""
    import json

    try:
        package, cleared, checked = json.loads(body)
    except (ValueError, TypeError, RecursionError):
        return None
    is_row = _are(list, package) and _are(dict, cleared, checked)
    return (package, cleared, checked) if is_row else None

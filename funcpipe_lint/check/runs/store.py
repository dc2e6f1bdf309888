"""Bytes by key and folder in one sqlite file, which may be lost, locked, broken or foreign.

Whatever is wrong with the file, reading gives nothing and writing does nothing: callers need no
`try`. What is read is what this user wrote: each row carries a keyed digest of its key, folder and
body, and the file's very name depends on the user's secret. So a file that came with a repository
is never opened (sqlite acts on what a database or its journal holds), and no row of it believed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from hashlib import blake2b

# A change of the tables takes another name: an old release and a new one share the folder.
_NAME = "reports-2-{}.sqlite3"
_APPLICATION = 0x46504C31
# Another run writes for milliseconds; whoever holds the file longer is not waited for.
_WAIT_SECONDS = 0.3
_DAY = 86_400
# Keys that no run has asked for in so long, or that are not among so many latest, go.
_KEEP_DAYS = 30
_DIGEST_BYTES = 16
_KEEP_KEYS = 24

_TABLES = (
    f"PRAGMA application_id = {_APPLICATION}",
    "CREATE TABLE keys (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, used INTEGER NOT NULL)",
    "CREATE TABLE rows (key INTEGER NOT NULL, folder BLOB NOT NULL, body BLOB NOT NULL,"
    " digest BLOB NOT NULL, PRIMARY KEY (key, folder))",
)


class Store:
    """The rows of a folder's file, as one user wrote them. The folder is made by the first write.
    Without a secret nothing is held."""

    def __init__(self, folder: str, secret: bytes | None) -> None:
        self.folder = folder
        self._secret = secret
        self._is_broken = False
        self._used_today: set[str] = set()

    def read(self, key: str, folders: Iterable[str]) -> dict[str, bytes]:
        """The bodies of those of the folders that are held. One look-up a folder."""
        if self._secret is None or not os.path.exists(self._file):
            return {}
        import sqlite3

        found: dict[str, bytes] = {}
        try:
            with _Connection(self._file) as database:
                number, used = _number(database, key)
                if used >= _today():
                    self._used_today.add(key)
                if number == 0:
                    return {}
                database.execute("BEGIN")
                for folder in folders:
                    body = self._body(database, key, number, os.fsencode(folder))
                    if body is not None:
                        found[folder] = body
        except sqlite3.Error as error:
            # Anything but this class and `OperationalError` says that the file is no database.
            self._is_broken = not isinstance(error, sqlite3.OperationalError)
            return {}
        return found

    def write(self, key: str, rows: Mapping[str, bytes]) -> None:
        """Holds the bodies by folder, all of them or none; what has grown old is pruned."""
        if self._secret is None or (not rows and key in self._used_today):
            return
        import sqlite3

        try:
            _make_folder(self.folder)
            if not os.path.exists(self._file):
                self._forget_old_files()
            if self._is_broken:
                self._remove()
            with _Connection(self._file) as database:
                database.execute("BEGIN IMMEDIATE")
                if _prepare(database):
                    digests = {f: self._digest(key, os.fsencode(f), b) for f, b in rows.items()}
                    _write(database, key, rows, digests)
                    database.execute("COMMIT")
        except (sqlite3.Error, OSError):
            return

    @cached_property
    def _file(self) -> str:
        return os.path.join(self.folder, file_name(self._secret or b""))

    def _body(
        self, database: sqlite3.Connection, key: str, number: int, folder: bytes
    ) -> bytes | None:
        asked = "SELECT body, digest FROM rows WHERE key = ? AND folder = ?"
        found: Any = database.execute(asked, (number, folder)).fetchone()
        if found is None or not isinstance(found[0], bytes):
            return None
        return found[0] if found[1] == self._digest(key, folder, found[0]) else None

    def _digest(self, key: str, folder: bytes, body: bytes) -> bytes:
        digest = _keyed(self._secret or b"")
        for part in (key.encode(), folder, body):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
        return digest.digest()

    def _forget_old_files(self) -> None:
        """Removes what other releases and other users left here long ago."""
        start, end = _NAME.split("{}")
        for entry in list(os.scandir(self.folder)):
            is_one = entry.name.startswith(start) and entry.name.endswith(end)
            if is_one and entry.stat().st_mtime < time.time() - _KEEP_DAYS * _DAY:
                os.unlink(entry.path)

    def _remove(self) -> None:
        # The journal first: next to a new file it would be played into it.
        for file in (f"{self._file}-journal", self._file):
            if os.path.lexists(file):
                os.unlink(file)


def file_name(secret: bytes) -> str:
    """What the file of the user with a secret is called."""
    digest = _keyed(secret)
    digest.update(b"file")
    return _NAME.format(digest.hexdigest())


def _keyed(secret: bytes) -> blake2b:
    from hashlib import blake2b  # openssl costs 2 ms that a run without a cache need not pay

    return blake2b(key=secret, digest_size=_DIGEST_BYTES)


class _Connection:
    """An open database that is closed at the end, its transaction rolled back if still open."""

    def __init__(self, file: str) -> None:
        import sqlite3

        self._database = sqlite3.connect(file, timeout=_WAIT_SECONDS, isolation_level=None)

    def __enter__(self) -> sqlite3.Connection:
        return self._database

    def __exit__(self, *raised: object) -> None:
        self._database.close()


def _today() -> int:
    return int(time.time()) // _DAY


def _number(database: sqlite3.Connection, key: str) -> tuple[int, int]:
    """(the number of a key, the day of its last use); zeros where there is none, or where the file
    is another program's."""
    if database.execute("PRAGMA application_id").fetchone() != (_APPLICATION,):
        return 0, 0
    found: Any = database.execute("SELECT id, used FROM keys WHERE key = ?", (key,)).fetchone()
    return found or (0, 0)


def _prepare(database: sqlite3.Connection) -> bool:
    """Makes the tables in a new file; False for another program's, which is left as it is."""
    if database.execute("PRAGMA application_id").fetchone() == (_APPLICATION,):
        return True
    if database.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,):
        return False
    for statement in _TABLES:
        database.execute(statement)
    return True


def _write(
    database: sqlite3.Connection, key: str, rows: Mapping[str, bytes], digests: Mapping[str, bytes]
) -> None:
    today = _today()
    number, used = _number(database, key)
    if number == 0:
        made = database.execute("INSERT INTO keys (key, used) VALUES (?, ?)", (key, today))
        number = made.lastrowid or 0
        _prune_keys(database, today)
    elif used < today:
        database.execute("UPDATE keys SET used = ? WHERE id = ?", (today, number))
        _prune_folders(database, number)
    database.executemany(
        "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?)",
        ((number, os.fsencode(f), body, digests[f]) for f, body in rows.items()),
    )


def _prune_keys(database: sqlite3.Connection, today: int) -> None:
    database.execute(
        "DELETE FROM keys WHERE used < ? OR id NOT IN"
        " (SELECT id FROM keys ORDER BY used DESC, id DESC LIMIT ?)",
        (today - _KEEP_DAYS, _KEEP_KEYS),
    )
    database.execute("DELETE FROM rows WHERE key NOT IN (SELECT id FROM keys)")


def _prune_folders(database: sqlite3.Connection, number: int) -> None:
    held = database.execute("SELECT folder FROM rows WHERE key = ?", (number,)).fetchall()
    gone = [(number, folder) for (folder,) in held if not os.path.exists(folder or b".")]
    database.executemany("DELETE FROM rows WHERE key = ? AND folder = ?", gone)


def _make_folder(folder: str) -> None:
    """Makes the folder; one that is new tells git and back-up programs to leave it out."""
    if os.path.isdir(folder):
        return
    os.makedirs(folder, exist_ok=True)
    notes = {
        ".gitignore": "*\n",
        "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n# made by funcpipe-lint\n",
    }
    for name, text in notes.items():
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(text)

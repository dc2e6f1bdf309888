"""Both kinds of index, for tests whose claims hold for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .places import InPostgres, InSqlite, Place
from .postgres import Server, running_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL with pgvector; without one, its tests are skipped, with the reason."""
    with running_server() as running:
        yield running


@pytest.fixture
def database(server: Server) -> Iterator[InPostgres]:
    """A fresh database, to which nobody is connected at the end of the test."""
    server.create("rag")
    yield InPostgres(server, "rag", server.log())
    server.drop("rag")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where an index can be, none there yet."""
    if request.param == "sqlite":
        return InSqlite(tmp_path / "index.sqlite")
    database: InPostgres = request.getfixturevalue("database")
    return database

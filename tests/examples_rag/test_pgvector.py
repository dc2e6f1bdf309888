"""What only an index in PostgreSQL can meet: a server that is not there, or goes away."""

from __future__ import annotations

import asyncio
import re
import sys
from contextlib import suppress
from pathlib import Path

import numpy
import psycopg
import pytest

from examples.rag.domain import Chunk, EmbeddedChunk
from examples.rag.embedders import HASHING

from .places import InPostgres
from .running import as_csv, rag
from .test_interrupts import indexing, reported

TERMINATE = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = 'rag' AND pid <> pg_backend_pid()
"""


@pytest.mark.asyncio
async def test_server_that_goes_away(database: InPostgres) -> None:
    """The run ends with a message and exit code 2; what was reported is held."""
    async with indexing("generated:30MB", database) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = [await process.stdout.readline() for _ in range(300)]
        ended = await asyncio.to_thread(database.server.ask, "rag", TERMINATE)
        lines += [line async for line in process.stdout]
        errors = (await process.stderr.read()).decode()
        code = await process.wait()
    assert ended == [(2,)]
    assert code == 2
    assert re.search(
        r"^\d+ passages indexed.*\n.*\nrag: postgresql://rag@/rag\?\.\.\.: .*connection.*\n\Z",
        errors,
    )
    assert reported(lines) <= database.held()


@pytest.mark.asyncio
async def test_cancelled_while_it_stores(
    database: InPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each turn of a busy loop: a cancellation stays one, and all is stored or nothing."""
    monkeypatch.setattr(psycopg.waiting, "MAX_BUSY_TIME", 0.0)  # each step lets others run
    vector = numpy.zeros(256, numpy.float32)
    items = [EmbeddedChunk(Chunk(f"d{n}", 0, True, "", "x", 0), vector) for n in range(3)]
    for turns in range(1, 40):
        async with database.opened(HASHING) as index:
            storing = asyncio.create_task(index.add(items))
            for _ in range(turns):
                await asyncio.sleep(0)
            storing.cancel()
            with suppress(asyncio.CancelledError):
                await storing
        assert len(database.held()) in (0, len(items))
        database.clear()


def test_search_before_anything_was_indexed(database: InPostgres) -> None:
    """It names the place, says how to fill it, and makes no tables."""
    code, out, err = rag("search", "x", f"--index={database.index}")
    assert (code, out) == (2, "")
    assert err == (
        "rag: postgresql://rag@/rag?...: no index in this database; "
        "make one: python -m examples.rag index INPUT --index postgresql://rag@/rag?...\n"
    )
    assert database.server.ask("rag", "SELECT to_regclass('rag_settings')") == [(None,)]


def test_user_who_may_not_make_the_extension(database: InPostgres, tmp_path: Path) -> None:
    """The message says what to ask for; once that is done, the same command works."""
    (tmp_path / "docs.csv").write_bytes(as_csv(("a", "A", "text")))
    database.server.ask("rag", "DROP ROLE IF EXISTS weak")
    database.server.ask("rag", "CREATE ROLE weak LOGIN")
    database.server.ask("rag", "GRANT CREATE ON SCHEMA public TO weak")
    index = f"--index={database.index.replace('//rag@', '//weak@')}"
    code, _, err = rag("index", tmp_path / "docs.csv", index)
    assert code == 2
    assert "ask the owner of the database for: CREATE EXTENSION vector\n" in err
    database.server.ask("rag", "CREATE EXTENSION vector")
    assert rag("index", tmp_path / "docs.csv", index)[0] == 0
    assert database.held() == {"a#0"}


def test_no_server(tmp_path: Path) -> None:
    """Exit code 2, and a message that shows no password."""
    (tmp_path / "docs.csv").write_bytes(as_csv(("a", "A", "text")))
    index = "postgresql://me:secret@127.0.0.1:1/papers"
    code, out, err = rag("index", tmp_path / "docs.csv", f"--index={index}")
    assert (code, out) == (2, "")
    assert "rag: postgresql://me@127.0.0.1:1/papers: connection failed" in err
    assert "secret" not in err


def test_without_the_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index in PostgreSQL says what to install; one in a file does not need it."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    (tmp_path / "docs.csv").write_bytes(as_csv(("a", "A", "text")))
    code, _, err = rag("index", tmp_path / "docs.csv", "--index=postgresql://me@localhost/papers")
    assert code == 2
    assert "an index in PostgreSQL needs: pip install 'psycopg[binary]' pgvector\n" in err
    assert rag("index", tmp_path / "docs.csv", f"--index={tmp_path / 'i'}")[0] == 0

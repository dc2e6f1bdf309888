"""Inputs: files, and generated ones for measurements."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import BinaryIO

from examples.rag.lines import split_lines
from funcpipe_streams import AsyncGen, Err, ErrInfo, Result, async_gen_from_aiter, async_gen_map_err

BLOCK = 1 << 16


class FileStorage:
    """Files of this machine, read block by block in a thread, so that the loop never waits."""

    @asynccontextmanager
    async def open_input(self, path: str) -> AsyncIterator[AsyncGen[bytes]]:
        """The file, open for one reading."""
        try:
            file = await asyncio.to_thread(Path(path).open, "rb")
        except OSError as error:
            yield _unreadable(path, error)
            return
        try:
            lines = async_gen_from_aiter(lambda: split_lines(_blocks(file)), catch=(OSError,))
            yield async_gen_map_err(
                lines, lambda error: ErrInfo("INPUT", f"{path}: {error.msg}", error.cause)
            )
        finally:
            file.close()

    def size(self, path: str) -> int | None:
        """The file's size; None if it has none, as a pipe."""
        try:
            return Path(path).stat().st_size or None
        except OSError:
            return None


async def _blocks(file: BinaryIO) -> AsyncGenerator[bytes, None]:
    while block := await asyncio.to_thread(file.read, BLOCK):
        yield block


def _unreadable(path: str, error: OSError) -> AsyncGen[bytes]:
    async def stream() -> AsyncGenerator[Result[bytes, ErrInfo], None]:
        yield Err(ErrInfo("INPUT", f"{path}: {error.strerror or error}", error))

    return stream


_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9}
_GENERATED = re.compile(r"generated:(\d+)(KB|MB|GB)")


class GeneratedStorage:
    """A CSV of documents, as large as its name says, that is nowhere stored.

    `generated:2GB` is the same two gigabytes in every run: documents of 200 to 1,800 characters.
    """

    @asynccontextmanager
    async def open_input(self, path: str) -> AsyncIterator[AsyncGen[bytes]]:
        """The input; nothing has to be closed."""
        yield async_gen_from_aiter(lambda: _generated_lines(generated_size(path)))

    def size(self, path: str) -> int | None:
        """The size that the name asks for."""
        return generated_size(path)


def generated_size(name: str) -> int:
    """The bytes that a name such as `generated:2GB` asks for.

    Raises `ValueError` that shows the form for any other name.
    """
    match = _GENERATED.fullmatch(name)
    if match is None:
        raise ValueError(f"{name!r} is no generated input: write generated:10MB (KB, MB or GB)")
    return int(match[1]) * _UNITS[match[2]]


async def _generated_lines(size: int) -> AsyncGenerator[bytes, None]:
    random = Random(0)
    words = ["".join(random.choices("aeiounrstlkmdp", k=random.randint(2, 9))) for _ in range(5000)]
    # Texts are cut from one long text: drawing each word of gigabytes would take longer than
    # everything that is done with them.
    pool = " ".join(random.choices(words, k=100_000))
    header = b"id,title,text\n"
    yield header
    written, number = len(header), 0
    while written < size:
        start = random.randrange(len(pool) - 2000)
        text = pool[start : start + random.randint(200, 1800)]
        line = f"doc-{number},Document {number},{text}\n".encode()
        yield line
        written += len(line)
        number += 1
        if number % 64 == 0:
            await asyncio.sleep(0)  # a source that never waits would not let anybody else run

"""A file's bytes are all read, however the system hands them out, and nothing else is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from funcpipe_lint.read.source import read_bytes


@pytest.mark.parametrize("size", [0, 1, 3, 4, 100])
def test_parts(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that gives a few bytes at a time gives the same content."""
    path = tmp_path / "m.py"
    path.write_bytes(b"x" * size)
    assert read_bytes(str(path)) == b"x" * size
    read = os.read
    monkeypatch.setattr(os, "read", lambda handle, most: read(handle, min(most, 3)))
    assert read_bytes(str(path)) == b"x" * size


@pytest.mark.parametrize("said", [0, 2, 9])
def test_size(said: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So does one that says another size than the file has, as those of devices do."""
    path = tmp_path / "m.py"
    path.write_bytes(b"x = 1\n")
    stat = os.fstat

    def lying(handle: int) -> os.stat_result:
        found = list(stat(handle))
        found[6] = said
        return os.stat_result(found)

    monkeypatch.setattr(os, "fstat", lying)
    assert read_bytes(str(path)) == b"x = 1\n"


def test_folders(tmp_path: Path) -> None:
    """A folder is refused, and no handle of it is left."""
    with pytest.raises(OSError, match=r"a directory|no regular file|denied"):
        read_bytes(str(tmp_path))

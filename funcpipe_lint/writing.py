"""Files replaced whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path


class FileChangedError(OSError):
    """The file on disk is not what was read: nothing was written."""


def replace_file(path: str, content: bytes, expected: bytes | None = None) -> None:
    """Writes a file so that a reader, or a crash, meets the old content or the new, never a part.

    The mode is kept; a symbolic link stays one, and a file that may not be written is not, though
    its folder would let it be replaced. With `expected`, a file that holds anything else is
    left alone (FileChangedError). Raises OSError, with the file as it was.
    """
    target = Path(path).resolve()
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    _compare(path, target, expected)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _keep_owner(target, temporary)
        Path(temporary).chmod(_mode(target))
        _compare(path, target, expected)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink()
        raise


def _compare(path: str, target: Path, expected: bytes | None) -> None:
    if expected is not None and target.read_bytes() != expected:
        raise FileChangedError(f"{path} changed while it was being rewritten")


def _keep_owner(target: Path, temporary: str) -> None:
    """Root in a container mends the files of somebody else: they stay his."""
    if hasattr(os, "chown") and target.exists():
        owned, made = target.stat(), os.stat(temporary)
        if (owned.st_uid, owned.st_gid) != (made.st_uid, made.st_gid):
            with suppress(PermissionError):
                os.chown(temporary, owned.st_uid, owned.st_gid)


def _mode(target: Path) -> int:
    if target.exists():
        return target.stat().st_mode
    mask = os.umask(0)  # it can only be read by setting it
    os.umask(mask)
    return 0o666 & ~mask

"""A secret of the user's own, which no repository can carry: what the cache is bound to."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress

from funcpipe_lint.read.source import read_bytes

_SIZE = 32
_FILE = "key"


def user_key() -> bytes | None:
    """The key in the user's cache folder, made at the first use; None where none can be kept."""
    folder = _folder()
    if not folder:
        return None
    file = os.path.join(folder, _FILE)
    try:
        return _held(file) or _made(folder, file)
    except OSError:
        return None


def _folder() -> str:
    """Where programs keep what they can make anew; empty for a user who has no such place."""
    if sys.platform == "win32":
        above = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        above = os.path.expanduser("~/Library/Caches")
    else:
        above = os.environ.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(above):
            above = os.path.expanduser("~/.cache")
    return os.path.join(above, "funcpipe-lint") if os.path.isabs(above) else ""


def _held(file: str) -> bytes | None:
    """The key that a file holds, if nobody else can have written or read it."""
    try:
        found = os.lstat(file)
        key = read_bytes(file, _SIZE)
    except OSError:
        return None
    is_secret = stat.S_ISREG(found.st_mode) and len(key) == _SIZE
    if hasattr(os, "geteuid"):
        is_secret = is_secret and found.st_uid == os.geteuid() and not found.st_mode & 0o077
    return key if is_secret else None


def _made(folder: str, file: str) -> bytes | None:
    """A new key, or that of another run that made one at the same time."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    with suppress(FileNotFoundError):
        os.unlink(file)  # it is no key
    fresh = f"{file}.{os.getpid()}"
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, os.urandom(_SIZE))
        os.close(handle)
        try:
            os.link(fresh, file)
        except FileExistsError:
            pass
        except (OSError, AttributeError):  # a file system without links
            os.replace(fresh, file)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(fresh)
    return _held(file)

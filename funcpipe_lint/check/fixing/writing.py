"""Files replaced whole or not at all, with everything that belongs to them."""

from __future__ import annotations

import errno
import os
import signal
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

# A file of this name beside the one that is written was left by a run that was killed.
_ENDING = ".funcpipe-lint"
# Attributes that the system sets by itself.
_OF_SYSTEM = "security."
# SIGINT first, for it raises where it is not held back yet.
_ENDS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP", "SIGQUIT", "SIGALRM", "SIGXCPU")
    if hasattr(signal, name)
]


class FileChangedError(OSError):
    """The file on disk is not what was read: nothing was written."""


def replace_file(path: str, content: bytes, expected: bytes | None = None) -> None:
    """Writes a file so that a reader, or a crash, meets the old content or the new, never a part.

    The mode, the owner and extended attributes are kept; a symbolic link stays one, and a file that
    may not be written is not, though its folder would let it be replaced. A file with other hard
    links, or with attributes that cannot be copied, is written in place, in one call: the links
    keep to each other. With `expected`, a file that holds anything else is left alone
    (FileChangedError). Raises OSError, with the file as it was.
    """
    target = Path(path).resolve()
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    _compare(path, target, expected)
    _forget_killed_runs(target)
    temporary = target.with_name(f"{_beginning(target)}{os.getpid()}{_ENDING}")
    handle, is_named = _opened(temporary)
    try:
        _write(handle, content)
        os.fsync(handle)
        is_like_it = _take_over(target, handle)
        _compare(path, target, expected)
    except BaseException:
        os.close(handle)
        if is_named:
            temporary.unlink()
        raise
    with _undisturbed():
        try:
            is_there = is_like_it and not is_named and _placed(handle, temporary, target)
        finally:
            os.close(handle)
        if is_like_it and is_named:
            _move(temporary, target)
            is_there = True
        elif is_named:
            temporary.unlink()
    if not is_there:
        _write_in_place(target, content)


def _placed(handle: int, temporary: Path, target: Path) -> bool:
    """Puts a nameless file in the place of another; False where it can have no name. It has one of
    its own for the time of one call, for no system can do both in one."""
    folder = os.open(temporary.parent, os.O_RDONLY)
    try:
        # With a folder, for only then is the link in /proc followed.
        os.link(f"/proc/self/fd/{handle}", temporary, src_dir_fd=folder, follow_symlinks=True)
    except OSError:
        os.close(folder)
        return False
    try:
        _move(temporary, target)
    finally:
        os.close(folder)
    return True


def _move(temporary: Path, target: Path) -> None:
    try:
        temporary.replace(target)
    except OSError:
        temporary.unlink()
        raise


def refuse_leading_out(path: str, tops: Sequence[str] | None) -> None:
    """Raises OSError where a file is, by a link, in none of some folders, nor in those of some
    files: nobody asked for a change there. None: anywhere was asked for."""
    if tops is None:
        return
    real = os.path.realpath(path)
    folders = (top if os.path.isdir(top) else os.path.dirname(top) for top in tops)
    if not any(real.startswith(os.path.join(os.path.realpath(f), "")) for f in folders):
        raise OSError(errno.EXDEV, f"it is a link that leads out to {real}; name that file itself")


def _beginning(target: Path) -> str:
    """How the names of a file's temporary ones begin; no name has more than 255 bytes."""
    return f".{os.fsdecode(os.fsencode(target.name)[:200])}."


def _forget_killed_runs(target: Path) -> None:
    """Removes what runs that were killed in the middle of writing a file left beside it."""
    beginning = _beginning(target)
    for name in os.listdir(target.parent):
        number = name.removeprefix(beginning).removesuffix(_ENDING)
        if f"{beginning}{number}{_ENDING}" == name and number.isdecimal():
            try:
                os.kill(int(number), 0)
            except ProcessLookupError:
                with suppress(OSError):
                    target.with_name(name).unlink()
            except (OSError, OverflowError):
                continue


def _opened(temporary: Path) -> tuple[int, bool]:
    """A new file, and whether it has its name yet: one without leaves nothing when the process is
    killed."""
    if hasattr(os, "O_TMPFILE") and os.path.isdir("/proc/self/fd"):
        with suppress(OSError):  # not every file system has such files
            return os.open(temporary.parent, os.O_TMPFILE | os.O_RDWR, 0o600), False
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.open(temporary, flags, 0o600), True


def _write(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def _take_over(target: Path, handle: int) -> bool:
    """Gives the new file what the old one has besides its content; False where that cannot be."""
    if not target.exists():
        mask = os.umask(0)  # it can only be read by setting it
        os.umask(mask)
        _set_mode(handle, 0o666 & ~mask)
        return True
    old = target.stat()
    if old.st_nlink > 1:
        return False
    _keep_owner(old, handle)
    _set_mode(handle, stat.S_IMODE(old.st_mode))
    return _copy_attributes(target, handle)


def _set_mode(handle: int, mode: int) -> None:
    if hasattr(os, "fchmod"):
        os.fchmod(handle, mode)


def _keep_owner(old: os.stat_result, handle: int) -> None:
    """Root in a container mends the files of somebody else: they stay his."""
    if hasattr(os, "fchown"):
        made = os.fstat(handle)
        if (old.st_uid, old.st_gid) != (made.st_uid, made.st_gid):
            with suppress(PermissionError):
                os.fchown(handle, old.st_uid, old.st_gid)


def _copy_attributes(target: Path, handle: int) -> bool:
    if not hasattr(os, "listxattr"):
        return True
    try:
        names = os.listxattr(target)
    except OSError:
        return True  # the file system has none
    for name in names:
        try:
            os.setxattr(handle, name, os.getxattr(target, name))
        except OSError:
            if not name.startswith(_OF_SYSTEM):
                return False
    return True


def _write_in_place(target: Path, content: bytes) -> None:
    """Overwrites a file; where the disk takes no more, with what it held."""
    old = target.read_bytes()
    handle = os.open(target, os.O_WRONLY | getattr(os, "O_BINARY", 0))
    try:
        with _undisturbed():
            try:
                _overwrite(handle, content)
            except OSError:
                _overwrite(handle, old)
                raise
        os.fsync(handle)
    finally:
        os.close(handle)


def _overwrite(handle: int, content: bytes) -> None:
    os.lseek(handle, 0, os.SEEK_SET)
    _write(handle, content)
    os.ftruncate(handle, len(content))


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Within it, no signal but SIGKILL ends what the main thread does; it comes at the end.

    A mask would hold for one thread: another one takes the signal then, and Python runs its handler
    in the main thread all the same. In other threads no handler is ever run.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before: list[tuple[int, Any]] = []
    try:
        for number in _ENDS:
            handler = signal.getsignal(number)
            if handler not in (None, signal.SIG_IGN):  # None: one that Python could not put back
                before.append((number, handler))
                signal.signal(number, lambda number, _: arrived.append(number))
        yield
    finally:
        for number, handler in reversed(before):
            signal.signal(number, handler)
        for number in arrived:
            signal.raise_signal(number)


def _compare(path: str, target: Path, expected: bytes | None) -> None:
    if expected is not None and target.read_bytes() != expected:
        raise FileChangedError(f"{path} changed while it was being rewritten")

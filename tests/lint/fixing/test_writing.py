"""What is written keeps all but its content, goes nowhere else, and leaves nothing beside."""

from __future__ import annotations

import os
import signal
import stat
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from docs.studies.hostile_files import LEAKY as ROWS_AND_LEAK
from docs.studies.hostile_files import NEW, SHAPES, killed_writes
from funcpipe_lint.check.fixing import writing
from funcpipe_lint.check.fixing.writing import replace_file
from tests.lint.conftest import LEAKY, Command

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links, modes, kills")
FIXED = "async with aclosing(rows(pool)) as items:"


def test_hard_links_stay_together(command: Command) -> None:
    """A file that has two names is written once, under both, and shorter content leaves no rest."""
    os.link("leaky.py", "second.py")
    assert command("check", "--fix", ".").code == 0
    assert Path("leaky.py").samefile("second.py")
    assert FIXED in Path("second.py").read_text(encoding="utf-8")
    replace_file("second.py", b"x = 1\n")
    assert Path("leaky.py").read_bytes() == b"x = 1\n"
    assert {path.name for path in Path().iterdir()} == {"leaky.py", "second.py", ".funcpipe_cache"}


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_silencing_a_file_of_two_names(command: Command, link: object) -> None:
    """One comment for each finding, whichever way it got its names."""
    assert callable(link)
    link("leaky.py", "second.py")
    command("check", "--add-noqa", "why", ".")
    assert Path("leaky.py").read_text(encoding="utf-8").count("ignore[FP303] why") == 1
    assert command("check", ".").code == 0


def attributes(path: str) -> dict[str, bytes]:
    """The extended attributes of a file."""
    return {name: os.getxattr(path, name) for name in os.listxattr(path)}


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="extended attributes")
def test_extended_attributes_are_kept(command: Command) -> None:
    """Those of users, and access lists, whose mask is the mode of the group."""
    try:
        os.setxattr("leaky.py", "user.origin", b"there")
    except OSError:
        pytest.skip("this file system has none")
    user, group, mask, other = b"\x01\0\6\0", b"\x04\0\4\0", b"\x10\0\6\0", b"\x20\0\0\0"
    nobody = b"\xff\xff\xff\xff"
    named = b"\x02\0\6\0" + (4321).to_bytes(4, "little")
    entries = [user + nobody, named, group + nobody, mask + nobody, other + nobody]
    with suppress(OSError):  # there are file systems that have the one, not the other
        os.setxattr("leaky.py", "system.posix_acl_access", b"\2\0\0\0" + b"".join(entries))
    before, mode = attributes("leaky.py"), Path("leaky.py").stat().st_mode
    assert command("check", "--fix", ".").code == 0
    assert attributes("leaky.py") == before
    assert Path("leaky.py").stat().st_mode == mode


def test_attributes_that_cannot_be_copied(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is then written in place: it is the same file as before."""
    monkeypatch.setattr(writing, "_copy_attributes", lambda *_: False)
    before = Path("leaky.py").stat().st_ino
    assert command("check", "--fix", ".").code == 0
    assert Path("leaky.py").stat().st_ino == before
    assert FIXED in Path("leaky.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("shape", SHAPES)
def test_killed_at_any_call(tmp_path: Path, shape: str) -> None:
    """The file holds the old content or the new; the next write leaves nothing beside it."""
    writes = list(killed_writes(tmp_path, shape))
    assert all(write.content in (ROWS_AND_LEAK.encode(), NEW) for write in writes)
    assert len(writes) > 5
    # Between its name and its place a file is there for one call.
    littered = sum(bool(write.litter) for write in writes)
    assert littered <= (1 if shape == "plain" else 0 if shape == "two names" else 9)
    replace_file(str(tmp_path / "leaky.py"), b"y = 2\n")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".leaky")] == []


@pytest.mark.parametrize("is_alone", [True, False])
def test_a_signal_while_it_is_moved(
    command: Command, monkeypatch: pytest.MonkeyPatch, is_alone: bool
) -> None:
    """One that would end the process waits until nothing is left to clean up, whichever thread
    takes it."""
    over = threading.Event()
    other = threading.Thread(target=over.wait, daemon=True)
    if not is_alone:
        other.start()
    replace = Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        os.kill(os.getpid(), signal.SIGINT)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        replace_file("leaky.py", b"x = 1\n")
    over.set()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert Path("leaky.py").read_bytes() == b"x = 1\n"
    assert [path.name for path in Path().iterdir()] == ["leaky.py"]


def test_a_name_of_full_length(command: Command) -> None:
    """A file whose name is as long as names can be is written, too."""
    name = "ä" * 126 + ".py"
    Path(name).write_text(LEAKY, encoding="utf-8")
    assert command("check", "--fix", name).code == 0
    assert FIXED in Path(name).read_text(encoding="utf-8")


WRITING = {"fix": ["--fix"], "silence": ["--add-noqa", "why"]}


@pytest.mark.parametrize("arguments", WRITING.values(), ids=WRITING)
@pytest.mark.parametrize("given", ["project", "project/link.py"])
def test_a_link_that_leads_out(command: Command, given: str, arguments: list[str]) -> None:
    """It is checked and not followed to write: nobody gave the folder that it leads to."""
    Path("project").mkdir()
    Path("project/link.py").symlink_to("../leaky.py")
    done = command("check", *arguments, given)
    assert done.code == 2
    real = Path("leaky.py").resolve()
    assert f"it is a link that leads out to {real}; name that file itself" in done.err
    assert Path("leaky.py").read_text(encoding="utf-8") == LEAKY


@pytest.mark.parametrize("given", [["."], ["project", "."], ["project", "leaky.py"]])
def test_a_link_that_leads_to_what_was_given(command: Command, given: list[str]) -> None:
    """It stays a link; the file is mended once."""
    Path("project").mkdir()
    Path("project/link.py").symlink_to("../leaky.py")
    assert command("check", "--fix", *given).code == 0
    assert Path("project/link.py").is_symlink()
    assert Path("leaky.py").read_text(encoding="utf-8").count(FIXED) == 1


def test_a_folder_that_is_a_link(command: Command) -> None:
    """Who gives it, gives what is in it."""
    Path("real").mkdir()
    Path("real/m.py").write_text(LEAKY, encoding="utf-8")
    Path("link").symlink_to("real")
    assert command("check", "--fix", "link").code == 0
    assert FIXED in Path("real/m.py").read_text(encoding="utf-8")


def test_the_mode_is_kept(command: Command) -> None:
    """Also one with bits beyond reading and writing."""
    Path("leaky.py").chmod(0o2751)
    mode = stat.S_IMODE(Path("leaky.py").stat().st_mode)
    assert command("check", "--fix", ".").code == 0
    assert stat.S_IMODE(Path("leaky.py").stat().st_mode) == mode

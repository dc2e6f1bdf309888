"""Files of somebody else: what they may not do. They are data, until somebody asks for more."""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from funcpipe_lint.check.runs.store import Store, file_name
from funcpipe_lint.check.runs.user_key import user_key
from funcpipe_lint.model import FileReport
from tests.lint.command.test_configuration import configure, held
from tests.lint.conftest import KEY, LEAKY, Command

OURS = "leaky.py:7:5: FP303"
THEIRS = "vendored/leaky.py:7:5: FP303"
# What a module writes that is imported though nobody asked.
TRAP = "import pathlib\npathlib.Path({mark!r}).write_text('run')\n"


@pytest.fixture
def mark(command: Command, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file that is there once the module `trap` was imported, from either of two folders."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    mark = Path("run").absolute()
    Path("vendored").mkdir()
    for folder in (".", "vendored"):
        Path(folder, "trap.py").write_text(TRAP.format(mark=str(mark)), encoding="utf-8")
    shutil.copy("leaky.py", "vendored/leaky.py")
    yield mark
    sys.modules.pop("trap", None)


PLUGIN = 'plugins = ["trap"]'
COMMANDS = {
    "check": ["check", "--output-format", "concise", "."],
    "check of a file": ["check", "--output-format", "concise", "vendored/leaky.py"],
    "an editor": ["check", "--output-format", "concise", "--stdin-filename", "vendored/x.py"],
    "config": ["config", "vendored/leaky.py"],
    "rule": ["rule", "ALL"],
}


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_the_plugins_of_a_folder_below(
    command: Command, mark: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """None is imported; the run says so, and checks the folder with the linter's own rules."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    configure(PLUGIN + '\nselect = ["FP303", "TRP101"]', "vendored")
    done = command(*arguments)
    assert not mark.exists()
    if arguments[0] == "check":
        assert done.code == int("--stdin-filename" not in arguments)
        (line,) = done.err.splitlines()
        assert "vendored/pyproject.toml: its 'plugins' is left out" in line
    if arguments == COMMANDS["check"]:
        found = [line.split(" ")[0] for line in done.out.splitlines()]
        assert found == ["leaky.py:7:5:", "vendored/leaky.py:7:5:"]


@pytest.mark.parametrize(
    "arguments", [["check", "."], ["config"], ["rule", "ALL"], ["test-rules"]], ids=" ".join
)
def test_the_plugins_of_a_folder_above(
    command: Command, mark: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """None is imported: above may be a folder that everybody writes to."""
    configure(PLUGIN)
    monkeypatch.chdir("vendored")
    command(*arguments)
    assert not mark.exists()


def test_the_plugins_of_the_current_folder(command: Command, mark: Path) -> None:
    """They are what was asked for; --no-plugins takes that back."""
    configure(PLUGIN)
    done = command("check", "--no-plugins", ".")
    assert (done.code, done.err) == (1, "")
    assert not mark.exists()
    assert "plugin 'trap' holds no rule" in command("check", ".").err
    assert mark.exists()


def test_the_plugins_of_a_file_that_is_extended(command: Command, mark: Path) -> None:
    """Who is trusted is so with what he takes over, and nobody is by taking over from there: the
    plugin is imported, but never from the folder below."""
    Path("trap.py").unlink()
    configure(PLUGIN, name="base.toml")
    configure('extend = "base.toml"', "vendored")
    configure('extend = "../base.toml"', "vendored")
    assert command("check", "vendored").code == 1
    configure('extend = "base.toml"')
    configure('extend = "../pyproject.toml"', "vendored")
    assert "plugin 'trap' is not found" in command("check", "vendored").err
    assert not mark.exists()


@pytest.mark.skipif(getattr(os, "geteuid", int)() != 0, reason="gives a file away")
def test_a_configuration_of_another_user(command: Command, mark: Path) -> None:
    """In the current folder, too, it decides on no code; named, it does."""
    configure(PLUGIN)
    os.chown("pyproject.toml", 12345, 12345)
    done = command("check", ".")
    assert "pyproject.toml: its 'plugins' is left out" in done.err
    assert not mark.exists()
    command("check", "--config", "pyproject.toml", ".")
    assert mark.exists()


@pytest.mark.skipif(getattr(os, "geteuid", int)() != 0, reason="gives a link away")
def test_a_link_of_another_user(command: Command, mark: Path) -> None:
    """One that leads to the user's own file decides on no code either."""
    configure(PLUGIN, name="mine.toml")
    Path("funcpipe-lint.toml").symlink_to("mine.toml")
    os.chown("funcpipe-lint.toml", 12345, 12345, follow_symlinks=False)
    assert "funcpipe-lint.toml: its 'plugins' is left out" in command("check", ".").err
    assert not mark.exists()


@pytest.mark.parametrize("isolated", [[], ["--isolated"]])
def test_flake8_imports_none(command: Command, mark: Path, isolated: list[str]) -> None:
    """Its plugin takes no module from our configuration: flake8's own names them."""
    configure(PLUGIN)
    run = [sys.executable, "-m", "flake8", *isolated, "leaky.py", "vendored"]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert "FP303" in done.stdout
    assert not mark.exists()
    Path(".flake8").write_text("[flake8]\nfuncpipe-plugins = trap\n", encoding="utf-8")
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert mark.exists() is not bool(isolated)


RESTRICTED = {
    "fix = true": "its 'fix' is left out",
    "unsafe-fixes = true": "its 'unsafe-fixes' is left out",
    'baseline = "old.json"': "its 'baseline' is left out",
    'cache-dir = "elsewhere"': "its 'cache-dir' is left out",
}


@pytest.mark.parametrize("place", ["below", "above"])
@pytest.mark.parametrize("text", RESTRICTED)
def test_what_only_the_current_folder_decides(
    command: Command, monkeypatch: pytest.MonkeyPatch, text: str, place: str
) -> None:
    """A configuration below or above changes no file, hides no finding, and moves no cache."""
    Path("vendored").mkdir()
    shutil.copy("leaky.py", "vendored/leaky.py")
    assert command("check", "--baseline", "vendored/old.json", "--update-baseline", ".").code == 0
    shutil.copy("vendored/old.json", "old.json")
    configure(text, "vendored" if place == "below" else ".")
    if place == "above":
        monkeypatch.chdir("vendored")
    done = command("check", "--output-format", "concise", ".")
    assert done.code == 1
    assert OURS in done.out
    assert done.err.count("left out") == 1
    assert RESTRICTED[text] in done.err
    assert Path("leaky.py").read_text(encoding="utf-8") == LEAKY
    assert not Path("elsewhere").exists()
    assert not Path("../elsewhere").exists()


def test_config_says_what_is_left_out(command: Command) -> None:
    """`config` names the keys and the file, as text and as JSON."""
    configure("fix = true", "vendored")
    Path("vendored/m.py").touch()
    file = str(Path("vendored/pyproject.toml").resolve())
    assert held(command, "vendored/m.py")["left out"] == {file: ["fix"]}
    assert f"# left out of {file}: fix\n" in command("config", "vendored/m.py").out


def test_suppressions_of_rules_that_were_left_out(command: Command) -> None:
    """Without its plugin a team's code is not called unknown, nor its comments useless."""
    configure('plugins = ["trap"]\nignore = ["TRP"]\nper-file-ignores = { "*" = ["TRP101"] }')
    text = "async def f(x):  # noqa: TRP101\n    yield x  # funcpipe: ignore[TRP101] why\n"
    Path("leaky.py").write_text(text, encoding="utf-8")
    done = command("check", "--no-plugins", ".")
    assert (done.code, done.err) == (0, "")


def test_a_cache_that_came_with_the_files(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Reports that another user's run left silence nothing, whatever their file is called; under
    its own name it is not even opened."""
    with monkeypatch.context() as theirs:
        theirs.setenv("XDG_CACHE_HOME", str(tmp_path / "theirs"))
        with monkeypatch.context() as patched:
            patched.setattr("funcpipe_lint.check.single.engine_for", lambda *_: Silent())
            assert command("check", ".").code == 0
    (stored,) = Path(".funcpipe_cache").glob("*.sqlite3")
    with monkeypatch.context() as theirs:
        theirs.setenv("XDG_CACHE_HOME", str(tmp_path / "theirs"))
        assert command("check", ".").code == 0, "to them it is clean: the row holds"
    before = stored.read_bytes()
    assert OURS in command("check", "--output-format", "concise", ".").out
    assert stored.read_bytes() == before
    shutil.copy(stored, stored.with_name(file_name(KEY)))
    assert OURS in command("check", "--output-format", "concise", ".").out


class Silent:
    """An engine that finds nothing."""

    def check(self, path: str, raw: bytes, **options: object) -> FileReport:
        """A clean report."""
        return FileReport(path)


def test_a_cache_under_the_users_name(command: Command) -> None:
    """Rows of somebody who knows what the user's file is called are no rows of his."""
    assert command("check", ".").code == 1
    (stored,) = Path(".funcpipe_cache").glob("*.sqlite3")
    with sqlite3.connect(stored) as database:
        ((key,),) = database.execute("SELECT key FROM keys").fetchall()
        ((body,),) = database.execute("SELECT body FROM rows").fetchall()
        database.execute("UPDATE rows SET body = ?", (body.replace(b"FP303", b"FP304"),))
    database.close()
    assert Store(".funcpipe_cache", KEY).read(key, [""]) == {}
    assert Store(".funcpipe_cache", bytes([1] * 32)).read(key, [""]) == {}
    assert Store(".funcpipe_cache", None).read(key, [""]) == {}
    assert "FP303" in command("check", ".").out


@pytest.mark.parametrize("trouble", ["no home", "a file", "open to all", "short", "a link"])
def test_a_key_that_cannot_be_kept(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, trouble: str
) -> None:
    """One that others can read or write, or that is none, is made anew; where none can be made,
    nothing is cached. The findings are the same."""
    above = tmp_path / "user"
    folder = above / "funcpipe-lint"
    folder.mkdir(parents=True)
    file = folder / "key"
    monkeypatch.setenv("XDG_CACHE_HOME", str(above))
    if trouble == "no home":
        shutil.rmtree(above)
        above.touch()
    elif trouble == "a file":
        shutil.rmtree(folder)
        folder.touch()
    elif trouble == "a link":
        (above / "other").write_bytes(KEY)
        (above / "other").chmod(0o600)
        file.symlink_to(above / "other")
    else:
        file.write_bytes(KEY if trouble == "open to all" else b"short")
        file.chmod(0o644 if trouble == "open to all" else 0o600)
    done = command("check", "--output-format", "concise", "leaky.py")
    assert (done.code, done.err) == (1, "")
    assert OURS in done.out
    if trouble in ("no home", "a file"):
        assert user_key() is None
        assert not Path(".funcpipe_cache").exists()
    else:
        key = user_key()
        assert key is not None
        assert key != KEY
        assert file.stat().st_mode & 0o777 == 0o600
        assert [path.name for path in folder.iterdir()] == ["key"]


@pytest.mark.parametrize("section", ["", 'cache-dir = "here/cache"'])
def test_a_cache_folder_that_leads_elsewhere(command: Command, section: str) -> None:
    """A link that came with the files sends no writes to another place."""
    Path("elsewhere").mkdir()
    Path("project").mkdir()
    shutil.copy("leaky.py", "project/leaky.py")
    os.chdir("project")
    configure(section)
    Path(".funcpipe_cache" if not section else "here").symlink_to("../elsewhere")
    assert command("check", ".").code == 1
    assert list(Path("../elsewhere").iterdir()) == []
    assert command("check", "--cache-dir", "../elsewhere", ".").code == 1
    assert list(Path("../elsewhere").iterdir()) != []

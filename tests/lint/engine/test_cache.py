"""The cache saves parsing; whatever happens to it, the findings are those of a fresh run."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from funcpipe_lint.check.runs.store import file_name
from tests.lint.conftest import KEY, LEAKY, Command

CLEAN = LEAKY.replace("async for row in rows(pool):", "for row in [await rows(pool)]:")
STORED = Path(".funcpipe_cache") / file_name(KEY)
ROOT = Path(__file__).parents[3]
SCRIPT = """
import sys
from funcpipe_lint.cli import main
code = main(sys.argv[1:])
print("parsed" if "libcst" in sys.modules else "known", file=sys.stderr)
sys.exit(code)
"""


class Run(NamedTuple):
    """What a process of its own gave, and whether it had to parse."""

    code: int
    out: str
    last: str


def check(*arguments: str, script: str = SCRIPT, root: Path = ROOT) -> Run:
    """`check` in a new interpreter."""
    command = [sys.executable, "-c", script, "check", "--output-format", "concise", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return Run(done.returncode, done.stdout, done.stderr.strip().rpartition("\n")[2])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder with one finding in leaky.py and none in clean.py."""
    monkeypatch.chdir(tmp_path)
    Path("leaky.py").write_text(LEAKY, encoding="utf-8")
    Path("clean.py").write_text(CLEAN, encoding="utf-8")
    return tmp_path


def test_unchanged_files_are_not_parsed_again(folder: Path) -> None:
    """The second run says the same without libcst; so does one after the files were touched."""
    first = check(".")
    assert (first.code, first.last) == (1, "parsed")
    assert check(".") == first._replace(last="known")
    os.utime("leaky.py")
    assert check(".") == first._replace(last="known")


def test_a_change_that_hides_is_seen(folder: Path) -> None:
    """Other content of the same size under the old modification time is checked."""
    check(".")
    before = Path("leaky.py").stat()
    changed = LEAKY.replace("async for row in rows(pool):", "async for row in seen(pool):")
    assert len(changed) == before.st_size
    Path("leaky.py").write_text(changed, encoding="utf-8")
    os.utime("leaky.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert check(".")[:2] == (0, "")


@pytest.mark.parametrize("arguments", [["--ignore", "FP303"], ["--no-noqa"], ["--profile=strict"]])
def test_settings_have_reports_of_their_own(command: Command, arguments: list[str]) -> None:
    """Under other settings, and back again, the findings are those of a fresh run."""
    Path("silent.py").write_text(
        LEAKY.replace("rows(pool):", "rows(pool):  # noqa: FP303"), encoding="utf-8"
    )
    plain = command("check", ".")
    fresh = command("check", "--no-cache", *arguments, ".")
    assert command("check", *arguments, ".") == fresh != plain
    assert command("check", *arguments, ".") == fresh
    assert command("check", ".") == plain


def test_an_edited_rule_is_another_rule(folder: Path) -> None:
    """In a checkout, what a rule says now is reported, without a new version."""
    shutil.copytree(ROOT / "funcpipe_lint", "kit/funcpipe_lint")
    rule = Path("kit/funcpipe_lint/rules/fp303_source_not_closed.py")
    assert "stays open" in check("leaky.py", root=Path("kit")).out
    assert check("leaky.py", root=Path("kit")).last == "known"
    rule.write_text(rule.read_text("utf-8").replace("stays open", "remains open"), "utf-8")
    assert "remains open" in check("leaky.py", root=Path("kit")).out


def test_an_edited_plugin_is_another_plugin(folder: Path) -> None:
    """What a team's rule says now is reported, and under the plugin settings of now."""
    plugin = Path("team_rules.py")
    shutil.copy(ROOT / "examples/team_rules.py", plugin)
    Path("loud.py").write_text("async def f():\n    print(1)\n    yield 2\n", encoding="utf-8")
    configuration = Path("funcpipe-lint.toml")
    configuration.write_text('plugins = ["team_rules"]\n', encoding="utf-8")
    assert "this stream prints: log it" in check("loud.py").out
    configuration.write_text(
        'plugins = ["team_rules"]\nplugin-settings = { log = "a.b" }\n', encoding="utf-8"
    )
    assert "this stream prints: call a.b" in check("loud.py").out
    plugin.write_text(plugin.read_text("utf-8").replace("stream prints", "stream writes"), "utf-8")
    assert "this stream writes: call a.b" in check("loud.py").out


def test_packages_around_a_file_count(folder: Path) -> None:
    """A new __init__.py gives a file another dotted name: it is checked again."""
    Path("pkg").mkdir()
    shutil.move("leaky.py", "pkg/leaky.py")
    check("pkg")
    assert check("pkg").last == "known"
    Path("pkg/__init__.py").touch()
    assert check("pkg").last == "parsed"


def test_paths_count_from_the_current_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same file by another path, or the same path elsewhere, is another report."""
    Path("sub").mkdir()
    Path("sub/leaky.py").write_text(CLEAN, encoding="utf-8")
    assert check("--cache-dir", str(folder / "c"), "leaky.py").code == 1
    assert check("--cache-dir", "c", "sub/leaky.py").code == 0
    monkeypatch.chdir("sub")
    assert check("--cache-dir", str(folder / "c"), "leaky.py").code == 0
    assert check("--cache-dir", str(folder / "c"), "../leaky.py").out.startswith("../leaky.py:7")


def test_how_thoroughly_a_file_was_read_is_known(command: Command) -> None:
    """A large run does not parse what no rule can speak of; a small one does, before and after."""
    Path("many").mkdir()
    for number in range(520):
        Path(f"many/m{number}.py").write_text("x = 1\n", encoding="utf-8")
    broken = Path("many/m7.py")
    broken.write_text("x = (\n", encoding="utf-8")
    for _ in range(2):
        assert command("check", "many").code == 0
        assert "m7.py:1:5: FP002" in command("check", str(broken)).err
    broken.write_text("x = 1\n", encoding="utf-8")
    assert command("check", str(broken)).code == 0


def test_what_failed_is_tried_again(command: Command) -> None:
    """A file that could not be checked is no report to keep."""
    Path("bad.py").write_text("async def f(:\n", encoding="utf-8")
    first = command("check", ".")
    assert first.code == 2
    assert command("check", ".") == first


def damage_garbage() -> None:
    """No database at all."""
    STORED.write_bytes(os.urandom(5000))


def damage_empty() -> None:
    """A file that was created and no more."""
    STORED.write_bytes(b"")


def damage_half() -> None:
    """The second half is missing."""
    content = STORED.read_bytes()
    STORED.write_bytes(content[: len(content) // 2])


def damage_tables() -> None:
    """Tables of another shape."""
    with sqlite3.connect(STORED) as database:
        database.execute("DROP TABLE rows")
        database.execute("CREATE TABLE rows (other TEXT)")
    database.close()


def damage_folder() -> None:
    """A folder of that name."""
    STORED.unlink()
    STORED.mkdir()


DAMAGES = (damage_garbage, damage_empty, damage_half, damage_tables, damage_folder)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_is_a_miss(command: Command, damage: Callable[[], None]) -> None:
    """The findings, and nothing said about it."""
    fresh = command("check", ".")
    damage()
    assert command("check", ".") == fresh
    assert command("check", ".") == fresh


@pytest.mark.parametrize("damage", [damage_garbage, damage_empty, damage_half])
def test_a_damaged_cache_mends(folder: Path, damage: Callable[[], None]) -> None:
    """The run after it writes a whole one."""
    check(".")
    damage()
    check(".")
    assert check(".").last == "known"


def test_no_flipped_byte_is_believed(command: Command) -> None:
    """Whichever byte of the file changes: the findings of a fresh run."""
    fresh = command("check", ".")
    content = STORED.read_bytes()
    for place in range(0, len(content), 97):
        damaged = bytearray(content)
        damaged[place] ^= 0x15
        STORED.write_bytes(damaged)
        assert command("check", ".") == fresh, f"byte {place}"


def test_a_foreign_database_is_left_alone(command: Command) -> None:
    """Another program's file under our name is neither read nor changed."""
    STORED.parent.mkdir()
    with sqlite3.connect(STORED) as database:
        database.execute("CREATE TABLE theirs (x)")
    database.close()
    before = STORED.read_bytes()
    for _ in range(2):
        assert command("check", ".").code == 1
    assert STORED.read_bytes() == before


def test_a_locked_cache_is_not_waited_for(command: Command) -> None:
    """While another process holds it for itself, the run does without."""
    fresh = command("check", ".")
    database = sqlite3.connect(STORED, isolation_level=None)
    database.execute("BEGIN EXCLUSIVE")
    try:
        assert command("check", ".") == fresh
        assert command("check", "--ignore", "FP303", ".").code == 0
    finally:
        database.close()
    assert command("check", ".") == fresh


@pytest.mark.parametrize("place", ["leaky.py/cache", "/dev/null/cache"])
def test_a_cache_that_cannot_be_made(command: Command, place: str) -> None:
    """The run does without, and says the same."""
    fresh = command("check", "--no-cache", ".")
    assert command("check", "--cache-dir", place, ".") == fresh


LIMITED = f"""
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
{SCRIPT}"""


@pytest.mark.skipif(os.name == "nt", reason="limits of processes")
def test_a_disk_that_fills_up(folder: Path) -> None:
    """A write that fails in the middle leaves the findings, and a cache that the next run fills."""
    first = check(".", script=LIMITED)
    assert (first.code, first.last) == (1, "parsed")
    check(".")
    assert check(".") == first._replace(last="known")


def test_runs_at_once(folder: Path) -> None:
    """Six processes that fill one cache at the same time all find the same, and so does a later
    one, which has nothing left to parse."""
    for number in range(30):
        Path(f"m{number}.py").write_text(LEAKY, encoding="utf-8")
    command = [sys.executable, "-m", "funcpipe_lint", "check", "--jobs", "1", "--quiet", "."]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(6)]
    outputs = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [1] * 6
    assert len(set(outputs)) == 1
    later = check(".")
    assert (len(later.out.splitlines()), later.last) == (31, "known")


KILLED = f"""
import os, signal, sys
calls = 0
def count(frame, event, argument):
    global calls
    if event == "c_call" and frame.f_code.co_filename.endswith("store.py"):
        calls += 1
        if calls == int(os.environ["KILL_AT"]):
            os.kill(os.getpid(), signal.SIGKILL)
sys.setprofile(count)
{SCRIPT}"""


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_killed_at_any_moment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before each call that reads or writes the cache in turn: the next run finds what a
    fresh one does, and the one after it has nothing to parse."""
    fresh = check("--no-cache", ".")
    killed = 0
    for moment in range(1, 60, 4):
        monkeypatch.setenv("KILL_AT", str(moment))
        dead = check(".", script=KILLED)
        killed += dead.code == -signal.SIGKILL
        assert check(".")[:2] == fresh[:2]
        assert check(".").last == "known"
        if dead.code != -signal.SIGKILL:
            break
        STORED.unlink()
    assert killed > 5


def test_where_the_cache_is(command: Command) -> None:
    """Beside the configuration that holds in the current folder, with a note for git in it; or
    where the command line or the configuration says; nowhere with --no-cache."""
    command("check", "--no-cache", ".")
    assert not STORED.exists()
    command("check", ".")
    assert STORED.exists()
    assert Path(".funcpipe_cache/.gitignore").read_text("utf-8") == "*\n"
    Path("funcpipe-lint.toml").write_text('cache-dir = "kept/here"\n', encoding="utf-8")
    command("check", ".")
    assert Path("kept/here", STORED.name).exists()
    Path("mine").mkdir()
    command("check", "--cache-dir", "mine", ".")
    assert [path.name for path in Path("mine").iterdir()] == [STORED.name]


def test_few_files_without_streams_need_no_cache(command: Command) -> None:
    """A commit hook's usual run neither reads nor writes one."""
    Path("plain.py").write_text("x = 1\n", encoding="utf-8")
    assert command("check", "plain.py").code == 0
    assert not STORED.parent.exists()


def test_old_reports_go(command: Command) -> None:
    """Reports under settings that no run has asked for in a month are deleted."""
    command("check", ".")
    with sqlite3.connect(STORED) as database:
        database.execute("UPDATE keys SET used = used - 40")
    database.close()
    command("check", "--ignore", "FP303", ".")
    with sqlite3.connect(STORED) as database:
        assert database.execute("SELECT count(*) FROM keys").fetchone() == (1,)
        assert database.execute("SELECT count(*) FROM rows").fetchone() == (1,)
    database.close()

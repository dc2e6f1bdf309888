"""Programs that are not as they should be: unreadable folders, very many files, files that change
while they are read. Silent or one clear line, and the same answer on the second run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from funcpipe_lint.check.runs.cache import Cache
from funcpipe_lint.check.runs.run import Run, check
from funcpipe_lint.config.resolver import Resolver
from funcpipe_lint.read.source import read_bytes

OWNER = "async def rows(pool):\n    async with pool.connect() as db:\n        yield db\n"
PLAIN = "async def rows(pool):\n    yield pool\n"
DRIVER = (
    "from {} import rows\n\n\nasync def first(pool):\n"
    "    async for row in rows(pool):\n        return row\n"
)
NOBODY = 65534
ROOT = Path(__file__).parents[3]
CALL = (
    "import sys; from tests.lint.program.test_program_disturbed import as_nobody;"
    " as_nobody(*sys.argv[1:])"
)


def run(folder: Path, cache: Cache | None = None, **overrides: str) -> Run:
    """One run over a folder, in this process."""
    given = {key.replace("_", "-"): value for key, value in overrides.items()}
    return check([str(folder)], Resolver(given, isolated=True), cache=cache, jobs=1)


def codes(done: Run) -> list[str]:
    """The codes of a run in which every file was checked."""
    assert done.crashes == ()
    return [each.code for each in done.violations]


def as_nobody(folder: str, shut: str) -> None:
    """Prints what five runs find, of which those in the middle are of a user whom `shut` keeps out.

    In a process of its own: a user's rights are those of all its threads, and of what a garbage
    collection ends.
    """
    project, kept = Path(folder) / "project", str(Path(folder) / "kept")

    def once(cache: Cache | None = None) -> list[str]:
        return codes(run(project, cache, follow_imports="all", python=str(Path(folder) / "env")))

    found = [once()]  # which also imports all that it takes
    closed = Path(shut)
    readable = closed.stat().st_mode
    closed.chmod(0)
    try:
        if os.geteuid() == 0:
            os.seteuid(NOBODY)
        found += [once(), once(Cache(kept)), once(Cache(kept))]
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
        closed.chmod(readable)
    print(json.dumps([*found, once()]))


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everyone can enter, as pytest's own is not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        folder.chmod(0o777)
        yield folder


def environment(folder: Path) -> Path:
    """An environment whose one distribution owns clean-up, and a project that leaves it open."""
    packages = folder / "env" / "lib" / "python3.12" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "dist.py").write_text(OWNER, encoding="utf-8")
    (folder / "project").mkdir()
    (folder / "project" / "main.py").write_text(DRIVER.format("dist"), encoding="utf-8")
    return packages


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
@pytest.mark.parametrize("closed", ["site-packages", "lib", "dist.py"])
def test_an_environment_that_cannot_be_read(open_folder: Path, closed: str) -> None:
    """What it holds is not known: silent, with a cache and without; found once it can be read."""
    packages = environment(open_folder)
    (shut,) = (p for p in (packages.parents[1], packages, packages / "dist.py") if p.name == closed)
    done = subprocess.run(
        [sys.executable, "-c", CALL, str(open_folder), str(shut)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    assert json.loads(done.stdout or "null") == [["FP302"], [], [], [], ["FP302"]], done.stderr


def test_an_environment_of_50000_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those are read that are imported, however many lie beside them."""
    packages = environment(tmp_path)
    for number in range(50_000):
        os.close(os.open(packages / f"m{number}.py", os.O_CREAT))
    read: list[str] = []

    def noting(path: str) -> bytes:
        read.append(Path(path).name)
        return read_bytes(path)

    monkeypatch.setattr("funcpipe_lint.program.modules.read_bytes", noting)
    for _ in range(2):
        done = run(tmp_path / "project", follow_imports="all", python=str(tmp_path / "env"))
        assert codes(done) == ["FP302"]
    assert set(read) == {"dist.py"}


@pytest.mark.parametrize("reader", ["program.modules", "check.runs.run"])
@pytest.mark.parametrize(("before", "after"), [(OWNER, PLAIN), (PLAIN, OWNER)])
def test_a_file_that_changes_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: str, before: str, after: str
) -> None:
    """The run says what one of the two contents says; the next one, from the cache, what is there
    now: nothing that was read is kept for something else."""
    main, lib = tmp_path / "main.py", tmp_path / "lib.py"
    main.write_text(DRIVER.format("lib"), encoding="utf-8")
    lib.write_text(before, encoding="utf-8")
    kept = str(tmp_path / ".kept")
    changed: list[str] = []

    def changing(path: str) -> bytes:
        content = read_bytes(path)
        if Path(path).name == "lib.py" and not changed:
            changed.append(path)
            lib.write_text(after, encoding="utf-8")
        return content

    with monkeypatch.context() as patched:
        patched.setattr(f"funcpipe_lint.{reader}.read_bytes", changing)
        assert codes(run(tmp_path, Cache(kept))) in ([], ["FP302"])
    assert changed
    now = ["FP302"] if after == OWNER else []
    assert codes(run(tmp_path, Cache(kept))) == now
    assert codes(run(tmp_path, Cache(kept))) == now
    assert codes(run(tmp_path)) == now


def test_a_file_that_goes_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look-up of a module and its reading the file is deleted: nothing is known of
    it."""
    main, lib = tmp_path / "main.py", tmp_path / "lib.py"
    main.write_text(DRIVER.format("lib"), encoding="utf-8")
    lib.write_text(OWNER, encoding="utf-8")

    def deleting(path: str) -> bytes:
        if Path(path).name == "lib.py":
            lib.unlink(missing_ok=True)
        return read_bytes(path)

    monkeypatch.setattr("funcpipe_lint.program.modules.read_bytes", deleting)
    only = check([str(main)], Resolver(isolated=True), jobs=1)
    assert codes(only) == []
    assert codes(check([str(main)], Resolver(isolated=True), jobs=1)) == []


SHADOWS = {
    "a module of the project": ({"queue.py": OWNER}, "queue"),
    "a package of the project": ({"queue/__init__.py": OWNER}, "queue"),
    "a module of a package": ({"queue/__init__.py": "", "queue/aio.py": OWNER}, "queue.aio"),
    "in src": ({"src/queue/__init__.py": OWNER}, "queue"),
}


@pytest.mark.parametrize("name", SHADOWS)
def test_a_package_that_shadows_the_standard_library(tmp_path: Path, name: str) -> None:
    """Which of the two is imported depends on how Python is started: silent. Under a name of its
    own it is found."""
    files, module = SHADOWS[name]
    for own, wanted in ("queue", []), ("shop", ["FP302"]):
        folder = tmp_path / own
        for file, text in files.items():
            path = folder / file.replace("queue", own)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (folder / "main.py").write_text(DRIVER.format(module.replace("queue", own)), "utf-8")
        kept = str(tmp_path / f".kept_{own}")
        said = [codes(run(folder)) for _ in range(2)]
        said += [codes(run(folder, Cache(kept))) for _ in range(2)]
        assert said == [wanted] * 4

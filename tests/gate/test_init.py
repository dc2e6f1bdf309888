"""`funcpipe init`: looks, proposes, runs once, and writes on a yes."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from funcpipe_gate.setup.look import look
from funcpipe_gate.setup.propose import propose, told

from .projects import BROKEN, CLEAN, LEAKING, gate, stage
from .projects import report as run

TEST = (
    "import asyncio\nfrom pathlib import Path\nfrom shop.rows import rows\n\n\n"
    "def test_first():\n    async def first():\n"
    "        async for row in rows(Path(__file__)):\n            return row\n\n"
    "    assert asyncio.run(first()) == 'import asyncio'\n"
)
APPLICATION = """\
import asyncio
from collections.abc import AsyncGenerator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route


async def rows() -> AsyncGenerator[bytes, None]:
    async with asyncio.Lock():
        yield b"a"
        yield b"b"


async def orders(request: Request) -> StreamingResponse:
    return StreamingResponse(rows())


app = Starlette(routes=[Route("/orders", orders)])
limit: int = "none"
"""
SETTINGS = '[project]\nname = "shop"   # kept\n\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\n'


def files(folder: Path, **texts: str) -> Path:
    """A project without a configuration of ours; `__` in a name stands for a slash."""
    for name, text in texts.items():
        file = folder / (name.replace("__", "/") + ".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (folder / "pyproject.toml").write_text(SETTINGS)
    return folder


def table(folder: Path) -> Any:
    """What was written."""
    return tomllib.loads((folder / "pyproject.toml").read_text())["tool"]["funcpipe"]


def test_an_old_project_passes_once_it_is_written_down_and_fails_for_what_is_new(
    tmp_path: Path,
) -> None:
    """Findings of every stage go on record, files that are no Python are left out; what stood there
    is kept."""
    impure = BROKEN.replace("    async def stream", "    source()\n\n    async def stream")
    folder = files(
        tmp_path, src__shop____init__="", src__shop__rows=LEAKING, src__shop__combinators=impure,
        src__shop__web=APPLICATION, src__shop__template="{{ cookiecutter }} (",
        tests__test_rows=TEST,
    )  # fmt: skip
    (folder / "mypy.ini").write_text("")
    names = ["lint", "laws", "purity", "endpoints", "leaks", "types"]
    done = gate(folder, "init", "--yes")
    assert done.returncode == 0, done.stderr
    assert (folder / "pyproject.toml").read_text().startswith(SETTINGS)
    assert table(folder) == {
        "paths": ["src"],
        "pythonpath": ["src"],
        "laws": ["shop.combinators"],
        "purity": ["shop"],
        "applications": ["shop.web:app"],
        "requests": ["GET /orders"],
        "tests": "pytest",
        "types": ["src/shop/combinators.py", "src/shop/rows.py", "src/shop/web.py"],
        "baseline": "funcpipe-baseline.json",
        "exclude": ["src/shop/template.py"],
        **{f"known-{name}": f"funcpipe-known-{name}.txt" for name in names[1:]},
    }
    assert "lint: src/shop/template.py:1: is not valid Python" in done.stdout
    document = run(folder, "--error-stale")
    assert document["exit_code"] == 0, document["stages"]
    assert [s["name"] for s in document["stages"] if s["status"] == "clean"] == names
    known = {s["name"]: [one for one in s["remarks"] if "known" in one] for s in document["stages"]}
    assert stage(document, "lint")["remarks"] == ["2 more in the baseline"]
    assert all(known[name] for name in names[1:]), known
    (folder / "src" / "shop" / "new.py").write_text(LEAKING)
    document = run(folder, "--only", "lint")
    assert [found["place"]["path"] for found in stage(document, "lint")["findings"]] == [
        "src/shop/new.py"
    ]


def test_nothing_is_written_without_a_yes(tmp_path: Path) -> None:
    """Where nobody can be asked, the proposal is shown, and how to write it."""
    folder = files(tmp_path, app=LEAKING)
    before = sorted(path.name for path in folder.iterdir())
    done = gate(folder, "init")
    assert done.returncode == 0
    assert '[tool.funcpipe]\npaths = ["app.py"]' in done.stdout
    assert "lint       1 finding\n" in done.stdout
    assert "Nothing was written; `funcpipe init --yes` writes it." in done.stdout
    assert (folder / "pyproject.toml").read_text() == SETTINGS
    made = {path.name for path in folder.iterdir()} - set(before)
    assert made <= {".funcpipe_cache"}


def test_what_is_left_out_says_why(tmp_path: Path) -> None:
    """Each stage that is not in the table is named with a reason."""
    done = gate(files(tmp_path, app=CLEAN), "init")
    left = done.stdout.partition("Left out:")[2]
    for name in ("laws", "purity", "endpoints", "leaks", "types"):
        assert f"\n  {name}: " in left


def test_a_stage_whose_findings_cannot_go_on_record_is_left_out(tmp_path: Path) -> None:
    """Tests that fail: with what it would have been, to be switched on once they are mended."""
    done = gate(files(tmp_path, app=CLEAN, test_app="def test_a():\n    assert 0\n"), "init")
    said = " ".join(done.stdout.split())
    assert 'leaks (tests = "pytest"): 1 finding that no record can hold: mend' in said


def test_a_configured_project_is_left_alone(tmp_path: Path) -> None:
    """Exit code 2, and the file is named."""
    folder = files(tmp_path, app=CLEAN)
    assert gate(folder, "init", "--yes").returncode == 0
    before = (folder / "pyproject.toml").read_text()
    done = gate(folder, "init", "--yes")
    assert done.returncode == 2
    assert "configures the gate already" in done.stderr
    assert (folder / "pyproject.toml").read_text() == before


def test_a_project_without_streams_and_without_pyproject(tmp_path: Path) -> None:
    """It is said that there are none; a file of our own is written, for a pyproject.toml would
    change how the project is built."""
    (tmp_path / "plain.py").write_text("x = 1\n")
    done = gate(tmp_path, "init", "--yes")
    assert done.returncode == 0, done.stderr
    assert "0 async generators" in done.stdout
    assert not (tmp_path / "pyproject.toml").exists()
    assert tomllib.loads((tmp_path / "funcpipe.toml").read_text()) == {"paths": ["plain.py"]}
    assert run(tmp_path)["exit_code"] == 0


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/a')\ndef a(): ...\n",
            ["GET /a"],
        ),
        ("from fastapi import FastAPI\napp = FastAPI()\n@app.get('/{a}')\ndef a(): ...\n", []),
        (
            "from starlette.applications import Starlette\nfrom starlette.routing import Route\n"
            "app = Starlette(routes=[Route('/b', None)])\n",
            ["GET /b"],
        ),
    ],
)
def test_applications_and_requests_are_seen(tmp_path: Path, text: str, wanted: list[str]) -> None:
    """Paths with parameters are nothing that could be asked for."""
    (tmp_path / "web.py").write_text(text)
    seen = look(tmp_path)
    assert seen.applications == ["web:app"]
    assert seen.requests == wanted


@pytest.mark.parametrize(
    ("paths", "settings", "wanted"),
    [
        (["tests__test_a", "examples__test_b"], "", "pytest"),
        (["tests__test_a", "tests__more__test_b"], "", "pytest tests"),
        (["tests__test_a"], "[tool.pytest.ini_options]\ntestpaths = ['tests']\n", "pytest"),
        (["shop__test_a"], "", "pytest"),
        (["test_a"], "", "pytest"),
    ],
)
def test_the_command_of_the_tests_names_their_folder(
    tmp_path: Path, paths: list[str], settings: str, wanted: str
) -> None:
    """Where all are in it, and pytest's configuration names none: it would import examples too."""
    folder = files(tmp_path, **dict.fromkeys(paths, ""))
    (folder / "pyproject.toml").write_text(settings)
    assert propose(look(folder)).table["tests"] == wanted


def test_a_census_of_nothing_is_no_stage(tmp_path: Path) -> None:
    """What looks like a builder to `init`, and is none, switches no stage on."""
    inner = "def outer():\n    async def rows():\n        yield 1\n\n    print(rows)\n"
    done = gate(files(tmp_path, app=inner), "init")
    assert 'purity (purity = ["app"]): it found no builder' in done.stdout


def test_a_census_that_could_try_nothing_is_no_stage(tmp_path: Path) -> None:
    """Its module does not import here: that is no pass, and the reason is given."""
    inner = "    async def rows():\n        yield given\n\n    return rows\n"
    far = f"import no_such_module\n\n\ndef outer(given):\n{inner}"
    done = gate(files(tmp_path, shop____init__="", shop__far=far), "init")
    why = "shop: no builder could be tried: shop.far does not import"
    assert f'purity (purity = ["shop"]): {why}' in " ".join(done.stdout.split())


def test_nothing_of_the_project_is_run_to_look_at_it(tmp_path: Path) -> None:
    """Modules that would end the process are read."""
    (tmp_path / "app.py").write_text(f"import sys\nsys.exit(3)\n{CLEAN}")
    (tmp_path / "broken.py").write_text("async def f(:\n")
    seen = look(tmp_path)
    assert seen.streams == {"app.py": 2}
    assert seen.unread == ["broken.py: SyntaxError"]
    code = "from pathlib import Path; from funcpipe_gate.setup.look import look; look(Path('.'))"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)


def test_what_is_seen_is_counted_in_good_english(tmp_path: Path) -> None:
    """One file is no files, and a thousand have a comma."""
    folder = files(tmp_path, app="x = 1\n")
    assert told(look(folder))[0] == "1 Python file; 0 async generators"
    files(tmp_path, app=TEXTS["one"])
    assert told(look(folder))[0] == "1 Python file; 1 async generator in 1 file"
    files(tmp_path, more=TEXTS["one"] * 1_000)
    assert told(look(folder))[0] == "2 Python files; 1,001 async generators in 2 files"


TEXTS = {
    "one": "async def rows():\n    yield 1\n\n\n",
    "outside": "async def rows():\n    def inner():\n        yield from ()\n",
}


def test_a_delegating_generator_is_seen(tmp_path: Path) -> None:
    """`yield from` makes a generator of its own function alone. Before Python 3.16 it parses in an
    async function too, and only the compiler refuses it there."""
    delegating = "async def rows():\n    yield from ()\n"
    folder = files(tmp_path, app=delegating, plain=TEXTS["outside"])
    assert look(folder).streams == {"app.py": 1}

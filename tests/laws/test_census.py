"""`pytest --purity`: every builder of a package is found, built under watch, and counted."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from funcpipe_laws.declared.instance import NotFound
from funcpipe_laws.purity.examples import OF_BUILDERS, purity_example
from funcpipe_laws.purity.find import find

HEAD = """
import os, sqlite3, subprocess, sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Generic, Protocol, TypeVar
from funcpipe_streams import AsyncGen, Ok

T = TypeVar("T")
SEEN = ContextVar("SEEN", default=0)

class Storage(Protocol):
    def read(self, key: str) -> bytes: ...

class Colour(Enum):
    RED = 1

@dataclass(frozen=True)
class Order:
    name: str
    price: float
    colour: Colour = Colour.RED

@dataclass(frozen=True)
class Policy:
    attempts: int
    def __post_init__(self):
        if self.attempts < 1:
            raise ValueError("attempts must be at least 1")

class Client:
    limit = 3
    def __init__(self, url):
        self.url = url
    def get(self): ...

class Repository:
    def __init__(self, storage: Storage, name: str) -> None:
        self.storage, self.name = storage, name
    def rows(self, n: int) -> AsyncGen[str]:
        name = self.name
        async def stream(): yield Ok(name)
        return stream
    @classmethod
    def made(cls) -> AsyncGen[int]:
        return nothing()
    @staticmethod
    def still() -> AsyncGen[int]:
        return nothing()
    @property
    def all(self) -> AsyncGen[int]:
        return nothing()

class Database:
    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(path)
    def rows(self) -> AsyncGen[int]:
        return nothing()

def nothing() -> AsyncGen[int]:
    async def stream():
        yield Ok(1)
    return stream
"""
BUILDERS = {
    "keeps": (
        "(path: Path, storage: Storage, items: AsyncIterator[int], f: Callable[[], int])",
        "",
    ),
    "typed": ("(orders: list[Order], by: Mapping[str, Order | None], *, size: int | None)", ""),
    "generic": ("(source: AsyncGen[T], f: Callable[[T], T], /, policy: Policy)", ""),
    "checks": ("(size: int)", "if size < 1: raise ValueError(f'size {size}')"),
    "client": ("(client: Client)", ""),
    "unbound": ("(*items: int, **more: int)", ""),
    "defaults": ("(path: str = 'x')", ""),
    "opens": ("(path: Path)", "open(os.devnull).close()"),
    "writes": ("()", "open('written.txt', 'w')"),
    "uses": ("(storage: Storage)", "storage.read('key')"),
    "iterates": ("(items: AsyncIterator[int])", "items.__aiter__()"),
    "calls": ("(f: Callable[[], int])", "f()"),
    "changes": ("(orders: list[Order])", "orders.append(1)"),
    "sets": ("()", "SEEN.set(1)"),
    "spawns": ("()", "subprocess.run(['touch', 'spawned.txt'])"),
    "leaves": ("()", "sys.exit(4)"),
    "exits": ("()", "os._exit(4)"),
    "hangs": ("()", "while True: pass"),
    "prints": ("(loud: bool = False)", "if loud: print('x')"),
    "untyped": ("(client)", ""),
    "odd": ("(client: 'Missing')", ""),
    "refuses": ("(n: int)", "raise ValueError('never')"),
    "reads": ("(client: Client)", "client.url"),
}
PURE = {"keeps", "typed", "generic", "checks", "client", "unbound", "defaults", "nothing"}
PURE |= {"Repository.rows", "Repository.made", "Repository.still", "Repository.all"}
IMPURE = {
    "opens": r"opened a file: .*, in opens \(shop/streams.py:\d+\)",
    "writes": r"opened a file: 'written.txt', in writes \(shop/streams.py:\d+\)",
    "uses": r"used the argument 'storage': called its read",
    "iterates": r"used the argument 'items': called its __aiter__",
    "calls": r"called argument 'f', in calls",
    "changes": r"changed argument 'orders', in changes",
    "sets": r"set the context variable 'SEEN'",
    "spawns": r"started a process: 'touch'",
    "leaves": r"ended the process: SystemExit: 4",
    "exits": r"ended the process with code 4",
    "hangs": r"did not end within 6 seconds: it is at hangs \(shop/streams.py:\d+\)",
    "prints": r"by its source, 'print\('x'\)' happens when the stream is described",
}
NOT_TRIED = {
    "untyped": r"parameter 'client' has no annotation",
    "odd": r"its annotations do not resolve: NameError: name 'Missing' is not defined",
    "refuses": r"it raises for each of its arguments: ValueError: never",
    "reads": r"it reads client.url, and a fake Client has none",
    "Database.rows": r"making a Database acts: opened a database",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A package with builders of every kind."""
    code = HEAD
    for name, (parameters, body) in BUILDERS.items():
        code += (
            f"\ndef {name}{parameters} -> AsyncGen[int]:\n    {body or 'pass'}\n"
            "    async def stream():\n        yield Ok(1)\n    return stream\n"
        )
    code += (
        "\ndef outer():\n    def inner() -> AsyncGen[int]:\n        async def stream():\n"
        "            yield Ok(1)\n        return stream\n    return inner\n"
    )
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("")
    (tmp_path / "shop" / "streams.py").write_text(code)
    (tmp_path / "shop" / "plain.py").write_text("def f(): return 1\n")
    return tmp_path


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    """A pytest run of its own, with no plugin but ours; exit code and output."""
    plugins = ["-p", "funcpipe_laws.pytest_plugin", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugins, *arguments],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_each_builder_is_counted_and_what_it_does_is_named(shop: Path) -> None:
    """Pure ones pass, impure ones fail with their line, the others are skipped with a factory."""
    reports = [f"--purity-report={name}" for name in ("a.json", "a.md", "a.html")]
    code, output = run(shop, "--purity", "shop", "--purity-seconds=6", *reports)
    assert code == 1
    report = json.loads((shop / "a.json").read_text("utf-8"))
    schema = Path(__file__).parents[2] / "docs" / "purity-report.schema.json"
    jsonschema.validate(report, json.loads(schema.read_text("utf-8")))
    found = {b["name"].removeprefix("shop.streams:"): b for b in report["builders"]}
    assert {name for name, b in found.items() if b["verdict"] == "pure"} == PURE
    assert all(found[name]["built"] for name in PURE)
    assert {name for name, b in found.items() if b["verdict"] == "impure"} == IMPURE.keys()
    for name, effect in IMPURE.items():
        assert re.match(effect, found[name]["effects"][0]), found[name]
    assert {n for n, b in found.items() if b["verdict"] == "not tried"} == NOT_TRIED.keys()
    for name, reason in NOT_TRIED.items():
        assert re.match(reason, found[name]["reason"]), found[name]
        assert "@purity_example(" in found[name]["factory"]
    assert found["outer.<locals>.inner"]["verdict"] == "only read"
    total = len(PURE) + len(IMPURE) + len(NOT_TRIED) + 1
    assert report["census"].startswith(f"{total} builders: {len(PURE)} pure, 2 opened a file, ")
    assert report["census"] in output
    assert f"{len(IMPURE)} failed, {len(PURE) + 1} passed, {len(NOT_TRIED)} skipped" in output
    assert report["census"] in (shop / "a.md").read_text("utf-8")
    assert "shop.streams:opens" in (shop / "a.html").read_text("utf-8")
    assert not (shop / "written.txt").exists()
    assert not (shop / "spawned.txt").exists()


def test_known_effects_are_let_pass(shop: Path) -> None:
    """As the failure prints their lines; a new effect of the same builder is not, and a line whose
    effect is not seen fails the run."""
    code, output = run(shop, "--purity", "shop", "-k", "writes or calls")
    assert code == 1
    # In CI, pytest prints a failure once more, in its summary.
    lines = [*dict.fromkeys(x.strip() for x in output.splitlines() if x.endswith(" REASON"))]
    assert lines == [
        "opened-a-file shop.streams:writes REASON",
        "called-argument shop.streams:calls REASON",
    ]
    known = shop / "known.txt"
    known.write_text("# old\n" + "\n".join(lines).replace("REASON", "issue 12") + "\n")
    asked = ("--purity-known-failures=known.txt", "--purity-report=a.json")
    code, output = run(shop, "--purity", "shop", "-k", "writes or calls", *asked)
    assert code == 0, output
    assert "2 builders: 1 opened a file, 1 called an argument, 2 of them known" in output
    assert "impure: shop.streams:writes (shop/streams.py:" in output
    assert "): known: issue 12" in output
    waived = [b["waived"] for b in json.loads((shop / "a.json").read_text())["builders"]]
    assert waived == ["issue 12", "issue 12"]
    source = shop / "shop" / "streams.py"
    source.write_text(source.read_text().replace("    f()\n", "    SEEN.set(1)\n"))
    code, output = run(shop, "--purity", "shop", "-k", "writes or calls", *asked)
    assert code == 1
    assert "set-the-context-variable shop.streams:calls REASON" in output
    stale = "known.txt: not seen, remove it: called-argument shop.streams:calls issue 12"
    assert stale in output
    known.write_text("called-argument shop.streams:keeps issue 12\n")
    code, output = run(shop, "--purity", "shop", "-k", "keeps", *asked)
    assert code == 1
    assert "not seen, remove it: called-argument shop.streams:keeps issue 12" in output
    code, output = run(shop, "--purity", "shop", "-k", "checks", *asked)
    assert code == 0, output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("opened-a-file shop.streams:writes\n", "known.txt:1: 'opened-a-file shop.streams:writes'"),
        (None, "known.txt: known effects cannot be read"),
    ],
)
def test_known_effects_that_cannot_be_read(shop: Path, text: str | None, said: str) -> None:
    """One line, and exit code 2; the table of the project may name the file."""
    if text is not None:
        (shop / "known.txt").write_text(text)
    table = '[tool.funcpipe-laws]\npurity-known-failures = "known.txt"\n'
    (shop / "pyproject.toml").write_text(table)
    code, output = run(shop, "--purity", "shop")
    assert code == 2
    assert said in output
    assert "Traceback" not in output


def test_factories_make_what_annotations_do_not(shop: Path) -> None:
    """A factory of a class, of a builder's arguments, of a method's; the census goes to zero."""
    (shop / "factories.py").write_text(
        "from funcpipe_laws import purity_example\n"
        "from shop.streams import Client, Database, refuses\n"
        "@purity_example(Client)\n"
        "def client(): return Client('url')\n"
        "@purity_example('shop.streams:untyped')\n"
        "def arguments(): return dict(client=1)\n"
        "@purity_example('shop.streams:odd')\n"
        "def more(): return (1,)\n"
        "@purity_example(Database)\n"
        "def database(): return object.__new__(Database)\n"
    )
    (shop / "pyproject.toml").write_text('[tool.funcpipe-laws]\npurity-examples = ["factories"]\n')
    chosen = "untyped or odd or Database or reads"
    code, output = run(shop, "--purity", "shop", "-k", chosen)
    assert code == 0, output
    assert "4 builders: 4 pure" in output


def test_what_is_not_tried_fails_where_that_is_asked_for(shop: Path) -> None:
    """`--purity-strict`: nothing passes that was not looked at."""
    code, output = run(shop, "--purity", "shop", "-k", "untyped", "--purity-strict")
    assert code == 1
    assert "not tried: shop.streams:untyped" in output


def test_the_module_may_fail_to_import(tmp_path: Path) -> None:
    """Its builders are not tried, with the reason; the rest goes on."""
    body = "def a() -> AsyncGen[int]:\n    async def s():\n        yield Ok(1)\n    return s\n"
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("")
    head = "from funcpipe_streams import AsyncGen, Ok\n"
    (tmp_path / "shop" / "bad.py").write_text(head + "1 / 0\n" + body)
    (tmp_path / "shop" / "exits.py").write_text("import os\nos._exit(3)\n" + head + body)
    (tmp_path / "shop" / "good.py").write_text(head + body)
    code, output = run(tmp_path, "--purity", "shop")
    assert code == 0
    assert "shop.bad does not import: ZeroDivisionError: division by zero" in output
    assert "importing shop.exits ended the process with code 3" in output
    assert "3 builders: 1 pure, 2 not tried" in output


def test_what_cannot_be_meant_ends_the_run_at_once(shop: Path) -> None:
    """A package that is not there, a path, a report of no known kind: one line, exit code 2."""
    for arguments, line in (
        (["--purity", "shopp"], "purity: no module named 'shopp'"),
        (["--purity", "shop.strems"], "purity: no module named 'shop.strems'"),
        (["--purity", "shop/streams.py"], "is not the name of a package or module"),
        (["--purity", "shop", "--purity-report=a.pdf"], "a.pdf: the name must end in .json"),
    ):
        code, output = run(shop, *arguments)
        assert code == 2
        assert line in output
        assert "Traceback" not in output
    code, output = run(shop, "--purity", "shop.plain")
    assert code == 5
    assert "0 builders: nothing to try" in output


def test_finding_builders_imports_nothing(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that ends the process on import is read all the same."""
    (shop / "shop" / "__init__.py").write_text("raise SystemExit\n")
    monkeypatch.chdir(shop)
    package = find("shop.streams")
    assert package.files == 1
    assert "shop.streams:keeps" in [found.name for found in package.builders]
    with pytest.raises(NotFound, match="no module named"):
        find("shop.other")


def test_an_example_of_something_else_is_refused() -> None:
    """It names what it was given, and what it takes."""
    with pytest.raises(TypeError, match="give it a class, a builder, or"):
        purity_example("shop")
    purity_example("shop:a")(lambda: (1,))
    assert OF_BUILDERS.pop("shop:a")() == (1,)

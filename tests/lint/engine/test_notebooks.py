"""Jupyter notebooks: found by cell and line, fixed in place, magics and other cells left alone."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import nbformat
import pytest

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.read.notebooks.magics import blanked
from funcpipe_lint.read.notebooks.notebook import Notebook
from funcpipe_lint.read.syntax import is_python
from tests.lint.conftest import Command
from tests.lint.rules.test_metamorphic import CASES, engine_of, findings

ROWS = "async def rows(pool):\n    async with pool.connect() as db:\n        yield db"
NAMES = "async def names(pool):\n    async for row in rows(pool):\n        yield row.name"
FIXED = """\
async def names(pool):
    async with aclosing(rows(pool)) as items:
        async for row in items:
            yield row.name"""


def notebook(*cells: str | Any, **metadata: Any) -> Any:
    """A notebook of code cells, or of the cells given, as nbformat makes it."""
    made = nbformat.v4.new_notebook(metadata=metadata)
    made.cells = [nbformat.v4.new_code_cell(c) if isinstance(c, str) else c for c in cells]
    for number, cell in enumerate(made.cells):
        cell.id = f"cell-{number}"
    return made


def write(book: Any, name: str = "book.ipynb") -> Path:
    """Writes a notebook as Jupyter does."""
    nbformat.validate(book)
    path = Path(name)
    nbformat.write(book, str(path))
    return path


def found(command: Command, *arguments: str) -> list[str]:
    """`path:cell n:line:column code` of each finding."""
    done = command("check", "--output-format", "concise", *(arguments or (".",)))
    assert done.err == ""
    rows = (line.split(": ") for line in done.out.splitlines())
    return [f"{row[0]} {row[1].split()[0]}" for row in rows]


MIXED = (
    nbformat.v4.new_markdown_cell("# async for x in rows(): break"),
    "import asyncio",
    ROWS,
    nbformat.v4.new_raw_cell("async def names(:"),
    "# what each row is called\n\n" + NAMES,
)


def test_a_function_of_one_cell_is_known_in_another(command: Command) -> None:
    """The finding is at its cell, of all cells, and its line there, in every message."""
    Path("leaky.py").unlink()
    write(notebook(*MIXED))
    assert found(command) == ["book.ipynb:cell 5:4:5 FP303"]
    done = command("check", ".")
    assert "(line 5 of cell 5)" in done.out
    assert "4 |     async for row in rows(pool):\n  |     ^^^^^^" in done.out


@pytest.mark.parametrize("form", ["json", "sarif", "github", "gitlab", "junit"])
def test_every_format_names_the_cell(command: Command, form: str) -> None:
    """Formats whose lines are a file's point at the file, and say cell and line in words."""
    write(notebook(*MIXED))
    done = command("check", "--output-format", form, "book.ipynb")
    assert (done.code, done.err) == (1, "")
    if form == "json":
        (violation,) = json.loads(done.out)["violations"]
        assert (violation["cell"], violation["line"], violation["column"]) == (5, 4, 5)
        assert [(note["cell"], note["line"]) for note in violation["notes"]] == [(5, 5), (3, 2)]
    else:
        assert "cell 5" in done.out
        assert '"startLine": 4' not in done.out


def test_fixes_touch_nothing_else(command: Command) -> None:
    """Indentation, key order, outputs, other cells and the final line end stay as they are."""
    imports = "import asyncio\nfrom contextlib import aclosing"
    output = nbformat.v4.new_output("stream", text="äöü \u2028")
    path = write(notebook(*MIXED))
    book = nbformat.read(str(path), 4)
    book.cells[1].outputs = [output]
    text = json.dumps(book, indent=3, ensure_ascii=False, sort_keys=False)
    path.write_text(text, encoding="utf-8", newline="")
    assert command("check", "--fix", "book.ipynb").code == 0
    after = path.read_text(encoding="utf-8")
    fixed = nbformat.reads(after, 4)
    assert fixed.cells[1].source == imports
    assert fixed.cells[4].source == "# what each row is called\n\n" + FIXED
    fixed.cells[1].source = book.cells[1].source
    fixed.cells[4].source = book.cells[4].source
    assert json.dumps(fixed, indent=3, ensure_ascii=False) == text
    assert command("check", "--fix", "book.ipynb").code == 0
    assert path.read_text(encoding="utf-8") == after


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("indent", [None, 1, 4, "\t"])
@pytest.mark.parametrize("as_list", [True, False])
@pytest.mark.parametrize("ensure_ascii", [True, False])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_layouts_of_the_json(
    command: Command, newline: str, indent: Any, as_list: bool, ensure_ascii: bool, bom: str
) -> None:
    """Whatever wrote the file, only lines of the fixed cell differ, in the same style."""
    cells = ["x = 'ä'", ROWS, "# é\n" + NAMES]
    book = json.loads(nbformat.writes(notebook(*cells)))
    for cell in book["cells"]:
        text = "".join(cell["source"])
        cell["source"] = text.splitlines(keepends=True) if as_list else text
    book["zzz"] = {"last": 1e400, "n": 1.0}
    written = bom + json.dumps(book, indent=indent, ensure_ascii=ensure_ascii) + "\n"
    Path("book.ipynb").write_text(written, encoding="utf-8", newline=newline)
    assert command("check", "--fix", "book.ipynb").code == 0
    outcome = Path("book.ipynb").read_bytes().decode()
    assert json.loads(outcome.removeprefix("\ufeff"))["zzz"] == book["zzz"]
    texts = ["from contextlib import aclosing\n\n\nx = 'ä'", ROWS, "# é\n" + FIXED]
    for cell, text in zip(book["cells"], texts, strict=True):
        cell["source"] = text.splitlines(keepends=True) if as_list else text
    wanted = bom + json.dumps(book, indent=indent, ensure_ascii=ensure_ascii) + "\n"
    assert outcome == wanted.replace("\n", newline)


def test_line_ends_inside_the_cells(command: Command) -> None:
    """A notebook from Windows may hold them in its sources: they stay."""
    book = notebook(ROWS.replace("\n", "\r\n"), NAMES.replace("\n", "\r\n"))
    path = write(book)
    assert found(command, "book.ipynb") == ["book.ipynb:cell 2:2:5 FP303"]
    assert command("check", "--fix", "book.ipynb").code == 0
    after = nbformat.read(str(path), 4)
    assert after.cells[1].source == FIXED.replace("\n", "\r\n")
    assert after.cells[0].source.endswith(ROWS.replace("\n", "\r\n"))


def test_diff_shows_the_cells(command: Command) -> None:
    """By cell, in Python, not in JSON; nothing is written."""
    path = write(notebook(*MIXED))
    before = path.read_bytes()
    done = command("check", "--diff", "book.ipynb")
    assert done.code == 1
    assert "--- book.ipynb:cell 5\n" in done.out
    assert "+    async with aclosing(rows(pool)) as items:\n" in done.out
    assert path.read_bytes() == before


MAGICS = [
    "%matplotlib inline\n",
    "%time f()\n",
    "!pip install x\n",
    "!pip install \\\n   x \\\n   y\nz = 1",
    "if x:\n    !ls\nelse:\n    %cd ..\n    y = 1",
    "x = !ls *.py\ny = %sql select '\n",
    "a, b = %timeit -o f('\n",
    "name?\n",
    "?name\nname.other??\n",
    "%%time\nx = 1\n",
    "\n\n%%capture out\nx = 1\n!ls\n",
    "s = '''\n%d\n!x\n'''\n!ls\n",
    "x = [\n  1,\n  2 % 3\n  % 4,\n]\n!ls '\n",
    "pip install x\n",
    "cd ..\nx = 1\n",
    'x = 1 \\\n  % 2\n!echo "\n',
    "# ! comment\n!ls\n# it's\n%time\n",
    "d = {'a': '!'}\n!echo {d['a']}\n",
    "/f 1\n,g a b\n",
    "%time",
    "!ls\r\nx = 1\r\n",
    "%%bash\nfor x in y; do\n",
    "%%html\n<b>\n",
]


@pytest.mark.parametrize("source", MAGICS)
def test_magics_become_nothing(source: str) -> None:
    """What is left is Python, as long as the cell, with each line end in its place."""
    code, is_foreign = blanked(source)
    assert is_python(code), code
    assert len(code) == len(source)
    assert [at for at, c in enumerate(code) if c in "\r\n"] == [
        at for at, c in enumerate(source) if c in "\r\n"
    ]
    assert is_foreign == source.startswith(("%%bash", "%%html"))
    assert all(a in (b, " ", "0") for a, b in zip(code, source, strict=True))


@pytest.mark.parametrize("source", ["x = 1 % 2\n", "s = '''\n%time\n!ls\n'''\n", "(a\n% b)\n", ""])
def test_python_stays_python(source: str) -> None:
    """A cell without magics is what it is."""
    assert blanked(source) == (source, False)


def test_findings_among_magics(command: Command) -> None:
    """Lines count as the cell shows them; fixes go below `%%time`, and never into a magic."""
    cells = [
        "%%bash\nls",
        "%%time\n" + ROWS,
        "%load_ext x\n!pip install 'y'\n" + NAMES + "\nnames?",
    ]
    path = write(notebook(*cells))
    assert found(command, "book.ipynb") == ["book.ipynb:cell 3:4:5 FP303"]
    assert command("check", "--fix", "book.ipynb").code == 0
    after = [cell.source for cell in nbformat.read(str(path), 4).cells]
    assert after[0] == cells[0]
    assert after[1] == "%%time\nfrom contextlib import aclosing\n\n\n" + ROWS
    assert after[2] == "%load_ext x\n!pip install 'y'\n" + FIXED + "\nnames?"


def test_await_outside_functions(command: Command) -> None:
    """IPython runs it: it is no syntax error, and a stream left early there is left open."""
    write(notebook(ROWS, "x = await f()\nasync for row in rows(x):\n    break"))
    assert found(command, "book.ipynb") == ["book.ipynb:cell 2:2:1 FP302"]


def test_suppressions(command: Command) -> None:
    """By line, for the notebook, and FP001 with its fix; --add-noqa writes into the cell."""
    loop = "    async for row in rows(pool):"
    write(notebook(ROWS, NAMES.replace(loop, f"{loop}  # noqa: FP303"), "x = 1  # noqa: FP303"))
    assert found(command, "book.ipynb") == ["book.ipynb:cell 3:1:16 FP001"]
    assert command("check", "--fix", "book.ipynb").code == 0
    assert nbformat.read("book.ipynb", 4).cells[2].source == "x = 1"
    write(notebook("# funcpipe: ignore-file[FP303] a demonstration", ROWS, NAMES))
    assert found(command, "book.ipynb") == []
    write(notebook(ROWS, "\n" + NAMES, "x = 1"))
    assert command("check", "--add-noqa", "shown on purpose", "book.ipynb").code == 0
    noted = nbformat.read("book.ipynb", 4).cells[1].source
    assert f"{loop}  # funcpipe: ignore[FP303] shown on purpose\n" in noted


def test_baseline(command: Command) -> None:
    """A recorded finding stays recorded when cells are put before it."""
    Path("leaky.py").unlink()
    write(notebook(ROWS, NAMES))
    assert command("check", "--baseline", "old.json", "--update-baseline", ".").code == 0
    write(notebook("x = 1", ROWS, "import asyncio\n" + NAMES))
    assert command("check", "--baseline", "old.json", ".").code == 0
    write(notebook(ROWS, NAMES, NAMES.replace("names", "others").replace("row in", "r in")))
    assert command("check", "--baseline", "old.json", ".").code == 1


def test_notebooks_without_python(command: Command) -> None:
    """No cells, no code, another kernel, another language in a cell: clean."""
    write(notebook())
    write(notebook(nbformat.v4.new_markdown_cell("x")), "text.ipynb")
    kernel = {"name": "ir", "display_name": "R", "language": "R"}
    write(notebook("x <- c(1,", kernelspec=kernel), "r.ipynb")
    julia = nbformat.v4.new_code_cell("f(x) = ", metadata={"vscode": {"languageId": "julia"}})
    write(notebook(julia, "x = 1"), "mixed.ipynb")
    assert found(command, "book.ipynb", "text.ipynb", "r.ipynb", "mixed.ipynb") == []


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "it is not valid JSON: Expecting value"),
    "cut off": (b'{"cells": [', "it is not valid JSON"),
    "no object": (b"[]", "its JSON is no object"),
    "no format": (b"{}", "it has no 'nbformat'"),
    "format 3": (
        nbformat.writes(nbformat.v3.new_notebook(), version=3).encode(),
        "is a notebook of format 3, and only format 4 can be read; upgrade it with",
    ),
    "format 5": (b'{"nbformat": 5, "cells": []}', "is a notebook of format 5"),
    "no cells": (b'{"nbformat": 4}', "it has no list of 'cells'"),
    "odd cell": (b'{"nbformat": 4, "cells": [3]}', "cell 1 is no object"),
    "odd source": (
        b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": 3}]}',
        "the source of cell 1 is neither a text nor a list of texts",
    ),
    "latin-1": ('{"nbformat": "é"}'.encode("latin-1"), "it is not UTF-8"),
    "deep": (b"[" * 100_000, "is no notebook"),
    "long number": (b'{"nbformat": ' + b"9" * 5000 + b"}", "is no notebook"),
    "surrogate": (
        b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "s = \'\\ud800\'"}]}',
        "cannot be parsed: UnicodeEncodeError",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_notebook(command: Command, name: str) -> None:
    """FP002 in one line, exit code 2, and fixing leaves it alone."""
    raw, said = BAD[name]
    Path("book.ipynb").write_bytes(raw)
    for arguments in (["check"], ["check", "--fix"]):
        done = command(*arguments, "book.ipynb", "leaky.py")
        assert done.code == 2
        assert said in done.err
        assert len(done.err.splitlines()) == 1
    assert Path("book.ipynb").read_bytes() == raw


def test_a_cell_that_is_no_python(command: Command) -> None:
    """Each such cell is named, with its line."""
    write(notebook("x = 1", "y = 2\nx = (", "z =", ROWS, NAMES))
    done = command("check", "book.ipynb")
    assert done.code == 2
    places = [line.split(": FP002")[0] for line in done.err.splitlines()]
    assert places == ["book.ipynb:cell 2:2:5", "book.ipynb:cell 3:1:4"]


def test_offsets_hold_for_every_cell() -> None:
    """Each line of the joined text is the line of the cell that it is said to be."""
    raw = nbformat.writes(notebook("", "x", "\n\n", "a\r\nb\r\n", "é = 1\n", "last")).encode()
    book = Notebook.read(raw)
    assert book.raw == raw
    lines = book.source.text.replace("\r\n", "\n").split("\n")
    texts = {cell.number: cell.source.replace("\r\n", "\n").split("\n") for cell in book.cells}
    for number, line in enumerate(lines[:-1], 1):
        cell, local = book.place(number)
        assert texts[cell][local - 1] == line
        assert book.joined_line(cell, local) == number


def test_without_screens_the_same() -> None:
    """The text of the cells is screened, not the JSON: a word cut by it is found all the same."""
    book = json.loads(nbformat.writes(notebook(ROWS, NAMES)))
    book["cells"][1]["source"] = list(NAMES)
    raw = json.dumps(book).encode()
    for engine in (Engine(settings_for({})), Engine(settings_for({}), use_screens=False)):
        assert [v.code for v in engine.check("a.ipynb", raw).violations] == ["FP303"]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_cells_say_what_a_module_says(path: Path) -> None:
    """A module cut into cells between its functions has the same findings, line by line."""
    code = path.read_text(encoding="utf-8").rstrip("\n")
    engine = engine_of(code)
    cells = code.split("\n\n\n")
    raw = nbformat.writes(notebook(*cells)).encode()
    report = engine.check("case.ipynb", raw)
    assert report.crashes == ()
    # Each cut takes two empty lines away.
    firsts = [sum(cell.count("\n") + 3 for cell in cells[:n]) for n in range(len(cells))]
    found = Counter((firsts[v.cell - 1] + v.line, v.code) for v in report.violations)
    assert found == findings(code, engine)

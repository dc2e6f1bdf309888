"""A safe fix changes nothing but what is reported, also for modules that use the fixed one."""

from __future__ import annotations

from pathlib import Path

import pytest

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.check.fixing.fix import fixed
from funcpipe_lint.config.oldest_python import lowest
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.model import Fix
from funcpipe_lint.read.source import Source
from tests.lint.conftest import LEAKY, Command

ROWS = """\
async def rows(pool):
    async with pool.connect() as db:
        yield db


"""


def fix_of(code: str, text: str) -> Fix | None:
    """The fix of the only finding of a rule in some code."""
    (found,) = Engine(settings_for({"select": [code]})).check("m.py", text.encode()).violations
    return found.fix


def after(code: str, text: str, *, unsafe: bool = True) -> str:
    """What the fixes of one rule make of some code."""
    engine = Engine(settings_for({"select": [code]}))
    return fixed("m.py", Source.of_text(text), engine, unsafe=unsafe).text


# What a list is made of, before it is gone through.
SOURCES = {
    "a parameter": ("", "source"),
    "a stream of somebody else": ("", "source.rows()"),
    "a stream of the file that holds a connection": (ROWS, "rows(source)"),
    "one that passes on what it was given": (
        *("async def rows(s):\n    async for row in s:\n        yield row\n\n\n", "rows(source)"),
    ),
    "a method that a subclass may override": (
        "class Table:\n    async def rows(self):\n        yield 1\n\n    ",
        "self.rows()",
    ),
}


@pytest.mark.parametrize("name", SOURCES)
def test_a_list_that_had_run_its_stream_to_the_end_is_not_fixed_safely(name: str) -> None:
    """FP102: if the loop's body fails, the stream would stay open, or be held for longer."""
    before, source = SOURCES[name]
    receiver = "self, " if "self" in source else ""
    indent = "    " if receiver else ""
    text = (
        f"{before}async def work({receiver}source):\n{indent}    for row in "
        f"[r async for r in {source}]:\n{indent}        row.check()\n"
    ).replace("[r async for r in", "[row async for row in")
    fix = fix_of("FP102", text)
    assert fix is not None
    assert not fix.safe
    assert after("FP102", text, unsafe=False) == text


def test_a_loop_instead_of_a_list_closes_what_it_opens() -> None:
    """FP102: the stream of a call is closed on each way out, by the safe fix too."""
    text = (
        "async def numbers():\n    yield 1\n\n\nasync def work():\n"
        "    for number in [number async for number in numbers()]:\n        number.check()\n"
    )
    assert "    async with aclosing(numbers()) as items:\n        async for number in items:\n" in (
        after("FP102", text, unsafe=False)
    )


# A class whose method is iterated through `self`: what makes its `aclose` certain, if anything.
CLASSES = {
    "nothing": ("class Table:", "rows(self)", False),
    "its name": ("class Table:", "__rows(self)", True),
    "its annotation": ("class Table:", "rows(self) -> AsyncGenerator[int, None]", True),
    "an annotation that hides it": ("class Table:", "rows(self) -> AsyncIterator[int]", False),
    "a final class": ("@final\nclass Table:", "rows(self)", True),
    "a name with one underscore": ("class Table:", "_rows(self)", False),
}
METHODS = """\
from collections.abc import AsyncGenerator, AsyncIterator
from typing import final


{}
    async def {}:
        async with self.lock():
            yield 1

    async def shown(self):
        async for row in self.{}():
            yield row
"""


@pytest.mark.parametrize("name", CLASSES)
def test_a_method_that_may_be_overridden_is_not_fixed_safely(name: str) -> None:
    """FP303: a subclass in another module may return an iterator that has no aclose."""
    head, method, is_safe = CLASSES[name]
    fix = fix_of("FP303", METHODS.format(head, method, method.partition("(")[0]))
    assert fix is not None
    assert fix.safe is is_safe


def test_a_final_method_is_fixed_safely() -> None:
    """FP303: `@final` says that no subclass replaces it."""
    text = METHODS.format("class Table:", "rows(self)", "rows")
    fix = fix_of("FP303", text.replace("    async def rows", "    @final\n    async def rows"))
    assert fix is not None
    assert fix.safe


OVERLOADED = """\
from collections.abc import {}
from typing import Literal, overload


class Reader:
    @overload
    def lines(self, decode: Literal[True]) -> {}: ...
    @overload
    def lines(self, decode: bool | None = None) -> {}: ...
    async def lines(self, decode: bool | None = None) -> {}:
        yield b""
"""


def test_overloads_change_with_their_function() -> None:
    """FP603: an overload that names another type than its function is refused by type checkers."""
    items = ("str", "str | bytes", "str | bytes")
    text = OVERLOADED.format("AsyncIterator", *(f"AsyncIterator[{one}]" for one in items))
    wanted = OVERLOADED.format("AsyncGenerator", *(f"AsyncGenerator[{one}, None]" for one in items))
    assert after("FP603", text) == wanted
    fix = fix_of("FP603", text)
    assert fix is not None
    assert not fix.safe


KEPT = {
    "an overload of another type": OVERLOADED.format(
        *("AsyncIterator", "'Lines'", "AsyncIterator[int]", "AsyncIterator[int]")
    ),
    "a subclass in the file": (
        "from collections.abc import AsyncIterator\n\n\nclass Base:\n"
        "    async def events(self) -> AsyncIterator[int]:\n        yield 1\n\n\n"
        "class Delegating(Base):\n    def events(self) -> AsyncIterator[int]:\n"
        "        return self.inner.events()\n"
    ),
    "two branches": (
        "from collections.abc import AsyncIterator\n\nif fast:\n"
        "    def events() -> AsyncIterator[int]:\n        return other()\nelse:\n"
        "    async def events() -> AsyncIterator[int]:\n        yield 1\n"
    ),
}


@pytest.mark.parametrize("name", KEPT)
def test_an_annotation_that_others_have_to_agree_with_is_not_fixed(name: str) -> None:
    """FP603 is reported, without a fix."""
    assert fix_of("FP603", KEPT[name]) is None


HIDDEN = "async def rows() -> AsyncIterator[int]:\n    yield 1\n"
# (what stands above, what the fix makes of it).
IMPORTS = {
    "alone": ("from typing import AsyncIterator\n", "from typing import AsyncGenerator\n"),
    "among others": (
        "from typing import Any, AsyncIterator, Sequence\n\nx: Any = Sequence\n",
        "from typing import Any, AsyncGenerator, Sequence\n\nx: Any = Sequence\n",
    ),
    "last of several lines": (
        "from typing import (\n    Any,\n    AsyncIterator,\n)\n\nx: Any = 1\n",
        "from typing import (\n    Any,\n)\nfrom typing import AsyncGenerator\n\nx: Any = 1\n",
    ),
    "used by others": (
        "from typing import AsyncIterator\n\nx: AsyncIterator\n",
        "from typing import AsyncGenerator, AsyncIterator\n\nx: AsyncIterator\n",
    ),
    "used in a string": (
        "from typing import AsyncIterator\n\nx: 'AsyncIterator'\n",
        "from typing import AsyncGenerator, AsyncIterator\n\nx: 'AsyncIterator'\n",
    ),
    "used in a type comment": (
        "from typing import AsyncIterator\n\nx = 1  # type: AsyncIterator\n",
        "from typing import AsyncGenerator, AsyncIterator\n\nx = 1  # type: AsyncIterator\n",
    ),
    "handed on by __all__": (
        "from typing import AsyncIterator\n\n__all__ = ['AsyncIterator']\n",
        "from typing import AsyncGenerator, AsyncIterator\n\n__all__ = ['AsyncIterator']\n",
    ),
    "handed on as itself": (
        "from typing import AsyncIterator as AsyncIterator\n",
        "from typing import AsyncGenerator, AsyncIterator as AsyncIterator\n",
    ),
    "named in a docstring alone": (
        '"""An AsyncIterator."""\n\nfrom typing import AsyncIterator\n',
        '"""An AsyncIterator."""\n\nfrom typing import AsyncGenerator\n',
    ),
    "with a comment": (
        "from typing import (\n    Any,  # what\n    AsyncIterator,  # why\n)\n\nx: Any = 1\n",
        "from typing import (\n    Any,  # what\n    AsyncIterator,  # why\n)\n"
        "from typing import AsyncGenerator\n\nx: Any = 1\n",
    ),
    "for type checkers alone": (
        "from __future__ import annotations\n\nimport typing\n\nif typing.TYPE_CHECKING:\n"
        "    from typing import AsyncIterator\n",
        "from __future__ import annotations\n\nimport typing\n\n"
        "if typing.TYPE_CHECKING:\n    pass\n",
    ),
    "unused before": (
        "from typing import Any, AsyncIterator\n",
        "from typing import Any, AsyncGenerator\n",
    ),
    "in a try": (
        "try:\n    from typing import AsyncIterator\nexcept ImportError:\n    pass\n",
        "from typing import AsyncGenerator\n\n\n"
        "try:\n    from typing import AsyncIterator\nexcept ImportError:\n    pass\n",
    ),
}


@pytest.mark.parametrize("name", IMPORTS)
def test_an_import_that_a_fix_leaves_unused_goes(name: str) -> None:
    """FP603 takes the last use of AsyncIterator away: nothing else imports what nobody uses."""
    before, wanted = IMPORTS[name]
    assert after("FP603", f"{before}\n\n{HIDDEN}").partition("async def")[0].rstrip() == (
        wanted.rstrip()
    )


@pytest.mark.parametrize(
    ("specifier", "oldest"),
    [
        (">=3.9", (3, 9)), (">= 3.10, <4", (3, 10)), ("~=3.8", (3, 8)), ("==3.11.*", (3, 11)),
        (">3.8", (3, 8)), ("<4", ()), ("!=3.9.1", ()), ("", ()), (">=3", (3, 0)),
        (">=3.9.7", (3, 9)), ("nonsense", ()),
    ],
)  # fmt: skip
def test_the_oldest_python(specifier: str, oldest: tuple[int, ...]) -> None:
    """What a project's requires-python admits."""
    assert lowest(specifier) == oldest


PROJECT = '[project]\nname = "x"\nrequires-python = "{}"\n'


@pytest.mark.parametrize(("specifier", "is_fixed"), [(">=3.9", False), (">=3.10", True)])
def test_aclosing_is_imported_where_every_python_of_the_project_has_it(
    command: Command, specifier: str, is_fixed: bool
) -> None:
    """`contextlib.aclosing` is new in 3.10: an older project's file is left as it is."""
    Path("pyproject.toml").write_text(PROJECT.format(specifier))
    command("check", "--fix", "leaky.py")
    assert (Path("leaky.py").read_text() != LEAKY) is is_fixed


def test_the_nearest_project_says_which_python(command: Command) -> None:
    """A folder of its own project, below one with a configuration."""
    Path("funcpipe-lint.toml").write_text("")
    Path("pyproject.toml").write_text(PROJECT.format(">=3.9"))
    Path("newer").mkdir()
    Path("newer/pyproject.toml").write_text(PROJECT.format(">=3.12"))
    Path("newer/leaky.py").write_text(LEAKY)
    command("check", "--fix", ".")
    assert Path("leaky.py").read_text() == LEAKY
    assert Path("newer/leaky.py").read_text() != LEAKY


DELEGATING = """\
async def rows(pool):
    async with pool.connect() as connection:
        async for row in connection:
            yield row


async def names(pool):
    {}
"""
LOOPS = {
    "bare": ("async for row in rows(pool):\n        yield row", "yield from rows(pool)"),
    "on one line": ("async for row in rows(pool): yield row", "yield from rows(pool)"),
    "changes items": ("async for row in rows(pool):\n        yield row.name", ""),
    "uses the name later": (
        "async for row in rows(pool):\n        yield row\n    print(row)",
        "",
    ),
    "has an else": (
        "async for row in rows(pool):\n        yield row\n    else:\n        yield None",
        "",
    ),
    "uses the yield": ("async for row in rows(pool):\n        sent = yield row", ""),
    "has a comment": ("async for row in rows(pool):\n        # each\n        yield row", ""),
}


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("target", ["3.15", "3.16"])
def test_delegation_where_every_python_of_the_project_has_it(
    command: Command, loop: str, target: str
) -> None:
    """`yield from` (PEP 828) in the place of a loop that does nothing else, which is no safe fix;
    else, and for an older `target-version`, `aclosing`. What is fixed is clean."""
    before, after = LOOPS[loop]
    Path("funcpipe-lint.toml").write_text(f'target-version = "{target}"\nselect = ["FP303"]\n')
    Path("leaky.py").write_text(DELEGATING.format(before))
    command("check", "--fix", "leaky.py")
    mended = Path("leaky.py").read_text()
    if after and target == "3.16":
        assert mended == DELEGATING.format(before)
        command("check", "--fix", "--unsafe-fixes", "leaky.py")
        assert Path("leaky.py").read_text() == DELEGATING.format(after)
    else:
        assert "async with aclosing(rows(pool)) as items" in mended
    assert "No violations" in command("check", "leaky.py").out


@pytest.mark.parametrize(
    ("target", "requires", "is_fixed"),
    [("3.9", ">=3.12", False), ("py39", ">=3.12", False), ("3.12", ">=3.9", True), ("", "", True)],
)
def test_the_configured_target_comes_before_the_project(
    command: Command, target: str, requires: str, is_fixed: bool
) -> None:
    """`target-version` wins over requires-python; empty, it is that. The command line wins over
    both."""
    text = PROJECT.format(requires) + f'[tool.funcpipe-lint]\ntarget-version = "{target}"\n'
    Path("pyproject.toml").write_text(text)
    other = "3.9" if is_fixed else "3.12"
    diff = command("check", "--diff", "--target-version", other, "leaky.py").out
    assert ("+    async with aclosing" in diff) is not is_fixed
    command("check", "--fix", "leaky.py")
    assert (Path("leaky.py").read_text() != LEAKY) is is_fixed


@pytest.mark.parametrize("target", ["4.0", "newest", "3", "3.1x"])
def test_a_target_that_is_no_version_is_refused(command: Command, target: str) -> None:
    """With the value, and what one looks like."""
    Path("funcpipe-lint.toml").write_text(f'target-version = "{target}"\n')
    done = command("check", "leaky.py")
    assert done.code == 2
    assert f"'target-version' must be a version such as 3.12, not '{target}'" in done.err
    done = command("check", "--isolated", "--target-version", target, "leaky.py")
    assert done.code == 2
    assert f"'target-version' must be a version such as 3.12, not '{target}'" in done.err

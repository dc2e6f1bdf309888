"""Operations are found by name and arity, Result types by shape, with no code of the user's."""

from __future__ import annotations

import sys
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from funcpipe_laws import catalogue
from funcpipe_laws.checking.check import check_law
from funcpipe_laws.declared.instance import Failure, Foreign, NotFound, Value
from funcpipe_laws.finding.discover import resolve
from funcpipe_laws.finding.result_types import result_type

F1 = next(law for law in catalogue.laws() if law.id == "F1")


@dataclass(frozen=True)
class Ok:
    """A constructor with one field."""

    value: object


@dataclass(frozen=True)
class ErrInfo:
    """A payload with several fields."""

    code: str
    msg: str
    attempts: int
    hint: str = ""


@dataclass(frozen=True)
class Err:
    """A constructor whose annotation says what the payload is."""

    error: ErrInfo


class Success:
    """A constructor in the style of `returns`: the value sits in a private attribute."""

    def __init__(self, inner_value: object) -> None:
        self._inner_value = inner_value


class Failed:
    """Its counterpart."""

    def __init__(self, inner_value: object) -> None:
        self._inner_value = inner_value


class Hidden:
    """A constructor that gives no way to read the payload."""

    def __init__(self, value: object) -> None:
        self.text = f"<{value}>"


def test_payloads_are_made_from_the_annotation() -> None:
    """Every text field is filled, so that an operation that loses one shows."""
    result = result_type(Ok, Err)
    assert result.error_for("E1") == ErrInfo("E1", "E1 msg", 0, "E1 hint")
    assert result.error_for("E1") is result.error_for("E1")
    assert result.error_for("E1") != result.error_for("E2")


def test_items_are_told_apart_by_class_and_read_by_attribute() -> None:
    """Whatever the attribute is called, it is the one that holds the argument."""
    result = result_type(Success, Failed)
    assert result.is_ok(result.ok(7)) and result.value(result.ok(7)) == 7
    assert result.is_err(result.err("boom")) and result.error(result.err("boom")) == "boom"
    assert not result.is_ok(7) and not result.is_err(7)


def test_an_unreadable_constructor_is_refused_with_the_way_out() -> None:
    """A payload that cannot be read back needs a ResultType of the user's."""
    with pytest.raises(NotFound, match=r"Hidden\(x\) hides x: write a funcpipe_laws.ResultType"):
        result_type(Hidden, Failed)
    with pytest.raises(NotFound, match="both make Success"):
        result_type(Success, Success)


MODULE = """
from contextlib import aclosing, closing

class Ok:
    def __init__(self, value): self.value = value
class Err:
    def __init__(self, error): self.error = error

def async_gen_map(gen, f):
    async def stream():
        async with aclosing(gen()) as items:
            async for item in items:
                yield Ok(f(item.value)) if isinstance(item, Ok) else item
    return stream

def io_gen_map(gen, f):
    def stream():
        with closing(gen()) as items:
            for item in items:
                yield Ok(f(item.value)) if isinstance(item, Ok) else item
    return stream

def async_map(plan, f):
    async def run():
        item = await plan()
        return Ok(f(item.value)) if isinstance(item, Ok) else item
    return run
"""


@pytest.fixture
def three_kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module with a map for async streams, synchronous streams and single values."""
    (tmp_path / "three_kinds.py").write_text(MODULE, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "three_kinds", raising=False)
    return "three_kinds"


def test_each_kind_of_description_is_an_instance_of_its_own(three_kinds: str) -> None:
    """A module of all three gives three suites, and each can be named alone."""
    found = resolve(three_kinds)
    assert [(one.target, one.instance.kind) for one in found] == [
        ("three_kinds", "stream"),
        ("three_kinds:sync", "sync"),
        ("three_kinds:value", "value"),
    ]
    assert found[1].mapping == "map=io_gen_map, items=Ok/Err, policy=in_step"
    (alone,) = resolve(f"{three_kinds}:value")
    assert alone.mapping == "map=async_map, items=Ok/Err, policy=in_step"


@pytest.mark.parametrize("kind", ["stream", "sync", "value"])
def test_one_law_runs_on_every_kind(three_kinds: str, kind: str) -> None:
    """The same experiment drives async streams, synchronous ones and single values."""
    (found,) = resolve(f"{three_kinds}:{kind}")
    verdict = check_law(F1, found.instance)
    assert verdict.status == "held" and verdict.seen["ok"] > 0 < verdict.seen["err"]
    wrong = replace(found.instance, map=lambda stream, f: stream)
    wrapping = replace(F1, check=_wraps)
    assert check_law(wrapping, found.instance).status == "held"
    assert check_law(wrapping, wrong).status == "broken"


def _wraps(bench: Any, source: Any) -> None:
    trace = bench.run(bench.op.map(bench.source(source), lambda value: [value]))
    wanted = [
        replace(item, value=[item.value]) if isinstance(item, Value) else item
        for item in bench.expected(source.items)
    ]
    bench.expect(trace.items == wanted, f"{trace.items} is not {wanted}", trace)


def test_what_is_no_item_is_seen_as_such() -> None:
    """A stream that yields something outside of its Result type is not taken for a value."""
    from funcpipe_laws.experiments.bench import Bench
    from funcpipe_laws.experiments.scripts import Script
    from tests.laws.mutants import MODEL

    def bare(gen: Any) -> Any:
        async def stream() -> Any:
            async with aclosing(gen()) as items:
                async for item in items:
                    yield getattr(item, "value", item)

        return stream

    bench = Bench(MODEL)
    trace = bench.run(bare(bench.source(Script((Value(1), Failure("E1"))))))
    assert trace.items == [Foreign(1), *bench.expected([Failure("E1")])]


BAD = {
    "nope": "no module named 'nope'",
    "severl": "did you mean several?",
    "arity:NAIVE": "arity has no 'NAIVE'",
    "several:C": "several has no 'C'; did you mean several:A?",
    "arity:async_gen_map": "arity:async_gen_map: given descriptions: it returns None",
    "arity:sync": "arity.async_gen_map(f) cannot be called",
    "multi": "multi does not import: ValueError: two lines",
    "exits": "exits does not import: SystemExit: 3",
    "no.such": "no module named 'no.such' (nor 'no')",
    "folder/mine.py": "name the module instead: folder.mine",
    "broken": "broken does not import: ZeroDivisionError",
    "syntax": "syntax does not import: SyntaxError",
    "missing": "missing does not import: No module named 'absent_dependency'",
    "empty": "empty offers nothing to check: define some of async_gen_return",
    "several": "several has several instances; name one: several:A or several:B",
    "arity": "arity.async_gen_map(f) cannot be called with 2 argument(s)",
    "2 words": "is not package.module or package.module:NAME",
}
MODULES = {
    "broken": "1 / 0\n",
    "syntax": "def f(:\n",
    "missing": "import absent_dependency\n",
    "empty": "",
    "several": "from funcpipe_laws import StreamInstance\n"
    "A = StreamInstance(name='a')\nB = StreamInstance(name='b')\n",
    "arity": "def async_gen_map(f): ...\n",
    "multi": "raise ValueError('two\\nlines')\n",
    "exits": "raise SystemExit(3)\n",
}


@pytest.mark.parametrize("target", BAD)
def test_a_wrong_target_is_one_line_that_names_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    """Whatever is wrong with a module or a name, the error is one line, with the value in it."""
    for name, text in MODULES.items():
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(NotFound) as raised:
        resolve(target)
    message = str(raised.value)
    assert BAD[target] in message and "\n" not in message


ITERABLES = """
async def stream_of(value):
    yield value


async def stream_map(source, f):
    async for item in source:
        yield f(item)


async def flat_map(source, f):
    async for item in source:
        async for inner in f(item):
            yield inner


async def merge_streams(*sources):
    for source in sources:
        async for item in source:
            yield item
"""


def test_functions_on_async_iterables_are_made_into_descriptions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bare async-generator functions are called anew for each run; the mapping says so."""
    (tmp_path / "on_iterables.py").write_text(ITERABLES, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    (found,) = resolve("on_iterables")
    assert "streams=async iterables, made anew for each run" in found.mapping
    verdicts = {law.id: check_law(law, found.instance).status for law in catalogue.laws()}
    assert {verdicts[ident] for ident in ("F1", "F5", "M3", "R1", "Z1", "G1")} == {"held"}
    # Nested loops do not close what they read, and one source after the other is no merge.
    assert {ident for ident, status in verdicts.items() if status == "broken"} == {
        *("C2", "G5", "G10", "G11", "S14", "Z7", "D1", "D3", "D6", "D8", "D9")
    }
    assert "crashed" not in verdicts.values()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def flat_map(source, f): return 7", "it returns an int, which cannot be called"),
        (
            "def flat_map(source, f): return lambda: iter([1])",
            "its run is a list_iterator, not an async iterator",
        ),
        ("def flat_map(f, source): return f(source)", "TypeError"),
        ("async def flat_map(f, source):\n    yield f(source)", "TypeError"),
    ],
)
def test_a_namesake_that_is_no_stream_operation_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, reason: str
) -> None:
    """Laws about something else would all be false: one line says what was seen and the way out."""
    name = f"namesake_{len(source)}"
    (tmp_path / f"{name}.py").write_text(source, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(NotFound) as raised:
        resolve(name)
    text = str(raised.value)
    assert f"{name}.flat_map was taken for bind by its name" in text
    assert "write a funcpipe_laws.StreamInstance that adapts it" in text
    assert reason in text


def test_a_wrong_operation_of_the_right_form_is_for_the_laws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that hangs, raises or needs a loop at construction is found, and its laws break."""
    source = """
import asyncio

def async_gen_map(gen, f):
    queue = asyncio.get_running_loop().create_future()
    async def stream():
        yield await queue
    return stream

def async_gen_and_then(gen, f):
    async def stream():
        raise ZeroDivisionError
        yield
    return stream
"""
    (tmp_path / "wrong_but_fits.py").write_text(source, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    (found,) = resolve("wrong_but_fits")
    laws = {law.id: law for law in catalogue.laws()}
    assert check_law(laws["P1"], found.instance).status == "broken"
    assert check_law(laws["M4"], found.instance).failed

"""docs/conformance.md: the laws on published libraries, and the script behind each broken one.

What asyncio itself does differs between versions of Python, so the page is made on one of them.
"""

from __future__ import annotations

import ast
import logging
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

from funcpipe_laws.catalogue import laws
from funcpipe_laws.checking.check import check_law
from funcpipe_laws.declared.instance import Kind
from funcpipe_laws.declared.law import Law
from funcpipe_laws.finding import discover

DOCS = Path(__file__).parents[1]
FOLDER = "counterexamples"
MADE_ON = (3, 11)
PROFILE = "quick"


@dataclass(frozen=True)
class Table:
    """Instances of one kind side by side."""

    heading: str
    kind: Kind
    targets: tuple[str, ...]


TABLES = (
    Table(
        "Streams",
        "stream",
        (
            "funcpipe_streams",
            "examples.naive_streams",
            "examples.instances.for_aioitertools",
            "examples.instances.for_aiostream",
            "examples.instances.for_asyncstdlib",
            "examples.instances.for_expression",
            "examples.instances.for_fpstreams",
            "examples.instances.for_modal",
            "examples.instances.for_streamable",
            "examples.instances.for_aioreactive",
        ),
    ),
    Table(
        "Decorators that trace a generator",
        "stream",
        ("examples.instances.for_langfuse", "examples.instances.for_openinference"),
    ),
    Table(
        "Single asynchronous values",
        "value",
        ("funcpipe_streams", "examples.instances.for_reactivex", "examples.instances.for_returns"),
    ),
)
SIGNS = {"held": "✓", "not offered": "·", "waived": "waived"}
FAULTS = {"vacuous": "?", "crashed": "!", "not simulated": "~"}
"""What no column of the page may show."""
INTRO = f"""\
# Conformance of stream libraries

Every law of `funcpipe_laws` on the reference, on the nested form that most code bases write by hand
([naive_streams.py](../examples/naive_streams.py)), and on libraries that nobody here wrote, each
used as its own documentation asks ([examples/instances](../examples/instances)).

✓ held, ✗ broken, · not offered: the operation, or the policy that the law is about, is not there.
A law that no column of a table offers anything for has no row in it, and is named below it.
Each ✗ links to a script of at most 15 lines that shows the reason with the library and asyncio
alone.

Made by `make docs` on Python {MADE_ON[0]}.{MADE_ON[1]} with the profile `{PROFILE}`. One library in
full, with marble diagrams, the schedule and a line that replays each counterexample:

```console
pip install 'funcpipe-kit[laws,conformance]'
pytest --laws examples.instances.for_streamable
```
"""


@dataclass(frozen=True)
class Script:
    """A counterexample: what goes wrong, in one sentence, and the laws that break by it."""

    link: str
    sentence: str
    laws: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What a verdict says, without what it holds of the run."""

    status: str
    reason: str


@dataclass(frozen=True)
class Column:
    """One library: its name, the outcome of each law, and the scripts about it."""

    name: str
    outcomes: Mapping[str, Outcome]
    scripts: tuple[Script, ...]

    def cell(self, law: Law) -> str:
        """The verdict on a law, linked to what shows it."""
        for script in self.scripts:
            if law.id in script.laws:
                return f"[✗]({script.link})"
        return (SIGNS | FAULTS)[self.outcomes[law.id].status]

    def unexplained(self) -> Iterator[str]:
        """Where verdicts and scripts disagree."""
        shown = {ident for script in self.scripts for ident in script.laws}
        broken = {law for law, outcome in self.outcomes.items() if outcome.status == "broken"}
        for ident in sorted(broken - shown):
            yield f"{self.name}: {ident} is broken, and no script in {FOLDER} says why"
        for ident in sorted(shown - broken):
            yield f"{self.name}: a script in {FOLDER} names {ident}, which is not broken"
        for ident, outcome in self.outcomes.items():
            if outcome.status in FAULTS:
                yield f"{self.name}: {ident} is {outcome.status}: {outcome.reason}"


def scripts(library: str) -> Iterator[Script]:
    """The scripts about a library, read from their docstrings."""
    for path in sorted((DOCS / FOLDER).glob(f"{library}_*.py")):
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        sentence, about, laws = text.partition("\n\nLaws: ")
        if not about:
            continue  # It is of another page.
        yield Script(f"{FOLDER}/{path.name}", sentence, tuple(laws.split()))


def column(target: str, kind: Kind) -> Column:
    """Check every law on the instance of one kind that a target names."""
    logging.disable()  # Some libraries log each fault that a law has made.
    [instance] = [f.instance for f in discover.resolve(target) if f.instance.kind == kind]
    outcomes = {}
    for law in laws(kind):
        verdict = check_law(law, instance, profile=PROFILE)
        outcomes[law.id] = Outcome(verdict.status, verdict.reason)
    library = target.rpartition(".")[2].removeprefix("for_").removesuffix("_streams")
    return Column(instance.name, outcomes, tuple(scripts(library)))


def section(table: Table, columns: list[Column]) -> Iterator[str]:
    """The matrix, then what is broken or waived in each library."""
    yield from ("", f"## {table.heading}", "")
    yield f"| law | {' | '.join(one.name for one in columns)} |"
    yield "|---|" + ":-:|" * len(columns)
    nobody = []
    for law in laws(table.kind):
        if all(one.outcomes[law.id].status == "not offered" for one in columns):
            nobody.append(law.id)
        else:
            yield f"| {law} | {' | '.join(one.cell(law) for one in columns)} |"
    if nobody:
        yield from ("", f"Not offered by any of them: {', '.join(nobody)}.")
    for one in columns:
        points = [*_points(one)]
        if points:
            yield from ("", f"### {one.name}", "", *points)


def _points(one: Column) -> Iterator[str]:
    for script in one.scripts:
        yield f"- [{script.sentence}]({script.link}) {', '.join(script.laws)}"
    for ident, outcome in one.outcomes.items():
        if outcome.status == "waived":
            yield f"- {ident} is waived: {outcome.reason}."


def _missing() -> Iterator[str]:
    """The libraries of the page that are not installed."""
    for table in TABLES:
        for target in table.targets:
            library = target.rpartition(".")[2]
            if library.startswith("for_") and find_spec(library.removeprefix("for_")) is None:
                yield library.removeprefix("for_")


def conformance_page() -> Mapping[str, str]:
    """The page, on the Python that it is made on; elsewhere nothing is written or compared."""
    if sys.version_info[:2] != MADE_ON:
        return {}
    missing = [*_missing()]
    if missing:
        names = ", ".join(missing)
        print(f"docs/conformance.md was not looked at: no {names} is installed", file=sys.stderr)
        return {}
    # Libraries take up to a minute each, and tasks that one leaves behind slow down what comes
    # after it: each has a process.
    with get_context("spawn").Pool(maxtasksperchild=1) as pool:
        checked = [
            [pool.apply_async(column, (target, table.kind)) for target in table.targets]
            for table in TABLES
        ]
        tables = [[one.get() for one in columns] for columns in checked]
    problems = [p for columns in tables for one in columns for p in one.unexplained()]
    if problems:
        raise SystemExit("docs/programs/conformance.py: " + "\n  ".join(problems))
    sections = zip(TABLES, tables, strict=True)
    lines = [line for table, columns in sections for line in section(table, columns)]
    return {"conformance.md": INTRO + "\n".join(lines) + "\n"}

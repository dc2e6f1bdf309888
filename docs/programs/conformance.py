"""docs/conformance.md: the laws on published libraries, and the script behind each broken one.

What asyncio itself does differs between versions of Python, so the page is made on one of them.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from funcpipe_laws.catalogue import laws
from funcpipe_laws.checking.check import check_law
from funcpipe_laws.declared.instance import Kind, StreamInstance
from funcpipe_laws.declared.law import Law, Verdict
from funcpipe_laws.finding import discover

DOCS = Path(__file__).parents[1]
FOLDER = "counterexamples"
MADE_ON = (3, 11)
PROFILE = "quick"
TARGETS: Mapping[Kind, tuple[str, ...]] = {
    "stream": (
        "funcpipe_streams",
        "examples.naive_streams",
        "examples.instances.for_aioitertools",
        "examples.instances.for_aiostream",
        "examples.instances.for_asyncstdlib",
        "examples.instances.for_expression",
        "examples.instances.for_streamable",
        # Last: tasks that it leaves behind slow down what runs after it.
        "examples.instances.for_aioreactive",
    ),
    "value": ("funcpipe_streams", "examples.instances.for_returns"),
}
HEADINGS: Mapping[Kind, str] = {"stream": "Streams", "value": "Single asynchronous values"}
SIGNS = {"held": "✓", "not offered": "·", "waived": "waived"}
FAULTS = {"vacuous": "?", "crashed": "!", "not simulated": "~"}
"""What no column of the page may show."""
INTRO = f"""\
# Conformance of stream libraries

Every law of `funcpipe_laws` on the reference, on the nested form that most code bases write by hand
([naive_streams.py](../examples/naive_streams.py)), and on libraries that nobody here wrote, each
used as its own documentation asks ([examples/instances](../examples/instances)).

✓ held, ✗ broken, · not offered: the operation, or the policy that the law is about, is not there.
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
class Column:
    """One library: its instance, the verdict on each law, and the scripts about it."""

    instance: StreamInstance
    verdicts: Mapping[str, Verdict]
    scripts: tuple[Script, ...]

    def cell(self, law: Law) -> str:
        """The verdict on a law, linked to what shows it."""
        for script in self.scripts:
            if law.id in script.laws:
                return f"[✗]({script.link})"
        return (SIGNS | FAULTS)[self.verdicts[law.id].status]

    def unexplained(self) -> Iterator[str]:
        """Where verdicts and scripts disagree."""
        shown = {ident for script in self.scripts for ident in script.laws}
        broken = {law for law, verdict in self.verdicts.items() if verdict.status == "broken"}
        for ident in sorted(broken - shown):
            yield f"{self.instance.name}: {ident} is broken, and no script in {FOLDER} says why"
        for ident in sorted(shown - broken):
            yield f"{self.instance.name}: a script in {FOLDER} names {ident}, which is not broken"
        for ident, verdict in self.verdicts.items():
            if verdict.status in FAULTS:
                yield f"{self.instance.name}: {ident} is {verdict.status}: {verdict.reason}"


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
    [instance] = [f.instance for f in discover.resolve(target) if f.instance.kind == kind]
    verdicts = {law.id: check_law(law, instance, profile=PROFILE) for law in laws(kind)}
    library = target.rpartition(".")[2].removeprefix("for_").removesuffix("_streams")
    return Column(instance, verdicts, tuple(scripts(library)))


def section(kind: Kind, columns: list[Column]) -> Iterator[str]:
    """The matrix, then what is broken or waived in each library."""
    yield from ("", f"## {HEADINGS[kind]}", "")
    yield f"| law | {' | '.join(one.instance.name for one in columns)} |"
    yield "|---|" + ":-:|" * len(columns)
    for law in laws(kind):
        yield f"| {law} | {' | '.join(one.cell(law) for one in columns)} |"
    for one in columns:
        points = [*_points(one)]
        if points:
            yield from ("", f"### {one.instance.name}", "", *points)


def _points(one: Column) -> Iterator[str]:
    for script in one.scripts:
        yield f"- [{script.sentence}]({script.link}) {', '.join(script.laws)}"
    for ident, verdict in one.verdicts.items():
        if verdict.status == "waived":
            yield f"- {ident} is waived: {verdict.reason}."


def conformance_page() -> Mapping[str, str]:
    """The page, on the Python that it is made on; elsewhere nothing is written or compared."""
    if sys.version_info[:2] != MADE_ON:
        return {}
    tables = {kind: [column(name, kind) for name in names] for kind, names in TARGETS.items()}
    problems = [p for columns in tables.values() for one in columns for p in one.unexplained()]
    if problems:
        raise SystemExit("docs/programs/conformance.py: " + "\n  ".join(problems))
    lines = [line for kind, columns in tables.items() for line in section(kind, columns)]
    return {"conformance.md": INTRO + "\n".join(lines) + "\n"}

"""Programs that nobody would write: valid Python, from a grammar and from libcst's own nodes."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import hypothesmith
from hypothesis import HealthCheck, Phase, settings


def programs(number: int) -> list[str]:
    """`number` generated programs, the same ones each time; a tenth from libcst's nodes, which take
    ten times as long to make."""
    made: list[str] = []
    from_nodes = number // 10
    for count, strategy in (
        (number - from_nodes, hypothesmith.from_grammar()),
        (from_nodes, hypothesmith.from_node()),
    ):
        if not count:
            continue

        @settings(
            max_examples=count,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(strategy)
        def collect(program: str) -> None:
            made.append(program)

        collect()
    return made


def generate(folder: Path, number: int) -> None:
    """Writes generated programs into a new folder, a file each."""
    folder.mkdir()
    for index, program in enumerate(programs(number)):
        raw = program.encode("utf-8", "surrogatepass")
        (folder / f"program_{index:05}.py").write_bytes(raw)

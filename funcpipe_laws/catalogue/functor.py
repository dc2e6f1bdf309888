"""Laws of `map`."""

from __future__ import annotations

from funcpipe_laws.bench import Bench
from funcpipe_laws.law import law
from funcpipe_laws.probes import Script


@law(
    "F1",
    "functor.identity",
    words="Mapping the identity changes nothing: no item, no error, no effect.",
    symbols="run(map(s, id)) = run(s)",
    takes=("map",),
    observes=("ok", "err"),
)
def identity(bench: Bench, source: Script) -> None:
    """Compare whole traces."""
    left = bench.run(bench.op.map(bench.source(source), lambda value: value))
    right = bench.run(bench.source(source))
    bench.same(left, right, names=("map(s, id)", "s"))

"""Wrong implementations, one defect each, with the laws that must find them; and the right one."""

from __future__ import annotations

from tests.laws.mutants import (
    binding,
    branching,
    concurrent,
    faulting,
    holding,
    iterating,
    mapping,
    merging,
    operating,
    parallel,
    timing,
    values,
)
from tests.laws.mutants.model import MODEL, Mutant

MUTANTS: tuple[Mutant, ...] = (
    *mapping.MUTANTS,
    *binding.MUTANTS,
    *holding.MUTANTS,
    *values.MUTANTS,
    *iterating.MUTANTS,
    *merging.MUTANTS,
    *concurrent.MUTANTS,
    *parallel.MUTANTS,
    *timing.MUTANTS,
    *operating.MUTANTS,
    *faulting.MUTANTS,
    *branching.MUTANTS,
)

__all__ = ["MODEL", "MUTANTS", "Mutant"]

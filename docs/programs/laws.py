"""The page of the laws: each in words and in symbols, with the wrong implementations it catches."""

from __future__ import annotations

from collections.abc import Mapping


def laws_page() -> Mapping[str, str]:
    """One page, a section a family."""
    from funcpipe_laws import catalogue
    from funcpipe_laws.declared.law import FAMILIES
    from tests.laws.mutants import MUTANTS

    laws = catalogue.laws()
    parts = [
        "# The laws",
        "",
        f"{len(laws)} laws; each catches the wrong implementations named below it (of"
        f" {len(MUTANTS)}, in tests/laws/mutants). A law with a policy counts only for an"
        " instance that declares it. `pytest --laws my.module -k S14-` runs one of them.",
        "",
    ]
    for letter, family in FAMILIES.items():
        parts += [f"## {letter}: {family}", ""]
        for law in (law for law in laws if law.id.startswith(letter)):
            caught = [mutant.name for mutant in MUTANTS if law.id in mutant.killed_by]
            notes = [f"`{law.symbols}`"]
            notes += [f"policy `{law.policy}`"] if law.policy else []
            notes += [law.source] if law.source else []
            parts += [
                f"**{law.id}** `{law.slug}`: {law.words}  ",
                f"{'; '.join(notes)}  ",
                f"Catches: {'; '.join(caught)}.",
                "",
            ]
    return {"laws.md": "\n".join(parts)}

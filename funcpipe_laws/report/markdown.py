"""The conformance report as Markdown: a matrix of laws by instances, then each broken law."""

from __future__ import annotations

from funcpipe_laws.report.causes import failures, summary
from funcpipe_laws.report.record import Conformance, InstanceRecord, LawRecord, made_line
from funcpipe_laws.report.text import seen

SIGNS = {
    "held": "✓",
    "broken": "**✗**",
    "vacuous": "**vacuous**",
    "crashed": "**crashed**",
    "not simulated": "**not simulated**",
    "waived": "waived",
    "not offered": "-",
}


def render(report: Conformance) -> str:
    """The whole page."""
    instances = report["instances"]
    parts = ["# Conformance to the laws of async streams", "", made_line(report["made"]), ""]
    for instance in instances:
        parts += [f"## {instance['name']}", "", f"`{instance['mapping']}`", ""]
        parts += [*(f"- {line}" for line in summary(instance["laws"], instance["notes"])), ""]
        for law in failures(instance["laws"]):
            parts += _law(law)
    parts += ["## Law by instance", "", *_matrix(instances), ""]
    return "\n".join(parts).rstrip() + "\n"


def _matrix(instances: list[InstanceRecord]) -> list[str]:
    names = [instance["name"] for instance in instances]
    lines = [
        f"| law | {' | '.join(names)} |",
        f"|---|{'---|' * len(names)}",
    ]
    verdicts = [{law["id"]: law for law in i["laws"]} for i in instances]
    laws = {law["id"]: law for instance in instances for law in instance["laws"]}
    for ident, law in laws.items():
        cells = [_cell(found[ident]) if ident in found else "" for found in verdicts]
        lines.append(f"| {ident} {law['slug']} | {' | '.join(cells)} |")
    return lines


def _cell(law: LawRecord) -> str:
    """The sign, and what a law that holds was seen to hold for."""
    sign = SIGNS[law["status"]]
    return f"{sign} {seen(law['seen'])}".rstrip() if law["status"] == "held" else sign


def _law(law: LawRecord) -> list[str]:
    lines = [f"### {law['id']} {law['slug']}: {law['status']}", "", law["words"], ""]
    lines += [f"`{law['symbols']}`", "", law["reason"].replace("\n", "  \n"), ""]
    found = law["counterexample"]
    if found is None:
        return lines
    lines.append("```text")
    for side in found["sides"]:
        lines += [f"{side['name']}:", *side["text"], ""]
        if law["shows_log"]:
            lines += ["release log:", *side["log"], ""]
    lines += [f"{name} = {value}" for name, value in found["inputs"].items()]
    lines += [f"schedule = {found['schedule']}", "```", ""]
    if found["replay"]:
        lines += ["```console", found["replay"], "```", ""]
    return lines

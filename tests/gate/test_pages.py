"""The pages on the gate name what there is, and nothing else."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import yaml

from funcpipe_gate.config import Config, from_table
from funcpipe_gate.record import STAGES
from funcpipe_gate.report import FORMATS
from funcpipe_gate.report.write import ENDINGS

DOCS = Path(__file__).parents[2] / "docs"
GATE = (DOCS / "gate.md").read_text("utf-8")


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table with such a head, their backticks taken off."""
    table = page.partition(f"| {heading} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip().strip("`") for cell in row.strip("|").split("|")] for row in table]


def test_every_stage_has_a_row() -> None:
    """In the order in which they are shown."""
    assert [row[0] for row in rows(GATE, "stage")] == list(STAGES)


def test_every_key_has_a_row() -> None:
    """And each default that is a value is the one that holds."""
    table = {row[0]: row[2] for row in rows(GATE, "key")}
    assert set(table) == {f.name.replace("_", "-") for f in fields(Config)[2:]}
    default = Config(Path())
    assert table["timeout"] == str(default.timeout)
    assert table["laws-profile"] == default.laws_profile


def test_the_example_is_a_configuration() -> None:
    """Its keys are known and its values of the right kinds."""
    import tomllib

    [text] = re.findall(r"```toml\n(.*?)```", GATE, re.DOTALL)
    values = tomllib.loads(text)["tool"]["funcpipe"]
    del values["paths"], values["pythonpath"]  # of folders that are not here
    assert from_table(values, Path("pyproject.toml"), {}).require == ("lint", "laws")


def test_every_format_has_a_row() -> None:
    """With the ending that chooses it."""
    table = {row[1]: row[0] for row in rows(GATE, "ending")}
    assert set(table) == set(FORMATS)
    assert {ending: form for form, ending in table.items() if ending} == ENDINGS


def test_every_input_of_the_action_has_a_row() -> None:
    """Each with its default."""
    action = yaml.safe_load((DOCS.parent / "action.yml").read_text("utf-8"))
    table = {row[0]: row[2] for row in rows((DOCS / "ci.md").read_text("utf-8"), "input")}
    assert set(table) == set(action["inputs"])
    for name, given in action["inputs"].items():
        assert table[name] == (given["default"] or {"args": "none", "since": "everything"}[name])


def test_the_examples_of_the_ci_page_are_what_services_take() -> None:
    """The workflow names inputs of the action, the hooks are those of the repository."""
    page = (DOCS / "ci.md").read_text("utf-8")
    workflow, hooks, _ = (yaml.safe_load(t) for t in re.findall(r"```yaml\n(.*?)```", page, re.S))
    used = workflow["jobs"]["funcpipe"]["steps"][-1]["with"]
    action = yaml.safe_load((DOCS.parent / "action.yml").read_text("utf-8"))
    assert set(used) <= set(action["inputs"])
    ours = yaml.safe_load((DOCS.parent / ".pre-commit-hooks.yaml").read_text("utf-8"))
    named = {hook["id"] for repo in hooks["repos"] for hook in repo["hooks"]}
    assert named <= {hook["id"] for hook in ours}


def test_every_tool_for_agents_has_a_row() -> None:
    """As the server lists them."""
    import asyncio

    from funcpipe_gate.mcp_server import server

    names = {tool.name for tool in asyncio.run(server.list_tools())}
    page = (DOCS / "agents.md").read_text("utf-8")
    assert {row[0] for row in rows(page, "tool")} == names

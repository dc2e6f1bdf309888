"""The layer table of the architecture, held against every import statement in the packages."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = {
    "funcpipe_lint": ROOT / "funcpipe_lint",
    "funcpipe_laws": ROOT / "funcpipe_laws",
    "funcpipe_gate": ROOT / "funcpipe_gate",
    "funcpipe_streams": ROOT / "reference" / "funcpipe_streams",
}

# What the modules of a folder may import besides the standard library and each other, less those of
# folders or modules that have an entry of their own. "lazy:" names may be imported only inside a
# function or under TYPE_CHECKING.
LAYERS: dict[str, str] = {
    "funcpipe_lint": "",
    # Records, codes and names that are known, without a file.
    "funcpipe_lint.model": "lazy:funcpipe_lint.rule",
    # A file's bytes and text.
    "funcpipe_lint.read": "funcpipe_lint.model lazy:libcst",
    "funcpipe_lint.read.notebooks": "funcpipe_lint.model funcpipe_lint.read",
    # Which rules may speak of it, and what of it libcst is shown.
    "funcpipe_lint.screen": "funcpipe_lint.model",
    "funcpipe_lint.screen.text": "funcpipe_lint.model funcpipe_lint.read funcpipe_lint.screen",
    "funcpipe_lint.screen.parsed": "funcpipe_lint.model funcpipe_lint.read funcpipe_lint.screen"
    " funcpipe_lint.screen.text lazy:funcpipe_lint.rule",
    "funcpipe_lint.screen.slices": "funcpipe_lint.model funcpipe_lint.read funcpipe_lint.screen"
    " funcpipe_lint.screen.text",
    # What other modules hold.
    "funcpipe_lint.program.facts": "funcpipe_lint.model funcpipe_lint.read lazy:libcst",
    "funcpipe_lint.program": "funcpipe_lint.model funcpipe_lint.read"
    " lazy:funcpipe_lint.read.notebooks funcpipe_lint.screen.text funcpipe_lint.program.facts",
    # What a rule is and may ask; the rules. A rule imports no other rule, and no part of a run.
    "funcpipe_lint.rule": "libcst funcpipe_lint.model funcpipe_lint.read funcpipe_lint.screen",
    "funcpipe_lint.rules.questions": "libcst funcpipe_lint.model funcpipe_lint.rule",
    "funcpipe_lint.rules": "libcst funcpipe_lint.model funcpipe_lint.screen funcpipe_lint.rule"
    " funcpipe_lint.rules.questions",
    # Which files, under which settings.
    "funcpipe_lint.config": "funcpipe_lint.model funcpipe_lint.read lazy:funcpipe_lint.screen"
    " lazy:funcpipe_lint.rule lazy:libcst",
    # One file to its findings; fixes; runs over many files; baselines.
    "funcpipe_lint.check": "libcst funcpipe_lint.model funcpipe_lint.read"
    " lazy:funcpipe_lint.read.notebooks funcpipe_lint.screen funcpipe_lint.screen.text"
    " funcpipe_lint.screen.parsed funcpipe_lint.screen.slices funcpipe_lint.program"
    " funcpipe_lint.rule lazy:funcpipe_lint.config",
    "funcpipe_lint.check.fixing": "libcst funcpipe_lint.model funcpipe_lint.read"
    " lazy:funcpipe_lint.read.notebooks funcpipe_lint.rule funcpipe_lint.check",
    "funcpipe_lint.check.runs": "lazy:distributed funcpipe_lint funcpipe_lint.model"
    " funcpipe_lint.read funcpipe_lint.program"
    " funcpipe_lint.config funcpipe_lint.check lazy:funcpipe_lint.check.fixing",
    "funcpipe_lint.check.baseline": "funcpipe_lint.model funcpipe_lint.read funcpipe_lint.config"
    " funcpipe_lint.check funcpipe_lint.check.fixing funcpipe_lint.check.runs",
    # The ways in and out: reports, the server for editors, the command.
    "funcpipe_lint.cli.report": "funcpipe_lint funcpipe_lint.model funcpipe_lint.read"
    " lazy:funcpipe_lint.read.notebooks lazy:funcpipe_lint.rule funcpipe_lint.config"
    " funcpipe_lint.check",
    "funcpipe_lint.cli.editor": "lsprotocol pygls funcpipe_lint funcpipe_lint.model"
    " funcpipe_lint.read funcpipe_lint.rule funcpipe_lint.config funcpipe_lint.check.fixing"
    " funcpipe_lint.check.runs funcpipe_lint.cli.report",
    "funcpipe_lint.cli": "libcst funcpipe_lint funcpipe_lint.model funcpipe_lint.read"
    " funcpipe_lint.rule funcpipe_lint.config funcpipe_lint.check"
    " lazy:funcpipe_lint.check.baseline funcpipe_lint.check.fixing"
    " lazy:funcpipe_lint.check.runs funcpipe_lint.cli.report lazy:funcpipe_lint.cli.editor",
    "funcpipe_lint.__main__": "lazy:funcpipe_lint.cli lazy:funcpipe_lint.read",
    "funcpipe_laws": "lazy:funcpipe_laws.declared lazy:funcpipe_laws.finding"
    " lazy:funcpipe_laws.finding.trying"
    " lazy:funcpipe_laws.purity lazy:funcpipe_laws.leaks lazy:funcpipe_laws.endpoints"
    " lazy:funcpipe_laws.checking",
    # What laws, instances and settings are; runs without a clock or a network.
    "funcpipe_laws.declared": "",
    "funcpipe_laws.simulation": "funcpipe_laws.declared",
    # What a function does when it is tried; what a module has; the laws.
    # What runs in a process of its own: builders, applications.
    "funcpipe_laws.apart": "pytest funcpipe_laws.declared funcpipe_laws.simulation"
    " lazy:funcpipe_laws.report",
    "funcpipe_laws.finding.trying": "funcpipe_laws.declared funcpipe_laws.simulation"
    " funcpipe_laws.apart",
    "funcpipe_laws.finding": "funcpipe_laws.declared funcpipe_laws.simulation"
    " funcpipe_laws.finding.trying",
    "funcpipe_laws.report": "lazy:jinja2 lazy:funcpipe_lint funcpipe_laws.declared"
    " funcpipe_laws.simulation",
    "funcpipe_laws.experiments": "hypothesis funcpipe_laws.declared funcpipe_laws.simulation"
    " funcpipe_laws.finding.trying",
    "funcpipe_laws.catalogue": "hypothesis funcpipe_laws.declared funcpipe_laws.simulation"
    " funcpipe_laws.finding.trying funcpipe_laws.experiments",
    "funcpipe_laws.purity": "pytest hypothesis funcpipe_lint.model funcpipe_lint.config"
    " funcpipe_lint.check funcpipe_laws.declared funcpipe_laws.simulation funcpipe_laws.finding"
    " funcpipe_laws.report funcpipe_laws.apart",
    # Streams that a test run leaves open.
    "funcpipe_laws.leaks": "pytest lazy:jinja2 lazy:funcpipe_lint lazy:funcpipe_lint.read"
    " lazy:funcpipe_lint.rule lazy:funcpipe_lint.config lazy:funcpipe_lint.check"
    " lazy:funcpipe_lint.check.fixing funcpipe_laws.declared funcpipe_laws.simulation"
    " funcpipe_laws.report",
    # Applications that are visited, and left.
    "funcpipe_laws.endpoints.sweeping": "funcpipe_laws.simulation funcpipe_laws.finding"
    " funcpipe_laws.leaks",
    "funcpipe_laws.endpoints.reporting": "lazy:jinja2 funcpipe_laws.declared"
    " funcpipe_laws.simulation funcpipe_laws.report funcpipe_laws.endpoints.sweeping",
    "funcpipe_laws.endpoints": "pytest funcpipe_laws.declared funcpipe_laws.simulation"
    " funcpipe_laws.finding funcpipe_laws.apart funcpipe_laws.endpoints.sweeping"
    " funcpipe_laws.endpoints.reporting",
    # Laws checked: by the command, by pytest.
    "funcpipe_laws.checking": "hypothesis lazy:pytest funcpipe_laws.declared"
    " funcpipe_laws.simulation funcpipe_laws.finding.trying funcpipe_laws.finding"
    " lazy:funcpipe_laws.report funcpipe_laws.experiments funcpipe_laws.catalogue"
    " funcpipe_laws.apart",
    "funcpipe_laws.checking.plugin": "pytest lazy:funcpipe_laws.declared"
    " lazy:funcpipe_laws.simulation lazy:funcpipe_laws.finding lazy:funcpipe_laws.report"
    " lazy:funcpipe_laws.catalogue lazy:funcpipe_laws.checking",
    # pytest loads it in everyone's runs: nothing of ours but the plugins it collects.
    "funcpipe_laws.pytest_plugin": "pytest lazy:hypothesis lazy:funcpipe_laws.declared"
    " lazy:funcpipe_laws.finding lazy:funcpipe_laws.report lazy:funcpipe_laws.apart"
    " funcpipe_laws.purity lazy:funcpipe_laws.leaks funcpipe_laws.endpoints"
    " lazy:funcpipe_laws.checking funcpipe_laws.checking.plugin",
    "funcpipe_laws.__main__": "funcpipe_laws.checking",
    "funcpipe_gate": "",
    "funcpipe_gate.record": "",
    "funcpipe_gate.config": "funcpipe_gate.record funcpipe_laws.declared funcpipe_lint.config"
    " funcpipe_lint.model",
    "funcpipe_gate.running": "",
    "funcpipe_gate.running.guard": "",
    "funcpipe_gate.running.process": "funcpipe_gate.running.guard funcpipe_laws.simulation",
    "funcpipe_gate.running.progress": "funcpipe_lint.model",
    "funcpipe_gate.running.affected": "funcpipe_gate.config funcpipe_lint.config"
    " funcpipe_lint.config funcpipe_lint.model funcpipe_lint.config",
    "funcpipe_gate.stages": "",
    "funcpipe_gate.stages.job": "funcpipe_gate.config funcpipe_gate.record"
    " funcpipe_gate.running.process",
    "funcpipe_gate.stages.*": "funcpipe_gate.config funcpipe_gate.record"
    " funcpipe_gate.running.process funcpipe_gate.stages.job funcpipe_laws.declared"
    " funcpipe_lint.model lazy:funcpipe_lint lazy:funcpipe_laws.leaks lazy:funcpipe_laws.report",
    "funcpipe_gate.running.gate": "funcpipe_gate.config funcpipe_gate.record"
    " funcpipe_gate.running funcpipe_gate.stages funcpipe_lint",
    "funcpipe_gate.report": "lazy:funcpipe_gate.record",
    "funcpipe_gate.report.text": "funcpipe_gate.record funcpipe_lint.model",
    "funcpipe_gate.report.shown": "funcpipe_gate.record funcpipe_lint.model",
    "funcpipe_gate.report.write": "funcpipe_gate.config funcpipe_gate.record"
    " funcpipe_gate.report funcpipe_laws.report",
    "funcpipe_gate.report.schema": "funcpipe_gate.record funcpipe_laws.report",
    "funcpipe_gate.report.html": "funcpipe_gate.record funcpipe_gate.report.text"
    " lazy:funcpipe_laws.report lazy:funcpipe_laws.report",
    "funcpipe_gate.report.*": "funcpipe_gate.record funcpipe_gate.report.text lazy:funcpipe_lint"
    " lazy:funcpipe_gate.stages.lint",
    "funcpipe_gate.setup": "",
    "funcpipe_gate.setup.look": "funcpipe_lint.config funcpipe_lint.program.facts"
    " funcpipe_lint.read lazy:funcpipe_laws.finding",
    "funcpipe_gate.setup.propose": "funcpipe_gate.record funcpipe_gate.setup.look"
    " funcpipe_gate.stages",
    "funcpipe_gate.setup.command": "funcpipe_gate.config funcpipe_gate.record"
    " funcpipe_gate.report.text funcpipe_gate.setup funcpipe_laws.report"
    " lazy:funcpipe_gate.running lazy:funcpipe_gate.stages.job",
    "funcpipe_gate.mcp_server": "mcp mcp_types funcpipe_gate.running.process funcpipe_lint",
    "funcpipe_gate.cli": "lazy:funcpipe_gate.mcp_server lazy:funcpipe_gate.setup"
    " funcpipe_gate.config funcpipe_gate.record funcpipe_gate.report"
    " funcpipe_laws.declared funcpipe_lint funcpipe_lint.model lazy:funcpipe_gate.running"
    " lazy:funcpipe_gate.stages.job",
    "funcpipe_gate.__main__": "lazy:funcpipe_gate.cli",
    "funcpipe_streams.result": "",
    "funcpipe_streams.attempt": "funcpipe_streams.result",
    # How a description is run.
    "funcpipe_streams.running": "funcpipe_streams.result",
    # The operations, sequential ones first.
    "funcpipe_streams.resource": "funcpipe_streams.running",
    "funcpipe_streams.shell": "funcpipe_streams.result funcpipe_streams.running",
    "funcpipe_streams.errors": "funcpipe_streams.result funcpipe_streams.attempt"
    " funcpipe_streams.running",
    "funcpipe_streams.stream": "funcpipe_streams.result funcpipe_streams.attempt"
    " funcpipe_streams.running",
    "funcpipe_streams.list_operations": "funcpipe_streams.result funcpipe_streams.attempt"
    " funcpipe_streams.running funcpipe_streams.stream",
    "funcpipe_streams.io_gen": "funcpipe_streams.result funcpipe_streams.running"
    " funcpipe_streams.stream",
    "funcpipe_streams.concurrent": "funcpipe_streams.result funcpipe_streams.running",
    "funcpipe_streams.chunk": "funcpipe_streams.result funcpipe_streams.running"
    " funcpipe_streams.concurrent",
    "funcpipe_streams.plan": "funcpipe_streams.result funcpipe_streams.attempt"
    " funcpipe_streams.running funcpipe_streams.stream funcpipe_streams.concurrent",
    "funcpipe_streams.policy": "funcpipe_streams.result funcpipe_streams.running"
    " funcpipe_streams.concurrent funcpipe_streams.plan",
    "funcpipe_streams": "funcpipe_streams.result funcpipe_streams.attempt funcpipe_streams.running"
    " funcpipe_streams.resource funcpipe_streams.shell funcpipe_streams.errors"
    " funcpipe_streams.stream funcpipe_streams.list_operations funcpipe_streams.io_gen"
    " funcpipe_streams.concurrent funcpipe_streams.chunk funcpipe_streams.plan"
    " funcpipe_streams.policy",
}


def modules() -> dict[str, Path]:
    """Every module of the three packages by its dotted name."""
    found = {}
    for package, folder in PACKAGES.items():
        for path in sorted(folder.rglob("*.py")):
            parts = [package, *path.relative_to(folder).with_suffix("").parts]
            if parts[-1] == "__init__":
                parts.pop()
            found[".".join(parts)] = path
    return found


MODULES = modules()


def imports(name: str, path: Path) -> list[tuple[str, bool, int]]:
    """(imported dotted name, is lazy, line) of each import statement, relative ones resolved."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found: list[tuple[str, bool, int]] = []

    def visit(node: ast.AST, lazy: bool) -> None:
        if isinstance(node, ast.Import):
            found.extend((alias.name, lazy, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parent = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parent, base] if base else parent)
            for alias in node.names:
                full = f"{base}.{alias.name}"
                found.append((full if full in MODULES else base, lazy, node.lineno))
        type_only = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        inner = lazy or type_only or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for child in ast.iter_child_nodes(node):
            visit(child, inner)

    visit(ast.parse(path.read_bytes()), False)
    return found


def layer_of(module: str) -> str:
    """The entry of the table that holds for a module: its own, or that of the nearest folder."""
    while module not in LAYERS and "." in module:
        module = module.rpartition(".")[0]
        if f"{module}.*" in LAYERS:
            return f"{module}.*"
    return module


def allows(allowed: list[str], imported: str, lazy: bool) -> bool:
    """Whether one of the allowed names covers the import."""
    layer = layer_of(imported) if imported in MODULES else imported.partition(".")[0]
    is_by_folder = not allowed[0].startswith("funcpipe_gate")
    names = {layer} if is_by_folder else _around(imported)
    return any(name in allowed or (lazy and f"lazy:{name}" in allowed) for name in names)


def _around(module: str) -> set[str]:
    """A module and the packages that it is in."""
    parts = module.split(".")
    return {".".join(parts[: end + 1]) for end in range(len(parts))}


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_downhill(module: str) -> None:
    """Each import of each module, lazy and type-only ones included, is in the table."""
    layer = layer_of(module)
    allowed = [layer, *LAYERS[layer].split()]
    wrong = [
        f"{MODULES[module].relative_to(ROOT)}:{line}: imports {imported}"
        for imported, lazy, line in imports(module, MODULES[module])
        if imported.partition(".")[0] not in sys.stdlib_module_names
        and not allows(allowed, imported, lazy)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_import_cycles() -> None:
    """Over all imports, lazy ones included, no module reaches itself again."""
    edges = {
        name: {i for i, _, _ in imports(name, path) if i in MODULES and i != name}
        for name, path in MODULES.items()
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join([*trail[trail.index(name) :], name])
        if name not in done:
            for target in sorted(edges[name]):
                visit(target, (*trail, name))
            done.add(name)

    for name in MODULES:
        visit(name, ())


def test_the_table_names_only_modules_that_exist() -> None:
    """An entry for a module that is gone would hide the next one of that name."""
    assert [m for m in LAYERS if m.removesuffix(".*") not in MODULES] == []


def test_the_table_runs_downhill() -> None:
    """A folder imports those above it in the table; those below it in lazy imports alone."""
    places = {name: place for place, name in enumerate(LAYERS)}
    wrong = [
        f"{name} imports {entry}"
        for name, allowed in LAYERS.items()
        if name.startswith(("funcpipe_lint", "funcpipe_laws.", "funcpipe_streams"))
        for entry in allowed.split()
        if places.get(entry, -1) > places[name]
    ]
    assert wrong == []


def test_folders_stay_small() -> None:
    """A dozen entries are read at a glance. Rules are found by their codes, however many."""
    top = PACKAGES["funcpipe_lint"]
    entries: dict[Path, set[str]] = {}
    for path in MODULES.values():
        if path.is_relative_to(top) and path.name[:2] != "fp":
            entries.setdefault(path.parent, set()).add(path.name)
            if path.parent != top:
                entries.setdefault(path.parent.parent, set()).add(path.parent.name)
    crowded = {str(folder): len(held) for folder, held in entries.items() if len(held) > 12}
    assert crowded == {}


def test_reference_folder_is_no_package() -> None:
    """With an __init__.py there the wheel would ship a top-level module named `reference`."""
    assert not (ROOT / "reference" / "__init__.py").exists()

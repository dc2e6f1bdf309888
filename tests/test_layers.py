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
    "funcpipe_lint.program.facts": "funcpipe_lint.model funcpipe_lint.read",
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
    "funcpipe_lint.__main__": "funcpipe_lint.cli",
    "funcpipe_laws": "lazy:funcpipe_laws",
    "funcpipe_laws.law": "",
    "funcpipe_laws.nearest": "",
    "funcpipe_laws.offers": "",
    "funcpipe_laws.instance": "funcpipe_laws.nearest funcpipe_laws.offers",
    "funcpipe_laws.schedule": "",
    "funcpipe_laws.tasks": "",
    "funcpipe_laws.stopped": "",
    "funcpipe_laws.clock": "",
    "funcpipe_laws.waiting": "funcpipe_laws.tasks",
    "funcpipe_laws.watchdog": "funcpipe_laws.clock funcpipe_laws.stopped funcpipe_laws.tasks",
    "funcpipe_laws.process": "funcpipe_laws.stopped funcpipe_laws.tasks",
    "funcpipe_laws.sim": "funcpipe_laws.stopped funcpipe_laws.tasks",
    "funcpipe_laws.stock": "funcpipe_laws.sim funcpipe_laws.tasks",
    "funcpipe_laws.callouts": "",
    "funcpipe_laws.world": "funcpipe_laws.callouts funcpipe_laws.schedule funcpipe_laws.sim"
    " funcpipe_laws.tasks",
    "funcpipe_laws.probes": "funcpipe_laws.instance funcpipe_laws.sim funcpipe_laws.world",
    "funcpipe_laws.trace": "funcpipe_laws.instance funcpipe_laws.law funcpipe_laws.world",
    "funcpipe_laws.unwatched": "",
    "funcpipe_laws.session": "funcpipe_laws.sim funcpipe_laws.stock funcpipe_laws.stopped"
    " funcpipe_laws.trace funcpipe_laws.unwatched funcpipe_laws.waiting funcpipe_laws.world",
    "funcpipe_laws.bench": "funcpipe_laws.instance funcpipe_laws.law funcpipe_laws.probes"
    " funcpipe_laws.schedule funcpipe_laws.session funcpipe_laws.trace funcpipe_laws.world",
    "funcpipe_laws.striking": "funcpipe_laws.bench funcpipe_laws.callouts funcpipe_laws.instance"
    " funcpipe_laws.law funcpipe_laws.trace",
    "funcpipe_laws.subjects": "funcpipe_laws.bench funcpipe_laws.fit funcpipe_laws.instance"
    " funcpipe_laws.offers funcpipe_laws.probes funcpipe_laws.trace",
    "funcpipe_laws.strategies": "hypothesis funcpipe_laws.callouts funcpipe_laws.instance"
    " funcpipe_laws.probes"
    " funcpipe_laws.subjects",
    "funcpipe_laws.catalogue": "funcpipe_laws.law",
    "funcpipe_laws.catalogue.*": "funcpipe_laws.bench funcpipe_laws.callouts funcpipe_laws.clock"
    " funcpipe_laws.fit funcpipe_laws.instance funcpipe_laws.law funcpipe_laws.probes"
    " funcpipe_laws.striking funcpipe_laws.subjects funcpipe_laws.trace",
    "funcpipe_laws.mutants": "funcpipe_laws.mutants",
    "funcpipe_laws.mutants.*": "funcpipe_laws.instance funcpipe_laws.mutants funcpipe_laws.offers",
    "funcpipe_laws.profile": "funcpipe_laws.clock",
    "funcpipe_laws.search": "hypothesis funcpipe_laws.bench funcpipe_laws.catalogue"
    " funcpipe_laws.clock funcpipe_laws.nearest"
    " funcpipe_laws.instance funcpipe_laws.law funcpipe_laws.process funcpipe_laws.profile"
    " funcpipe_laws.schedule funcpipe_laws.session funcpipe_laws.stopped"
    " funcpipe_laws.strategies"
    " funcpipe_laws.watchdog funcpipe_laws.world",
    "funcpipe_laws.pinpoint": "funcpipe_laws.tasks lazy:funcpipe_lint.config"
    " lazy:funcpipe_lint.check",
    "funcpipe_laws.purity": "funcpipe_laws.pinpoint funcpipe_laws.sim funcpipe_laws.tasks",
    "funcpipe_laws.inputs": "funcpipe_laws.bench funcpipe_laws.callouts"
    " funcpipe_laws.instance funcpipe_laws.probes",
    "funcpipe_laws.result_types": "funcpipe_laws.instance",
    "funcpipe_laws.fit": "funcpipe_laws.instance funcpipe_laws.offers funcpipe_laws.sim",
    "funcpipe_laws.importing": "funcpipe_laws.instance funcpipe_laws.tasks",
    "funcpipe_laws.models": "",
    "funcpipe_laws.conventions": "funcpipe_laws.fit funcpipe_laws.instance",
    "funcpipe_laws.named": "funcpipe_laws.conventions funcpipe_laws.fit funcpipe_laws.instance"
    " funcpipe_laws.models funcpipe_laws.offers",
    "funcpipe_laws.sightings": "funcpipe_laws.conventions funcpipe_laws.fit funcpipe_laws.instance"
    " funcpipe_laws.named funcpipe_laws.offers",
    "funcpipe_laws.discover": "funcpipe_laws.fit funcpipe_laws.importing funcpipe_laws.instance"
    " funcpipe_laws.result_types"
    " funcpipe_laws.offers funcpipe_laws.sightings",
    "funcpipe_laws.marble": "funcpipe_laws.instance funcpipe_laws.trace funcpipe_laws.world",
    "funcpipe_laws.report": "",
    "funcpipe_laws.report.text": "funcpipe_laws.law funcpipe_laws.marble",
    "funcpipe_laws.report.symptoms": "funcpipe_laws.law",
    "funcpipe_laws.report.record": "funcpipe_laws.law funcpipe_laws.marble"
    " funcpipe_laws.report.symptoms funcpipe_laws.report.text lazy:funcpipe_lint",
    "funcpipe_laws.report.causes": "funcpipe_laws.law funcpipe_laws.report.record",
    "funcpipe_laws.report.schema": "funcpipe_laws.report.record",
    "funcpipe_laws.report.markdown": "funcpipe_laws.report.causes funcpipe_laws.report.record",
    "funcpipe_laws.report.html": "funcpipe_laws.marble funcpipe_laws.report.causes"
    " funcpipe_laws.report.record"
    " funcpipe_laws.report.text lazy:jinja2",
    "funcpipe_laws.report.sheet": "funcpipe_laws.marble funcpipe_laws.report.write"
    " lazy:funcpipe_laws.report",
    "funcpipe_laws.report.write": "funcpipe_laws.report.record lazy:funcpipe_laws.report",
    "funcpipe_laws.suite": "funcpipe_laws.instance funcpipe_laws.law funcpipe_laws.offers"
    " funcpipe_laws.profile funcpipe_laws.tasks"
    " funcpipe_laws.schedule"
    " lazy:pytest lazy:funcpipe_laws.catalogue lazy:funcpipe_laws.search"
    " lazy:funcpipe_laws.report"
    " funcpipe_laws.nearest",
    "funcpipe_laws.config": "funcpipe_laws.profile funcpipe_laws.nearest",
    "funcpipe_laws.written": "funcpipe_laws.config",
    "funcpipe_laws.known_failures": "funcpipe_laws.config funcpipe_laws.instance"
    " funcpipe_laws.nearest funcpipe_laws.written",
    "funcpipe_laws.scaffold": "funcpipe_laws.config funcpipe_laws.discover"
    " funcpipe_laws.fit funcpipe_laws.instance",
    "funcpipe_laws.demands": "funcpipe_laws.config funcpipe_laws.discover funcpipe_laws.instance"
    " funcpipe_laws.nearest funcpipe_laws.sightings funcpipe_laws.suite",
    "funcpipe_laws.cli": "funcpipe_laws.catalogue funcpipe_laws.config funcpipe_laws.discover"
    " funcpipe_laws.instance funcpipe_laws.known_failures funcpipe_laws.law"
    " lazy:funcpipe_laws.scaffold"
    " funcpipe_laws.profile funcpipe_laws.suite lazy:funcpipe_laws.search"
    " lazy:funcpipe_laws.inputs"
    " lazy:funcpipe_laws.report lazy:funcpipe_laws.schedule"
    " funcpipe_laws.nearest lazy:funcpipe_laws.demands",
    "funcpipe_laws.__main__": "funcpipe_laws.cli",
    "funcpipe_laws.apart": "funcpipe_laws.pinpoint funcpipe_laws.tasks",
    "funcpipe_laws.endpoints": "",
    "funcpipe_laws.endpoints.request": "",
    "funcpipe_laws.endpoints.steps": "",
    "funcpipe_laws.endpoints.loops": "funcpipe_laws.sim funcpipe_laws.tasks",
    "funcpipe_laws.endpoints.watching": "funcpipe_laws.leaks.reading funcpipe_laws.pinpoint"
    " funcpipe_laws.tasks funcpipe_laws.world",
    "funcpipe_laws.endpoints.conversation": "funcpipe_laws.endpoints.request"
    " funcpipe_laws.endpoints.steps funcpipe_laws.endpoints.watching",
    "funcpipe_laws.endpoints.visit": "funcpipe_laws.tasks funcpipe_laws.world"
    " funcpipe_laws.endpoints.conversation funcpipe_laws.endpoints.request"
    " funcpipe_laws.endpoints.steps funcpipe_laws.endpoints.watching",
    "funcpipe_laws.endpoints.lifespan": "funcpipe_laws.endpoints.visit",
    "funcpipe_laws.endpoints.findings": "funcpipe_laws.tasks funcpipe_laws.endpoints.conversation"
    " funcpipe_laws.endpoints.request funcpipe_laws.endpoints.steps funcpipe_laws.endpoints.visit"
    " funcpipe_laws.endpoints.watching",
    "funcpipe_laws.endpoints.sweep": "funcpipe_laws.endpoints.findings"
    " funcpipe_laws.endpoints.steps funcpipe_laws.endpoints.lifespan funcpipe_laws.endpoints.loops"
    " funcpipe_laws.endpoints.request funcpipe_laws.endpoints.visit"
    " funcpipe_laws.endpoints.watching",
    "funcpipe_laws.endpoints.disconnects": "funcpipe_laws.endpoints.request"
    " funcpipe_laws.endpoints.steps funcpipe_laws.endpoints.sweep funcpipe_laws.endpoints.text"
    " funcpipe_laws.endpoints.visit",
    "funcpipe_laws.endpoints.picture": "funcpipe_laws.marble funcpipe_laws.world"
    " funcpipe_laws.endpoints.visit",
    "funcpipe_laws.endpoints.text": "funcpipe_laws.marble funcpipe_laws.endpoints.findings"
    " funcpipe_laws.endpoints.picture funcpipe_laws.endpoints.steps funcpipe_laws.endpoints.sweep",
    "funcpipe_laws.endpoints.record": "funcpipe_laws.report.record funcpipe_laws.report.sheet"
    " funcpipe_laws.endpoints.findings funcpipe_laws.endpoints.picture"
    " funcpipe_laws.endpoints.sweep funcpipe_laws.endpoints.text",
    "funcpipe_laws.endpoints.child": "funcpipe_laws.apart funcpipe_laws.importing"
    " funcpipe_laws.instance funcpipe_laws.endpoints.record funcpipe_laws.endpoints.request"
    " funcpipe_laws.endpoints.steps funcpipe_laws.endpoints.sweep",
    "funcpipe_laws.recording": "pytest lazy:funcpipe_laws.config lazy:funcpipe_laws.report",
    "funcpipe_laws.endpoints.known": "funcpipe_laws.endpoints.record funcpipe_laws.written",
    "funcpipe_laws.endpoints.plugin": "pytest funcpipe_laws.recording"
    " lazy:funcpipe_laws.apart lazy:funcpipe_laws.config"
    " lazy:funcpipe_laws.report lazy:funcpipe_laws.endpoints",
    "funcpipe_laws.leaks": "",
    "funcpipe_laws.leaks.model": "",
    "funcpipe_laws.leaks.options": "pytest",
    "funcpipe_laws.leaks.reading": "",
    "funcpipe_laws.leaks.reading.instructions": "",
    "funcpipe_laws.leaks.reading.bytecode": "funcpipe_laws.leaks.reading.instructions",
    "funcpipe_laws.leaks.reading.managers": "funcpipe_laws.leaks.reading.bytecode",
    "funcpipe_laws.leaks.reading.stacks": "funcpipe_laws.leaks.model"
    " funcpipe_laws.leaks.reading.instructions funcpipe_laws.tasks",
    "funcpipe_laws.leaks.reading.errors": "funcpipe_laws.leaks.model"
    " funcpipe_laws.leaks.reading.stacks",
    "funcpipe_laws.leaks.records": "funcpipe_laws.leaks.reading",
    "funcpipe_laws.leaks.remedies": "funcpipe_laws.leaks.model funcpipe_laws.leaks.reading",
    "funcpipe_laws.leaks.watch": "funcpipe_laws.leaks.model funcpipe_laws.leaks.reading"
    " funcpipe_laws.leaks.records funcpipe_laws.leaks.remedies",
    "funcpipe_laws.leaks.hooking": "",
    "funcpipe_laws.leaks.hooking.patches": "funcpipe_laws.unwatched",
    "funcpipe_laws.leaks.hooking.monitoring": "funcpipe_laws.leaks.reading"
    " funcpipe_laws.leaks.records funcpipe_laws.leaks.watch",
    "funcpipe_laws.leaks.hooking.coroutines": "funcpipe_laws.leaks.hooking.patches"
    " funcpipe_laws.leaks.watch",
    "funcpipe_laws.leaks.hooking.set_hooks": "funcpipe_laws.leaks.hooking.monitoring"
    " funcpipe_laws.leaks.hooking.patches funcpipe_laws.leaks.watch",
    "funcpipe_laws.leaks.hooking.asyncio_loops": "funcpipe_laws.leaks.hooking.monitoring"
    " funcpipe_laws.leaks.hooking.patches funcpipe_laws.leaks.watch",
    "funcpipe_laws.leaks.hooking.trio_loops": "funcpipe_laws.leaks.hooking.monitoring"
    " funcpipe_laws.leaks.hooking.patches funcpipe_laws.leaks.hooking.set_hooks"
    " funcpipe_laws.leaks.watch",
    "funcpipe_laws.leaks.hooking.hooks": "funcpipe_laws.leaks.hooking funcpipe_laws.leaks.watch",
    "funcpipe_laws.leaks.reporting": "",
    "funcpipe_laws.leaks.reporting.record": "funcpipe_laws.leaks.model",
    "funcpipe_laws.leaks.reporting.text": "funcpipe_laws.leaks.model"
    " funcpipe_laws.leaks.reporting.record",
    "funcpipe_laws.leaks.reporting.sheet": "funcpipe_laws.leaks.model"
    " funcpipe_laws.leaks.reporting.record funcpipe_laws.leaks.reporting.text"
    " funcpipe_laws.report.sheet",
    "funcpipe_laws.leaks.marks": "pytest funcpipe_laws.config",
    "funcpipe_laws.leaks.fixing": "funcpipe_laws.leaks.model funcpipe_laws.leaks.reading"
    " funcpipe_laws.leaks.reporting lazy:funcpipe_lint",
    "funcpipe_laws.leaks.live": "funcpipe_laws.leaks.hooking funcpipe_laws.leaks.model"
    " funcpipe_laws.leaks.reading funcpipe_laws.leaks.reporting funcpipe_laws.leaks.watch",
    "funcpipe_laws.leaks.gathering": "pytest funcpipe_laws.leaks.model funcpipe_laws.written"
    " funcpipe_laws.leaks.reporting lazy:funcpipe_laws.leaks.fixing"
    " lazy:funcpipe_laws.report",
    "funcpipe_laws.leaks.plugin": "pytest funcpipe_laws.config funcpipe_laws.leaks"
    " funcpipe_laws.written"
    " funcpipe_laws.report.write",
    "funcpipe_laws.census": "",
    "funcpipe_laws.census.find": "funcpipe_laws.instance funcpipe_laws.tasks"
    " funcpipe_lint.check funcpipe_lint.model funcpipe_lint.config funcpipe_lint.check",
    "funcpipe_laws.census.examples": "",
    "funcpipe_laws.census.arguments": "hypothesis funcpipe_laws.census.examples",
    "funcpipe_laws.census.trial": "hypothesis funcpipe_laws.importing funcpipe_laws.instance"
    " funcpipe_laws.purity funcpipe_laws.census.arguments funcpipe_laws.census.examples",
    "funcpipe_laws.census.child": "funcpipe_laws.apart funcpipe_laws.importing"
    " funcpipe_laws.instance lazy:funcpipe_laws.census.trial",
    "funcpipe_laws.census.record": "funcpipe_laws.report.sheet funcpipe_laws.census.find",
    "funcpipe_laws.census.plugin": "pytest funcpipe_laws.recording"
    " lazy:hypothesis lazy:funcpipe_laws.apart"
    " lazy:funcpipe_laws.config lazy:funcpipe_laws.instance lazy:funcpipe_laws.report"
    " lazy:funcpipe_laws.census",
    "funcpipe_laws.pytest_plugin": "pytest funcpipe_laws.census.plugin"
    " funcpipe_laws.endpoints.plugin lazy:hypothesis lazy:funcpipe_laws.leaks"
    " lazy:funcpipe_laws.catalogue lazy:funcpipe_laws.config lazy:funcpipe_laws.discover"
    " lazy:funcpipe_laws.instance lazy:funcpipe_laws.known_failures lazy:funcpipe_laws.scaffold"
    " lazy:funcpipe_laws.report lazy:funcpipe_laws.schedule lazy:funcpipe_laws.suite"
    " lazy:funcpipe_laws.watchdog lazy:funcpipe_laws.demands",
    "funcpipe_gate": "",
    "funcpipe_gate.record": "",
    "funcpipe_gate.config": "funcpipe_gate.record funcpipe_laws.nearest funcpipe_lint.config",
    "funcpipe_gate.running": "",
    "funcpipe_gate.running.process": "funcpipe_laws.tasks",
    "funcpipe_gate.running.progress": "",
    "funcpipe_gate.running.affected": "funcpipe_gate.config funcpipe_lint.config"
    " funcpipe_lint.config funcpipe_lint.model funcpipe_lint.config",
    "funcpipe_gate.stages": "",
    "funcpipe_gate.stages.job": "funcpipe_gate.config funcpipe_gate.record"
    " funcpipe_gate.running.process",
    "funcpipe_gate.stages.*": "funcpipe_gate.config funcpipe_gate.record"
    " funcpipe_gate.running.process funcpipe_gate.stages.job funcpipe_lint.model"
    " lazy:funcpipe_lint lazy:funcpipe_laws.leaks.reporting",
    "funcpipe_gate.running.gate": "funcpipe_gate.config funcpipe_gate.record"
    " funcpipe_gate.running funcpipe_gate.stages funcpipe_lint",
    "funcpipe_gate.report": "lazy:funcpipe_gate.record",
    "funcpipe_gate.report.text": "funcpipe_gate.record funcpipe_lint.model",
    "funcpipe_gate.report.write": "funcpipe_gate.config funcpipe_gate.record"
    " funcpipe_gate.report funcpipe_laws.report.write",
    "funcpipe_gate.report.schema": "funcpipe_gate.record funcpipe_laws.report.schema",
    "funcpipe_gate.report.html": "funcpipe_gate.record funcpipe_gate.report.text"
    " lazy:funcpipe_laws.marble lazy:funcpipe_laws.report",
    "funcpipe_gate.report.*": "funcpipe_gate.record funcpipe_gate.report.text lazy:funcpipe_lint"
    " lazy:funcpipe_gate.stages.lint",
    "funcpipe_gate.setup": "",
    "funcpipe_gate.setup.look": "funcpipe_lint.config funcpipe_lint.config"
    " lazy:funcpipe_laws.discover",
    "funcpipe_gate.setup.propose": "funcpipe_gate.record funcpipe_gate.setup.look",
    "funcpipe_gate.setup.command": "funcpipe_gate.config funcpipe_gate.record"
    " funcpipe_gate.report.text funcpipe_gate.setup funcpipe_laws.report.write"
    " lazy:funcpipe_gate.running lazy:funcpipe_gate.stages.job",
    "funcpipe_gate.mcp_server": "mcp mcp_types funcpipe_gate.running.process funcpipe_lint",
    "funcpipe_gate.cli": "lazy:funcpipe_gate.mcp_server lazy:funcpipe_gate.setup"
    " funcpipe_gate.config funcpipe_gate.record funcpipe_gate.report"
    " funcpipe_laws.nearest funcpipe_lint funcpipe_lint.model lazy:funcpipe_gate.running"
    " lazy:funcpipe_gate.stages.job",
    "funcpipe_gate.__main__": "funcpipe_gate.cli",
    "funcpipe_streams": "funcpipe_streams",
    "funcpipe_streams.result": "",
    "funcpipe_streams.driving": "",
    "funcpipe_streams.release": "funcpipe_streams.driving",
    "funcpipe_streams.frames": "funcpipe_streams.release",
    "funcpipe_streams.fuse": "funcpipe_streams.release funcpipe_streams.result",
    "funcpipe_streams.description": "funcpipe_streams.frames funcpipe_streams.fuse"
    " funcpipe_streams.release funcpipe_streams.result",
    "funcpipe_streams.attempt": "funcpipe_streams.result",
    "funcpipe_streams.stream": "funcpipe_streams.attempt funcpipe_streams.description"
    " funcpipe_streams.fuse funcpipe_streams.release"
    " funcpipe_streams.result",
    "funcpipe_streams.select": "funcpipe_streams.attempt funcpipe_streams.description"
    " funcpipe_streams.fuse funcpipe_streams.release"
    " funcpipe_streams.result funcpipe_streams.stream",
    "funcpipe_streams.errors": "funcpipe_streams.attempt funcpipe_streams.description"
    " funcpipe_streams.fuse funcpipe_streams.release"
    " funcpipe_streams.result",
    "funcpipe_streams.plan": "funcpipe_streams.attempt funcpipe_streams.concurrent"
    " funcpipe_streams.description funcpipe_streams.fuse"
    " funcpipe_streams.release funcpipe_streams.result"
    " funcpipe_streams.stream",
    "funcpipe_streams.policy": "funcpipe_streams.concurrent funcpipe_streams.description"
    " funcpipe_streams.driving"
    " funcpipe_streams.plan funcpipe_streams.release"
    " funcpipe_streams.result",
    "funcpipe_streams.io_gen": "funcpipe_streams.description funcpipe_streams.fuse"
    " funcpipe_streams.release funcpipe_streams.result"
    " funcpipe_streams.stream",
    "funcpipe_streams.pumps": "funcpipe_streams.description funcpipe_streams.release"
    " funcpipe_streams.tasks",
    "funcpipe_streams.workers": "funcpipe_streams.description funcpipe_streams.fuse"
    " funcpipe_streams.release funcpipe_streams.result"
    " funcpipe_streams.tasks",
    "funcpipe_streams.concurrent": "funcpipe_streams.description funcpipe_streams.pumps"
    " funcpipe_streams.result funcpipe_streams.workers",
    "funcpipe_streams.chunk": "funcpipe_streams.concurrent funcpipe_streams.description"
    " funcpipe_streams.fuse"
    " funcpipe_streams.pumps funcpipe_streams.release"
    " funcpipe_streams.result",
    "funcpipe_streams.tasks": "funcpipe_streams.release",
    "funcpipe_streams.resource": "funcpipe_streams.description",
    "funcpipe_streams.shell": "funcpipe_streams.description funcpipe_streams.fuse"
    " funcpipe_streams.release"
    " funcpipe_streams.result",
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
    names = {layer} if allowed[0].startswith("funcpipe_lint") else _around(imported)
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
        if name.startswith("funcpipe_lint")
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

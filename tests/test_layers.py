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

# What a module may import besides the standard library. "lazy:" names may be imported only inside a
# function or under TYPE_CHECKING; a package name stands for every module below it.
LAYERS: dict[str, str] = {
    "funcpipe_lint": "",
    "funcpipe_lint.model": "",
    "funcpipe_lint.source": "",
    "funcpipe_lint.packages": "",
    "funcpipe_lint.store": "",
    "funcpipe_lint.user_key": "funcpipe_lint.source",
    "funcpipe_lint.cache": (
        "funcpipe_lint.user_key "
        "funcpipe_lint funcpipe_lint.model funcpipe_lint.packages funcpipe_lint.source"
        " funcpipe_lint.store funcpipe_lint.program.links lazy:funcpipe_lint.program.keeping"
    ),
    "funcpipe_lint.searching": "",
    "funcpipe_lint.screening.prefilter": (
        "funcpipe_lint.kit funcpipe_lint.model funcpipe_lint.rules funcpipe_lint.searching"
        " funcpipe_lint.vocabulary"
    ),
    "funcpipe_lint.screen": ("funcpipe_lint.vocabulary"),
    "funcpipe_lint.screening": "",
    "funcpipe_lint.slices": "",
    "funcpipe_lint.vocabulary": "",
    "funcpipe_lint.screening.screens": "funcpipe_lint.screen",
    "funcpipe_lint.mentions": "funcpipe_lint.searching",
    "funcpipe_lint.screening.extents": ("funcpipe_lint.mentions"),
    "funcpipe_lint.screening.blocks": (
        "funcpipe_lint.screening.extents funcpipe_lint.mentions funcpipe_lint.nodes"
        " funcpipe_lint.screening.prefilter"
    ),
    "funcpipe_lint.screening.words": (
        "funcpipe_lint.screening.aliases funcpipe_lint.screening.blocks"
        " funcpipe_lint.mentions funcpipe_lint.model funcpipe_lint.nodes"
        " funcpipe_lint.searching funcpipe_lint.vocabulary"
    ),
    "funcpipe_lint.screening.frames": "",
    "funcpipe_lint.screening.facts": (
        "funcpipe_lint.screening.frames funcpipe_lint.nodes funcpipe_lint.screen"
        " funcpipe_lint.screening.words"
    ),
    "funcpipe_lint.screening.orphans": "funcpipe_lint.nodes funcpipe_lint.screening.words",
    "funcpipe_lint.screening.shapes": (
        "funcpipe_lint.screening.facts funcpipe_lint.nodes funcpipe_lint.screening.orphans"
        " funcpipe_lint.screen funcpipe_lint.screening.words"
    ),
    "funcpipe_lint.screening.typed": (
        "funcpipe_lint.mentions funcpipe_lint.model funcpipe_lint.screening.prefilter"
        " funcpipe_lint.vocabulary"
    ),
    "funcpipe_lint.screening.discarded": (
        "funcpipe_lint.screening.extents funcpipe_lint.mentions funcpipe_lint.nodes"
        " funcpipe_lint.screening.typed"
    ),
    "funcpipe_lint.screening.aliases": "funcpipe_lint.mentions funcpipe_lint.vocabulary",
    "funcpipe_lint.screening.building": (
        "funcpipe_lint.screening.aliases funcpipe_lint.screening.blocks"
        " funcpipe_lint.screening.describing funcpipe_lint.screening.extents"
        " funcpipe_lint.mentions funcpipe_lint.model funcpipe_lint.screen"
        " funcpipe_lint.syntax funcpipe_lint.vocabulary funcpipe_lint.screening.words"
    ),
    "funcpipe_lint.effects": "",
    "funcpipe_lint.screening.describing": (
        "funcpipe_lint.screening.calls funcpipe_lint.effects funcpipe_lint.nodes"
        " funcpipe_lint.screen funcpipe_lint.vocabulary funcpipe_lint.screening.words"
    ),
    "funcpipe_lint.screening.calls": (
        "funcpipe_lint.screening.facts funcpipe_lint.nodes funcpipe_lint.screen"
        " funcpipe_lint.vocabulary funcpipe_lint.screening.words"
    ),
    "funcpipe_lint.screening.strict": (
        "funcpipe_lint.screening.aliases funcpipe_lint.screening.calls"
        " funcpipe_lint.screening.facts funcpipe_lint.screening.frames funcpipe_lint.model"
        " funcpipe_lint.nodes funcpipe_lint.screen funcpipe_lint.vocabulary"
        " funcpipe_lint.screening.words"
    ),
    "funcpipe_lint.screening.opting": (
        "funcpipe_lint.model funcpipe_lint.nodes funcpipe_lint.vocabulary"
    ),
    "funcpipe_lint.screening.wording": (
        "funcpipe_lint.screening.aliases funcpipe_lint.model"
        " funcpipe_lint.screening.prefilter funcpipe_lint.screen funcpipe_lint.vocabulary"
        " funcpipe_lint.screening.words"
    ),
    "funcpipe_lint.screening.functions": (
        "funcpipe_lint.screening.blocks funcpipe_lint.screening.extents"
        " funcpipe_lint.model funcpipe_lint.screen funcpipe_lint.screening.wording"
        " funcpipe_lint.screening.words"
    ),
    "funcpipe_lint.screening.protocol": (
        "funcpipe_lint.nodes funcpipe_lint.screen funcpipe_lint.screening.blocks"
        " funcpipe_lint.screening.facts funcpipe_lint.screening.words funcpipe_lint.vocabulary"
    ),
    "funcpipe_lint.screening.candidates": (
        "funcpipe_lint.screening.protocol "
        "funcpipe_lint.screening.blocks funcpipe_lint.screening.building"
        " funcpipe_lint.screening.discarded funcpipe_lint.screening.facts"
        " funcpipe_lint.screening.functions funcpipe_lint.model"
        " funcpipe_lint.screening.strict funcpipe_lint.screening.prefilter"
        " funcpipe_lint.screening.opting funcpipe_lint.vocabulary funcpipe_lint.rules"
        " funcpipe_lint.screen funcpipe_lint.screening.screens"
        " funcpipe_lint.screening.shapes funcpipe_lint.source"
        " funcpipe_lint.screening.typed funcpipe_lint.screening.words"
        " lazy:funcpipe_lint.rule"
    ),
    "funcpipe_lint.offsets": "",
    "funcpipe_lint.slices.outline": "funcpipe_lint.mentions",
    "funcpipe_lint.screening.spelling": "funcpipe_lint.slices.outline",
    "funcpipe_lint.slices.slicing": (
        "funcpipe_lint.kit funcpipe_lint.model funcpipe_lint.offsets funcpipe_lint.screen"
        " funcpipe_lint.slices.outline funcpipe_lint.slices.rebinding"
        " funcpipe_lint.vocabulary funcpipe_lint.screening.wording"
        " funcpipe_lint.screening.words"
    ),
    "funcpipe_lint.slices.rebinding": "funcpipe_lint.nodes funcpipe_lint.syntax",
    "funcpipe_lint.nodes": "",
    "funcpipe_lint.nesting": "funcpipe_lint.nodes",
    "funcpipe_lint.spans": "libcst funcpipe_lint.offsets",
    "funcpipe_lint.tree": "libcst funcpipe_lint.mentions funcpipe_lint.offsets funcpipe_lint.spans",
    "funcpipe_lint.bindings": "libcst funcpipe_lint.tree",
    "funcpipe_lint.names": (
        "libcst funcpipe_lint.bindings funcpipe_lint.tree funcpipe_lint.vocabulary"
    ),
    "funcpipe_lint.flow": "libcst funcpipe_lint.tree funcpipe_lint.names",
    "funcpipe_lint.annotations": (
        "libcst funcpipe_lint.model funcpipe_lint.tree funcpipe_lint.names"
    ),
    "funcpipe_lint.results": (
        "libcst funcpipe_lint.tree funcpipe_lint.names funcpipe_lint.flow funcpipe_lint.annotations"
    ),
    "funcpipe_lint.functions": (
        "libcst funcpipe_lint.bindings funcpipe_lint.flow funcpipe_lint.names funcpipe_lint.tree "
        "funcpipe_lint.vocabulary"
    ),
    "funcpipe_lint.opting": (
        "libcst funcpipe_lint.model funcpipe_lint.tree funcpipe_lint.names "
        "funcpipe_lint.annotations funcpipe_lint.kit"
    ),
    "funcpipe_lint.streams": (
        "libcst funcpipe_lint.model funcpipe_lint.tree funcpipe_lint.names funcpipe_lint.flow "
        "funcpipe_lint.annotations funcpipe_lint.functions funcpipe_lint.kit funcpipe_lint.opting"
    ),
    "funcpipe_lint.edits": (
        "libcst funcpipe_lint.model funcpipe_lint.tree funcpipe_lint.names funcpipe_lint.offsets"
    ),
    "funcpipe_lint.rule": (
        "libcst funcpipe_lint.model funcpipe_lint.screen funcpipe_lint.tree funcpipe_lint.names "
        "funcpipe_lint.flow funcpipe_lint.functions funcpipe_lint.annotations "
        "funcpipe_lint.results funcpipe_lint.streams funcpipe_lint.edits"
    ),
    "funcpipe_lint.builders": (
        "libcst funcpipe_lint.model funcpipe_lint.offsets funcpipe_lint.packages"
        " funcpipe_lint.rule funcpipe_lint.single funcpipe_lint.source funcpipe_lint.syntax"
        " funcpipe_lint.tree"
    ),
    "funcpipe_lint.closing": (
        "libcst funcpipe_lint.model funcpipe_lint.streams funcpipe_lint.tree funcpipe_lint.rule "
        "funcpipe_lint.kit"
    ),
    "funcpipe_lint.kit": "",
    "funcpipe_lint.shell": "libcst funcpipe_lint.rule",
    "funcpipe_lint.values": "libcst funcpipe_lint.bindings funcpipe_lint.rule",
    "funcpipe_lint.accumulation": (
        "libcst funcpipe_lint.bindings funcpipe_lint.flow funcpipe_lint.rule"
    ),
    "funcpipe_lint.replaying": "libcst funcpipe_lint.flow funcpipe_lint.model funcpipe_lint.rule",
    "funcpipe_lint.handlers": "libcst funcpipe_lint.names funcpipe_lint.tree",
    "funcpipe_lint.naming": "libcst funcpipe_lint.flow funcpipe_lint.tree",
    "funcpipe_lint.managers": (
        "libcst funcpipe_lint.flow funcpipe_lint.kit funcpipe_lint.model funcpipe_lint.rule"
        " funcpipe_lint.vocabulary"
    ),
    "funcpipe_lint.tasks": "libcst funcpipe_lint.flow funcpipe_lint.rule funcpipe_lint.vocabulary",
    "funcpipe_lint.rules": "funcpipe_lint.model funcpipe_lint.rules.table lazy:funcpipe_lint.rule",
    "funcpipe_lint.rules.table": "funcpipe_lint.model",
    # A rule imports what a team's own rules may: never another rule.
    "funcpipe_lint.rules.*": (
        "libcst funcpipe_lint.model funcpipe_lint.screen funcpipe_lint.tree "
        "funcpipe_lint.bindings funcpipe_lint.names funcpipe_lint.functions "
        "funcpipe_lint.flow funcpipe_lint.annotations funcpipe_lint.results funcpipe_lint.streams "
        "funcpipe_lint.edits funcpipe_lint.rule funcpipe_lint.closing funcpipe_lint.values "
        "funcpipe_lint.accumulation funcpipe_lint.handlers funcpipe_lint.naming "
        "funcpipe_lint.replaying "
        "funcpipe_lint.managers funcpipe_lint.tasks funcpipe_lint.shell funcpipe_lint.kit "
        "funcpipe_lint.vocabulary funcpipe_lint.effects"
    ),
    # The program: facts of modules and what they are to each other.
    "funcpipe_lint.program": "",
    "funcpipe_lint.program.links": "funcpipe_lint.model funcpipe_lint.screening.prefilter",
    "funcpipe_lint.program.expressions": "",
    "funcpipe_lint.program.facts": "funcpipe_lint.program.expressions",
    "funcpipe_lint.program.keeping": "funcpipe_lint.store funcpipe_lint.program.facts",
    "funcpipe_lint.program.holding": (
        "funcpipe_lint.nodes funcpipe_lint.vocabulary funcpipe_lint.program.expressions"
        " funcpipe_lint.program.facts"
    ),
    "funcpipe_lint.program.reading": (
        "funcpipe_lint.nodes funcpipe_lint.offsets funcpipe_lint.program.expressions"
        " funcpipe_lint.program.facts funcpipe_lint.program.holding funcpipe_lint.vocabulary"
    ),
    "funcpipe_lint.program.roots": "",
    "funcpipe_lint.program.modules": (
        "funcpipe_lint.source funcpipe_lint.syntax funcpipe_lint.program.keeping"
        " funcpipe_lint.program.expressions"
        " funcpipe_lint.program.facts funcpipe_lint.program.reading"
        " funcpipe_lint.program.roots"
    ),
    "funcpipe_lint.program.asked": (
        "funcpipe_lint.source funcpipe_lint.program.facts funcpipe_lint.program.links"
        " funcpipe_lint.program.modules funcpipe_lint.program.roots"
    ),
    "funcpipe_lint.program.entities": "funcpipe_lint.program.expressions",
    "funcpipe_lint.program.names": (
        "funcpipe_lint.program.asked funcpipe_lint.program.facts funcpipe_lint.program.roots"
    ),
    "funcpipe_lint.program.classes": (
        "funcpipe_lint.program.asked funcpipe_lint.program.entities"
        " funcpipe_lint.program.expressions funcpipe_lint.program.facts"
    ),
    "funcpipe_lint.program.typing": (
        "funcpipe_lint.vocabulary funcpipe_lint.program.asked"
        " funcpipe_lint.program.classes funcpipe_lint.program.entities"
        " funcpipe_lint.program.expressions funcpipe_lint.program.facts"
        " funcpipe_lint.program.names"
    ),
    "funcpipe_lint.program.owning": (
        "funcpipe_lint.vocabulary funcpipe_lint.program.classes"
        " funcpipe_lint.program.entities funcpipe_lint.program.expressions"
        " funcpipe_lint.program.facts funcpipe_lint.program.typing"
    ),
    "funcpipe_lint.program.linking": (
        "funcpipe_lint.model funcpipe_lint.source funcpipe_lint.program.asked"
        " funcpipe_lint.program.entities funcpipe_lint.program.expressions"
        " funcpipe_lint.program.facts funcpipe_lint.program.modules"
        " funcpipe_lint.program.keeping funcpipe_lint.program.links"
        " funcpipe_lint.program.owning funcpipe_lint.program.roots"
        " funcpipe_lint.program.typing lazy:funcpipe_lint.notebook lazy:funcpipe_lint.ipynb"
    ),
    "funcpipe_lint.options": "",
    "funcpipe_lint.budget": "funcpipe_lint.model",
    "funcpipe_lint.plugins": (
        "funcpipe_lint.model funcpipe_lint.rules"
        " lazy:libcst lazy:funcpipe_lint.rule lazy:funcpipe_lint.screen"
    ),
    "funcpipe_lint.config": (
        "funcpipe_lint.model funcpipe_lint.options funcpipe_lint.rules lazy:funcpipe_lint.plugins"
    ),
    "funcpipe_lint.oldest_python": "",
    "funcpipe_lint.visible": "",
    "funcpipe_lint.resolver": (
        "funcpipe_lint.config funcpipe_lint.model funcpipe_lint.oldest_python funcpipe_lint.source"
    ),
    "funcpipe_lint.suppress": "funcpipe_lint.model",
    "funcpipe_lint.interruption": "",
    "funcpipe_lint.syntax": (
        "funcpipe_lint.interruption funcpipe_lint.model funcpipe_lint.source lazy:libcst"
    ),
    "funcpipe_lint.judging": (
        "funcpipe_lint.interruption funcpipe_lint.model funcpipe_lint.rules lazy:funcpipe_lint.rule"
    ),
    "funcpipe_lint.engine": (
        "funcpipe_lint.nesting funcpipe_lint.screen funcpipe_lint.packages"
        " funcpipe_lint.screening.prefilter"
        " funcpipe_lint.syntax funcpipe_lint.model funcpipe_lint.screening.candidates"
        " funcpipe_lint.source funcpipe_lint.rules"
        " funcpipe_lint.screening.spelling"
        " funcpipe_lint.offsets"
        " funcpipe_lint.slices.slicing funcpipe_lint.judging lazy:libcst lazy:funcpipe_lint.rule"
        " lazy:funcpipe_lint.suppress lazy:funcpipe_lint.tree lazy:funcpipe_lint.plugins"
        " lazy:funcpipe_lint.notebook funcpipe_lint.interruption"
        " funcpipe_lint.program.links lazy:funcpipe_lint.program.linking"
    ),
    "funcpipe_lint.magics": "funcpipe_lint.syntax",
    "funcpipe_lint.ipynb": "funcpipe_lint.source",
    "funcpipe_lint.notebook": (
        "funcpipe_lint.ipynb funcpipe_lint.magics funcpipe_lint.model funcpipe_lint.source"
        " funcpipe_lint.syntax"
    ),
    # A team's rules on their examples: everything that runs a rule.
    "funcpipe_lint.examples": (
        "libcst funcpipe_lint.config funcpipe_lint.resolver funcpipe_lint.engine"
        " funcpipe_lint.fix funcpipe_lint.model"
        " funcpipe_lint.pages funcpipe_lint.plugins funcpipe_lint.rule funcpipe_lint.source"
    ),
    "funcpipe_lint.discover": "funcpipe_lint.model funcpipe_lint.config funcpipe_lint.resolver",
    "funcpipe_lint.single": (
        "funcpipe_lint.budget funcpipe_lint.interruption funcpipe_lint.model"
        " funcpipe_lint.screening.prefilter"
        " funcpipe_lint.source"
        " funcpipe_lint.syntax lazy:funcpipe_lint.engine lazy:libcst"
    ),
    "funcpipe_lint.workers": (
        "funcpipe_lint.budget funcpipe_lint.model funcpipe_lint.packages funcpipe_lint.single"
    ),
    "funcpipe_lint.progress": "",
    "funcpipe_lint.watching": (
        "funcpipe_lint.config funcpipe_lint.resolver funcpipe_lint.discover"
        " funcpipe_lint.model funcpipe_lint.source funcpipe_lint.visible"
        " funcpipe_lint.interruption"
    ),
    "funcpipe_lint.remote": "funcpipe_lint funcpipe_lint.model lazy:distributed",
    "funcpipe_lint.run": (
        "funcpipe_lint.model funcpipe_lint.config funcpipe_lint.resolver funcpipe_lint.discover"
        " funcpipe_lint.packages"
        " funcpipe_lint.single funcpipe_lint.source funcpipe_lint.interruption"
        " lazy:funcpipe_lint.cache lazy:funcpipe_lint.fix lazy:funcpipe_lint.workers"
        " lazy:funcpipe_lint.writing"
        " funcpipe_lint.program.links lazy:funcpipe_lint.program.linking"
    ),
    "funcpipe_lint.pages": (
        "funcpipe_lint.model funcpipe_lint.options funcpipe_lint.rules lazy:funcpipe_lint.rule"
    ),
    "funcpipe_lint.writing": "",
    "funcpipe_lint.renames": "",
    "funcpipe_lint.baseline": (
        "funcpipe_lint.model funcpipe_lint.renames funcpipe_lint.texts"
        " funcpipe_lint.writing funcpipe_lint.source"
    ),
    "funcpipe_lint.silence": (
        "funcpipe_lint.model funcpipe_lint.edits funcpipe_lint.rules funcpipe_lint.source"
        " funcpipe_lint.writing lazy:funcpipe_lint.notebook lazy:funcpipe_lint.ipynb"
    ),
    "funcpipe_lint.texts": (
        "funcpipe_lint.model funcpipe_lint.source lazy:funcpipe_lint.notebook"
        " lazy:funcpipe_lint.ipynb"
    ),
    "funcpipe_lint.report": "funcpipe_lint.model lazy:funcpipe_lint.texts",
    "funcpipe_lint.report.concise": "funcpipe_lint.model funcpipe_lint.visible",
    "funcpipe_lint.report.text": (
        "funcpipe_lint.model funcpipe_lint.texts funcpipe_lint.report"
        " funcpipe_lint.report.concise funcpipe_lint.visible"
    ),
    "funcpipe_lint.report.diff": (
        "funcpipe_lint.report.concise funcpipe_lint.source lazy:funcpipe_lint.notebook"
        " funcpipe_lint.visible"
    ),
    "funcpipe_lint.report.*": (
        "funcpipe_lint.model funcpipe_lint.texts funcpipe_lint funcpipe_lint.pages"
        " funcpipe_lint.rules"
        " funcpipe_lint.report.concise"
    ),
    "funcpipe_lint.effective": (
        "funcpipe_lint.model funcpipe_lint.config funcpipe_lint.resolver"
        " funcpipe_lint.discover funcpipe_lint.options funcpipe_lint.rules"
        " funcpipe_lint.visible lazy:funcpipe_lint.counted"
    ),
    "funcpipe_lint.counted": (
        "funcpipe_lint.config funcpipe_lint.discover funcpipe_lint.interruption"
        " funcpipe_lint.model funcpipe_lint.rules funcpipe_lint.single funcpipe_lint.source"
        " lazy:libcst lazy:funcpipe_lint.opting lazy:funcpipe_lint.packages"
        " lazy:funcpipe_lint.rule lazy:funcpipe_lint.tree"
    ),
    "funcpipe_lint.recorded": (
        "funcpipe_lint.model funcpipe_lint.config funcpipe_lint.discover funcpipe_lint.texts"
        " funcpipe_lint.run funcpipe_lint.baseline"
    ),
    "funcpipe_lint.check_options": "funcpipe_lint.options",
    "funcpipe_lint.arguments": (
        "funcpipe_lint funcpipe_lint.check_options lazy:funcpipe_lint.config"
        " lazy:funcpipe_lint.visible"
    ),
    "funcpipe_lint.changed": "funcpipe_lint.model",
    "funcpipe_lint.showing": (
        "lazy:funcpipe_lint.resolver lazy:funcpipe_lint.run lazy:funcpipe_lint.texts"
        " lazy:funcpipe_lint.report lazy:funcpipe_lint.visible"
    ),
    "funcpipe_lint.checking": (
        "lazy:funcpipe_lint.config funcpipe_lint.resolver funcpipe_lint.discover"
        " funcpipe_lint.model lazy:funcpipe_lint.run lazy:funcpipe_lint.single"
        " lazy:funcpipe_lint.report lazy:funcpipe_lint.report.diff"
        " lazy:funcpipe_lint.source lazy:funcpipe_lint.texts lazy:funcpipe_lint.cache"
        " lazy:funcpipe_lint.recorded lazy:funcpipe_lint.silence funcpipe_lint.progress"
        " lazy:funcpipe_lint.remote lazy:funcpipe_lint.watching"
        " lazy:funcpipe_lint.writing funcpipe_lint.interruption lazy:funcpipe_lint.visible"
        " funcpipe_lint.showing lazy:funcpipe_lint.changed lazy:funcpipe_lint.counted"
    ),
    "funcpipe_lint.editor": "",
    "funcpipe_lint.editor.positions": "lsprotocol funcpipe_lint.offsets",
    "funcpipe_lint.editor.answers": (
        "lsprotocol funcpipe_lint.discover funcpipe_lint.edits funcpipe_lint.fix"
        " funcpipe_lint.model funcpipe_lint.pages funcpipe_lint.resolver funcpipe_lint.rules"
        " funcpipe_lint.run funcpipe_lint.silence funcpipe_lint.unused_imports"
        " funcpipe_lint.visible funcpipe_lint.editor.positions"
    ),
    "funcpipe_lint.editor.server": ("lsprotocol pygls funcpipe_lint funcpipe_lint.editor.answers"),
    "funcpipe_lint.cli": (
        "lazy:funcpipe_lint.editor.server "
        "funcpipe_lint.arguments funcpipe_lint.interruption lazy:funcpipe_lint.config"
        " funcpipe_lint.resolver lazy:funcpipe_lint.single funcpipe_lint.model"
        " lazy:funcpipe_lint.checking lazy:funcpipe_lint.rules lazy:funcpipe_lint.pages"
        " lazy:funcpipe_lint.effective lazy:funcpipe_lint.examples"
        " lazy:funcpipe_lint.visible"
    ),
    "funcpipe_lint.__main__": "funcpipe_lint.cli",
    "funcpipe_lint.flake8_plugin": (
        "funcpipe_lint lazy:funcpipe_lint.resolver lazy:funcpipe_lint.model lazy:funcpipe_lint.run"
    ),
    "funcpipe_lint.unused_imports": (
        "libcst funcpipe_lint.edits funcpipe_lint.model funcpipe_lint.names funcpipe_lint.tree"
    ),
    "funcpipe_lint.fix": "funcpipe_lint.model funcpipe_lint.source funcpipe_lint.engine"
    " funcpipe_lint.unused_imports funcpipe_lint.edits funcpipe_lint.syntax funcpipe_lint.writing"
    " lazy:funcpipe_lint.notebook lazy:funcpipe_lint.ipynb",
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
    " lazy:funcpipe_lint.single",
    "funcpipe_laws.purity": "funcpipe_laws.pinpoint funcpipe_laws.sim funcpipe_laws.tasks",
    "funcpipe_laws.inputs": "funcpipe_laws.bench funcpipe_laws.callouts"
    " funcpipe_laws.instance funcpipe_laws.probes",
    "funcpipe_laws.result_types": "funcpipe_laws.instance",
    "funcpipe_laws.fit": "funcpipe_laws.instance funcpipe_laws.offers funcpipe_laws.sim",
    "funcpipe_laws.importing": "funcpipe_laws.instance funcpipe_laws.tasks",
    "funcpipe_laws.models": "",
    "funcpipe_laws.conventions": "funcpipe_laws.fit funcpipe_laws.instance funcpipe_laws.models"
    " funcpipe_laws.offers",
    "funcpipe_laws.sightings": "funcpipe_laws.conventions funcpipe_laws.fit funcpipe_laws.instance"
    " funcpipe_laws.offers",
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
    " funcpipe_lint.builders funcpipe_lint.model funcpipe_lint.resolver funcpipe_lint.single",
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
    "funcpipe_gate.config": "funcpipe_gate.record funcpipe_laws.nearest funcpipe_lint.options",
    "funcpipe_gate.running": "",
    "funcpipe_gate.running.process": "funcpipe_laws.tasks",
    "funcpipe_gate.running.progress": "",
    "funcpipe_gate.running.affected": "funcpipe_gate.config funcpipe_lint.changed"
    " funcpipe_lint.discover funcpipe_lint.model funcpipe_lint.resolver",
    "funcpipe_gate.stages": "",
    "funcpipe_gate.stages.job": "funcpipe_gate.config funcpipe_gate.record"
    " funcpipe_gate.running.process",
    "funcpipe_gate.stages.*": "funcpipe_gate.config funcpipe_gate.record"
    " funcpipe_gate.running.process funcpipe_gate.stages.job funcpipe_lint.model"
    " lazy:funcpipe_lint lazy:funcpipe_laws.leaks.reporting",
    "funcpipe_gate.running.gate": "funcpipe_gate.config funcpipe_gate.record"
    " funcpipe_gate.running funcpipe_gate.stages funcpipe_lint",
    "funcpipe_gate.report": "lazy:funcpipe_gate.record",
    "funcpipe_gate.report.text": "funcpipe_gate.record funcpipe_lint.visible",
    "funcpipe_gate.report.write": "funcpipe_gate.config funcpipe_gate.record"
    " funcpipe_gate.report funcpipe_laws.report.write",
    "funcpipe_gate.report.schema": "funcpipe_gate.record funcpipe_laws.report.schema",
    "funcpipe_gate.report.html": "funcpipe_gate.record funcpipe_gate.report.text"
    " lazy:funcpipe_laws.marble lazy:funcpipe_laws.report",
    "funcpipe_gate.report.*": "funcpipe_gate.record funcpipe_gate.report.text lazy:funcpipe_lint"
    " lazy:funcpipe_gate.stages.lint",
    "funcpipe_gate.setup": "",
    "funcpipe_gate.setup.look": "funcpipe_lint.discover funcpipe_lint.resolver"
    " lazy:funcpipe_laws.discover",
    "funcpipe_gate.setup.propose": "funcpipe_gate.record funcpipe_gate.setup.look",
    "funcpipe_gate.setup.command": "funcpipe_gate.config funcpipe_gate.record"
    " funcpipe_gate.report.text funcpipe_gate.setup funcpipe_laws.report.write"
    " lazy:funcpipe_gate.running lazy:funcpipe_gate.stages.job",
    "funcpipe_gate.mcp_server": "mcp mcp_types funcpipe_gate.running.process funcpipe_lint",
    "funcpipe_gate.cli": "lazy:funcpipe_gate.mcp_server lazy:funcpipe_gate.setup"
    " funcpipe_gate.config funcpipe_gate.record funcpipe_gate.report"
    " funcpipe_laws.nearest funcpipe_lint funcpipe_lint.visible lazy:funcpipe_gate.running"
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


def allows(allowed: list[str], imported: str, lazy: bool) -> bool:
    """Whether one of the allowed names covers the import."""
    for entry in allowed:
        if entry.startswith("lazy:") and not lazy:
            continue
        target = entry.removeprefix("lazy:")
        if imported == target or imported.startswith(target + "."):
            return True
    return False


def allowed_for(module: str) -> list[str] | None:
    """The table's entry: the module's own, or that of the package that it is in, marked `.*`."""
    own = LAYERS.get(module)
    if own is None:
        own = LAYERS.get(module.rpartition(".")[0] + ".*")
    return None if own is None else own.split()


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_downhill(module: str) -> None:
    """Each import of each module, lazy and type-only ones included, is in the table."""
    allowed = allowed_for(module)
    assert allowed is not None, f"{module} is not in the layer table: give it a layer"
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


def test_reference_folder_is_no_package() -> None:
    """With an __init__.py there the wheel would ship a top-level module named `reference`."""
    assert not (ROOT / "reference" / "__init__.py").exists()

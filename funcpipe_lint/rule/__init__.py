"""What a rule is: a condition on nodes, its screen, its fix, its documentation and its examples.

All that a rule imports is here, a team's own rule too; the modules beside this one are what it may
ask, as the parts of its `Context`.
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, ClassVar, Literal, TypeVar

import libcst as cst

from funcpipe_lint.model import Fix, Link, Note, Scope, Settings
from funcpipe_lint.rule.annotations import Annotations
from funcpipe_lint.rule.edits import Edits
from funcpipe_lint.rule.flow import Flow
from funcpipe_lint.rule.functions import Functions
from funcpipe_lint.rule.names import Names
from funcpipe_lint.rule.results import Results
from funcpipe_lint.rule.streams import Streams
from funcpipe_lint.rule.tree import Tree
from funcpipe_lint.screen.declaration import Named, Screen, Shape, Words

__all__ = [
    "Bad",
    "Context",
    "Finding",
    "Fix",
    "Good",
    "Named",
    "Rule",
    "Scope",
    "Screen",
    "Shape",
    "Words",
    "asked_once",
]

_OPENED = re.compile(r"([(\[{]) ")
_CLOSED = re.compile(r",? ([)\]}])")
N = TypeVar("N", bound=cst.CSTNode)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Good:
    """Code on which the rule is silent."""

    code: str


@dataclass(frozen=True, slots=True)
class Bad:
    """Code on which the rule reports exactly the lines marked `# error`; `fixed` is what its fix
    makes of it, without the marks."""

    code: str
    fixed: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """What a rule reports, still in terms of nodes."""

    node: cst.CSTNode
    """Where it is reported: what has to change."""
    message: str
    cause: cst.CSTNode | None = None
    """What is wrong, where that is another node: two rules with one cause give one finding."""
    notes: tuple[tuple[cst.CSTNode, str], ...] = ()
    """Related places; the message may refer to their lines."""
    fix: Fix | None = None
    elsewhere: tuple[Note, ...] = ()
    """Related places in other files, or in this one where there is no node to name."""


class Context:
    """One module, as a rule sees it. Every part is computed when first asked for."""

    def __init__(
        self,
        tree: Tree,
        settings: Settings,
        path: str,
        module_name: str,
        is_package: bool,
        line_name: Callable[[int], str] = str,
        links: Iterable[Link] = (),
    ) -> None:
        self.tree = tree
        self.settings = settings
        self.path = path
        self._line_name = line_name
        self.names = Names(tree, module_name, is_package)
        self.flow = Flow(tree, self.names)
        self.annotations = Annotations(tree, self.names, settings)
        self.results = Results(tree, self.names, self.flow, self.annotations)
        self.functions = Functions(tree, self.names, settings.dependencies)
        self.streams = Streams(
            tree, self.names, self.functions, self.flow, self.annotations, settings, links
        )
        self.answers: dict[tuple[Callable[..., Any], int], Any] = {}
        """Of what `asked_once` is written above."""

    @cached_property
    def edits(self) -> Edits:
        """Builds the edits of a fix."""
        return Edits(self.tree, self.names, self.settings.oldest_python)

    @cached_property
    def plugin_settings(self) -> Mapping[str, Any]:
        """The table `plugin-settings` of the configuration: what a team's own rules are given."""
        given: Mapping[str, Any] = json.loads(self.settings.plugin_settings)
        return given

    def line(self, node: cst.CSTNode) -> str:
        """The line a node begins on, for messages; in a notebook with its cell."""
        return self._line_name(self.tree.place(self.tree.span(node)[0])[0])

    def text(self, node: cst.CSTNode) -> str:
        """A node's source on one line, for messages, shortened where it is long."""
        code = self.tree.code(node)
        flat = " ".join(code.split())
        if "\n" in code:  # brackets close on the line of their last argument, as on one line
            flat = _OPENED.sub(r"\1", _CLOSED.sub(r"\1", flat))
        return flat if len(flat) <= 60 else flat[:57] + "..."

    def short_call(self, call: cst.BaseExpression) -> str:
        """A call, awaited or not, for messages: whole, or with its arguments left out where that is
        long."""
        whole = self.text(call)
        if len(whole) <= 40:
            return whole
        if isinstance(call, cst.Await):
            return f"await {self.short_call(call.expression)}"
        return f"{self.text(call.func)}(...)" if isinstance(call, cst.Call) else whole


def asked_once(question: Callable[[Context, N], T]) -> Callable[[Context, N], T]:
    """A question about one node of a module's tree, answered once a module.

    A rule that is called at each of the nodes of a function and looks through the function each
    time takes time quadratic in it.
    """

    @wraps(question)
    def ask(ctx: Context, node: N) -> T:
        key = question, id(node)
        if key not in ctx.answers:
            ctx.answers[key] = question(ctx, node)
        answer: T = ctx.answers[key]
        return answer

    return ask


class Rule(ABC):
    """A lint rule. The subclass's docstring is its page, under fixed headings:

    What it does, Why is this bad, Example, Use instead, Fix safety, Known problems. Example and Use
    instead are filled from `bad` and `good`.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    summary: ClassVar[str]
    scope: ClassVar[Scope] = Scope.DEFAULT
    strict_elsewhere: ClassVar[bool] = False
    """Selecting it by code, or the strict profile, turns a Result rule on in every module, and a
    default one on for what it is silent about otherwise."""
    fix: ClassVar[Literal["safe", "unsafe"] | None] = None
    visits: ClassVar[tuple[type[cst.CSTNode], ...]]
    """The node types that `check` is called with."""
    screen: ClassVar[Screen] = Screen()
    """What a file has to show before the rule is asked; by itself it is asked of every file, and
    shown all of it."""
    yields_to: ClassVar[tuple[str, ...]] = ()
    """Codes whose finding on the same cause replaces this rule's."""
    good: ClassVar[tuple[Good, ...]]
    bad: ClassVar[tuple[Bad, ...]]

    @abstractmethod
    def check(self, node: Any, ctx: Context) -> Iterator[Finding]:
        """The findings at one node."""

"""What a run reports: frozen, picklable, no syntax tree in it."""

# No postponed annotations here: NamedTuple would compile each one, at every start.
from collections.abc import Iterable
from enum import Enum
from typing import Literal, NamedTuple


class Scope(Enum):
    """Where a rule is on without being asked for."""

    DEFAULT = "default"
    """In any code base."""
    RESULT = "result"
    """In modules that opted into streams of Results."""
    STRICT = "strict"
    """Only when selected by its code, or under `profile = "strict"`."""


class RuleEntry(NamedTuple):
    """Where a rule lives, and what selecting it has to know before it is loaded."""

    module: str
    scope: Scope
    strict_elsewhere: bool = False
    without_streams: tuple[tuple[str, ...], ...] = ()
    """What a file without any stream holds where it has something to say: a word of each."""
    by_type: bool = False
    """Whether it has something to say where a stream's type is named, and no stream is."""


class Edit(NamedTuple):
    """Replace the characters `start:end` of the decoded file by `text`; in a notebook, of its code
    cells as one text."""

    start: int
    end: int
    text: str


class Fix(NamedTuple):
    """Edits that belong together; `safe` says that no behaviour but the reported one changes."""

    edits: tuple[Edit, ...]
    safe: bool
    title: str


class Note(NamedTuple):
    """A place that the message refers to."""

    line: int
    column: int
    message: str
    cell: int = 0
    path: str = ""
    """The file that it is in; empty: that of the finding."""


class Link(NamedTuple):
    """An expression of a file that stands for something elsewhere in the program. stream: one that
    owns clean-up; made: any; scope: a manager that enters a cancel scope; lock: one that holds a
    lock; idle: one that has nothing to do when it is left."""

    start: int
    end: int
    """Where it is in the text, in characters."""
    kind: Literal["stream", "made", "scope", "lock", "idle"]
    path: str
    line: int
    column: int
    """Where what it holds is held."""
    name: str
    """The function that holds it."""
    text: str
    """What it holds, for messages."""
    holds: str
    """How: with, finally, except, scope, lock."""
    can_close: bool = True
    """Whether a type checker lets `aclosing` take the stream."""
    may_differ: bool = False
    """Whether a subclass may override the callee with one whose iterator has no `aclose`."""
    is_lock: bool = False
    """What it holds is a lock."""
    is_plain: bool = True
    """Closing the expression closes what it holds."""
    is_object: bool = False
    """The expression is an object, whose `__aiter__` makes the stream."""
    repair: Note | None = None
    """Where an annotation hides that the stream can be closed, and what to write there."""


class Violation(NamedTuple):
    """One finding. Lines and columns count from 1, columns in characters; the end is exclusive.

    In a notebook, lines count within cell number `cell` (of all its cells, from 1); elsewhere that
    is 0.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    code: str
    message: str
    notes: tuple[Note, ...] = ()
    fix: Fix | None = None
    cell: int = 0

    @property
    def whole_message(self) -> str:
        """The message and what its notes say of other files, for reports that show no notes."""
        away = [f"{note.path}:{note.line}: {note.message}" for note in self.notes if note.path]
        return f"{self.message} ({'; '.join(away)})" if away else self.message

    @property
    def order(self) -> tuple[str, int, int, int, str, str]:
        """The sort key of every report."""
        return (self.path, self.cell, self.line, self.column, self.code, self.message)

    def is_among(self, codes: Iterable[str]) -> bool:
        """Whether its code, or the first letters of it, is one of some codes."""
        return any(prefix == "ALL" or self.code.startswith(prefix) for prefix in codes)


class Crash(NamedTuple):
    """A file, or a part of the run, that could not be checked (FP002)."""

    path: str
    message: str
    line: int = 1
    column: int = 1
    cell: int = 0


class FileReport(NamedTuple):
    """What one file gave."""

    path: str
    violations: tuple[Violation, ...] = ()
    crashes: tuple[Crash, ...] = ()
    suppressed: int = 0


class ConfigError(Exception):
    """A configuration that cannot be used: one line that names the value and the way out."""


class Plugin(NamedTuple):
    """A module with a team's own rules, as it was when the configuration was read."""

    module: str
    roots: tuple[str, ...]
    """Folders that it may be imported from, besides the installed packages."""
    codes: tuple[str, ...]
    words: tuple[str, ...]
    """A file without streams that holds one of these may matter to it; "" is in every file."""
    fingerprint: str
    """A digest of its source: another one, other findings."""


class Settings(NamedTuple):
    """What decides the findings of a file: part of the cache key, sent to every worker.

    Names are dotted and absolute. They match through import aliases and re-exports: the top-level
    package and the last word have to agree.
    """

    rules: tuple[str, ...] = ()
    """The codes that run where their scope says."""
    everywhere: tuple[str, ...] = ()
    """The codes among `rules` that run outside Result modules too."""
    in_full: tuple[str, ...] = ()
    """The codes among these that also report what the invariants profile does not ask for."""
    plugins: tuple[Plugin, ...] = ()
    """Modules with further rules."""
    plugin_settings: str = "{}"
    """What they are configured with, as JSON."""
    lacks_plugins: bool = False
    """Further modules are configured, and left out: codes that nobody knows may be theirs."""
    discipline: Literal["auto", "all", "off"] = "auto"
    """Which modules count as Result modules: by evidence, all, or none."""
    ok_is_bare: bool = False
    """The ok side of a stream is yielded bare: FP201 has nothing to say."""
    results: tuple[str, ...] = ()
    """Result types."""
    oks: tuple[str, ...] = ()
    """Constructors of the ok side."""
    errs: tuple[str, ...] = ()
    """Constructors of the error side."""
    descriptions: tuple[str, ...] = ()
    """Aliases for descriptions of async streams (`AsyncGen`)."""
    sync_descriptions: tuple[str, ...] = ()
    """Aliases for descriptions of sync streams (`IOGen`)."""
    stream_functions: tuple[str, ...] = ()
    """Functions that return an async iterator."""
    collectors: tuple[str, ...] = ()
    """Functions that collect a stream into a container."""
    whole_stream: tuple[str, ...] = ()
    """Names of functions that have to see the whole stream (sort, permutations); globs."""
    breakers: tuple[str, ...] = ()
    """Names of functions that may end a stream at an error; globs."""
    using: tuple[str, ...] = ()
    """Primitives that hold a resource across a yield on purpose."""
    openers: tuple[str, ...] = ()
    """Sync context managers that hold a resource."""
    queues: tuple[str, ...] = ()
    """Queue types that are unbounded unless given a size."""
    spawners: tuple[str, ...] = ()
    """Further functions that start a task."""
    locks: tuple[str, ...] = ()
    """Locks that may be held across a yield; globs over the dotted text."""
    managers: tuple[str, ...] = ()
    """Decorators that make a context manager, or a channel, of a generator."""
    spans: tuple[str, ...] = ()
    """Further tracing spans that set a context variable."""
    clients: tuple[str, ...] = ()
    """Further clients that have to be closed."""
    responses: tuple[str, ...] = ()
    """Further streamed responses that leave their body open."""
    dependencies: tuple[str, ...] = ()
    """Further functions that are given a generator and drive it as a context manager."""
    closing: str = ""
    """A context manager that closes any async iterator, used by fixes; empty: the kit's."""
    shell: tuple[str, ...] = ()
    """Globs of paths, and names of functions, that may drive streams."""
    follow_imports: Literal["project", "all", "off"] = "project"
    """Which imports are followed to what they name: those of the project, of installed
    distributions too, or none."""
    python: str = ""
    """The environment whose distributions are followed."""
    max_seconds: int = 60
    """The processor time that one file may take; 0: any."""
    max_memory: int = 4096
    """The megabytes that one file may take in a process of its own; 0: any."""
    oldest_python: tuple[int, ...] = ()
    """The oldest Python that the code is for, `requires-python` of its project; empty: unknown."""

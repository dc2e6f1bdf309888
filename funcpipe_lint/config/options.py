"""The keys of [tool.funcpipe-lint]: what each holds, what it is by default, and what it means."""

# No postponed annotations here: NamedTuple would compile each one, at every start.
from typing import Any, Literal, NamedTuple

Kind = Literal[
    "names",
    "codes",
    "globs",
    "flag",
    "name",
    "number",
    "text",
    "choice",
    "ignores",
    "modules",
    "free",
]


class Option(NamedTuple):
    """One key."""

    kind: Kind
    meaning: str
    default: Any = ()
    choices: tuple[str, ...] = ()


# The rules of the profile of that name: streams stay lazy, errors are items, descriptions are run
# anew each time, and nothing is closed by hand.
INVARIANTS = (
    *("FP101", "FP102", "FP201", "FP202", "FP205", "FP301"),
    *("FP401", "FP402", "FP403", "FP404"),
)
_EXCLUDED = (
    ".git",
    ".hg",
    ".svn",
    ".venv",
    "venv",
    ".tox",
    ".nox",
    ".eggs",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".funcpipe_cache",
    "__pycache__",
    "__pypackages__",
    "node_modules",
    "site-packages",
    "build",
    "dist",
    "*.egg-info",
)
_FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit")

OPTIONS: dict[str, Option] = {
    "extend": Option("text", "a configuration file to start from; own keys win", ""),
    "select": Option("codes", "run these rules and no others: codes, prefixes or ALL", None),
    "extend-select": Option("codes", "run these rules as well"),
    "ignore": Option("codes", "do not run these rules"),
    "extend-ignore": Option("codes", "do not run these rules either"),
    "per-file-ignores": Option("ignores", "rules not reported in the files of a glob", {}),
    "profile": Option(
        "choice",
        "strict: every rule; invariants: laziness, errors as items and release alone, in any module"
        f" ({', '.join(INVARIANTS)})",
        "default",
        ("default", "strict", "invariants"),
    ),
    "discipline": Option(
        "choice",
        "which modules count as streams of Results: by their annotations, all, or none",
        "auto",
        ("auto", "all", "off"),
    ),
    "presets": Option(
        "names", "libraries whose Result types are known: returns, result, expression"
    ),
    "results": Option("names", "dotted names of Result types"),
    "oks": Option("names", "constructors of the ok side"),
    "errs": Option("names", "constructors of the error side"),
    "ok-is-bare": Option("flag", "streams yield their ok side bare: FP201 is silent", False),
    "descriptions": Option("names", "aliases of descriptions of async streams, as AsyncGen"),
    "sync-descriptions": Option("names", "aliases of descriptions of sync streams, as IOGen"),
    "stream-functions": Option("names", "functions that return an async iterator"),
    "collectors": Option("names", "functions that collect a stream into a container"),
    "whole-stream": Option("names", "functions that have to see a whole stream; globs"),
    "breakers": Option("names", "functions that may end a stream at an error; globs"),
    "using": Option("names", "functions that hold a resource across a yield on purpose"),
    "openers": Option("names", "sync context managers that hold a resource"),
    "queues": Option("names", "queue types that have no bound unless given one"),
    "spawners": Option("names", "functions that start a task"),
    "locks": Option("names", "locks that may be held across a yield; globs"),
    "managers": Option(
        "names", "decorators that make a context manager, or a channel, of a generator"
    ),
    "spans": Option("names", "tracing spans that set a context variable"),
    "clients": Option("names", "clients whose connections a stream has to close (FP310)"),
    "responses": Option("names", "streamed responses that leave their body open (FP315)"),
    "dependencies": Option(
        "names", "what takes a generator and drives it as a context manager, as fastapi.Depends"
    ),
    "closing": Option("name", "a context manager that closes any async iterator, for fixes", ""),
    "shell": Option("names", "globs of paths, and names of functions, that may drive streams"),
    "follow-imports": Option(
        "choice",
        "whose modules are read for what an import names: the project's, those of installed"
        " distributions too, or none",
        "project",
        ("project", "all", "off"),
    ),
    "python": Option(
        "text",
        'the environment whose distributions `follow-imports = "all"` reads: its folder or its'
        " interpreter; empty: the project's .venv, or else the linter's own",
        "",
    ),
    "max-seconds": Option(
        "number", "the processor time that one file may take; 0: any. More is FP002", 60
    ),
    "max-memory": Option(
        "number",
        "the megabytes that one file may take: one whose syntax tree alone is larger is not parsed,"
        " and a worker process is held to it; 0: any",
        4096,
    ),
    "target-version": Option(
        "text",
        "the oldest Python that the code is for, such as 3.12: fixes write nothing that is newer;"
        " empty: that of requires-python",
        "",
    ),
    "plugins": Option("modules", "modules with a team's own rules: the only code that is imported"),
    "plugin-settings": Option("free", "what a team's own rules are configured with", {}),
    "exclude": Option("globs", "names and globs of what is not searched", _EXCLUDED),
    "extend-exclude": Option("globs", "names and globs that are not searched either"),
    "respect-gitignore": Option("flag", "skip what git ignores", True),
    "baseline": Option("text", "a file of recorded violations, which are not reported", ""),
    "cache-dir": Option(
        "text", "the folder of the cache; empty: .funcpipe_cache beside this file", ""
    ),
    "fix": Option("flag", "apply safe fixes without being asked", False),
    "unsafe-fixes": Option("flag", "fixes include those that may change more", False),
    "output-format": Option("choice", "how findings are reported", "text", _FORMATS),
}

"""Rules on their own examples: the `test-rules` command, and the tests of our own rules."""

from __future__ import annotations

import difflib
import inspect
import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any

import libcst as cst

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.check.fixing.fix import fixed
from funcpipe_lint.cli.report.pages import docstring, unmarked
from funcpipe_lint.config.plugins import rules_of
from funcpipe_lint.config.resolver import Resolver
from funcpipe_lint.config.settings import config_for
from funcpipe_lint.model import ConfigError, FileReport, Plugin, Settings
from funcpipe_lint.read.source import Source
from funcpipe_lint.rule import Bad, Good, Rule

HEADINGS = ("## What it does", "## Why is this bad", "## Fix safety", "## Known problems")
_MARK = re.compile(r"# error\b")
_HEADER = re.compile(r"# options: (.*)")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PATH = "example.py"
# White space and punctuation, which the one walk of the linter leaves out.
_UNSEEN = (
    cst.BaseParenthesizableWhitespace,
    cst.Comment,
    cst.Newline,
    cst.EmptyLine,
    cst.TrailingWhitespace,
    cst.Comma,
    cst.Semicolon,
    cst.Colon,
    cst.AssignEqual,
    cst.Asynchronous,
    cst.LeftParen,
    cst.RightParen,
    cst.LeftSquareBracket,
    cst.RightSquareBracket,
    cst.LeftCurlyBrace,
    cst.RightCurlyBrace,
)


def run(modules: Sequence[str]) -> int:
    """Tests the rules of some modules, or of the plugins that the configuration of the current
    folder names; prints what is wrong and returns the exit code. Raises ConfigError."""
    overrides = {"plugins": list(modules)} if modules else {}
    plugins = Resolver(overrides).config_for("").settings.plugins
    wanted = [p for p in plugins if not modules or p.module in modules]
    if not wanted:
        raise ConfigError("no plugin: name a module, or list it in `plugins`")
    count = failed = 0
    for plugin in wanted:
        for rule in rules_of([plugin]):
            found = list(problems(rule, plugin))
            count += 1
            failed += bool(found)
            print(_summary(rule, found), end="")
    print(f"{count} rule{'s' * (count != 1)}, {failed or 'none'} with problems.")
    return int(bool(failed))


def _summary(rule: Rule, found: list[str]) -> str:
    if not found:
        return (
            f"{rule.code} {rule.name}: {len(rule.good)} good, {len(rule.bad)} bad examples hold\n"
        )
    lines = [f"{rule.code} {rule.name}:"]
    for problem in found:
        first, *rest = problem.splitlines()
        lines += [f"  - {first}", *(f"    {line}".rstrip() for line in rest)]
    return "\n".join(lines) + "\n"


def problems(rule: Rule, plugin: Plugin | None = None) -> Iterator[str]:
    """What is wrong with a rule, or with what it says of its examples; nothing where all holds."""
    yield from _form(rule)
    examples = [
        (f"{kind}[{index}]", example)
        for kind in ("good", "bad")
        for index, example in enumerate(getattr(rule, kind, ()))
    ]
    for name, example in examples:
        expected = Good if name.startswith("good") else Bad
        if not isinstance(example, expected):
            yield f"{name} is no {expected.__name__}(...), but {example!r}"
            continue
        try:
            settings = _settings(rule, plugin, example.code)
        except ConfigError as error:
            yield f"{name}: {error}"
            continue
        yield from (f"{name}: {problem}" for problem in _of_example(example, rule, settings))


def _form(rule: Rule) -> Iterator[str]:
    """What is missing beside the condition: the page, the examples, node types that exist."""
    for kind in rule.visits:
        if kind.__name__.startswith("Base") or inspect.isabstract(kind):
            yield f"visits {kind.__name__}, a base class: name the node types themselves"
        elif issubclass(kind, _UNSEEN):
            yield f"visits {kind.__name__}, which no rule is called with: it is layout"
    if not _NAME.fullmatch(rule.name):
        yield f"the name '{rule.name}' is not in lower-case words with hyphens"
    text = docstring(rule)
    missing = [heading for heading in HEADINGS if heading not in text]
    if missing:
        yield f"the docstring lacks {', '.join(missing)}"
    elif sorted(HEADINGS, key=text.index) != list(HEADINGS):
        yield f"the docstring's headings are not in this order: {', '.join(HEADINGS)}"
    if not text.partition("\n\n")[0].strip() or text.startswith("#"):
        yield "the docstring does not begin with a line that says what is wrong"
    for kind_of in ("good", "bad"):
        number = len(getattr(rule, kind_of, ()))
        if number < 2:
            yield f"it has {number} {kind_of} example{'s' * (number != 1)}; two are needed"
    if rule.fix not in (None, "safe", "unsafe"):
        yield f"`fix` must be 'safe', 'unsafe' or None, not {rule.fix!r}"
    fixes = [bad for bad in getattr(rule, "bad", ()) if getattr(bad, "fixed", None) is not None]
    if rule.fix and not fixes:
        yield f"`fix` is '{rule.fix}', and no bad example has `fixed`"


def _settings(rule: Rule, plugin: Plugin | None, code: str) -> Settings:
    """One rule alone, under the `# options:` of an example's first line."""
    found = _HEADER.match(code)
    try:
        header = tomllib.loads("o = {" + found[1] + "}")["o"] if found else {}
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"its `# options:` are not valid TOML: {error}") from None
    options: dict[str, Any] = {"select": [rule.code], **header}
    if plugin is not None:
        options["plugins"] = [plugin.module]
    roots = plugin.roots if plugin is not None else ()
    return config_for(options, "its `# options:`", plugin_roots=roots).settings


def _of_example(example: Good | Bad, rule: Rule, settings: Settings) -> Iterator[str]:
    code = unmarked(example.code)
    report = Engine(settings).check(_PATH, code.encode())
    if report.crashes:
        yield _excerpt(report.crashes[0].message, code, report.crashes[0].line)
        return
    marked = {n for n, line in enumerate(example.code.splitlines(), 1) if _MARK.search(line)}
    if isinstance(example, Good) and marked:
        yield "a good example has an `# error` mark"
    if isinstance(example, Bad) and not marked:
        yield "no line is marked `# error`"
    yield from _compared(code, marked, report, settings)
    yield from _declared(rule, report)
    if isinstance(example, Bad) and example.fixed is not None:
        yield from _fixes(code, example.fixed, settings)


def _compared(code: str, marked: set[int], report: FileReport, settings: Settings) -> Iterator[str]:
    by_line = {v.line: v.message for v in report.violations}
    for line in sorted(by_line.keys() - marked):
        yield _excerpt(f"line {line} is reported and not marked: {by_line[line]}", code, line)
    missed = sorted(marked - by_line.keys())
    bare = Engine(settings, use_screens=False).check(_PATH, code.encode())
    unscreened = {v.line for v in bare.violations}
    for line in missed:
        reason = "is marked `# error` and not reported"
        if line in unscreened:
            reason += ": its `screen` is too strong, for without them it is"
        yield _excerpt(f"line {line} {reason}", code, line)


def _declared(rule: Rule, report: FileReport) -> Iterator[str]:
    """Whether the fixes that are offered are those that the rule declares."""
    fixes = [violation.fix for violation in report.violations if violation.fix is not None]
    if fixes and rule.fix is None:
        yield "a finding carries a fix, and `fix` is None"
    elif rule.fix == "safe" and not all(fix.safe for fix in fixes):
        yield "a finding carries an unsafe fix, and `fix` is 'safe'"


def _fixes(code: str, wanted: str, settings: Settings) -> Iterator[str]:
    engine = Engine(settings)
    once = fixed(_PATH, Source.of_text(code), engine, unsafe=True).text
    if once != wanted:
        report = engine.check(_PATH, code.encode())
        if once == code and any(v.fix for v in report.violations):
            yield "its fix changes nothing, or what it makes is not valid Python"
            return
        lines = difflib.unified_diff(
            wanted.splitlines(), once.splitlines(), "fixed", "what the fix makes", lineterm=""
        )
        yield "\n".join(["the fix makes something else than `fixed`:", *lines])
        return
    if fixed(_PATH, Source.of_text(once), engine, unsafe=True).text != once:
        yield "fixing what is fixed changes it again"
    crashes = engine.check(_PATH, once.encode()).crashes
    if crashes:
        yield _excerpt(f"`fixed` {crashes[0].message}", once, crashes[0].line)


def _excerpt(message: str, code: str, line: int) -> str:
    lines = code.splitlines()
    shown = range(max(1, line - 1), min(len(lines), line + 1) + 1)
    rows = [f"{'>' if n == line else ' '} {n:>3} | {lines[n - 1]}" for n in shown]
    return "\n".join([message, *rows])

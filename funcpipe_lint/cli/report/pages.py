"""A rule's page, from its docstring and examples: for the terminal, for docs/, as a record."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from funcpipe_lint.cli.report.further_reading import see_also
from funcpipe_lint.config.options import INVARIANTS
from funcpipe_lint.model import ConfigError, Scope
from funcpipe_lint.model.codes import COULD_NOT_CHECK, RULES, UNUSED_SUPPRESSION, load, names
from funcpipe_lint.model.measured import READ

if TYPE_CHECKING:
    from funcpipe_lint.rule import Rule

_MARK = re.compile(r"[ \t]*# error\b.*$", re.MULTILINE)
_OPTIONS = re.compile(r"\A# options: .*\n")
_WHERE = {
    Scope.DEFAULT: "on by default, in any module",
    Scope.RESULT: "on by default in modules of Result streams",
    Scope.STRICT: "off by default: select it by its code, or use the strict profile",
}
_FIXES = {"safe": "safe (`--fix`)", "unsafe": "unsafe (`--unsafe-fixes`)", None: "none"}
# The two that no class stands behind.
_BUILT_IN = {
    UNUSED_SUPPRESSION: (
        "unused-suppression",
        "a comment silences nothing",
        "safe",
        """\
## What it does
Reports suppressions that matched no finding of a rule that this run checks, that name an unknown FP
code, or that cannot be understood. Codes of other tools and a bare `# noqa` are left alone.

## Why is this bad
A suppression that has outlived its finding hides the next one on that line.

## Example
```python
total = 1  # noqa: FP303
```

## Use instead
```python
total = 1
```

## Fix safety
Safe: only the comment, or the one code in it, is removed.

## Known problems
A rule that is off in this run is not judged, so its suppressions are kept.""",
    ),
    COULD_NOT_CHECK: (
        "could-not-check",
        "a file could not be checked",
        None,
        """\
## What it does
Reports files that cannot be read, decoded or parsed, and files whose check was lost. The exit code
is then 2, and all other files are still checked. It cannot be turned off or suppressed.

## Why is this bad
A file that nobody looked at is not a clean one.

## Example
```python
def broken(:
```

## Use instead
```python
def mended(): ...
```

## Fix safety
There is no fix.

## Known problems
In a run over more than 500 files, what no selected rule can ask of a file is not parsed: a syntax
error there is left to other tools. A file that is named is always parsed whole.""",
    ),
}


def record(code: str) -> dict[str, Any]:
    """What is known of a rule, as plain values; raises ConfigError as `docstring` does."""
    if code in _BUILT_IN:
        name, summary, fix, _ = _BUILT_IN[code]
        return {
            "code": code,
            "name": name,
            "summary": summary,
            "scope": Scope.DEFAULT.value,
            "strict_elsewhere": False,
            "fix": fix,
            "documentation": page(code),
        }
    rule = load(code)
    return {
        "code": code,
        "name": rule.name,
        "summary": rule.summary,
        "scope": rule.scope.value,
        "strict_elsewhere": rule.strict_elsewhere,
        "fix": rule.fix,
        "documentation": page(code),
    }


def code_of(word: str) -> str:
    """The code that is meant by a code, a prefix, or a rule's name."""
    built_in = {name: code for code, (name, *_) in _BUILT_IN.items()}
    return (built_in | names()).get(word.lower(), word.upper())


def listing(codes: Iterable[str]) -> str:
    """Rules, one line each."""
    rows = [record(code) for code in codes]
    return "\n".join(f"{r['code']}  {r['name']:<32} {r['scope']:<8} {r['summary']}" for r in rows)


def page(code: str) -> str:
    """A rule's page in Markdown; raises ConfigError as `docstring` does."""
    if code in _BUILT_IN:
        name, summary, fix, body = _BUILT_IN[code]
        return f"# {code} {name}\n\n{summary}; always on. Fix: {_FIXES[fix]}.\n\n{body}"
    rule = load(code)
    text = docstring(rule)
    summary, _, body = text.partition("\n\n")
    examples = (
        f"## Example\n{_code(rule.bad[0].code)}\n\n"
        f"## Use instead\n{_code(rule.bad[0].fixed or rule.good[0].code)}\n\n"
    )
    head, mark, tail = body.partition("## Fix safety")
    where = _WHERE[rule.scope]
    if rule.strict_elsewhere and rule.scope is not Scope.STRICT:
        more = "in all its forms" if rule.scope is Scope.DEFAULT else "elsewhere"
        profiles = f"the strict {'or invariants ' * (code in INVARIANTS)}profile"
        where += f"; {more} when selected by its code, or under {profiles}"
    title = f"# {code} {rule.name}"
    intro = f"{title}\n\n{summary}\n\nIt is {where}. Fix: {_FIXES[rule.fix]}."
    parts = (f"{head}{examples}{mark}{tail.rstrip()}", _measured(code), see_also(code))
    return "\n\n".join((intro, *filter(None, parts)))


def _measured(code: str) -> str:
    """How often a rule was right in published code; nothing for a team's own."""
    if code not in RULES:
        return ""
    verdicts = READ.get(code, (0, 0, 0))
    true, debatable, false = verdicts
    said = (
        f"Of {sum(verdicts)} findings in published packages that were read, {true} "
        f"{'was' if true == 1 else 'were'} true, {debatable} debatable and {false} false."
        if any(verdicts)
        else "In the published packages that it was tried on it has reported nothing, right or "
        "wrong: how often it is right is not known."
    )
    page = "invariants" if code in INVARIANTS else "precision"
    where = f"The packages and the readings are in docs/{page}.md."
    return "## On real code\n" + textwrap.fill(f"{said} {where}", 96)


def docstring(rule: Rule) -> str:
    """What a rule's class says of itself; from its source where `python -OO` has dropped it.

    Raises ConfigError where that cannot be read either.
    """
    if sys.flags.optimize < 2:
        return inspect.getdoc(type(rule)) or ""
    try:
        return next(filter(None, map(_written, type(rule).__mro__)))
    except (OSError, TypeError) as error:
        raise ConfigError(
            f"{rule.code}: its page is its docstring, which `python -OO` drops: run without -OO"
            f" ({error})"
        ) from None


def _written(kind: type) -> str | None:
    """The docstring in a class's source."""
    text = textwrap.dedent(inspect.getsource(kind))
    # Under -OO, Python 3.14 drops the docstrings from what `ast.parse` gives, too.
    tree = compile(text, "rule", "exec", ast.PyCF_ONLY_AST, optimize=0)
    (found,) = cast(ast.Module, tree).body
    return ast.get_docstring(found) if isinstance(found, ast.ClassDef) else None


def unmarked(code: str) -> str:
    """An example without its marks."""
    return _MARK.sub("", code)


def _code(code: str) -> str:
    shown = _OPTIONS.sub("", unmarked(code)).strip()
    return f"```python\n{shown}\n```"

"""The tables that a start-up reads in place of the rules, written from their classes."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from funcpipe_lint.screen.declaration import Shape, Words

if TYPE_CHECKING:
    from funcpipe_lint.rule import Rule
    from funcpipe_lint.screen.declaration import Need, Screen

RULES = Path(__file__).parents[2] / "funcpipe_lint" / "rules"
_WRITTEN = "Written by `make docs` from the classes of the rules."


def tables() -> Mapping[str, str]:
    """The table of the rules, and that of their screens, by path below docs/."""
    rules = list(_rules())
    entries = "".join(f"{code!r}: {_entry(module, kind)},\n" for code, module, kind in rules)
    screens = "".join(f"{code!r}: {_screen(kind.screen)},\n" for code, _, kind in rules)
    return {
        "../funcpipe_lint/model/table.py": formatted(
            f'"""Where each rule lives and is on. {_WRITTEN}"""\n\n'
            "from funcpipe_lint.model import RuleEntry, Scope\n\n"
            f"RULES: dict[str, RuleEntry] = {{{entries}}}\n"
        ),
        "../funcpipe_lint/screen/screens.py": formatted(
            f'"""The screen of each rule. {_WRITTEN}"""\n\n'
            "from funcpipe_lint.screen.declaration import Named, Screen, Shape, Words\n\n"
            f"SCREENS: dict[str, Screen] = {{{screens}}}\n"
        ),
    }


def _rules() -> Iterator[tuple[str, str, type[Rule]]]:
    for path in sorted(RULES.glob("fp[0-9]*_*.py")):
        code = path.stem.partition("_")[0].upper()
        yield code, path.stem, getattr(import_module(f"funcpipe_lint.rules.{path.stem}"), code)


def _entry(module: str, kind: type[Rule]) -> str:
    elsewhere = ", strict_elsewhere=True" if kind.strict_elsewhere else ""
    without = kind.screen.without_streams
    beyond = f", without_streams={without!r}" if without else ""
    beyond += ", by_type=True" if kind.screen.by_type else ""
    return f"RuleEntry({module!r}, Scope.{kind.scope.name}{elsewhere}{beyond})"


def _screen(screen: Screen) -> str:
    given = [_needs(screen.shapes)]
    if screen.words:
        given.append(f"words={tuple(dict.fromkeys(screen.words))!r}")
    if screen.elsewhere:
        given.append(f"elsewhere={_needs(screen.elsewhere)}")
    if screen.setting:
        given.append(f"setting={screen.setting!r}")
    if screen.requires:
        given.append(f"requires={screen.requires!r}")
    return f"Screen({', '.join(given)})"


def _needs(needs: tuple[Need, ...]) -> str:
    said = [_held(need) if isinstance(need, Words) else _shapes(need) for need in needs]
    return f"({', '.join(said)}{',' * (len(said) == 1)})"


def _shapes(shapes: Shape) -> str:
    return " | ".join(f"Shape.{each.name}" for each in shapes) or "Shape.NONE"


def _held(held: Words) -> str:
    defaults = Words()._asdict()
    given = [f"{key}={value!r}" for key, value in held._asdict().items() if value != defaults[key]]
    return re.sub(r"\b(?:groups|dotted|setting)=|, setting=''", "", f"Words({', '.join(given)})")


def formatted(text: str) -> str:
    """A module's text as ruff lays it out."""
    command = [sys.executable, "-m", "ruff", "format", "--quiet", "--stdin-filename=table.py", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return done.stdout

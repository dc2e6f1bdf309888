"""What the configuration of a file comes to, and the keys that there are: as text and schema."""

from __future__ import annotations

import json
import os
from typing import Any

from funcpipe_lint.config.discover import is_match
from funcpipe_lint.config.options import OPTIONS
from funcpipe_lint.config.resolver import Resolver
from funcpipe_lint.config.settings import PRESETS, SECTION, Config
from funcpipe_lint.model import ConfigError, Scope
from funcpipe_lint.model.codes import COULD_NOT_CHECK, entry
from funcpipe_lint.model.visible import visible

_DEFAULT = "default"


def describe(path: str, resolver: Resolver) -> dict[str, Any]:
    """What holds for a file or folder, as plain values; raises ConfigError."""
    if not os.path.lexists(path):
        raise ConfigError(f"{path}: does not exist; name a file or a folder")
    config = resolver.config_for(path)
    ignored = [
        code
        for glob, codes in config.per_file_ignores
        if is_match(path, (glob,), config.root)
        for code in codes
    ]
    running = [c for c in config.settings.rules if not any(_covers(i, c) for i in ignored)]
    return {
        "path": path,
        "file": config.origin if config.root else None,
        "left out": resolver.refused,
        "module of Results": _of_results(path, config),
        "rules": {
            "everywhere": [c for c in running if _is_everywhere(c, config)],
            "in Result modules": [c for c in running if not _is_everywhere(c, config)],
            "ignored for this file": ignored,
            "off": [
                c for c in config.known_codes if c not in (*config.settings.rules, COULD_NOT_CHECK)
            ],
        },
        "keys": {
            key: dict(zip(("value", "from"), _held(key, config), strict=True)) for key in OPTIONS
        },
    }


def _of_results(path: str, config: Config) -> dict[str, Any] | None:
    """Whether a file counts as a module of Results, and by what; None for a folder, and for what
    cannot be read as Python."""
    if not os.path.isfile(path):
        return None
    from funcpipe_lint.cli.counted import counts

    found = counts(path, config.settings)
    return None if found is None else {"counts": found.is_module, "by": found.reason}


def _covers(prefix: str, code: str) -> bool:
    return prefix == "ALL" or code.startswith(prefix)


def _is_everywhere(code: str, config: Config) -> bool:
    rule = entry(code)
    is_bound = rule is not None and rule.scope is Scope.RESULT
    return not is_bound or code in config.settings.everywhere or _is_all(config)


def _is_all(config: Config) -> bool:
    return config.settings.discipline == "all"


def _held(key: str, config: Config) -> tuple[Any, str]:
    """A key's value and where it is from: names include what the presets give."""
    option = OPTIONS[key]
    given = config.given.get(key)
    if option.kind == "names":
        value = list(getattr(config.settings, key.replace("-", "_"), given[0] if given else ()))
        origins = [given[1]] if given else []
        own = len(given[0]) if given else 0
        return value, " and ".join(
            [*(["presets"] if len(value) > own else []), *origins] or [_DEFAULT]
        )
    if given:
        return given
    default = option.default
    return list(default) if isinstance(default, tuple) else default, _DEFAULT


def render(held: dict[str, Any]) -> str:
    """As the section that one could write: TOML, with the origins in comments."""
    out = [visible(f"# {held['path']}: configured by {held['file'] or 'no file'}")]
    for file, left_out in held["left out"].items():
        out.append(visible(f"# left out of {file}: {', '.join(left_out)}"))
    counted = held["module of Results"]
    if counted is not None:
        is_one = "a module of Results" if counted["counts"] else "no module of Results"
        out.append(visible(f"# it counts as {is_one}: {counted['by']}"))
    out.append("")
    out += [
        f"# rules {where}: {' '.join(codes)}" for where, codes in held["rules"].items() if codes
    ]
    out += ["", f"[{SECTION}]"]
    tables = []
    for key, holds in held["keys"].items():
        value, origin = holds["value"], holds["from"]
        if value is None or (key == "extend" and not value):
            continue
        if isinstance(value, dict):
            tables += ["", f"[{SECTION}.{key}]  # {visible(origin)}"]
            tables += [f"{json.dumps(name)} = {_inline(given)}" for name, given in value.items()]
        else:
            out.append(f"{key} = {json.dumps(value)}  # {visible(origin)}")
    return "\n".join(out + tables) + "\n"


def _inline(value: Any) -> str:
    """A value as TOML on one line."""
    if isinstance(value, dict):
        inner = (f"{json.dumps(key)} = {_inline(held)}" for key, held in value.items())
        return f"{{ {', '.join(inner)} }}"
    return json.dumps(value)


def schema() -> str:
    """The JSON schema of the section, for editors."""
    keys = {key: {"description": option.meaning, **_shape(key)} for key, option in OPTIONS.items()}
    document = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": f"[{SECTION}]",
        "type": "object",
        "additionalProperties": False,
        "properties": keys,
    }
    return json.dumps(document, indent=2) + "\n"


def _shape(key: str) -> dict[str, Any]:
    option = OPTIONS[key]
    # A team's own rules have codes that no list here can hold.
    code = {"type": "string", "pattern": "^(ALL|[A-Za-z]{1,3}[0-9]{0,3})$"}
    match option.kind:
        case "codes":
            return {"type": "array", "items": code}
        case "names" if key == "presets":
            return {"type": "array", "items": {"enum": [*PRESETS]}, "default": []}
        case "names" | "globs" | "modules":
            default = list(option.default)
            return {"type": "array", "items": {"type": "string"}, "default": default}
        case "flag":
            return {"type": "boolean", "default": option.default}
        case "number":
            return {"type": "integer", "minimum": 0, "default": option.default}
        case "choice":
            return {"enum": list(option.choices), "default": option.default}
        case "ignores":
            return {"type": "object", "additionalProperties": {"type": "array", "items": code}}
        case "free":
            return {"type": "object"}
        case _:
            return {"type": "string", "default": option.default}


def table() -> str:
    """The page of the keys."""
    intro = (
        "# Configuration\n\n"
        f"`[{SECTION}]` in `pyproject.toml`, or the same keys without a section in\n"
        "`funcpipe-lint.toml`. The file nearest to a source file holds for it; `extend` starts\n"
        "from another one. Paths and globs count from the file's folder. The command line wins.\n"
        "`plugins`, `fix`, `unsafe-fixes`, `baseline` and `cache-dir` count only in the file of\n"
        "the folder where the run starts ([untrusted-code.md](untrusted-code.md)).\n"
        "`funcpipe-lint config PATH` prints what holds for a file and where it comes from;\n"
        "[configuration.schema.json](configuration.schema.json) is for editors.\n\n"
        "| key | value | default | |\n|---|---|---|---|\n"
    )
    rows = []
    for key, option in OPTIONS.items():
        value = " \\| ".join(f"`{c}`" for c in option.choices) or _KINDS[option.kind]
        default = f"`{json.dumps(option.default)}`" if option.kind in _SHOWN else ""
        rows.append(f"| `{key}` | {value} | {default} | {option.meaning} |")
    return intro + "\n".join(rows) + "\n\n" + _presets()


# Kinds whose defaults are worth a word.
_SHOWN = ("flag", "choice", "number")
_KINDS = {
    "names": "list of names",
    "codes": "list of codes",
    "globs": "list of globs",
    "flag": "true or false",
    "name": "dotted name",
    "number": "whole number",
    "text": "text",
    "ignores": "table: glob to codes",
    "modules": "list of modules",
    "free": "table",
}


def _presets() -> str:
    rows = ["| preset | key | names |", "|---|---|---|"]
    for preset, named in PRESETS.items():
        for key, names in named.items():
            shown = ", ".join(f"`{name}`" for name in names)
            rows.append(f"| {preset} | `{key.replace('_', '-')}` | {shown} |")
    return (
        "## Presets\n\nWhat `presets` adds to the lists of names. `funcpipe` holds always.\n\n"
        + "\n".join(rows)
        + "\n"
    )

"""[tool.funcpipe-lint]: read, checked, turned into settings. Errors name file, key and way out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, cast

from funcpipe_lint.model import Scope, Settings
from funcpipe_lint.options import OPTIONS, Option
from funcpipe_lint.rules import KNOWN_CODES, RULES

SECTION = "tool.funcpipe-lint"

PRESETS: dict[str, dict[str, tuple[str, ...]]] = {
    "funcpipe": {
        "results": ("funcpipe_streams.Result",),
        "oks": ("funcpipe_streams.Ok",),
        "errs": ("funcpipe_streams.Err",),
        "descriptions": ("funcpipe_streams.AsyncGen",),
        "sync_descriptions": ("funcpipe_streams.IOGen",),
        "collectors": (
            "funcpipe_streams.collect",
            "aiostream.stream.list",
            "asyncstdlib.list",
            "asyncstdlib.tuple",
            "asyncstdlib.set",
            "asyncstdlib.dict",
            "asyncstdlib.sorted",
        ),
        "whole_stream": (
            "collect",
            "collect_*",
            "to_list",
            "to_tuple",
            "to_set",
            "to_dict",
            "sort",
            "sort_by",
            "sorted",
            "sorted_*",
            "permutations",
            "combinations",
        ),
    },
    "returns": {
        "results": ("returns.result.Result", "returns.io.IOResult"),
        "oks": ("returns.result.Success", "returns.io.IOSuccess"),
        "errs": ("returns.result.Failure", "returns.io.IOFailure"),
    },
    "result": {
        "results": ("result.Result",),
        "oks": ("result.Ok",),
        "errs": ("result.Err",),
    },
    "expression": {
        "results": ("expression.Result", "expression.core.Result"),
        "oks": ("expression.Ok", "expression.core.Ok"),
        "errs": ("expression.Error", "expression.core.Error"),
    },
}


class ConfigError(Exception):
    """A configuration that cannot be used: one line that names the value and the way out."""


@dataclass(frozen=True, slots=True)
class Config:
    """What holds for the files below one configuration file."""

    settings: Settings
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exclude: tuple[str, ...] = ()
    respect_gitignore: bool = True
    baseline: str = ""
    cache_dir: str = ""
    fix: bool = False
    unsafe_fixes: bool = False
    output_format: str = ""
    root: str = ""
    """The folder that its relative paths and globs count from."""
    origin: str = "the defaults"
    """Where it was read, for messages."""
    given: Mapping[str, tuple[Any, str]] = field(default_factory=dict, compare=False)
    """Each key that was given: its value and where."""

    @property
    def has_exclude_globs(self) -> bool:
        """Whether `exclude` holds more than plain names."""
        return any(set(pattern) & set("*?[/") for pattern in self.exclude)


def nearest(word: str, known: Iterable[str]) -> str:
    """ "; did you mean 'x'?" for the closest known word, or nothing."""
    import difflib  # only on the way to an error

    close = difflib.get_close_matches(word, list(known), 1, 0.5)
    return f"; did you mean '{close[0]}'?" if close else ""


def settings_for(options: Mapping[str, Any]) -> Settings:
    """The settings of a section's keys and values alone."""
    return config_for(options, "the options").settings


def config_for(
    options: Mapping[str, Any],
    origin: str,
    root: str = "",
    given: Mapping[str, tuple[Any, str]] | None = None,
) -> Config:
    """The configuration of a section's keys and values; raises ConfigError."""
    for key, value in options.items():
        _check(key, value, origin)
    rules, everywhere = _selected(options, origin)
    named: dict[str, Any] = dict(_presets(options, origin))
    known = {f.name for f in fields(Settings)}
    for key, option in OPTIONS.items():
        field_name = key.replace("-", "_")
        if option.kind == "names" and key in options and field_name in known:
            named[field_name] = (*named.get(field_name, ()), *options[key])
    settings = Settings(
        rules=rules,
        everywhere=everywhere,
        discipline=cast(Literal["auto", "all", "off"], options.get("discipline", "auto")),
        ok_is_bare=options.get("ok-is-bare", False),
        closing=options.get("closing", ""),
        **named,
    )
    ignores = options.get("per-file-ignores", {})
    return Config(
        settings,
        tuple((glob, tuple(_codes(codes, origin))) for glob, codes in ignores.items()),
        (*options.get("exclude", OPTIONS["exclude"].default), *options.get("extend-exclude", ())),
        options.get("respect-gitignore", True),
        options.get("baseline", ""),
        options.get("cache-dir", ""),
        options.get("fix", False),
        options.get("unsafe-fixes", False),
        options.get("output-format", ""),
        root,
        origin,
        given or {},
    )


def _check(key: str, value: object, origin: str) -> None:
    if key not in OPTIONS:
        raise ConfigError(f"{origin}: unknown key '{key}'{nearest(key, OPTIONS)}")
    wanted = ""
    match OPTIONS[key]:
        case Option("names" | "codes" | "globs"):
            wanted = "" if _is_texts(value) else "a list of strings"
        case Option("flag"):
            wanted = "" if isinstance(value, bool) else "true or false"
        case Option("text"):
            wanted = "" if isinstance(value, str) else "a string"
        case Option("choice", choices=choices):
            wanted = "" if value in choices else "one of " + ", ".join(choices)
        case Option("ignores"):
            is_table = isinstance(value, dict) and all(map(_is_texts, value.values()))
            wanted = "" if is_table else "a table from glob to a list of codes"
    if wanted:
        raise ConfigError(f"{origin}: '{key}' must be {wanted}, not {value!r}")


def _is_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(v, str) for v in value)


def _presets(options: Mapping[str, Any], origin: str) -> dict[str, tuple[str, ...]]:
    """The names that the presets give; the kit's own hold always."""
    named: dict[str, tuple[str, ...]] = {}
    for preset in ("funcpipe", *options.get("presets", ())):
        if preset not in PRESETS:
            raise ConfigError(f"{origin}: unknown preset '{preset}'{nearest(preset, PRESETS)}")
        for key, values in PRESETS[preset].items():
            named[key] = tuple(dict.fromkeys((*named.get(key, ()), *values)))
    return named


def _codes(given: Iterable[str], origin: str) -> list[str]:
    """The given codes and prefixes, upper-cased; raises ConfigError for one that names no rule."""
    checked = []
    for code in given:
        upper = code.strip().upper()
        if upper != "ALL" and not any(known.startswith(upper) for known in KNOWN_CODES):
            raise ConfigError(f"{origin}: unknown rule '{code}'{nearest(upper, KNOWN_CODES)}")
        if not upper:
            raise ConfigError(f"{origin}: an empty rule code")
        checked.append(upper)
    return checked


def _selected(options: Mapping[str, Any], origin: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(codes that run, those of them that run outside Result modules too)."""
    is_strict = options.get("profile") == "strict"
    chosen = _codes(options.get("select", ()), origin)
    extra = _codes(options.get("extend-select", ()), origin)
    ignored = _codes((*options.get("ignore", ()), *options.get("extend-ignore", ())), origin)
    rules, everywhere = [], []
    for code in KNOWN_CODES:
        entry = RULES.get(code)
        is_default = is_strict or entry is None or entry.scope is not Scope.STRICT
        asked = 0 if "select" not in options and is_default else -1
        asked = max([asked, *_lengths(code, (*chosen, *extra))])
        if asked < 0 or any(length >= asked for length in _lengths(code, ignored)):
            continue
        rules.append(code)
        is_asked = is_strict or code in (*chosen, *extra)
        if entry is not None and entry.strict_elsewhere and is_asked:
            everywhere.append(code)
    return tuple(rules), tuple(everywhere)


def _lengths(code: str, prefixes: Iterable[str]) -> list[int]:
    """How specific each prefix that covers a code is; the most specific one decides."""
    return [0 if p == "ALL" else len(p) for p in prefixes if p == "ALL" or code.startswith(p)]


def read(file: Path) -> Mapping[str, Any] | None:
    """The section of a pyproject.toml or funcpipe-lint.toml; None where it has none."""
    import tomllib  # 8 ms that a run without configuration does not pay

    try:
        data: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: is not valid TOML: {error}") from None
    if file.name != "pyproject.toml":
        return data
    section: Any = data.get("tool", {})
    section = section.get("funcpipe-lint") if isinstance(section, dict) else None
    if section is not None and not isinstance(section, dict):
        raise ConfigError(f"{file}: [{SECTION}] must be a table")
    return section


FILES = ("funcpipe-lint.toml", ".funcpipe-lint.toml", "pyproject.toml")


class Resolver:
    """Finds the configuration of each file: the nearest file above it that has the section.

    `overrides` are options of the command line, which hold everywhere; `only` is one configuration
    file for all. `extend = "../pyproject.toml"` starts from another file's section.
    """

    def __init__(
        self,
        overrides: Mapping[str, Any] | None = None,
        only: Path | None = None,
        isolated: bool = False,
    ) -> None:
        self._overrides = dict(overrides or {})
        self._only = only
        self._isolated = isolated
        self._by_folder: dict[str, Config] = {}

    def config_for(self, path: str) -> Config:
        """The configuration of a file; raises ConfigError."""
        folder = os.path.dirname(path) if not os.path.isdir(path) else path  # noqa: PTH112, PTH120
        if folder not in self._by_folder:
            self._by_folder[folder] = self._find(Path(folder or ".").resolve())
        return self._by_folder[folder]

    def _find(self, folder: Path) -> Config:
        if self._only is not None:
            section = read(self._only)
            if section is None:
                raise ConfigError(f"{self._only}: has no [{SECTION}] section")
            return self._made(section, self._only)
        for above in () if self._isolated else (folder, *folder.parents):
            key = str(above)
            if key in self._by_folder:
                return self._by_folder[key]
            for name in FILES:
                file = above / name
                section = read(file) if file.is_file() else None
                if section is not None:
                    return self._by_folder.setdefault(key, self._made(section, file))
        return self._made({}, None)

    def _made(self, section: Mapping[str, Any], file: Path | None) -> Config:
        origin = "the command line" if file is None else str(file)
        given: dict[str, tuple[Any, str]] = {}
        for part, where in self._parts(section, file):
            for key, value in part.items():
                _check(key, value, where)
                if key in _ADDING and key in given:
                    before, origins = given[key]
                    given[key] = [*before, *value], f"{origins} and {where}"
                else:
                    given[key] = value, where
        root = str(file.parent) if file is not None else ""
        options = {key: value for key, (value, _) in given.items()}
        return config_for(options, origin, root, given)

    def _parts(
        self, section: Mapping[str, Any], file: Path | None
    ) -> Iterable[tuple[Mapping[str, Any], str]]:
        """Keys and values with their origin; later ones win."""
        parts = [] if file is None else self._extended(section, file, ())
        if "select" in self._overrides:
            # Asked for on the command line: no file adds to it.
            unwanted = ("extend-select", "profile")
            parts = [({k: v for k, v in p.items() if k not in unwanted}, w) for p, w in parts]
        return [*parts, (self._overrides, "the command line")]

    def _extended(
        self, section: Mapping[str, Any], file: Path, seen: tuple[Path, ...]
    ) -> list[tuple[Mapping[str, Any], str]]:
        if "extend" not in section:
            return [(section, str(file))]
        own = {key: value for key, value in section.items() if key != "extend"}
        _check("extend", section["extend"], str(file))
        parent = (file.parent / section["extend"]).resolve()
        if parent in seen or parent == file.resolve():
            raise ConfigError(f"{file}: 'extend' comes back to {parent}")
        above = read(parent)
        if above is None:
            raise ConfigError(f"{file}: 'extend' names {parent}, which has no [{SECTION}] section")
        return [*self._extended(above, parent, (*seen, parent)), (own, str(file))]


# What is given twice adds up.
_ADDING = ("extend-select", "extend-ignore", "extend-exclude")

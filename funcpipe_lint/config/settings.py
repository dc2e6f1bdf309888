"""The keys and values of [tool.funcpipe-lint], checked and turned into settings. Errors name the
file, the key and the way out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, cast

from funcpipe_lint.config.oldest_python import version_of
from funcpipe_lint.config.options import INVARIANTS, OPTIONS, Option
from funcpipe_lint.model import ConfigError, Plugin, Scope, Settings
from funcpipe_lint.model.codes import KNOWN_CODES, entry, names, registered

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


class Config(NamedTuple):
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
    given: Mapping[str, tuple[Any, str]] = MappingProxyType({})
    """Each key that was given: its value and where."""

    @property
    def known_codes(self) -> tuple[str, ...]:
        """Every code that may be named below this file: the linter's, and those of its plugins."""
        return _known(self.settings.plugins)


def nearest(word: str, known: Iterable[str]) -> str:
    """ "; did you mean 'x'?" for the closest known word, or nothing."""
    import difflib  # only on the way to an error

    close = difflib.get_close_matches(word, list(known), 1, 0.5)
    return f"; did you mean '{close[0]}'?" if close else ""


def unknown_rule(code: str, known: Iterable[str]) -> str:
    """What is said of a code that names no rule."""
    words = [*names()] if "-" in code else known
    hint = nearest(code.lower() if "-" in code else code.upper(), words)
    hint = hint or "; `funcpipe-lint rule` lists them"
    return f"unknown rule '{code}'{hint}"


def settings_for(options: Mapping[str, Any]) -> Settings:
    """The settings of a section's keys and values alone."""
    return config_for(options, "the options").settings


def config_for(
    options: Mapping[str, Any],
    origin: str,
    root: str = "",
    given: Mapping[str, tuple[Any, str]] | None = None,
    plugin_roots: tuple[str, ...] = (),
    *,
    lacks_plugins: bool = False,
) -> Config:
    """The configuration of a section's keys and values; raises ConfigError.

    The modules that `plugins` names are imported, from the folders `plugin_roots` too. With
    `lacks_plugins` rules may be named that no module has: those of plugins that were left out.
    """
    for key, value in options.items():
        check_option(key, value, origin)
    plugins = _plugins(options, origin, plugin_roots)
    known_codes = _known(plugins)
    read = partial(_codes, origin=origin, known=known_codes, lacks_plugins=lacks_plugins)
    rules, everywhere, in_full = _selected(options, read, known_codes)
    named: dict[str, Any] = dict(_presets(options, origin))
    for key, option in OPTIONS.items():
        field_name = key.replace("-", "_")
        if option.kind == "names" and key in options and field_name in Settings._fields:
            named[field_name] = (*named.get(field_name, ()), *options[key])
    settings = Settings(
        rules=rules,
        everywhere=everywhere,
        in_full=in_full,
        plugins=plugins,
        lacks_plugins=lacks_plugins,
        plugin_settings=_free(options.get("plugin-settings", {})),
        discipline=cast(Literal["auto", "all", "off"], options.get("discipline", "auto")),
        ok_is_bare=options.get("ok-is-bare", False),
        closing=options.get("closing", ""),
        follow_imports=options.get("follow-imports", "project"),
        python=_environment(options, given or {}),
        max_seconds=options.get("max-seconds", OPTIONS["max-seconds"].default),
        oldest_python=version_of(options.get("target-version", "")),
        max_memory=options.get("max-memory", OPTIONS["max-memory"].default),
        **named,
    )
    ignores = options.get("per-file-ignores", {})
    return Config(
        settings,
        tuple((glob, read(codes)) for glob, codes in ignores.items()),
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


def _environment(options: Mapping[str, Any], given: Mapping[str, tuple[Any, str]]) -> str:
    """The environment that `python` names, from the folder of the file that names it."""
    python: str = os.path.expanduser(options.get("python", ""))
    if not python:
        return ""
    _, where = given.get("python", ("", ""))
    return os.path.abspath(os.path.join(os.path.dirname(where), python))


def check_option(key: str, value: object, origin: str) -> None:
    """Raises ConfigError where a key is unknown, or its value of the wrong kind."""
    if key not in OPTIONS:
        hint = nearest(key, OPTIONS) or "; `funcpipe-lint config` lists them"
        raise ConfigError(f"{origin}: unknown key '{key}'{hint}")
    wanted = ""
    match OPTIONS[key]:
        case Option("names") if key != "shell":  # which may hold paths
            is_right = _is_texts(value) and all(map(_is_name, cast(list[str], value)))
            wanted = "" if is_right else "a list of names such as db.session"
        case Option("names" | "codes" | "globs" | "modules"):
            wanted = "" if _is_texts(value) else "a list of strings"
        case Option("name"):
            is_right = isinstance(value, str) and (not value or _is_name(value))
            wanted = "" if is_right else "a name such as team.closing"
        case Option("flag"):
            wanted = "" if isinstance(value, bool) else "true or false"
        case Option("number"):
            is_whole = isinstance(value, int) and not isinstance(value, bool)
            is_right = is_whole and 0 <= cast(int, value) < 1 << 31
            wanted = "" if is_right else "a whole number, 0 for any"
        case Option("text") if key == "target-version":
            is_right = isinstance(value, str) and (not value or bool(version_of(value)))
            wanted = "" if is_right else "a version such as 3.12"
        case Option("text"):
            wanted = "" if isinstance(value, str) and "\0" not in value else "a string"
        case Option("choice", choices=choices):
            wanted = "" if value in choices else "one of " + ", ".join(choices)
        case Option("ignores"):
            is_table = isinstance(value, dict) and all(map(_is_texts, value.values()))
            wanted = "" if is_table else "a table from glob to a list of codes"
        case Option("free"):
            wanted = "" if _free(value) else "a table of texts, numbers, lists and tables"
    if wanted:
        raise ConfigError(f"{origin}: '{key}' must be {wanted}, not {_shown(value)}")


def _is_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(v, str) for v in value)


def _shown(value: object) -> str:
    """A value that may be of any depth and length."""
    import reprlib  # only on the way to an error

    return reprlib.repr(value)


def _is_name(text: str) -> bool:
    """Whether it is a dotted name, or a glob of some."""
    plain = "".join("_" if c in "*?[]!-" else c for c in text)
    return all(f"_{part}".isidentifier() and part for part in plain.split("."))


def _free(table: object) -> str:
    """A table as JSON; empty where it is no table, or holds what JSON cannot (a date)."""
    if table == {}:
        return "{}"
    import json  # 8 ms that a run without plugins does not pay

    try:
        return json.dumps(table, sort_keys=True) if isinstance(table, dict) else ""
    except (TypeError, ValueError, RecursionError):
        return ""


def _plugins(options: Mapping[str, Any], origin: str, roots: tuple[str, ...]) -> tuple[Plugin, ...]:
    if not options.get("plugins"):
        return ()
    from funcpipe_lint.config.plugins import resolve  # imports libcst: only where there are some

    try:
        return resolve(options["plugins"], roots)
    except ConfigError as error:
        raise ConfigError(f"{origin}: {error}") from None


def _known(plugins: tuple[Plugin, ...]) -> tuple[str, ...]:
    return (*KNOWN_CODES, *(code for plugin in plugins for code in plugin.codes))


def _presets(options: Mapping[str, Any], origin: str) -> dict[str, tuple[str, ...]]:
    """The names that the presets give; the kit's own hold always."""
    named: dict[str, tuple[str, ...]] = {}
    for preset in ("funcpipe", *options.get("presets", ())):
        if preset not in PRESETS:
            hint = nearest(preset, PRESETS) or f"; there are {', '.join(PRESETS)}"
            raise ConfigError(f"{origin}: unknown preset '{preset}'{hint}")
        for key, values in PRESETS[preset].items():
            named[key] = tuple(dict.fromkeys((*named.get(key, ()), *values)))
    return named


def _codes(
    given: Iterable[str], *, origin: str, known: Iterable[str], lacks_plugins: bool
) -> tuple[str, ...]:
    """The given codes and prefixes, upper-cased; raises ConfigError for one that names no rule.

    A rule of another folder's plugin may be named: the command line speaks to all of them.
    """
    checked = []
    for code in given:
        upper = code.strip().upper()
        is_known = any(one.startswith(upper) for one in (*known, *registered()))
        is_known = is_known or (lacks_plugins and not upper.startswith("FP") and upper.isalnum())
        if upper != "ALL" and not is_known:
            raise ConfigError(f"{origin}: {unknown_rule(code, known)}")
        if not upper:
            raise ConfigError(f"{origin}: an empty rule code")
        checked.append(upper)
    return tuple(checked)


def _selected(
    options: Mapping[str, Any],
    read: Callable[[Iterable[str]], tuple[str, ...]],
    known: tuple[str, ...],
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """(codes that run, those of them that run outside Result modules too, and those of these that
    report more than the invariants profile asks for)."""
    profile = options.get("profile", "default")
    chosen = read(options.get("select", ()))
    extra = read(options.get("extend-select", ()))
    unwanted = (*options.get("ignore", ()), *options.get("extend-ignore", ()))
    ignored = read(unwanted)
    rules, everywhere, in_full = [], [], []
    for code in known:
        rule = entry(code)
        is_default = rule is None or _is_in(profile, code, rule.scope)
        asked = 0 if "select" not in options and is_default else -1
        asked = max([asked, *_lengths(code, (*chosen, *extra))])
        if asked < 0 or any(length >= asked for length in _lengths(code, ignored)):
            continue
        rules.append(code)
        is_named = code in (*chosen, *extra)
        if rule is not None and rule.strict_elsewhere and (is_named or profile != "default"):
            everywhere.append(code)
            if is_named or profile != "invariants":
                in_full.append(code)
    return tuple(rules), tuple(everywhere), tuple(in_full)


def _is_in(profile: str, code: str, scope: Scope) -> bool:
    """Whether a rule runs under a profile."""
    if profile == "invariants":
        return code in INVARIANTS
    return profile == "strict" or scope is not Scope.STRICT


def _lengths(code: str, prefixes: Iterable[str]) -> list[int]:
    """How specific each prefix that covers a code is; the most specific one decides."""
    return [0 if p == "ALL" else len(p) for p in prefixes if p == "ALL" or code.startswith(p)]

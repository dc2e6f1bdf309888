"""What a module has that looks like a function on async streams, and what became of each."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, ModuleType
from typing import Any

from funcpipe_laws.declared.instance import OPERATIONS, StreamInstance
from funcpipe_laws.declared.offers import Consumer, Operator
from funcpipe_laws.finding.conventions import (
    TRIALS,
    VALUES,
    Convention,
    Unlike,
    convention,
    parameters_of,
)
from funcpipe_laws.finding.fit import fit_of
from funcpipe_laws.finding.named import (
    NAMED,
    OF_FUNCTIONS,
    OF_SEVERAL,
    RELATED,
    named_operator,
    operator_of_a_function,
    operator_of_several,
    retrying_operator,
)

Function = Callable[..., Any]

RETRY = "retry"
WORDS: Mapping[str, str] = {
    **{name: name for name in (*TRIALS, *NAMED, *OF_SEVERAL, *RELATED, *OF_FUNCTIONS, RETRY)},
    **dict.fromkeys(("chain", "concatenate"), "concat"),
    **dict.fromkeys(("flat_map", "flatmap", "concat_map", "concatmap", "and_then"), "bind"),
    **dict.fromkeys(("parmap", "parallel_map", "map_parallel", "concurrent_map"), "par_map"),
    **dict.fromkeys(("map_concurrent", "map_concurrently", "pmap"), "par_map"),
    **dict.fromkeys(("batch", "batched", "batches", "chunks", "chunked"), "chunk"),
    **dict.fromkeys(("gather", "interleave", "merge_streams", "merged"), "merge"),
    **dict.fromkeys(("buffered", "prefetch"), "buffer"),
    **dict.fromkeys(("with_timeout", "timeouts"), "timeout"),
    **dict.fromkeys(("takewhile",), "take_while"),
    **dict.fromkeys(("dropwhile", "skip_while"), "drop_while"),
    **dict.fromkeys(("first_n", "limit", "head"), "take"),
    **dict.fromkeys(("skip",), "drop"),
    **dict.fromkeys(("where", "filtered", "select"), "filter"),
    **dict.fromkeys(("accumulate",), "scan"),
    **dict.fromkeys(("windows", "windowed", "sliding_window"), "window"),
    **dict.fromkeys(("ratelimit", "rate_limited"), "rate_limit"),
    **dict.fromkeys(("switchmap", "flat_map_latest", "switch_latest"), "switch_map"),
    **dict.fromkeys(("mergemap", "flat_map_concurrent", "concurrent_flat_map"), "merge_map"),
    **dict.fromkeys(("par_flat_map", "parallel_flat_map", "flat_map_merge"), "merge_map"),
    **dict.fromkeys(("map_unordered", "unordered_map", "unordered_par_map"), "par_map_unordered"),
    **dict.fromkeys(("parmap_unordered", "imap_unordered"), "par_map_unordered"),
    **dict.fromkeys(("fork", "split", "share", "broadcast"), "tee"),
    **dict.fromkeys(("groupby",), "group_by"),
    **dict.fromkeys(("combinelatest", "zip_latest", "with_latest"), "combine_latest"),
    **dict.fromkeys(("retries", "with_retry", "with_retries", "retrying"), RETRY),
    **dict.fromkeys(("distinct_until_changed", "dedupe", "deduplicate"), "distinct"),
}
"""What people call an operation -> what laws call it."""

PREFIXES = ("async_gen_", "async_iter_", "async_", "aiter_", "stream_", "a")
SUFFIXES = ("_async", "_stream", "_streams", "_aiter", "_iter")
GENERAL = ("map", "bind", "filter")
"""What a function of a stream and a function may be, whatever its name."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One function: what it was checked as, or why it was not and what to write."""

    name: str
    checked_as: str = ""
    reason: str = ""


def word_for(name: str) -> str:
    """The operation that a name stands for, or an empty text."""
    last = name.rpartition(".")[2].lower()
    if last in WORDS:
        return WORDS[last]
    for prefix in PREFIXES:
        bare = last.removeprefix(prefix)
        if bare != last and bare in WORDS:
            return WORDS[bare]
    for suffix in SUFFIXES:
        bare = last.removesuffix(suffix)
        if bare != last and bare in WORDS:
            return WORDS[bare]
    return ""


def stream_functions(module: ModuleType) -> Iterator[tuple[str, Function]]:
    """The public functions of a module that take or make an async stream, by what can be read off.

    An annotation says so, the function is an async generator, or has one inside. Methods of public
    classes that can be made of a stream are taken for functions of a stream.
    """
    exported = getattr(module, "__all__", None)
    package = module.__name__.partition(".")[0]
    # What is found is tried at once: a warning that it gives adds to the module's names.
    for name, thing in list(vars(module).items()):
        at_home = str(getattr(thing, "__module__", "")).partition(".")[0] == package
        if name.startswith("_") or not (name in exported if exported is not None else at_home):
            continue
        if inspect.isclass(thing):
            yield from _methods(name, thing)
        elif inspect.isroutine(thing) and _looks_like_one(thing):
            yield name, thing


def _methods(name: str, cls: type[Any]) -> Iterator[tuple[str, Function]]:
    if not hasattr(cls, "__aiter__") or "__init__" not in vars(cls):
        return
    required = [p for p in list(parameters_of(cls).values()) if p.default is p.empty]
    if len(required) != 1:
        return
    for method, function in vars(cls).items():
        if not method.startswith("_") and inspect.isfunction(function) and word_for(method):
            yield f"{name}.{method}", _as_function(cls, method)


def _as_function(cls: type[Any], method: str) -> Function:
    def call(source: Any, *args: Any, **options: Any) -> Any:
        return getattr(cls(source), method)(*args, **options)

    own = list(inspect.signature(getattr(cls, method)).parameters.values())[1:]
    source = inspect.Parameter("source", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    call.__signature__ = inspect.Signature([source, *own])  # type: ignore[attr-defined]
    return call


def _looks_like_one(function: Any) -> bool:
    if inspect.isasyncgenfunction(function):
        return True
    annotations = getattr(function, "__annotations__", {})
    if any(_names_a_stream(annotation, function) for annotation in annotations.values()):
        return True
    code = getattr(inspect.unwrap(function), "__code__", None)
    return code is not None and any(
        isinstance(const, CodeType) and const.co_flags & inspect.CO_ASYNC_GENERATOR
        for const in code.co_consts
    )


def _names_a_stream(annotation: object, function: Any = None) -> bool:
    """Whether an annotation names a type of async streams, itself or by an alias of its module."""
    text = annotation if isinstance(annotation, str) else repr(annotation)
    module = getattr(inspect.unwrap(function), "__globals__", {}) if function is not None else {}
    aliases = [module[name] for name in re.findall(r"[A-Za-z_]\w*", text) if name in module]
    text += " ".join(repr(alias) for alias in aliases if not inspect.isclass(alias))
    return any(f"Async{kind}" in text for kind in ("Iterator", "Iterable", "Gen"))


@dataclass(slots=True)
class Seen:
    """What was made of the functions of a module."""

    operations: dict[str, tuple[str, Convention]]
    operators: dict[str, Operator]
    consumers: dict[str, Consumer]
    sightings: list[Sighting]


def look(
    functions: Iterator[tuple[str, Function]],
    instance: StreamInstance,
    taken: Mapping[str, str],
    *,
    named: bool = False,
) -> Seen:
    """Find out what each function is: by its name, by what it does, or as an operator of any kind.

    `taken` are operations that are there already, under the names of functions. Functions are
    called on the simulated loop, with streams of three items. Sources and consumers have effects of
    their own, a connection or a write: they are run only if they were `named` by somebody.
    """
    seen = Seen({}, {}, {}, [])
    names = {name: operation for operation, name in taken.items()}
    for name, function in functions:
        if name in names:
            seen.sightings.append(Sighting(name, names[name]))
            continue
        if not named and (what := _with_effects(function)):
            plural = "operators" if what == "Operator" else "consumers"
            seen.sightings.append(
                Sighting(
                    name,
                    "",
                    f"it may have effects of its own, so it is run only when it is named: --laws"
                    f" {instance.name}:{name}, or {plural}={{{name!r}: {what}({name})}}",
                )
            )
            continue
        _look_at(name, function, instance, seen, {*taken, *seen.operations})
    return seen


def _look_at(
    name: str, function: Function, instance: StreamInstance, seen: Seen, taken: set[str]
) -> None:
    word = word_for(name)
    required = _required(function)
    if inspect.iscoroutinefunction(function):
        if required == 1 and _names_a_stream(_first_annotation(function), function):
            seen.consumers[name] = Consumer(function)
            seen.sightings.append(Sighting(name, "consumer"))
        else:
            hint = f"consumers={{{name!r}: Consumer(lambda s: {name}(s, ...))}}"
            reason = f"it needs {_needed(function)}; name it: {hint}"
            seen.sightings.append(Sighting(name, "", reason))
        return
    unlike: list[Unlike] = []
    guesses = [word] if word else list(GENERAL) if required == 2 else []
    for guess in guesses:
        if guess in TRIALS:
            found = convention(guess, function, instance, unlike)
            if found is not None and guess not in taken:
                seen.operations[guess] = (name, found)
                seen.sightings.append(Sighting(name, guess))
                return
            if found is not None and guess == "map":
                seen.operators[_operator_name(name)] = _identity(found)
                seen.sightings.append(Sighting(name, "map, as an operator"))
                return
        elif (operator := _named(guess, function, instance, unlike)) is not None:
            seen.operators[_operator_name(name)] = operator
            seen.sightings.append(Sighting(name, guess))
            return
    problem = _says_otherwise(word, unlike) if word else ""
    _as_any_operator(name, function, instance, seen, problem)


def _says_otherwise(word: str, unlike: list[Unlike]) -> str:
    """What a function does that its name does not say: another thing, or a fault."""
    for got, wanted in sorted(unlike, key=lambda each: not each[0])[:1]:
        items = ", ".join(map(repr, VALUES))
        return f"of {items} it delivers {got!r}, and {word} is to deliver {wanted!r}"
    return ""


def _operator_name(name: str) -> str:
    """An operator is not called as one of the operations is: it may be another thing."""
    return f"{name}_operator" if name in OPERATIONS else name


def _with_effects(function: Function) -> str:
    """Whether it is a source that needs nothing, or a consumer that needs a stream alone."""
    required = _required(function)
    if inspect.iscoroutinefunction(function):
        return (
            "Consumer"
            if required == 1 and _names_a_stream(_first_annotation(function), function)
            else ""
        )
    parameters = parameters_of(function).values()
    variadic = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    return "Operator" if required == 0 and not variadic else ""


def _named(
    guess: str, function: Function, instance: StreamInstance, unlike: list[Unlike]
) -> Operator | None:
    if guess in OF_SEVERAL or guess in RELATED:
        return operator_of_several(guess, function, instance, unlike)
    if guess in OF_FUNCTIONS:
        return operator_of_a_function(guess, function, instance, unlike)
    if guess == RETRY:
        return retrying_operator(function, instance)
    return named_operator(guess, function, instance, unlike)


def _identity(found: Convention) -> Operator:
    """A second map of a module, as an operator: with the identity."""
    return Operator(lambda s: found.operation(s, lambda value: value), model=list, streams=1)


def _as_any_operator(
    name: str, function: Function, instance: StreamInstance, seen: Seen, problem: str
) -> None:
    """`problem`: why it is not what its name says."""
    required = _required(function)
    if required == 0 or (required == 1 and not _is_factory(function)):
        operator = Operator(function, streams=required)
        fit = fit_of(instance, operator)
        if fit.make is not None:
            seen.operators[_operator_name(name)] = operator
            seen.sightings.append(Sighting(name, "source" if required == 0 else "operator"))
            return
        reason = problem or fit.problem
    else:
        reason = problem or f"it needs {_needed(function)}"
    call = f"lambda: {name}(...)" if _is_factory(function) else f"lambda s: {name}(s, ...)"
    hint = f"operators={{{name!r}: Operator({call})}}"
    seen.sightings.append(Sighting(name, "", f"{reason}; name it: {hint}"))


def _needed(function: Function) -> str:
    return ", ".join(p for p, v in parameters_of(function).items() if v.default is v.empty)


def _is_factory(function: Function) -> bool:
    """Whether its one parameter is annotated as something that is no stream."""
    annotation = _first_annotation(function)
    return annotation is not None and not _names_a_stream(annotation, function)


def _first_annotation(function: Function) -> Any:
    for parameter in parameters_of(function).values():
        return None if parameter.annotation is parameter.empty else parameter.annotation
    return None


def _required(function: Function) -> int:
    parameters = parameters_of(function).values()
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return sum(p.default is p.empty and p.kind not in kinds for p in parameters)

"""What a module has that looks like a function on async streams, and what became of each."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from funcpipe_laws.declared.instance import OPERATIONS, StreamInstance
from funcpipe_laws.declared.offers import Consumer, Operator
from funcpipe_laws.finding.functions import (
    is_factory,
    is_harmless,
    is_unsure,
    names_a_stream,
    needed,
    takes_a_stream,
)
from funcpipe_laws.finding.harmless import harmless, iterates
from funcpipe_laws.finding.trying.accepting import accepted
from funcpipe_laws.finding.trying.consuming import consumer_of
from funcpipe_laws.finding.trying.conventions import (
    TRIALS,
    Convention,
    Function,
    Unlike,
    convention,
    keeps_back,
    parameters_of,
    required_by,
)
from funcpipe_laws.finding.trying.fit import fit_of
from funcpipe_laws.finding.trying.handling import handles
from funcpipe_laws.finding.trying.named import (
    OF_FUNCTIONS,
    OF_SEVERAL,
    RELATED,
    REPEATS,
    named_operator,
    operator_of_a_function,
    operator_of_several,
    retrying_operator,
    values_for,
)
from funcpipe_laws.finding.trying.texts import lines_of
from funcpipe_laws.finding.trying.trial import TookTooLong, patience
from funcpipe_laws.finding.trying.unnamed import (
    confirmed,
    operator_of_many,
    operator_of_one,
    parallel_map,
    timed_chunk,
    too_long_a_chunk,
)
from funcpipe_laws.finding.words import HANDLERS, RETRY, word_for

GENERAL = {
    1: ("pairwise", "enumerate", "distinct"),
    2: (
        *("map", "bind", "filter", "chunk", "take", "drop", "window", "scan"),
        *("merge_map", "switch_map", "par_map_unordered"),
    ),
    3: ("scan", "merge_map"),
}
"""What a function that needs so much may be, whatever its name."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One function: what it was checked as, or why it was not and what to write. With both, what
    could be checked of it besides."""

    name: str
    checked_as: str = ""
    reason: str = ""


@dataclass(slots=True)
class Seen:
    """What was made of the functions of a module."""

    operations: dict[str, tuple[str, Convention]]
    operators: dict[str, Operator]
    consumers: dict[str, Consumer]
    sightings: list[Sighting]
    given_up: set[str] = field(default_factory=set)
    """Functions that take too long to be tried."""
    values: Sequence[Any] | None = None
    """What items may hold for all of the operators; None is "anything"."""


def look(
    functions: Iterator[tuple[str, Function | str]],
    instance: StreamInstance,
    taken: Mapping[str, str],
    *,
    named: bool = False,
) -> Seen:
    """Find out what each function is: by its name, by what it does, or as an operator of any kind.

    `taken` are operations that are there already, under the names of functions. Functions are
    called on the simulated loop, with streams of three items. Sources and consumers have effects of
    their own, a connection or a write: they are run only if they were `named` by somebody. In
    place of a function there may be a reason why it cannot be called.
    """
    seen = Seen({}, {}, {}, [], values=instance.values)
    names = {name: operation for operation, name in taken.items()}
    for name, function in functions:
        if name in names:
            seen.sightings.append(Sighting(name, names[name]))
            continue
        if isinstance(function, str):
            seen.sightings.append(Sighting(name, "", function))
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
        before = len(seen.sightings)
        try:
            with patience():
                _look_at(name, function, instance, seen, {*taken, *seen.operations})
        except TookTooLong as exc:
            hint = f"operators={{{name!r}: Operator(lambda s: {name}(s, ...))}}"
            seen.sightings.append(Sighting(name, "", f"{exc}; name it: {hint}"))
            seen.given_up.add(name)
        if is_unsure(function) and not named and not seen.sightings[-1].checked_as:
            del seen.sightings[before:]
    _restrict(seen, instance)
    return seen


def _restrict(seen: Seen, instance: StreamInstance) -> None:
    """To items that all operators take of which nothing else is known: one may want numbers."""
    hashing = [_operator_name(one.name) for one in seen.sightings if one.checked_as == "unique"]
    seen.values, refused = accepted(seen.operators, seen.consumers, instance, hashing)
    for name, problem in refused.items():
        kind, maker = ("operators", "Operator")
        if seen.operators.pop(name, None) is None:
            del seen.consumers[name]
            kind, maker = ("consumers", "Consumer")
        given = f"StreamInstance(values=..., {kind}={{{name!r}: {maker}({name})}})"
        told = Sighting(name, "", f"{problem}; say what its items hold: {given}")
        own = [n for n, one in enumerate(seen.sightings) if _operator_name(one.name) == name]
        seen.sightings[own[0]] = replace(told, name=seen.sightings[own[0]].name)


def _look_at(
    name: str, function: Function, instance: StreamInstance, seen: Seen, taken: set[str]
) -> None:
    word = word_for(name)
    required = required_by(function)
    if inspect.iscoroutinefunction(function):
        if takes_a_stream(function):
            seen.consumers[name] = consumer_of(function, instance)
            seen.sightings.append(Sighting(name, "consumer"))
        else:
            seen.sightings.append(Sighting(name, "", _unlike_a_consumer(name, function)))
        return
    unlike: list[Unlike] = []
    if not word and (certain := _by_its_parameters(function, instance, required, taken)):
        seen.operations[certain[0]] = (name, certain[1])
        seen.sightings.append(Sighting(name, certain[0]))
        return
    guesses = (word,) if word else GENERAL.get(required, ())
    if word in REPEATS:
        guesses = (word, *REPEATS)  # Both are called by both names.
    for guess in guesses:
        if guess in TRIALS:
            found = convention(guess, function, instance, unlike)
            if found is None:
                continue
            in_slices = guess == "map" and not word and keeps_back(found.operation, instance)
            if guess == "map" and (in_slices or guess in taken):
                seen.operators[_operator_name(name)] = _identity(found)
                seen.sightings.append(Sighting(name, "map, as an operator"))
                return
            if guess not in taken:
                seen.operations[guess] = (name, found)
                seen.sightings.append(Sighting(name, guess))
                return
        elif (operator := _named(guess, function, instance, unlike)) is not None and (
            word or confirmed(operator, instance)
        ):
            seen.operators[_operator_name(name)] = operator
            seen.sightings.append(Sighting(name, guess))
            return
    if not word and required in (1, 2) and "tee" not in taken and not is_factory(function):
        found = convention("tee", function, instance, [])
        if found is not None:
            seen.operations["tee"] = (name, found)
            seen.sightings.append(Sighting(name, "tee"))
            return
    problem = _says_otherwise(word, unlike) if word else ""
    _as_any_operator(name, function, instance, seen, problem)


def _unlike_a_consumer(name: str, function: Function) -> str:
    """Why a coroutine function is not checked: it needs more, or makes a stream when awaited."""
    if names_a_stream(getattr(function, "__annotations__", {}).get("return", ""), function):
        opened = f"lambda: opened_by({name}(...))"
        return (
            f"its stream comes only when it is awaited; name an async generator function that"
            f" awaits and iterates: operators={{{name!r}: Operator({opened})}}"
        )
    hint = f"consumers={{{name!r}: Consumer(lambda s: {name}(s, ...))}}"
    return f"it needs {needed(function)}; name it: {hint}"


def _by_its_parameters(
    function: Function, instance: StreamInstance, required: int, taken: set[str]
) -> tuple[str, Convention] | None:
    """A parallel map or a timed chunk, if that is what it does."""
    if "par_map" not in taken and required in (2, 3):
        found = parallel_map(function, instance)
        if found is not None:
            return "par_map", found
    if "chunk" not in taken and required in (2, 3):
        found = timed_chunk(function, instance) or too_long_a_chunk(function, instance)
        if found is not None:
            return "chunk", found
    return None


def _says_otherwise(word: str, unlike: list[Unlike]) -> str:
    """What a function does that its name does not say: another thing, or a fault."""
    for got, wanted in sorted(unlike, key=lambda each: not each[0])[:1]:
        items = ", ".join(map(repr, values_for(word)))
        return f"of {items} it delivers {got!r}, and {word} is to deliver {wanted!r}"
    return ""


def _operator_name(name: str) -> str:
    """An operator is not called as one of the operations is: it may be another thing."""
    return f"{name}_operator" if name in OPERATIONS else name


def _with_effects(function: Function) -> str:
    """Whether it is a source that needs nothing, or a consumer that needs a stream alone; empty too
    if its code shows that it touches nothing but what it is given."""
    if is_harmless(function):
        return ""
    if inspect.iscoroutinefunction(function):
        return "Consumer" if takes_a_stream(function) else ""
    return "Operator" if required_by(function) == 0 and not _is_variadic(function) else ""


def _is_variadic(function: Function) -> bool:
    return any(p.kind is p.VAR_POSITIONAL for p in parameters_of(function).values())


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
    found = _source_or_operator(name, function, instance, problem)
    if isinstance(found, str):
        makes = is_factory(function) or found == NOT_READ or _iterates_over_nothing(function)
        call = f"lambda: {name}(...)" if makes else f"lambda s: {name}(s, ...)"
        hint = f"operators={{{name!r}: Operator({call})}}"
        seen.sightings.append(Sighting(name, "", f"{problem or found}; name it: {hint}"))
        return
    operator, told = found
    seen.operators[_operator_name(name)] = lines_of(name, operator, instance)
    seen.sightings.append(Sighting(name, told, _besides(name, operator)))


def _besides(name: str, operator: Operator) -> str:
    """What is to be said of a decorator, which says itself that it wraps what it was given."""

    async def stream() -> AsyncGenerator[int, None]:
        yield 1

    with suppress(Exception):
        if operator.arity == 1 and operator.make(stream).__wrapped__ is stream:
            return (
                f"it is a decorator: wrappers={{{name!r}: Wrapper({name})}} checks what is sent and"
                " thrown in, context variables and its name too"
            )
    return ""


def _iterates_over_nothing(function: Function) -> bool:
    """Whether a generator function makes its items itself, by what its code shows."""
    own = inspect.unwrap(function)
    return inspect.isasyncgenfunction(own) and not iterates(own)


NOT_READ = "it does not iterate over what it is given"


def _source_or_operator(
    name: str, function: Function, instance: StreamInstance, problem: str
) -> tuple[Operator, str] | str:
    """What it is, and how that is told; or why it is none."""
    required = required_by(function)
    if is_factory(function) or (problem and (required > 1 or word_for(name) in REPEATS)):
        return f"it needs {needed(function)}"
    if required == 0 and not _is_variadic(function):
        operator = Operator(function, streams=0)
        fit = fit_of(instance, operator)
        curried = operator_of_one(function, instance, 0) if fit.make is None else None
        if curried is not None:
            return curried[0], "operator, made first"
        return fit.problem if fit.make is None else (operator, "source")
    by_name = bool(word_for(name, HANDLERS))
    if required == 1 or (required > 1 and (required == 2 or harmless(function))):
        one = operator_of_one(
            function, instance, required, exceptions="handle" if by_name else "raise"
        )
        if one is not None:
            operator, given = one
            make = fit_of(instance, operator).make
            if by_name or (make is not None and handles(function, make, instance)):
                operator = replace(operator, exceptions="handle")
            handling = operator.exceptions == "handle"
            kind = "operator that handles exceptions" if handling else "operator"
            return operator, f"{kind}, given {given} too" if given else kind
    if required < 3:
        several = operator_of_many(function, instance)
        if several is not None:
            return several, "operator on streams"
    if required == 1:
        return fit_of(instance, Operator(function, streams=1)).problem or NOT_READ
    return f"it needs {needed(function)}"

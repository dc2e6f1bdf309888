"""Functions of a module that look like functions on async streams, by what can be read off them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from types import CodeType, ModuleType
from typing import Any

from funcpipe_laws.finding.harmless import harmless, iterates, reads_a_stream
from funcpipe_laws.finding.makers import is_stream_class, made_here, makes_a_stream
from funcpipe_laws.finding.trying.conventions import Function, parameters_of, required_by
from funcpipe_laws.finding.words import word_for

STREAM_PARAMETER = re.compile(
    r"(async_?|a)?(source|stream|feed|upstream|iterable|iterator|iter|it|items|chunks|events|rows|gen)s?"
)
"""What a parameter is called that a stream is given for."""


def stream_functions(module: ModuleType) -> Iterator[tuple[str, Function | str]]:
    """The public functions of a module that take or make an async stream, by what can be read off;
    or why one cannot be called.

    An annotation says so, the function is an async generator or has one inside, it returns what
    another such function or a class of streams makes, or it is a coroutine function that iterates
    over a parameter. Classes whose instances are streams count, and methods of all public classes.
    """
    exported = getattr(module, "__all__", None)
    package = module.__name__.partition(".")[0]
    # What is found is tried at once: a warning that it gives adds to the module's names.
    for name, thing in list(vars(module).items()):
        at_home = str(getattr(thing, "__module__", "")).partition(".")[0] == package
        if name.startswith("_") or not (name in exported if exported is not None else at_home):
            continue
        if inspect.isclass(thing):
            yield from _of_class(name, thing)
        elif inspect.isroutine(thing) and looks_like_one(thing):
            yield name, thing


def function_of(module: ModuleType, name: str) -> Function | str | None:
    """The function of this name, that of a class with a dot, or why it cannot be called."""
    head, _, method = name.partition(".")
    thing = getattr(module, head, None)
    if not inspect.isclass(thing):
        return thing if inspect.isroutine(thing) and not method else None
    return dict(_of_class(head, thing)).get(name)


def is_unsure(function: Function) -> bool:
    """Whether nothing but what its code or its parameter is called speaks for it: it is to be
    listed only if a trial shows that it makes a stream."""
    return not _says_so(function)


def _of_class(name: str, cls: type[Any]) -> Iterator[tuple[str, Function | str]]:
    if getattr(cls, "_is_protocol", False) or inspect.isabstract(cls):
        return
    is_stream = is_stream_class(cls)
    if is_stream and made_here(cls):
        yield name, cls
    for method, raw in list(vars(cls).items()):
        if method.startswith("_"):
            continue
        if isinstance(raw, classmethod | staticmethod):
            bound = getattr(cls, method)
            if looks_like_one(bound):
                yield f"{name}.{method}", bound
        elif inspect.isfunction(raw):
            of_a_stream = wraps_a_stream(cls) or _is_made_of_a_stream(cls)
            of_it = _method(name, cls, method, raw, of_a_stream=of_a_stream)
            if of_it is not None:
                yield f"{name}.{method}", of_it


def _method(
    name: str, cls: type[Any], method: str, raw: Function, *, of_a_stream: bool
) -> Function | str | None:
    """A method as a function of what its class is made of; or why that cannot be."""
    own = list(inspect.signature(raw).parameters.values())[1:]
    if of_a_stream:
        if _consumes(raw):
            return None if own or not iterates(raw) else _as_consumer(cls, method)
        return _as_function(cls, method) if word_for(method) or looks_like_one(raw) else None
    if not _says_so(raw):
        return None
    if required_by(cls) == 0 and harmless(cls):
        return _of_a_new_one(cls, method, own)
    call = f"{name}({'...' if required_by(cls) else ''}).{method}"
    if _consumes(raw):
        hint = f"consumers={{{name + '.' + method!r}: Consumer(lambda s: {call}(s))}}"
    else:
        given = "..." if any(p.default is p.empty for p in own) else ""
        hint = f"operators={{{name + '.' + method!r}: Operator(lambda: {call}({given}))}}"
    return f"it is a method, and laws do not make a {name} unasked; name it: {hint}"


def _is_made_of_a_stream(cls: type[Any]) -> bool:
    """Whether a class whose instances are no streams says that it needs one, and nothing else."""
    if not made_here(cls) or required_by(cls) != 1:
        return False
    annotation, first = first_annotation(cls), next(iter(parameters_of(cls)))
    if annotation is not None:
        return names_a_stream(annotation, cls.__init__)
    return harmless(cls) and STREAM_PARAMETER.fullmatch(first) is not None


def _consumes(function: Function) -> bool:
    return inspect.iscoroutinefunction(function)


def wraps_a_stream(thing: object) -> bool:
    """Whether it is a class of async iterables that are made of one thing."""
    return (
        inspect.isclass(thing)
        and is_stream_class(thing)
        and made_here(thing)
        and required_by(thing) == 1
        and not is_factory(thing)
    )


_SOURCE = inspect.Parameter("source", inspect.Parameter.POSITIONAL_OR_KEYWORD)


def _as_function(cls: type[Any], method: str) -> Function:
    def call(source: Any, *args: Any, **options: Any) -> Any:
        return getattr(cls(source), method)(*args, **options)

    own = list(inspect.signature(getattr(cls, method)).parameters.values())[1:]
    return _looks_as(call, [_SOURCE, *own], cls, method)


def _as_consumer(cls: type[Any], method: str) -> Function:
    async def consume(source: Any) -> Any:
        return await getattr(cls(source), method)()

    taken = _SOURCE.replace(annotation=Stream)
    return _looks_as(consume, [taken], cls, method)


def _looks_as(
    call: Function, parameters: list[inspect.Parameter], cls: type[Any], method: str
) -> Function:
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__wrapped__ = getattr(cls, method)  # type: ignore[attr-defined]
    call.of_class = cls  # type: ignore[attr-defined]
    return call


def is_harmless(function: Function) -> bool:
    """Whether a function, or any of the class that it is a method of, touches nothing else."""
    return harmless(getattr(function, "of_class", function))


def takes_a_stream(function: Function) -> bool:
    """Whether a coroutine function needs a stream, and nothing else."""
    if required_by(function) != 1:
        return False
    annotation, first = first_annotation(function), next(iter(parameters_of(function)))
    if annotation is not None and annotation is not Stream:
        return names_a_stream(annotation, function)
    return annotation is Stream or reads_a_stream(inspect.unwrap(function)) == first


class Stream:
    """The annotation of what stands for the stream that a class is made of."""


def _of_a_new_one(cls: type[Any], method: str, own: list[inspect.Parameter]) -> Function:
    """A method of a class that needs nothing and does nothing else when it is made."""
    if inspect.iscoroutinefunction(getattr(cls, method)):

        async def awaited(*args: Any, **options: Any) -> Any:
            return await getattr(cls(), method)(*args, **options)

        return _looks_as(awaited, own, cls, method)

    def call(*args: Any, **options: Any) -> Any:
        return getattr(cls(), method)(*args, **options)

    return _looks_as(call, own, cls, method)


def looks_like_one(function: Any) -> bool:
    """Whether there is anything that speaks for a function on streams; see `is_unsure`."""
    if _says_so(function):
        return True
    if inspect.iscoroutinefunction(function) or not harmless(function):
        return False
    first = next(iter(parameters_of(function)), "")
    return makes_a_stream(function, certain=False) or (
        first_annotation(function) is None and STREAM_PARAMETER.fullmatch(first) is not None
    )


def _says_so(function: Any) -> bool:
    function = inspect.unwrap(function)
    if inspect.isclass(function):
        return is_stream_class(function)
    if inspect.isasyncgenfunction(function):
        return True
    annotations = getattr(function, "__annotations__", {})
    if any(names_a_stream(annotation, function) for annotation in annotations.values()):
        return True
    if reads_a_stream(function):
        return True
    code = getattr(function, "__code__", None)
    if code is not None and _holds_a_generator(code):
        return True
    return not inspect.iscoroutinefunction(function) and makes_a_stream(function, certain=True)


def _holds_a_generator(code: CodeType) -> bool:
    inner = [const for const in code.co_consts if isinstance(const, CodeType)]
    return any(
        one.co_flags & inspect.CO_ASYNC_GENERATOR or _holds_a_generator(one) for one in inner
    )


def names_a_stream(annotation: object, function: Any = None) -> bool:
    """Whether an annotation names a type of async streams, itself or by an alias of its module."""
    text = annotation if isinstance(annotation, str) else repr(annotation)
    module = getattr(inspect.unwrap(function), "__globals__", {}) if function is not None else {}
    aliases = [module[name] for name in re.findall(r"[A-Za-z_]\w*", text) if name in module]
    text += " ".join(repr(alias) for alias in aliases if not inspect.isclass(alias))
    return any(f"Async{kind}" in text for kind in ("Iterator", "Iterable", "Gen"))


def needed(function: Function) -> str:
    """The parameters that have no default, in a text."""
    return ", ".join(p for p, v in parameters_of(function).items() if v.default is v.empty)


def is_factory(function: Function) -> bool:
    """Whether its one parameter is annotated as something that is no stream."""
    annotation = first_annotation(function)
    return annotation is not None and not names_a_stream(annotation, function)


def first_annotation(function: Function) -> Any:
    """The annotation of the first parameter, or None."""
    for parameter in parameters_of(function).values():
        return None if parameter.annotation is parameter.empty else parameter.annotation
    return None

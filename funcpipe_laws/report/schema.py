"""The JSON Schema of the JSON report, from the types that the report is made of."""

from __future__ import annotations

import json
import types
import typing
from typing import Any, Literal, Union, get_args, get_origin

from funcpipe_laws.report.record import SCHEMA, Conformance

PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
}


def schema(
    report: Any = Conformance,
    version: int = SCHEMA,
    title: str = "What the laws of async streams found",
) -> dict[str, Any]:
    """The schema of a kind of report, with one definition for each kind of record."""
    definitions: dict[str, Any] = {}
    root = _of(report, definitions)
    definitions[report.__name__]["properties"]["schema"] = {"const": version}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def text(kind: dict[str, Any] | None = None) -> str:
    """A schema as the file that is published; by default that of the laws' report."""
    return json.dumps(kind or schema(), indent=2, ensure_ascii=False) + "\n"


def _of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if kind in PLAIN:
        return PLAIN[kind]
    if typing.is_typeddict(kind):
        return _record(kind, definitions)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is list:
        return {"type": "array", "items": _of(arguments[0], definitions)}
    if origin is tuple:
        places = [_of(argument, definitions) for argument in arguments]
        return {"type": "array", "prefixItems": places, "items": False, "minItems": len(places)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _of(arguments[1], definitions)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [_of(argument, definitions) for argument in arguments]}
    raise TypeError(f"{kind} has no place in a JSON report")


def _record(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}  # Before its fields, which may be of this kind.
        fields = typing.get_type_hints(kind)
        definitions[name] |= {
            "description": (kind.__doc__ or "").strip(),
            "type": "object",
            "properties": {field: _of(hint, definitions) for field, hint in fields.items()},
            "required": list(fields),
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{name}"}

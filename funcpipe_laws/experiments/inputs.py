"""The inputs of a counterexample, read back from the form in which they are printed."""

from __future__ import annotations

import ast
import asyncio
import builtins
from typing import Any

from funcpipe_laws.declared import instance
from funcpipe_laws.experiments import consumer, scripts
from funcpipe_laws.simulation import callouts

_MAKERS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        *(instance.Value, instance.Failure, consumer.Plan),
        *(scripts.Script, scripts.Raise, scripts.Hang, scripts.Resource),
        *(scripts.Fn, scripts.ItemFn, scripts.Kleisli, callouts.Raises),
    )
}
_EXCEPTIONS: dict[str, Any] = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException)
}
_NAMES = _MAKERS | _EXCEPTIONS
_NAMES |= {"CancelledError": asyncio.CancelledError, "ProbeError": scripts.ProbeError}


def parse(text: str) -> dict[str, Any]:
    """`source=Script((Value(0),)), take=1` as a mapping; raises ValueError on anything else."""
    try:
        call = ast.parse(f"inputs({text})", mode="eval").body
    except SyntaxError:
        raise ValueError(f"inputs are not of the form name=value, name=value: {text}") from None
    assert isinstance(call, ast.Call)
    if call.args or any(keyword.arg is None for keyword in call.keywords):
        raise ValueError(f"every input needs its name: {text}")
    return {str(keyword.arg): _value(keyword.value) for keyword in call.keywords}


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant():
            return node.value
        case ast.Tuple():
            return tuple(map(_value, node.elts))
        case ast.List():
            return list(map(_value, node.elts))
        case ast.UnaryOp(op=ast.USub()):
            return -_value(node.operand)
        case ast.Name(id=name) if name in _NAMES:
            return _NAMES[name]
        case ast.Call(func=ast.Name(id=name)) if name in _MAKERS:
            named = {str(k.arg): _value(k.value) for k in node.keywords}
            try:
                return _MAKERS[name](*map(_value, node.args), **named)
            except TypeError as exc:
                raise ValueError(f"{ast.unparse(node)}: {exc}") from None
    raise ValueError(f"{ast.unparse(node)} is neither a literal nor one of {', '.join(_MAKERS)}")

"""What an expression certainly is not: evidence that a value is no Result."""

from __future__ import annotations

import libcst as cst

from funcpipe_lint.rule import Context
from funcpipe_lint.rule.bindings import Binding
from funcpipe_lint.rule.tree import COLLECTING

_DISPLAYS: dict[type[cst.CSTNode], str] = {
    cst.Integer: "a number",
    cst.Float: "a number",
    cst.Imaginary: "a number",
    cst.SimpleString: "a string",
    cst.ConcatenatedString: "a string",
    cst.FormattedString: "a string",
    **({cst.TemplatedString: "a template"} if hasattr(cst, "TemplatedString") else {}),
    cst.Ellipsis: "an Ellipsis",
    cst.Comparison: "the outcome of a comparison",
    cst.List: "a list",
    cst.Tuple: "a tuple",
    cst.Dict: "a dict",
    cst.Set: "a set",
    cst.ListComp: "a list",
    cst.SetComp: "a set",
    **dict.fromkeys(COLLECTING[2:], "a dict"),
    cst.GeneratorExp: "a generator",
    cst.Lambda: "a function",
}
_TYPES = (
    "bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "range",
    "set", "str", "tuple",
)  # fmt: skip
_CONSTRUCTED = tuple(f"builtins.{name}" for name in _TYPES)
# `|` and `@` are left out: libraries overload them on Results.
_ARITHMETIC = (
    cst.Add, cst.Subtract, cst.Multiply, cst.Divide, cst.FloorDivide, cst.Modulo, cst.Power,
    cst.LeftShift, cst.RightShift, cst.BitAnd, cst.BitXor,
)  # fmt: skip
_PAYLOADS = ("value", "error")


class Values:
    """Judges the values of one module."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    def why_raw(self, value: cst.BaseExpression | None) -> str:
        """What a value certainly is instead of a Result, in words; empty where it may be one."""
        return self._why(value, 4)

    def _why(self, value: cst.BaseExpression | None, depth: int) -> str:
        if value is None:
            return "nothing"
        if type(value) in _DISPLAYS:
            return _DISPLAYS[type(value)]
        if depth == 0:
            return ""
        match value:
            case cst.Name():
                return self._why_name(value, depth)
            case cst.UnaryOperation():
                return "the outcome of an operator"
            case cst.BinaryOperation() if isinstance(value.operator, _ARITHMETIC):
                return "the outcome of arithmetic"
            case cst.BooleanOperation():
                left, right = self._why(value.left, depth - 1), self._why(value.right, depth - 1)
                return left and right
            case cst.Attribute():
                return self._why_payload(value)
            case cst.Call():
                return self._why_call(value, is_awaited=False)
            case cst.Await() if isinstance(value.expression, cst.Call):
                return self._why_call(value.expression, is_awaited=True)
            case cst.NamedExpr():
                return self._why(value.value, depth - 1)
        return ""

    def _why_call(self, call: cst.Call, is_awaited: bool) -> str:
        names = self._ctx.names
        if not is_awaited and names.is_a(call.func, _CONSTRUCTED):
            return f"a call of {self._ctx.text(call.func)}"
        function = self._ctx.functions.definition(call.func)
        if function is None or function.returns is None or function.decorators:
            return ""
        if (function.asynchronous is not None) is not is_awaited:
            return ""
        if self._ctx.functions.is_generator(function):
            return ""
        return self._why_annotated(function.returns.annotation, function)

    def _why_annotated(self, annotation: cst.BaseExpression, at: cst.CSTNode) -> str:
        """A builtin type, or a class of this file that is neither side of a Result."""
        plain = self._ctx.names.unquoted(annotation)
        if isinstance(plain, cst.Subscript):
            plain = plain.value
        if plain is None:
            return ""
        if isinstance(plain, cst.Name) and plain.value == "None":
            return "None"
        if self._ctx.names.is_a(plain, _CONSTRUCTED, at):
            return f"a value of type {_word(plain)}"
        return ""

    def _why_payload(self, value: cst.Attribute) -> str:
        name, word = value.value, value.attr.value
        if word not in _PAYLOADS or not isinstance(name, cst.Name):
            return ""
        side = self._ctx.results.side(name)
        if (side, word) in (("ok", "value"), ("err", "error")):
            return f"the bare payload '{name.value}.{word}'"
        return ""

    def _why_name(self, name: cst.Name, depth: int) -> str:
        if name.value in ("None", "True", "False"):
            return name.value
        found = self._ctx.names.bindings(name.value, name)
        reasons = [self._why_bound(binding, depth - 1) for binding in found]
        return reasons[0] if reasons and all(reasons) else ""

    def _why_bound(self, binding: Binding, depth: int) -> str:
        if binding.kind in ("assign", "walrus", "annotate") and binding.value is not None:
            return self._why(binding.value, depth)
        if binding.kind == "match":
            side = self._captured_side(binding)
            return f"the bare payload '{binding.name}'" if side else ""
        if binding.kind == "parameter" and binding.annotation is not None:
            return self._why_annotated(binding.annotation, binding.node)
        return ""

    def _captured_side(self, binding: Binding) -> str:
        """The side of the Result whose payload a `case Ok(value=x)` or `case Err(x)` captures."""
        above = self._ctx.tree.parent(binding.node)
        if not isinstance(above, cst.MatchKeywordElement | cst.MatchSequenceElement):
            return ""
        pattern = self._ctx.tree.parent(above)
        if not isinstance(pattern, cst.MatchClass) or not isinstance(binding.node, cst.MatchAs):
            return ""
        return self._ctx.results.constructor_side(pattern.cls) or ""

    def is_error_payload(self, value: cst.BaseExpression) -> bool:
        """Whether a value is what an `Err` carries."""
        if isinstance(value, cst.Attribute):
            return value.attr.value == "error"
        if not isinstance(value, cst.Name):
            return False
        found = self._ctx.names.bindings(value.value, value)
        return any(self._captured_side(binding) == "err" for binding in found)


def _word(node: cst.BaseExpression) -> str:
    return node.value if isinstance(node, cst.Name) else "a builtin"

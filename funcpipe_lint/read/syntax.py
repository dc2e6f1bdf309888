"""Whether a file is Python; what is said of one that is not."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, cast

from funcpipe_lint.model import Crash, FileReport
from funcpipe_lint.read.interruption import end_if_interrupted
from funcpipe_lint.read.source import Source, UndecodableError

if TYPE_CHECKING:
    import ast

    import libcst as cst

# Brackets in each other, strings and comments counted in. CPython refuses 200, and libcst dies of
# 1,500; without a tree from `ast` the limit is far below either.
_MAX_BRACKETS = 30
_TEMPLATE = re.compile(r"""(?<!\w)([rR]?)[tT]([rR]?)(?=['"])""")
_ONLY_AST = 0x400  # ast.PyCF_ONLY_AST
# What a syntax tree takes for each word and each bracket: measured, 900 to 1,500 bytes.
_BYTES_A_NODE = 1_000
_WORDS = bytes(97 if byte > 127 or chr(byte).isalnum() or byte == 95 else 32 for byte in range(256))
# What `parse` raises for a text that it refuses.
UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


def parse(text: str | bytes) -> ast.Module:
    """The syntax tree of a text, or of a file's bytes, its own warnings kept quiet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # What `ast.parse` does, without its import: a hook's usual run needs nothing else of it.
        return cast("ast.Module", compile(text, "<unknown>", "exec", _ONLY_AST, dont_inherit=True))


def memory_to_parse(raw: bytes) -> int:
    """About how many bytes the syntax tree of a file takes, strings and comments not counted.
    O(file), far less than parsing it."""
    from funcpipe_lint.read.mentions import TEXT

    code = re.sub(TEXT, b"#", raw, flags=re.DOTALL)
    words = (b" " + code.translate(_WORDS)).count(b" a")
    return _BYTES_A_NODE * (words + sum(map(code.count, (b"(", b"[", b"{"))))


def most_memory_to_parse(raw: bytes) -> int:
    """More than `memory_to_parse` says. O(1)."""
    return _BYTES_A_NODE * len(raw)


def libcst_module(text: str) -> cst.Module:
    """The tree that libcst makes of a text. Raises what libcst raises."""
    import libcst as cst

    try:
        return cst.parse_module(text)
    except Exception as error:  # AttributeError and more on odd layouts
        end_if_interrupted(error)
        # libcst 1.9 reads no `tr"..."`, and no two template strings in a row; as f-strings it does.
        other = _TEMPLATE.sub(r"\1f\2", text)
        if other == text:
            raise
        return cst.parse_module(other)


def newer_module(text: str) -> cst.Module | None:
    """The tree that libcst makes of a text that this interpreter refuses, if it is Python all the
    same, of a later version."""
    depth = 0
    for bracket in re.finditer(r"[()\[\]{}]", text):
        depth += 1 if bracket[0] in "([{" else -1
        if depth > _MAX_BRACKETS:
            return None
    try:
        return libcst_module(text)
    except Exception as error:
        end_if_interrupted(error)
        return None


def is_newer_python(text: str) -> bool:
    """Whether a text that this interpreter refuses is Python all the same, of a later version."""
    return newer_module(text) is not None


def is_python(text: str) -> bool:
    """Whether a text parses, here or in a later version."""
    try:
        parse(text)
    except SyntaxError:
        return is_newer_python(text)
    except (ValueError, RecursionError, MemoryError):
        return False
    return True


def check_syntax(path: str, raw: bytes) -> FileReport:
    """The report of a file that no rule can speak of: its encoding and syntax alone."""
    try:
        text = Source.decode(raw).text
        parse(text)
    except SyntaxError as error:
        return FileReport(path) if is_newer_python(text) else failure(path, error)
    except (UndecodableError, *UNPARSABLE) as error:
        return failure(path, error)
    return FileReport(path)


def failure(path: str, error: Exception) -> FileReport:
    """The report of a file that cannot be decoded or parsed."""
    match error:
        case SyntaxError():
            message = f"is not valid Python: {error.msg}"
            crash = Crash(path, message, error.lineno or 1, error.offset or 1)
        case UndecodableError():
            crash = Crash(path, f"cannot be decoded: {error}")
        case MemoryError():
            reason = "it takes more memory than there is, or than max-memory"
            crash = Crash(path, f"cannot be parsed: {reason}")
        case _:
            crash = Crash(path, f"cannot be parsed: {type(error).__name__} {error}")
    return FileReport(path, crashes=(crash,))

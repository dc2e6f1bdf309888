"""docs/streams.md: what its examples print is what stands below them."""

from __future__ import annotations

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import ModuleType

PAGE = Path(__file__).parent.parent.parent / "docs" / "streams.md"
EXAMPLE = re.compile(r"```python\n(.*?)```\n(?:```text\n(.*?)```\n)?", re.DOTALL)


def test_examples_print_what_the_page_says() -> None:
    """One program, block by block, each with its output; nothing is imported in vain."""
    tutorial, _, _ = PAGE.read_text(encoding="utf-8").partition("<!-- reference")
    program = ModuleType("tutorial")
    examples = EXAMPLE.findall(tutorial)
    for code, output in examples:
        printed = StringIO()
        with redirect_stdout(printed):
            exec(compile(code, str(PAGE), "exec"), program.__dict__)
        assert printed.getvalue() == output
    assert len(examples) >= 8
    names = re.findall(r"\b\w+\b", "".join(code for code, _ in examples))
    imported = [name for name in vars(program) if hasattr(vars(program)[name], "__module__")]
    assert [name for name in imported if names.count(name) < 2] == []

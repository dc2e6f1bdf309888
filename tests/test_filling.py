"""A page's figures are written between their marks, and nowhere else."""

from __future__ import annotations

import pytest

from docs.programs.filling import filled

MARKS = ("<!-- a -->", "<!-- b -->")


def test_words_stay() -> None:
    """What is before and behind the first part stays, another part too."""
    page = "x\n<!-- a -->\nold\n<!-- b -->\ny\n<!-- a -->\nold\n<!-- b -->\n"
    made = filled(page, MARKS, "new")
    assert made == "x\n<!-- a -->\nnew\n<!-- b -->\ny\n<!-- a -->\nold\n<!-- b -->\n"
    assert filled(made, MARKS, "new") == made


@pytest.mark.parametrize("page", ["", "<!-- a -->\n", "<!-- b -->\n<!-- a -->\n"])
def test_no_part(page: str) -> None:
    """A page without the marks is refused, not left as it was."""
    with pytest.raises(ValueError, match="has no part between"):
        filled(page, MARKS, "new")

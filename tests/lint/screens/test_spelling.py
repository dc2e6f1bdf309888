"""Names that Python reads as others than the text shows."""

from __future__ import annotations

import pytest

from funcpipe_lint.screen.slices.spelling import may_respell

RESPELT = {
    "full width": "\uff52\uff4f\uff57\uff53 = 1",
    "one letter of it": "row\uff53 = 1",
    "a ligature": "\ufb01le = 1",
    "a letter and its accent apart": "e\u0301te = 1",
    "an accent on an ASCII letter in a name": "cafe\u0301s = 1",
    "parts of a syllable": "\u1100\u1161 = 1",
    "behind a string": "x = 'a' 'b' + row\uff53",
    "in the braces of a string": "x = f'a {row\uff53}'",
    "in those of one over lines": 'x = F"""\n{row\uff53}"""',
    "in braces behind others": "x = f'{a} \u2139 {{}} {row\uff53}'",
    "in a string in braces": "x = f'{f\"{row\uff53}\"}'",
    "where strings cannot be told": "x = f'{'}'}'\nrow\uff53 = 1",
    "behind a quote that ends nothing": "x = 'a\nrow\uff53 = 1",
}
AS_SHOWN = {
    "ASCII": "rows = 1",
    "letters beyond it": "\u00e9t\u00e9 = \u0436 = \u5217 = 1",
    "signs that are in no name": "x = 'a\u2026 m\u00b2 \u2122 \u00a0\u00bd \uff08\uff1a'",
    "a comment": "x = 1  # row\uff53 = 1",
    "signs in an f-string": "x = f'\u2139 {a} \u2139 {{\uff53}}'",
    "signs behind a letter": 'format("\u2139", f("\u2139"))',
    "a string": "x = ('row\uff53', b'', r'\uff53')",
    "one over lines": 'x = """\n\uff53\n"""\ny = 1',
    "quotes and arrows": "# \u201cso\u201d \u2192 \u2014",
}


@pytest.mark.parametrize("name", RESPELT)
def test_what_may_be_read_otherwise(name: str) -> None:
    """A text that holds such a name is told, wherever it stands."""
    assert may_respell(RESPELT[name])


@pytest.mark.parametrize("name", AS_SHOWN)
def test_what_is_read_as_it_is_shown(name: str) -> None:
    """Files in which nothing but prose changes are screened like any other."""
    assert not may_respell(AS_SHOWN[name])

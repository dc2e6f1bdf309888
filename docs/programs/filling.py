"""Pages of which a program writes one part: the words around it stay."""

from __future__ import annotations


def filled(text: str, marks: tuple[str, str], part: str) -> str:
    """The text with a part written anew between its first two marks; raises ValueError where it
    has none."""
    start, end = marks
    before, is_begun, rest = text.partition(start)
    _, is_ended, after = rest.partition(end)
    if not is_begun or not is_ended:
        raise ValueError(f"has no part between '{start}' and '{end}'")
    return f"{before}{start}\n{part}\n{end}{after}"

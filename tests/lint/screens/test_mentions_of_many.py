"""Many words are looked for at once where they would be found one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from funcpipe_lint.read.mentions import places, places_of

WORDS = [f"rows_{number}".encode() for number in range(300)] + ["größe".encode(), b"rows"]
PIECES = st.sampled_from([*WORDS[:4], *WORDS[-2:], b"x", b" ", b".", b"(", b"\xc3", b"\n", b"_"])


@given(st.lists(PIECES).map(b"".join))
def test_many_words_are_found_where_each_is(raw: bytes) -> None:
    """Three hundred words at once, and six of them: the places of each by itself."""
    for words in (WORDS, [*WORDS[:4], *WORDS[-2:]]):
        alone = sorted((word, at) for word in words for at in places(raw, word))
        assert sorted(places_of(raw, words)) == alone

"""Comments that silence, in every form people write them, and FP001 for those that do nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lint.conftest import LEAKY, Command

LOOP = "    async for row in rows(pool):"


def found(command: Command, code: str, *arguments: str) -> list[str]:
    """`line code` of each finding in some code."""
    Path("leaky.py").write_text(code, encoding="utf-8")
    done = command("check", "--output-format", "concise", *arguments, "leaky.py")
    assert done.err == ""
    return [
        f"{line.split(':')[1]} {line.split(': ')[1].split()[0]}" for line in done.out.splitlines()
    ]


def with_comment(comment: str) -> str:
    """The leaky loop with a comment at its end."""
    return LEAKY.replace(LOOP, f"{LOOP}  {comment}")


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa: FP303",
        "# noqa",
        "#noqa:FP303",
        "# NOQA : fp303",
        "# noqa: E501,FP303",
        "# noqa: E501 FP303",
        "# noqa: FP303 the pool outlives the stream",
        "# noqa: FP303 - the pool outlives the stream",
        "# type: ignore[misc]  # noqa: FP303",
        "# funcpipe: ignore[FP303]",
        "# funcpipe: ignore[FP303] the pool outlives the stream",
        "#funcpipe:ignore[fp303]",
        "# FUNCPIPE : Ignore [ FP303 ] reason",
        "# why  # funcpipe: ignore[FP303] reason",
    ],
)
def test_forms_that_silence(command: Command, comment: str) -> None:
    """Blanks, case, other tools' codes, prose after the codes and comments before do not matter."""
    assert found(command, with_comment(comment)) == []


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa: FP302",
        "# noqa: E501",
        "# noqa:E501,W291",
        "# noqa:",
        "# about FP303",
        "# funcpipe lint says FP303",
        '"# noqa: FP303"',
    ],
)
def test_forms_that_do_not_silence(command: Command, comment: str) -> None:
    """Another rule's code, another tool's, prose and text in a string silence nothing."""
    code = with_comment(comment)
    if comment.startswith('"'):
        code = LEAKY.replace(LOOP, f"{LOOP}\n        {comment}")
    assert "7 FP303" in found(command, code)


def test_a_statement_of_several_lines(command: Command) -> None:
    """On any line of the statement, also of one with brackets and strings over lines."""
    for last in ("    ):  # noqa: FP303", "    ):  # funcpipe: ignore[FP303] long"):
        code = LEAKY.replace(
            LOOP, f'    async for row in rows(\n        pool or """\n        """,\n{last}'
        )
        assert found(command, code) == []
    inside = LEAKY.replace(LOOP, "    async for row in rows(\n        pool,  # noqa: FP303\n    ):")
    assert found(command, inside) == []


def test_a_comment_of_its_own_covers_the_next_statement_only(command: Command) -> None:
    """`ignore` above a statement is the form for lines that are already full."""
    above = LEAKY.replace(LOOP, f"    # funcpipe: ignore[FP303] reason\n\n    # more\n{LOOP}")
    assert found(command, above) == []
    again = LEAKY[LEAKY.index("async def names") :].replace("names", "others")
    assert found(command, f"{above}\n\n{again}") == ["15 FP303"]


def test_the_file_form(command: Command) -> None:
    """`ignore-file` covers the file from wherever it stands, for the codes that it names."""
    assert found(command, LEAKY + "\n# funcpipe: ignore-file[FP303] generated\n") == []
    kept = found(command, "# funcpipe: ignore-file[FP302] generated\n" + LEAKY)
    assert kept == ["1 FP001", "8 FP303"]


def test_the_block_form(command: Command) -> None:
    """From `off` to `on`; without an `on`, to the end of the file."""
    again = LEAKY[LEAKY.index("async def names") :].replace("names", "others")
    off = "# funcpipe: off[FP303] old code\n"
    assert found(command, f"{off}{LEAKY}\n\n{again}") == []
    for on in ("# funcpipe: on[FP303]", "# funcpipe: on"):
        assert found(command, f"{off}{LEAKY}{on}\n\n\n{again}") == ["14 FP303"]


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("# noqa: FP302", "FP302 does not fire here"),
        ("# noqa: FP999", "'FP999' is not a rule"),
        ("# funcpipe: ignore[FP302] reason", "FP302 does not fire here"),
        ("# funcpipe: ignore", "names no code"),
        ("# funcpipe: ignore[] reason", "names no code"),
        ("# funcpipe: ingore[FP303]", "'ingore' is none of ignore, "),
        ("# funcpipe: ignore[FP3O3]", "names no code"),
        ("# funcpipe: ignore[E501]", "'E501' is not a rule"),
    ],
)
def test_what_does_nothing_is_a_finding(command: Command, comment: str, said: str) -> None:
    """Unused, unknown and malformed suppressions are FP001, and --fix takes them out."""
    Path("leaky.py").write_text(f"x = 1  {comment}\ny = 2\n", encoding="utf-8")
    done = command("check", "--output-format", "concise", "leaky.py")
    assert done.code == 1
    assert done.out.startswith("leaky.py:1:")
    assert " FP001 " in done.out
    assert said in done.out
    assert command("check", "--fix", "leaky.py").code == 0
    assert Path("leaky.py").read_text(encoding="utf-8") == "x = 1\ny = 2\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# noqa: FP302, E501", "# noqa: E501"),
        ("# noqa: E501,FP302", "# noqa: E501"),
        ("# noqa: E501, FP302, W291", "# noqa: E501, W291"),
        ("# noqa: FP303, FP302", "# noqa: FP303"),
        ("# funcpipe: ignore[FP303, FP302] reason", "# funcpipe: ignore[FP303] reason"),
        ("# funcpipe: ignore[FP302, FP303] reason", "# funcpipe: ignore[FP303] reason"),
        ("# type: ignore  # noqa: FP302", "# type: ignore"),
        ("# noqa: FP302  # type: ignore", "# type: ignore"),
        ("# funcpipe: ignore[FP302] why  # type: ignore", "# type: ignore"),
    ],
)
def test_only_the_unused_part_is_removed(command: Command, before: str, after: str) -> None:
    """Used codes, other tools' codes and other comments of the line stay as they are."""
    code = with_comment(before)
    if "FP303" not in before:
        code = code.replace("rows(pool)", "pool")
        code = code.replace("async def pool", "async def rows(pool)")
    Path("leaky.py").write_text(code, encoding="utf-8")
    assert command("check", "--select", "FP001,FP302,FP303", "--fix", "leaky.py").code == 0
    assert Path("leaky.py").read_text(encoding="utf-8") == code.replace(before, after)


def test_rules_that_are_off_are_not_judged(command: Command) -> None:
    """A run over some rules says nothing of suppressions for the others."""
    assert found(command, "x = 1  # noqa: FP302\n", "--select", "FP001,FP303") == []
    assert found(command, "x = 1  # noqa: FP302\n", "--ignore", "FP001") == []


def test_suppressions_of_other_tools_are_theirs(command: Command) -> None:
    """Bare noqa, other codes, and words that only look alike are never reported."""
    code = "x = 1  # noqa\ny = 2  # noqa: E501\nz = 3  # nonoqa: FP1\n# see funcpipe: the kit\n"
    assert found(command, code) == []


def test_no_noqa_leaves_noqa_to_another_tool(command: Command) -> None:
    """With --no-noqa, noqa comments neither silence nor are judged; our own comments still hold."""
    assert found(command, with_comment("# noqa: FP303"), "--no-noqa") == ["7 FP303"]
    assert found(command, "x = 1  # noqa: FP302\n", "--no-noqa") == []
    assert found(command, with_comment("# funcpipe: ignore[FP303] why"), "--no-noqa") == []


def test_fp001_itself_can_be_silenced(command: Command) -> None:
    """By naming it: some suppressions are kept for another version of Python."""
    assert found(command, "x = 1  # noqa: FP302, FP001\n") == []


def test_add_noqa_silences_what_is_there(command: Command) -> None:
    """Each statement gets one comment with the reason; the next run is clean, another a no-op."""
    Path("more.py").write_bytes(
        LEAKY.replace(LOOP, '    async for row in rows(\n        """)\n""", pool\n    ):  # why')
        .replace("\n", "\r\n")
        .encode()
    )
    done = command("check", "--add-noqa", "old code, see #12", ".")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Silenced 2 violations.\n")
    comment = "# funcpipe: ignore[FP303] old code, see #12"
    assert Path("leaky.py").read_text(encoding="utf-8") == with_comment(comment)
    assert f"\r\n    ):  # why  {comment}\r\n".encode() in Path("more.py").read_bytes()
    before = Path("more.py").read_bytes()
    assert command("check", ".").code == 0
    assert command("check", "--add-noqa", "again", ".").out.startswith("Silenced 0 violations.\n")
    assert Path("more.py").read_bytes() == before


def test_add_noqa_leaves_recorded_and_unused_ones(command: Command) -> None:
    """What the baseline holds needs no comment, and FP001 is mended by --fix, not by a comment."""
    command("check", "--baseline", "old.json", "--update-baseline", ".")
    Path("unused.py").write_text("x = 1  # noqa: FP302\n", encoding="utf-8")
    done = command("check", "--baseline", "old.json", "--add-noqa", "why", ".")
    assert done.code == 1
    assert "FP001" in done.out
    assert Path("leaky.py").read_text(encoding="utf-8") == LEAKY
    assert Path("unused.py").read_text(encoding="utf-8") == "x = 1  # noqa: FP302\n"


def test_add_noqa_needs_a_reason(command: Command) -> None:
    """An empty reason is refused before anything is written."""
    done = command("check", "--add-noqa", " ", ".")
    assert done.code == 2
    assert "needs a reason" in done.err
    assert Path("leaky.py").read_text(encoding="utf-8") == LEAKY

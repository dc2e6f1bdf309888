"""A baseline after files were renamed: what is certainly an old file keeps its records."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable
from pathlib import Path

import pytest

from funcpipe_lint.check.baseline.renames import renamed
from tests.lint.conftest import LEAKY, Command

CHECK = ("check", "--baseline", "old.json", "--output-format", "concise")
UPDATE = ("check", "--baseline", "old.json", "--update-baseline")


def write(name: str, text: str = LEAKY) -> None:
    """A source file."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")


def leaky(*names: str) -> str:
    """A module with one FP303 for each name, all on lines of their own."""
    return "\n\n".join(
        LEAKY.replace("rows", f"rows_{name}").replace("names", f"names_{name}") for name in names
    )


def move(old: str, new: str) -> None:
    """`git mv`."""
    Path(new).parent.mkdir(parents=True, exist_ok=True)
    Path(old).rename(new)


def reported(command: Command, *paths: str) -> list[str]:
    """The files that a check speaks of, once for each violation."""
    return [line.split(":")[0] for line in command(*CHECK, *paths).out.splitlines()]


def recorded() -> set[str]:
    """The files that have records."""
    return set(json.loads(Path("old.json").read_text(encoding="utf-8"))["violations"])


def test_a_copy_is_no_rename(command: Command) -> None:
    """While the old file is there its records are its own."""
    command(*UPDATE, ".")
    write("copy.py")
    write("leaky.py", "x = 1\n")
    assert reported(command, ".") == ["copy.py"]


def test_one_rename_follows_a_file(command: Command) -> None:
    """Of two new files that are like the one that is gone, one is new."""
    command(*UPDATE, ".")
    move("leaky.py", "first.py")
    write("second.py")
    assert reported(command, ".") == ["second.py"]


def test_a_file_with_records_is_no_renamed_one(command: Command) -> None:
    """It was there when they were made: one more on an equal line is new."""
    write("other.py")
    command(*UPDATE, ".")
    Path("leaky.py").unlink()
    write("other.py", LEAKY + "\n\n" + LEAKY[LEAKY.index("async def names") :])
    assert reported(command, ".") == ["other.py"]


def test_little_in_common_is_no_rename(command: Command) -> None:
    """Less than half of the records found again: the file is another."""
    write("leaky.py", leaky("a", "b", "c"))
    command(*UPDATE, ".")
    Path("leaky.py").unlink()
    write("other.py", leaky("c", "d"))
    assert reported(command, ".") == ["other.py", "other.py"]


@pytest.mark.parametrize("part", ["pkg", "new.py"])
def test_a_run_over_a_part_follows_nothing_outside(command: Command, part: str) -> None:
    """The old file may have gone to where the run did not look."""
    command(*UPDATE, ".")
    move("leaky.py", "elsewhere.py")
    write("new.py")
    write("pkg/new.py")
    assert len(reported(command, part)) == 1
    command(*UPDATE, part)
    assert "leaky.py" in recorded()


def test_what_could_not_be_checked_may_be_the_renamed_file(command: Command) -> None:
    """Its records are kept until it can be."""
    command(*UPDATE, ".")
    move("leaky.py", "new.py")
    text = Path("new.py").read_text(encoding="utf-8")
    write("new.py", text + "def f(:\n")
    command(*UPDATE, ".")
    assert recorded() == {"leaky.py"}
    write("new.py", text)
    assert reported(command, ".") == []


def test_rules_that_did_not_run_keep_their_records(command: Command) -> None:
    """A run of another rule cannot tell whether the file was renamed."""
    command(*UPDATE, ".")
    move("leaky.py", "new.py")
    command(*UPDATE, "--select", "FP504", ".")
    assert reported(command, ".") == []


def test_a_path_that_cannot_be_looked_up_is_not_gone(command: Command) -> None:
    """Only what is certainly not there was renamed or deleted."""
    command(*UPDATE, ".")
    move("leaky.py", "new.py")
    path = Path("old.json")
    path.write_text(path.read_text(encoding="utf-8").replace("leaky.py", "n" * 300 + ".py"))
    assert reported(command, ".") == ["new.py"]


@pytest.mark.parametrize("new", ["renamed.py", "pkg/leaky.py", "pkg/deep/renamed.py"])
def test_a_renamed_file_keeps_its_records(command: Command, new: str) -> None:
    """Nothing is new and nothing is mended; recording writes the new path."""
    command(*UPDATE, ".")
    move("leaky.py", new)
    done = command("check", "--baseline", "old.json", ".")
    assert done.code == 0
    assert "1 more in the baseline." in done.out
    assert "mended" not in done.out
    command(*UPDATE, ".")
    assert recorded() == {new}


def test_a_renamed_file_that_was_edited(command: Command) -> None:
    """What is new in it is reported, what was mended is counted, the rest stays matched."""
    write("leaky.py", leaky("a", "b"))
    command(*UPDATE, ".")
    Path("leaky.py").unlink()
    write("new.py", leaky("b", "c"))
    done = command("check", "--baseline", "old.json", ".")
    assert done.out.count("FP303 ") == 1
    assert "rows_c" in done.out
    assert "1 recorded in the baseline is mended" in done.out


def test_a_renamed_folder(command: Command) -> None:
    """Of files that are alike, those of the same name belong together."""
    for name in ("a", "b"):
        write(f"old/{name}.py")
    write("old/c.py", leaky("a", "b"))
    command(*UPDATE, ".")
    move("old", "new")
    write("new/a0.py")
    assert reported(command, ".") == ["new/a0.py"]
    command(*UPDATE, ".")
    assert recorded() == {"leaky.py", "new/a.py", "new/a0.py", "new/b.py", "new/c.py"}


def test_no_new_file_is_two_old_ones() -> None:
    """Of two files that are gone, one was renamed to the only new one that has their records."""
    records = Counter[Hashable](["a", "b"])
    gone = {"one.py": records, "two.py": records}
    assert renamed(gone, {"new.py": records}) == {"one.py": "new.py"}
    assert renamed(gone, {"new.py": records, "two/two.py": records}) == {
        "one.py": "new.py",
        "two.py": "two/two.py",
    }


LEFT_EARLY = """

async def first(path):
    async for row in rows(path):
        if row:
            break
"""


def test_half_of_what_the_rules_of_a_run_recorded(command: Command) -> None:
    """A run of one rule follows a file by that rule's records, however many others there are."""
    write("old.py", leaky("a", "b", "c") + LEFT_EARLY.replace("rows(", "rows_a("))
    assert command(*UPDATE, ".").code == 0
    move("old.py", "new.py")
    assert command(*CHECK, "--select", "FP302", ".").code == 0

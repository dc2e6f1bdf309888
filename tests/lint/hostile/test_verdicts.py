"""The survey of docs/studies/reliability.py notices what it promises to notice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from docs.studies import verdicts
from docs.studies.screens import sample
from docs.studies.verdicts import LATER, UNNOTICED, Report, survey
from tests.lint.conftest import LEAKY


def test_what_is_counted(tmp_path: Path) -> None:
    """Each file once, whatever its folder: findings, what is no Python, what is of a later one."""
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "leaky.py").write_text(LEAKY, encoding="utf-8")
    (tmp_path / "broken.py").write_text("def f(:\n", encoding="utf-8")
    (tmp_path / "odd.py").write_bytes(b"# \xe9\n")
    (tmp_path / "later.py").write_text("try: pass\nexcept A, B: pass\n", encoding="utf-8")
    row = survey(tmp_path, 1)
    assert (row.files, row.findings, row.wrong) == (4, 1, ())
    later = {LATER: 1} if sys.version_info < (3, 14) else {}
    assert row.told == {"no Python": 1, "not decodable": 1, **later}


def test_what_a_large_run_does_not_notice(tmp_path: Path) -> None:
    """It is counted, and held against a run in which it is named."""
    for number in range(501):
        (tmp_path / f"m{number}.py").touch()
    (tmp_path / "m7.py").write_text("def f(:\n", encoding="utf-8")
    row = survey(tmp_path, 1)
    assert (row.told, row.wrong) == ({UNNOTICED: 1}, ())


def said(monkeypatch: pytest.MonkeyPatch, report: Report) -> None:
    """Lets the command say this, whatever it is asked."""

    def answer(folder: Path, paths: Iterable[str]) -> Report:
        return report

    monkeypatch.setattr(verdicts, "_report", answer)


WRONG = {
    "called no Python": ("x = 1\n", {"m.py": ["is not valid Python: no"]}, "CPython compiles it"),
    "called undecodable": ("x = 1\n", {"m.py": ["cannot be decoded: no"]}, "CPython compiles it"),
    "called Python": (
        "def f(:\n",
        {"m.py": ["libcst cannot parse it"]},
        "does not compile",
    ),
    "a rule that fails": ("x = 1\n", {"m.py": ["rule FP303 failed"]}, "rule FP303 failed"),
    "lost": ("x = 1\n", {"m.py": ["vanished before it was read"]}, "vanished"),
    "said nothing of": ("def f(:\n", {}, "nothing is said of it"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A verdict that CPython contradicts, a check that is lost, a file of which nothing is said."""
    text, errors, reason = WRONG[name]
    (tmp_path / "m.py").write_text(text, encoding="utf-8")
    said(monkeypatch, Report(1, 0, errors, 2 if errors else 0))
    (wrong,) = survey(tmp_path, 1).wrong
    assert wrong.startswith("m.py: ")
    assert reason in wrong


def test_a_wrong_exit_code_and_a_lost_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clean code beside a finding; fewer files than there are."""
    (tmp_path / "m.py").touch()
    said(monkeypatch, Report(0, 1, {}, 0))
    assert survey(tmp_path, 1).wrong == ("exit code 0, not 1", "0 of 1 files were looked at")


def test_a_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that ends without a report is what went wrong."""

    def crash(*given: object, **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 1, "", "Traceback:\nKeyError: 1\n")

    monkeypatch.setattr(subprocess, "run", crash)
    assert survey(tmp_path, 1).wrong == ("exit code 1: KeyError: 1",)


def test_the_sample(tmp_path: Path) -> None:
    """As many with streams as without, where there are; the same ones each time; or all."""
    for number in range(9):
        (tmp_path / f"plain{number}.py").touch()
    for number in range(2):
        (tmp_path / f"leaky{number}.py").write_text(LEAKY, encoding="utf-8")
    files = [str(file) for file in tmp_path.iterdir()]
    some = sample(files, 3)
    assert some == sample(files, 3)
    assert ["leaky" in file for file in some] == [True] * 2 + [False] * 3
    assert sample(files, None) == sorted(files)

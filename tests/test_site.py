"""The site's settings: a link that leads nowhere fails its build."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
SETTINGS = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[there](other.md), [below](other.md#part)", 0),
        ("[nowhere](gone.md)", 1),
        ("[no such part](other.md#gone)", 1),
        ("[a folder](../examples/)", 1),
    ],
)
def test_a_link_that_leads_nowhere_fails(tmp_path: Path, text: str, code: int) -> None:
    """With the settings of ours, on pages that are made for it."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(f"# A page\n\n{text}\n")
    (tmp_path / "docs" / "other.md").write_text("# Another\n\n## Part\n")
    settings = {key: SETTINGS[key] for key in ("site_name", "theme", "strict", "validation")}
    (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump(settings))
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr


def test_every_page_is_in_the_menu() -> None:
    """Rules are listed by the hook; a page that is new has its place."""
    named = str(SETTINGS["nav"])
    pages = [path.name for path in (ROOT / "docs").glob("*.md")]
    assert [page for page in pages if page not in named] == []
    assert "Rules" in named


PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    *(ROOT / "docs").glob("**/*.md"),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_programs_do_not_speak(page: Path) -> None:
    """A verb of speaking for what a program does has a reader stumble: it reports, it receives."""
    text = re.sub(
        r"`[^`\n]*`", "", re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    )
    found = re.findall(
        r"\b(?:speaks?|spoken|heeds?|(?:says?|said|tells?) of|(?:is|are|was|be) told)\b", text
    )
    assert found == []

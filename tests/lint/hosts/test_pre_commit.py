"""The hooks of this checkout, run by real pre-commit in a git repository."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from funcpipe_lint import __version__
from tests.lint.conftest import LEAKY

ROOT = Path(__file__).parents[3]


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in a folder; pre-commit's environments are kept below it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment |= {
        "PRE_COMMIT_HOME": str(folder.parent / "pre-commit"),
        "PRE_COMMIT_COLOR": "never",
    }
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=environment
    )


@pytest.mark.registry
def test_hooks_find_and_fix_a_staged_violation(tmp_path: Path) -> None:
    """As the README has them: `funcpipe-lint` fails the commit and names the place, in notebooks
    too; `funcpipe-lint-fix` repairs it. What the configuration excludes is left out."""
    kit = tmp_path / "funcpipe"
    files = run(ROOT, "git", "ls-files", "-z", "--cached").stdout.split("\0")
    for name in files:
        if name and (ROOT / name).is_file() and not name.startswith(("tests/", "docs/")):
            (kit / name).parent.mkdir(parents=True, exist_ok=True)
            (kit / name).write_bytes((ROOT / name).read_bytes())
    project = tmp_path / "project"
    project.mkdir()
    identity = ("-c", "user.name=x", "-c", "user.email=x@y.z")
    for folder in (kit, project):
        assert run(folder, "git", "init", "-q").returncode == 0
    run(kit, "git", "add", "-A")
    assert run(kit, "git", *identity, "commit", "-qm", "kit").returncode == 0
    assert run(kit, "git", "tag", f"v{__version__}").returncode == 0
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = re.search(r"```yaml\n(repos:\n.*?)```", readme, re.DOTALL)
    assert shown is not None
    (project / "leaky.py").write_text(LEAKY, encoding="utf-8")
    (project / ".pre-commit-config.yaml").write_text(
        shown[1] + "      - id: funcpipe-lint-fix\n        stages: [manual]\n",
        encoding="utf-8",
    )
    (project / "old.py").write_text(LEAKY, encoding="utf-8")
    (project / "pyproject.toml").write_text(
        '[tool.funcpipe-lint]\nextend-exclude = ["old.py"]\n', encoding="utf-8"
    )
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "source": LEAKY}
    (project / "book.ipynb").write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [code]}),
        encoding="utf-8",
    )
    run(project, "git", "add", "-A")
    pre_commit = (sys.executable, "-m", "pre_commit", "run")
    done = run(project, *pre_commit)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "leaky.py:7:5: FP303" in done.stdout
    assert "book.ipynb:cell 1:7:5: FP303" in done.stdout
    assert "old.py" not in done.stdout
    fixing = run(project, *pre_commit, "--hook-stage", "manual", "funcpipe-lint-fix")
    assert "files were modified by this hook" in fixing.stdout
    run(project, "git", "add", "-A")
    assert run(project, *pre_commit).returncode == 0
    clean = run(project, *pre_commit, "--all-files")
    assert "Passed" in clean.stdout


def test_a_hook_that_gets_one_file_knows_the_others(tmp_path: Path) -> None:
    """The commit holds the caller alone; the stream is a module's that was committed before."""
    command = f"{sys.executable} -m funcpipe_lint check --force-exclude"
    (tmp_path / ".pre-commit-config.yaml").write_text(
        "repos:\n- repo: local\n  hooks:\n  - id: funcpipe-lint\n    name: funcpipe-lint\n"
        f"    entry: {command}\n    language: system\n    types: [python]\n",
        encoding="utf-8",
    )
    head, loop = LEAKY.split("async def names")
    (tmp_path / "sources.py").write_text(head, encoding="utf-8")
    assert run(tmp_path, "git", "init", "-q").returncode == 0
    run(tmp_path, "git", "add", "-A")
    identity = ("-c", "user.name=x", "-c", "user.email=x@y.z")
    assert run(tmp_path, "git", *identity, "commit", "-qm", "sources").returncode == 0
    (tmp_path / "names.py").write_text(
        f"from sources import rows\n\n\nasync def names{loop}", encoding="utf-8"
    )
    run(tmp_path, "git", "add", "-A")
    done = run(tmp_path, sys.executable, "-m", "pre_commit", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "names.py:5:5: FP303" in done.stdout
    assert "sources.py:2: 'rows' yields inside" in done.stdout
    (tmp_path / "sources.py").write_text(head.replace("async with", "with"), encoding="utf-8")
    run(tmp_path, "git", "add", "-A")
    assert run(tmp_path, sys.executable, "-m", "pre_commit", "run").returncode == 0

"""What a CI runs: the action's steps, GitLab's job and the hook, each as it stands in its file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .projects import CLEAN, LEAKING, project

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
GITLAB = yaml.safe_load((ROOT / "examples" / "ci" / "gitlab.yml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.github-actions", "action.yml"),
        ("vendor.gitlab-ci", "examples/ci/gitlab.yml"),
        *(
            ("vendor.github-workflows", str(path.relative_to(ROOT)))
            for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))
        ),
    ],
)
def test_a_file_follows_the_schema_of_its_service(schema: str, file: str) -> None:
    """The published schemas take it."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, file]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def clean_environment() -> dict[str, str]:
    """This process's, without what a CI sets, and with this environment's commands."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("GIT", "CI"))}
    path = os.pathsep.join([str(Path(sys.executable).parent), plain["PATH"]])
    return {**plain, "PATH": path, "PYTEST_ADDOPTS": "", "NO_COLOR": "1"}


def run_action(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The action's own step, as the service would run it: expressions filled in, `bash -e`."""
    values = {name: str(one["default"]) for name, one in ACTION["inputs"].items()} | inputs
    step = next(one for one in ACTION["runs"]["steps"] if one.get("id") == "check")
    (folder / "temp").mkdir(exist_ok=True)
    known = {
        **{f"inputs.{name}": value for name, value in values.items()},
        "github.base_ref": "main",
        "runner.temp": str(folder / "temp"),
    }

    def filled(text: str) -> str:
        return re.sub(r"\$\{\{ (.+?) \}\}", lambda match: known[match[1]], text)

    assert "${{" not in step["run"], "an expression in a script is run as code"
    environment = {name: filled(value) for name, value in step["env"].items()}
    environment |= {
        "PYTHON": sys.executable,
        "GITHUB_ACTIONS": "true",
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env=clean_environment() | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def git(folder: Path, *words: str) -> None:
    """Git with an identity of its own."""
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    command = ["git", *identity, *words]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=clean_environment())


def test_the_action_fails_for_a_finding_and_keeps_reports(tmp_path: Path) -> None:
    """Exit code, output, annotations, summary, and every report that later steps take."""
    done = run_action(project(tmp_path, app=LEAKING))
    assert done.returncode == 1, done.stdout + done.stderr
    assert (tmp_path / "output").read_text() == "exit-code=1\n"
    assert "::error title=FP303 source-not-closed,file=app.py,line=17" in done.stdout
    assert "FP303" in (tmp_path / "summary.md").read_text("utf-8")
    kept = sorted(path.name for path in (tmp_path / "temp" / "funcpipe").iterdir())
    assert kept == [f"funcpipe.{ending}" for ending in ("html", "json", "md", "sarif", "xml")]
    uploaded = next(s for s in ACTION["runs"]["steps"] if "sarif_file" in s.get("with", {}))
    assert uploaded["with"]["sarif_file"].endswith("/funcpipe/funcpipe.sarif")


def test_the_action_checks_what_a_pull_request_changes(tmp_path: Path) -> None:
    """`auto` is the base's branch of the remote."""
    upstream = project(tmp_path / "upstream", old=LEAKING)
    git(upstream, "init", "-q", "-b", "main")
    git(upstream, "add", ".")
    git(upstream, "commit", "-qm", "one")
    git(tmp_path, "clone", "-q", str(upstream), "work")
    folder = tmp_path / "work"
    (folder / "new.py").write_text(CLEAN)
    done = run_action(folder, since="auto", args="--only lint")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "looked at 1 file" in done.stdout


def test_arguments_of_the_action_are_words_not_code(tmp_path: Path) -> None:
    """What stands in an input is never run."""
    done = run_action(project(tmp_path, app=CLEAN), args="; touch ran $(touch ran)")
    assert done.returncode == 2
    assert not (tmp_path / "ran").exists()


def test_gitlabs_job_fails_for_a_finding(tmp_path: Path) -> None:
    """Its script, as it stands, with the reports that it names as artifacts."""
    folder = project(tmp_path, app=LEAKING)
    job = GITLAB["funcpipe"]
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(job["script"])],
        cwd=folder,
        env=clean_environment() | {"FUNCPIPE_ARGS": "--only lint"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    named = [*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]]
    assert all((folder / name).is_file() for name in named)


def test_the_hook_runs_before_a_push_and_not_before_a_commit(tmp_path: Path) -> None:
    """Real pre-commit, a real push: it is refused while there is a finding."""
    kit = tmp_path / "kit"
    kit.mkdir()
    (kit / ".pre-commit-hooks.yaml").write_bytes((ROOT / ".pre-commit-hooks.yaml").read_bytes())
    git(kit, "init", "-q", "-b", "main")
    git(kit, "add", ".")
    git(kit, "commit", "-qm", "kit")
    revision = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=kit, text=True).strip()
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "remote")
    folder = project(tmp_path / "project", app=LEAKING)
    config: Any = {
        "repos": [{"repo": str(kit), "rev": revision, "hooks": [{"id": "funcpipe-gate"}]}]
    }
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    git(folder, "init", "-q", "-b", "main")
    git(folder, "remote", "add", "origin", str(tmp_path / "remote"))
    environment = clean_environment() | {"PRE_COMMIT_HOME": str(tmp_path / "home")}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    hooks = ("-t", "pre-commit", "-t", "pre-push")
    assert run(sys.executable, "-m", "pre_commit", "install", *hooks).returncode == 0
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "leaking")
    refused = run("git", "push", "-q", "origin", "main")
    assert refused.returncode == 1
    assert "FP303" in refused.stdout + refused.stderr
    (folder / "app.py").write_text(CLEAN)
    git(folder, "commit", "-qam", "clean")
    assert run("git", "push", "-q", "origin", "main").returncode == 0

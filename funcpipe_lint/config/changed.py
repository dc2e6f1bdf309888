"""What has changed since a revision, asked of git."""

from __future__ import annotations

import os
import subprocess

from funcpipe_lint.model import ConfigError

# git runs this program, where a repository's own configuration names one.
_GIT = ("git", "-c", "core.fsmonitor=false")
_SECONDS = 60


def changed_since(revision: str) -> frozenset[str]:
    """The real paths of the files that differ from where the current branch left a revision, in the
    work tree as it is now: committed or not, new ones that git does not ignore too. Those that are
    gone are not among them. Raises ConfigError."""
    if revision.startswith("-"):
        raise ConfigError(f"--since {revision}: is no revision; write one such as origin/main")
    top = _asked(revision, "rev-parse", "--show-toplevel").rstrip("\n")
    base = _asked(revision, "merge-base", revision, "HEAD").strip()
    # The filter leaves out what is gone; without renames a moved file is a new one.
    differ = ("diff", "--name-only", "-z", "--no-renames", "--diff-filter=d", "--no-ext-diff", base)
    fresh = ("ls-files", "-z", "--others", "--exclude-standard", "--full-name", ":/")
    names = [name for ask in (differ, fresh) for name in _asked(revision, *ask).split("\0") if name]
    return frozenset(os.path.realpath(os.path.join(top, name)) for name in names)


def _asked(revision: str, *question: str) -> str:
    """What git answers; raises ConfigError with what it says where it does not."""
    try:
        done = subprocess.run(
            [*_GIT, *question], capture_output=True, check=False, timeout=_SECONDS
        )
    except FileNotFoundError:
        raise ConfigError(f"--since {revision}: needs git, which is not installed") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigError(f"--since {revision}: git cannot be asked: {error}") from None
    if done.returncode == 0:
        return done.stdout.decode(errors="surrogateescape")
    said = done.stderr.decode(errors="replace").strip().splitlines()
    why = said[0].removeprefix("fatal: ") if said else "it has no commit in common with HEAD"
    if "shallow" in why or (not said and os.environ.get("CI")):
        why += "; a shallow clone has no history: fetch it, in GitHub Actions with fetch-depth: 0"
    raise ConfigError(f"--since {revision}: {why}")

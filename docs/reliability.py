"""What the linter survives. `python docs/reliability.py --screens PATH...` compares the findings
with and without screens on every Python file below the paths, and fails where they differ."""

from __future__ import annotations

import argparse
import sys

from docs.screens import OPTIONS, compare, python_files


def compare_screens(paths: list[str], options: list[str], jobs: int) -> int:
    """Prints each difference and the count; returns the exit code."""
    files = python_files(paths)
    if not files:
        print(f"no Python files below {', '.join(paths)}", file=sys.stderr)
        return 2
    done = found = 0
    for some in compare(files, options, jobs):
        done = min(len(files), done + 20)
        found += len(some)
        for difference in some:
            print(difference)
        if sys.stderr.isatty():
            print(f"\r{done} of {len(files)} files", end="", file=sys.stderr)
    print(f"{len(files)} files, {found} differences under {', '.join(options)}")
    return int(bool(found))


def main(arguments: list[str] | None = None) -> int:
    """Runs what was asked for; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--screens", nargs="+", metavar="PATH", required=True)
    parser.add_argument("--options", nargs="+", choices=OPTIONS, default=list(OPTIONS))
    parser.add_argument("-j", "--jobs", type=int, default=0)
    given = parser.parse_args(arguments)
    return compare_screens(given.screens, given.options, given.jobs)


if __name__ == "__main__":
    sys.exit(main())

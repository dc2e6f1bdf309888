"""What published packages leave behind in their own tests: `make field-study`.

Fetches the source distributions named below, runs their tests with `--stream-leaks` and without,
the linter on their code, and writes docs/field-study.md. What was found is judged by hand, in
docs/studies/field-study.toml; a place without a judgement there is listed as not judged.

    python docs/studies/field_study.py --run [PACKAGE ...]   # fetch, install, run: an hour
    python docs/studies/field_study.py                       # the page, from what was run last

Downloads and virtual environments stay in ~/.cache, so a second run only measures.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shlex
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
CACHE = Path.home() / ".cache" / "funcpipe-field-study"
"""Not below this checkout: pytest would take our configuration for that of a suite without one."""
RESULTS = Path(__file__).with_name("field-study.json")
QUIET: dict[str, Any] = {"capture_output": True, "text": True}
LIMIT = 900
"""Seconds for one run of a suite."""


class Package(NamedTuple):
    """A source distribution that ships its tests."""

    name: str
    version: str
    needs: str = ""
    """Requirements of its tests, besides the common ones."""
    extras: str = ""
    arguments: str = "tests"
    """What pytest is given: paths, and tests that need what is not here."""


COMMON = "pytest==9.2.0 pytest-asyncio==1.5.0 anyio trio pytest-timeout libcst jinja2"
PACKAGES = (
    Package("aiofiles", "25.1.0"),
    Package("aioitertools", "0.13.0", arguments="aioitertools/tests -o python_files=*.py"),
    Package("aiosqlite", "0.22.1", arguments="aiosqlite/tests -o python_files=*.py"),
    Package("aiostream", "0.8.1", "pytest-cov"),
    Package(
        "anyio",
        "4.16.0",
        "trustme uvloop psutil truststore exceptiongroup hypothesis pytest-mock",
        # Most of its sockets' tests need name servers; the rest on asyncio takes minutes.
        arguments="tests -m 'not network' -k 'asyncio and not uvloop and not eager'"
        " --ignore tests/test_sockets.py",
    ),
    Package("asgiref", "3.13.0"),
    Package("asyncstdlib", "3.14.0", arguments="unittests"),
    Package("claude-agent-sdk", "0.2.189"),
    Package("gql", "4.4.0", "parse pytest-console-scripts vcrpy aiofiles", "all"),
    Package("graphql-core", "3.3.2", "pytest-benchmark pytest-describe"),
    Package("httpcore", "1.0.9", "pytest-httpbin pytest-trio trustme", "asyncio,trio,http2,socks"),
    Package("httpx", "0.28.1", "trustme uvicorn chardet", "brotli,cli,http2,socks,zstd"),
    Package("hypercorn", "0.18.0", "hypothesis mock pytest-cov pytest-trio httpx", "h3,trio"),
    Package(
        "langgraph",
        "1.2.24",
        "syrupy pytest-mock pytest-repeat httpx pycryptodome redis psycopg[binary]"
        " langgraph-checkpoint-sqlite langgraph-checkpoint-postgres",
        arguments="tests -k async",
    ),
    Package(
        "mcp",
        "2.3.0",
        "inline-snapshot dirty-equals pytest-examples blockbuster logfire coverage",
        "cli,ws",
        "tests -k stream --ignore tests/docs --ignore tests/examples",
    ),
    Package(
        "openai-agents",
        "0.24.0",
        "httpx inline-snapshot eval-type-backport pytest-mock fastapi aiosqlite",
        "voice",
        "tests --continue-on-collection-errors -k stream",
    ),
    Package(
        "sse-starlette",
        "3.7.0",
        "httpx uvicorn starlette fastapi asgi-lifespan psutil portend tenacity httpx2",
        # tests/anyio_compat.py, which these two need, is not in the distribution.
        arguments="tests --ignore tests/test_issue167.py --ignore tests/test_sse.py",
    ),
    Package("starlette", "1.10.0", "opentelemetry-sdk", "full"),
    Package(
        "uvicorn",
        "0.54.0",
        "httpx2 a2wsgi trustme wsproto pytest-mock pytest-xdist",
        "standard",
    ),
)
"""Those that hold async generators or drive them; none was tuned on."""


def fetch(package: Package) -> Path:
    """The unpacked source distribution."""
    folder = CACHE / package.name
    source = folder / "source"
    if not source.is_dir():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        wanted = f"{package.name}=={package.version}"
        pip = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--no-binary",
            package.name,
        ]
        subprocess.run([*pip, "-d", folder, wanted], check=True, timeout=LIMIT, **QUIET)
        [archive] = folder.glob("*.tar.gz")
        with tarfile.open(archive) as file:
            file.extractall(folder, filter="data")
        [unpacked] = (path for path in folder.iterdir() if path.is_dir())
        unpacked.rename(source)
    return source


def install(package: Package, source: Path) -> Path:
    """A Python with the package, its tests' requirements and this checkout."""
    folder = CACHE / package.name / "venv"
    python, ready = folder / "bin" / "python", folder / "ready"
    extras = f"[{package.extras}]" if package.extras else ""
    version = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
    wanted = [*COMMON.split(), *package.needs.split(), f"{source}{extras}"]
    if not ready.is_file() or ready.read_text("utf-8").splitlines() != [*wanted, version]:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=LIMIT)
        pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, *wanted], check=True, timeout=LIMIT, **QUIET)
        ready.write_text("\n".join([*wanted, version]), "utf-8")
    [site] = folder.glob("lib/python*/site-packages")
    for name in ("funcpipe_laws", "funcpipe_lint"):
        # Not this checkout as a whole: its `tests` would be imported for those of the package.
        link = site / name
        if not link.is_symlink() or link.readlink() != ROOT / name:
            link.unlink(missing_ok=True)
            link.symlink_to(ROOT / name)
    # Compiled beforehand, as those of the package are: it takes as long as a short suite.
    packages = [str(site / name) for name in ("funcpipe_laws", "funcpipe_lint")]
    compile_all = [str(python), "-m", "compileall", "-q", *packages]
    subprocess.run(compile_all, check=True, timeout=LIMIT, **QUIET)
    return python


def run_suite(
    python: Path, source: Path, package: Package, report: Path | None, under: Sequence[str] = ()
) -> dict[str, Any]:
    """One run of the suite, `under` another program if one is given: pytest's last line, its exit
    code, and the processor time it took."""
    arguments = [*shlex.split(package.arguments), "-q", "-p", "no:cacheprovider", "--timeout=60"]
    arguments += ["-p", "funcpipe_laws.pytest_plugin"]
    if package.name != "anyio":
        # Not setting it is a warning of pytest-asyncio, which anyio's suite switches off.
        arguments += ["-o", "asyncio_default_fixture_loop_scope=function"]
    if report is not None:
        arguments += ["--stream-leaks=report", f"--stream-leaks-report={report}"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [*under, str(python), "-m", "pytest", *arguments]
    try:
        done = subprocess.run(
            command,
            cwd=source,
            env={**os.environ, "PYTHONWARNINGS": "default", "CI": "true", "NO_DOCKER": "true"},
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"code": -1, "last": f"still running after {LIMIT} s", "seconds": LIMIT}
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    lines = done.stdout.strip().splitlines() or done.stderr.strip().splitlines() or ["no output"]
    (source.parent / ("with.txt" if report else "without.txt")).write_text(
        done.stdout + done.stderr
    )
    return {"code": done.returncode, "last": lines[-1].strip("= "), "seconds": round(seconds, 2)}


def lint(python: Path, source: Path) -> list[dict[str, Any]]:
    """What the default rules find: code, file and line."""
    command = [
        str(python),
        "-m",
        "funcpipe_lint",
        "check",
        "--isolated",
        "--no-cache",
        "--quiet",
    ]
    done = subprocess.run(
        [*command, "--output-format", "json", "."],
        cwd=source,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    wanted = ("code", "path", "line")
    return [{key: one[key] for key in wanted} for one in json.loads(done.stdout)["violations"]]


def study(package: Package) -> dict[str, Any]:
    """Everything about one package; where it cannot be run, why."""
    try:
        source = fetch(package)
        python = install(package, source)
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        said = str(getattr(error, "stderr", "") or error).strip().splitlines()[-1:]
        return {"version": package.version, "failed": f"not installed: {said}"[:200]}
    report = source.parent / "leaks.json"
    report.unlink(missing_ok=True)
    without = run_suite(python, source, package, None)
    watched = run_suite(python, source, package, report)
    if not report.is_file():
        return {"version": package.version, "failed": watched["last"], "without": without}
    found = json.loads(report.read_text("utf-8"))
    return {
        "version": package.version,
        "python": found["looked_at"]["python"],
        "without": without,
        "with": watched,
        "looked_at": found["looked_at"],
        "places": [short(place) for place in found["places"]],
        "lint": lint(python, source),
    }


def short(place: dict[str, Any]) -> dict[str, Any]:
    """What the page needs of a place."""
    leak = place["leak"]
    return {
        "key": leak["key"],
        "level": "known" if leak["waived"] else leak["level"],
        "kind": leak["kind"],
        "line": leak["place"]["line"],
        "file": leak["place"]["file"],
        "count": place["count"],
        "tests": place["tests"],
        "detail": leak["detail"],
        "pending": [f"{one['what']} {one['line']}: {one['text']}" for one in leak["pending"]],
        "pulled": [f"{one['file']}:{one['line']} {one['text']}" for one in leak["first_pulled"]],
    }


def main() -> int:
    """Run what is asked for, and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--run", nargs="*", metavar="PACKAGE", help="run these; without names, all")
    options = parser.parse_args()
    results: dict[str, Any] = json.loads(RESULTS.read_text("utf-8")) if RESULTS.is_file() else {}
    if options.run is not None:
        for package in PACKAGES:
            if options.run and package.name not in options.run:
                continue
            print(f"{package.name} {package.version}", flush=True)
            results[package.name] = study(package)
            one = results[package.name]
            print(f"    {one.get('failed') or one['with']['last']}", flush=True)
            RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

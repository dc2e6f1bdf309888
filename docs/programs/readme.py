"""The pictures in README.md: real output of the commands, between the markers that name them."""

from __future__ import annotations

import functools
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from funcpipe_laws.catalogue import laws
from funcpipe_laws.checking.check import check_law
from funcpipe_laws.finding import discover
from funcpipe_laws.report import text

ROOT = Path(__file__).parents[2]


def finding() -> str:
    """The first finding of FP303 in the naive example."""
    command = ["check", "--select", "FP303", "--quiet", "examples/orders_naive.py"]
    answer = subprocess.run(
        [sys.executable, "-m", "funcpipe_lint", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return f"```text\n$ funcpipe-lint check examples/orders_naive.py\n{answer.stdout.strip()}\n```"


def broken_law() -> str:
    """S14 on the naive streams."""
    target = "examples.naive_streams"
    [law] = [law for law in laws() if law.id == "S14"]
    [found] = discover.resolve(target)
    verdict = check_law(law, found.instance)
    shown = text.failure(verdict, target=target, width=100)
    # Relative paths: what is drawn must not depend on where the checkout lies.
    shown = shown.replace(f"{ROOT}/", "")
    plain = "\n".join(line.rstrip() for line in shown.splitlines())
    return f"```text\n$ pytest --laws {target}\n{plain}\n```"


def instance() -> str:
    """The example of an instance, whole."""
    return f"```python\n{(ROOT / 'examples' / 'test_own_names.py').read_text().strip()}\n```"


@functools.cache
def leak() -> str:
    """A test of the naive example, under --stream-leaks."""
    command = ["pytest", "--stream-leaks=error", "examples/test_first_customer.py"]
    quiet = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
    answer = subprocess.run(
        [sys.executable, "-m", *command, *quiet],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    _, _, failures = answer.stdout.partition("test_first_customer ___")
    shown = failures.partition("\n")[2].partition("\n===")[0].strip()
    if not shown.startswith("stream left open"):
        raise SystemExit(f"no leak in examples/test_first_customer.py: {answer.stdout}")
    return f"```text\n$ {' '.join(command)}\n{shown}\n```"


PICTURES: dict[str, Callable[[], str]] = {
    "finding": finding,
    "law": broken_law,
    "instance": instance,
    "leak": leak,
}


def readme(current: str) -> str:
    """README.md with every picture drawn anew."""
    return drawn(current, PICTURES, "README.md")


def stream_leaks(current: str) -> str:
    """docs/stream-leaks.md with its picture drawn anew."""
    return drawn(current, {"leak": leak}, "docs/stream-leaks.md")


def drawn(current: str, pictures: Mapping[str, Callable[[], str]], page: str) -> str:
    """A page with the pictures drawn anew that it must have."""
    for name, picture in pictures.items():
        pattern = rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- end -->)"
        places = list(re.finditer(pattern, current, flags=re.DOTALL))
        if len(places) != 1:
            raise SystemExit(f"{page}: expected one picture named {name!r}, not {len(places)}")
        [place] = places
        whole = f"{place[1]}{picture()}\n{place[2]}"
        current = current[: place.start()] + whole + current[place.end() :]
    return current

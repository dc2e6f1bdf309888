"""What the built wheels ship: `check_wheel.py DIST_FOLDER` exits 1 and says what is wrong."""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
STREAMS = {"funcpipe_streams": ROOT / "reference" / "funcpipe_streams"}
# By distribution: the packages that its wheel ships, and what it may need without an extra.
SHIPPED: dict[str, tuple[dict[str, Path], set[str]]] = {
    "funcpipe_kit": (
        {
            "funcpipe_lint": ROOT / "funcpipe_lint",
            "funcpipe_laws": ROOT / "funcpipe_laws",
            "funcpipe_gate": ROOT / "funcpipe_gate",
            **STREAMS,
        },
        {"libcst"},
    ),
    "funcpipe_streams": (STREAMS, set()),
}
MODULES = {"funcpipe_kit": {"funcpipe.py"}, "funcpipe_streams": set[str]()}
ENTRY_POINTS = {"funcpipe_kit": ("console_scripts", "pytest11", "flake8.extension")}


def faults(wheel: Path) -> list[str]:
    """One line for each file that is missing from the wheel or has no business in it."""
    distribution = wheel.name.partition("-")[0]
    packages, needed = SHIPPED[distribution]
    archive = zipfile.ZipFile(wheel)
    names = set(archive.namelist())
    metadata = {name for name in names if ".dist-info/" in name}
    expected = {
        f"{package}/{path.relative_to(folder).as_posix()}"
        for package, folder in packages.items()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    expected |= MODULES[distribution]
    found = [f"{wheel.name} lacks {name}" for name in sorted(expected - names)]
    found += [f"{wheel.name} ships {name}" for name in sorted(names - expected - metadata)]
    found += [
        f"{wheel.name} lacks {package}/py.typed"
        for package in packages
        if f"{package}/py.typed" not in names
    ]
    described = archive.read(next(n for n in metadata if n.endswith("/METADATA"))).decode()
    asked = re.findall(r"^Requires-Dist: ([\w-]+)(?!.*extra ==).*$", described, re.MULTILINE)
    found += [f"{wheel.name} needs {name} always" for name in sorted(set(asked) - needed)]
    declared = "".join(archive.read(n).decode() for n in metadata if n.endswith("entry_points.txt"))
    found += [
        f"{wheel.name} declares no {section} entry point"
        for section in ENTRY_POINTS.get(distribution, ())
        if f"[{section}]" not in declared
    ]
    return found


def main(folder: str) -> int:
    wheels = sorted(Path(folder).glob("*.whl"))
    wrong = [line for wheel in wheels for line in faults(wheel)]
    missing = set(SHIPPED) - {wheel.name.partition("-")[0] for wheel in wheels}
    wrong += [f"no wheel of {name}" for name in sorted(missing)]
    print("\n".join(wrong) or f"{', '.join(w.name for w in wheels)}: contents as declared")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

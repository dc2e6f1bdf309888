"""What the built wheel ships: `check_wheel.py DIST_FOLDER` exits 1 and says what is wrong."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
SHIPPED = {
    "funcpipe_lint": ROOT / "funcpipe_lint",
    "funcpipe_laws": ROOT / "funcpipe_laws",
    "funcpipe_gate": ROOT / "funcpipe_gate",
    "funcpipe_streams": ROOT / "reference" / "funcpipe_streams",
}


def faults(wheel: Path) -> list[str]:
    """One line for each file that is missing from the wheel or has no business in it."""
    names = set(zipfile.ZipFile(wheel).namelist())
    metadata = {name for name in names if ".dist-info/" in name}
    expected = {
        f"{package}/{path.relative_to(folder).as_posix()}"
        for package, folder in SHIPPED.items()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    found = [f"{wheel.name} lacks {name}" for name in sorted(expected - names)]
    found += [f"{wheel.name} ships {name}" for name in sorted(names - expected - metadata)]
    found += [
        f"{wheel.name} lacks {package}/py.typed"
        for package in SHIPPED
        if f"{package}/py.typed" not in names
    ]
    entry_points = next(n for n in metadata if n.endswith("entry_points.txt"))
    declared = zipfile.ZipFile(wheel).read(entry_points).decode()
    found += [
        f"{wheel.name} declares no {section} entry point"
        for section in ("console_scripts", "pytest11", "flake8.extension")
        if f"[{section}]" not in declared
    ]
    return found


def main(folder: str) -> int:
    wheels = sorted(Path(folder).glob("*.whl"))
    wrong = [line for wheel in wheels for line in faults(wheel)] if wheels else ["no wheel"]
    print("\n".join(wrong) or f"{wheels[0].name}: contents as declared")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""What was asked of other files for the sake of one: what its report depends on."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from funcpipe_lint.program.facts.records import Facts
from funcpipe_lint.program.links import Dependency
from funcpipe_lint.program.modules import Modules
from funcpipe_lint.program.roots import folder_of
from funcpipe_lint.read.source import Stamp, is_settled

# The questions are ("file", path), answered by the digest of it and its stub; ("import", folder,
# dotted name) and ("module", path), answered by a path; ("defining" or "naming", word, folder),
# answered by paths.

_OF_PACKAGES = ("defining", "naming")


class Asked:
    """Asks the modules of a program for one file, and keeps what was asked."""

    def __init__(self, modules: Modules) -> None:
        self._modules = modules
        self._answers: dict[tuple[str, ...], Any] = {}
        self._facts: dict[str, Facts] = {}
        self._stamps: dict[str, Stamp] = {}

    def own(self, path: str, facts: Facts) -> None:
        """The facts of the file that it is all for; what its stub tells, others may change."""
        self._facts[path] = facts
        if path.endswith(".py"):
            self._answers["file", f"{path}i"] = self._modules.digest(f"{path}i")

    def facts(self, path: str) -> Facts:
        """The facts of a file."""
        found = self._facts.get(path)
        if found is None:
            module = self._modules.of(path)
            self._answers["file", path] = module.digest
            if module.stamp is not None and is_settled(module.stamp):
                self._stamps[path] = module.stamp
            found = self._facts[path] = module.facts
        return found

    def imported(self, dotted: str, path: str) -> str:
        """The file of a module that a file imports by its absolute name; empty: unknown."""
        folder = os.path.dirname(path)
        found = self._modules.roots.absolute(dotted, folder)
        self._answers["import", folder, dotted] = found
        return found

    def beside(self, level: int, dotted: str, path: str) -> str:
        """The file of a module that a file imports relative to itself; empty: unknown."""
        folder = os.path.dirname(path)
        for _ in range(level - 1):
            folder = os.path.dirname(folder)
        return self._in_folder(os.path.join(folder, *dotted.split(".")) if dotted else folder)

    def below(self, package: str, name: str) -> str:
        """The file of a module of a package, given by its file or folder; empty: none."""
        return self._in_folder(os.path.join(folder_of(package), name))

    def _in_folder(self, path: str) -> str:
        found = self._modules.roots.in_folder(path)
        self._answers["module", path] = found
        return found

    def defining(self, word: str, path: str, *, is_any: bool = False) -> list[str]:
        """The files of the package of a file that define a function of that name: those that may
        hold a stream, or any."""
        if self._modules.roots.follow == "off":
            return []
        folder = self._modules.roots.packages_of(path)
        kind = "naming" if is_any else "defining"
        found = self._modules.defining(word, folder, is_any=is_any)
        self._answers[kind, word, folder] = found
        return found

    def let_go(self) -> None:
        """Holds no facts any more: those who asked refer to each other, and a run collects no
        cycles."""
        self._facts.clear()

    @property
    def dependencies(self) -> list[Dependency]:
        """The questions and their answers, as plain data."""
        return [
            [*question, answer, self._hint(*question)] for question, answer in self._answers.items()
        ]

    def _hint(self, kind: str, about: str, *more: str) -> Any:
        """What tells, without asking again, that a question has the answer that it had."""
        if kind == "file":
            return self._stamps.get(about)
        return self._modules.state(more[0]) if kind in _OF_PACKAGES else None


def is_current(modules: Modules, dependencies: Iterable[Dependency]) -> bool:
    """Whether all questions would have the answers that they had."""
    return all(
        _is_as_it_was(modules, hint, *question) or _answer(modules, *question) == answer
        for *question, answer, hint in dependencies
    )


def _is_as_it_was(modules: Modules, hint: Any, kind: str, about: str, *more: str) -> bool:
    if hint is None:
        return False
    return bool(hint == (modules.stamp(about) if kind == "file" else modules.state(more[0])))


def _answer(modules: Modules, kind: str, about: str, *more: str) -> Any:
    match kind:
        case "file":
            return modules.digest(about)
        case "import":
            return modules.roots.absolute(more[0], about)
        case "module":
            return modules.roots.in_folder(about)
        case "defining" | "naming":
            return modules.defining(about, more[0], is_any=kind == "naming")
    return None

"""What is collected of a module while its bodies are read, and what of it is read on demand."""

from __future__ import annotations

import ast
import re
from abc import ABC, abstractmethod
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any, overload
from weakref import ref

from funcpipe_lint.program.facts.records import Binding, Class, Function, Site
from funcpipe_lint.program.facts.shapes import AnyFunction
from funcpipe_lint.read.offsets import Offsets, places_in

_ENDS_STREAMS = "shutdown_asyncgens"
_TELLING = ("yield", ":=", "aclose")
_LOOP = re.compile(r"async\s+for")
_ALIASES = re.compile(r"anext\s+as\s+(\w+)|(?<=\n)(\w+)\s*=\s*anext\b")


class OnDemand(ABC):
    """A module of which functions, and what depends on them, are read when somebody asks."""

    @abstractmethod
    def count(self) -> int:
        """How many functions are known of: one that is read may hold others."""

    @abstractmethod
    def at(self, index: int) -> Function:
        """A function, read now if it has not been."""

    @abstractmethod
    def read_attributes(self, owner: int, name: str = "") -> None:
        """Reads the methods of a class that may assign to an attribute; without a name, to any."""

    @abstractmethod
    def is_replaced(self, name: str) -> bool:
        """Whether some code assigns to an attribute that is named as a function is."""

    @abstractmethod
    def read_sites(self) -> list[Site]:
        """Where all functions ask for items, in order."""


class Collected(OnDemand):
    """What the bodies of a module bind and ask for together; it reads the functions in them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.offsets = Offsets(text)
        aliases = _ALIASES.findall(text) if "anext" in text else []
        self.pulls = ["anext", *("".join(each) for each in aliases)]
        """What `anext` may be called."""
        told = [at for word in (*_TELLING, *self.pulls) for at in places_in(text, word)]
        told += [at for at in places_in(text, "async") if _LOOP.match(text, at)]
        self.telling = self.offsets.lines_at(told)
        """The lines of which an expression may matter that is neither assigned nor returned."""
        self.awaiting = self.offsets.lines_at(places_in(text, "await"))
        self.ending = self.offsets.lines_at(places_in(text, _ENDS_STREAMS))
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.stars: list[tuple[int, str]] = []
        self.assigned: set[str] = set()
        self.rebound: list[tuple[str, int]] = []
        """Names that a function binds outside of itself: in the module, or in what is around it."""
        self.sites: list[Site] = []
        self.asked = Log()

    def count(self) -> int:
        """How many functions are known of."""
        return len(self.functions)

    @abstractmethod
    def function(self, node: AnyFunction, owner: int, outer: int) -> int:
        """Notes a function; its number."""

    @abstractmethod
    def klass(self, node: ast.ClassDef, outer: int) -> int:
        """Reads a class; its number."""


class Log:
    """What was read of a module on demand. Whoever asks a module for the same in the same order has
    the same functions under the same numbers."""

    def __init__(self) -> None:
        self.functions: list[int] = []
        """In the order in which they were read: those inside of one are numbered then."""
        self.attributes: dict[tuple[int, str], None] = {}
        """(class, name), for which all is read that may assign it."""
        self.replaced: dict[str, None] = {}
        """The names of attributes of which all is read that may assign them."""
        self.is_whole = True
        """No function is half read, as it is where the time ran out or Ctrl-C was pressed."""


class EachFunction(Sequence[Function], ABC):
    """The functions of a module by their numbers, each made when it is asked for."""

    @abstractmethod
    def at(self, index: int) -> Function:
        """The function of a number."""

    @overload
    def __getitem__(self, index: int) -> Function: ...
    @overload
    def __getitem__(self, index: slice) -> list[Function]: ...
    def __getitem__(self, index: int | slice) -> Function | list[Function]:
        if isinstance(index, slice):
            return [self.at(each) for each in range(*index.indices(len(self)))]
        return self.at(index)


class Functions(EachFunction):
    """The functions of a module, each read when it is asked for."""

    def __init__(self, module: OnDemand) -> None:
        self.module = module

    def __len__(self) -> int:
        return self.module.count()

    def at(self, index: int) -> Function:
        return self.module.at(index)


class Attributes(dict[str, list[Binding]]):
    """What the methods of a class assign to attributes, read by the name that is asked for."""

    def __init__(self, module: OnDemand, owner: int) -> None:
        super().__init__()
        # The module has the class, which has this: a cycle would wait for a collection, and a run
        # goes without. Whoever asks for a class holds the facts of its module.
        self._module = ref(module)
        self._owner = owner

    def get(self, name: str, default: Any = None) -> Any:
        self._read(name)
        return super().get(name, default)

    def __iter__(self) -> Iterator[str]:
        self._read()
        return super().__iter__()

    def _read(self, name: str = "") -> None:
        module = self._module()
        assert module is not None
        module.read_attributes(self._owner, name)


class Replaced(Container[str]):
    """The methods that some code replaces by an attribute of the same name."""

    def __init__(self, module: OnDemand) -> None:
        self._module = module

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._module.is_replaced(name)


class Sites(Iterable[Site]):
    """Where the functions of a module ask for items; all are read once somebody goes through it."""

    def __init__(self, module: OnDemand) -> None:
        self._module = module

    def __iter__(self) -> Iterator[Site]:
        return iter(self._module.read_sites())

"""Classes across modules: their bases in the order in which Python asks them, and who is below."""

from __future__ import annotations

from collections.abc import Callable

from funcpipe_lint.program.asked import Asked
from funcpipe_lint.program.entities import ClassOf, Entities, External, Key, Scope
from funcpipe_lint.program.facts.expressions import Expression, head, last_word
from funcpipe_lint.program.facts.records import NOWHERE, Binding, Class, Function

# Bases that no member of a program's own comes from.
_PLAIN_BASES = frozenset(("object", "ABC", "Protocol", "Generic", "NamedTuple", "TypedDict"))
# No class that people write has more bases, nor as many in a row: what is beyond is unknown.
_MOST_BASES = 200
_DEPTH = 100
# A member that more files of a package define tells nothing of who fits a Protocol.
_MOST_FILES = 40
_PROTOCOLS = ("typing.Protocol", "typing_extensions.Protocol")


class Classes:
    """Classes by their file and number. `of` evaluates an expression in a scope."""

    def __init__(self, asked: Asked, of: Callable[[Expression, Scope], Entities]) -> None:
        self._asked = asked
        self._of = of
        self._orders: dict[Key, tuple[Key, ...]] = {}
        self._implementing: dict[tuple[Key, str], list[Key]] = {}
        self._deep = 0

    def get(self, key: Key) -> Class:
        """A class."""
        return self._asked.facts(key[0]).classes[key[1]]

    def function(self, key: Key) -> Function:
        """A function."""
        return self._asked.facts(key[0]).functions[key[1]]

    def order(self, key: Key) -> tuple[Key, ...]:
        """A class and its bases in the order in which attributes are looked up."""
        found = self._orders.get(key)
        if found is None:
            self._orders[key] = (key,)  # a class that is its own base has no other
            bases = self._bases(key) if self._deep < _DEPTH else []
            self._deep += 1
            if len(bases) == 1:
                found = (key, *self.order(bases[0]))
            else:
                found = (key, *_merged([*(list(self.order(base)) for base in bases), bases]))
            self._deep -= 1
            found = self._orders[key] = found[:_MOST_BASES]
        return found

    def _bases(self, key: Key) -> list[Key]:
        klass = self.get(key)
        scope = Scope(key[0], klass.outer)
        found: list[Key] = []
        for base in klass.bases:
            if last_word(head(base)) in _PLAIN_BASES:
                continue
            entities = self._of(head(base), scope)
            known = [each.key for each in entities if isinstance(each, ClassOf)]
            found += [each for each in known if each not in found and each != key]
        return found

    def is_protocol(self, key: Key) -> bool:
        """Whether a class is a Protocol itself."""
        scope = Scope(key[0], self.get(key).outer)
        return any(
            isinstance(each, External) and each.name in _PROTOCOLS
            for base in self.get(key).bases
            if last_word(head(base)) == "Protocol"
            for each in self._of(head(base), scope)
        )

    # -- members

    def member(self, key: Key, word: str, after: Key | None = None) -> tuple[Key, list[Binding]]:
        """(the class that has a member, what binds it there); the first of a class and its bases,
        behind `after` if that is given. Nothing binds it where none has it."""
        order = self.order(key)
        if after is not None:
            order = order[order.index(after) + 1 :] if after in order else ()
        for each in order:
            klass = self.get(each)
            found = [*klass.members.get(word, ()), *klass.attributes.get(word, ())]
            if found:
                return each, found
        return key, []

    def method(self, key: Key, word: str) -> Key | None:
        """The function that a class or a base of it has under a name, if it is but one."""
        owner, bindings = self.member(key, word)
        functions = [(owner[0], b[1]) for b in bindings if b[0] == "function"]
        plain = [each for each in functions if not self.is_overload(each)]
        return plain[0] if len(plain) == 1 and len(functions) == len(bindings) else None

    def is_overload(self, key: Key) -> bool:
        """Whether a function is but a signature of another."""
        return any(last_word(d) == "overload" for d in self.function(key).decorators)

    def is_stub(self, key: Key) -> bool:
        """Whether a method is left to the classes below: abstract, of a Protocol, or empty."""
        function = self.function(key)
        if any(last_word(d) == "abstractmethod" for d in function.decorators):
            return True
        if function.is_stub and function.owner != NOWHERE:
            return True
        return function.owner != NOWHERE and self.is_protocol((key[0], function.owner))

    # -- who is below

    def overriding(self, owner: Key, word: str) -> list[Key]:
        """The methods of that name in the classes of the same file that are below a class."""
        return self._methods_below(owner, word, owner[0])

    def implementing(self, owner: Key, word: str) -> list[Key]:
        """The methods that stand for a stub of a class: those of the classes of its package that
        are below it, or that have all its members, inherited or not, if it is a Protocol."""
        if (owner, word) not in self._implementing:
            paths = [owner[0], *self._asked.defining(word, owner[0])]
            if self.is_protocol(owner):
                paths += self._having_another(self._wanted(owner) - {word}, owner[0])
            unique = dict.fromkeys(paths)
            found = [each for path in unique for each in self._methods_below(owner, word, path)]
            found = [each for each in dict.fromkeys(found) if not self.is_stub(each)]
            self._implementing[owner, word] = found
        return self._implementing[owner, word]

    def _having_another(self, words: set[str], path: str) -> list[str]:
        """The files that define one of some members: a class there may inherit the others."""
        found = [self._asked.defining(word, path, is_any=True) for word in sorted(words)]
        files = [each for each in found if len(each) <= _MOST_FILES]
        return [each for some in files for each in some]

    def _methods_below(self, owner: Key, word: str, path: str) -> list[Key]:
        classes = self._asked.facts(path).classes
        every = [(path, number) for number in range(len(classes))]
        below = [
            (path, binding[1])
            for key in every
            for binding in self.get(key).members.get(word, ())
            if binding[0] == "function" and owner in self.order(key)[1:]
        ]
        if not self.is_protocol(owner):
            return below
        wanted = self._wanted(owner)
        fitting = (key for key in every if self._satisfies(key, wanted))
        found = (self.method(key, word) for key in fitting)
        return [*below, *(method for method in found if method is not None)]

    def _wanted(self, protocol: Key) -> set[str]:
        """The members of a Protocol."""
        return {
            word
            for each in self.order(protocol)
            for word in self.get(each).members
            if not word.startswith("__")
        }

    def _satisfies(self, key: Key, wanted: set[str]) -> bool:
        """Whether a class has some members; no Protocol has any."""
        if not wanted or self.is_protocol(key):
            return False
        left = set(wanted)
        for each in self.order(key):
            left -= self.get(each).members.keys()
            if left:
                left -= set(self.get(each).attributes)
        return not left


def _merged(lines: list[list[Key]]) -> list[Key]:
    """Python's merge of the orders of bases; where these contradict each other, in any order."""
    merged: list[Key] = []
    lines = [line for line in lines if line]
    while lines:
        heads = (line[0] for line in lines if not any(line[0] in each[1:] for each in lines))
        first = next(heads, lines[0][0])
        merged.append(first)
        lines = [kept for line in lines if (kept := [each for each in line if each != first])]
    return merged

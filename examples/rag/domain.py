"""What travels through the pipeline, and the settings of a run."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeAlias

import numpy
from numpy.typing import NDArray

Vectors: TypeAlias = NDArray[numpy.float32]


@dataclass(frozen=True, slots=True)
class RawDoc:
    """A record of the input, as it stands there."""

    id: str
    title: str
    text: str
    position: int
    """Bytes of the input up to the end of this record."""


@dataclass(frozen=True, slots=True)
class CleanDoc:
    """A document whose text is one normalised line."""

    id: str
    title: str
    text: str
    position: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of a document, numbered from 0; `last` marks the document's final one."""

    doc_id: str
    number: int
    last: bool
    title: str
    text: str
    position: int

    @property
    def id(self) -> str:
        """The name under which the index reports it."""
        return f"{self.doc_id}#{self.number}"

    @property
    def digest(self) -> bytes:
        """Equal for equal title and text: tells whether the index holds this very passage."""
        return blake2b(f"{self.title}\0{self.text}".encode(), digest_size=16).digest()


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedChunk:
    """A passage with its vector, of length 1."""

    chunk: Chunk
    vector: Vectors


@dataclass(frozen=True, slots=True)
class KnownChunk:
    """A passage that the index holds already, unchanged: it needs no vector."""

    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, and how close it is: 1 is the same direction, 0 none."""

    score: float
    doc_id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the columns that hold a document; an empty `title` means that there is none."""

    id: str = "id"
    title: str = "title"
    text: str = "text"

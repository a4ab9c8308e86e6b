"""What a report is made of: chapters of paragraphs, tables and figures, as plain data that every renderer shows alike.

Texts are texts: no part of one is markup, whoever wrote it. A number that stands in the results is a `Number`, which
knows where it stands there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

LANGUAGE = "en"


@dataclass(frozen=True)
class Number:
    """A number of the results, as people read it.

    Attributes
    ----------
    text : str
        What is read: ``79 %``, ``76 to 81 %``, ``14 May 2023``.
    sources : tuple of str
        Where it stands in the data of the report, as ``summary.early_termination.probability``; of a range, both ends.
    values : tuple
        What stands there, unrounded.
    """

    text: str
    sources: tuple[str, ...]
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Key:
    """A key of the scenario, a command or another text that is to be copied as it stands."""

    text: str


@dataclass(frozen=True)
class Strong:
    """A few words that stand out."""

    text: str


Inline = str | Number | Key | Strong
Text = tuple[Inline, ...]
"""A line of text, in parts."""


@dataclass(frozen=True)
class Paragraph:
    """Some sentences. A ``lead`` is read first, a ``note`` is small print, a ``warning`` must not be overlooked."""

    text: Text
    style: Literal["plain", "lead", "note", "warning"] = "plain"


@dataclass(frozen=True)
class Subheading:
    """A heading within a chapter."""

    text: str


@dataclass(frozen=True)
class Listing:
    """Some short statements, one below the other."""

    items: tuple[Text, ...]


@dataclass(frozen=True)
class Tile:
    """One of the answers that stand side by side: what is asked, the answer, and how sure it is."""

    label: str
    value: Text
    detail: Text


@dataclass(frozen=True)
class Tiles:
    """The answers at a glance."""

    items: tuple[Tile, ...]


@dataclass(frozen=True)
class Column:
    """A column of a table; ``share`` is how much of the width it would like."""

    heading: str
    is_number: bool = False
    share: int = 1


@dataclass(frozen=True)
class Table:
    """A table with a caption. The first cell of a row names it; ``marked`` rows stand out, by their position."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Text, ...], ...]
    marked: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Figure:
    """A drawing with what it shows in words, for whoever cannot see it.

    ``svg`` is a whole SVG document; ``name`` tells it from the others of a report.
    """

    name: str
    title: str
    alt: str
    svg: str = field(repr=False)


@dataclass(frozen=True)
class Verbatim:
    """A text whose lines stay as they are."""

    caption: str
    text: str


Block = Paragraph | Subheading | Listing | Tiles | Table | Figure | Verbatim


@dataclass(frozen=True)
class Chapter:
    """A chapter; ``name`` is what links to it say."""

    name: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A whole report.

    Attributes
    ----------
    title, subtitle : str
        What it is about, and what it is.
    made : str
        The day on which the results were made, as an ISO date.
    chapters : tuple of Chapter
        In the order of reading.
    data : mapping
        The documents that its numbers stand in, by name: ``summary`` is that of the run.
    """

    title: str
    subtitle: str
    made: str
    chapters: tuple[Chapter, ...]
    data: Mapping[str, Any] = field(repr=False)


def plain(text: Text) -> str:
    """A text without the difference between its parts."""
    return "".join(part if isinstance(part, str) else part.text for part in text)

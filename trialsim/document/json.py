"""A report as data: the same chapters as plain values, and the documents in which their numbers stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trialsim.document.content import (
    LANGUAGE,
    Block,
    Document,
    Figure,
    Inline,
    Key,
    Listing,
    Number,
    Paragraph,
    Strong,
    Subheading,
    Table,
    Text,
    Tiles,
    Verbatim,
)
from trialsim.export import json

FORMAT = 1


def plain(document: Document, with_drawings: bool = False) -> dict[str, Any]:
    """The report as mappings, lists and scalars.

    A block says its ``kind``; a text is a list of parts: texts, and mappings for numbers (with ``from`` and
    ``values``), keys and strong words. Of figures there are title and text, and ``svg`` with drawings.
    """
    return {
        "format": FORMAT,
        "program": "trialsim",
        "language": LANGUAGE,
        "title": document.title,
        "subtitle": document.subtitle,
        "made": document.made,
        "chapters": [
            {
                "name": chapter.name,
                "title": chapter.title,
                "blocks": [_block(block, with_drawings) for block in chapter.blocks],
            }
            for chapter in document.chapters
        ],
        "data": dict(document.data),
    }


def render(document: Document) -> str:
    """The report as JSON text."""
    return json.text(plain(document)) + "\n"


def write(document: Document, path: Path) -> None:
    """Write the report to a file."""
    path.write_text(render(document), encoding="utf-8", newline="\n")


def _block(block: Block, with_drawings: bool) -> dict[str, Any]:
    kind = type(block).__name__.lower()
    match block:
        case Paragraph():
            return {"kind": kind, "style": block.style, "text": _text(block.text)}
        case Subheading():
            return {"kind": kind, "text": block.text}
        case Listing():
            return {"kind": kind, "items": [_text(item) for item in block.items]}
        case Tiles():
            items = [
                {"label": item.label, "value": _text(item.value), "detail": _text(item.detail)} for item in block.items
            ]
            return {"kind": kind, "items": items}
        case Table():
            return {
                "kind": kind,
                "caption": block.caption,
                "columns": [
                    {"heading": column.heading, "is_number": column.is_number, "share": column.share}
                    for column in block.columns
                ],
                "rows": [[_text(cell) for cell in row] for row in block.rows],
                "marked": sorted(block.marked),
            }
        case Figure():
            drawing = {"svg": block.svg} if with_drawings else {}
            return {"kind": kind, "name": block.name, "title": block.title, "alt": block.alt, **drawing}
        case Verbatim():
            return {"kind": kind, "caption": block.caption, "text": block.text}


def _text(text: Text) -> list[Any]:
    return [_inline(part) for part in text]


def _inline(part: Inline) -> Any:
    match part:
        case Number():
            return {"kind": "number", "text": part.text, "from": list(part.sources), "values": list(part.values)}
        case Key():
            return {"kind": "key", "text": part.text}
        case Strong():
            return {"kind": "strong", "text": part.text}
        case _:
            return part

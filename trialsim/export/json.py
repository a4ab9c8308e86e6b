"""JSON: documents of plain values, as any reader accepts them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def text(document: Any) -> str:
    """The document as indented text, without ``NaN``; what a terminal would obey, and not show, is escaped.

    Raises
    ------
    ValueError
        If there is a number in it that JSON cannot hold.
    """
    written = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    return "".join(sign if sign.isprintable() or sign == "\n" else json.dumps(sign)[1:-1] for sign in written)


def write(document: Any, path: Path) -> None:
    """Write the document to a file."""
    path.write_text(text(document) + "\n", encoding="utf-8")

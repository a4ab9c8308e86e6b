"""What reports hold, found again in the files that were written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import html5lib

XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
VOID_HEADINGS = ("h1", "h2", "h3", "h4")


def parsed(page: str) -> Any:
    """The page as a browser reads it; raises where it is not valid HTML."""
    return html5lib.HTMLParser(strict=True).parse(page)


def text(node: Any) -> str:
    """All text in a node."""
    return "".join(node.itertext())


def numbers(page: Any) -> Iterator[tuple[str, list[str], list[str]]]:
    """The text, the sources and the values of every number of the results."""
    for node in page.iter(f"{XHTML}data"):
        yield text(node), node.get("data-from").split(" "), node.get("value").split(" ")


def digits_outside(section: Any) -> list[str]:
    """Words with digits in a chapter that stand outside its numbers, drawings and keys."""
    parts = []

    def walk(node: Any) -> None:
        if node.tag in (f"{XHTML}data", f"{XHTML}code", f"{XHTML}figure", f"{XHTML}caption"):
            return
        parts.append(node.text or "")
        for child in node:
            walk(child)
            parts.append(child.tail or "")

    walk(section)
    return re.findall(r"\S*\d\S*", " ".join(parts))

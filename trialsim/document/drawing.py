"""Drawings for reports: SVG that holds nothing but shapes and texts, with names that are unique on a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from trialsim.document.content import Figure
from trialsim.figures.picture import Picture
from trialsim.wording import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawn

CAPTIONS = {
    "milestones": "Milestones on a calendar",
    "duration": "How long the trials take",
    "enrolment": "How counts rise over time",
    "end_causes": "How trials end, over time",
    "attribution": "What the days are spent on",
    "funnel": "How many come how far",
    "gantt": "One of the simulated trials, near the medians of its end and of those enrolled, person by person",
    "swimmer": "The people of one of the simulated trials, near the medians of its end and of those enrolled",
    "occupancy": "What is in use over time",
    "waiting": "What people wait for",
    "stock": "Doses in stock in one of the simulated trials",
    "sites": "Sites, and the people from each",
    "ignorance": "How much is luck, and how much is not known",
    "sensitivity-tornado": "How far each value that is not known moves the answer",
    "sensitivity-indices": "How much of what is not known comes from which value",
    "levers": "What the levers buy",
    "sweep_heatmap": "The plans at a glance",
    "sweep_differences": "Differences to the base, pair by pair",
}
"""What figures are of, in a few words."""
_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_ELEMENTS = frozenset(
    (
        "svg",
        "g",
        "defs",
        "path",
        "clipPath",
        "rect",
        "use",
        "text",
        "tspan",
        "circle",
        "line",
        "polyline",
        "polygon",
        "image",
    )
)
_ATTRIBUTES = frozenset(
    (
        *("id", "d", "x", "y", "dx", "dy", "width", "height", "viewBox", "transform", "style", "fill", "stroke"),
        *("stroke-width", "clip-path", "points", "cx", "cy", "r", "rx", "ry", "x1", "x2", "y1", "y2"),
        *("preserveAspectRatio", "opacity"),
    )
)
_LINK = re.compile(r"url\(#([^)\s]+)\)")
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=\s]*")
_STYLE = "stroke-linejoin: round; stroke-linecap: butt"
"""What matplotlib says of everything, in a style sheet that would hold for the whole page."""


def figure_of(drawn: Drawn, name: str, caption: str = "") -> Figure:
    """A figure of a report, made of one that was drawn; its own title stands in it, and is not repeated."""
    assert isinstance(drawn, Picture)
    title, alt = (printable(text, keep="") for text in (drawn.title, drawn.alt))
    words = alt if title in alt else f"{title}. {alt}".strip()
    return Figure(name, caption or CAPTIONS[name], words, cleaned(drawn.svg(), name))


def cleaned(svg: str, name: str) -> str:
    """An SVG document with known elements and attributes alone, and with names that begin with one for the figure.

    Scripts, links to anywhere else, style sheets, comments and metadata are left out; coordinates have two decimals,
    which is a hundredth of a point.
    """
    root = ElementTree.fromstring(svg)
    made = _cleaned(root, f"{name}-")
    assert made is not None
    made.set("style", _STYLE)
    made.set("xmlns", _SVG)
    return ElementTree.tostring(made, encoding="unicode")


def _cleaned(node: ElementTree.Element, prefix: str) -> ElementTree.Element | None:
    namespace, _, tag = node.tag[1:].partition("}") if isinstance(node.tag, str) else ("", "", "")
    if namespace != _SVG or tag not in _ELEMENTS:
        return None
    made = ElementTree.Element(tag)
    for key, value in node.attrib.items():
        if key in (f"{{{_XLINK}}}href", "href"):
            if value.startswith("#"):
                made.set("href", f"#{prefix}{value[1:]}")
            elif tag == "image" and _PICTURE.fullmatch(value):
                made.set("href", "".join(value.split()))
            else:
                return None
        elif key in _ATTRIBUTES:
            made.set(key, _plain(key, value, prefix))
    if tag in ("text", "tspan"):
        made.text = printable(node.text or "", keep="")
    for child in node:
        kept = _cleaned(child, prefix)
        if kept is not None:
            made.append(kept)
            if tag in ("text", "tspan"):
                kept.tail = printable(child.tail or "", keep="")
    return made


def _plain(key: str, value: str, prefix: str) -> str:
    if key == "id":
        return f"{prefix}{value}"
    if "url(" in value:
        value = _LINK.sub(lambda found: f"url(#{prefix}{found[1]})", value)
    if key in ("d", "points", "x", "y", "transform", "width", "height", "x1", "x2", "y1", "y2"):
        value = _NUMBER.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), value)
        value = " ".join(value.split())
    return value

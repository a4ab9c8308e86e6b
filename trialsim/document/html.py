"""A report as one page of HTML: nothing is fetched, nothing is run, and it prints on A4.

Texts become nodes of a tree, and the tree becomes text in one place (`_serialised`), where everything is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from trialsim.document.content import (
    LANGUAGE,
    Block,
    Chapter,
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
    Tile,
    Tiles,
    Verbatim,
)
from trialsim.document.data import date_in_words, readable

STYLE = Path(__file__).with_name("page.css")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What a browser may do for the page: show its own style and pictures inside it, and nothing else."""


def render(document: Document) -> str:
    """The report as the text of an HTML file, the same for the same report."""
    return "<!DOCTYPE html>\n" + _serialised(_page(document)) + "\n"


def write(document: Document, path: Path) -> None:
    """Write the report to a file."""
    path.write_text(render(document), encoding="utf-8", newline="\n")


def _page(document: Document) -> Element:
    head = _element(
        "head",
        _element("meta", charset="utf-8"),
        _element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        _element("meta", {"http-equiv": "Content-Security-Policy", "content": POLICY}),
        _element("meta", name="generator", content="trialsim"),
        _element("title", f"{document.title} – {document.subtitle}"),
        _element("style", STYLE.read_text(encoding="utf-8")),
    )
    header = _element(
        "header",
        _element("p", document.subtitle, {"class": "kind"}),
        _element("h1", document.title),
        _element("p", f"Made on {date_in_words(document.made)} with trialsim", {"class": "made"}),
    )
    contents = _element(
        "nav",
        _element("h2", "Contents"),
        _element(
            "ol", *(_element("li", _element("a", each.title, href=f"#{each.name}")) for each in document.chapters)
        ),
        {"aria-label": "Contents"},
    )
    main = _element("main", *(_chapter(each) for each in document.chapters), id="content")
    skip = _element("a", "Skip to the report", {"class": "skip", "href": "#content"})
    return _element("html", head, _element("body", skip, header, contents, main), lang=LANGUAGE)


def _chapter(chapter: Chapter) -> Element:
    title = f"{chapter.name}-title"
    blocks = [_block(block, f"{chapter.name}-{place}") for place, block in enumerate(chapter.blocks)]
    heading = _element("h2", chapter.title, id=title)
    return _element("section", heading, *blocks, {"id": chapter.name, "aria-labelledby": title})


def _block(block: Block, name: str) -> Element:
    match block:
        case Paragraph():
            style: dict[str, str] = {} if block.style == "plain" else {"class": block.style}
            return _element("p", *_text(block.text), style)
        case Subheading():
            return _element("h3", block.text)
        case Listing():
            return _element("ul", *(_element("li", *_text(item)) for item in block.items))
        case Tiles():
            return _element("dl", *(_tile(item) for item in block.items), {"class": "tiles"})
        case Table():
            return _table(block, name)
        case Figure():
            return _figure(block, name)
        case Verbatim():
            caption = _element("figcaption", block.caption, id=f"{name}-caption")
            labels = {"tabindex": "0", "role": "region", "aria-labelledby": f"{name}-caption"}
            return _element("figure", caption, _element("pre", _element("code", block.text), labels))


def _tile(tile: Tile) -> Element:
    parts = (("dt", (tile.label,)), ("dd", tile.value), ("dd", tile.detail))
    classes = ("label", "value", "detail")
    each = (_element(tag, *_text(text), {"class": name}) for (tag, text), name in zip(parts, classes, strict=True))
    return _element("div", *each)


def _table(table: Table, name: str) -> Element:
    caption = _element("caption", table.caption, id=f"{name}-caption")
    columns = [{"class": "number"} if column.is_number else {} for column in table.columns]
    head = _element(
        "tr",
        *(
            _element("th", column.heading, {"scope": "col", **look})
            for column, look in zip(table.columns, columns, strict=True)
        ),
    )
    rows = []
    for place, row in enumerate(table.rows):
        first, *others = row
        cells = [_element("th", *_text(first), {"scope": "row"})]
        for column, look, cell in zip(table.columns[1:], columns[1:], others, strict=True):
            cells.append(_element("td", *_text(cell), {**look, "data-label": column.heading}))
        rows.append(_element("tr", *cells, {"class": "marked"} if place in table.marked else {}))
    whole = _element("table", caption, _element("thead", head), _element("tbody", *rows))
    labels = {"class": "wide", "tabindex": "0", "role": "region", "aria-labelledby": f"{name}-caption"}
    return _element("div", whole, labels)


def _figure(figure: Figure, name: str) -> Element:
    caption = _element("figcaption", figure.title, id=f"{name}-caption")
    drawing = ElementTree.fromstring(figure.svg) if figure.svg else Element("svg")
    for node in drawing.iter():
        node.tag = node.tag.rpartition("}")[2]
    title, described = _element("title", figure.title, id=f"{name}-t"), _element("desc", figure.alt, id=f"{name}-d")
    for place, node in enumerate((title, described)):
        drawing.insert(place, node)
    drawing.attrib.pop("xmlns", None)
    drawing.attrib.update({"role": "img", "aria-labelledby": f"{name}-t {name}-d", "class": "drawing"})
    for length in ("width", "height"):
        drawing.attrib.pop(length, None)
    labels = {"class": "wide", "tabindex": "0", "role": "region", "aria-labelledby": f"{name}-caption"}
    return _element("figure", caption, _element("div", drawing, labels))


def _text(text: Text) -> Iterator[Element | str]:
    return map(_inline, text)


def _inline(part: Inline) -> Element | str:
    match part:
        case Number():
            values = " ".join("" if value is None else str(value) for value in part.values)
            return _element("data", part.text, {"value": values, "data-from": " ".join(part.sources)})
        case Key():
            return _element("code", part.text)
        case Strong():
            return _element("strong", part.text)
        case _:
            return part


def _element(tag: str, *children: Element | str | dict[str, str], **attributes: str) -> Element:
    """An element with texts and elements in it; a mapping gives attributes."""
    made = Element(tag)
    last: Element | None = None
    for child in children:
        if isinstance(child, dict):
            made.attrib.update({name: readable(value) for name, value in child.items()})
        elif isinstance(child, str):
            shown = child if tag == "style" else readable(child)
            if last is None:
                made.text = (made.text or "") + shown
            else:
                last.tail = (last.tail or "") + shown
        else:
            made.append(child)
            last = child
    made.attrib.update({name: readable(value) for name, value in attributes.items()})
    return made


def _serialised(page: Element) -> str:
    """The one place where a tree becomes text, and everything in it is escaped."""
    styles = list(page.iter("style"))
    assert len(styles) == 1  # its text is written as it stands, and is ours
    return ElementTree.tostring(page, encoding="unicode", method="html")

"""A picture: a figure that says in words what it shows, and is written as the same bytes each time."""

from __future__ import annotations

import html
import io
import re
import threading
import warnings
from typing import TYPE_CHECKING, Any

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.text import Text

from trialsim.wording import printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.axes import Axes

DPI = 192
_NO_GLYPH = re.compile(r"Glyph (\d+) .* missing from")
_OF_SVG: Any = {"svg.hashsalt": "trialsim", "svg.fonttype": "none"}
"""Names of parts that are the same each time, and texts that stay texts; matplotlib takes them from nowhere else."""
_SAVING = threading.RLock()
"""Held while matplotlib's settings and what becomes of warnings are changed."""
_TAG = re.compile(r"<[A-Za-z][^>]*>")
_NAMES = re.compile(r"""(\sid=["']|url\(#|href=["']#)""")
"""Where a tag of an SVG names a part."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Picture(Figure):
    """A figure with a text for those who cannot see it; notebooks show it by itself; its texts are never formulas.

    Attributes
    ----------
    alt : str
        What there is to be seen, in a few sentences made from the numbers that are drawn.
    """

    alt: str = ""

    @property
    def title(self) -> str:
        """What its title says: that of the whole figure, or those of its plots."""
        titles = [ax.get_title(loc="left") for ax in self.axes]
        found = [self.get_suptitle()] if self.get_suptitle() else [title for title in titles if title]
        return "; ".join(" ".join(title.split()) for title in found)

    def svg(self, prefix: str = "") -> str:
        """The picture as an SVG document with ``<title>`` and ``<desc>``, the same text each time.

        Parameters
        ----------
        prefix : str
            Begins the name of each part, which must be another one for each picture of a page.
        """
        buffer = io.BytesIO()
        with _SAVING, rc_context(_OF_SVG):
            self.savefig(buffer, format="svg", metadata=_metadata(self, ".svg"))
        return _accessible(buffer.getvalue().decode("utf-8"), self.alt, prefix)

    def draw(self, renderer: Any) -> None:
        """Draw, with every text as it is written."""
        as_written(self)
        super().draw(renderer)

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, metadata=_metadata(self, ".png"))
        return buffer.getvalue()


def describe(ax: Axes, text: str) -> None:
    """Say in words what a plot shows, for `Picture.alt`; of several plots, one after the other."""
    figure = ax.get_figure(root=True)
    if isinstance(figure, Picture):
        figure.alt = f"{figure.alt} {printable(text, keep='')}".strip()


def as_written(figure: Figure) -> None:
    """Have every text of the figure drawn as it is written: names may hold dollar signs, and are not mathematics."""
    for text in figure.findobj(Text):
        text.set_parse_math(False)


def save(figure: Figure, path: Path) -> str:
    """Write a picture of the kind that the path's ending names; the same figure gives the same bytes.

    Returns
    -------
    str
        The characters that the font lacks, each once: a box stands for each of them in the picture.
    """
    lacking: dict[str, None] = {}
    with _SAVING, rc_context(_OF_SVG), warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        if path.suffix == ".svg" and isinstance(figure, Picture):
            path.write_text(figure.svg(), encoding="utf-8", newline="\n")
        else:
            figure.savefig(path, dpi=DPI, metadata=_metadata(figure, path.suffix))
    for warning in said:
        if glyph := _NO_GLYPH.match(str(warning.message)):
            lacking[chr(int(glyph[1]))] = None
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    return "".join(lacking)


def _metadata(figure: Figure, suffix: str) -> Mapping[str, Any]:
    """What a file says of itself: title and description, and not by which program or when it was made."""
    stamp, described = {
        ".png": ("Software", "Description"),
        ".svg": ("Date", "Description"),
        ".pdf": ("CreationDate", "Subject"),
    }[suffix]
    if not isinstance(figure, Picture):
        return {stamp: None}
    texts = {"Title": printable(figure.title, keep=""), described: figure.alt}
    return {stamp: None, **{name: text for name, text in texts.items() if text}}


def _accessible(svg: str, alt: str, prefix: str) -> str:
    """An SVG that is one image for those to whom it is read out, with names of parts that begin with a prefix."""
    svg = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", svg)
    labels = "title desc" if "<title>" in svg and alt else "title" if "<title>" in svg else ""
    if "<title>" in svg:
        svg = svg.replace("<title>", '<title id="title">', 1)
        described = f'</title>\n <desc id="desc">{html.escape(alt, quote=False)}</desc>' if alt else "</title>"
        svg = svg.replace("</title>", described, 1)
    if prefix:
        svg = _TAG.sub(lambda tag: _NAMES.sub(rf"\g<1>{prefix}", tag[0]), svg)
    labelled = " ".join(f"{prefix}{label}" for label in labels.split())
    return svg.replace("<svg ", f'<svg role="img" aria-labelledby="{labelled}" ' if labels else '<svg role="img" ', 1)

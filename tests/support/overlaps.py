"""Whether the texts of a figure can be read: none on top of another, none beyond the edge."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

_TOLERANCE = 1.0  # pixels


def unreadable(figure: Figure) -> list[str]:
    """What is wrong with the texts of a figure."""
    figure.draw_without_rendering()
    found = [(text, Text.get_window_extent(text)) for text in texts(figure)]  # without an annotation's arrow
    edge = figure.bbox
    wrong = [
        f"{text.get_text()!r} leaves the figure"
        for text, box in found
        if box.x0 < edge.x0 - 0.5 or box.y0 < edge.y0 - 0.5 or box.x1 > edge.x1 + 0.5 or box.y1 > edge.y1 + 0.5
    ]
    wrong += [
        f"{one.get_text()!r} and {other.get_text()!r} overlap"
        for (one, box), (other, other_box) in _pairs_to_look_at(found)
        if _overlap(one, box, other, other_box)
    ]
    return wrong


def _pairs_to_look_at(found: list[tuple[Text, Bbox]]) -> Iterator[tuple[tuple[Text, Bbox], tuple[Text, Bbox]]]:
    """Two texts whose boxes share room, or which are both slanted: of many texts few, found all at once."""
    if not found:
        return
    low = np.array([box.min for _, box in found])
    high = np.array([box.max for _, box in found])
    shared = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    slanted = np.array([text.get_rotation() % 90 != 0 for text, _ in found])
    for one, other in np.argwhere(
        np.triu((shared > _TOLERANCE).all(axis=2) | np.logical_and.outer(slanted, slanted), 1)
    ):
        yield found[one], found[other]


def texts(figure: Figure) -> Iterator[Text]:
    """The texts that are drawn: visible, not empty, and of ticks only those within the axis."""
    ticks: set[Artist] = set()
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                ticks |= {tick.label1, tick.label2}
            yield from _tick_labels(axis)
    for text in figure.findobj(Text):
        if text not in ticks and text.get_visible() and text.get_text().strip():
            yield text


def _tick_labels(axis: Axis) -> Iterator[Text]:
    low, high = sorted(axis.get_view_interval())
    slack = 1e-9 * (high - low)
    for place, tick in zip(axis.get_majorticklocs(), axis.get_major_ticks(), strict=True):
        label = tick.label1
        if label.get_visible() and label.get_text().strip() and low - slack <= place <= high + slack:
            yield label


def _overlap(one: Text, box: Bbox, other: Text, other_box: Bbox) -> bool:
    angle = one.get_rotation()
    if angle == other.get_rotation() and angle % 90:  # slanted: parallel lines, which may share a box
        apart = abs(box.x1 - other_box.x1) * math.sin(math.radians(angle))
        figure, size = one.get_figure(root=True), one.get_fontsize()
        assert figure is not None and not isinstance(size, str)
        return bool(apart < size * figure.dpi / 72)
    both = Bbox.intersection(box, other_box)
    return both is not None and both.width > _TOLERANCE and both.height > _TOLERANCE

"""How milestones, counts and risks depend on what was varied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator, PercentFormatter

from trialsim.analysis.measures import USUAL, happened, is_share
from trialsim.figures import style
from trialsim.figures.differences import MOST
from trialsim.figures.picture import describe
from trialsim.figures.varied import (
    MATTERS,
    Cut,
    Point,
    axis_label,
    caption,
    cut,
    is_base,
    is_number,
    label,
    message,
    name_values,
    points,
    quantiles,
    share,
    single,
    text,
    title,
    unit,
    values_of,
)
from trialsim.tables import COUNTS
from trialsim.vocabulary import END_CAUSES
from trialsim.wording import percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_CLOSEST = 0.06
"""Numbers nearer to one another than this share of the axis cannot be told apart on it, unless they are about even."""
_ABREAST = 0.24
"""Of the room between two values: what series take that stand side by side."""
_CUT_WIDE, _CUT_HIGH, _CUT_SAID = 13.0, 9.0, 62.0
"""Points: how wide and at least how high a cut is, and how much room a point needs for its share to be said."""
_TOP = 1.04
"""Where the axis of shares ends, so that what lies at 100 % stays within."""


def drawable(replications: pd.DataFrame, keys: Sequence[str], measures: Sequence[str] = USUAL) -> list[str]:
    """The names of the figures that can show what was varied: lines along an axis or two, and the heatmap of two."""
    if len(keys) not in (1, 2):
        return []
    too_many = len(keys) == 2 and len(values_of(replications, keys[1])) > len(style.LINES)
    lines = [] if too_many else [f"sweep_{measure}" for measure in measures]
    return [*lines, "sweep_heatmap"] if len(keys) == 2 else lines


def comparable(points: pd.DataFrame) -> list[str]:
    """The names of the figures that show differences to the base: if there is one, and others that can all be drawn."""
    return ["sweep_differences"] if points["is_base"].any() and 1 < len(points) <= MOST else []


def sweep_lines(
    replications: pd.DataFrame,
    keys: Sequence[str],
    *,
    measure: str = USUAL[0],
    labels: Mapping[str, str] | None = None,
    base: Mapping[str, Any] | None = None,
    held: Mapping[str, Any] | None = None,
    called: Mapping[str, str] | None = None,
    about: str = "",
    ax: Axes | None = None,
) -> Axes:
    """A measure along an axis; side by side, a series for each value of a second axis.

    Of milestones and counts the median, P80, and P10 to P90, with what a limit cut off hatched; of the chance of an end
    Wilson's intervals, and where that is ending early along one axis, its causes. Lines join values that are numbers.

    Parameters
    ----------
    replications : DataFrame
        As in `trialsim.tables`, of all points, with a further column for each of ``keys``.
    keys : sequence of str
        One or two columns: what was varied. The first is the horizontal axis.
    measure : str
        One of `trialsim.tables.MEASURES`.
    labels : mapping, optional
        How to call a key.
    base : mapping, optional
        The base's values at the keys: it is marked.
    held : mapping, optional
        Values of further axes at which all these points are, by the axes' names.
    called : mapping, optional
        What to call a measure, if not by its usual words.
    about : str
        Whose sweep it is, for the caption.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Raises
    ------
    ValueError
        For other than one or two keys, or too many values of the second.
    """
    ax = style.axes(ax)
    across = values_of(replications, keys[0]) if keys else []
    series = _series(replications, keys, across)
    of_series = [f"{label(keys[1], labels)}: {style.shortened(text(value), 40)}" for value in series if len(keys) == 2]
    joined = all(is_number(value) for value in across)
    draw = _draw_shares if is_share(measure) else _draw_amounts
    middle, handles, names = draw(ax, series, of_series, measure, joined)
    flat = [point for points_of in series.values() for point in points_of]
    marked = [(point.x, y) for point, y in zip(flat, middle, strict=True) if is_base(point, keys, base)]
    if marked:
        look: dict[str, Any] = {"marker": "o", "markersize": 13, "markerfacecolor": "none", "linestyle": "none"}
        look |= {"color": style.INK, "markeredgewidth": 1.6, "zorder": 6}
        ax.plot(*zip(*marked, strict=True), clip_on=False, **look)
        handles.append(Line2D([], [], **look))
        names.append("the base")
    ax.set_ylabel(axis_label(measure, called), fontsize=style.LABEL, color=style.INK)
    ax.grid(axis="y", color=style.GRID)
    below = _horizontal(ax, across, label(keys[0], labels))
    cuts = [
        (point.x, found, colour)
        for along, colour in zip(series.values(), style.LINES, strict=False)
        for point in along
        if (found := cut(point, measure)) is not None
    ]
    if cuts:
        _hatch(ax, cuts, [point.x for point in flat], said=not of_series)
        handles.append(Patch(facecolor="white", edgecolor=style.MUTED, hatch="/////", linewidth=0.8))
        names.append(f"cut off by a limit ({percent(MATTERS)} of the trials or more)")
    median = "" if single(replications, keys) else "median "
    style.heading(ax, message(measure, middle, called, median), caption(replications, keys, held, about))
    style.legend(ax, handles, names, below=below)
    numbers = iter(middle)
    told = [
        f"{f'{label(keys[1], labels)} {text(value)}: ' if len(keys) == 2 else ''}"
        + ", ".join(f"{text(each.table.iloc[0][keys[0]])} {_number(measure, next(numbers))}" for each in along)
        for value, along in series.items()
    ]
    describe(
        ax,
        f"{title(measure, called)} by {label(keys[0], labels)}, {caption(replications, keys, held, about)}"
        f"{'' if is_share(measure) else f', {median}in {unit(measure)}'}: {'; '.join(told)}.",
    )
    return ax


def _number(measure: str, value: float) -> str:
    """A measure's value at a point."""
    if np.isnan(value):
        return "none"
    return percent(value) if is_share(measure) else f"{value:.4g}" if measure in COUNTS else f"{value:.1f}"


def _draw_amounts(
    ax: Axes, series: Mapping[Any, list[Point]], of_series: list[str], measure: str, joined: bool
) -> tuple[list[float], list[Any], list[str]]:
    """Medians, P80, and P10 to P90 of a milestone or a count, of the trials that have it; the medians, and a legend."""
    handles: list[Any] = []
    medians: list[float] = []
    highest = 0.0
    alone = all(len(point.table) == 1 for along in series.values() for point in along)
    for along, colour in zip(series.values(), style.LINES, strict=False):
        x = [point.x for point in along]
        found = np.array([quantiles(point, measure, (0.1, 0.5, 0.8, 0.9)) for point in along])
        low, median, p80, high = found.T
        highest = max(highest, *high[~np.isnan(high)], 0.0)
        if joined and not of_series:
            ax.fill_between(x, low, high, color=colour, alpha=0.12, linewidth=0)
        ax.vlines(x, low, high, color=colour, alpha=0.4, linewidth=4)
        if not alone:
            ax.plot(x, p80, color=colour, marker="_", markersize=12, markeredgewidth=2.2, linestyle="none")
        style_of_line = "-" if joined else "none"
        (line,) = ax.plot(x, median, color=colour, marker="o", markersize=7, linewidth=1.6, linestyle=style_of_line)
        handles.append(line)
        medians += median.tolist()
    several = style.MUTED if of_series else style.LINES[0]
    if alone:
        names = of_series or ["the simulated trial"]
    else:
        handles.append(Line2D([], [], color=several, marker="_", markersize=12, markeredgewidth=2.2, linestyle="none"))
        handles.append(Line2D([], [], color=several, alpha=0.4, linewidth=4))
        names = [*([f"median, {name}" for name in of_series] or ["median"]), "P80", "8 trials of 10 (P10–P90)"]
    ax.set_ylim(0, 1.06 * highest or 1.0)
    if measure in COUNTS:
        ax.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10], integer=True))
    return medians, handles, names


def _hatch(ax: Axes, cuts: Sequence[tuple[float, Cut, str]], everywhere: Sequence[float], said: bool) -> None:
    """Hatched pieces where trials were cut off by a limit, so that nobody reads a cut as a result.

    ``everywhere`` is where points stand: no piece reaches into the next.
    """
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    per_point, per_point_up = (right - left) / style.points_wide(ax), (top - bottom) / style.points_high(ax)
    nearest = min(np.diff(sorted(set(everywhere))), default=right - left)
    wide, least = min(_CUT_WIDE * per_point, 0.9 * nearest), _CUT_HIGH * per_point_up
    said = said and nearest >= _CUT_SAID * per_point
    for x, found, colour in cuts:
        high = max(found.high, found.low + least)
        where = ((x - wide / 2, found.low), wide, high - found.low)
        look: dict[str, Any] = {"edgecolor": colour, "hatch": "/////", "linewidth": 0.8, "zorder": 1.5}
        ax.add_patch(Rectangle(*where, facecolor="white", clip_on=False, **look))
        if said:
            look = {"fontsize": style.NOTE, "color": style.INK, "textcoords": "offset points", "xytext": (0, 4)}
            ax.annotate(f"{percent(found.share)} cut", (x, max(high, found.top)), ha="center", va="bottom", **look)
    ax.set_ylim(bottom, max(top, max(max(found.top, found.low + least) for _, found, _ in cuts) + 2 * least))


def _draw_shares(
    ax: Axes, series: Mapping[Any, list[Point]], of_series: list[str], measure: str, joined: bool
) -> tuple[list[float], list[Any], list[str]]:
    """The chance of an end with Wilson's intervals; the chances, and a legend."""
    handles: list[Any] = []
    names = list(of_series)
    chances: list[float] = []
    if not of_series:
        if measure == "early_termination":
            handles, names = _stacked_causes(ax, next(iter(series.values())))
        names.append("any, with 95 % interval" if handles else "with 95 % interval")
    for along, colour in zip(series.values(), style.LINES if of_series else (style.INK,), strict=False):
        found = [share(point, measure) for point in along]
        middle = np.array([each.probability for each in found], dtype=float)
        low, high = np.array([(each.low, each.high) for each in found], dtype=float).T
        drawn = ax.errorbar(
            [point.x for point in along],
            middle,
            yerr=[np.maximum(middle - low, 0), np.maximum(high - middle, 0)],
            color=colour,
            marker="o",
            markersize=7,
            linewidth=1.6,
            linestyle="-" if joined else "none",
            elinewidth=1.4,
            capsize=3,
            clip_on=False,
        )
        handles.append(drawn)
        chances += middle.tolist()
    ax.set_ylim(0, _TOP)
    ax.spines["left"].set_bounds(0, 1)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    return chances, handles, names


def _series(replications: pd.DataFrame, keys: Sequence[str], across: Sequence[Any]) -> dict[Any, list[Point]]:
    """For each value of the second key (None if there is none), the points along the first, side by side."""
    if len(keys) not in (1, 2):
        raise ValueError(f"lines can show one axis or two, not {len(keys)}")
    place = _places(across)
    if len(keys) == 1:
        return {None: points(replications, keys[0], across, place)}
    second = values_of(replications, keys[1])
    if len(second) > len(style.LINES):
        raise ValueError(f"{len(second)} values of {keys[1]} are too many lines: draw the heatmap")
    texts = replications[keys[1]].map(text)
    step = _ABREAST * min(np.diff(place), default=1.0) / len(second)
    aside = [step * (number - (len(second) - 1) / 2) for number in range(len(second))]
    return {
        text(value): points(replications[texts == text(value)], keys[0], across, [x + offset for x in place])
        for value, offset in zip(second, aside, strict=True)
    }


def _stacked_causes(ax: Axes, points: Sequence[Point]) -> tuple[list[Any], list[str]]:
    """Each cause of ending early, on top of one another."""
    x = [point.x for point in points]
    wide = 0.6 * min(np.diff(x), default=1.0)
    base = np.zeros(len(points))
    handles, names = [], []
    for cause in END_CAUSES[1:]:
        shares = np.array([np.mean(happened(point.table, cause)) for point in points])
        if shares.any():
            ax.bar(x, shares, bottom=base, width=wide, color=style.CAUSES[cause], alpha=0.6, linewidth=0)
            handles.append(Patch(color=style.CAUSES[cause], alpha=0.6))
            names.append(cause.words)
            base += shares
    return handles, names


def _places(across: Sequence[Any]) -> list[float]:
    """Where values stand on the horizontal axis, in the units of its scale."""
    scale = _scale(across)
    if scale == "linear":
        return [float(value) for value in across]
    return [float(np.log10(value)) for value in across] if scale == "log" else [float(n) for n in range(len(across))]


def _scale(across: Sequence[Any]) -> str:
    """``linear``; ``log`` of numbers that are too close to be told apart on that; ``none`` of anything else."""
    if not all(is_number(value) for value in across):
        return "none"
    if _can_be_told_apart(across):
        return "linear"
    return "log" if across[0] > 0 and _can_be_told_apart(np.log10(np.array(across, dtype=float))) else "none"


def _can_be_told_apart(places: Any) -> bool:
    if len(places) == 1:
        return True
    nearest = min(np.diff(places)) / (places[-1] - places[0])
    return bool(nearest >= min(_CLOSEST, 0.9 / (len(places) - 1)))


def _horizontal(ax: Axes, across: Sequence[Any], name: str) -> float:
    """Ticks and name of the horizontal axis; returns how far below it a legend stands, in points."""
    scale, places = _scale(across), _places(across)
    room = 0.5 * min(np.diff(places), default=1.0)
    ax.set_xlim(places[0] - room, places[-1] + room)
    below = 50.0 + name_values(ax, across, places)
    if scale != "linear" and all(is_number(value) for value in across):
        name += " (logarithmic)" if scale == "log" else " (not to scale)"
    ax.set_xlabel(name, fontsize=style.LABEL, color=style.INK)
    return below

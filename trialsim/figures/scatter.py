"""Points drawn over several axes at once: a measure against each axis, with the mean of points that are near."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter

from trialsim.analysis.measures import is_share
from trialsim.figures import style
from trialsim.figures.estimates import Estimates, estimates
from trialsim.figures.picture import as_written, describe
from trialsim.figures.varied import MATTERS, axis_label, is_number, message, name_values, text, title, values_of
from trialsim.tables import COUNTS
from trialsim.wording import percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_PANELS = 12
_COLUMNS = 3
_PANEL = 3.1
"""Inches high."""
_IN_A_BIN, _MOST_BINS = 5, 10
"""Points of which a mean is taken, at least, and how many means there are at most."""


def draw_scatter(
    points: pd.DataFrame,
    labels: Mapping[str, str],
    measure: str,
    drawn: Sequence[bool] | None = None,
    called: Mapping[str, str] | None = None,
    about: str = "",
) -> Figure:
    """A figure with a panel for each axis, at most twelve: a measure at every point, with its 95 % interval.

    Along an axis of numbers a line joins means of points that are next to one another, as many in each; of other
    values, and of whole numbers of which there are few, each has its mean. How points scatter around it is what the
    other axes do, and the error of the simulation.

    Parameters
    ----------
    points : DataFrame
        As `trialsim.tables.point_columns` says, with a column for each axis.
    labels : mapping
        The columns of the axes, and what to call them.
    measure : str
        One of `trialsim.tables.MEASURES`.
    drawn : sequence of bool, optional
        Which rows belong to the design; all, if left out. Others are named cases, and the base, and are not shown.
    called, about
        As for `trialsim.figures.sweeps.sweep_lines`.
    """
    found = estimates(points, measure)
    is_base = points["is_base"].to_numpy(dtype=bool)
    mine = np.array(drawn, dtype=bool) if drawn is not None else np.full(len(points), True)
    base = float(found.middle[is_base][0])
    of = found.at(mine)
    keys = list(labels)[:MOST_PANELS]
    columns = min(_COLUMNS, len(keys))
    rows = -(-len(keys) // columns)
    figure = style.new_figure(height=2.2 + _PANEL * rows, width=1.2 * style.WIDTH)
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for ax in panels.ravel()[len(keys) :]:
        ax.set_visible(False)
    for place, (key, ax) in enumerate(zip(keys, panels.ravel(), strict=False)):
        _panel(ax, points.loc[mine, key], of, base, measure)
        ax.set_xlabel(style.shortened(labels[key], 110 // columns), fontsize=style.NOTE, color=style.INK)
        if place % columns == 0:
            ax.set_ylabel(axis_label(measure, called), fontsize=style.NOTE, color=style.INK)
        _describe(ax, points.loc[mine, key], labels[key], of, measure, called)
    number, size = int(mine.sum()), int(points["replications"].iloc[0])
    caption = (
        f"{about}: " * bool(about) + f"{number:,} points drawn over {len(labels)} axes, {style.trials(size)} of each"
    )
    caption += f"; the first {MOST_PANELS} axes" * (len(labels) > MOST_PANELS)
    middle = "" if is_share(measure) else "mean " if measure in COUNTS else "median "
    style.heading_of_all(figure, message(measure, of.middle.tolist(), called, middle), caption)
    _legend(figure, of, has_base=not np.isnan(base))
    as_written(figure)
    return figure


def _panel(ax: Axes, values: Any, of: Estimates, base: float, measure: str) -> None:
    """The points along one axis."""
    style.axes(ax)
    x, names = _places(values)
    look: dict[str, Any] = {"color": style.BLUE, "marker": "o", "markersize": 4.5, "linestyle": "none", "zorder": 3}
    ax.vlines(x, of.low, of.high, color=style.BLUE, alpha=0.35, linewidth=1.2)
    ax.plot(x[~of.limited], of.middle[~of.limited], **look)
    ax.plot(x[of.limited], of.middle[of.limited], **{**look, "markerfacecolor": "white"})
    along, means = binned(x, of.middle, separate=bool(names) or len(np.unique(x)) <= _MOST_BINS)
    line = "none" if names else "-"
    ax.plot(along, means, color=style.VERMILLION, linewidth=2.2, marker="D", markersize=5, linestyle=line, zorder=4)
    if not np.isnan(base):
        ax.axhline(base, color=style.INK, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    if names:
        name_values(ax, [style.shortened(name, 14) for name in names], range(len(names)))
        ax.set_xlim(-0.6, len(names) - 0.4)
    else:
        ax.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10], integer=_is_whole(values)))
    ax.grid(axis="y", color=style.GRID)
    ax.tick_params(labelsize=style.NOTE)
    if is_share(measure):
        ax.set_ylim(0, 1.04)
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    else:
        highest = np.nanmax([*of.high[~np.isnan(of.high)], *of.middle[~np.isnan(of.middle)], base, 0.0])
        ax.set_ylim(0, 1.06 * highest or 1.0)


def binned(x: Any, y: Any, separate: bool) -> tuple[Any, Any]:
    """Means of points along an axis.

    Parameters
    ----------
    x, y : array of float, shape (points,)
        Where points stand, and what they have; NaN for nothing.
    separate : bool
        Whether each value of ``x`` has its mean; else groups of neighbours, as many in each, have one.

    Returns
    -------
    (array, array)
        Where the means stand (the mean of ``x``), and the means; empty where there are too few points.
    """
    known = ~np.isnan(y)
    x, y = x[known], y[known]
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    if separate:
        groups = [np.flatnonzero(x == each) for each in np.unique(x)]
    else:
        number = min(_MOST_BINS, len(x) // _IN_A_BIN)
        groups = np.array_split(np.arange(len(x)), number) if number > 1 else []
    return np.array([x[each].mean() for each in groups]), np.array([y[each].mean() for each in groups])


def _places(values: Any) -> tuple[Any, list[str]]:
    """Where values stand, and the names of those that are no numbers."""
    if all(is_number(value) for value in values):
        return values.to_numpy(dtype=float), []
    names = [text(value) for value in values_of(values.to_frame("value"), "value")]
    return np.array([float(names.index(text(value))) for value in values]), names


def _is_whole(values: Any) -> bool:
    return all(float(value).is_integer() for value in values)


def _legend(figure: Figure, of: Estimates, has_base: bool) -> None:
    look: dict[str, Any] = {"marker": "o", "color": style.BLUE, "linewidth": 1.2}
    handles = [
        Line2D([], [], **look),
        Line2D([], [], color=style.VERMILLION, linewidth=2.2, marker="D", markersize=5),
    ]
    words = ["a point, 95 % interval", "mean of points that are near"]
    if of.limited.any():
        handles.append(Line2D([], [], **{**look, "markerfacecolor": "white", "linestyle": "none"}))
        words.append(f"a limit ended {percent(MATTERS)} or more")
    if has_base:
        handles.append(Line2D([], [], color=style.INK, linewidth=1, linestyle=(0, (4, 3))))
        words.append("the base")
    figure.legend(handles, words, loc="outside lower left", ncols=2, frameon=False, fontsize=style.NOTE)


def _describe(ax: Axes, values: Any, name: str, of: Estimates, measure: str, called: Mapping[str, str] | None) -> None:
    x, names = _places(values)
    along, means = binned(x, of.middle, separate=bool(names) or len(np.unique(x)) <= _MOST_BINS)
    factor = 100.0 if is_share(measure) else 1.0
    unit = " %" if is_share(measure) else "" if measure in COUNTS else " months"
    told = "; ".join(
        f"at {names[round(place)] if names else f'{place:.3g}'} {factor * mean:.3g}{unit}"
        for place, mean in zip(along, means, strict=True)
    )
    describe(ax, f"{title(measure, called)} against {name}, means of points that are near: {told or 'too few points'}.")

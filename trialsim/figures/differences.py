"""Paired differences to the base, scenario by scenario, as a forest plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D

from trialsim.analysis.levers import is_sure
from trialsim.analysis.measures import scale, words
from trialsim.figures import style
from trialsim.figures.picture import as_written, describe
from trialsim.figures.varied import unit_of_difference

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 40
"""More points than that are not drawn."""
_ROW, _AROUND = 0.34, 2.5
"""Inches: of a row, and around the rows."""
_LONGEST = 46


def draw_differences(
    points: pd.DataFrame,
    titles: Sequence[str],
    measures: Sequence[str],
    called: Mapping[str, str] | None = None,
    about: str = "",
    rows: str = "",
) -> Figure:
    """A figure of at most two measures side by side: the difference of each point to the base, with its interval.

    Parameters
    ----------
    points : DataFrame
        As `trialsim.tables.point_columns` says; one is the base, and there are `MOST` at most.
    titles : sequence of str
        What the points are called.
    measures : sequence of str
        Those of `trialsim.tables.MEASURES` to be shown.
    called : mapping, optional
        What to call a measure, if not by its usual words.
    about : str
        Whose sweep it is, for the caption.
    rows : str
        What the names of the points are, if they do not say it themselves.
    """
    shown = list(measures)[:2]
    figure = style.new_figure(height=_AROUND + _ROW * max(len(points), 3), width=1.2 * style.WIDTH)
    grid = figure.subplots(1, len(shown), squeeze=False, sharey=True)[0]
    for place, (measure, ax) in enumerate(zip(shown, grid, strict=True)):
        forest(points, titles, measure, called=called, ax=ax)
        if place:
            ax.tick_params(axis="y", labelleft=False)
    several = int(points["replications"].max())
    caption = f"{about}: " * bool(about) + f"each on the luck of the base, {style.trials(several)} of each"
    caption += f"; rows: {rows}" * bool(rows)
    style.heading_of_all(figure, _message(points, titles, shown[0], called), caption)
    look: dict[str, Any] = {"marker": "o", "linestyle": "none", "markersize": 8}
    handles = [
        Line2D([], [], color=style.BLUE, **look),
        Line2D([], [], color=style.MUTED, markerfacecolor="white", **look),
        Line2D([], [], color=style.INK, linewidth=1.4, linestyle=(0, (5, 2))),
        Line2D([], [], color=style.MUTED, linewidth=2),
    ]
    names = ["differs from the base", "may be no difference", "the base", "95 % interval"]
    style.legend(grid[0], handles, names, below=64)
    if rows:
        describe(grid[0], f"Points are named by {rows}.")
    as_written(figure)
    return figure


def forest(
    points: pd.DataFrame,
    titles: Sequence[str],
    measure: str,
    *,
    called: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The mean paired difference of one measure, a row a point, with its 95 % interval; see `draw_differences`."""
    ax = style.axes(ax)
    middle, low, high = _found(points, measure)
    base = points["is_base"].to_numpy(dtype=bool).tolist()
    sure = _sure(points, measure)
    ax.axvline(0, color=style.INK, linewidth=1.4, linestyle=(0, (5, 2)), zorder=1)
    told = []
    for row, title in enumerate(titles):
        if base[row]:
            told.append(f"{title} is the base")
            continue
        colour = style.BLUE if sure[row] else style.MUTED
        if not np.isnan(low[row]):
            ax.hlines(row, low[row], high[row], color=colour, linewidth=2.4)
        look: dict[str, Any] = {"color": colour, "markerfacecolor": colour if sure[row] else "white", "zorder": 4}
        ax.plot([middle[row]], [row], marker="o", markersize=7, linestyle="none", **look)
        error = "" if np.isnan(low[row]) else f" ({low[row]:+.1f} to {high[row]:+.1f})"
        told.append(f"{title} unknown" if np.isnan(middle[row]) else f"{title} {middle[row]:+.1f}{error}")
    names = [
        style.shortened_inside(title, _LONGEST) + " (base)" * (own and title != "base")
        for title, own in zip(titles, base, strict=True)
    ]
    ax.set_yticks(range(len(titles)), names)
    ax.set_ylim(max(len(titles), 3) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", color=style.GRID)
    ax.locator_params(axis="x", nbins=6)
    known = np.concatenate((middle, low, high))
    if not np.nan_to_num(known).any():
        ax.set_xlim(-1, 1)
    name = words(measure, called)
    ax.set_xlabel(f"{name[:1].upper()}{name[1:]}:\ndifference ({unit_of_difference(measure)})", fontsize=style.LABEL)
    describe(
        ax,
        f"Forest plot of the paired difference of each point to the base in {name}, in {unit_of_difference(measure)}, "
        f"with 95 % intervals: {'; '.join(told)}.",
    )
    return ax


def _found(points: pd.DataFrame, measure: str) -> tuple[Any, Any, Any]:
    """The differences and the ends of their intervals, in the unit of the axis; NaN where not known."""
    columns = (points[f"{measure}_difference{end}"].to_numpy(dtype=float) for end in ("", "_low", "_high"))
    middle, low, high = (column * scale(measure) for column in columns)
    return middle, low, high


def _sure(points: pd.DataFrame, measure: str) -> list[bool]:
    """Whether the interval of a difference leaves out no difference."""
    columns = [points[f"{measure}_difference{end}"].to_numpy(dtype=float) for end in ("", "_low", "_high")]
    return [is_sure(*row) for row in zip(*columns, points["replications"], strict=True)]


def _message(points: pd.DataFrame, titles: Sequence[str], measure: str, called: Mapping[str, str] | None) -> str:
    """How many points differ from the base, and which one most."""
    middle, *_ = _found(points, measure)
    sure = [row for row, each in enumerate(_sure(points, measure)) if each and not points["is_base"].iloc[row]]
    name = words(measure, called)
    others = int((~points["is_base"].to_numpy(dtype=bool)).sum())
    subject = f"{name[:1].upper()}{name[1:]}"
    if not sure:
        return (
            f"{subject}: {'not surely different' if others == 1 else f'none of {others} surely differs'} from the base"
        )
    most = max(sure, key=lambda row: abs(middle[row]))
    size = f"{middle[most]:+.1f} {unit_of_difference(measure).partition(';')[0]}"
    which = style.shortened_inside(titles[most], _LONGEST)
    if others == 1:
        return f"{subject}: {which} differs from the base ({size})"
    return f"{subject}: {len(sure)} of {others} differ from the base, {which} most ({size})"

"""A measure at every pair of values of two axes, as a map of colours and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from trialsim.analysis.measures import USUAL, is_share
from trialsim.figures import style
from trialsim.figures.picture import describe
from trialsim.figures.varied import (
    caption,
    cells,
    cut,
    is_base,
    label,
    message,
    name_values,
    quantiles,
    share,
    single,
    text,
    title,
    unit,
    values_of,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_SIDE_BY_SIDE = 8
"""More columns than this, and maps stand below one another."""
_ROW, _AROUND = 0.33, 2.0
"""Inches: of a row, and around the rows."""
_SMALLEST = 6.0
"""Points: numbers that would have to be smaller are left out."""


def draw_heatmaps(
    replications: pd.DataFrame,
    labels: Mapping[str, str],
    measures: Sequence[str],
    base: Mapping[str, Any] | None = None,
    held: Mapping[str, Any] | None = None,
    called: Mapping[str, str] | None = None,
    about: str = "",
) -> Figure:
    """A figure of a map for each measure, side by side if there is room; what they take is as for `sweep_heatmap`."""
    keys = list(labels)
    columns, rows = (len(values_of(replications, key)) for key in keys)
    high = max(style.HEIGHT, _AROUND + _ROW * rows)
    beside = columns <= _SIDE_BY_SIDE
    figure = style.new_figure(high * (1 if beside else len(measures)), 1.35 * style.WIDTH)
    grid = figure.subplots(*((1, len(measures)) if beside else (len(measures), 1)), squeeze=False)
    for measure, ax in zip(measures, grid.ravel(), strict=True):
        words: dict[str, Any] = {"labels": labels, "called": called, "about": about}
        sweep_heatmap(replications, keys, measure=measure, base=base, held=held, ax=ax, **words)
    return figure


def sweep_heatmap(
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
    """The median of a milestone or a count, or the chance of an end, for every pair of values of two axes.

    The scale goes from the lowest, which is light, to the highest value of the map. Medians are hatched where a limit
    ended half of the trials or more: there the limit is what is to be seen.

    Parameters
    ----------
    replications, measure, labels, base, held, called, about, ax
        As for `trialsim.figures.sweeps.sweep_lines`; the base is framed.
    keys : sequence of str
        Two columns; the first is the horizontal axis.

    Raises
    ------
    ValueError
        For other than two keys.
    """
    import seaborn as sns

    if len(keys) != 2:
        raise ValueError(f"a heatmap needs two axes, not {len(keys)}")
    ax = style.axes(ax)
    across, down = (values_of(replications, key) for key in keys)
    table = np.full((len(down), len(across)), np.nan)
    of_base, of_limits = [], []
    for (row, column), point in cells(replications, keys, down, across).items():
        chance = share(point, measure).probability if is_share(measure) else None
        table[row, column] = quantiles(point, measure, (0.5,))[0] if chance is None else 100 * chance
        of_base += [(column, row)] * is_base(point, keys, base)
        limited = cut(point, measure)
        of_limits += [(column, row)] * (limited is not None and limited.share >= 0.5)
    digits = ".0f" if is_share(measure) else ".1f"
    size = _size(ax, table, digits)
    ax.set_facecolor(style.GRID)
    low, high = _ends(table)
    sns.heatmap(
        table,
        ax=ax,
        vmin=low,
        vmax=high if high > low else low + 1,
        cbar=high > low,
        cmap="Oranges" if is_share(measure) else "Blues",
        annot=size >= _SMALLEST,
        fmt=digits,
        annot_kws={"fontsize": size},
        linewidths=1,
        cbar_kws={"shrink": 0.9, "label": unit(measure)},
    )
    for corner in of_limits:
        ax.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor=style.PALE, linewidth=0, hatch="//"))
    for corner in of_base:
        ax.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor=style.INK, linewidth=2.5, clip_on=False))
    name_values(ax, across, [column + 0.5 for column in range(len(across))])
    ax.set_yticks(np.arange(len(down)) + 0.5, [style.shortened(text(value), 20) for value in down], rotation=0)
    ax.invert_yaxis()
    ax.set_xlabel(label(keys[0], labels), fontsize=style.LABEL, color=style.INK)
    ax.set_ylabel(label(keys[1], labels), fontsize=style.LABEL, color=style.INK)
    found = (table / 100 if is_share(measure) else table).ravel().tolist()
    alone = single(replications, keys)
    notes = [
        *["in %"] * is_share(measure),
        *["medians"] * (not is_share(measure) and not alone),
        *["framed: the base"] * bool(of_base),
    ]
    rows = ((text(value), row) for value, row in zip(down, table, strict=True))
    numbers = "; ".join(
        f"{value}: {', '.join('none' if np.isnan(one) else f'{one:{digits}}' for one in row)}" for value, row in rows
    )
    describe(
        ax,
        f"Map of {title(measure, called).lower()} ({unit(measure)}) by {label(keys[0], labels)} "
        f"({', '.join(map(text, across))}), a row for each value of {label(keys[1], labels)}: {numbers}.",
    )
    notes += ["hatched: half of the trials or more cut off by a limit"] * bool(of_limits)
    style.heading(
        ax,
        message(measure, found, called, "" if alone else "median "),
        "; ".join([caption(replications, keys, held, about), *notes]),
    )
    return ax


def _ends(table: Any) -> tuple[float, float]:
    """The lowest and the highest number of a map."""
    known = table[~np.isnan(table)]
    return (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)


def _size(ax: Axes, table: Any, digits: str) -> float:
    """How large the numbers may be, in points, so that the longest fits into a column and all into their rows."""
    longest = max(len(f"{value:{digits}}") for value in table.ravel())
    rows, columns = table.shape
    room = 0.85 * style.points_wide(ax) / columns
    return float(min(style.TICK, 0.9 * room / (0.62 * longest), 0.7 * style.points_high(ax) / rows))

"""How milestones, counts and risks depend on what was varied."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from trialsim.analysis import statistics
from trialsim.analysis.measures import USUAL, happened, is_share, values, words
from trialsim.figures import style
from trialsim.tables import COUNTS
from trialsim.vocabulary import END_CAUSES, MONTH

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_MOST_LETTERED = 130
"""Cells of a heatmap that can still be lettered."""

_CLOSEST = 0.06
"""Numbers nearer to one another than this share of the axis are put at equal distances instead."""


class _Point(NamedTuple):
    x: float
    table: Any
    """Its replications."""


def drawable(replications: pd.DataFrame, keys: Sequence[str], measures: Sequence[str] = USUAL) -> list[str]:
    """The names of the figures that can show what was varied: lines along an axis or two, and the heatmap of two."""
    if len(keys) not in (1, 2):
        return []
    too_many = len(keys) == 2 and len(_values(replications, keys[1])) > len(style.LINES)
    lines = [] if too_many else [f"sweep_{measure}" for measure in measures]
    return [*lines, "sweep_heatmap"] if len(keys) == 2 else lines


def sweep_lines(
    replications: pd.DataFrame,
    keys: Sequence[str],
    *,
    measure: str = USUAL[0],
    labels: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """A measure along an axis; one line for each value of a second axis.

    Of milestones and counts the median and P10 to P90; of the chance of an end Wilson's intervals, and where that is
    ending early along one axis, its causes.

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
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Raises
    ------
    ValueError
        For other than one or two keys, or too many values of the second.
    """
    ax = style.axes(ax)
    lines = _lines(replications, keys)
    of_lines = _line_names(lines, keys, labels) if len(keys) == 2 else []
    draw = _draw_shares if is_share(measure) else _draw_amounts
    handles, names = draw(ax, lines, of_lines, measure)
    ax.set_ylabel(_axis_label(measure), fontsize=style.LABEL, color=style.INK)
    _finish(ax, replications, keys, labels, _title(measure), handles, names)
    return ax


def _draw_amounts(
    ax: Axes, lines: Mapping[Any, list[_Point]], of_lines: list[str], measure: str
) -> tuple[list[Any], list[str]]:
    """Medians and P10 to P90 of a milestone or a count, of the trials that have it."""
    handles: list[Any] = []
    highest = 0.0
    for points, colour in zip(lines.values(), style.LINES, strict=False):
        x = [point.x for point in points]
        low, median, high = np.array([_quantiles(point, measure, (0.1, 0.5, 0.9)) for point in points]).T
        highest = max(highest, *high[~np.isnan(high)], 0.0)
        if len(lines) == 1:
            ax.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0)
            ax.vlines(x, low, high, color=colour, alpha=0.35, linewidth=1.2)
        else:  # several bands on top of one another would be mud
            for edge in (low, high):
                ax.plot(x, edge, color=colour, linewidth=1.1, linestyle=(0, (4, 2)))
        (line,) = ax.plot(x, median, color=colour, marker="o", markersize=6, linewidth=2.2)
        handles.append(line)
    names = [f"median, {name}" for name in of_lines] or ["median"]
    names.append("8 trials of 10 (P10–P90)")
    dashed = Line2D([], [], color=style.MUTED, linewidth=1.1, linestyle=(0, (4, 2)))
    handles.append(Patch(color=style.LINES[0], alpha=0.25) if len(lines) == 1 else dashed)
    ax.set_ylim(0, 1.06 * highest or 1.0)
    return handles, names


def _draw_shares(
    ax: Axes, lines: Mapping[Any, list[_Point]], of_lines: list[str], measure: str
) -> tuple[list[Any], list[str]]:
    """The chance of an end with Wilson's intervals."""
    handles: list[Any] = []
    names = list(of_lines)
    if not of_lines:
        if measure == "early_termination":
            handles, names = _stacked_causes(ax, next(iter(lines.values())))
        names.append("any, with 95 % interval" if handles else "with 95 % interval")
    for points, colour in zip(lines.values(), style.LINES if of_lines else (style.INK,), strict=False):
        shares = [_share(point, measure) for point in points]
        middle = np.array([share.probability for share in shares], dtype=float)
        low, high = np.array([(share.low, share.high) for share in shares], dtype=float).T
        drawn = ax.errorbar(
            [point.x for point in points],
            middle,
            yerr=[np.maximum(middle - low, 0), np.maximum(high - middle, 0)],
            color=colour,
            marker="o",
            markersize=6,
            linewidth=2.2,
            elinewidth=1.4,
            capsize=3,
            clip_on=False,
        )
        handles.append(drawn)
    ax.set_ylim(0, 1)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    return handles, names


def sweep_heatmap(
    replications: pd.DataFrame,
    keys: Sequence[str],
    *,
    measure: str = USUAL[0],
    labels: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The median of a milestone or a count, or the chance of an end, for every pair of values of two axes.

    Parameters
    ----------
    replications, measure, labels, ax
        As for `sweep_lines`.
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
    across, down = (_values(replications, key) for key in keys)
    cells = np.full((len(down), len(across)), np.nan)
    for (row, column), point in _cells(replications, keys, down, across).items():
        share = _share(point, measure).probability if is_share(measure) else None
        cells[row, column] = _quantiles(point, measure, (0.5,))[0] if share is None else 100 * share
    sns.heatmap(
        cells,
        ax=ax,
        cmap="flare" if is_share(measure) else "crest",
        vmin=0 if is_share(measure) else None,
        vmax=100 if is_share(measure) else None,
        annot=cells.size <= _MOST_LETTERED,
        fmt=".0f" if is_share(measure) else ".1f",
        annot_kws={"fontsize": style.TICK if cells.size <= 42 else 7.5},
        linewidths=1,
        cbar_kws={"shrink": 0.9},
    )
    _name_categories(ax, across, len(across), centre=0.5)
    ax.set_yticks(np.arange(len(down)) + 0.5, [style.shortened(_text(value), 20) for value in down], rotation=0)
    ax.invert_yaxis()
    ax.set_xlabel(_label(keys[0], labels), fontsize=style.LABEL, color=style.INK)
    ax.set_ylabel(_label(keys[1], labels), fontsize=style.LABEL, color=style.INK)
    style.heading(
        ax,
        f"{_title(measure)} (%)" if is_share(measure) else f"Median: {_axis_label(measure)}",
        _caption(replications, keys),
    )
    return ax


def _lines(replications: pd.DataFrame, keys: Sequence[str]) -> dict[Any, list[_Point]]:
    """For each value of the second key (None if there is none), the points along the first."""
    if len(keys) not in (1, 2):
        raise ValueError(f"lines can show one axis or two, not {len(keys)}")
    across = _values(replications, keys[0])
    place = _places(across)
    if len(keys) == 1:
        return {None: _points(replications, keys[0], across, place)}
    second = _values(replications, keys[1])
    if len(second) > len(style.LINES):
        raise ValueError(f"{len(second)} values of {keys[1]} are too many lines: draw the heatmap")
    texts = replications[keys[1]].map(_text)
    return {_text(value): _points(replications[texts == _text(value)], keys[0], across, place) for value in second}


def _points(replications: pd.DataFrame, key: str, across: Sequence[Any], place: Sequence[float]) -> list[_Point]:
    texts = replications[key].map(_text)
    found = []
    for value, x in zip(across, place, strict=True):
        mine = replications[texts == _text(value)]
        if len(mine):
            found.append(_Point(x, mine))
    return found


def _cells(
    replications: pd.DataFrame, keys: Sequence[str], down: Sequence[Any], across: Sequence[Any]
) -> dict[tuple[int, int], _Point]:
    texts = replications[keys[1]].map(_text)
    return {
        (row, int(point.x)): point
        for row, value in enumerate(down)
        for point in _points(replications[texts == _text(value)], keys[0], across, range(len(across)))
    }


def _stacked_causes(ax: Axes, points: Sequence[_Point]) -> tuple[list[Any], list[str]]:
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


def _share(point: _Point, measure: str) -> statistics.Proportion:
    chosen = happened(point.table, measure)
    return statistics.proportion(int(np.count_nonzero(chosen)), len(chosen))


def _quantiles(point: _Point, measure: str, shares: Sequence[float]) -> list[float]:
    """Quantiles of a count, or of a milestone in months, of the trials that have it; NaN if none has."""
    found = values(point.table, measure)
    found = found[~np.isnan(found)] / (1.0 if measure in COUNTS else MONTH)
    return [float(np.quantile(found, share)) if len(found) else np.nan for share in shares]


def _title(measure: str) -> str:
    return "Risk of ending early" if measure == "early_termination" else _capital(words(measure))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _axis_label(measure: str) -> str:
    if is_share(measure):
        return f"Trials that {'end early' if measure == 'early_termination' else 'end so'}"
    return f"{_capital(words(measure))} ({'in one trial' if measure in COUNTS else 'months from day 0'})"


def _values(replications: pd.DataFrame, key: str) -> list[Any]:
    """The values of a key: numbers in order, anything else as it comes."""
    found = list({_text(value): value for value in replications[key]}.values())
    return sorted(found) if all(_is_number(value) for value in found) else found


def _places(values: Sequence[Any]) -> list[float]:
    """Where values stand on the horizontal axis: numbers where they are, anything else one after the other."""
    return [float(value) for value in values] if _to_scale(values) else [float(index) for index in range(len(values))]


def _to_scale(values: Sequence[Any]) -> bool:
    """Whether the values are numbers that are not too close to one another to be told apart on one scale."""
    if not all(_is_number(value) for value in values):
        return False
    return len(values) == 1 or min(np.diff(values)) >= _CLOSEST * (values[-1] - values[0])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and math.isfinite(value)


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "none"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | np.ndarray):
        return " + ".join(_text(inner) for inner in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text(inner)}" for name, inner in value.items())
    return f"{value:g}" if _is_number(value) else str(value)


def _line_names(lines: Mapping[Any, Any], keys: Sequence[str], labels: Mapping[str, str] | None) -> list[str]:
    return [f"{_label(keys[1], labels)}: {style.shortened(_text(value), 40)}" for value in lines]


def _label(key: str, labels: Mapping[str, str] | None) -> str:
    return (labels or {}).get(key, key)


def _caption(replications: pd.DataFrame, keys: Sequence[str]) -> str:
    """How many replications are behind each point."""
    sizes = replications[list(keys)].map(_text).value_counts()
    least, most = int(sizes.min()), int(sizes.max())
    return f"{style.trials(most) if least == most else f'{least:,} to {style.trials(most)}'} a point"


def _finish(
    ax: Axes,
    replications: pd.DataFrame,
    keys: Sequence[str],
    labels: Mapping[str, str] | None,
    title: str,
    handles: list[Any],
    names: list[str],
) -> None:
    values = _values(replications, keys[0])
    below = 50.0
    label = _label(keys[0], labels)
    if _to_scale(values):
        places = _places(values)
        ax.set_xticks(places, [_text(value) for value in values])
        if len(values) == 1:
            ax.set_xlim(places[0] - 1, places[0] + 1)
    else:
        below += _name_categories(ax, values, len(values), centre=0.0)
        ax.set_xlim(-0.5, len(values) - 0.5)
        if all(_is_number(value) for value in values):
            label += " (not to scale)"
    ax.grid(axis="y", color=style.GRID)
    ax.set_xlabel(label, fontsize=style.LABEL, color=style.INK)
    style.heading(ax, title, _caption(replications, keys))
    style.legend(ax, handles, names, below=below)


def _name_categories(ax: Axes, values: Sequence[Any], count: int, centre: float) -> float:
    """Name the categories under the axis, slanted if they are long; returns how much lower they reach, in points."""
    names = [style.shortened(_text(value), 22) for value in values]
    room = style.points_wide(ax) / max(count, 1)
    slanted = max(len(name) for name in names) * 0.62 * style.TICK > room
    ax.set_xticks(np.arange(count) + centre, names)
    ax.tick_params(axis="x", rotation=35 if slanted else 0)
    if not slanted:
        return 0.0
    for label in ax.get_xticklabels():
        label.set_horizontalalignment("right")
        label.set_rotation_mode("anchor")
    return 0.36 * style.TICK * max(len(name) for name in names)

"""What drives the answer: a tornado of inputs, shares of the ignorance, and partial rank correlations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from trialsim.analysis.measures import is_share, scale
from trialsim.figures import style
from trialsim.figures.picture import as_written, describe
from trialsim.tables import COUNTS
from trialsim.wording import between, percent, percent_range

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 12
"""Inputs that are shown: those that do most."""
_ROW = 0.36
"""Inches an input."""
_LONGEST = 44
_LOW, _HIGH = style.ORANGE, style.BLUE
_ALONE, _IN_ALL = style.SKY, style.BLUE


def draw_sensitivity(name: str, summary: Mapping[str, Any], table: pd.DataFrame) -> Figure:
    """A figure of at most two answers, one below the other.

    Parameters
    ----------
    name : str
        ``tornado``, ``indices`` or ``rank_correlations``.
    summary : mapping
        That of the analysis.
    table : DataFrame
        The table of that name.
    """
    draw, by, handles = _KINDS[name]
    shown = list(dict.fromkeys(table[by]))[:2]
    parts = [_first(table[table[by] == each]) for each in shown]
    rows = [len(part) for part in parts]
    figure = style.new_figure(height=1.7 + 0.9 * len(parts) + _ROW * sum(rows), width=1.2 * style.WIDTH)
    axes = figure.subplots(len(parts), 1, squeeze=False, height_ratios=rows)[:, 0]
    for each, part, ax in zip(shown, parts, axes, strict=True):
        draw(part, summary["words"][each], summary=summary, ax=ax)
    longer = table.groupby(by, observed=True).size().max() > MOST + 1
    most = f"the {MOST} that do most; " * bool(longer)
    style.heading_of_all(figure, _title(name, parts[0], summary), f"{summary['scenario']}: {most}{_how(name, summary)}")
    figure.legend(
        [handle for handle, _ in handles],
        [words for _, words in handles],
        loc="outside lower left",
        ncols=4,
        frameon=False,
        fontsize=style.NOTE,
    )
    as_written(figure)
    return figure


def tornado(
    table: pd.DataFrame, called: str, *, summary: Mapping[str, Any] | None = None, ax: Axes | None = None
) -> Axes:
    """An answer with each input at its P10 and at its P90, as bars from where it is with all at their medians.

    Parameters
    ----------
    table : DataFrame
        The rows of one answer, as `trialsim.tables.TORNADO` says.
    called : str
        What the answer is called.
    summary : mapping, optional
        That of the analysis, for the inputs' values in words.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    """
    ax = style.axes(ax)
    times = _times(str(table["answer"].iloc[0]))
    middle = float(table["at_p50"].iloc[0]) * times
    places = np.arange(len(table), dtype=float)
    to_low, to_high = (table[f"to_{end}"].to_numpy(dtype=float) * times for end in ("p10", "p90"))
    longer = np.abs(to_low) > np.abs(to_high)
    for is_first in (longer, ~longer):  # of two on one side, the shorter lies on the longer
        bars = np.where(is_first, to_low, to_high)
        colours = [_LOW if each else _HIGH for each in is_first]
        ax.barh(places, bars, left=middle, height=0.62, color=colours, linewidth=0)
    for end in ("p10", "p90"):
        low, high = (middle + table[f"to_{end}_{side}"].to_numpy(dtype=float) * times for side in ("low", "high"))
        ax.hlines(places, low, high, color=style.INK, linewidth=1.5)
    if not np.isnan(middle):
        ax.axvline(middle, color=style.INK, linewidth=1)
    written = {each["key"]: each["written"] for each in summary["inputs"]} if summary else {}
    _rows(ax, [_with_range(str(name), written.get(name)) for name in table["input"]])
    _across(ax, str(table["answer"].iloc[0]), called)
    describe(ax, _told(called, table))
    return ax


def shares(
    table: pd.DataFrame, called: str, *, summary: Mapping[str, Any] | None = None, ax: Axes | None = None
) -> Axes:
    """Sobol's first and total indices of each input with their 95 % intervals; see `tornado` for the parameters."""
    ax = style.axes(ax)
    places = np.arange(len(table), dtype=float)
    for name, colour, off in (("first", _ALONE, -0.16), ("total", _IN_ALL, 0.16)):
        value, low, high = (table[f"{name}{end}"].to_numpy(dtype=float) for end in ("", "_low", "_high"))
        ax.barh(places + off, value, height=0.3, color=colour, linewidth=0)
        ax.hlines(places + off, low, high, color=style.INK, linewidth=1.5)
    ax.axvline(0, color=style.INK, linewidth=1)
    if table["total"].isna().all():
        _nothing(ax, "too little ignorance is seen\nto be shared out")
    _rows(ax, [str(name) for name in table["input"]])
    ax.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    text = f"{_capital(called)}: share of the ignorance"
    ax.set_xlabel(text, fontsize=style.LABEL)
    strongest = [
        f"{row['input']} {percent(max(0.0, row['total']))} ({percent_range(row['total_low'], row['total_high'])})"
        for _, row in table.head(3).iterrows()
        if not np.isnan(row["total"])
    ]
    describe(ax, f"{text}, in all: {'; '.join(strongest) or 'too little to be told'}.")
    return ax


def ranks(
    table: pd.DataFrame, called: str, *, summary: Mapping[str, Any] | None = None, ax: Axes | None = None
) -> Axes:
    """Partial rank correlations of each input with their 95 % intervals; see `tornado` for the parameters."""
    ax = style.axes(ax)
    places = np.arange(len(table), dtype=float)
    value, low, high = (table[f"correlation{end}"].to_numpy(dtype=float) for end in ("", "_low", "_high"))
    ax.barh(places, value, height=0.62, color=style.BLUE, linewidth=0)
    ax.hlines(places, low, high, color=style.INK, linewidth=1.5)
    ax.axvline(0, color=style.INK, linewidth=1)
    if np.isnan(value).all():
        _nothing(ax, "the same in all trials")
    _rows(ax, [str(name) for name in table["input"]])
    ax.set_xlim(-1, 1)
    text = f"{_capital(called)} in one trial: partial rank correlation"
    ax.set_xlabel(text, fontsize=style.LABEL)
    told = [f"{row['input']} {row['correlation']:+.2f}" for _, row in table.head(3).iterrows()]
    describe(ax, f"{text}: {'; '.join(told)}.")
    return ax


_INTERVAL = Line2D([], [], color=style.INK, linewidth=1.5), "95 % interval"
_KINDS: dict[str, tuple[Any, str, list[tuple[Any, str]]]] = {
    "tornado": (
        tornado,
        "answer",
        [(Patch(color=_LOW), "with the value at its P10"), (Patch(color=_HIGH), "at its P90"), _INTERVAL],
    ),
    "indices": (
        shares,
        "measure",
        [(Patch(color=_ALONE), "alone (first)"), (Patch(color=_IN_ALL), "alone and with others (total)"), _INTERVAL],
    ),
    "rank_correlations": (ranks, "measure", [_INTERVAL]),
}


def _first(part: pd.DataFrame) -> pd.DataFrame:
    """The rows that are shown: the first, and the dummy."""
    place = np.arange(len(part))
    kept: pd.DataFrame = part[(place < MOST + (len(part) == MOST + 1)) | part["is_dummy"]]
    return kept


def _title(name: str, part: pd.DataFrame, summary: Mapping[str, Any]) -> str:
    first = style.shortened_inside(str(part["input"].iloc[0]), 60)
    if not all(each["by_chance"] for each in summary["dummy_moves"]):
        return "The dummy is not inert: see the report"
    return {
        "tornado": f"Moved most by {first}",
        "indices": f"Most of the ignorance: {first}",
        "rank_correlations": f"Goes most with {first}",
    }[name]


def _how(name: str, summary: Mapping[str, Any]) -> str:
    if name == "tornado":
        trials = style.trials(summary["replications"])
        return f"one at a time, the others at their medians, on the same luck; {trials} at each end"
    points = f"{summary['points']:,}"
    return f"{points} points, each on two lucks" if name == "indices" else f"{points} simulated trials"


def _rows(ax: Axes, names: Sequence[str]) -> None:
    """The inputs down the side, the first on top."""
    ax.set_yticks(range(len(names)), list(names))
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", color=style.GRID)
    ax.locator_params(axis="x", nbins=8)


def _across(ax: Axes, answer: str, called: str) -> None:
    """The answer along the bottom, in the unit in which people have it."""
    name = _capital(called)
    if is_share(answer):
        ax.xaxis.set_major_formatter(PercentFormatter(100, symbol=" %"))
        ax.set_xlabel(f"Chance: {called}", fontsize=style.LABEL)
    elif answer in COUNTS:
        ax.set_xlabel(f"{name}, mean of a trial", fontsize=style.LABEL)
    else:
        mean = "" if answer[-4:-2] == "_p" else ", mean"
        ax.set_xlabel(f"{name}{mean}: months from day 0", fontsize=style.LABEL)


def _times(answer: str) -> float:
    """What values are multiplied by: days become months, chances per cent."""
    return scale(answer if is_share(answer) or answer in COUNTS else "settled")


def _with_range(name: str, written: Mapping[str, str] | None) -> str:
    short = style.shortened_inside(name, _LONGEST)
    if written is None:
        return short
    return f"{short}\n{between(written['p10'], written['p90'])}"


def _told(called: str, table: pd.DataFrame) -> str:
    """The three that move it most, in words."""
    times = _times(str(table["answer"].iloc[0]))
    unit = " %" if is_share(str(table["answer"].iloc[0])) else ""
    parts = [
        f"{row['input']}: {times * row['at_p10']:.1f}{unit} at its P10, {times * row['at_p90']:.1f}{unit} at its P90"
        for _, row in table.head(3).iterrows()
    ]
    return f"{_capital(called)}, {times * table['at_p50'].iloc[0]:.1f}{unit} with all at medians. {'; '.join(parts)}."


def _nothing(ax: Axes, words: str) -> None:
    look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": style.LABEL, "color": style.MUTED}
    ax.text(0.5, 0.5, words, transform=ax.transAxes, bbox=style.PAPER, **look)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

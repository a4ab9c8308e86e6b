"""The best of several plans: what is known of each, and how probably it is the best."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from trialsim.analysis.measures import is_share, scale
from trialsim.figures import style
from trialsim.figures.picture import as_written, describe
from trialsim.figures.varied import axis_label
from trialsim.tables import COUNTS
from trialsim.wording import percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 20
"""Plans that are shown: those that are most probably the best."""
_ROW = 0.4
"""Inches a plan."""
_LONGEST = 40
_COLOURS = {
    "selected": style.BLUE,
    "identical": style.SKY,
    "level": style.SKY,
    "left": style.ORANGE,
    "out": style.PALE,
}
_WORDS = {
    "selected": "selected",
    "identical": "tied with it: the same in every pair",
    "level": "tied with it on average",
    "left": "still in question",
    "out": "out",
}


def draw_selection(plans: pd.DataFrame, summary: Mapping[str, Any]) -> Figure:
    """A figure of the plans: at left their estimates with 95 % intervals, at right how probably each is the best.

    Parameters
    ----------
    plans : DataFrame
        As `trialsim.tables.PLANS` says.
    summary : mapping
        That of the selection.
    """
    ranked = plans.assign(first=plans["outcome"] == "selected", apart=plans["difference"].abs())
    order = ranked.sort_values(["first", "probability_best", "apart"], ascending=[False, False, True], kind="stable")
    shown = order.head(MOST)
    row = _ROW * (1.4 if shown["name"].str.len().max() > _LONGEST else 1.0)
    figure = style.new_figure(height=2.6 + row * len(shown), width=1.2 * style.WIDTH)
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    estimates(shown, summary, ax=left)
    probabilities(shown, ax=right)
    right.tick_params(axis="y", labelleft=False)
    figure.suptitle(_message(summary), x=0.01, ha="left", fontsize=style.TITLE, fontweight="bold")
    some = f"the {MOST} of {len(plans)} plans that are most probably the best; " * (len(plans) > MOST)
    left.set_title(f"{some}{_how(summary)}", loc="left", fontsize=style.NOTE, color=style.MUTED, pad=14)
    there = [outcome for outcome in _COLOURS if (shown["outcome"] == outcome).any()]
    handles = [_dot(color=_COLOURS[outcome]) for outcome in there]
    handles += [Line2D([], [], color=style.MUTED, linewidth=2), _dot(color=style.INK, markerfacecolor="white")]
    told = _WORDS | ({"left": "behind"} if summary["procedure"] == "ocba" else {})
    names = [*(told[outcome] for outcome in there), "95 % interval", "the selected one on fresh luck"]
    figure.legend(handles, names, loc="outside lower left", ncols=4, frameon=False, fontsize=style.NOTE)
    as_written(figure)
    return figure


def estimates(plans: pd.DataFrame, summary: Mapping[str, Any], *, ax: Axes | None = None) -> Axes:
    """The estimate of each plan with its 95 % interval, and that of the selected one on fresh luck.

    Parameters
    ----------
    plans : DataFrame
        As `trialsim.tables.PLANS` says, in the order in which they are drawn.
    summary : mapping
        That of the selection.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    """
    ax = style.axes(ax)
    measure, fresh = summary["measure"], summary["fresh"]
    times = 1.0 if is_share(measure) else scale(measure)
    middle, low, high = (plans[f"estimate{end}"].to_numpy(dtype=float) * times for end in ("", "_low", "_high"))
    places = np.arange(len(plans), dtype=float)
    colours = [_COLOURS[outcome] for outcome in plans["outcome"]]
    ax.hlines(places, low, high, color=colours, linewidth=3)
    ax.scatter(middle, places, color=colours, s=60, zorder=4)
    if fresh["estimate"] is not None:
        (row,) = np.flatnonzero(plans["outcome"] == "selected") + 0.28
        if fresh["estimate_low"] is not None:
            ends = (times * fresh["estimate_low"], times * fresh["estimate_high"])
            ax.hlines(row, *ends, color=style.INK, linewidth=1.5)
        ax.plot(times * fresh["estimate"], row, marker="o", color=style.INK, markerfacecolor="white", zorder=5)
    ax.set_yticks(places, [_in_two_lines(name) for name in plans["name"]])
    ax.set_ylim(len(plans) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", color=style.GRID)
    if is_share(measure):
        ax.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    told = [
        f"{name} {_amount(measure, mean)} ({_amount(measure, least)} to {_amount(measure, most)}, {_WORDS[outcome]})"
        for name, mean, least, most, outcome in zip(plans["name"], middle, low, high, plans["outcome"], strict=True)
    ]
    describe(ax, f"{_label(measure, summary['words'])} of each plan, with 95 % intervals: {'; '.join(told)}.")
    ax.set_xlabel(_label(measure, summary["words"]), fontsize=style.LABEL)
    return ax


def probabilities(plans: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """How probably each plan is the best, given all that was simulated.

    Parameters
    ----------
    plans : DataFrame
        As `trialsim.tables.PLANS` says, in the order in which they are drawn.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    """
    ax = style.axes(ax)
    chance = plans["probability_best"].to_numpy(dtype=float)
    places = np.arange(len(plans), dtype=float)
    ax.barh(places, np.nan_to_num(chance), height=0.62, color=[_COLOURS[outcome] for outcome in plans["outcome"]])
    for place, each in zip(places, chance, strict=True):
        text = percent(None if np.isnan(each) else float(each))
        ax.text(min(np.nan_to_num(each), 1) + 0.02, place, text, va="center", fontsize=style.TICK, color=style.INK)
    told = [f"{name} {percent(None if np.isnan(p) else p)}" for name, p in zip(plans["name"], chance, strict=True)]
    describe(ax, f"Probability of being the best: {'; '.join(told)}.")
    ax.set_ylim(len(plans) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(0, 1.18)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1])
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.grid(axis="x", color=style.GRID)
    ax.set_xlabel("Probability of being the best", fontsize=style.LABEL)
    return ax


def _in_two_lines(name: str) -> str:
    lines = textwrap.wrap(name, _LONGEST) or [""]
    return "\n".join(lines) if len(lines) <= 2 else style.shortened_inside(name, _LONGEST)


def _amount(measure: str, value: float) -> str:
    return "unknown" if np.isnan(value) else percent(value) if is_share(measure) else f"{value:.1f}"


def _dot(**how: Any) -> Line2D:
    return Line2D([], [], marker="o", linestyle="none", markersize=8, **how)


def _label(measure: str, called: str) -> str:
    text = axis_label(measure, {measure: called})
    if is_share(measure):
        return text
    return text.replace("in one trial", "mean") if measure in COUNTS else f"{text}, mean of trials that complete"


def _message(summary: Mapping[str, Any]) -> str:
    name = style.shortened_inside(summary["selected"], 60)
    if summary["left"] and summary["procedure"] == "kim_nelson":
        return f"Not decided; ahead is {name}"
    return f"The best of {len(summary['plans'])} plans: {name}"


def _how(summary: Mapping[str, Any]) -> str:
    spent = style.trials(summary["replications"])
    if summary["procedure"] == "ocba":
        return f"a budget of {spent}, nothing is promised"
    if summary["promised"]:
        return f"{spent}, chosen with a promised probability of {percent(summary['confidence'])}"
    return f"{spent}, {summary['most']:,} of each at most: not enough for the promise"

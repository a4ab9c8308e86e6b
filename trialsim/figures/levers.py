"""What would help: the levers of a trial, and what each buys, as bars from nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from trialsim.analysis.levers import betters, is_sure
from trialsim.analysis.measures import scale, words
from trialsim.figures import style
from trialsim.figures.picture import as_written, describe
from trialsim.figures.varied import unit_of_difference

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from trialsim.analysis.facts import Facts

MOST = 12
"""Levers that are shown: those that help most."""
_ROW = 0.36
"""Inches a lever."""


def draw_levers(levers: pd.DataFrame, facts: Facts, replications: int) -> Figure:
    """A figure of at most two measures side by side.

    Parameters
    ----------
    levers : DataFrame
        As `trialsim.tables.LEVERS` says, with a lever at least.
    facts : Facts
        The trial.
    replications : int
        How many histories there are with each lever.
    """
    measures = list(dict.fromkeys(levers["measure"]))[:2]
    shown = list(dict.fromkeys(levers["lever"]))[:MOST]
    figure = style.new_figure(height=2.4 + _ROW * len(shown), width=1.2 * style.WIDTH)
    both = figure.subplots(1, len(measures), squeeze=False, sharey=True)[0]
    for place, (measure, ax) in enumerate(zip(measures, both, strict=True)):
        tornado(levers[levers["lever"].isin(shown)], measure, called={measure: facts.measure(measure)}, ax=ax)
        if place:
            ax.tick_params(axis="y", labelleft=False)
    some = f"the {MOST} of {levers['lever'].nunique()} levers that help most; " * (levers["lever"].nunique() > MOST)
    caption = f"{facts.label}: {some}each on the same luck, {style.trials(replications)}"
    style.heading_of_all(figure, _message(levers), caption)
    handles = [Patch(color=style.BLUE), Patch(color=style.PALE), Line2D([], [], color=style.INK, linewidth=2)]
    figure.legend(
        handles,
        ["differs from nothing", "may be nothing", "95 % interval"],
        loc="outside lower left",
        ncols=3,
        frameon=False,
        fontsize=style.NOTE,
    )
    as_written(figure)
    return figure


def tornado(
    levers: pd.DataFrame, measure: str, *, called: Mapping[str, str] | None = None, ax: Axes | None = None
) -> Axes:
    """The difference that each lever makes to one measure, with its 95 % interval.

    Parameters
    ----------
    levers : DataFrame
        As `trialsim.tables.LEVERS` says.
    measure : str
        One of `trialsim.tables.MEASURES`.
    called : mapping, optional
        What to call a measure, if not by its usual words.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    """
    ax = style.axes(ax)
    rows = levers[levers["measure"] == measure]
    means, low, high = (
        rows[name].to_numpy(dtype=float) * scale(measure)
        for name in ("difference", "difference_low", "difference_high")
    )
    sure = [is_sure(*row) for row in zip(means, low, high, rows["pairs"], strict=True)]
    places = np.arange(len(rows))
    ax.barh(places, means, height=0.62, color=[style.BLUE if each else style.PALE for each in sure], linewidth=0)
    ax.hlines(places, low, high, color=style.INK, linewidth=2)
    ax.axvline(0, color=style.INK, linewidth=1)
    ax.set_yticks(places, list(rows["lever"]))
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", color=style.GRID)
    ax.locator_params(axis="x", nbins=6)
    if np.isnan(means).all():
        ax.set_xticks([])
        look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": style.LABEL, "color": style.MUTED}
        ax.text(0.5, 0.5, "no pair of trials\nto compare", transform=ax.transAxes, bbox=style.PAPER, **look)
    name = words(measure, called)
    told = [
        f"{lever} {mean:+.1f} ({least:+.1f} to {most:+.1f})" if not np.isnan(mean) else f"{lever} unknown"
        for lever, mean, least, most in zip(rows["lever"], means, low, high, strict=True)
    ]
    describe(
        ax,
        f"Bars of the difference that each lever makes to {name}, in {unit_of_difference(measure)}, "
        f"with 95 % intervals: {'; '.join(told)}.",
    )
    ax.set_xlabel(f"{name[0].upper()}{name[1:]}: difference ({unit_of_difference(measure)})", fontsize=style.LABEL)
    return ax


def _message(levers: pd.DataFrame) -> str:
    """What is to be seen."""
    best = levers["lever"].iloc[0]
    columns = ["measure", "difference", "difference_low", "difference_high", "pairs"]
    rows = levers.loc[levers["lever"] == best, columns]
    if not any(betters(*row) for row in rows.itertuples(index=False)):
        return "None of the levers surely helps"
    return f"What would help most: {best}"

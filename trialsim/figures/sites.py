"""Sites that open over time, and how many people each brings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from trialsim.figures import style
from trialsim.figures.bars import beside, between_trials, rows_of_bars
from trialsim.figures.panels import upwards
from trialsim.figures.picture import describe
from trialsim.figures.upstream import BAND, MEDIAN
from trialsim.wording import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from trialsim.analysis.facts import Facts
    from trialsim.analysis.of_sites import OfSites

_BY_NAME = 15
"""More sites than that are shown by rank."""
_ROW = 0.3


def sites(found: OfSites, facts: Facts, opened: Callable[[Any], Any], last: float) -> Figure:
    """Above, the expected number of open sites on each day; below, people of each site, by name or by rank.

    Parameters
    ----------
    found : OfSites
        Those infused, of each site in each replication.
    facts : Facts
        The trial.
    opened : callable
        How many sites are open on each of some days.
    last : float
        The latest end of a trial.
    """
    number, count = len(found.names), len(found.counts)
    by_name = number <= _BY_NAME
    low = 1.0 + _ROW * number if by_name else 2.6
    figure = style.new_figure(style.HEIGHT - 1.0 + low)
    top, bottom = (style.axes(ax) for ax in figure.subplots(2, 1, height_ratios=[1.6, low]))
    days = np.linspace(0, max(last, 1.0), 400)
    there = np.asarray(opened(days), dtype=float)
    top.step(days, there, where="post", color=MEDIAN, linewidth=2)
    upwards(top, "Sites open\n(expected)", float(there.max()))
    style.time_axis(top, facts, style.reach(last, []))
    mean, p10, p90 = found.spread(ranked=not by_name)
    (_named if by_name else _ranked)(bottom, found, mean, p10, p90, facts)
    share = found.concentration()
    part = max(1, round(0.2 * number))
    busiest = "the busiest site brings" if part == 1 else f"the {part} busiest of {number} sites bring"
    title = f"Nobody {facts.infused}" if share is None else f"In a trial, {busiest} {percent(share)} of the people"
    idle = f"; on average {found.idle:.1f} of {number} sites bring nobody"
    style.heading(top, title, f"{facts.label}: {style.trials(count)}; people {facts.infused}{idle}")
    told = [f"{'' if by_name else 'rank '}{name} {value:.1f}" for name, value in _some(found, mean, by_name)]
    describe(
        top,
        f"Above, a curve of the expected number of open sites of {facts.label}: {there[0]:.1f} of {number} on day 0, "
        f"{there[-1]:.1f} on {style.full_date(facts.date_of(last))}. Below, people {facts.infused} of each site, "
        f"means of {style.trials(count)}: {'; '.join(told)}{idle}.",
    )
    return figure


def _some(found: OfSites, mean: Any, by_name: bool) -> list[tuple[str, float]]:
    """All sites by name, or the first, the middle and the last rank."""
    if by_name:
        return list(zip(found.names, mean.tolist(), strict=True))
    ranks = sorted({0, len(mean) // 4, len(mean) // 2, len(mean) - 1})
    return [(str(rank + 1), float(mean[rank])) for rank in ranks]


def _named(ax: Axes, found: OfSites, mean: Any, p10: Any, p90: Any, facts: Facts) -> None:
    """Bars of sites by name."""
    ax.barh(range(len(mean)), mean, height=0.62, color=style.SKY, linewidth=0)
    one = len(found.counts) == 1
    handles, labels = between_trials(ax, "the simulated trial" if one else "mean", p10, p90)
    for row, (value, most) in enumerate(zip(mean, p90, strict=True)):
        beside(ax, max(value, most), row, f"{value:.1f}")
    names = [style.shortened_inside(name, 30) for name in found.names]
    rows_of_bars(ax, names, float(max([*mean, *p90, 0])), room=1.12)
    ax.set_xlabel(f"People {facts.infused} per trial", fontsize=style.LABEL, color=style.INK)
    style.legend(ax, handles, labels, below=48)


def _ranked(ax: Axes, found: OfSites, mean: Any, p10: Any, p90: Any, facts: Facts) -> None:
    """People by the rank of the site in its trial."""
    ranks = np.arange(1, len(mean) + 2) - 0.5
    one = len(found.counts) == 1
    if not one:
        ax.stairs(p90, ranks, baseline=p10, fill=True, color=BAND, linewidth=0)
    ax.stairs(mean, ranks, baseline=None, color=MEDIAN, linewidth=2)
    ax.set_xlim(0.5, len(mean) + 0.5)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    ax.set_xlabel("Sites of a trial, from the busiest", fontsize=style.LABEL, color=style.INK)
    upwards(ax, f"People\n{facts.infused}", float(max(mean.max(), p90.max())))
    handles: list[Any] = [Line2D([], [], color=MEDIAN, linewidth=2)]
    if one:
        style.legend(ax, handles, ["the simulated trial"], below=48)
    else:
        style.legend(ax, [*handles, Patch(color=BAND)], ["mean", "8 trials of 10 (P10–P90)"], below=48)

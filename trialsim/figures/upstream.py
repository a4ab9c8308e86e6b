"""What comes before participants: candidates who are screened, and sites that open; panels under the enrolment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from trialsim.analysis.courses import bands
from trialsim.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

HIGH = 1.15
"""Inches a panel."""
BAND, INNER, MEDIAN = "#BFDCEC", "#6FB0D6", "#00456B"
"""Colours of P10 to P90, of P25 to P75 and of the median, here and in the enrolment."""

Panel = Callable[["Axes", float], None]
"""Draws on axes whose time goes to a day."""


def panels(courses: pd.DataFrame, sites: Callable[[Any], Any] | None) -> list[Panel]:
    """The panels: of screening where it says more than the enrolment, of sites where their number changes.

    Parameters
    ----------
    courses : DataFrame
        From `trialsim.analysis.courses`.
    sites : callable, optional
        How many sites are open on each of some days.
    """
    found: list[Panel] = []
    screened = bands(courses[courses["quantity"] == "screened"], (0.1, 0.5, 0.9))
    enrolled = bands(courses[courses["quantity"] == "enrolled"], (0.1, 0.5, 0.9))
    if any(not np.array_equal(screened[name], enrolled[name]) for name in ("p10", "p50", "p90")):
        found.append(lambda ax, last: _screened(ax, screened, last))
    days = np.unique(screened["day"].to_numpy(dtype=float))
    if sites is not None and len(days) and np.ptp(sites(days)) > 0:
        found.append(lambda ax, last: _sites(ax, sites, last))
    return found


def _screened(ax: Axes, fan: pd.DataFrame, last: float) -> None:
    """The candidates screened so far: the median, and P10 to P90."""
    days = np.append(fan["day"].to_numpy(dtype=float), max(last, float(fan["day"].iloc[-1])))
    low, median, high = (np.append(fan[name], fan[name].iloc[-1]).astype(float) for name in ("p10", "p50", "p90"))
    ax.fill_between(days, low, high, step="post", color=BAND, linewidth=0)
    ax.step(days, median, where="post", color=MEDIAN, linewidth=1.8)
    _up(ax, ["Candidates", "screened"], float(high[days <= last].max()))


def _sites(ax: Axes, sites: Callable[[Any], Any], last: float) -> None:
    """The sites that have opened."""
    days = np.linspace(0, last, 400)
    ax.step(days, sites(days), where="post", color=style.MUTED, linewidth=1.8)
    _up(ax, ["Sites open", "(expected)"], float(np.max(sites(days))))


def _up(ax: Axes, name: Sequence[str], highest: float) -> None:
    """The vertical axis."""
    ax.set_ylim(0, 1.1 * max(highest, 1))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10], integer=True))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.grid(axis="y", color=style.GRID)
    ax.set_ylabel("\n".join(name), fontsize=style.NOTE, color=style.INK)

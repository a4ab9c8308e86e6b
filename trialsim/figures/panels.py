"""Panels below one another on one time axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from trialsim.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from trialsim.analysis.facts import Facts

_AROUND = 2.5
"""Inches for what stands around the panels."""


def panels(count: int, each: float = 1.5) -> list[Axes]:
    """The axes of a new figure, from the top, so many inches high."""
    high = max(style.HEIGHT, _AROUND + each * count)
    grid = style.new_figure(high).subplots(count, 1, squeeze=False)
    return [style.axes(ax) for ax in grid[:, 0]]


def on_one_time_axis(axes: Sequence[Axes], facts: Facts, last: float) -> None:
    """Time from day 0 to day ``last`` under all panels, named at the lowest."""
    for ax in axes:
        style.time_axis(ax, facts, last)
    for ax in axes[:-1]:
        ax.tick_params(axis="x", labelbottom=False)
        ax.set_xlabel("")


def upwards(ax: Axes, name: str, highest: float, whole: bool = True) -> None:
    """A vertical axis from 0 of what is counted."""
    ax.set_ylim(0, 1.12 * highest or 1.0)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10], integer=whole and highest >= 2))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
    ax.grid(axis="y", color=style.GRID)
    ax.set_ylabel(name, fontsize=style.NOTE, color=style.INK)

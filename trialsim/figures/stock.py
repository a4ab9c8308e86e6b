"""Doses in stock over time, of one history and of all, and doses that expired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from trialsim.analysis.occupancy import periods
from trialsim.figures import style
from trialsim.figures.panels import on_one_time_axis, panels, upwards
from trialsim.figures.picture import describe
from trialsim.figures.upstream import BAND, MEDIAN

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from trialsim.analysis.facts import Facts
    from trialsim.analysis.stock import Stock


def stock(found: Stock, facts: Facts, position: int, replication: int, target: int | None = None) -> Figure:
    """Above, doses in stock in one history, with expiries; below, means of all, P10 to P90, and the expired so far.

    Parameters
    ----------
    found : Stock
        Of all replications.
    facts : Facts
        The trial.
    position, replication : int
        Where the one history stands among the others, and its number.
    target : int, optional
        Doses to keep in stock.
    """
    one = found.count == 1
    axes = panels(1 if one else 2, each=2.1)
    last = style.reach(float(found.end_day.max()), [])
    expiries = _history(axes[0], found, position, replication)
    handles: list[Any] = [Line2D([], [], color=MEDIAN, linewidth=2)]
    labels = ["doses in stock"] if one else ["doses in stock; below, the mean"]
    if expiries:
        look: dict[str, Any] = {"marker": "X", "markersize": 9, "color": style.VERMILLION, "markeredgecolor": "white"}
        handles.append(Line2D([], [], linestyle="none", **look))
        labels.append("doses expire, with how many")
    days = periods(float(found.end_day.max()))
    mean, expired = np.zeros(len(days)), np.zeros(len(days))
    if not one:
        mean, expired = _all(axes[1], found, days)
        handles.append(Patch(color=BAND))
        labels.append("8 trials of 10 (P10–P90)")
        if expired.any():
            handles.append(Line2D([], [], color=style.VERMILLION, linewidth=2, linestyle=(0, (4, 1, 1, 1))))
            labels.append("expired so far, mean")
    if target is not None:
        for ax in axes:
            ax.axhline(target, color=style.INK, linewidth=1.2, linestyle=(0, (1, 1.5)))
            ax.set_ylim(0, max(ax.get_ylim()[1], 1.12 * target))
        handles.append(Line2D([], [], color=style.INK, linewidth=1.2, linestyle=(0, (1, 1.5))))
        labels.append(f"to be kept in stock: {target}")
    on_one_time_axis(axes, facts, last)
    total = sum(count for _, count in expiries)
    wasted = float(expired[-1]) if not one else float(total)
    most = float(mean.max()) if not one else float(max(found.doses(day)[position] for day in found.changes(position)))
    title = f"{wasted:,.1f} doses expire in a trial on average" if not one else f"{total} doses expire in the one trial"
    if not wasted:
        title = "No dose expires in stock"
    style.heading(
        axes[0],
        title,
        f"{facts.label}, doses in stock: {style.trials(found.count)}; whole doses of the level given at the time"
        + f"; above, replication {replication}" * (not one),
    )
    style.legend(axes[-1], handles, labels)
    average = "" if one else f" the mean of all is at most {most:.1f}, on the last day {wasted:.1f} have expired;"
    when = ", ".join(f"{count} on {style.full_date(facts.date_of(day))}" for day, count in expiries)
    kept = "" if target is None else f" {target} are to be kept in stock;"
    describe(
        axes[0],
        f"Curves of doses in stock over time, {style.trials(found.count)} of {facts.label}:{average}{kept} in "
        f"replication {replication} {f'doses expire: {when}' if expiries else 'none expire'}.",
    )
    return style.figure_of(axes[0])


def _history(ax: Axes, found: Stock, position: int, replication: int) -> list[tuple[float, int]]:
    """The stock of one history, and when how many doses expired."""
    days = found.changes(position)
    doses = np.array([found.doses(float(day))[position] for day in days])
    ax.step(days, doses, where="post", color=MEDIAN, linewidth=2)
    expiries = found.expiries(position)
    high = float(doses.max(initial=1.0))
    for day, count in expiries:
        ax.plot([day], [0], marker="X", markersize=9, color=style.VERMILLION, markeredgecolor="white", clip_on=False)
        where: dict[str, Any] = {"textcoords": "offset points", "xytext": (0, 6), "ha": "center", "va": "bottom"}
        if len(expiries) <= 8:
            ax.annotate(str(count), (day, 0), fontsize=style.NOTE, color=style.INK, bbox=style.PAPER, **where)
    upwards(ax, f"Doses in stock,\nreplication {replication}", high)
    return expiries


def _all(ax: Axes, found: Stock, days: Any) -> tuple[Any, Any]:
    """Means and P10 to P90 of all trials, and the doses expired so far; returns both means."""
    doses = np.array([found.doses(float(day)) for day in days])
    expired = np.array([found.expired(float(day)).mean() for day in days])
    low, high = np.quantile(doses, [0.1, 0.9], axis=1)
    ax.fill_between(days, low, high, step="post", color=BAND, linewidth=0)
    ax.step(days, doses.mean(axis=1), where="post", color=MEDIAN, linewidth=2)
    if expired.any():
        ax.step(days, expired, where="post", color=style.VERMILLION, linewidth=2, linestyle=(0, (4, 1, 1, 1)))
    upwards(ax, "Doses, all trials", max(float(high.max()), float(expired.max()), 1.0))
    return doses.mean(axis=1), expired

"""When trials end, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from trialsim.analysis import statistics
from trialsim.figures import style
from trialsim.figures.progress import limits, marks
from trialsim.vocabulary import END_CAUSES, EndCause
from trialsim.wording import percent, percent_range

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from trialsim.analysis.facts import Facts, Target

_QUANTILES = {"P10": 0.1, "P50": 0.5, "P80": 0.8, "P90": 0.9}
_EARLY = "#F2C9AC"
_DASHES: tuple[Any, ...] = ("-", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (7, 2)), (0, (5, 1, 1, 1, 1, 1)))


def duration(
    replications: pd.DataFrame, facts: Facts, *, time_limit: float | None = None, ax: Axes | None = None
) -> Axes:
    """The share of the trials that have ended by each day, completed or early, with quantiles and the planned end.

    Parameters
    ----------
    replications : DataFrame
        As in `trialsim.tables`.
    facts : Facts
        The trial.
    time_limit : float, optional
        The day on which the trial must end.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    """
    import seaborn as sns

    ax = style.axes(ax)
    end_day, completed = _ends(replications)
    last = style.reach(float(end_day.max()), limits(facts, time_limit))
    days = np.unique(np.concatenate(([0.0], end_day, [last])))
    ended = np.searchsorted(np.sort(end_day), days, side="right") / len(end_day)
    done = np.searchsorted(np.sort(end_day[completed]), days, side="right") / len(end_day)
    ax.fill_between(days, 0, done, step="post", color="#A5D9C9", linewidth=0)
    ax.fill_between(days, done, ended, step="post", color=_EARLY, linewidth=0)
    sns.ecdfplot(x=end_day, ax=ax, color=style.INK, linewidth=2)
    ax.set_ylabel("Trials that have ended", fontsize=style.LABEL, color=style.INK)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.grid(axis="y", color=style.GRID)
    ax.set_ylim(0, 1)
    for name, share in _QUANTILES.items():
        _quantile(ax, facts, name, share, end_day, last)

    handles: list[Any] = [
        Line2D([], [], color=style.INK, linewidth=2),
        Patch(color="#A5D9C9"),
        Patch(color=_EARLY),
    ]
    labels = ["all", f"completed ({percent(float(done[-1]))})", f"ended early ({percent(1 - float(done[-1]))})"]
    for target, (handle, label) in marks(ax, facts, last, time_limit).items():
        handles.append(handle)
        labels.append(label if target is None else f"{label}, {_met(replications, completed, facts, target)}")
    style.time_axis(ax, facts, last)
    style.heading(
        ax, "How long the trial takes", f"{facts.label}: {style.trials(len(end_day))}; in brackets 95 % intervals"
    )
    style.legend(ax, handles, labels)
    return ax


def end_causes(replications: pd.DataFrame, facts: Facts, *, ax: Axes | None = None) -> Axes:
    """The cumulative incidence of each cause of ending; its last value, with Wilson's interval, beside it.

    Parameters
    ----------
    replications : DataFrame
        As in `trialsim.tables`.
    facts : Facts
        The trial.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    """
    ax = style.axes(ax)
    end_day, _ = _ends(replications)
    causes = replications["end_cause"].to_numpy(dtype=object)
    last = style.reach(float(end_day.max()), [])
    days = np.unique(np.concatenate(([0.0], end_day, [last])))
    seen = [cause for cause in END_CAUSES if (causes == cause).any()]
    finals = [statistics.proportion(int(np.count_nonzero(causes == cause)), len(causes)) for cause in seen]
    gap = 1.35 * style.TICK / style.points_high(ax)
    heights = style.spread([final.probability or 0.0 for final in finals], gap)
    for cause, final, height, dashes in zip(seen, finals, heights, _DASHES, strict=False):
        share = statistics.cumulative_incidence(end_day, causes, cause, days)
        colour = style.CAUSES[cause]
        begun = int(np.argmax(share > 0))  # lines that lie on zero would hide one another
        ax.step(
            [days[begun], *days[begun:]],
            [0.0, *share[begun:]],
            where="post",
            color=colour,
            linewidth=2.6,
            linestyle=dashes,
            clip_on=False,
        )
        ax.annotate(
            f"{cause.words}: {percent(final.probability or 0.0)} ({percent_range(final.low, final.high)})",
            xy=(1, final.probability or 0.0),
            xytext=(1.04, height),
            xycoords="axes fraction",
            textcoords="axes fraction",
            va="center",
            fontsize=style.TICK,
            color=style.INK,
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "linewidth": 1.6,
                "shrinkA": 1,
                "shrinkB": 0,
                "relpos": (0, 0.5),
            },
            annotation_clip=False,
        )
    ax.set_ylim(0, 1)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.grid(axis="y", color=style.GRID)
    ax.set_ylabel("Trials ended for this cause", fontsize=style.LABEL, color=style.INK)
    style.time_axis(ax, facts, last)
    style.heading(
        ax,
        "Why the trial ends, and when",
        f"{facts.label}: {style.trials(len(causes))}; cumulative incidence, in the end with 95 % intervals",
    )
    return ax


def _ends(replications: pd.DataFrame) -> tuple[Any, Any]:
    """The days on which the trials ended, and which of them were completed."""
    return replications["end_day"].to_numpy(dtype=float), (replications["end_cause"] == EndCause.COMPLETED).to_numpy()


def _quantile(ax: Axes, facts: Facts, name: str, share: float, end_day: Any, last: float) -> None:
    """A quantile's point on the curve, and beside the plot its value with the interval and the date."""
    found = statistics.quantile(end_day, share)
    assert found.value is not None
    interval = ""
    if found.low is not None and found.high is not None:
        interval = f" ({style.days_text(found.low, last).split()[0]}–{style.days_text(found.high, last).split()[0]})"
    value, unit = style.days_text(found.value, last).split()
    ax.plot([found.value, last], [share, share], color=style.MUTED, linewidth=0.9, linestyle=(0, (1, 2)))
    ax.plot([found.value], [share], marker="o", markersize=6, color=style.INK, clip_on=False)
    date = facts.date_of(found.value)
    ax.annotate(
        f"{name}: {style.full_date(date)}\n{value} {unit}{interval}",
        xy=(1, share),
        xycoords="axes fraction",
        xytext=(6, 0),
        textcoords="offset points",
        va={"P80": "top", "P90": "bottom"}.get(name, "center"),
        fontsize=style.NOTE,
        color=style.INK,
        annotation_clip=False,
    )


def _met(replications: pd.DataFrame, completed: Any, facts: Facts, target: Target) -> str:
    """The chance of having completed the trial, with the milestone reached by the end of its day."""
    by_then = replications[target.milestone.column].to_numpy(dtype=float) < facts.day_of(target.date) + 1
    found = statistics.proportion(int(np.count_nonzero(completed & by_then)), len(completed))
    assert found.probability is not None and found.low is not None and found.high is not None
    return f"met by {percent(found.probability)} ({percent_range(found.low, found.high)})"

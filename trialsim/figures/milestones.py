"""When a trial's milestones come, on a calendar, and what was planned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from trialsim.figures import style
from trialsim.figures.endings import message
from trialsim.figures.picture import describe
from trialsim.figures.progress import limits
from trialsim.figures.upstream import BAND, INNER
from trialsim.tables import QUANTILES
from trialsim.vocabulary import EndCause, Milestone
from trialsim.wording import percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from trialsim.analysis.facts import Facts

_COLUMNS = {"P50": 10.0, "P80": 92.0, "planned": 174.0}
"""Where the dates stand beside the plot, in points from its edge."""
_COLUMN = 82.0
"""Points that a column takes."""


def milestones(replications: pd.DataFrame, facts: Facts, *, ax: Axes | None = None) -> Axes:
    """P10, P50, P80 and P90 of each milestone that is ever reached, of the trials that reach it, and the targets.

    Parameters
    ----------
    replications : DataFrame
        As in `trialsim.tables`.
    facts : Facts
        The trial, with its targets.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    """
    ax = style.axes(ax)
    days = {each: replications[each.column].to_numpy(dtype=float) for each in Milestone}
    reached = {each: found[~np.isnan(found)] for each, found in days.items() if not np.isnan(found).all()}
    spans = {each: np.quantile(found, list(QUANTILES.values())) for each, found in reached.items()}
    last = style.reach(max(span[-1] for span in spans.values()), limits(facts, facts.targets, None))
    completed = (replications["end_cause"] == EndCause.COMPLETED).to_numpy()
    single = len(completed) == 1  # of which there is nothing but its days
    for row, (milestone, (p10, p50, p80, p90)) in enumerate(spans.items()):
        ax.plot([p10, p90], [row, row], color=BAND, linewidth=11, solid_capstyle="butt")
        ax.plot([p50, p80], [row, row], color=INNER, linewidth=11, solid_capstyle="butt")
        ax.plot([p50], [row], marker="o", markersize=7, color=style.INK, clip_on=False, zorder=4)
        _beside(ax, "P50", row, style.full_date(facts.date_of(p50)))
        if not single:
            _beside(ax, "P80", row, style.full_date(facts.date_of(p80)))
        planned = [target for target in facts.targets if target.milestone is milestone]
        for target in planned:
            day = facts.day_of(target.date)
            if day <= last:
                ax.plot([day], [row], color=style.VERMILLION, marker="D", markersize=8, clip_on=False, zorder=5)
        if planned:
            first = planned[0]
            met = np.count_nonzero(completed & (days[milestone] < facts.day_of(first.date) + 1)) / len(completed)
            how_often = ("met" if met else "missed") if single else percent(met)
            _beside(ax, "planned", row, f"{style.full_date(first.date)}: {how_often}", style.VERMILLION)
    names = [_name(milestone, len(found) / len(completed), facts) for milestone, found in reached.items()]
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(names) - 0.4, -1.5)  # a row for the headings of what stands beside
    ax.grid(axis="x", color=style.GRID)
    columns = ["P50", *["P80"] * (not single), *["planned"] * bool(facts.targets)]
    for name in columns:
        said = {"planned": "planned: met", "P50": "" if single else "P50"}.get(name, name)
        _beside(ax, name, -1, said, style.MUTED)
    style.time_axis(ax, facts, last, beside=_COLUMN * len(columns))
    handles: list[Any] = [
        Line2D([], [], color=style.INK, marker="o", markersize=7, linestyle="none"),
        Patch(color=INNER),
        Patch(color=BAND),
    ]
    labels = ["half of the trials by then (P50)", "P50 to P80", "8 trials of 10 (P10–P90)"]
    if single:
        handles, labels = handles[:1], ["the simulated trial"]
    if facts.targets:
        handles.append(Line2D([], [], color=style.VERMILLION, marker="D", markersize=8, linestyle="none"))
        labels.append("planned" if single else "planned, and how many meet it")
    end = Milestone.LAST_VISIT if facts.has_follow_up and Milestone.LAST_VISIT in reached else Milestone.SETTLED
    style.heading(
        ax, message(facts, end, days[end], completed), f"Milestones of {facts.label}: {style.trials(len(completed))}"
    )
    style.legend(ax, handles, labels)
    describe(ax, _in_words(spans, names, facts, len(completed)))
    return ax


def _in_words(spans: Mapping[Milestone, Any], names: Sequence[str], facts: Facts, count: int) -> str:
    """The milestones with their dates."""
    told = []
    for (milestone, days), name in zip(spans.items(), names, strict=True):
        p10, p50, p80, p90 = (style.full_date(facts.date_of(day)) for day in days)
        told.append(f"{name} {p50}" + f" (P10 {p10}, P80 {p80}, P90 {p90})" * (p10 != p90))
        told[-1] += "".join(
            f", planned {style.full_date(target.date)}" for target in facts.targets if target.milestone is milestone
        )
    what = "" if count == 1 else ", medians and quantiles of the trials that reach them"
    return f"The milestones of {facts.label} on a calendar, {style.trials(count)}{what}: {'; '.join(told)}."


def _beside(ax: Axes, column: str, row: float, text: str, color: str = style.INK) -> None:
    """A text in a column beside the plot."""
    ax.annotate(
        text,
        xy=(1, row),
        xycoords=("axes fraction", "data"),
        xytext=(_COLUMNS[column], 0),
        textcoords="offset points",
        va="center",
        fontsize=style.NOTE,
        color=color,
        annotation_clip=False,
    )


def _name(milestone: Milestone, share: float, facts: Facts) -> str:
    words = facts.words_of(milestone)
    return words if share == 1 else f"{words} (in {percent(share)})"

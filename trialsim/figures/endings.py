"""When trials end, and why."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from trialsim.analysis import statistics
from trialsim.figures import style
from trialsim.figures.picture import describe
from trialsim.figures.progress import limits, marks
from trialsim.vocabulary import END_CAUSES, EndCause, Milestone
from trialsim.wording import percent, percent_range

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

    from trialsim.analysis.facts import Facts, Target

_QUANTILES = {"P10": 0.1, "P50": 0.5, "P80": 0.8, "P90": 0.9}
EARLY, COMPLETED = "#EDB78F", "#B5E3D5"
"""Colours of areas under the curve: of trials that ended so."""
_BAND: dict[str, Any] = {"alpha": 0.22, "linewidth": 0}
"""How a band of 95 % intervals looks."""
_DASHES: tuple[Any, ...] = ("-", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (7, 2)), (0, (5, 1, 1, 1, 1, 1)))


def duration(
    replications: pd.DataFrame,
    facts: Facts,
    *,
    milestone: Milestone | None = None,
    time_limit: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The share of the trials that have reached a milestone by each day, with quantiles and what was planned of it.

    Parameters
    ----------
    replications : DataFrame
        As in `trialsim.tables`.
    facts : Facts
        The trial.
    milestone : Milestone, optional
        The last visit where there is follow-up, else the day on which the trial is settled.
    time_limit : float, optional
        The day on which the trial must end; shown with that day.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    """
    ax = style.axes(ax)
    followed = facts.has_follow_up and bool(replications[Milestone.LAST_VISIT.column].notna().any())
    milestone = milestone or (Milestone.LAST_VISIT if followed else Milestone.SETTLED)
    limit = time_limit if milestone is Milestone.SETTLED else None
    when, completed = replications[milestone.column].to_numpy(dtype=float), _completed(replications)
    count = len(when)
    reached = np.sort(when[~np.isnan(when)])
    targets = [target for target in facts.targets if target.milestone is milestone]
    last = style.reach(float(reached[-1]) if len(reached) else 0.0, limits(facts, targets, limit))
    days = np.unique(np.concatenate(([0.0], reached, [last])))
    share = np.searchsorted(reached, days, side="right") / count
    done = np.searchsorted(np.sort(when[completed & ~np.isnan(when)]), days, side="right") / count
    ax.fill_between(days, 0, done, step="post", color=COMPLETED, linewidth=0)
    ax.fill_between(days, done, share, step="post", color=EARLY, linewidth=0)
    if count > 1:
        begun = share > 0  # before anything has happened, a band would hide what there is to see
        low, high = statistics.wilson(share * count, count)
        ax.fill_between(days[begun], low[begun], high[begun], step="post", color=style.INK, **_BAND)
    ax.step(days, share, where="post", color=style.INK, linewidth=2)
    words = facts.words_of(milestone)
    ax.set_ylabel(f"Trials that have come so far: {words}", fontsize=style.LABEL, color=style.INK)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.grid(axis="y", color=style.GRID)
    ax.set_ylim(0, 1)
    _quantiles(ax, facts, reached, len(reached) / count, last)

    handles: list[Any] = [
        Line2D([], [], color=style.INK, linewidth=2),
        Patch(color=COMPLETED),
        Patch(color=EARLY),
    ]
    finished = float(completed.mean())
    if count > 1:
        handles.insert(1, Patch(color=style.INK, **_BAND))
    labels = [
        "all",
        *["its 95 % intervals"] * (count > 1),
        f"completed ({percent(finished)})",
        f"ended early ({percent(float((~completed).mean()))})",
    ]
    met = {target: f", {_met(when, completed, facts, target)}" for target in targets}
    above = marks(ax, facts, met, last, limit)
    style.time_axis(ax, facts, last)
    caption = f"{facts.label}: {style.trials(count)}" + "; in brackets 95 % intervals" * (count > 1)
    style.heading(ax, message(facts, milestone, when, completed), caption, above)
    style.legend(ax, handles, labels)
    describe(ax, _duration_in_words(words, facts, reached, count, finished, last, met))
    return ax


def _duration_in_words(
    words: str,
    facts: Facts,
    reached: Any,
    count: int,
    finished: float,
    last: float,
    met: Mapping[Target, str],
) -> str:
    """The curve with its quantiles, how many completed, and what was planned."""
    curve = f"over time: {words}"
    if count == 1:
        day = "never" if not len(reached) else f"on {style.full_date(facts.date_of(float(reached[0])))}"
        end = "completed" if finished else "ended early"
        return f"Curve of one simulated trial of {facts.label}, {curve}, {day}; {end}."
    told = [
        f"{name} {style.full_date(facts.date_of(float(np.quantile(reached, share))))}, "
        f"{_value(statistics.quantile(reached, share), last)}"
        for name, share in (_QUANTILES if len(reached) else {}).items()
    ]
    some = f"reached by {percent(len(reached) / count)} of the trials"
    ends = [f"{percent(finished)} completed", f"{percent(1 - finished)} ended early"]
    planned = [f"planned {style.full_date(each.date)}{how}" for each, how in met.items()]
    return (
        f"Curve of the share of {style.trials(count)} of {facts.label} that have come so far, {curve}, "
        f"{'; '.join([some, *told, *ends, *planned])}; in brackets 95 % intervals."
    )


def message(facts: Facts, milestone: Milestone, when: Any, completed: Any) -> str:
    """What is to be said of a milestone that the trials reached on these days (NaN: never).

    Where more than half of them did not complete, that is said too: such days are no good news.
    """
    early = 1 - float(np.mean(completed))
    if early <= 0.5:
        return _by_when(facts, milestone, when)
    return f"{_by_when(facts, milestone, when)}; {f'{percent(early)} end early' if len(when) > 1 else 'ended early'}"


def _by_when(facts: Facts, milestone: Milestone, when: Any) -> str:
    words = _capital(facts.words_of(milestone))
    reached = when[~np.isnan(when)]
    if len(reached) == 0:
        return f"{words}: never"
    p50, p90 = (style.full_date(facts.date_of(float(np.quantile(reached, share)))) for share in (0.5, 0.9))
    if reached.min() == reached.max():
        return f"{words} on {p50}"
    some = "the trials" if len(reached) == len(when) else f"the {percent(len(reached) / len(when))} that reach it"
    return f"{words} by {p50} in half of {some}, by {p90} in nine of ten"


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
    end_day = replications["end_day"].to_numpy(dtype=float)
    causes = replications["end_cause"].to_numpy(dtype=object)
    last = style.reach(float(end_day.max()), [])
    days = np.unique(np.concatenate(([0.0], end_day, [last])))
    seen = [cause for cause in END_CAUSES if (causes == cause).any()]
    finals = [statistics.proportion(int(np.count_nonzero(causes == cause)), len(causes)) for cause in seen]
    of_causes = dict(zip(seen, (final.probability or 0.0 for final in finals), strict=True))
    often = max(seen, key=lambda cause: of_causes[cause])
    gap = 1.35 * style.TICK / style.points_high(ax)
    heights = style.spread([final.probability or 0.0 for final in finals], gap)
    for cause, final, height, dashes in zip(seen, finals, heights, _DASHES, strict=False):
        share = statistics.cumulative_incidence(end_day, causes, cause, days)
        colour = style.CAUSES[cause]
        if len(causes) > 1:
            low, high = (bound[share > 0] for bound in statistics.wilson(share * len(causes), len(causes)))
            ax.fill_between(days[share > 0], low, high, step="post", color=colour, **_BAND)
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
            cause.words
            if len(causes) == 1
            else f"{cause.words}: {percent(final.probability or 0.0)} ({percent_range(final.low, final.high)})",
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
        f"{_capital(often.words)} in {percent(of_causes[often])} of the trials"
        if len(causes) > 1
        else f"{_capital(often.words)} on {style.full_date(facts.date_of(float(end_day[0])))}",
        f"{facts.label}, why it ends and when: {style.trials(len(causes))}; cumulative incidence"
        + ", with 95 % intervals on each day" * (len(causes) > 1),
    )
    told = [f"{seen[0].words} on {style.full_date(facts.date_of(float(end_day[0])))}"]
    told = (
        told
        if len(causes) == 1
        else [
            f"{cause.words} {percent(final.probability)} (95 % interval {percent_range(final.low, final.high)}"
            + f"; half of them by {style.full_date(facts.date_of(float(np.median(end_day[causes == cause]))))})"
            for cause, final in zip(seen, finals, strict=True)
        ]
    )
    describe(
        ax,
        f"Curves over time of the shares of {style.trials(len(causes))} of {facts.label} that have ended for each "
        f"cause; in the end: {'; '.join(told)}.",
    )
    return ax


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _completed(replications: pd.DataFrame) -> Any:
    return (replications["end_cause"] == EndCause.COMPLETED).to_numpy()


def _quantiles(ax: Axes, facts: Facts, reached: Any, share_reached: float, last: float) -> None:
    """Points on the curve, and beside the plot their values with intervals and dates; those of one date together."""
    by_date: dict[datetime.date, list[str]] = {}
    found, heights = {}, {}
    quantiles = _QUANTILES if len(reached) > 1 else {"P50": 0.5} if len(reached) else {}
    for name, share in quantiles.items():
        found[name], heights[name] = statistics.quantile(reached, share), share * share_reached
        value = float(np.quantile(reached, share))
        by_date.setdefault(facts.date_of(value), []).append(name)
        ax.plot([value, last], [heights[name]] * 2, color=style.MUTED, linewidth=0.9, linestyle=(0, (1, 2)))
        ax.plot([value], [heights[name]], marker="o", markersize=6, color=style.INK, clip_on=False)
    middles = [sum(heights[name] for name in names) / len(names) for names in by_date.values()]
    places = style.spread(middles, 3.2 * style.NOTE / style.points_high(ax))
    for (date, names), place in zip(by_date.items(), places, strict=True):
        ax.annotate(
            f"{', '.join(names)}: " * (len(reached) > 1) + f"{style.full_date(date)}\n{_value(found[names[0]], last)}",
            xy=(1, place),
            xycoords="axes fraction",
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=style.NOTE,
            color=style.INK,
            annotation_clip=False,
        )


def _value(found: statistics.Quantile, last: float) -> str:
    """A quantile with its interval, in the unit of the axis."""
    assert found.value is not None
    value, unit = style.days_text(found.value, last).split()
    if found.low is None or found.high is None:
        return f"{value} {unit}"
    return (
        f"{value} {unit} ({style.days_text(found.low, last).split()[0]}–{style.days_text(found.high, last).split()[0]})"
    )


def _met(when: Any, completed: Any, facts: Facts, target: Target) -> str:
    """The chance of having completed the trial, with the milestone reached by the end of its day."""
    by_then = when < facts.day_of(target.date) + 1
    found = statistics.proportion(int(np.count_nonzero(completed & by_then)), len(completed))
    assert found.probability is not None and found.low is not None and found.high is not None
    return f"met by {percent(found.probability)} ({percent_range(found.low, found.high)})"

"""How the number of participants rises over time: the simulated trials as a fan, and what really happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from trialsim.analysis.courses import bands
from trialsim.figures import style
from trialsim.figures.picture import describe
from trialsim.figures.upstream import BAND, HIGH, INNER, MEDIAN, panels
from trialsim.vocabulary import EndCause, Milestone
from trialsim.wording import percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from trialsim.analysis.facts import Facts, Target

_WHILE_IT_RUNS = [milestone for milestone in Milestone if milestone.code <= Milestone.SETTLED.code]
"""What may be planned of those who come; nobody is infused after it."""

_NEAR, _STOPS_NEAR = 1.2, 3.0
"""Times the last day on which counts rise: marks that are not nearer are left out, and so are stopped trials."""
_MOST_STOPS = 0.9
"""Of the stopped trials: so many are within the axis, if they are near."""
_FAR_BELOW = 0.5
"""Of the places that a dose rule may fill: where P90 stays below, they are named and not drawn."""


def enrolment(
    courses: pd.DataFrame,
    facts: Facts,
    *,
    quantity: str = "infused",
    time_limit: float | None = None,
    replications: pd.DataFrame | None = None,
    sites: Callable[[Any], Any] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The participants infused so far, day by day, as a fan chart; in a new figure, over screening and sites.

    Infused, because that is what the trial is planned for: somebody enrolled may still leave, and be replaced.

    Parameters
    ----------
    courses : DataFrame
        From `trialsim.analysis.courses`.
    facts : Facts
        The trial: its dates, its size, and what was observed.
    quantity : str
        ``infused``, ``enrolled`` or ``screened``.
    time_limit : float, optional
        The day on which the trial must end.
    replications : DataFrame, optional
        As in `trialsim.tables`: where trials were stopped early, and with how many, is marked.
    sites : callable, optional
        How many sites are open on each of some days.
    ax : Axes, optional
        Where to draw; a new figure, with panels of what comes before, if left out.
    """
    further = panels(courses, sites) if ax is None else []
    if further:
        high = style.HEIGHT + HIGH * len(further)
        ax, *under = style.new_figure(high).subplots(
            1 + len(further), 1, height_ratios=[style.HEIGHT - 2.2, *[HIGH] * len(further)]
        )
        for each in under:
            style.axes(each)
    else:
        under = []
    ax = style.axes(ax)
    shares = (0.1, 0.25, 0.5, 0.75, 0.9)
    word = facts.infused if quantity == "infused" else quantity
    fan = bands(courses[courses["quantity"] == quantity], shares)
    day = fan["day"].to_numpy(dtype=float)
    course = {name: fan[name].to_numpy(dtype=float) for name in ("p10", "p25", "p50", "p75", "p90")}
    observed = [(facts.day_of(each.date), each.counts[quantity]) for each in facts.observed if quantity in each.counts]
    last = _last_change(day, course)
    targets = [target for target in facts.targets if target.milestone in _WHILE_IT_RUNS]
    stopped = _stopped(replications, quantity)
    last = max([last, *(when for when, _ in observed)])
    if stopped:
        last = max(last, min(_STOPS_NEAR * last, float(np.quantile([day for day, _ in stopped], _MOST_STOPS))))
    last = style.reach(last, limits(facts, targets, time_limit), near=_NEAR)

    through = np.append(day, max(last, day[-1]))
    edge = {name: np.append(values, values[-1]) for name, values in course.items()}
    ax.fill_between(through, edge["p10"], edge["p90"], step="post", color=BAND, linewidth=0)
    ax.fill_between(through, edge["p25"], edge["p75"], step="post", color=INNER, linewidth=0)
    ax.step(through, edge["p50"], where="post", color=MEDIAN, linewidth=2.2)
    count = int(fan["replications"].iloc[0])
    handles: list[Any] = [Line2D([], [], color=MEDIAN, linewidth=2.2), Patch(color=INNER), Patch(color=BAND)]
    labels = ["median", "middle half (P25–P75)", "8 trials of 10 (P10–P90)"]
    if count == 1:
        handles, labels = handles[:1], ["the simulated trial"]
    look: dict[str, Any]
    if replications is not None and any(day <= last for day, _ in stopped):
        days, counts, size = _together([each for each in stopped if each[0] <= last], last)
        area = 50 + 400 * size / len(replications)
        ax.scatter(
            days, counts, s=area, marker="X", color=style.VERMILLION, edgecolors="white", zorder=3, clip_on=False
        )
        handles.append(
            Line2D([], [], marker="X", markersize=8, color=style.VERMILLION, markeredgecolor="white", linestyle="none")
        )
        many = " (larger: more trials)" * (count > 1)
        labels.append(f"stopped early: {percent(len(stopped) / len(replications))}{many}")
    if observed:
        known = np.array([(0.0, 0.0), *observed] if observed[0][0] > 0 else observed, dtype=float)
        look = {"color": style.BLACK, "marker": "o", "markersize": 7, "linewidth": 1.6}
        ax.plot(known[:, 0], known[:, 1], linestyle=":", zorder=4, clip_on=False, **look)
        handles.append(Line2D([], [], linestyle=":", **look))
        labels.append("observed")
    most = facts.max_participants
    highest = max([1, edge["p90"].max(), *(number for _, number in observed)])
    # what a dose rule may treat at most is no plan
    places = f"at most {most:,} places" if facts.finds_dose else f"planned: {most:,} participants"
    shown = quantity != "screened" and not (facts.finds_dose and highest < _FAR_BELOW * most)
    if shown:
        ax.axhline(most, color=style.INK, linewidth=1.2, linestyle=(0, (1, 1.5)))
        ax.annotate(
            places,
            xy=(0, most),
            xycoords=("axes fraction", "data"),
            xytext=(4, 2),
            textcoords="offset points",
            va="bottom",
            fontsize=style.NOTE,
            color=style.INK,
        )
    above = marks(ax, facts, dict.fromkeys(targets, ""), last, time_limit)
    beyond = time_limit is not None and time_limit > last
    later = [f"time limit: {style.full_date(facts.date_of(time_limit))}"] if beyond and time_limit is not None else []
    ax.set_ylim(0, 1.07 * max(highest, most if shown else 0))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10], integer=True))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.grid(axis="y", color=style.GRID)
    style.time_axis(ax, facts, last)
    ax.set_ylabel(f"Participants {word}, cumulative", fontsize=style.LABEL, color=style.INK)
    for draw, each in zip(further, under, strict=True):
        draw(each, last)
        style.time_axis(each, facts, last)
    for each in [ax, *under][:-1]:
        each.tick_params(axis="x", labelbottom=False)
        each.set_xlabel("")
    parts = [
        f"{facts.label}: {style.trials(count)}",
        *[places] * (quantity != "screened" and not shown),
        *["a trial that has ended keeps its count"] * (count > 1),
        *later,
    ]
    planned = None if quantity == "screened" or facts.finds_dose else most
    style.heading(ax, _message(day, course["p50"], facts, word, planned, count), "; ".join(parts), above)
    style.legend([ax, *under][-1], handles, labels)
    describe(ax, _in_words(fan, facts, word, len(stopped) / count, dict(observed)))
    return ax


def _in_words(fan: pd.DataFrame, facts: Facts, word: str, stopped: float, observed: Mapping[int, int]) -> str:
    """The fan at the end of each quarter of its rise, what was observed, and the share of trials that were stopped."""
    count = int(fan["replications"].iloc[0])
    day, p10, p50, p90 = (fan[name].to_numpy(dtype=float) for name in ("day", "p10", "p50", "p90"))
    rises = day[int(np.argmax(p50 == p50[-1]))]
    told = []
    for quarter in (0.25, 0.5, 0.75, 1.0):
        at = int(np.searchsorted(day, quarter * rises))
        spread = f" (P10–P90 {p10[at]:,.0f}–{p90[at]:,.0f})" * (count > 1)
        told.append(f"{p50[at]:,.0f}{spread} by {style.full_date(facts.date_of(float(day[at])))}")
    told = list(dict.fromkeys(told))
    told += [f"observed {number:,} by {style.full_date(facts.date_of(when))}" for when, number in observed.items()]
    told += [f"{percent(stopped)} of the trials stopped early" if count > 1 else "stopped early"] * (stopped > 0)
    return (
        f"Fan chart of the participants {word} so far in {facts.label}, "
        f"{'medians of ' * (count > 1)}{style.trials(count)}: {'; '.join(told)}."
    )


def _message(days: Any, median: Any, facts: Facts, word: str, planned: int | None, count: int) -> str:
    """How many half of the trials come to, and by when; the days are those at which courses are kept."""
    most = int(median[-1])
    which = "in half of the trials" if count > 1 else "in the one trial"
    if most == 0:
        return f"Nobody {word} {which}"
    people = f"{most:,}" + ("" if planned is None else f" of {planned:,}")
    date = facts.date_of(float(days[int(np.argmax(median == most))]))
    return f"{people} participant{'s' * (most != 1 or planned is not None)} {word} by {style.full_date(date)} {which}"


def limits(facts: Facts, targets: Sequence[Target], time_limit: float | None) -> list[float | None]:
    """The days of the targets and of the time limit."""
    return [*(facts.day_of(target.date) for target in targets), time_limit]


def marks(ax: Axes, facts: Facts, targets: Mapping[Target, str], last: float, time_limit: float | None) -> float:
    """Vertical lines at the targets and the time limit, as far as the axis goes, each with its label over the plot.

    Of each target there is what else to say of it. Returns how many points the labels take.
    """
    styles = ((0, (5, 2)), (0, (2, 2)), (0, (8, 2)), (0, (3, 1, 1, 1, 1, 1)))
    known: list[tuple[str, float | None, str, Any]] = [
        (f"planned {facts.words_of(each.milestone)}", facts.day_of(each.date), more, styles[number % len(styles)])
        for number, (each, more) in enumerate(targets.items())
    ]
    known.append(("time limit", time_limit, "", (0, (5, 2, 1, 2))))
    above = 0.0
    for name, day, more, dashes in known:
        if day is not None and day <= last:
            ax.axvline(day, color=style.INK, linewidth=1.4, linestyle=dashes)
            text = f"{name}: {style.full_date(facts.date_of(day))}{more}"
            above = style.label_above(ax, day, text, above, middle=last / 2)
    return above


def _stopped(replications: pd.DataFrame | None, quantity: str) -> list[tuple[float, float]]:
    """When trials were stopped early, and what they had by then; in the order of days."""
    if replications is None:
        return []
    early = replications[replications["end_cause"] != EndCause.COMPLETED]
    return sorted(zip(early["end_day"].astype(float), early[quantity].astype(float), strict=True))


def _together(found: Sequence[tuple[float, float]], last: float) -> tuple[Any, Any, Any]:
    """Points that would hide one another as one: their days, their counts, and how many each stands for."""
    days, counts = np.array(found).T
    width = last / 60
    places, sizes = np.unique(np.column_stack((np.floor(days / width), counts)), axis=0, return_counts=True)
    return np.minimum((places[:, 0] + 0.5) * width, last), places[:, 1], sizes


def _last_change(day: Any, course: dict[str, Any]) -> float:
    """The day after which the fan no longer rises."""
    rising = [np.flatnonzero(values != values[-1]) for values in course.values()]
    return float(day[max((int(found[-1]) + 1 for found in rising if len(found)), default=0)])

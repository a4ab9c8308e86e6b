"""One replication, participant by participant and lot by lot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from trialsim.figures import style
from trialsim.figures.histories import LotRow, PersonRow, Strip, lot_rows, one_of, person_rows, strips
from trialsim.figures.picture import describe
from trialsim.vocabulary import EndCause, Milestone

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from trialsim.analysis.facts import Facts

SCREENING, WAITING, PLACE = "#8C8C8C", "#C4C4C4", "#4D4D4D"
MAKING, TESTING, STOCK = "#8C5F0F", "#CF9B3C", "#EBD5A6"
FOLLOWED = 0.45
"""How dense the colour of a level is in follow-up."""
_FARTHEST, _BEYOND = 1.6, 1.12
"""Times the end's day: as far as that last visits are shown, and where the axis ends if some are farther."""

_ROW = 0.215
"""Inches a row; if there are too many for the figure, they are thinner and only some are named."""
_TALLEST = 12.0
_MOST_ROWS = 80
"""Of people, and of lots: more could not be told apart."""
FURNITURE = 2.6
"""Inches for what stands around the rows."""
_BETWEEN = 0.8
_HIDES = 0.003
"""Of the time axis: what is as near to the end's line as this is hidden by it."""
_NAME = 12.5
"""Points that a row's name takes."""

Bars = list[tuple[float, float, float]]
"""Of one kind: row, from day, until day."""


def gantt(
    ends: pd.DataFrame,
    participants: pd.DataFrame,
    lots: pd.DataFrame,
    facts: Facts,
    *,
    replication: int | None = None,
    note: str = "",
    ax: Axes | None = None,
) -> Axes:
    """One replication: a row for everybody who was given a place, and for every lot.

    Those who never had a place are ticks in one row for each reason, so that large trials stay readable.

    Parameters
    ----------
    ends : DataFrame
        How replications ended; the table of replications will do.
    participants, lots : DataFrame
        As in `trialsim.tables`; ``lots`` may be empty.
    facts : Facts
        The trial.
    replication : int, optional
        Which one; the first in ``ends`` if left out.
    note : str
        Why it is this one, for the caption.
    ax : Axes, optional
        Where to draw; a new figure, as high as it needs, if left out.

    Raises
    ------
    ValueError
        If the replication is not in ``ends``.
    """
    number = one_of(ends, replication)
    shown = history(*(table[table["replication"] == number] for table in (ends, participants, lots)))
    ax = style.axes(ax, height=min(max(4.5, FURNITURE + shown.height), _TALLEST))
    last = _axis_end(shown)
    chart(ax, shown, facts, last, room=style.figure_of(ax).get_figheight() - FURNITURE)
    style.heading(
        ax,
        f"One simulated trial: {shown.infused:,} {facts.infused} in {style.days_text(shown.end_day, shown.end_day)}, "
        + _ended(shown.cause),
        f"{facts.label}, replication {number}{f' ({note})' * bool(note)}: ended on "
        f"{style.full_date(facts.date_of(shown.end_day))}{shown.what_is_missing}",
    )
    style.legend(ax, *legend(facts, [shown], last))
    describe(ax, f"Calendar of one simulated trial of {facts.label}, replication {number}: {in_words(shown, facts)}.")
    return ax


def in_words(shown: History, facts: Facts) -> str:
    """What the rows of a history are, and what came of it."""
    placed = len(shown.middle) + shown.left_out
    first = [each.infusion for each in shown.middle if not np.isnan(each.infusion)]
    bad = sum(each.dlt <= shown.end_day for each in shown.middle)
    left = sum(not np.isnan(each.left) for each in shown.middle)
    failed = sum(lot.failed <= shown.end_day for lot in shown.bottom)
    parts = [
        f"{placed:,} with a place, of whom {shown.infused:,} {facts.infused}",
        *[f"the first on {style.full_date(facts.date_of(min(first, default=0.0)))}"] * bool(first),
        *[f"{bad} with a DLT"] * facts.has_dlts,
        *[f"{left} left before {facts.infusion}"] * bool(left),
        *(f"{strip.people:,} {strip.name}" for strip in shown.top),
        *[f"{len(shown.bottom):,} lots, {failed} of them failed"] * bool(shown.bottom),
        f"{_ended(shown.cause)} on {style.full_date(facts.date_of(shown.end_day))}",
    ]
    return "; ".join(parts)


def _ended(cause: EndCause) -> str:
    """How it ended, at the end of a title."""
    return cause.words if cause in (EndCause.COMPLETED, EndCause.SAFETY) else f"ended early: {cause.words}"


class History(NamedTuple):
    """What is drawn of one replication."""

    end_day: float
    cause: EndCause
    top: Sequence[Strip]
    middle: Sequence[PersonRow]
    bottom: Sequence[LotRow]
    left_out: int
    """Of those with a place."""

    infused: int
    """People, all of them."""

    @property
    def height(self) -> float:
        """Inches that the rows would like to have."""
        return _ROW * (len(self.top) + len(self.middle) + len(self.bottom))

    @property
    def what_is_missing(self) -> str:
        """The end of a caption that says who is not shown."""
        if not self.left_out:
            return ""
        return f"; the first {len(self.middle)} with a place, {self.left_out:,} more are not shown"


def history(ends: pd.DataFrame, participants: pd.DataFrame, lots: pd.DataFrame) -> History:
    """What to draw of the one replication that the tables are of."""
    end_day, cause = float(ends["end_day"].iloc[0]), EndCause(ends["end_cause"].iloc[0])
    middle, bottom = person_rows(participants, end_day), lot_rows(lots, participants, end_day)
    left_out = max(0, len(middle) - _MOST_ROWS)
    infused = int(participants["infusion_day"].notna().sum())
    return History(end_day, cause, strips(participants), middle[:_MOST_ROWS], bottom[:_MOST_ROWS], left_out, infused)


def _axis_end(shown: History) -> float:
    """The last day of the time axis: beyond the last visit, unless follow-up would make all else small."""
    visits = [each.last_visit for each in shown.middle if not np.isnan(each.last_visit)]
    latest = max([shown.end_day, *visits])
    return max(1.0, 1.03 * latest if latest <= _FARTHEST * shown.end_day else _BEYOND * shown.end_day)


def chart(ax: Axes, shown: History, facts: Facts, last: float, room: float) -> None:
    """Draw the rows, on a time axis that ends on day ``last``; they have ``room`` inches."""
    top, middle, bottom, end_day = shown.top, shown.middle, shown.bottom, shown.end_day
    thick = _row_points(room, len(top), len(middle) + len(bottom))
    apart = max(1.0, _NAME / thick)  # ticks of different kinds keep their names, however thin the rows
    size = min(1.0, thick / 9)

    style.time_axis(ax, facts, last)
    gap = _BETWEEN if bottom and (top or middle) else 0.0
    at_top = [apart * index for index in range(len(top))]
    at_middle = [apart * len(top) + index for index in range(len(middle))]
    at_bottom = [apart * len(top) + len(middle) + gap + index for index in range(len(bottom))]
    names = _draw_people(ax, at_middle, middle, facts, end_day, size)
    names += _draw_lots(ax, at_bottom, bottom, end_day, size)
    names = _draw_strips(ax, at_top, top, end_day) + names[:: math.ceil(_NAME / thick)]
    _brackets(ax, at_middle, middle, thick, levels=facts.tells_levels)
    if gap:
        ax.axhline(at_bottom[0] - 0.5 - gap / 2, color=style.PALE, linewidth=0.8)
    ax.axvline(end_day, color=style.INK, linewidth=1.4)
    _name_rows(ax, names)
    ax.set_ylim(max([0.0, *at_top, *at_middle, *at_bottom]) + 0.7, -0.5 - 0.3 * apart)
    ax.grid(axis="x", color=style.GRID)


def _row_points(room: float, ticks: int, rows: int) -> float:
    """About how many points high a row will be, in so many inches."""
    return float(np.clip((72 * room - _NAME * ticks) / max(1, rows), 1.0, 72 * _ROW))


def _draw_strips(ax: Axes, rows: Sequence[float], found: Sequence[Strip], end_day: float) -> list[tuple[float, str]]:
    """Ticks for those who never had a place."""
    begin, until = ax.get_xlim()
    near = _HIDES * (until - begin)
    for row, strip in zip(rows, found, strict=True):
        # somebody who came on the last day is a tick within a gap of the line that marks the end
        hidden = [(end_day, row)] if any(abs(day - end_day) < near for day in strip.days) else []
        marks(ax, hidden, marker="|", markersize=14, markeredgewidth=5, color="white")
        marks(ax, [(day, row) for day in strip.days], marker="|", markersize=9, color=style.INK)
    return [(row, f"{strip.name}: {strip.people:,}") for row, strip in zip(rows, found, strict=True)]


def _draw_people(
    ax: Axes, rows: Sequence[float], found: Sequence[PersonRow], facts: Facts, end_day: float, size: float
) -> list[tuple[float, str]]:
    """Bars and marks of those who were given a place."""
    screening: Bars = [(row, each.screened_from, each.screened_until) for row, each in zip(rows, found, strict=True)]
    waiting: Bars = [(row, each.screened_until, each.place) for row, each in zip(rows, found, strict=True)]
    holding: Bars = [(row, each.place, each.place_until) for row, each in zip(rows, found, strict=True)]
    spans(ax, screening, SCREENING, 0.36)
    spans(ax, waiting, WAITING, 0.36)
    spans(ax, holding, PLACE, 0.36)
    for level in sorted({each.level for each in found}):
        mine = [(row, each) for row, each in zip(rows, found, strict=True) if each.level == level]
        colour = level_colour(level, facts)
        followed = [(row, each.window_until, each.last_visit) for row, each in mine]
        spans(ax, followed, colour, 0.3, alpha=FOLLOWED)
        visits = [(day, row) for row, begin, day in followed if day > begin]
        last = ax.get_xlim()[1]
        marks(ax, [each for each in visits if each[0] <= last], marker="|", markersize=9 * size, color=colour)
        beyond = [(last, row) for day, row in visits if day > last]
        marks(ax, beyond, marker=">", markersize=7 * size, color=colour, clip_on=False)
        spans(ax, [(row, each.infusion, each.window_until) for row, each in mine], colour, 0.74)
        infused = [(each.infusion, row) for row, each in mine if not np.isnan(each.infusion)]
        # white, because the highest levels are nearly as dark as an outline
        marks(
            ax, infused, marker="d", markersize=6 * size, color="white", markeredgecolor=style.INK, markeredgewidth=0.9
        )
    left = [(each.left, row) for row, each in zip(rows, found, strict=True) if not np.isnan(each.left)]
    marks(ax, left, marker="o", markersize=5.5 * size, markerfacecolor="white", color=style.INK)
    bad = [(each.dlt, row) for row, each in zip(rows, found, strict=True) if each.dlt <= end_day]
    marks(ax, bad, marker="X", markersize=8.5 * size, color=style.VERMILLION, markeredgecolor="white")
    sites = {each.site for each in found}
    return [
        (
            row,
            f"participant {each.number}"
            if len(sites) == 1
            else f"{each.number} · {style.shortened_inside(each.site, 24)}",
        )
        for row, each in zip(rows, found, strict=True)
    ]


def _draw_lots(
    ax: Axes, rows: Sequence[float], found: Sequence[LotRow], end_day: float, size: float
) -> list[tuple[float, str]]:
    """Bars and marks of the lots."""
    for colour, height, begin, until in (
        (STOCK, 0.6, "available", "kept_until"),
        (TESTING, 0.6, "made", "available"),
        (MAKING, 0.6, "started", "made"),
    ):
        times = [(row, getattr(lot, begin), getattr(lot, until)) for row, lot in zip(rows, found, strict=True)]
        spans(ax, [(row, start, min(stop, end_day)) for row, start, stop in times], colour, height)
    failed = [(lot.failed, row) for row, lot in zip(rows, found, strict=True) if lot.failed <= end_day]
    marks(ax, failed, marker="X", markersize=7.5 * size, color=style.INK, markeredgecolor="white")
    given = [(day, row) for row, lot in zip(rows, found, strict=True) for day in lot.given]
    marks(ax, given, marker="d", markersize=6 * size, color="white", markeredgecolor=style.INK, markeredgewidth=0.9)
    return [(row, f"lot {lot.number}") for row, lot in zip(rows, found, strict=True)]


def spans(ax: Axes, found: Bars, colour: str, height: float, alpha: float = 1.0) -> None:
    """Bars for the spans that exist and last."""
    known = np.array([span for span in found if span[2] > span[1]])  # NaN is not greater
    if len(known):
        row, begin, until = known.T
        ax.barh(row, until - begin, left=begin, height=height, color=colour, alpha=alpha, linewidth=0)


def marks(ax: Axes, where: Sequence[tuple[float, float]], **look: Any) -> None:
    """Marks on some days of some rows."""
    if where:
        days, rows = zip(*where, strict=True)
        ax.plot(days, rows, linestyle="none", zorder=4, **look)


def _brackets(ax: Axes, rows: Sequence[float], found: Sequence[PersonRow], thick: float, levels: bool) -> None:
    """To the right of the plot, which rows make a cohort, and at which of several levels, where there is room for it.

    A row is ``thick`` points high.
    """
    beside = ax.get_yaxis_transform()
    for cohort in sorted({each.cohort for each in found if each.cohort is not None}):
        mine = [(row, each) for row, each in zip(rows, found, strict=True) if each.cohort == cohort]
        begin, until = mine[0][0] - 0.36, mine[-1][0] + 0.36
        ax.plot([1.016, 1.016], [begin, until], color=style.INK, linewidth=1.6, transform=beside, clip_on=False)
        if len(mine) * thick > _NAME - 2:
            given = ", ".join(str(level) for level in sorted({each.level for _, each in mine}))
            ax.text(
                1.026,
                (begin + until) / 2,
                f"cohort {cohort}" + f" · level {given}" * levels,
                transform=beside,
                va="center",
                fontsize=style.NOTE,
                color=style.INK,
            )


def _name_rows(ax: Axes, names: Sequence[tuple[float, str]]) -> None:
    """Names at the left of rows."""
    ax.set_yticks([row for row, _ in names], [name for _, name in names])
    ax.tick_params(axis="y", length=0, labelsize=9)
    if not names:
        ax.text(0.5, 0.5, "nobody came", transform=ax.transAxes, ha="center", fontsize=style.LABEL, color=style.MUTED)


def level_colour(level: int, facts: Facts) -> str:
    """From light to dark, the higher the dose."""
    import seaborn as sns

    if len(facts.levels) <= 1:
        return style.BLUE
    shades = sns.color_palette("viridis_r", as_cmap=True)  # not from its end: yellow cannot be seen on white
    return to_hex(shades(0.28 + 0.67 * (level - 1) / (len(facts.levels) - 1)))


def level_name(level: int, facts: Facts) -> str:
    """The dose of a level, and its number where there are several or a rule chooses."""
    if not facts.levels:
        return ""
    dose = f"{style.shortened(facts.levels[level - 1], 30)}, "
    return f"level {level}: {dose}" if facts.tells_levels else dose


def legend(facts: Facts, several: Sequence[History], last: float) -> tuple[list[Any], list[str]]:
    """Handles and labels of what is in the figure, whose axis ends on day ``last``, and nothing else."""
    top = [strip for shown in several for strip in shown.top]
    middle = [each for shown in several for each in shown.middle]
    bottom = [lot for shown in several for lot in shown.bottom]
    end_day = max(shown.end_day for shown in several)
    entries: list[tuple[Any, str, bool]] = [
        (_mark("|", style.INK), "never had a place", bool(top)),
        (Patch(color=SCREENING), "screening", any(each.screened_until > each.screened_from for each in middle)),
        (Patch(color=WAITING), "waiting for a place", any(each.place > each.screened_until for each in middle)),
        (
            Patch(color=PLACE),
            f"has a place, waiting for {facts.infusion}",
            any(each.place_until > each.place for each in middle),
        ),
    ]
    infused = [each for each in middle if not np.isnan(each.infusion)]
    levels = sorted({each.level for each in infused})
    for level in levels:
        name = level_name(level, facts)
        lasts = any(each.window_until > each.infusion for each in infused)
        entries.append((Patch(color=level_colour(level, facts)), f"{name}{facts.window}", lasts or len(levels) > 1))
    first = level_colour(levels[0], facts) if levels else style.BLUE
    pale = Patch(color=first, alpha=FOLLOWED)
    # with follow-up to come, the end of the trial is the last visit
    end = Milestone.SETTLED.words if any(each.last_visit > end_day for each in infused) else "end of the trial"
    visits = [each.last_visit for each in infused if each.last_visit > each.window_until]
    entries += [
        (_mark("d", "white"), "infusion; dose taken from a lot" if bottom else facts.infusion, bool(infused)),
        (pale, f"{'follow-up' if facts.has_follow_up else 'after the outcome'}, to the last visit", bool(visits)),
        (_mark(">", first), "follow-up goes on", any(day > last for day in visits)),
        (_mark("X", style.VERMILLION), "DLT", any(each.dlt <= end_day for each in middle)),
        (_mark("o", "white"), f"left before {facts.infusion}", any(not np.isnan(each.left) for each in middle)),
        (Patch(color=MAKING), "lot: donation and making", any(lot.made > lot.started for lot in bottom)),
        (Patch(color=TESTING), "testing and shipping", any(min(lot.available, end_day) > lot.made for lot in bottom)),
        (Patch(color=STOCK), "in stock", any(lot.kept_until > lot.available for lot in bottom)),
        (_mark("X", style.INK), "lot failed", any(lot.failed <= end_day for lot in bottom)),
        (Line2D([], [], color=style.INK, linewidth=1.4), end, True),
    ]
    present = [(handle, label) for handle, label, there in entries if there]
    return [handle for handle, _ in present], [label for _, label in present]


def _mark(marker: str, colour: str) -> Line2D:
    return Line2D([], [], linestyle="none", marker=marker, markersize=8, color=colour, markeredgecolor=style.INK)

"""One replication as a swimmer plot: everybody's course from their own infusion on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from trialsim import wording
from trialsim.figures import style
from trialsim.figures.gantt import FOLLOWED, PLACE, SCREENING, WAITING, Bars, level_colour, level_name, marks, spans
from trialsim.figures.histories import PersonRow, one_of, person_rows
from trialsim.figures.picture import describe
from trialsim.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from trialsim.analysis.facts import Facts

_ROW, _FURNITURE, _TALLEST = 0.22, 2.6, 12.0
"""Inches."""
_MOST = 80
_FARTHEST, _BEYOND = 8.0, 4.0
"""Times that from screening to the window's end: how far lanes are shown; where the axis ends if some are longer."""
_NAME = 12.5
"""Points that a row's name takes."""


def swimmer(
    ends: pd.DataFrame,
    participants: pd.DataFrame,
    facts: Facts,
    *,
    replication: int | None = None,
    note: str = "",
    ax: Axes | None = None,
) -> Axes:
    """A lane for everybody infused, from screening to the last visit, with the infusion at 0; the longest first.

    Parameters
    ----------
    ends : DataFrame
        How replications ended; the table of replications will do.
    participants : DataFrame
        As in `trialsim.tables`.
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
    end_day = float(ends.loc[ends["replication"] == number, "end_day"].iloc[0])
    people = participants[participants["replication"] == number]
    lanes = [row for row in person_rows(people, end_day) if not np.isnan(row.infusion)]
    lanes.sort(key=lambda row: (-_until(row), row.number))
    lost = set(people.loc[people["outcome"] == Outcome.NON_EVALUABLE, "participant"])
    total, lanes = len(lanes), lanes[:_MOST]
    ax = style.axes(ax, height=min(max(4.2, _FURNITURE + _ROW * len(lanes)), _TALLEST))
    room = style.figure_of(ax).get_figheight() - _FURNITURE
    thick = float(np.clip(72 * room / max(1, len(lanes)), 1.0, 72 * _ROW))
    longest = max((_until(row) for row in lanes), default=0.0)
    before = max((row.infusion - row.screened_from for row in lanes), default=0.0)
    near = before + max((row.window_until - row.infusion for row in lanes), default=0.0)
    shown = longest if longest <= _FARTHEST * near else _BEYOND * near  # years of follow-up would hide all else
    length, unit = wording.unit(shown + before)
    handles, labels = _lanes(ax, lanes, lost, facts, length, shown / length, min(1.0, thick / 9))
    step = math.ceil(_NAME / thick)
    names = [f"participant {row.number}" for row in lanes]
    ax.set_yticks(range(0, len(lanes), step), names[::step])
    ax.tick_params(axis="y", length=0, labelsize=9)
    ax.set_ylim(max(len(lanes), 3) - 0.3, -0.8)
    if lanes:
        ax.axvline(0, color=style.INK, linewidth=1.0)
    ax.grid(axis="x", color=style.GRID)
    ax.set_xlim(
        -1.05 * max(before, 0.02 * shown, 1e-3) / length,
        (1.05 if shown == longest else 1.0) * max(shown, 1e-3) / length,
    )
    ax.set_xlabel(f"{unit.capitalize()} from one's own {facts.infusion}", fontsize=style.LABEL, color=style.INK)
    if not lanes:
        ax.set_xticks([])
        ax.text(0.5, 0.5, f"nobody {facts.infused}", transform=ax.transAxes, ha="center", color=style.MUTED)
    waited = [(row.infusion - row.screened_from) / length for row in lanes]
    bad = sum(row.dlt <= end_day for row in lanes)
    who = f"{total:,} people {facts.infused}"
    middle = f", {np.median(waited):.1f} {unit} from screening to {facts.infusion} (median)" if lanes else ""
    style.heading(
        ax,
        f"One simulated trial: {who}{middle}",
        f"{facts.label}, replication {number}{f' ({note})' * bool(note)}"
        + f"; the {len(lanes)} longest, {total - len(lanes):,} more are not shown" * (total > len(lanes)),
    )
    style.legend(ax, handles, labels, below=48)
    after = [_until(row) / length for row in lanes]
    seen = f"; seen for {np.median(after):.1f} {unit} after it (median), {max(after):.1f} at most" if lanes else ""
    events = f"; {bad} with a DLT, {len(lost)} lost in the window" if facts.has_dlts else f"; {len(lost)} lost"
    describe(
        ax,
        f"Swimmer plot, a lane a person, of one simulated trial of {facts.label}, replication {number}: {who}"
        f"{middle}{seen}{events}.",
    )
    return ax


def _until(row: PersonRow) -> float:
    """Days from infusion to the end of a lane."""
    return float(np.nanmax([row.window_until, row.last_visit, row.infusion])) - row.infusion


def _lanes(
    ax: Axes, lanes: Sequence[PersonRow], lost: set[int], facts: Facts, length: float, last: float, size: float
) -> tuple[list[Any], list[str]]:
    """Draw everybody; returns the entries of the legend of what there is."""
    entries: dict[str, Any] = {}

    def bars(
        name: str, begin: str, until: str, colour: str, high: float, level: int | None = None, **more: Any
    ) -> None:
        found: Bars = [
            (at, (getattr(row, begin) - row.infusion) / length, (getattr(row, until) - row.infusion) / length)
            for at, row in enumerate(lanes)
            if level in (None, row.level)
        ]
        spans(ax, found, colour, high, **more)
        if any(end > start for _, start, end in found):
            entries.setdefault(name, Patch(color=colour, **more))

    def dots(name: str, chosen: Sequence[bool], day: str, **look: Any) -> None:
        found = [
            ((getattr(row, day) - row.infusion) / length, at)
            for at, (row, each) in enumerate(zip(lanes, chosen, strict=True))
            if each
        ]
        marks(ax, found, clip_on=False, **look)
        if found:
            entries[name] = Line2D([], [], linestyle="none", **{**look, "markersize": 8})

    bars("screening", "screened_from", "screened_until", SCREENING, 0.36)
    bars("waiting for a place", "screened_until", "place", WAITING, 0.36)
    bars(f"has a place, waiting for {facts.infusion}", "place", "infusion", PLACE, 0.36)
    levels = sorted({row.level for row in lanes})
    for level in levels:
        name = f"{level_name(level, facts)}{facts.window}"
        bars(name, "infusion", "window_until", level_colour(level, facts), 0.74, level)
    after = "follow-up" if facts.has_follow_up else "after the outcome"
    for level in levels:
        bars(after, "window_until", "last_visit", level_colour(level, facts), 0.5, level, alpha=FOLLOWED)
        beyond = [(last, at) for at, row in enumerate(lanes) if row.level == level and _until(row) > last * length]
        look: dict[str, Any] = {"marker": ">", "color": level_colour(level, facts)}
        marks(ax, beyond, clip_on=False, markersize=7 * size, **look)
        if beyond:
            entries["follow-up goes on"] = Line2D([], [], linestyle="none", markersize=8, **look)
    bad = [not np.isnan(row.dlt) for row in lanes]
    dots("DLT", bad, "dlt", marker="X", markersize=8.5 * size, color=style.VERMILLION, markeredgecolor="white")
    gone = [row.number in lost for row in lanes]
    dots("lost in the window", gone, "window_until", marker="o", markersize=5.5 * size, color=style.INK, mfc="white")
    return list(entries.values()), list(entries)

"""The calendars of a replay, a panel a dose rule, on one time axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trialsim.figures import style
from trialsim.figures.gantt import History, chart, history, in_words, legend
from trialsim.figures.picture import describe

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from trialsim.analysis.facts import Facts

_HEADING, _FOOT, _SIDES = 0.95, 1.65, 0.45
"""Inches above the rows of a panel, below the last one, and around everything."""
_LOWEST, _TALLEST = 0.7, 30.0


class Panel(NamedTuple):
    """One rule: its name, and the tables of its one history, as in `trialsim.tables`."""

    name: str
    ends: pd.DataFrame
    people: pd.DataFrame
    lots: pd.DataFrame


def calendars(panels: Sequence[Panel], facts: Facts) -> Figure:
    """Everybody's course under each rule: a row a person, with the window in the colour of the level.

    Parameters
    ----------
    panels : sequence of Panel
        At least one, in the order in which they stand below one another.
    facts : Facts
        The trial.
    """
    shown = [history(panel.ends, panel.people, panel.lots) for panel in panels]
    rows = [max(_LOWEST, each.height) for each in shown]
    around = _HEADING * len(panels) + _FOOT + _SIDES
    room = [height * min(1.0, (_TALLEST - around) / sum(rows)) for height in rows]
    figure = style.new_figure(height=around + sum(room))
    places = figure.subplots(len(panels), 1, squeeze=False, height_ratios=room)[:, 0]
    last = style.reach(max(_latest(each) for each in shown), [each.end_day for each in shown])
    for panel, each, ax, height in zip(panels, shown, places, room, strict=True):
        style.axes(ax)
        chart(ax, each, facts, last, room=height)
        style.heading(ax, _message(panel, each, facts), _caption(each, facts))
        describe(ax, f"Calendar of {facts.label} under {panel.name}: {in_words(each, facts)}.")
        if ax is not places[-1]:
            ax.tick_params(axis="x", labelbottom=False)
            ax.set_xlabel("")
    style.legend(places[-1], *legend(facts, shown, last))
    return figure


def _latest(shown: History) -> float:
    """The last day on which something is drawn of somebody."""
    days = [day for each in shown.middle for day in (each.place, each.left, each.window_until, each.last_visit)]
    days += [day for strip in shown.top for day in strip.days]
    return float(np.nanmax([0.0, *days]))


def _message(panel: Panel, shown: History, facts: Facts) -> str:
    """What came of the rule, when, and after how many people."""
    after = f"day {round(shown.end_day, 2):g}, {shown.infused} {facts.infused}"
    if not (facts.levels and facts.finds_dose):
        return f"{panel.name}: {shown.cause.words} on {after}"
    (level,) = panel.ends["recommended_level"].dropna().tolist() or (None,)
    verdict = f"recommends level {level}" if level else "recommends no level"
    return f"{panel.name} {verdict} on {after}"


def _caption(shown: History, facts: Facts) -> str:
    """Whose calendar it is, and how it ended."""
    return f"{facts.label}, everybody's calendar: {shown.cause.words}{shown.what_is_missing}"

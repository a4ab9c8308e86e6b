"""What people wait for, in person-days a trial."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from trialsim.analysis import statistics
from trialsim.analysis.pairs import t_interval
from trialsim.analysis.waits import Wait
from trialsim.figures import style
from trialsim.figures.bars import beside, between_trials, rows_of_bars
from trialsim.figures.picture import describe
from trialsim.wording import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from trialsim.analysis.facts import Facts
    from trialsim.analysis.grouping import Floats


def waiting(days: Mapping[Wait, Floats], facts: Facts, *, ax: Axes | None = None) -> Axes:
    """Person-days of waiting by cause: means with their 95 % intervals, and P10 to P90 between trials.

    Parameters
    ----------
    days : mapping
        From `trialsim.analysis.waits.waits`.
    facts : Facts
        The trial.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    """
    ax = style.axes(ax)
    found = sorted((wait for wait in days if days[wait].any()), key=lambda wait: -days[wait].mean())
    count = len(next(iter(days.values())))
    means = [statistics.mean(days[wait]) for wait in found]
    middle = [mean.mean or 0.0 for mean in means]
    low, high = ([float(np.quantile(days[wait], share)) for wait in found] for share in (0.1, 0.9))
    total = sum(middle)
    ax.barh(range(len(found)), middle, height=0.62, color=style.SKY, linewidth=0)
    handles, labels = between_trials(ax, "the simulated trial" if count == 1 else "mean", low, high)
    said = []
    for row, (mean, value) in enumerate(zip(means, middle, strict=True)):
        bounds = t_interval(mean)
        error = "" if bounds is None else f" ({_days(max(bounds[0], 0.0))}–{_days(bounds[1])})"
        said.append(f"{_days(value)}{error}, {percent(value / total)}")
        beside(ax, max(value, high[row]), row, said[-1])
    names = [_words(wait, facts) for wait in found]
    rows_of_bars(ax, names, max([*middle, *high, 0]), room=1.45)
    ax.set_xlabel("Person-days per trial", fontsize=style.LABEL, color=style.INK)
    title = f"People wait most for {names[0]}: {percent(middle[0] / total)} of all waiting" if found else "Nobody waits"
    errors = "; in brackets 95 % intervals of the means" * (count > 1)
    who = f"from arrival to {facts.infusion} or leaving, screening not counted"
    style.heading(ax, title, f"{facts.label}: {style.trials(count)}; {_days(total)} person-days a trial, {who}{errors}")
    if found:
        style.legend(ax, handles, labels, below=48)
    else:
        ax.set_xticks([])
        ax.text(0.5, 0.5, "nobody waits", transform=ax.transAxes, ha="center", fontsize=style.LABEL, color=style.MUTED)
    told = [f"{name} {text} of the days" for name, text in zip(names, said, strict=True)]
    what = f"{'means of ' * (count > 1)}{style.trials(count)} of {facts.label}{errors}"
    describe(ax, f"Bars of the person-days that people wait {who}, {what}: {'; '.join(told) or 'none'}.")
    return ax


def _days(value: float) -> str:
    return f"{value:,.1f}" if 0 < value < 10 else f"{value:,.0f}"


def _words(wait: Wait, facts: Facts) -> str:
    return wait.words.replace("infusion", facts.infusion)

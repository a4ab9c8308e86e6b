"""How much of what is scarce is in use over time, against what there is of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from trialsim.analysis.occupancy import Resource, Use
from trialsim.figures import style
from trialsim.figures.panels import on_one_time_axis, panels, upwards
from trialsim.figures.picture import describe
from trialsim.figures.upstream import BAND, INNER, MEDIAN
from trialsim.wording import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from trialsim.analysis.facts import Facts
    from trialsim.analysis.grouping import Floats

_TOO_HIGH = 3.0
"""Times what is in use: a capacity beyond that is said and not drawn."""
_95 = 1.959964


def occupancy(bounds: Floats, uses: Sequence[Use], facts: Facts, replications: int) -> Figure:
    """A panel a resource: the mean in use, its error, P10 to P90 of the trials, and the capacity.

    Parameters
    ----------
    bounds, uses
        From `trialsim.analysis.occupancy.occupancy`, of at least one resource.
    facts : Facts
        The trial.
    replications : int
        How many trials are behind it.
    """
    axes = panels(len(uses))
    busy = np.flatnonzero(np.sum([use.mean for use in uses], axis=0) > 0)
    last = style.reach(float(bounds[busy[-1] + 1]) if len(busy) else 0.0, [])
    for ax, use in zip(axes, uses, strict=True):
        _draw(ax, bounds, use, facts, replications)
    on_one_time_axis(axes, facts, last)
    weeks = round((bounds[1] - bounds[0]) / 7)
    each = "a week each" if weeks == 1 else f"{weeks} weeks each"
    single = replications == 1
    style.heading(
        axes[0],
        _message(uses, facts),
        f"{facts.label}: {style.trials(replications)}; averages over periods of {each}"
        + "; a trial that has ended uses nothing" * (not single),
    )
    handles: list[Any] = [Line2D([], [], color=MEDIAN, linewidth=2)]
    labels = ["the simulated trial"]
    if not single:
        handles += [Patch(color=INNER), Patch(color=BAND)]
        labels = ["mean", "its 95 % interval", "8 trials of 10 (P10–P90)"]
    if any(use.capacity is not None for use in uses):
        handles.append(Line2D([], [], color=style.VERMILLION, linewidth=1.6, linestyle=(0, (4, 2))))
        labels.append("capacity")
    style.legend(axes[-1], handles, labels)
    describe(axes[0], _in_words(bounds, uses, facts, replications))
    return style.figure_of(axes[0])


def _draw(ax: Axes, bounds: Floats, use: Use, facts: Facts, replications: int) -> None:
    """One resource."""
    if replications > 1:
        ax.stairs(use.p90, bounds, baseline=use.p10, fill=True, color=BAND, linewidth=0)
        error = _95 * use.standard_error
        ax.stairs(use.mean + error, bounds, baseline=np.maximum(use.mean - error, 0), fill=True, color=INNER)
    ax.stairs(use.mean, bounds, baseline=None, color=MEDIAN, linewidth=2)
    highest = float(max((use.mean + _95 * np.nan_to_num(use.standard_error)).max(), use.p90.max()))
    name = _name(use.resource, facts)
    if use.capacity is not None:
        most = float(use.capacity.max())
        if most <= _TOO_HIGH * max(highest, 1e-9):
            ax.stairs(use.capacity, bounds, baseline=None, color=style.VERMILLION, linewidth=1.6, linestyle=(0, (4, 2)))
            highest = max(highest, most)
        else:
            where: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "xytext": (-2, -2)}
            ax.annotate(
                f"capacity {most:.3g}: too high to be shown",
                (1, 1),
                ha="right",
                va="top",
                fontsize=style.NOTE,
                color=style.INK,
                bbox=style.PAPER,
                **where,
            )
    upwards(ax, name, highest, whole=use.resource not in (Resource.SLOTS, Resource.COMMITTEE))
    if use.resource is Resource.COMMITTEE:
        ax.set_ylim(0, min(1.0, ax.get_ylim()[1]))
        ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))


def _name(resource: Resource, facts: Facts) -> str:
    """What is counted, in two lines."""
    return {
        Resource.SCREENING: "Candidates\nin screening",
        Resource.SUITES: "Lots in making\n(suites in use)",
        Resource.SLOTS: f"{facts.infusion.capitalize()}s\na week",
        Resource.COMMITTEE: "Trials that wait\nfor the committee",
    }[resource]


def _message(uses: Sequence[Use], facts: Facts) -> str:
    """Which resource is used up most, or how much of it at most."""
    known = [(use.load, use) for use in uses if use.load is not None]
    if known:
        load, use = max(known, key=lambda each: each[0])
        words = use.resource.words.replace("infusion", facts.infusion)
        return f"Nearest to capacity: {words}, {percent(load)} in the busiest time"
    use = uses[0]
    return f"At the busiest, {_amount(use, use.mean)} {use.resource.words.replace('infusion', facts.infusion)}"


def _amount(use: Use, values: Floats) -> str:
    """A number of the busiest period; of the committee, a share of the trials."""
    value = float(values[use.peak])
    return f"{100 * value:.2g} % of the trials" if use.resource is Resource.COMMITTEE else f"{value:.2g}"


def _in_words(bounds: Floats, uses: Sequence[Use], facts: Facts, replications: int) -> str:
    """The busiest period of each resource."""
    told = []
    for use in uses:
        at = use.peak
        when = style.full_date(facts.date_of(float(bounds[at])))
        error = f" (standard error {_amount(use, use.standard_error)}"
        error = "" if replications == 1 else f"{error}, P10–P90 {_amount(use, use.p10)}–{_amount(use, use.p90)})"
        capacity = "" if use.capacity is None else f", capacity {use.capacity[at]:.3g}"
        share = "" if use.load is None else f", {percent(use.load)} of it in use"
        words = use.resource.words.replace("infusion", facts.infusion)
        told.append(f"{words} at most {_amount(use, use.mean)}{error} from {when} on{capacity}{share}")
    what = "mean numbers in use" if replications > 1 else "numbers in use"
    return f"Panels over time of {what}, {style.trials(replications)} of {facts.label}: {'; '.join(told)}."

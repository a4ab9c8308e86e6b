"""The figures of runs and sweeps, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from trialsim.analysis.measures import USUAL
from trialsim.analysis.opening import expected_open
from trialsim.figures import style
from trialsim.figures.bars import attribution, funnel
from trialsim.figures.endings import duration, end_causes
from trialsim.figures.gantt import gantt
from trialsim.figures.heatmaps import draw_heatmaps, sweep_heatmap
from trialsim.figures.milestones import milestones
from trialsim.figures.progress import enrolment
from trialsim.figures.sweeps import sweep_lines

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from trialsim.scenario import Scenario

OF_RUNS: dict[str, Callable[..., Axes]] = {
    "milestones": milestones,
    "enrolment": enrolment,
    "duration": duration,
    "end_causes": end_causes,
    "attribution": attribution,
    "funnel": funnel,
    "gantt": gantt,
}
OF_SWEEPS: dict[str, Callable[..., Axes]] = {
    "sweep_lines": sweep_lines,
    "sweep_heatmap": sweep_heatmap,
}
FIGURES = OF_RUNS | OF_SWEEPS
"""Every figure of runs and sweeps by name: a function from tables to axes."""


class RunTables(Protocol):
    """What the figures of a run show."""

    @property
    def scenario(self) -> Scenario:
        """What was simulated."""

    @property
    def replications(self) -> pd.DataFrame:
        """The table of replications."""

    @property
    def courses(self) -> pd.DataFrame:
        """How the counts rose over time."""

    @property
    def participants(self) -> pd.DataFrame | None:
        """The participants of at least the `typical` replication; None without a Gantt chart."""

    @property
    def lots(self) -> pd.DataFrame | None:
        """The lots of at least the `typical` replication; None without a Gantt chart."""


def draw_run(tables: RunTables, name: str) -> Figure:
    """A new figure of a run: one of `OF_RUNS`.

    Raises
    ------
    ValueError
        For a Gantt chart without participants and lots.
    """
    from trialsim.analysis.facts import facts_of

    facts = facts_of(tables.scenario)
    stopping = tables.scenario.stopping
    time_limit = None if stopping is None else stopping.time_limit
    if name == "enrolment":
        sites = partial(expected_open, tables.scenario)
        ax = enrolment(tables.courses, facts, time_limit=time_limit, replications=tables.replications, sites=sites)
    elif name == "duration":
        ax = duration(tables.replications, facts, time_limit=time_limit)
    elif name == "gantt":
        if tables.participants is None or tables.lots is None:
            raise ValueError("gantt needs the tables of participants and lots")
        chosen = typical(tables.replications)
        note = "nearest to the median day and number of people" if len(tables.replications) > 1 else ""
        ax = gantt(tables.replications, tables.participants, tables.lots, facts, replication=chosen, note=note)
    else:
        ax = OF_RUNS[name](tables.replications, facts)
    return style.figure_of(ax)


def draw_sweep(
    replications: pd.DataFrame,
    axes: Mapping[str, str],
    name: str,
    measures: Sequence[str] = USUAL,
    base: Mapping[str, Any] | None = None,
    held: Mapping[str, Any] | None = None,
    called: Mapping[str, str] | None = None,
    about: str = "",
) -> Figure:
    """A new figure of a sweep: one of those that `trialsim.figures.sweeps.drawable` names.

    Parameters
    ----------
    replications : DataFrame
        Those of all points, with a column for each axis.
    axes : mapping
        The columns of the axes, and what to call them.
    name : str
        ``sweep_heatmap``, of at most two of the measures, or ``sweep_`` and the name of a measure.
    measures : sequence of str
        Those that were asked for; see `trialsim.tables.MEASURES`.
    base, held, called, about
        See `trialsim.figures.sweeps.sweep_lines`.

    Raises
    ------
    ValueError
        If the sweep has too many or too few axes or values for it.
    """
    if name == "sweep_heatmap":
        return draw_heatmaps(replications, axes, measures[:2], base, held, called, about)
    measure = name.removeprefix("sweep_")
    words: dict[str, Any] = {"labels": axes, "called": called, "about": about}
    return style.figure_of(sweep_lines(replications, list(axes), measure=measure, base=base, held=held, **words))


def typical(replications: pd.DataFrame) -> int:
    """The replication that is nearest to the medians of the day of its end and of those enrolled; the first of them.

    Distances are in units of the range from P10 to P90.
    """
    far = np.zeros(len(replications))
    for name in ("end_day", "enrolled"):
        values = replications[name].to_numpy(dtype=float)
        low, middle, high = np.quantile(values, [0.1, 0.5, 0.9], method="inverted_cdf")
        far += np.abs(values - middle) / ((high - low) or 1.0)
    return int(replications["replication"].to_numpy()[int(np.argmin(far))])

"""The figures of runs and sweeps, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from trialsim.analysis.measures import USUAL
from trialsim.analysis.occupancy import occupancy as of_resources
from trialsim.analysis.occupancy import resources
from trialsim.analysis.of_sites import of_sites
from trialsim.analysis.opening import expected_open
from trialsim.analysis.stock import Stock
from trialsim.analysis.waits import waits
from trialsim.figures import style
from trialsim.figures.bars import attribution, funnel
from trialsim.figures.endings import duration, end_causes
from trialsim.figures.gantt import gantt
from trialsim.figures.heatmaps import draw_heatmaps, sweep_heatmap
from trialsim.figures.milestones import milestones
from trialsim.figures.progress import enrolment
from trialsim.figures.rows import sweep_rows
from trialsim.figures.sites import sites
from trialsim.figures.stock import stock
from trialsim.figures.sweeps import sweep_lines
from trialsim.figures.swimmer import swimmer
from trialsim.figures.use import occupancy
from trialsim.figures.waiting import waiting

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from trialsim.analysis.facts import Facts
    from trialsim.scenario import Scenario

OF_RUNS: dict[str, Callable[..., Axes]] = {
    "milestones": milestones,
    "enrolment": enrolment,
    "duration": duration,
    "end_causes": end_causes,
    "attribution": attribution,
    "funnel": funnel,
    "gantt": gantt,
    "swimmer": swimmer,
}
OF_DETAIL = ("occupancy", "waiting", "stock", "sites")
"""The figures of a run that need the people and lots of all its trials."""
OF_SWEEPS: dict[str, Callable[..., Axes]] = {
    "sweep_lines": sweep_lines,
    "sweep_heatmap": sweep_heatmap,
    "sweep_rows": sweep_rows,
}
OF_ONE = ("gantt", "swimmer")
"""The figures of a run that show one history."""
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
        """The participants of at least the `typical` replication; None without the figures that show people."""

    @property
    def lots(self) -> pd.DataFrame | None:
        """The lots of at least the `typical` replication; None without the figures that show lots."""


def draw_run(tables: RunTables, name: str) -> Figure:
    """A new figure of a run: one of `OF_RUNS`, or of those that `of_detail` names.

    Raises
    ------
    ValueError
        For a figure that needs participants and lots, without them.
    """
    from trialsim.analysis.facts import facts_of

    facts = facts_of(tables.scenario)
    stopping = tables.scenario.stopping
    time_limit = None if stopping is None else stopping.time_limit
    if name == "enrolment":
        opened = partial(expected_open, tables.scenario)
        ax = enrolment(tables.courses, facts, time_limit=time_limit, replications=tables.replications, sites=opened)
    elif name == "duration":
        ax = duration(tables.replications, facts, time_limit=time_limit)
    elif name in OF_ONE or name in OF_DETAIL:
        if tables.participants is None or tables.lots is None:
            raise ValueError(f"{name} needs the tables of participants and lots")
        if name in OF_DETAIL:
            return _of_detail(tables, tables.participants, tables.lots, facts, name)
        chosen = typical(tables.replications)
        note = "nearest to the median day and number of people" if len(tables.replications) > 1 else ""
        look: dict[str, Any] = {"replication": chosen, "note": note}
        if name == "swimmer":
            ax = swimmer(tables.replications, tables.participants, facts, **look)
        else:
            ax = gantt(tables.replications, tables.participants, tables.lots, facts, **look)
    else:
        ax = OF_RUNS[name](tables.replications, facts)
    return style.figure_of(ax)


def of_detail(scenario: Scenario) -> list[str]:
    """The figures of `OF_DETAIL` that have something to show of a scenario."""
    has = {
        "occupancy": bool(resources(scenario)),
        "waiting": True,
        "stock": scenario.product is not None,
        "sites": len(scenario.sites) > 1,
    }
    return [name for name in OF_DETAIL if has[name]]


def _of_detail(tables: RunTables, participants: pd.DataFrame, lots: pd.DataFrame, facts: Facts, name: str) -> Figure:
    """A figure of the people and lots of all trials."""
    scenario, ends = tables.scenario, tables.replications
    if name == "occupancy":
        bounds, uses = of_resources(scenario, ends, participants, lots)
        return occupancy(bounds, uses, facts, len(ends))
    if name == "waiting":
        return style.figure_of(waiting(waits(scenario, ends, participants), facts))
    if name == "stock":
        chosen = typical(ends)
        position = int(np.flatnonzero(ends["replication"].to_numpy() == chosen)[0])
        target = None if scenario.product is None else scenario.product.target_doses
        return stock(Stock(scenario, ends, participants, lots), facts, position, chosen, target)
    found = of_sites([site.name for site in scenario.sites], ends, participants, "infusion_day")
    return sites(found, facts, partial(expected_open, scenario), float(ends["end_day"].max()))


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

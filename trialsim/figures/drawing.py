"""The figures of results, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trialsim.figures import style
from trialsim.figures.bars import attribution, funnel
from trialsim.figures.endings import duration, end_causes
from trialsim.figures.gantt import gantt
from trialsim.figures.progress import enrolment
from trialsim.figures.sweeps import sweep_duration, sweep_heatmap, sweep_risk

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FIGURES: dict[str, Callable[..., Axes]] = {
    "enrolment": enrolment,
    "duration": duration,
    "end_causes": end_causes,
    "attribution": attribution,
    "funnel": funnel,
    "gantt": gantt,
    "sweep_duration": sweep_duration,
    "sweep_risk": sweep_risk,
    "sweep_heatmap": sweep_heatmap,
}
"""Every figure: a function from tables to axes."""


class CannotDrawError(ValueError):
    """A figure needs what these results do not hold."""


def draw(results: Any, name: str) -> Figure:
    """A new figure of some results.

    Parameters
    ----------
    results
        Of a run: with ``scenario``, ``replications``, ``courses`` and, for the Gantt chart, the ``participants`` and
        ``lots`` of at least the `typical` replication. Of a sweep: with ``axes``, a mapping from the columns of what
        was varied to their labels, and ``replications`` of all points, with those columns.
    name : str
        One of `FIGURES`.

    Raises
    ------
    KeyError
        If there is no figure of that name.
    CannotDrawError
        If the results do not hold what the figure needs.
    """
    if name not in FIGURES:
        raise KeyError(f"no figure is called {name}; there are {', '.join(FIGURES)}")
    if name not in names(results):
        raise CannotDrawError(f"{name} is no figure of a {'sweep' if _is_sweep(results) else 'run'}")
    if _is_sweep(results):
        return _draw_sweep(results.replications, results.axes, name)
    return _draw_run(results, name)


def names(results: Any) -> list[str]:
    """The names of the figures of a sweep or of a run, whichever these results are of."""
    return [name for name in FIGURES if name.startswith("sweep_") == _is_sweep(results)]


def save_all(results: Any, folder: str | Path) -> list[Path]:
    """Write every figure that these results allow into an existing folder, as PNG; returns the paths.

    The same results give the same bytes.
    """
    paths = []
    for name in names(results):
        try:
            figure = draw(results, name)
        except CannotDrawError:
            continue
        paths.append(Path(folder) / f"{name}.png")
        style.save(figure, paths[-1])
    return paths


def typical(replications: pd.DataFrame) -> int:
    """The replication whose duration is nearest to the median; the first of them."""
    days = replications["end_day"].to_numpy(dtype=float)
    middle = float(np.quantile(days, 0.5, method="inverted_cdf"))
    return int(replications["replication"].to_numpy()[int(np.argmin(np.abs(days - middle)))])


def _is_sweep(results: Any) -> bool:
    return hasattr(results, "axes")


def _draw_run(results: Any, name: str) -> Figure:
    from trialsim.analysis.facts import facts_of

    facts = facts_of(results.scenario)
    stopping = results.scenario.stopping
    time_limit = None if stopping is None else stopping.time_limit
    if name == "enrolment":
        ax = enrolment(results.courses, facts, time_limit=time_limit)
    elif name == "duration":
        ax = duration(results.replications, facts, time_limit=time_limit)
    elif name == "gantt":
        if results.participants is None or results.lots is None:
            raise CannotDrawError("gantt needs the tables of participants and lots")
        chosen = typical(results.replications)
        ax = gantt(results.replications, results.participants, results.lots, facts, replication=chosen)
    else:
        ax = FIGURES[name](results.replications, facts)
    return style.figure_of(ax)


def _draw_sweep(replications: pd.DataFrame, axes: Mapping[str, str], name: str) -> Figure:
    keys = list(axes)
    if name != "sweep_heatmap":
        try:
            return style.figure_of(FIGURES[name](replications, keys, labels=axes))
        except ValueError as problem:
            raise CannotDrawError(str(problem)) from None
    if len(keys) != 2:
        raise CannotDrawError(f"a heatmap needs two axes, not {len(keys)}")
    figure = style.new_figure(width=1.35 * style.WIDTH)
    for measure, ax in zip(("duration", "risk"), figure.subplots(1, 2), strict=True):
        sweep_heatmap(replications, keys, measure=measure, labels=axes, ax=ax)
    return figure

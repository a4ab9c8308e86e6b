"""What held the trial up, and how many people it took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from trialsim.analysis import statistics
from trialsim.figures import style
from trialsim.vocabulary import MONTH, Piece
from trialsim.wording import percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from trialsim.analysis.facts import Facts

STAGES = ("candidates", "screened", "enrolled", "infused", "evaluable")


def attribution(replications: pd.DataFrame, facts: Facts, *, ax: Axes | None = None) -> Axes:
    """The mean number of days that each cause held the trial up, with its standard error and its share.

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
    every = [(statistics.mean(replications[f"days_{piece}"]), piece.words) for piece in Piece]
    found = [each for each in every if each[0].mean] or every
    found.sort(key=lambda each: -(each[0].mean or 0.0))
    means = np.array([each.mean for each, _ in found], dtype=float)
    errors = np.array([each.standard_error or 0.0 for each, _ in found])
    total = float(means.sum())
    rows = np.arange(len(found))
    ax.barh(rows, means, xerr=errors, height=0.66, color=style.SKY, ecolor=style.INK, capsize=3)
    for row, mean, error in zip(rows, means, errors, strict=True):
        share = f" ({percent(mean / total)})" if total > 0 else ""
        _beside(ax, mean + error, float(row), f"{mean:,.0f} d{share}")
    _rows(ax, [name for _, name in found], float((means + errors).max()), room=1.24)
    ax.set_xlabel("Days per trial: mean ± standard error (d)", fontsize=style.LABEL, color=style.INK)
    style.heading(
        ax,
        "What held the trial up",
        f"{facts.label}: {style.trials(len(replications))}; together the mean duration of "
        f"{total:,.0f} days ({total / MONTH:,.1f} months)",
    )
    return ax


def funnel(replications: pd.DataFrame, facts: Facts, *, ax: Axes | None = None) -> Axes:
    """How many came, were screened, enrolled, infused and evaluable: medians, P10 to P90, and what was observed.

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
    counts = replications[list(STAGES)].to_numpy(dtype=float)
    low, median, high = np.quantile(counts, [0.1, 0.5, 0.9], axis=0, method="inverted_cdf")  # whole persons
    last = max(facts.observed, key=lambda entry: entry.date, default=None)
    observed = {} if last is None else {name: last.counts[name] for name in STAGES if name in last.counts}
    rows = np.arange(len(STAGES))
    ax.barh(rows, median, height=0.62, color=style.SKY)
    ax.hlines(rows, low, high, color=style.INK, linewidth=2)
    for edge in (low, high):
        ax.plot(edge, rows, marker="|", markersize=10, linestyle="none", color=style.INK)
    handles = [Patch(color=style.SKY), Line2D([], [], color=style.INK, linewidth=2)]
    labels = ["median", "8 trials of 10 (P10–P90)"]
    if last is not None and observed:
        look: dict[str, Any] = {"marker": "D", "markersize": 8, "linestyle": "none", "color": style.VERMILLION}
        where = [STAGES.index(name) for name in observed]
        ax.plot(list(observed.values()), where, markeredgecolor="white", zorder=5, **look)
        handles.append(Line2D([], [], **look))
        labels.append(f"observed by {style.full_date(last.date)}")
    for row in (-0.5, *rows):
        text = "median (P10–P90)" if row < 0 else f"{median[row]:,.0f} ({low[row]:,.0f}–{high[row]:,.0f})"
        ax.text(
            1.01,
            float(row),
            text,
            transform=ax.get_yaxis_transform(),
            va="center",
            fontsize=style.NOTE if row < 0 else style.TICK,
            color=style.MUTED if row < 0 else style.INK,
        )
    names = [facts.infused if stage == "infused" else stage for stage in STAGES]
    _rows(ax, names, float(max(median.max(), high.max(), *observed.values(), 1)), room=1.05)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10], integer=True))
    ax.set_xlabel("Persons per trial", fontsize=style.LABEL, color=style.INK)
    style.heading(
        ax,
        "From candidates to evaluable participants",
        f"{facts.label}: {style.trials(len(replications))}; persons by the end of the trial",
    )
    style.legend(ax, handles, labels, below=48)
    return ax


def _beside(ax: Axes, x: float, row: float, text: str) -> None:
    """A bar's label, to its right."""
    ax.annotate(
        text,
        (x, row),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=style.TICK,
        color=style.INK,
    )


def _rows(ax: Axes, names: list[str], longest: float, room: float) -> None:
    """Bars named from top to bottom, with room for their labels."""
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(0, room * max(longest, 1))
    ax.grid(axis="x", color=style.GRID)
    ax.locator_params(axis="x", nbins=6)
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))

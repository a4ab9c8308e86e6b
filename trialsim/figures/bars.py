"""What held the trial up, and how many people it took."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from trialsim import wording
from trialsim.figures import style
from trialsim.figures.picture import describe
from trialsim.vocabulary import Piece
from trialsim.wording import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from trialsim.analysis.facts import Facts

_FEWEST_ROWS = 3
"""A bar is never thicker than with so many."""
STAGES = ("candidates", "screened", "enrolled", "infused", "evaluable")


def attribution(replications: pd.DataFrame, facts: Facts, *, ax: Axes | None = None) -> Axes:
    """How long each cause held the trial up on its critical path: means, and P10 to P90 between trials.

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
    days = {piece: replications[f"days_{piece}"].to_numpy(dtype=float) for piece in Piece}
    found = sorted((piece for piece in Piece if days[piece].any()), key=lambda piece: -days[piece].mean())
    total = float(replications["end_day"].mean())
    length, unit = wording.unit(total)
    means = [float(days[piece].mean()) / length for piece in found]
    low, high = ([float(np.quantile(days[piece], share)) / length for piece in found] for share in (0.1, 0.9))
    ax.barh(range(len(found)), means, height=0.62, color=style.SKY, linewidth=0)
    name = "the simulated trial" if len(replications) == 1 else "mean"
    handles, labels = between_trials(ax, name, low, high)
    for row, mean in enumerate(means):
        beside(ax, max(mean, high[row]), row, f"{_short(mean)} ({percent(mean * length / total)})")
    rows_of_bars(ax, [facts.piece(piece) for piece in found], max([*means, *high, 0]), room=1.2)
    ax.set_xlabel(f"{unit.capitalize()} per trial", fontsize=style.LABEL, color=style.INK)
    style.heading(
        ax,
        f"Held up most by {facts.piece(found[0])}: {percent(means[0] * length / total)} of the time"
        if found
        else "Nothing was waited for",
        f"{facts.label}: {style.trials(len(replications))}; the critical path, "
        + "on average " * (len(replications) > 1)
        + f"{total / length:,.1f} {unit} until a trial is settled",
    )
    style.legend(ax, handles, labels, below=48)
    spans = zip(found, means, low, high, strict=True)
    said = [
        f"{facts.piece(piece)} {_short(mean)} ({percent(mean * length / total)} of the time"
        + f"; P10–P90 {_short(least)}–{_short(most)}" * (most > least)
        + ")"
        for piece, mean, least, most in spans
    ]
    describe(
        ax,
        f"Bars of what {facts.label} waited for on its critical path, in {unit} per trial, "
        f"{'means of ' * (len(replications) > 1)}{style.trials(len(replications))}: {'; '.join(said) or 'nothing'}.",
    )
    return ax


def funnel(replications: pd.DataFrame, facts: Facts, *, ax: Axes | None = None) -> Axes:
    """How many came, were screened, enrolled, infused and evaluable, and the shares from step to step.

    Medians, P10 to P90, and what was observed; the shares are of all trials together.

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
    single = len(replications) == 1
    ax.barh(rows, median, height=0.62, color=style.SKY, linewidth=0)
    handles, labels = between_trials(ax, "the simulated trial" if single else "median", low, high)
    if last is not None and observed:
        look: dict[str, Any] = {"marker": "D", "markersize": 8, "linestyle": "none", "color": style.VERMILLION}
        where = [STAGES.index(name) for name in observed]
        ax.plot(list(observed.values()), where, markeredgecolor="white", zorder=5, **look)
        handles.append(Line2D([], [], **look))
        labels.append(f"observed by {style.full_date(last.date)}")
    for row in (-0.5, *rows):
        spread = "" if single else "median (P10–P90)" if row < 0 else f" ({low[row]:,.0f}–{high[row]:,.0f})"
        text = spread if row < 0 else f"{median[row]:,.0f}{spread}"
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
    steps = _steps(counts)
    for row, (before, share) in enumerate(zip(names, steps, strict=False)):
        if share is not None:
            beside(ax, 0, row + 0.5, f"↓ {percent(share)} of {'those ' * (row > 0)}{before}", style.MUTED)
    rows_of_bars(ax, names, float(max(median.max(), high.max(), *observed.values(), 1)), room=1.05)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10], integer=True))
    ax.set_xlabel("Persons per trial", fontsize=style.LABEL, color=style.INK)
    style.heading(
        ax,
        _narrowest(names, steps),
        f"{facts.label}: {style.trials(len(replications))}; persons by the end of the trial"
        + "; shares are of all trials" * (not single),
    )
    style.legend(ax, handles, labels, below=48)
    spans = zip(STAGES, names, median, low, high, strict=True)
    told = [
        f"{name} {middle:,.0f}"
        + f" (P10–P90 {least:,.0f}–{most:,.0f})" * (not single)
        + (f", observed {observed[stage]:,}" if stage in observed else "")
        for stage, name, middle, least, most in spans
    ]
    describe(
        ax,
        f"Bars of how many persons come how far in {facts.label}, {'medians of ' * (not single)}"
        f"{style.trials(len(replications))}: {'; '.join(told)}.",
    )
    return ax


def _steps(counts: Any) -> list[float | None]:
    """The share of each stage that comes to the next, of all trials together; None of nobody."""
    totals = counts.sum(axis=0)
    return [after / before if before else None for before, after in pairwise(totals)]


def _narrowest(names: Sequence[str], steps: Sequence[float | None]) -> str:
    """At which step the fewest go on, as a message."""
    known = [(share, row) for row, share in enumerate(steps) if share is not None]
    share, row = min(known, default=(1.0, 0))
    if not known:
        return "Nobody comes"
    if share == 1:
        return f"All {names[0]} become {names[-1]}"
    return f"The narrowest step: {percent(share)} go from {names[row]} to {names[row + 1]}"


def _short(time: float) -> str:
    return "<0.1" if 0 < time < 0.05 else f"{time:,.1f}"


def between_trials(ax: Axes, middle: str, low: Sequence[float], high: Sequence[float]) -> tuple[list[Any], list[str]]:
    """How much trials differ, across each bar where they do; the entries of the legend."""
    apart = [(row, *ends) for row, ends in enumerate(zip(low, high, strict=True)) if ends[1] > ends[0]]
    if not apart:
        return [Patch(color=style.SKY)], [middle]
    rows, begin, until = zip(*apart, strict=True)
    ax.hlines(rows, begin, until, color=style.INK, linewidth=2)
    for edge in (begin, until):
        ax.plot(edge, rows, marker="|", markersize=10, linestyle="none", color=style.INK)
    return [Patch(color=style.SKY), Line2D([], [], color=style.INK, linewidth=2)], [middle, "8 trials of 10 (P10–P90)"]


def beside(ax: Axes, x: float, row: float, text: str, color: str = style.INK) -> None:
    """A bar's label, to its right."""
    ax.annotate(
        text,
        (x, row),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=style.TICK,
        color=color,
    )


def rows_of_bars(ax: Axes, names: list[str], longest: float, room: float) -> None:
    """Bars named from top to bottom, with room for their labels."""
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(max(len(names), _FEWEST_ROWS) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(0, room * max(longest, 1))
    ax.grid(axis="x", color=style.GRID)
    ax.locator_params(axis="x", nbins=6)
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))

"""Luck and ignorance: what the spread of one trial is made of, and how the risk depends on what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from trialsim.figures import style
from trialsim.figures.picture import as_written, describe
from trialsim.vocabulary import Milestone
from trialsim.wording import percent, percent_range

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from trialsim.analysis.facts import Facts

_SHOWN = (Milestone.LAST_ENROLMENT, Milestone.LAST_INFUSION, Milestone.SETTLED, Milestone.LAST_VISIT)
"""Milestones that trials are planned by."""
LUCK, IGNORANCE = style.SKY, style.VERMILLION


def draw_ignorance(found: Mapping[str, Any], facts: Facts) -> Figure:
    """Above, the shares of luck and ignorance in the variance; below, P10 to P90 of the risk of ending early.

    Parameters
    ----------
    found : mapping
        From `trialsim.analysis.ignorance.ignorance`.
    facts : Facts
        The trial.
    """
    parts = {facts.words_of(each): found["milestones"][each.value] for each in _SHOWN}
    parts["whether it ends early"] = found["early_termination"]["variance"]
    known = {name: part for name, part in parts.items() if part["ignorance"] is not None}
    risk = found["early_termination"]
    figure = style.new_figure(height=style.HEIGHT + 0.5)
    top, bottom = (style.axes(ax) for ax in figure.subplots(2, 1, height_ratios=[1.0 + 0.5 * max(2, len(known)), 1.2]))
    _shares(top, known)
    _risk(bottom, risk)
    pairs = f"{found['pairs']:,} pairs of trials with the same inputs and other luck"
    style.heading(top, _message(known), f"{facts.label}: {pairs}; the rest of the variance is luck")
    handles = [
        Patch(color=IGNORANCE),
        Patch(color=LUCK),
        Line2D([], [], color=style.INK, linewidth=2),
        Line2D([], [], color=style.INK, marker="o", linestyle="none", markersize=8),
    ]
    names = ["ignorance: inputs not known", "luck", "95 % interval (Monte Carlo)", "mean risk"]
    style.legend(bottom, handles, names, below=48)
    told = [
        f"{name} {percent(part['ignorance'])} ({percent_range(part['low'], part['high'])})"
        for name, part in known.items()
    ]
    spread = ""
    if risk["p10"] is not None:
        spread = f", from {percent(risk['p10'])} (P10) to {percent(risk['p90'])} (P90) over what is not known"
    describe(
        top,
        f"Bars of the share of ignorance in the variance of one trial of {facts.label}, {pairs}, with 95 % intervals: "
        f"{'; '.join(told) or 'nothing varies'}. The risk of ending early is {percent(risk['probability'])}{spread}.",
    )
    as_written(figure)
    return figure


def _shares(ax: Axes, known: Mapping[str, Mapping[str, Any]]) -> None:
    """Stacked bars of what a variance is made of."""
    rows = np.arange(len(known))
    ignorance = np.array([part["ignorance"] for part in known.values()], dtype=float)
    ax.barh(rows, ignorance, height=0.6, color=IGNORANCE, linewidth=0)
    ax.barh(rows, 1 - ignorance, left=ignorance, height=0.6, color=LUCK, linewidth=0)
    for row, part in zip(rows, known.values(), strict=True):
        ax.hlines(row, part["low"], part["high"], color="white", linewidth=5)
        ax.hlines(row, part["low"], part["high"], color=style.INK, linewidth=2)
        text = f"{percent(part['ignorance'])} ({percent_range(part['low'], part['high'])})"
        look: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": style.TICK}
        ax.annotate(text, (1, row), xytext=(6, 0), annotation_clip=False, color=style.INK, **look)
    ax.set_yticks(rows, list(known))
    ax.set_ylim(max(len(known), 2) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    _of_shares(ax, "Share of the variance of one trial")
    if not known:
        look = {"ha": "center", "fontsize": style.LABEL, "color": style.MUTED}
        ax.text(0.5, 0.5, "nothing varies, or too few pairs", transform=ax.transAxes, **look)


def _risk(ax: Axes, risk: Mapping[str, Any]) -> None:
    """The risk of ending early: its mean, and P10 to P90 over the inputs."""
    if risk["p10"] is not None:
        ax.barh([0], risk["p90"] - risk["p10"], left=risk["p10"], height=0.45, color=IGNORANCE, alpha=0.45, linewidth=0)
        for end in ("p10", "p90"):
            ax.hlines(0, risk[f"{end}_low"], risk[f"{end}_high"], color=style.INK, linewidth=2)
            ax.plot([risk[end]], [0], marker="|", markersize=16, color=style.INK, clip_on=False)
        text = f"{percent(risk['p10'])} (P10) to {percent(risk['p90'])} (P90) over what is not known"
        where: dict[str, Any] = {"textcoords": "offset points", "xytext": (0, 14), "va": "bottom"}
        middle = min(max((risk["p10"] + risk["p90"]) / 2, 0.3), 0.7)
        ax.annotate(text, (middle, 0.1), ha="center", fontsize=style.TICK, color=style.INK, **where)
    ax.plot([risk["probability"]], [0], marker="o", markersize=8, color=style.INK, clip_on=False, zorder=5)
    ax.set_yticks([0], ["risk of ending early"])
    ax.set_ylim(-0.6, 1.2)
    ax.tick_params(axis="y", length=0)
    _of_shares(ax, "Chance that a trial ends early, if the inputs were known")


def _of_shares(ax: Axes, name: str) -> None:
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.grid(axis="x", color=style.GRID)
    ax.set_xlabel(name, fontsize=style.LABEL, color=style.INK)


def _message(known: Mapping[str, Mapping[str, Any]]) -> str:
    """Of what the spread is made most."""
    if not known:
        return "Luck and ignorance cannot be told apart"
    name = "last visit" if "last visit" in known else next(iter(known))
    part = known[name]["ignorance"]
    if part > 0.5:
        return f"Most of the spread of the {name} is ignorance: {percent(part)} of the variance"
    return f"Most of the spread of the {name} is luck: {percent(1 - part)} of the variance"

"""Pictures of dose-finding designs: the curve, operating characteristics, and all that was asked for on one sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import PercentFormatter

from trialsim.figures import style
from trialsim.figures.decisions import draw_pathways, draw_table, pathways_height, table_height
from trialsim.figures.picture import describe
from trialsim.vocabulary import MONTH
from trialsim.wording import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from trialsim.analysis.statistics import Proportion
    from trialsim.design import Design
    from trialsim.design.advice import Advice
    from trialsim.design.characteristics import Characteristics
    from trialsim.design.pathways import Pathways
    from trialsim.design.prior import Prior
    from trialsim.design.tables import Table

_HIGH = 5.0
"""Of a panel, in inches."""
_COUNTS = 1.3 * style.TICK
"""Points over a plot that counts of DLTs take."""


def draw_design(
    design: Design,
    *,
    table: Table | None = None,
    prior: Prior | None = None,
    advice: Advice | None = None,
    pathways: Pathways | None = None,
    characteristics: Characteristics | None = None,
) -> Figure:
    """A picture of what was asked about a design: advice, pathways, characteristics; or else its table or curve.

    Parameters
    ----------
    design : Design
    table, prior, advice, pathways, characteristics
        What the methods of the design give.

    Raises
    ------
    ValueError
        If there is nothing to draw.
    """
    panels: list[tuple[float, Any]] = []
    if advice is not None:
        panels.append((_HIGH, lambda ax: levels_now(design, advice, ax=ax)))
    if pathways is not None:
        panels.append((pathways_height(pathways), lambda ax: draw_pathways(design, pathways, ax=ax)))
    if not panels and characteristics is None:
        if table is not None:
            panels.append((table_height(table), lambda ax: draw_table(design, table, ax=ax)))
        elif prior is not None:
            panels.append((_HIGH, lambda ax: prior_curve(design, prior, ax=ax)))
        else:
            raise ValueError("there is nothing to draw")
    heights = [height for height, _ in panels] + ([_HIGH, _HIGH] if characteristics is not None else [])
    figure = style.new_figure(height=sum(heights))
    grid = figure.add_gridspec(len(heights), 2, height_ratios=heights)
    for row, (_, draw) in enumerate(panels):
        draw(figure.add_subplot(grid[row, :]))
    if characteristics is not None:
        selected(design, characteristics, ax=figure.add_subplot(grid[-2, 0]))
        treated(design, characteristics, ax=figure.add_subplot(grid[-2, 1]))
        durations(design, characteristics, ax=figure.add_subplot(grid[-1, :]))
    return figure


def prior_curve(design: Design, prior: Prior, *, ax: Axes | None = None) -> Axes:
    """The curve that a model-based rule begins with: guesses, 90 % intervals, and the target."""
    ax = style.axes(ax)
    levels = np.arange(1, len(prior.points) + 1)
    _intervals(ax, levels, [point.low for point in prior.points], [point.high for point in prior.points])
    ax.plot(levels, [point.plug_in for point in prior.points], "o-", color=style.BLUE, label="curve", zorder=4)
    ax.plot(levels, [point.mean for point in prior.points], "D", color=style.ORANGE, label="mean", zorder=3)
    meets = f" meets the target {design.target:g} best" if design.target is not None else " is nearest"
    told = [f"level {n} {p.plug_in:.2f} ({p.low:.2f}–{p.high:.2f})" for n, p in enumerate(prior.points, start=1)]
    describe(ax, f"DLT probabilities that {design.label} begins with, with 90 % intervals: {'; '.join(told)}.")
    _probability_axes(ax, design, f"Before any data level {prior.nearest}{meets}", f"The curve of {design.label}")
    return ax


def levels_now(design: Design, advice: Advice, *, ax: Axes | None = None) -> Axes:
    """What the data so far say of each level: DLT rates, the estimates that the rule uses, 90 % intervals."""
    ax = style.axes(ax)
    known = [level for level in advice.levels if level.high is not None]
    _intervals(
        ax, np.array([each.level for each in known]), [each.low for each in known], [each.high for each in known]
    )
    seen = [(level.level, level.rate) for level in advice.levels if level.rate is not None]
    look: dict[str, Any] = {"markersize": 9, "markerfacecolor": "white", "color": style.INK, "clip_on": False}
    if seen:
        ax.plot([level for level, _ in seen], [rate for _, rate in seen], "s", label="DLTs / evaluable", **look)
    estimated = [(level.level, level.estimate) for level in advice.levels if level.estimate is not None]
    if estimated:
        label = "isotonic estimate" if advice.parameter is None else "curve"
        values = [value for _, value in estimated]
        ax.plot([level for level, _ in estimated], values, "o-", color=style.BLUE, label=label, zorder=4)
    counted = [_note(ax, level.level, _counted(level)) for level in advice.levels]
    if advice.answer == "assign" and advice.level is not None:
        ax.axvspan(advice.level - 0.4, advice.level + 0.4, color=style.SKY, alpha=0.25, zorder=0, label="next level")
    caption = f"{design.label}, after {advice.data or 'nothing yet'}"
    told = [
        f"level {each.level} {_counted(each)}" + ("" if each.estimate is None else f", estimate {each.estimate:.2f}")
        for each in advice.levels
    ]
    describe(ax, f"DLTs of those evaluable at each level, {caption}: {'; '.join(told)}. Now: {design.told(advice)}.")
    _probability_axes(ax, design, f"Now: {design.told(advice)}", caption, above=_COUNTS if any(counted) else 0)
    return ax


def selected(design: Design, found: Characteristics, *, ax: Axes | None = None) -> Axes:
    """The share of trials that recommend each level, with Wilson's 95 % intervals."""
    ax = style.axes(ax)
    shares = [*(level.selected for level in found.levels), found.none_selected]
    values = [share.probability or 0.0 for share in shares]
    colors = [style.GREEN if level.level in found.best else style.SKY for level in found.levels] + [style.PALE]
    places = np.arange(len(shares))
    ax.bar(places, values, yerr=_errors(shares), color=colors, ecolor=style.INK, capsize=3, width=0.7, linewidth=0)
    names = [f"{level.level}\n{level.truth:g}" for level in found.levels]
    ax.set_xticks(places, [*names, "none"])
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=None))
    ax.grid(axis="y", color=style.GRID)
    _label(ax, "Level, with its true DLT probability", "Trials that recommend it (%)")
    target = f"; green: nearest to the target {design.target:g}" if found.best else ""
    caption = f"{design.label}; {style.trials(found.replications)}, 95 % intervals{target}"
    style.heading(ax, _most_often(values, found.replications), caption)
    truths = [f"level {level.level} (truth {level.truth:g})" for level in found.levels]
    told = [f"{name} {percent(value)}" for name, value in zip([*truths, "none"], values, strict=True)]
    describe(ax, f"Bars of how often each level is recommended, {caption}: {'; '.join(told)}.")
    return ax


def _most_often(shares: list[float], replications: int) -> str:
    """Which level is recommended most, of the shares of all levels and of none."""
    often = [place for place, share in enumerate(shares) if share == max(shares)]
    names = [f"level {place + 1}" if place + 1 < len(shares) else "no level" for place in often]
    if replications == 1:
        return f"Recommended: {names[0]}"
    joined = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return f"Recommended most: {joined} ({percent(max(shares))})"


def treated(design: Design, found: Characteristics, *, ax: Axes | None = None) -> Axes:
    """The mean numbers of participants and of DLTs at each level, with standard errors."""
    ax = style.axes(ax)
    places = np.arange(1, len(found.levels) + 1)
    for means, color, label in (
        ([level.treated for level in found.levels], style.SKY, "treated"),
        ([level.dlts for level in found.levels], style.VERMILLION, "with a DLT"),
    ):
        values = [mean.mean or 0.0 for mean in means]
        errors = [mean.standard_error or 0.0 for mean in means]
        ax.bar(
            places, values, yerr=errors, color=color, ecolor=style.INK, capsize=3, width=0.7, linewidth=0, label=label
        )
    ax.set_xticks(places, [f"{level.level}\n{level.truth:g}" for level in found.levels])
    ax.grid(axis="y", color=style.GRID)
    _label(ax, "Level, with its true DLT probability", "Participants per trial (mean ± SE)")
    style.legend(ax, *ax.get_legend_handles_labels(), below=62)
    everybody = f"A trial treats {found.participants.mean:.1f} people; {found.dlts.mean:.1f} have a DLT"
    told = [f"level {each.level} {each.treated.mean:.1f}, DLTs {each.dlts.mean:.1f}" for each in found.levels]
    describe(ax, f"Bars of participants at each level, {design.label}, means: {'; '.join(told)}. {everybody}.")
    style.heading(ax, everybody, f"{design.label}; {style.trials(found.replications)}, means")
    return ax


def durations(design: Design, found: Characteristics, *, ax: Axes | None = None) -> Axes:
    """The share of trials that are over by each day, with the median and the middle 80 %."""
    ax = style.axes(ax)
    days = found.durations
    unit, name = (1.0, "days") if days[-1] <= 92 else (MONTH, "months")
    shares = np.arange(1, len(days) + 1) / len(days)
    ax.step(np.concatenate([[0.0], days]) / unit, np.concatenate([[0.0], shares]), where="post", color=style.BLUE)
    spread = ((found.duration.p10, 0.1), (found.duration.p50, 0.5), (found.duration.p90, 0.9))
    for quantile, share in spread if len(days) > 1 else spread[1:2]:
        if quantile.value is None:
            continue
        ax.plot(quantile.value / unit, share, "o", color=style.VERMILLION, zorder=5)
        if quantile.low is not None and quantile.high is not None:
            ax.hlines(share, quantile.low / unit, quantile.high / unit, color=style.VERMILLION, linewidth=2, zorder=4)
        ax.annotate(
            f"P{100 * share:.0f}: " * (len(days) > 1) + f"{quantile.value / unit:.1f} {name}",
            (max(quantile.value, quantile.high or 0.0) / unit, share),
            xytext=(10, -4),
            textcoords="offset points",
            fontsize=style.TICK,
            color=style.INK,
            va="top",
        )
    ax.set_xlim(0, 1.2 * max(days[-1], 1e-3) / unit)
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=None))
    ax.grid(color=style.GRID)
    _label(ax, f"{name.capitalize()} from day 0 to the decision that ends the trial", "Trials that are over (%)")
    half = found.duration.p50.value
    mean = found.duration.mean
    error = " days" if mean.standard_error is None else f" ± {mean.standard_error:.1f} days (SE)"
    wait = found.wait.mean.mean
    waited = "" if wait is None else f"; from arrival to infusion, {wait:.1f} days on average"
    caption = f"{design.label}; {style.trials(found.replications)}; mean {mean.mean:,.1f}{error}{waited}"
    which = "The one trial is over after" if len(days) == 1 else "Half of the trials are over within"
    title = "No trial ends" if half is None else f"{which} {half / unit:.1f} {name}"
    reached = [
        f"P{100 * share:.0f} {quantile.value / unit:.1f} {name}"
        for quantile, share in spread
        if quantile.value is not None
    ]
    describe(ax, f"Curve of the share of trials that are over by each day, {caption}: {'; '.join(reached)}.")
    style.heading(ax, title, f"{caption}{'. Bars: 95 % intervals' * (len(days) > 1)}")
    return ax


def _errors(shares: list[Proportion]) -> Any:
    """How far the intervals reach below and above."""
    value, low, high = (np.array([getattr(s, name) or 0.0 for s in shares]) for name in ("probability", "low", "high"))
    return np.maximum(np.array([value - low, high - value]), 0.0)


def _intervals(ax: Axes, levels: Any, low: list[Any], high: list[Any]) -> None:
    if len(levels):
        ax.vlines(levels, low, high, color=style.PALE, linewidth=7, zorder=1, label="90 % interval")


def _probability_axes(ax: Axes, design: Design, title: str, caption: str, above: float = 0) -> None:
    """An axis of levels and one of DLT probabilities, with the target."""
    names = [str(level) for level in range(1, design.levels + 1)]
    if design.doses and design.levels <= 6:
        names = [f"{name}\n{style.shortened(dose, 16)}" for name, dose in zip(names, design.doses, strict=True)]
    if len(names) > 25:
        names = [name if place % 5 == 4 else "" for place, name in enumerate(names)]
    ax.set_xticks(range(1, design.levels + 1), names)
    ax.set_xlim(0.4, design.levels + 0.6)
    ax.set_ylim(-0.02, 1.02)
    ax.spines["left"].set_bounds(0, 1)
    ax.grid(axis="y", color=style.GRID)
    if design.target is not None:
        target = f"target {design.target:g}"
        ax.axhline(design.target, color=style.VERMILLION, linestyle="--", linewidth=1.5, label=target, zorder=2)
    _label(ax, "Dose level", "Probability of a DLT")
    handles, labels = ax.get_legend_handles_labels()
    style.heading(ax, title[:1].upper() + title[1:], caption, above)
    style.legend(ax, handles, labels, below=62 if design.doses else 48)


def _counted(level: Any) -> str:
    return f"{level.dlts}/{level.evaluable}" + (f" +{level.pending}?" if level.pending else "")


def _note(ax: Axes, level: int, text: str) -> bool:
    """A text over the plot at a level at which anybody was treated; whether there was any."""
    if text.startswith("0/0") and "+" not in text:
        return False
    where: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
    look: dict[str, Any] = {"ha": "center", "va": "bottom", "fontsize": style.TICK, "color": style.INK}
    ax.annotate(text, (level, 1), xytext=(0, 2), **where, **look)
    return True


def _label(ax: Axes, x: str, y: str) -> None:
    ax.set_xlabel(x, fontsize=style.LABEL, color=style.INK)
    ax.set_ylabel(y, fontsize=style.LABEL, color=style.INK)

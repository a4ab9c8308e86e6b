"""Points of a sweep that no axis puts in order, such as named cases: a row each, the best first, with their errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, PercentFormatter

from trialsim.analysis.measures import is_share
from trialsim.figures import style
from trialsim.figures.estimates import Estimates, estimates, from_best
from trialsim.figures.picture import describe
from trialsim.figures.varied import MATTERS, axis_label, message, title
from trialsim.tables import COUNTS
from trialsim.vocabulary import END_CAUSES
from trialsim.wording import percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_ROWS = 60
_ROW, _AROUND = 0.27, 2.6
"""Inches: of a row, and around them."""
_LONGEST = 44
"""Characters of a name."""


def sweep_rows(
    points: pd.DataFrame,
    names: Sequence[str],
    *,
    measure: str,
    called: Mapping[str, str] | None = None,
    about: str = "",
    ax: Axes | None = None,
) -> Axes:
    """A measure at each point, in rows from the best to the worst, with 95 % intervals and the difference to the base.

    Of a milestone the median, P80, and P10 to P90 of the trials as well. Of more than 60 points the first and the last
    30 are shown, and the base.

    Parameters
    ----------
    points : DataFrame
        As `trialsim.tables.point_columns` says.
    names : sequence of str
        What each is called.
    measure : str
        One of `trialsim.tables.MEASURES`.
    called : mapping, optional
        What to call a measure, if not by its usual words.
    about : str
        Whose sweep it is, for the caption.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    """
    found = estimates(points, measure)
    base = int(np.flatnonzero(points["is_base"].to_numpy(dtype=bool))[0])
    shown, hidden = _shown(from_best(found, measure), base)
    ax = style.axes(ax, _AROUND + _ROW * len(shown), 1.2 * style.WIDTH)
    places = np.arange(len(shown))
    of = found.at(shown)
    handles, words = _draw(ax, places, of)
    if measure == "early_termination":
        _stack_causes(ax, places, points.iloc[shown], handles, words)
    if not np.isnan(found.middle[base]):
        ax.axvline(found.middle[base], color=style.INK, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
        handles.append(Line2D([], [], color=style.INK, linewidth=1, linestyle=(0, (4, 3))))
        words.append("the base")
    ax.set_yticks(places, [style.shortened_inside(names[position], _LONGEST) for position in shown])
    ax.get_yticklabels()[shown.index(base)].set_fontweight("bold")
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", color=style.GRID)
    _horizontal(ax, measure, called)
    told = _differences(ax, places, of, shown.index(base), measure)
    size = int(points["replications"].iloc[0])
    caption = (
        f"{about}: " * bool(about) + f"{style.trials(size)} of each; on the right mean differences to the base, pair "
    )
    caption += "by pair, with 95 % intervals"
    middle = "" if is_share(measure) else "mean " if measure in COUNTS else "median "
    said = message(measure, found.middle.tolist(), called, middle)
    cut = f"; the first and the last {MOST_ROWS // 2} of {len(points):,}" * bool(hidden)
    style.legend(ax, handles, words)
    style.heading_of_all(style.figure_of(ax), said + cut, caption)
    rows = "; ".join(
        f"{names[position]} {_number(measure, value)}{f' ({difference})' * bool(difference)}"
        for position, value, difference in zip(shown, of.middle, told, strict=True)
    )
    describe(
        ax, f"{title(measure, called)} at {len(shown)} points{cut}, {middle}with the difference to the base: {rows}."
    )
    return ax


def draw_rows(
    points: pd.DataFrame, names: Sequence[str], measure: str, called: Mapping[str, str], about: str
) -> Figure:
    """A new figure of `sweep_rows`."""
    return style.figure_of(sweep_rows(points, names, measure=measure, called=called, about=about))


def _shown(order: Sequence[int] | Any, base: int) -> tuple[list[int], int]:
    """The positions of the points that are shown, and how many others there are."""
    everyone = [int(each) for each in order]
    if len(everyone) <= MOST_ROWS:
        return everyone, 0
    half = MOST_ROWS // 2
    kept = {*everyone[:half], *everyone[-half:], base}
    return [each for each in everyone if each in kept], len(everyone) - len(kept)


def _draw(ax: Axes, places: Any, of: Estimates) -> tuple[list[Any], list[str]]:
    """Points with their intervals; their legend."""
    handles: list[Any] = []
    words: list[str] = []
    if not np.isnan(of.p10).all():
        ax.hlines(places, of.p10, of.p90, color=style.BLUE, alpha=0.25, linewidth=6)
        ax.plot(of.p80, places, color=style.BLUE, marker="|", markersize=10, markeredgewidth=2, linestyle="none")
        handles += [
            Line2D([], [], color=style.BLUE, marker="|", markersize=10, markeredgewidth=2, linestyle="none"),
            Line2D([], [], color=style.BLUE, alpha=0.25, linewidth=6),
        ]
        words += ["P80", "8 trials of 10 (P10–P90)"]
    ax.hlines(places, of.low, of.high, color=style.INK, linewidth=1.8, zorder=3)
    handles.insert(0, Line2D([], [], color=style.INK, linewidth=1.8, marker="o", markerfacecolor=style.BLUE))
    words.insert(0, "estimate, 95 % interval")
    look: dict[str, Any] = {"marker": "o", "markersize": 7, "linestyle": "none", "zorder": 4, "color": style.BLUE}
    ax.plot(of.middle[~of.limited], places[~of.limited], **look)
    if of.limited.any():
        look |= {"markerfacecolor": "white", "markeredgewidth": 1.6}
        ax.plot(of.middle[of.limited], places[of.limited], **look)
        handles.append(Line2D([], [], **look))
        words.append(f"a limit ended {percent(MATTERS)} of the trials or more")
    return handles, words


def _stack_causes(ax: Axes, places: Any, points: pd.DataFrame, handles: list[Any], words: list[str]) -> None:
    """Each cause of ending early, one behind the other."""
    left = np.zeros(len(places))
    for cause in END_CAUSES[1:]:
        shares = points[cause].to_numpy(dtype=float)
        if shares.any():
            ax.barh(places, shares, left=left, height=0.6, color=style.CAUSES[cause], alpha=0.45, linewidth=0)
            handles.append(Patch(color=style.CAUSES[cause], alpha=0.45))
            words.append(cause.words)
            left += shares


def _horizontal(ax: Axes, measure: str, called: Mapping[str, str] | None) -> None:
    ax.set_xlabel(axis_label(measure, called), fontsize=style.LABEL, color=style.INK)
    if is_share(measure):
        ax.set_xlim(0, 1)
        ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    else:
        ax.set_xlim(left=0)
        ax.xaxis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 5, 10]))


def _differences(ax: Axes, places: Any, of: Estimates, base: int, measure: str) -> list[str]:
    """Texts of the differences, right of the plot."""
    texts = []
    for row, place in enumerate(places):
        value, low, high = of.difference[row], of.difference_low[row], of.difference_high[row]
        digits = ".0f" if is_share(measure) else ".2f" if abs(value) < 0.95 else ".1f"
        if row == base or np.isnan(value):
            text = "the base" * (row == base)
        elif np.isnan(low):
            text = "the same in every pair" if value == 0 else _signed(value, digits)
        else:
            text = f"{_signed(value, digits)} ({_signed(low, digits)} to {_signed(high, digits)})"
            text += " points" * is_share(measure)
        texts.append(text * (row != base))
        ax.annotate(
            text,
            (1, place),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            xytext=(8, 0),
            va="center",
            fontsize=style.NOTE,
            color=style.INK,
        )
    return texts


def _signed(value: float, digits: str) -> str:
    return f"{value:+{digits}}".replace("-", "\N{MINUS SIGN}")


def _number(measure: str, value: float) -> str:
    if np.isnan(value):
        return "in no trial"
    return percent(value) if is_share(measure) else f"{value:.4g}" if measure in COUNTS else f"{value:.1f} months"

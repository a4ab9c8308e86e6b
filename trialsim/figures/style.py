"""One look for all figures: sizes for a slide, colours that the colour-blind can tell apart, axes with units and dates.

Nothing here changes the global state of matplotlib, so that figures can be drawn in threads and in other people's
notebooks.
"""

from __future__ import annotations

import datetime
import re
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FixedLocator
from matplotlib.transforms import offset_copy

from trialsim.figures.picture import Picture, as_written
from trialsim.vocabulary import MONTH, EndCause

if TYPE_CHECKING:
    from trialsim.analysis.facts import Facts

WIDTH, HEIGHT = 10.0, 5.625
"""A slide of 16:9, in inches: 1920 x 1080 pixels as a PNG."""

TITLE, LABEL, TICK, NOTE, FOOT = 16, 12, 11, 10.5, 8
"""Sizes of type, in points."""

PAPER: dict[str, Any] = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1.5}
"""Behind texts that stand in the plot."""

INK, MUTED, GRID, PALE = "#222222", "#5C5C5C", "#E4E4E4", "#BDBDBD"

# M. Okabe and K. Ito's palette, moved so far that lines of any colour stand out from white (a contrast of 3), and that
# any two are told apart in all common kinds of colour vision; a test measures both
BLACK, ORANGE, SKY, GREEN = "#000000", "#DA7E17", "#109CEA", "#09956B"
BLUE, VERMILLION, PURPLE = "#076DB0", "#BB510A", "#BE7BA9"

CAUSES = {
    EndCause.COMPLETED: GREEN,
    EndCause.SAFETY: VERMILLION,
    EndCause.SLOW_ACCRUAL: ORANGE,
    EndCause.TIME_LIMIT: BLUE,
    EndCause.PRODUCT: PURPLE,
    EndCause.EXTERNAL: MUTED,
}
"""The colour of each way in which a trial may end."""

LINES = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK)
"""Colours of lines that stand side by side; there are never more lines than that."""

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
_TOGETHER = re.compile(
    rf"(?<=\d) (?=%|(?:{'|'.join(MONTHS)})\b)|(?<={'|'.join(MONTHS)}) (?=\d{{4}}\b)|(?<=level) (?=\d)"
)
"""The spaces in shares, dates and levels, at which no line ends."""
_MOST_DAYS = 92  # a longer axis is in months


def axes(ax: Axes | None, height: float = HEIGHT, width: float = WIDTH) -> Axes:
    """The axes to draw on, in the house style: the caller's, or those of a new figure."""
    import seaborn as sns

    if ax is None:
        ax = new_figure(height, width).add_subplot()
    sns.despine(ax=ax)
    for spine in ("left", "bottom"):
        ax.spines[spine].set_color(PALE)
    ax.tick_params(labelsize=TICK, labelcolor=INK, color=PALE, pad=5)
    ax.set_axisbelow(True)
    return ax


def new_figure(height: float = HEIGHT, width: float = WIDTH) -> Figure:
    """An empty figure, in inches, that keeps its parts apart."""
    figure = Picture(figsize=(width, height), layout=ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.12))
    FigureCanvasAgg(figure)
    return figure


def heading(ax: Axes, title: str, caption: str, above: float = 0.0) -> None:
    """A title, and a caption between it and the plot, or what takes so many points ``above`` the plot."""
    titles = _wrapped(title, points_wide(ax) / (0.66 * TITLE))
    lines = _wrapped(caption, points_wide(ax) / (0.56 * NOTE))
    above += 8.0
    ax.text(
        0,
        1,
        "\n".join(lines),
        transform=offset_copy(ax.transAxes, figure_of(ax), y=above, units="points"),
        fontsize=NOTE,
        color=MUTED,
        va="bottom",
    )
    pad = above + 1.25 * NOTE * len(lines) + 6
    ax.set_title("\n".join(titles), loc="left", fontsize=TITLE, fontweight="bold", color=INK, pad=pad)
    as_written(figure_of(ax))  # also where the figure is the caller's


def heading_of_all(figure: Figure, title: str, caption: str) -> None:
    """A title, and a caption under it, over all panels of a figure, both from its left edge."""
    wide, high = 72 * figure.get_figwidth() * 0.97, 72 * figure.get_figheight()
    titles, lines = _wrapped(title, wide / (0.66 * TITLE)), _wrapped(caption, wide / (0.56 * NOTE))
    look: dict[str, Any] = {"ha": "left", "va": "top"}
    top = 0.12 * 72
    below = top + 1.25 * TITLE * len(titles) + 3
    suptitle = figure.suptitle("\n".join(titles), x=0.012, y=1 - top / high, fontsize=TITLE, color=INK, **look)
    suptitle.set_fontweight("bold")
    figure.text(0.012, 1 - below / high, "\n".join(lines), fontsize=NOTE, color=MUTED, **look)
    for text in (suptitle, figure.texts[-1]):
        text.set_in_layout(False)  # room is made for them here
    _leave_room(figure, above=(below + 1.3 * NOTE * len(lines) + 4) / high)
    as_written(figure)


def legend(ax: Axes, handles: Sequence[Any], labels: Sequence[str], below: float | None = None) -> None:
    """A legend under the plot, in as many columns as there is room for.

    It stands ``below`` points beneath the plot's lower edge; if left out, beneath ticks of a line or two and a label.
    """
    if not handles:
        return
    if below is None:
        below = 62 if any("\n" in tick.get_text() for tick in ax.get_xticklabels()) else 48
    room = points_wide(ax) * 1.1
    wrapped = ["\n".join(_wrapped(label, (room - 50) / (0.56 * NOTE))) for label in labels]
    wide = [0.56 * NOTE * max(map(len, label.splitlines())) + 50 for label in wrapped]
    fitting = (
        columns
        for columns in range(len(wide), 1, -1)
        if sum(max(column) for column in np.array_split(wide, columns)) <= room
    )
    ax.legend(
        handles,
        wrapped,
        loc="upper left",
        bbox_to_anchor=(0, 0),
        bbox_transform=offset_copy(ax.transAxes, figure_of(ax), y=-below, units="points"),
        ncols=next(fitting, 1),
        frameon=False,
        fontsize=NOTE,
        labelcolor=INK,
        borderaxespad=0,
        handlelength=2.2,
    )
    as_written(figure_of(ax))


def label_above(ax: Axes, x: float, text: str, above: float, middle: float) -> float:
    """A text over the plot, where it hides nothing, of a vertical line at ``x``, on its side with more room.

    It stands ``above`` points over the plot's top, and ``middle`` is the middle of the horizontal axis. Returns how far
    over the top the next text may stand.
    """
    at_left = x > middle
    share = x / (2 * middle) if at_left else 1 - x / (2 * middle)
    lines = _wrapped(text, share * points_wide(ax) / (0.56 * NOTE))
    where: dict[str, Any] = {"xy": (x, 1), "xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
    ax.annotate(
        "\n".join(lines),
        xytext=(-5 if at_left else 5, above + 3),
        ha="right" if at_left else "left",
        va="bottom",
        fontsize=NOTE,
        color=INK,
        **where,
    )
    until = above + 1.3 * NOTE * len(lines) + 3
    up = {"arrowstyle": "-", "color": INK, "linewidth": 1.0, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xytext=(0, until - 2), arrowprops=up, annotation_clip=False, **where)
    return until


def foot(figure: Figure, text: str) -> None:
    """A small line at the foot of a whole figure, for which room is made."""
    high = 1.9 * FOOT / 72 / figure.get_figheight()
    _leave_room(figure, below=high)
    figure.text(0.99, 0.3 * high, text, ha="right", va="bottom", fontsize=FOOT, color=MUTED)
    as_written(figure)


def _leave_room(figure: Figure, above: float = 0.0, below: float = 0.0) -> None:
    """Keep further shares of a figure's height free of its parts."""
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        _, low, _, high = engine.get()["rect"]
        engine.set(rect=(0, low + below, 1, high - below - above))


def time_axis(ax: Axes, facts: Facts, last: float, beside: float = 0.0) -> None:
    """A horizontal axis from day 0 to day ``last`` with ticks where calendar months begin; of a short one, on days.

    What stands ``beside`` the plot takes so many points of its room.
    """
    most = max(1.0, (points_wide(ax) - beside) // 85)
    short = last <= _MOST_DAYS
    found = _day_ticks(facts, last, most) if short else _month_ticks(facts, last, most)
    ax.set_xlim(0, max(last, 1e-3))
    ax.xaxis.set_major_locator(FixedLocator(list(found)))
    ax.set_xticks(list(found), list(found.values()))
    start = f"{full_date(facts.start_date)} is day 0"
    ax.set_xlabel(f"Days, with dates; {start}" if short else f"Date; {start}", fontsize=LABEL, color=INK)


def _day_ticks(facts: Facts, last: float, most: float) -> dict[float, str]:
    """Days and their labels, at most so many."""
    step = next(scale * step for scale in (1, 10, 100) for step in (1, 2, 5) if last / (scale * step) <= most)
    return {float(day): f"{day}\n{_short(facts.date_of(day), day=True)}" for day in range(0, int(last) + 1, step)}


def _month_ticks(facts: Facts, last: float, most: float) -> dict[float, str]:
    """Days on which calendar months begin, and their labels, at most so many; of years, January and its year."""
    months = last / MONTH
    step = next(scale * step for scale in (1, 100) for step in _MONTH_STEPS if months / (scale * step) <= most)
    begin = facts.start_date.year * 12 + facts.start_date.month - 1
    end = min(begin + int(months) + 1, datetime.MAXYEAR * 12 + 11)
    dates = [datetime.date(month // 12, month % 12 + 1, 1) for month in range(begin, end + 1) if month % step == 0]
    labels = {float(facts.day_of(date)): str(date.year) if step >= 12 else _short(date) for date in dates}
    return {day: text for day, text in labels.items() if 0 <= day <= last}


def reach(last: float, marks: Sequence[float | None], near: float = 2.0) -> float:
    """How far a time axis goes that shows everything up to ``last``, and marks up to ``near`` times that."""
    return max(1.0, 1.03 * max([last, *(mark for mark in marks if mark is not None and mark <= near * last)]))


def days_text(days: float, last: float) -> str:
    """A time in the unit of the axis that ends at ``last``."""
    return f"{days:.1f} days" if last <= _MOST_DAYS else f"{days / MONTH:.1f} months"


def full_date(date: datetime.date) -> str:
    """A date like 14 May 2019, whatever the machine's language."""
    return f"{date.day} {_short(date)}"


def trials(count: int) -> str:
    """How many replications are behind a figure."""
    return f"{count:,} simulated trial{'' if count == 1 else 's'}"


def shortened(text: str, most: int) -> str:
    """``text``, cut to ``most`` characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def shortened_inside(text: str, most: int) -> str:
    """``text``, cut in the middle to ``most`` characters: the ends tell names apart that begin alike."""
    half = most // 2
    return text if len(text) <= most else f"{text[: half - 1]}…{text[-(most - half) :]}"


def spread(values: Sequence[float], gap: float) -> list[float]:
    """Places for labels next to ``values`` between 0 and 1, in the same order and at least ``gap`` apart."""
    order = sorted(range(len(values)), key=lambda index: values[index])
    places = [0.0] * len(values)
    floor = -np.inf
    for index in order:
        floor = places[index] = max(values[index], floor + gap)
    ceiling = 1.0 + gap
    for index in reversed(order):
        ceiling = places[index] = min(places[index], ceiling - gap)
    return places


def figure_of(ax: Axes) -> Figure:
    """The figure that the axes are in."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def points_high(ax: Axes) -> float:
    """About how high the plot will be, in points."""
    return ax.get_position().height * figure_of(ax).get_figheight() * 72 * 0.75


def points_wide(ax: Axes) -> float:
    """About how wide the plot will be, in points."""
    return ax.get_position().width * figure_of(ax).get_figwidth() * 72


def _wrapped(text: str, characters: float) -> list[str]:
    lines = textwrap.wrap(_TOGETHER.sub("\N{NO-BREAK SPACE}", text), max(12, int(characters)))
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines] or [""]


def _short(date: datetime.date, day: bool = False) -> str:
    return f"{f'{date.day} ' if day else ''}{MONTHS[date.month - 1]} {date.year}"

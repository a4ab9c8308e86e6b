"""The points of a sweep or a comparison as a table for the terminal, at most 80 columns wide."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from trialsim.analysis.measures import is_share, more_is_better
from trialsim.report.differences import signed
from trialsim.report.paper import paper, print_whole, table, text_on
from trialsim.report.precision import sentences
from trialsim.scenario.sweep import written
from trialsim.tables import COUNTS, MEASURES
from trialsim.vocabulary import END_CAUSES, MONTH, EndCause, Milestone
from trialsim.wording import number, percent, percent_range

_MOST_SHOWN = 50
"""Points, unless more are asked for."""
_MOST_AXES = 3
"""Of a design that draws: with more, points go by their numbers, and the tables on the disk have their values."""
_DRAWN = ("latin_hypercube", "sobol")
_DESIGNS = {
    "one_at_a_time": "Each scenario is the base with one key changed.",
    "latin_hypercube": "The points are a Latin hypercube over the axes.",
    "sobol": "The points are Sobol points over the axes.",
}


def render(
    summary: Mapping[str, Any],
    *,
    color: bool = False,
    width: int | None = 80,
    sort: str | None = None,
    top: int | None = None,
) -> str:
    """The summary of a sweep as text.

    Parameters
    ----------
    summary : dict
        What `trialsim.SweepResults.summary` returns.
    color : bool
        Whether to emphasise with terminal codes; nothing is said by colour alone.
    width : int or None
        Columns to use, at most; as many as the tables need if None.
    sort : str, optional
        The measure by which points are put in order, the best first; left out, they stand as in the sweep.
    top : int, optional
        How many points are shown besides the base (50); the tables on the disk have all.

    Returns
    -------
    str
        Lines of at most ``width`` columns, without a line end after the last.
    """
    console = paper(color=color, width=width)
    measures, called = summary["measures"], summary["words"]
    every = summary["points"] if sort is None else sorted(summary["points"], key=lambda point: _rank(point, sort))
    base = next(point for point in every if point["is_base"])
    others = [point for point in every if point is not base][: _MOST_SHOWN if top is None else top]
    points = [point for point in every if point is base or point in others]
    console.print(f"{summary['sweep']}: {len(every)} scenarios, {base['replications']:,} simulated trials of each")
    for sentence in sentences(summary.get("precision"), base["replications"]):
        console.print(sentence)
    if summary["design"] in _DESIGNS:
        console.print(_DESIGNS[summary["design"]])
    for place, axis in enumerate(summary["axes"], start=1):
        more = [axis["label"]] * (axis["label"] != axis["key"]) + [f"in {axis['unit']}"] * bool(axis["unit"])
        console.print(f"Axis {place}: {axis['key']}" + f" ({', '.join(more)})" * bool(more))
    console.print()
    names = {point["point"]: names_of(point, summary) for point in points}
    headings = _headings(summary)
    print_whole(console, _outcomes(points, headings, names, called))
    if hidden := len(every) - len(points):
        console.print(f"and {hidden:,} more (--top shows more, --sort puts them in order, points.parquet has all)")
    console.print()
    console.print("Compared with *, replication by replication:", style="bold")
    print_whole(console, _differences(points, headings, names, base, called))
    if words := _unchanged(measures, summary["unchanged"]):
        console.print(words)
    console.print()
    console.print(
        "Milestones are in months from day 0 (medians), counts are means; brackets are 95 % intervals of the "
        "estimates. Whatever two scenarios share has the same luck in both: × is how many times more replications "
        f"independent runs would need to know the mean difference in the first measure ({called[measures[0]]}) as well "
        "(nothing where that may be chance)."
    )
    if set(measures) & set(Milestone.texts()) and any(point["early_termination"] for point in every):
        console.print(
            "Milestones are those of all trials, also of those that end early: a scenario in which more of them do may "
            "seem sooner done. `trialsim levers` and `select` compare trials that complete with both."
        )
    return text_on(console)


def _rank(point: Mapping[str, Any], measure: str) -> float:
    """A number that is the smaller, the better a point is by a measure."""
    if is_share(measure):
        value = point[measure]
    else:
        value = point[f"{measure}_mean" if measure in COUNTS else f"{measure}_p50"]
    if value is None:
        return math.inf
    return -float(value) if more_is_better(measure) else float(value)


def _unchanged(measures: list[str], unchanged: list[str]) -> str:
    """What is said where nothing that is shown differs between the points, in any trial."""
    if not set(measures) <= set(unchanged):
        return ""
    if set(MEASURES) <= set(unchanged):
        return "No trial changed at any point: in none of these trials does what is varied make a difference."
    return "No trial changed at any point in what is shown here; other measures did (--measure chooses)."


def names_of(point: Mapping[str, Any], summary: Mapping[str, Any], base: str = " *") -> list[str]:
    """What tells a point from the others: its values on the axes, or its title if it is not on them."""
    axes = summary["axes"]
    mark = base if point["is_base"] else ""
    if not by_axes(summary):
        return [summary["titles"][point["point"] - 1] + mark]
    if point["point"] in summary["off_grid"] and point["name"] != "base":
        return [point["name"] + mark, *[""] * (len(axes) - 1)]
    first, *others = (_value(point, axis["column"], summary["design"] in _DRAWN) for axis in axes)
    return [first + mark, *others]


def _value(point: Mapping[str, Any], key: str, drawn: bool) -> str:
    """A value of an axis; whole numbers as such, also where a column with gaps has made others of them."""
    if f"{key}_label" in point:
        return str(point[f"{key}_label"])
    value = point[key]
    if value is None and drawn:
        return "–"  # the base states no number
    if drawn and isinstance(value, float):
        return f"{value:.4g}"
    return written(int(value) if isinstance(value, float) and value.is_integer() else value)


def _headings(summary: Mapping[str, Any]) -> list[str]:
    return [f"Axis {number}" for number in range(1, len(summary["axes"]) + 1)] if by_axes(summary) else ["Scenario"]


def by_axes(summary: Mapping[str, Any]) -> bool:
    """Whether points are told by their values on the axes, and not by their titles."""
    few = summary["design"] not in _DRAWN or len(summary["axes"]) <= _MOST_AXES
    return bool(summary["axes"]) and summary["design"] != "one_at_a_time" and few


def _outcomes(
    points: list[Any], headings: list[str], names: Mapping[int, list[str]], measures: Mapping[str, str]
) -> Any:
    """The points; ``measures`` are told in words."""
    heads = [head for name, words in measures.items() for head in _heads(name, words, points)]
    rows = table(*headings, *heads, left=len(headings), wraps=True)
    for point in points:
        rows.add_row(*names[point["point"]], *(text for name in measures for text in _found(name, point, points)))
    return rows


def _heads(measure: str, words: str, points: list[Any]) -> list[str]:
    """The headings of what is shown of a measure."""
    if is_share(measure):
        return [words, *(["mostly by"] if measure == "early_termination" else [])]
    if measure in COUNTS:
        return [words, "sd"]
    return [words, "P80", *(["reached"] if _some_fail(measure, points) else [])]


def _found(measure: str, point: Any, points: list[Any]) -> list[str]:
    """What is shown of a measure, a text for each of its headings."""
    if is_share(measure):
        text = f"{percent(point[measure])} ({percent_range(point[f'{measure}_low'], point[f'{measure}_high'])})"
        return [text, *([_mostly(point)] if measure == "early_termination" else [])]
    if measure in COUNTS:
        return [number(point[f"{measure}_mean"]), number(point[f"{measure}_sd"])]
    median, low, high, p80 = (_months(point[f"{measure}_{end}"]) for end in ("p50", "p50_low", "p50_high", "p80"))
    reached = [percent(point[f"{measure}_reached"])] if _some_fail(measure, points) else []
    return [f"{median} ({low}–{high})", p80, *reached]


def _some_fail(milestone: str, points: list[Any]) -> bool:
    """Whether there are trials that do not come so far."""
    return any(point[f"{milestone}_reached"] < 1 for point in points)


def _mostly(point: Any) -> str:
    """The likeliest cause of ending early."""
    causes = {cause: point[cause] for cause in END_CAUSES if cause != EndCause.COMPLETED and point[cause]}
    return max(causes, key=lambda cause: causes[cause]).words if causes else ""


def _differences(
    points: list[Any],
    headings: list[str],
    names: Mapping[int, list[str]],
    base: Mapping[str, Any],
    measures: Mapping[str, str],
) -> Any:
    rows = table(*headings, *measures.values(), "×", left=len(headings), wraps=True)
    for point in points:
        if point is not base:
            differences = (_signed(point, name) for name in measures)
            rows.add_row(*names[point["point"]], *differences, _factor(point, next(iter(measures))))
    return rows


def _factor(point: Mapping[str, Any], measure: str) -> str:
    """What pairing gains, if the pairs have anything in common that cannot be chance (two standard errors)."""
    correlation, factor = (point[f"{measure}_difference_{name}"] for name in ("correlation", "variance_factor"))
    by_chance = correlation is None or abs(correlation) <= 2 / math.sqrt(point["replications"])
    return "" if by_chance or factor is None else f"{factor:.1f}"


def _signed(point: Mapping[str, Any], measure: str) -> str:
    """The difference to the base with its interval."""
    value, low, high = (point[f"{measure}_difference{end}"] for end in ("", "_low", "_high"))
    return signed(value, low, high, measure, point["replications"])


def _months(days: float | None) -> str:
    return "?" if days is None else f"{days / MONTH:.1f}"

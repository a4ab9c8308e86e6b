"""The points of a sweep or a comparison as a table for the terminal, at most 80 columns wide."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from trialsim.report.paper import paper, print_whole, table, text_on
from trialsim.scenario.sweep import written
from trialsim.vocabulary import END_CAUSES, MONTH, EndCause
from trialsim.wording import percent, percent_range


def render(summary: Mapping[str, Any], *, color: bool = False, width: int = 80) -> str:
    """The summary of a sweep as text.

    Parameters
    ----------
    summary : dict
        What `trialsim.SweepResults.summary` returns.
    color : bool
        Whether to emphasise with terminal codes; nothing is said by colour alone.
    width : int
        Columns to use, at most.

    Returns
    -------
    str
        Lines of at most ``width`` columns, without a line end after the last.
    """
    console = paper(color=color, width=width)
    points = summary["points"]
    base = next(point for point in points if point["is_base"])
    console.print(f"{summary['sweep']}: {len(points)} scenarios, {base['replications']:,} simulated trials of each")
    for number, axis in enumerate(summary["axes"], start=1):
        console.print(f"Axis {number}: {axis['key']}" + (f" ({axis['label']})" if axis["label"] != axis["key"] else ""))
    console.print()
    print_whole(console, _outcomes(points, summary["axes"]))
    console.print()
    console.print("Compared with *, replication by replication:", style="bold")
    print_whole(console, _differences(points, summary["axes"], base))
    console.print()
    console.print(
        "Durations are in months; brackets are 95 % intervals of the estimates. Whatever two scenarios share has the "
        "same luck in both: × is how many times more replications independent runs would need to know the difference "
        "in mean duration as well."
    )
    return text_on(console)


def _names(point: Mapping[str, Any], axes: list[Any]) -> list[str]:
    """What tells a point from the others: its values on the axes, or its name if it is not on them."""
    mark = " *" if point["is_base"] else ""
    if not axes or not _is_of_grid(point, axes):
        return [point["name"] + mark, *[""] * (len(axes) - 1)]
    first, *others = (written(point[axis["key"]]) for axis in axes)
    return [first + mark, *others]


def _is_of_grid(point: Mapping[str, Any], axes: list[Any]) -> bool:
    return bool(point["name"] == "base" or all(f"{axis['key']}=" in point["name"] for axis in axes))


def _headings(axes: list[Any]) -> list[str]:
    return [f"Axis {number}" for number in range(1, len(axes) + 1)] or ["Scenario"]


def _outcomes(points: list[Any], axes: list[Any]) -> Any:
    headings = _headings(axes)
    rows = table(*headings, "median", "P80", "ends early", "mostly by", left=len(headings), wraps=True)
    for point in points:
        causes = {cause: point[cause] for cause in END_CAUSES if cause != EndCause.COMPLETED and point[cause]}
        rows.add_row(
            *_names(point, axes),
            f"{_months(point['duration_p50'])} "
            f"({_months(point['duration_p50_low'])}–{_months(point['duration_p50_high'])})",
            _months(point["duration_p80"]),
            f"{percent(point['early_termination'])} "
            f"({percent_range(point['early_termination_low'], point['early_termination_high'])})",
            max(causes, key=lambda cause: causes[cause]).words if causes else "",
        )
    return rows


def _differences(points: list[Any], axes: list[Any], base: Mapping[str, Any]) -> Any:
    headings = _headings(axes)
    rows = table(*headings, "duration", "ends early", "×", left=len(headings), wraps=True)
    for point in points:
        if point is base:
            continue
        factor = point["duration_difference_variance_factor"] if _is_correlated(point) else None
        rows.add_row(
            *_names(point, axes),
            _signed(point, "duration_difference", 1 / MONTH, "+z.1f", ""),
            _signed(point, "early_termination_difference", 100, "+z.0f", " points"),
            "" if factor is None else f"{factor:.1f}",
        )
    return rows


def _is_correlated(point: Mapping[str, Any]) -> bool:
    """Whether the durations of the pairs have anything in common that cannot be chance (two standard errors)."""
    correlation: float | None = point["duration_difference_correlation"]
    return correlation is not None and abs(correlation) > 2 / math.sqrt(point["replications"])


def _signed(point: Mapping[str, Any], name: str, scale: float, form: str, unit: str) -> str:
    value, low, high = (point[key] for key in (name, f"{name}_low", f"{name}_high"))
    if low is None:
        return f"{value * scale:{form}}{unit}" + (" in every pair" if point["replications"] > 1 else "")
    return f"{value * scale:{form}}{unit} ({low * scale:{form}} to {high * scale:{form}})"


def _months(days: float | None) -> str:
    return "?" if days is None else f"{days / MONTH:.1f}"

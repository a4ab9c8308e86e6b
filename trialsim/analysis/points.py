"""The points of a sweep, one row each: when, how many, how likely, and how they differ from the base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from trialsim.analysis import statistics
from trialsim.analysis.grouping import Floats
from trialsim.analysis.measures import happened, values
from trialsim.analysis.pairs import Difference, difference, difference_of_shares
from trialsim.frames import typed
from trialsim.tables import COUNTS, MEASURES, QUANTILES, SHARES, axis, point_columns
from trialsim.vocabulary import Milestone

if TYPE_CHECKING:
    import pandas as pd


def points_table(
    names: Sequence[str], settings: Sequence[Mapping[str, Any]], tables: Sequence[pd.DataFrame], base: int
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """One row a point, and which measures are the same at all points, trial by trial.

    Parameters
    ----------
    names : sequence of str
        The points'.
    settings : sequence of mapping
        What each has at the keys of the axes; they become columns.
    tables : sequence of DataFrame
        The replications of each point, the same numbers in the same order. Each is asked for once, the base's twice.
    base : int
        The position of the point that the others are compared with.

    Returns
    -------
    DataFrame
        ``point`` (from 1), ``name``, ``is_base``, the keys, ``replications``; of the day of each milestone quantiles
        with 95 % intervals (``last_visit_p50, last_visit_p50_low, …``), mean, sd and standard error, and the share of
        replications that reach it; of each count mean, sd and standard error; the probability of each end
        (``early_termination``, ``completed``, …) with Wilson intervals; and of all of them the paired difference to the
        base, with its interval, the correlation of the pairs, and how many times more replications independent sets
        would need (``variance_factor``).
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    unchanged = MEASURES
    of_base = tables[base]
    for position, (name, keys, table) in enumerate(zip(names, settings, tables, strict=True)):
        row: dict[str, Any] = {"point": position + 1, "name": name, "is_base": position == base, **keys}
        row |= {"replications": len(table)}
        row |= _milestones(table, of_base) | _counts(table, of_base) | _shares(table, of_base)
        rows.append(row)
        unchanged = tuple(measure for measure in unchanged if _is_same(measure, table, of_base))
    keys = dict.fromkeys(key for each in settings for key in each)
    columns = point_columns(axis(key, [each[key] for each in settings]) for key in keys)
    own = {name: column for name, column in columns.items() if name not in keys}
    points = typed(own, {name: [row.get(name) for row in rows] for name in own})
    of_keys = pd.DataFrame({key: pd.Series([row[key] for row in rows]) for key in keys}, index=points.index)
    return pd.concat([points, of_keys], axis=1)[list(columns)], unchanged


def _is_same(measure: str, table: pd.DataFrame, base: pd.DataFrame) -> bool:
    if measure in SHARES:
        return np.array_equal(happened(table, measure), happened(base, measure))
    return np.array_equal(values(table, measure), values(base, measure), equal_nan=True)


def with_point(table: pd.DataFrame, number: int, name: str, keys: Mapping[str, Any]) -> pd.DataFrame:
    """The replications of a point with the point's columns before them."""
    table = table.copy()
    for position, (column, value) in enumerate({"point": number, "name": name, **keys}.items()):
        table.insert(position, column, [value] * len(table))
    return table


def _milestones(table: pd.DataFrame, base: pd.DataFrame) -> dict[str, Any]:
    """When milestones come, of the replications in which they do; differences where they come in both."""
    row: dict[str, Any] = {}
    for name in Milestone.texts():
        days, of_base = values(table, name), values(base, name)
        come, both = ~np.isnan(days), ~np.isnan(days - of_base)
        for quantile, probability in QUANTILES.items():
            row |= _named(f"{name}_{quantile}", statistics.quantile(days[come], probability), "value")
        row |= _mean(name, days[come])
        row |= _named(f"{name}_reached", statistics.proportion(int(come.sum()), len(come)), "probability")
        row |= _difference(name, difference(days[both], of_base[both]) if both.any() else None)
    return row


def _counts(table: pd.DataFrame, base: pd.DataFrame) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name in COUNTS:
        row |= _mean(name, values(table, name))
        row |= _difference(name, difference(values(table, name), values(base, name)))
    return row


def _shares(table: pd.DataFrame, base: pd.DataFrame) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name in SHARES:
        chosen, of_base = happened(table, name), happened(base, name)
        row |= _named(name, statistics.proportion(int(chosen.sum()), len(chosen)), "probability")
        row |= _difference(name, difference_of_shares(chosen, of_base))
    return row


def _named(name: str, found: Any, estimate: str) -> dict[str, Any]:
    return {name: getattr(found, estimate), f"{name}_low": found.low, f"{name}_high": found.high}


def _mean(name: str, numbers: Floats) -> dict[str, Any]:
    mean = statistics.mean(numbers)
    return {f"{name}_mean": mean.mean, f"{name}_sd": mean.sd, f"{name}_standard_error": mean.standard_error}


def _difference(name: str, found: Difference | None) -> dict[str, Any]:
    if found is None:
        return {}
    return _named(f"{name}_difference", found, "mean") | {
        f"{name}_difference_correlation": found.correlation,
        f"{name}_difference_variance_factor": found.variance_factor,
    }

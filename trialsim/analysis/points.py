"""The points of a sweep, one row each: how long, how risky, and how they differ from the base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from trialsim.analysis import statistics
from trialsim.analysis.pairs import difference, difference_of_shares
from trialsim.tables import QUANTILES, axis, point_columns
from trialsim.vocabulary import END_CAUSES, EndCause

if TYPE_CHECKING:
    import pandas as pd


def points_table(
    names: Sequence[str], values: Sequence[Mapping[str, Any]], tables: Sequence[pd.DataFrame], base: int
) -> pd.DataFrame:
    """One row a point.

    Parameters
    ----------
    names : sequence of str
        The points'.
    values : sequence of mapping
        What each has at the keys of the axes; they become columns.
    tables : sequence of DataFrame
        The replications of each point, the same numbers in the same order.
    base : int
        The position of the point that the others are compared with.

    Returns
    -------
    DataFrame
        ``point`` (from 1), ``name``, ``is_base``, the keys, ``replications``; of the duration in days quantiles with
        95 % intervals (``duration_p50, duration_p50_low, …``), mean, sd and standard error; the probability of each
        end (``early_termination``, ``completed``, …) with Wilson intervals; and the paired differences to the base of
        duration (days) and of the risk of ending early, with intervals, the correlation of the pairs, and how many
        times more replications independent sets would need (``variance_factor``).
    """
    import pandas as pd

    rows = []
    for position, (name, keys, table) in enumerate(zip(names, values, tables, strict=True)):
        row: dict[str, Any] = {"point": position + 1, "name": name, "is_base": position == base, **keys}
        row |= {"replications": len(table), **_duration(table), **_ends(table)}
        row |= _differences(table, tables[base])
        rows.append(row)
    keys = dict.fromkeys(key for each in values for key in each)
    columns = point_columns(axis(key, [each[key] for each in values]) for key in keys)
    types = {name: column.dtype for name, column in columns.items() if name not in keys}
    return pd.DataFrame(rows, columns=list(columns)).astype(types)


def with_point(table: pd.DataFrame, number: int, name: str, keys: Mapping[str, Any]) -> pd.DataFrame:
    """The replications of a point with the point's columns before them."""
    table = table.copy()
    for position, (column, value) in enumerate({"point": number, "name": name, **keys}.items()):
        table.insert(position, column, [value] * len(table))
    return table


def _early(table: pd.DataFrame) -> Any:
    return (table["end_cause"] != EndCause.COMPLETED).to_numpy()


def _duration(table: pd.DataFrame) -> dict[str, Any]:
    days = table["end_day"].to_numpy(dtype=float)
    row: dict[str, Any] = {}
    for name, probability in QUANTILES.items():
        found = statistics.quantile(days, probability)
        row |= {f"duration_{name}": found.value, f"duration_{name}_low": found.low, f"duration_{name}_high": found.high}
    mean = statistics.mean(days)
    return row | {"duration_mean": mean.mean, "duration_sd": mean.sd, "duration_standard_error": mean.standard_error}


def _ends(table: pd.DataFrame) -> dict[str, Any]:
    causes = table["end_cause"].to_numpy(dtype=object)
    row: dict[str, Any] = {}
    chosen_by = {"early_termination": _early(table), **{cause.value: causes == cause for cause in END_CAUSES}}
    for name, chosen in chosen_by.items():
        share = statistics.proportion(int(np.count_nonzero(chosen)), len(chosen))
        row |= {name: share.probability, f"{name}_low": share.low, f"{name}_high": share.high}
    return row


def _differences(table: pd.DataFrame, base: pd.DataFrame) -> dict[str, Any]:
    duration = difference(table["end_day"], base["end_day"])
    risk = difference_of_shares(_early(table), _early(base))
    row: dict[str, Any] = {}
    for name, found in {"duration_difference": duration, "early_termination_difference": risk}.items():
        row |= {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}
        row |= {f"{name}_correlation": found.correlation, f"{name}_variance_factor": found.variance_factor}
    return row

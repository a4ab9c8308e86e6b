"""One input at a time: an answer with each input at the ends of its range and all others at their medians."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from trialsim.analysis.answers import Answer, Moved, moved
from trialsim.analysis.grouping import Floats
from trialsim.frames import typed
from trialsim.tables import TORNADO

if TYPE_CHECKING:
    import pandas as pd


class Ends(NamedTuple):
    """An input with its 10 % quantile, median and 90 % quantile in its unit, and the replications at both ends."""

    input: str
    unit: str
    values: Sequence[float]
    low: pd.DataFrame
    high: pd.DataFrame
    is_dummy: bool = False


def tornado_table(found: Sequence[Ends], base: pd.DataFrame, asked: Sequence[Answer]) -> pd.DataFrame:
    """One row an answer and input, of each answer that which moves it most first.

    Parameters
    ----------
    found : sequence of Ends
        The inputs.
    base : DataFrame
        The same replications with all inputs at their medians.
    asked : sequence of Answer
        What is looked at.

    Returns
    -------
    DataFrame
        As `trialsim.tables.TORNADO` says.
    """
    rows: list[dict[str, Any]] = []
    for answer in asked:
        middle = answer.of(base)
        rows += sorted((_row(each, answer, middle) for each in found), key=_reach, reverse=True)
    return typed(TORNADO, {name: [row.get(name) for row in rows] for name in TORNADO})


def _row(each: Ends, answer: Answer, middle: Floats) -> dict[str, Any]:
    low, high = answer.of(each.low), answer.of(each.high)
    return {
        "answer": answer.name,
        "input": each.input,
        "is_dummy": each.is_dummy,
        "unit": each.unit,
        **dict(zip(("p10", "p50", "p90"), each.values, strict=True)),
        "at_p50": answer.estimate(middle),
        "at_p10": answer.estimate(low),
        "at_p90": answer.estimate(high),
        **_named("to_p10", moved(answer, middle, low)),
        **_named("to_p90", moved(answer, middle, high)),
        **_named("swing", moved(answer, low, high)),
        "pairs": int((~np.isnan(low - high)).sum()),
    }


def _named(name: str, found: Moved | None) -> dict[str, float | None]:
    return {} if found is None else {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def _reach(row: Mapping[str, Any]) -> tuple[float, bool]:
    """How far the answer goes, the median included; the dummy comes after all that go as far."""
    ends = [row[name] for name in ("at_p10", "at_p50", "at_p90") if row[name] is not None]
    return (max(ends) - min(ends) if ends else 0.0), not row["is_dummy"]

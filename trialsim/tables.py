"""The tables that a simulation leaves behind: their columns, in order, and the type of each.

Days are floats counted from the start of the trial and NaN where something did not happen; whole numbers that may be
missing are pandas' ``Int64``; texts are objects with ``None`` where there is none. Levels, cohorts, lots, participants
and replications count from 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from trialsim.vocabulary import Piece, Term

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

TEXT, DAY, NUMBER, COUNT, MAYBE_COUNT, FLAG = "object", "float64", "float64", "int64", "Int64", "bool"

PARTICIPANTS: dict[str, str] = {
    "scenario": TEXT,
    "replication": COUNT,
    "participant": COUNT,
    "site": TEXT,
    "site_candidate": COUNT,
    "arrival_day": DAY,
    "outcome": TEXT,
    "failure_reason": TEXT,
    "screenings": COUNT,
    "screening_start_day": DAY,
    "screening_end_day": DAY,
    "withdrawal_day": DAY,
    "place_open_day": DAY,
    "enrolment_day": DAY,
    "cohort": MAYBE_COUNT,
    "level": MAYBE_COUNT,
    "weight_kg": NUMBER,
    "lot": MAYBE_COUNT,
    "dose_cells": NUMBER,
    "ready_day": DAY,
    "spacing_day": DAY,
    "infusion_day": DAY,
    "dlt_day": DAY,
    "window_end_day": DAY,
    "outcome_known_day": DAY,
    "last_visit_day": DAY,
    "under_dosed": FLAG,
}
"""One row a candidate. ``under_dosed`` is counted in the replications and then dropped (see `published`)."""

LOTS: dict[str, str] = {
    "scenario": TEXT,
    "replication": COUNT,
    "lot": COUNT,
    "start_day": DAY,
    "expansion_start_day": DAY,
    "expansion_end_day": DAY,
    "release_day": DAY,
    "available_day": DAY,
    "expiry_day": DAY,
    "outcome": TEXT,
    "cells": NUMBER,
    "cells_infused": NUMBER,
    "cells_wasted": NUMBER,
}
"""One row a lot, starting stock included (without a start day)."""

ENDS: dict[str, str] = {
    "scenario": TEXT,
    "replication": COUNT,
    "end_cause": TEXT,
    "end_day": DAY,
    "first_site_open_day": DAY,
    "next_place_open_day": DAY,
    "recommended_level": MAYBE_COUNT,
    "cohorts": COUNT,
    "events": COUNT,
}
"""One row a replication, as the engine leaves it; `trialsim.analysis.replications` makes the published table of it."""

PEOPLE = [
    "candidates",
    "turned_away",
    "screened",
    "screen_failures",
    "withdrawn",
    "eligibility_expired",
    "enrolled",
    "infused",
    "evaluable",
    "non_evaluable",
    "dlts",
    "under_dosed",
]
"""The columns of the table of replications that count people."""
MILESTONES = [
    "first_candidate_day",
    "first_enrolment_day",
    "last_enrolment_day",
    "first_infusion_day",
    "last_infusion_day",
    "primary_completion_day",
    "last_visit_day",
    "database_lock_day",
]
"""The columns of the table of replications that tell when a milestone was reached."""


def replication_columns(levels: int) -> dict[str, str]:
    """The columns of the table of replications for a ladder of ``levels`` doses, with their types."""
    per_level = [f"{what}_level_{level}" for what in ("infused", "dlts") for level in range(1, levels + 1)]
    return {
        "scenario": TEXT,
        "replication": COUNT,
        "end_cause": TEXT,
        "end_day": DAY,
        **dict.fromkeys(PEOPLE, COUNT),
        **dict.fromkeys(MILESTONES, DAY),
        "recommended_level": MAYBE_COUNT,
        **dict.fromkeys(("cohorts", "lots_started", "lots_failed", "lots_expired"), COUNT),
        **dict.fromkeys([f"days_{piece}" for piece in Piece], DAY),
        **dict.fromkeys(per_level, COUNT),
    }


def frame(columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> pd.DataFrame:
    """A typed table of ``rows``, each with one value a column in the order of ``columns``; ``None`` is missing.

    Raises
    ------
    ValueError
        If a row has another length than ``columns``.
    TypeError
        If a value is missing where the column's type has no place for it.
    """
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    if len(values) != len(columns):
        raise ValueError(f"rows of {len(values)} values for {len(columns)} columns")
    return typed(columns, dict(zip(columns, values, strict=True)))


def typed(columns: Mapping[str, str], values: Mapping[str, Any] | pd.DataFrame) -> pd.DataFrame:
    """A table with exactly ``columns``, in their order and of their types, from a sequence, array or series for each.

    Also brings a table back to its types that was read from a file, and leaves out columns that are not asked for.
    """
    import pandas as pd

    return pd.DataFrame({name: _column(values[name], kind) for name, kind in columns.items()}, copy=False)


def published(participants: pd.DataFrame) -> pd.DataFrame:
    """The participants' table as users see it, without the columns that only the table of replications needs."""
    return participants.drop(columns="under_dosed", errors="ignore")


def schema(columns: Mapping[str, str]) -> pa.Schema:
    """The parquet schema of ``columns``: the same for every chunk, whatever happens to be missing in it."""
    import pyarrow as pa

    types = {TEXT: pa.string(), DAY: pa.float64(), COUNT: pa.int64(), MAYBE_COUNT: pa.int64(), FLAG: pa.bool_()}
    never_missing = {COUNT, FLAG}
    return pa.schema(
        [pa.field(name, types[kind], nullable=kind not in never_missing) for name, kind in columns.items()]
    )


def to_arrow(columns: Mapping[str, str], table: pd.DataFrame) -> pa.Table:
    """``table`` as an Arrow table with the schema of ``columns``; NaN becomes null."""
    import pyarrow as pa

    return pa.Table.from_pandas(table[list(columns)], schema=schema(columns), preserve_index=False)


def _column(values: Any, kind: str) -> Any:
    """One column's values as an array of type ``kind``."""
    import pandas as pd

    if kind == MAYBE_COUNT:
        if isinstance(values, pd.Series) and values.dtype == MAYBE_COUNT:
            return values.array
        numbers = np.array(values, dtype=float)  # None becomes NaN; whole numbers are exact below 2**53
        missing = np.isnan(numbers)
        return pd.arrays.IntegerArray(np.where(missing, 0, numbers).astype(np.int64), missing)
    if kind == TEXT:
        texts = np.empty(len(values), dtype=object)
        texts[:] = [value.value if isinstance(value, Term) else value for value in values]
        if isinstance(values, pd.Series):
            texts[values.isna().to_numpy()] = None
        return pd.Series(texts, dtype=object)  # else pandas 3 would guess its own string type
    return np.array(values, dtype=kind)

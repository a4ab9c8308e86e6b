"""The tables of `trialsim.tables` from the compiled engine's arrays, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trialsim.kernel.tables.columns import OF_LEVELS, OF_PIECES
from trialsim.tables import (
    COUNT,
    DAY,
    ENDS,
    FLAG,
    LOTS,
    MAYBE_COUNT,
    MILESTONES,
    PARTICIPANTS,
    PEOPLE,
    TEXT,
    replication_columns,
)
from trialsim.vocabulary import EndCause, LotOutcome, Outcome

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.kernel.engine import Raw
    from trialsim.kernel.tables.totals import Totals
    from trialsim.scenario import Scenario

_COUNTS = [*PEOPLE, "end_cause", "recommended_level", "cohorts", "lots_started", "lots_failed", "lots_expired"]
"""The columns of whole numbers in the order in which the kernel has them; those of each level follow."""
_DAYS = ["end_day", *MILESTONES]
"""The columns of days in the order in which the kernel has them; the pieces follow, in the order of their columns."""
assert (len(_COUNTS), len(_DAYS)) == (OF_LEVELS, OF_PIECES)


def raw_frames(scenario: Scenario, raw: Raw) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """How the replications ended, their participants and their lots."""
    replications = np.arange(raw.first, raw.first + len(raw.ends))
    ends = _frame(
        ENDS,
        raw.ends,
        {
            "scenario": _texts(np.zeros(len(raw.ends), dtype=np.int64), [scenario.name]),
            "replication": replications,
            "end_cause": _texts(raw.ends["end_cause"], EndCause.texts()),
        },
    )
    return ends, *people_and_lots(scenario, raw)


def people_and_lots(scenario: Scenario, raw: Raw) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The participants and the lots of some replications."""
    replications = np.arange(raw.first, raw.first + len(raw.ends))
    people, lots = raw.people, raw.lots
    reasons = [check.name for check in scenario.screening.checks] if scenario.screening else []
    participants = _frame(
        PARTICIPANTS,
        people,
        {
            "scenario": _texts(np.zeros(len(people), dtype=np.int64), [scenario.name]),
            "replication": np.repeat(replications, raw.ends["people"]),
            "participant": _numbers(raw.ends["people"]),
            "site": _texts(people["site"], [site.name for site in scenario.sites]),
            "site_candidate": people["number"].copy(),
            "outcome": _texts(people["outcome"], Outcome.texts()),
            "failure_reason": _texts(people["failure_reason"], reasons),
        },
    )
    table_of_lots = _frame(
        LOTS,
        lots,
        {
            "scenario": _texts(np.zeros(len(lots), dtype=np.int64), [scenario.name]),
            "replication": np.repeat(replications, raw.ends["lots"]),
            "lot": _numbers(raw.ends["lots"]),
            "outcome": _texts(lots["outcome"], LotOutcome.texts()),
        },
    )
    return participants, table_of_lots


def replications_frame(scenario: Scenario, totals: Totals) -> pd.DataFrame:
    """The published table of replications; its columns are the memory of ``totals``, not copies of it."""
    columns = replication_columns(scenario.levels)
    per_level = [name for name in columns if "_level_" in name]
    pieces = [name for name in columns if name.startswith("days_")]
    fields = dict(zip([*_COUNTS, *per_level], totals.counts, strict=True))
    fields |= dict(zip([*_DAYS, *pieces], totals.days, strict=True))
    number = totals.counts.shape[1]
    known = {
        "scenario": _texts(np.zeros(number, dtype=np.int8), [scenario.name]),
        "replication": np.arange(totals.first, totals.first + number),
        "end_cause": _texts(fields["end_cause"], EndCause.texts()),
    }
    return _frame(columns, fields, known)


def _frame(columns: dict[str, str], fields: Any, known: dict[str, Any]) -> pd.DataFrame:
    """A table; of the columns that are not ``known``, each is the field of that name."""
    import pandas as pd

    values: dict[str, Any] = {}
    for name, kind in columns.items():
        if name in known:
            values[name] = known[name]
        elif kind == MAYBE_COUNT:
            numbers = np.ascontiguousarray(fields[name])
            values[name] = pd.arrays.IntegerArray(numbers, numbers == 0)
        elif kind == FLAG:
            values[name] = fields[name] != 0
        else:
            values[name] = np.ascontiguousarray(fields[name])
            assert values[name].dtype == (np.int64 if kind == COUNT else np.float64) and kind != TEXT, (name, kind, DAY)
    return pd.DataFrame(values, copy=False)


def _texts(codes: NDArray[Any], texts: Sequence[str]) -> Any:
    """A column of texts by their positions; -1 is none."""
    import pandas as pd

    choice = np.array([*texts, None], dtype=object)
    return pd.Series(choice[codes], dtype=object)  # else pandas 3 would guess its own string type


def _numbers(counts: NDArray[Any]) -> NDArray[np.int64]:
    """1, 2, 3 … for each count."""
    before = np.cumsum(counts) - counts
    numbers: NDArray[np.int64] = np.arange(1, int(counts.sum()) + 1) - np.repeat(before, counts)
    return numbers

"""The tables of `trialsim.tables` from the compiled engine's arrays, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trialsim.columns import Columns, Kind
from trialsim.kernel.tables.columns import COUNTS, DAYS, NUMBERS
from trialsim.tables import COURSES, ENDS, LOTS, PEOPLE, QUANTITIES, REPLICATIONS, replication_columns
from trialsim.vocabulary import EndCause, LotOutcome, Outcome

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.kernel.engine import Raw
    from trialsim.kernel.tables.totals import Courses, Totals
    from trialsim.scenario import Scenario


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
        PEOPLE,
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
    of_levels = [name for name in columns if name not in REPLICATIONS]
    fields = dict(zip((*COUNTS, *of_levels), totals.counts, strict=True))
    fields |= dict(zip(DAYS, totals.days, strict=True))
    fields |= dict(zip(NUMBERS, totals.numbers, strict=True))
    number = totals.counts.shape[1]
    known = {
        "scenario": _texts(np.zeros(number, dtype=np.int8), [scenario.name]),
        "replication": np.arange(totals.first, totals.first + number),
        "end_cause": _texts(fields["end_cause"], EndCause.texts()),
    }
    return _frame(columns, fields, known)


def courses_frame(courses: Courses, horizon: float) -> pd.DataFrame:
    """The table of courses up to a horizon, the latest end of a replication, in days."""
    counts = courses.counts(horizon)
    names = ("day", "value", "replications")
    values = {name: np.concatenate(parts) for name, parts in zip(names, zip(*counts, strict=True), strict=True)}
    lengths = [len(days) for days, _, _ in counts]
    return _frame(COURSES, values, {"quantity": _texts(np.repeat(np.arange(len(counts)), lengths), QUANTITIES)})


def _frame(columns: Columns, fields: Any, known: dict[str, Any]) -> pd.DataFrame:
    """A table; of the columns that are not ``known``, each is the field of that name."""
    import pandas as pd

    values: dict[str, Any] = {}
    for name, column in columns.items():
        if name in known:
            values[name] = known[name]
        elif column.kind is Kind.ORDINAL:
            numbers = np.ascontiguousarray(fields[name])
            values[name] = pd.arrays.IntegerArray(numbers, numbers == 0)
        elif column.kind is Kind.FLAG:
            values[name] = fields[name] != 0
        else:
            values[name] = np.ascontiguousarray(fields[name])
            assert values[name].dtype == column.dtype, name
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

"""The raw tables of `trialsim.tables` from the engine's arrays, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trialsim.kernel.records import CAUSES, LOT_OUTCOMES, PERSON_OUTCOMES
from trialsim.tables import DAY, ENDS, LOTS, MAYBE_COUNT, NUMBER, PARTICIPANTS

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.kernel.engine import Raw
    from trialsim.scenario import Scenario


def frames(scenario: Scenario, raw: Raw) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """How the replications ended, their participants and their lots. Texts are categories, to be quick."""
    replications = np.arange(raw.first, raw.first + len(raw.ends))
    people, lots = raw.people, raw.lots
    sites = [site.name for site in scenario.sites]
    reasons = [check.name for check in scenario.screening.checks] if scenario.screening else []
    ends = _frame(
        ENDS,
        raw.ends,
        scenario.name,
        {"replication": replications, "end_cause": _texts(raw.ends["end_cause"], CAUSES)},
    )
    participants = _frame(
        PARTICIPANTS,
        people,
        scenario.name,
        {
            "replication": np.repeat(replications, raw.ends["people"]),
            "participant": _numbers(raw.ends["people"]),
            "site": _texts(people["site"], sites),
            "site_candidate": people["number"].copy(),
            "outcome": _texts(people["outcome"], PERSON_OUTCOMES),
            "failure_reason": _texts(people["failure_reason"], reasons),
            "under_dosed": people["under_dosed"] != 0,
        },
    )
    table_of_lots = _frame(
        LOTS,
        lots,
        scenario.name,
        {
            "replication": np.repeat(replications, raw.ends["lots"]),
            "lot": _numbers(raw.ends["lots"]),
            "outcome": _texts(lots["outcome"], LOT_OUTCOMES),
        },
    )
    return ends, participants, table_of_lots


def _frame(columns: dict[str, str], records: NDArray[Any], scenario: str, known: dict[str, Any]) -> pd.DataFrame:
    """A table of records; of the columns that are not ``known``, each is the field of that name."""
    import pandas as pd

    known["scenario"] = _texts(np.zeros(len(records), dtype=np.int8), [scenario])
    values = {}
    for name, kind in columns.items():
        if name in known:
            values[name] = known[name]
        elif kind == MAYBE_COUNT:
            numbers = records[name].copy()
            values[name] = pd.arrays.IntegerArray(numbers, numbers == 0)
        else:
            assert kind in (DAY, NUMBER) or records.dtype[name] == np.int64
            values[name] = records[name].copy()
    return pd.DataFrame(values, copy=False)


def _texts(codes: NDArray[Any], texts: Sequence[str]) -> Any:
    """A column of texts by their positions; -1 is none. Texts that are there twice have the first one's position."""
    import pandas as pd

    distinct = list(dict.fromkeys(texts))
    if len(distinct) < len(texts):
        place = np.array([*(distinct.index(text) for text in texts), -1])
        codes = place[codes]
    small = np.int8 if len(distinct) < 127 else np.int32
    return pd.Categorical.from_codes(codes.astype(small), distinct, validate=False)


def _numbers(counts: NDArray[Any]) -> NDArray[np.int64]:
    """1, 2, 3 … for each count."""
    total = int(counts.sum())
    before = np.cumsum(counts) - counts
    numbers: NDArray[np.int64] = np.arange(1, total + 1) - np.repeat(before, counts)
    return numbers

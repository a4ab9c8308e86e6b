"""Small tables for tests: a row is written by naming what is in it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from trialsim.columns import Columns
from trialsim.frames import frame
from trialsim.tables import ENDS, LOTS, PEOPLE


def end(replication: int = 1, **values: Any) -> dict[str, Any]:
    usual = {"end_cause": "completed", "end_day": 0.0, "first_site_open_day": 0.0, "cohorts": 0, "events": 0}
    return {"scenario": "small", "replication": replication, **usual, **values}


def person(participant: int, replication: int = 1, **values: Any) -> dict[str, Any]:
    usual = {
        "scenario": "small",
        "replication": replication,
        "participant": participant,
        "site": "A",
        "site_candidate": participant,
        "outcome": "observed",
        "screenings": 1,
        "level": None,
        "under_dosed": False,
    }
    return {**usual, **values}


def lot(number: int, replication: int = 1, **values: Any) -> dict[str, Any]:
    return {"scenario": "small", "replication": replication, "lot": number, "outcome": "in_process", **values}


def ends(*rows: dict[str, Any]) -> pd.DataFrame:
    return _table(ENDS, rows)


def participants(*rows: dict[str, Any]) -> pd.DataFrame:
    return _table(PEOPLE, rows)


def lots(*rows: dict[str, Any]) -> pd.DataFrame:
    return _table(LOTS, rows)


def dtypes(columns: Columns) -> dict[str, str]:
    """The types that a table with these columns has in pandas."""
    return {name: column.dtype for name, column in columns.items()}


def _table(columns: Columns, rows: tuple[dict[str, Any], ...]) -> pd.DataFrame:
    for row in rows:
        assert set(row) <= set(columns), set(row) - set(columns)
    return frame(columns, [[row.get(name) for name in columns] for row in rows])

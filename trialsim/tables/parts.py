"""What declarations of columns are made of: kinds, units, and moments."""

from __future__ import annotations

from trialsim.columns import Column, Columns, Kind

MOMENT, DAYS, PERSONS, LOT_COUNT, CELLS, NONE = "days since the start date", "days", "persons", "lots", "cells", "none"
PROBABILITY = "probability"
LABEL, FLAG, KEY, ORDINAL = Kind.LABEL, Kind.FLAG, Kind.KEY, Kind.ORDINAL
COUNT, DAY, NUMBER = Kind.COUNT, Kind.DAY, Kind.NUMBER


def declared(*columns: Column) -> Columns:
    """Columns by their names, in order."""
    by_name = {column.name: column for column in columns}
    assert len(by_name) == len(columns), "a column is declared twice"
    return by_name


def moment(name: str, meaning: str) -> Column:
    """A column of days since the start date."""
    return Column(name, DAY, MOMENT, meaning)

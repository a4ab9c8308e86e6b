"""What a column of a table is: its name, what its values are, their unit, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple


class Kind(StrEnum):
    """What the values of a column are."""

    LABEL = "label"
    """A name."""
    FLAG = "flag"
    """Yes or no."""
    KEY = "key"
    """Which one, by its number; every row has it."""
    ORDINAL = "ordinal"
    """Which one, counted from 1; missing where there is none."""
    COUNT = "count"
    """How many."""
    DAY = "day"
    """A moment or a length of time, in days with fractions."""
    NUMBER = "number"
    """Any other quantity."""


DTYPES = {
    Kind.LABEL: "object",
    Kind.FLAG: "bool",
    Kind.KEY: "int64",
    Kind.ORDINAL: "Int64",
    Kind.COUNT: "int64",
    Kind.DAY: "float64",
    Kind.NUMBER: "float64",
}
"""The type in pandas of each kind."""


class Column(NamedTuple):
    """A column: what it is called, what its values are, what they are measured in, and what they say.

    ``values`` lists the labels that there can be, if only few can.
    """

    name: str
    kind: Kind
    unit: str
    meaning: str
    values: tuple[str, ...] = ()

    @property
    def dtype(self) -> str:
        """The type of the column in pandas."""
        return DTYPES[self.kind]


Columns = dict[str, Column]
"""The columns of a table by their names, in order."""


def data_dictionary(tables: Mapping[str, Columns]) -> dict[str, dict[str, dict[str, Any]]]:
    """What the columns of some tables mean, as plain values for a manifest.

    Returns
    -------
    dict
        For each table, and in it for each column, ``kind``, ``unit``, ``meaning`` and, where only few labels can be,
        their list as ``values``.
    """
    return {
        table: {
            column.name: {
                "kind": column.kind.value,
                "unit": column.unit,
                "meaning": column.meaning,
                **({"values": list(column.values)} if column.values else {}),
            }
            for column in columns.values()
        }
        for table, columns in tables.items()
    }

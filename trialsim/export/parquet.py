"""Parquet: each table a file, with the schema that its columns declare."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialsim.frames import Table


def export(tables: Mapping[str, Table], folder: Path) -> None:
    """Write ``NAME.parquet`` for each table."""
    for name, table in tables.items():
        write(table, folder / f"{name}.parquet")


def write(table: Table, path: Path) -> None:
    """Write a table; what is missing is null."""
    from pyarrow import parquet

    from trialsim.frames import schema, to_arrow

    with parquet.ParquetWriter(path, schema(table.columns)) as file:
        for part in table.parts():
            file.write_table(to_arrow(table.columns, part))

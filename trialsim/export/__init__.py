"""Tables in, files of other programs out: one file a format.

A format is a module with a function ``export``: tables by name and an existing folder in, files in that folder out.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialsim.frames import Table

FORMATS = {
    "csv": "trialsim.export.csv",
}
"""The formats that can be had beside parquet, and where each of them lives; imported when it is asked for."""


def export(name: str, tables: Mapping[str, Table], folder: Path) -> None:
    """Write tables into an existing folder, in one of `FORMATS`.

    Raises
    ------
    ValueError
        If there is no format of that name.
    """
    if name not in FORMATS:
        raise ValueError(f"there is no format {name}; give one of {', '.join(FORMATS)}")
    import_module(FORMATS[name]).export(tables, folder)

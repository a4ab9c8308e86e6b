"""The one writer of results: a folder of tables, summary, figures and manifest, or a single picture or table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trialsim.export import csv, export, json, parquet
from trialsim.storage import MANIFEST, new_file, new_folder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from trialsim.frames import Table
    from trialsim.results.result import Result

TABLE_FILES = {".csv": csv.write, ".parquet": parquet.write}
"""How a single table is written, by the ending of the file."""


def save(result: Result, folder: str | Path, figures: bool = True, exports: Sequence[str] = ()) -> None:
    """Write the results to ``folder``; the parameters and errors are those of `Result.save`."""
    with new_folder(folder) as draft:
        tables = result.tables()
        parquet.export(tables, draft)
        for name in exports:
            export(name, tables, draft)
        json.write(result.summary(), draft / "summary.json")
        if figures:
            _draw(result, draft)
        json.write(result.manifest(), draft / MANIFEST)


def save_figure(figure: Figure, path: Path) -> None:
    """Write a picture, of the kind that the path's ending names, which appears whole or not at all.

    Raises
    ------
    StoreError
        When it cannot be written.
    """
    from trialsim.figures import style

    with new_file(path) as draft:
        style.save(figure, draft)


def save_table(table: Table, path: Path) -> None:
    """Write a table, as one of `TABLE_FILES`, which appears whole or not at all.

    Raises
    ------
    StoreError
        When it cannot be written.
    """
    with new_file(path) as draft:
        TABLE_FILES[path.suffix](table, draft)


def _draw(result: Result, folder: Path) -> None:
    names = result.figures()
    if names:
        from trialsim.figures import style

        for name in names:
            style.save(result.figure(name), folder / f"{name}.png")

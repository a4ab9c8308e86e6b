"""The one writer of results: a folder of tables, summary, figures and manifest, or a single picture or table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialsim.export import csv, export, json, parquet
from trialsim.storage import MANIFEST, new_file, new_folder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from trialsim.frames import Table

TABLE_FILES = {".csv": csv.write, ".parquet": parquet.write}
"""How a single table is written, by the ending of the file."""


def save_folder(
    folder: str | Path,
    tables: Mapping[str, Table],
    summary: Any,
    manifest: Any,
    figures: Mapping[str, Callable[[], Figure]],
    exports: Sequence[str] = (),
) -> None:
    """Write results to a folder, which appears whole or not at all.

    Parameters
    ----------
    folder : str or path
        Where to; earlier results there are replaced.
    tables : mapping of str to Table
        Each becomes ``NAME.parquet``, and a file in each of the formats ``exports``.
    summary, manifest
        Plain values, for ``summary.json`` and ``manifest.json``.
    figures : mapping of str to callable
        What draws each figure; it becomes ``NAME.png``.
    exports : sequence of str
        Further formats for the tables; see `trialsim.export.FORMATS`.

    Raises
    ------
    StoreError
        When ``folder`` exists and holds something else than results, or cannot be written.
    ValueError
        For a format that there is not.
    """
    with new_folder(folder) as draft:
        parquet.export(tables, draft)
        for name in exports:
            export(name, tables, draft)
        json.write(summary, draft / "summary.json")
        for name, draw in figures.items():
            _save(draw(), draft / f"{name}.png")
        json.write(manifest, draft / MANIFEST)


def save_figure(figure: Figure, path: Path) -> None:
    """Write a picture, of the kind that the path's ending names, which appears whole or not at all.

    Raises
    ------
    StoreError
        When it cannot be written.
    """
    with new_file(path) as draft:
        _save(figure, draft)


def save_table(table: Table, path: Path) -> None:
    """Write a table, as one of `TABLE_FILES`, which appears whole or not at all.

    Raises
    ------
    StoreError
        When it cannot be written.
    """
    with new_file(path) as draft:
        TABLE_FILES[path.suffix](table, draft)


def _save(figure: Figure, path: Path) -> None:
    from trialsim.figures import style

    style.save(figure, path)

"""The one writer of results: a folder of tables, summary, figures and manifest, or a single picture or table."""

from __future__ import annotations

import logging
import os
import shutil
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialsim.export import csv, json, parquet
from trialsim.inventory import MANIFEST, PICTURES, inventory
from trialsim.storage import StoreError, new_file, new_folder
from trialsim.wording import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from trialsim.frames import Table

_LONGEST_REASON = 200
_MOST_CHARACTERS = 20

_log = logging.getLogger("trialsim")

TABLE_FILES = {".csv": csv.write, ".parquet": parquet.write}
"""How a single table is written, by the ending of the file."""


class FiguresFailed(StoreError):
    """Some figures could not be drawn or written; all else is saved."""


def save_folder(
    folder: str | Path,
    tables: Mapping[str, Table],
    summary: Any,
    manifest: Mapping[str, Any],
    figures: Callable[[], Mapping[str, Callable[[], Figure]]],
    pictures: Sequence[str] = (),
    exports: Sequence[Callable[[Path], None]] = (),
    replace: bool = True,
) -> None:
    """Write results to a folder, which appears whole or not at all, and is there before any figure is drawn.

    With the figures it is put in place once more. The manifest lists the files.

    Parameters
    ----------
    folder : str or path
        Where to; earlier results there are replaced.
    tables : mapping of str to Table
        Each becomes ``NAME.parquet``.
    summary, manifest
        Plain values, for ``summary.json`` and ``manifest.json``.
    figures : callable
        Gives what draws each figure, by name.
    pictures : sequence of str
        In which formats the figures are written, as ``NAME.png`` and the like; with none, none are drawn.
    exports : sequence of callable
        Each writes files of a further format into the folder.
    replace : bool
        Whether earlier results are replaced whatever they are of, or only those of the same scenarios, with no more
        replications.

    Raises
    ------
    StoreError
        When ``folder`` exists and holds something else than results that may be replaced, or cannot be written.
    FiguresFailed
        When all is saved but some figures.
    ValueError
        For a format that there is not.
    """
    if unknown := [name for name in pictures if name not in PICTURES]:
        raise ValueError(f"there is no format {unknown[0]} of figures; give one of {', '.join(PICTURES)}")
    if not pictures:
        with new_folder(folder, replace) as draft:
            _write(draft, tables, summary, manifest, exports)
        return
    with new_folder(folder, replace) as complete:
        with new_folder(folder, replace) as draft:
            _write(draft, tables, summary, manifest, exports)
            for path in draft.iterdir():
                if path.name != MANIFEST:
                    _copy(path, complete / path.name)
        failures = _draw(figures, pictures, complete)
        _write_manifest(manifest, complete)
    if failures:
        words = ", ".join(f"{name} ({_in_words(problem)})" for name, problem in failures.items())
        raise FiguresFailed(f"results are in {folder}, but these figures could not be drawn: {words}")


def _write(
    draft: Path,
    tables: Mapping[str, Table],
    summary: Any,
    manifest: Mapping[str, Any],
    exports: Sequence[Callable[[Path], None]],
) -> None:
    parquet.export(tables, draft)
    for export in exports:
        export(draft)
    json.write(summary, draft / "summary.json")
    _write_manifest(manifest, draft)


def _write_manifest(manifest: Mapping[str, Any], draft: Path) -> None:
    json.write({**manifest, "files": inventory(draft)}, draft / MANIFEST)


def _draw(
    figures: Callable[[], Mapping[str, Callable[[], Figure]]], pictures: Sequence[str], draft: Path
) -> dict[str, Exception]:
    """Draw figures into a folder, in some formats; return what went wrong with those that are not there."""
    failures: dict[str, Exception] = {}
    lacking = ""
    try:
        drawings = figures()
    except Exception as problem:  # matplotlib does not work, say
        return {"all of them": problem}
    for name, draw in drawings.items():
        paths = [draft / f"{name}.{ending}" for ending in pictures]
        try:
            figure = draw()
            for path in paths:
                lacking += _save(figure, path)
        except Exception as problem:  # whatever a library may raise: the others are drawn all the same
            failures[name] = problem
            for path in paths:
                path.unlink(missing_ok=True)
    _tell_lacking(lacking)
    return failures


def _in_words(problem: Exception) -> str:
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror
    return textwrap.shorten(f"{type(problem).__name__}: {problem}", _LONGEST_REASON, placeholder=" …")


def _copy(path: Path, to: Path) -> None:
    """The same file under a second name, where the file system can do that."""
    try:
        os.link(path, to)
    except OSError:
        shutil.copyfile(path, to)


def save_figure(figure: Figure, path: Path) -> None:
    """Write a picture, of the kind that the path's ending names, which appears whole or not at all.

    Raises
    ------
    StoreError
        When it cannot be written.
    """
    with new_file(path) as draft:
        lacking = _save(figure, draft)
    _tell_lacking(lacking)


def save_table(table: Table, path: Path) -> None:
    """Write a table, as one of `TABLE_FILES`, which appears whole or not at all.

    Raises
    ------
    StoreError
        When it cannot be written.
    """
    with new_file(path) as draft:
        TABLE_FILES[path.suffix](table, draft)


def _save(figure: Figure, path: Path) -> str:
    from trialsim.figures import picture

    return picture.save(figure, path)


def _tell_lacking(characters: str) -> None:
    if characters:
        some = " ".join(list(dict.fromkeys(characters))[:_MOST_CHARACTERS])
        _log.warning("In figures a box stands for each character that their font lacks: %s", printable(some))

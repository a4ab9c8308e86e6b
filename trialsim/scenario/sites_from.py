"""Sites that a scenario file does not list, but has from a table beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from trialsim.scenario.messages.errors import Path, Problem, ScenarioError
from trialsim.scenario.messages.pydantic_messages import problems_of
from trialsim.scenario.messages.words import dotted, given
from trialsim.scenario.reading.sites_table import MOST_BYTES, SiteRow, TableError, read_sites
from trialsim.scenario.reading.yaml_text import Document
from trialsim.scenario.sections.recruitment import SitesFrom

_KEY = ("recruitment", "sites_from")
_WORKBOOKS = (".xlsx", ".xlsm")


def put_sites(document: Document, folder: FilePath | None) -> None:
    """Put the rows of the table that a document names behind the sites that it lists.

    What is wrong with a value of a row will be said of its line and column, by the document's ``origins``.

    Parameters
    ----------
    document : Document
        Changed in place.
    folder : path or None
        That of the scenario file, in which or below which the table is; None if there is none.

    Raises
    ------
    ScenarioError
        If the table cannot be read.
    """
    recruitment = document.value.get(_KEY[0]) if isinstance(document.value, dict) else None
    if not isinstance(recruitment, dict) or recruitment.get(_KEY[1]) is None:
        return
    stated = recruitment.pop(_KEY[1])
    try:
        table = SitesFrom.model_validate(stated)
    except ValidationError as error:
        found = problems_of(error, SitesFrom, stated)
        raise ScenarioError(_problem(document, (*_KEY, *path), message) for path, message in found) from None
    file = str(FilePath(document.file).parent / table.file)
    try:
        source = _source(table.file, folder)
        rows, _ = rows_of_table(source, dict(table.columns.items()))
    except TableError as error:
        problem = _problem(document, (*_KEY, "file"), f"{given(table.file)}: {error}")
        if error.line is not None:
            problem = Problem(file, error.line, None, dotted(_KEY), str(error))
        raise ScenarioError([*document.problems, problem]) from None
    sites = recruitment.setdefault("sites", [])
    if not isinstance(sites, list):
        return
    add_rows(document, sites, rows, file)
    _follow_source(document.value)


def rows_of_table(path: FilePath, columns: Mapping[str, str]) -> tuple[list[SiteRow], list[str]]:
    """The sites in a file, by columns called so, and the columns not used. Raises TableError."""
    return read_sites(_content(path), path.suffix.lower() in _WORKBOOKS, columns)


def add_rows(document: Document, sites: list[Any], rows: Sequence[SiteRow], file: str) -> None:
    """Put rows of a file behind the sites of a document, which is to tell where they come from."""
    for row in rows:
        place: Path = ("recruitment", "sites", len(sites))
        document.origins[place] = f"{file}:{row.line}"
        document.origins |= {(*place, key): f"{file}:{row.line}:{column}" for key, column in row.columns.items()}
        sites.append(row.entry)


def _source(name: str, folder: FilePath | None) -> FilePath:
    """The table's path. Raises TableError if it is not in the folder, nor below it: a scenario is not trusted."""
    if folder is None:
        raise TableError("only a scenario in a file can have its sites from a table beside it")
    try:
        path = (folder / name).resolve()
        inside = path.is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):
        inside = False
    if not inside or FilePath(name).is_absolute():
        raise TableError("the table must be in the folder of the scenario file, or below it")
    return path


def _content(path: FilePath) -> bytes:
    if not path.is_file():
        raise TableError("there is no such file" if not path.exists() else "this is not a file")
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise TableError(f"the file cannot be read: {error.strerror or error}") from None
    if len(content) > MOST_BYTES:
        raise TableError(f"the file is too large; a table of sites has at most {MOST_BYTES:,} bytes")
    return content


def _problem(document: Document, path: Path, message: str) -> Problem:
    line, column = next(
        (
            document.positions[path[:length]]
            for length in range(len(path), 0, -1)
            if path[:length] in document.positions
        ),
        (1, 1),
    )
    return Problem(document.file, line, column, dotted([str(part) for part in path]), message)


def _follow_source(document: dict[str, Any]) -> None:
    """Have the source of the table be that of the sites."""
    sources = document.get("sources")
    if isinstance(sources, dict) and dotted(_KEY) in sources:
        sources.setdefault("recruitment.sites", sources.pop(dotted(_KEY)))

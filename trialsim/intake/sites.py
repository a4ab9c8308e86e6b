"""From a table of sites to the section of a scenario file that lists them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from trialsim.scenario.loading import load_document
from trialsim.scenario.messages.errors import Problem, ScenarioError
from trialsim.scenario.reading.one_line import one_line
from trialsim.scenario.reading.sites_table import TableError
from trialsim.scenario.reading.yaml_text import Document
from trialsim.scenario.sites_from import add_rows, rows_of_table
from trialsim.scenario.values.fields import EARLIEST


class Section(NamedTuple):
    """A section of a scenario file: its text, how many sites it lists, and which columns of the table are not in it."""

    text: str
    sites: int
    unused: list[str]


def sites_section(table: str | os.PathLike[str], columns: Mapping[str, str]) -> Section:
    """The section ``recruitment`` that a table makes.

    Parameters
    ----------
    table : str or path
        A CSV or Excel file; see `trialsim.scenario.reading.sites_table`.
    columns : mapping
        What the columns of some keys of a site are called in it.

    Raises
    ------
    ScenarioError
        With everything that is wrong, each problem with its line and column.
    """
    path, file = Path(table), os.fspath(table)
    document = Document(file)
    try:
        rows, unused = rows_of_table(path, columns)
    except TableError as error:
        raise ScenarioError([Problem(file, error.line, None, "", str(error))]) from None
    sites: list[dict[str, Any]] = []
    add_rows(document, sites, rows, file)
    trial = {"name": "sites", "start_date": str(EARLIEST), "max_participants": 1}
    document.value = {"trial": trial, "recruitment": {"sites": sites}}
    load_document(document)
    lines = ["recruitment:", "  sites:", *(f"    - {one_line(site)}" for site in sites)]
    return Section("\n".join(lines) + "\n", len(sites), unused)

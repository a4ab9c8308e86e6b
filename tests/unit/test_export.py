"""Tables in files: every format holds them, as somebody else's reader finds them, and no formula comes along."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from trialsim.columns import Column, Columns, Kind
from trialsim.export import FORMATS, Unavailable, check, export, named_by, parquet
from trialsim.export import json as documents
from trialsim.export.content import Content
from trialsim.frames import Table, typed
from trialsim.inventory import inventory

COLUMNS: Columns = {
    column.name: column
    for column in (
        Column("site", Kind.LABEL, "none", "a name"),
        Column("replication", Kind.KEY, "none", "which"),
        Column("level", Kind.ORDINAL, "none", "which, or none"),
        Column("infusion_day", Kind.DAY, "days", "when, or never"),
        Column("infused", Kind.COUNT, "persons", "how many"),
        Column("is_base", Kind.FLAG, "none", "whether"),
    )
}
VALUES = {
    "site": ["Leiden, „West“", '=HYPERLINK("https://example.org")', None, "-1", "@SUM(A1)", "\t=1", "+31"],
    "replication": range(1, 8),
    "level": [1, None, 2, 3, None, 1, 1],
    "infusion_day": [0.1 + 0.2, np.nan, -3.0, 1e-300, 2.0**-20, 7.0, 123456.789],
    "infused": [0, 1, 2, 3, 4, 5, 2**53],
    "is_base": [True, False, False, True, True, False, False],
}
HARMLESS = ["Leiden, „West“", '\'=HYPERLINK("https://example.org")', "", "'-1", "'@SUM(A1)", "'\t=1", "'+31"]


def content_of(tables: dict[str, Table]) -> Content:
    """Results that are of no single trial."""
    return Content("some tables", tables, {})


@pytest.fixture
def tables() -> dict[str, Table]:
    return {"some": Table(COLUMNS, typed(COLUMNS, VALUES)), "none": Table(COLUMNS, typed(COLUMNS, VALUES)[:0])}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_writes_something_for_each_table(name: str, tables: dict[str, Table], tmp_path: Path) -> None:
    form = FORMATS[name]
    if form.library:
        pytest.importorskip(form.library)
    content = content_of(tables)
    if form.of_plans:
        with pytest.raises(Unavailable, match=f"^{name} holds the plan of one trial, .* give one of csv, xlsx$"):
            export(name, content, tmp_path)
        assert not list(tmp_path.iterdir())
        return
    export(name, content, tmp_path)
    files = list(tmp_path.iterdir())
    assert files
    assert all(path.suffix == f".{name}" and path.stat().st_size for path in files)
    assert set(inventory(tmp_path)) == {path.name for path in files}


def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trialsim.export.find_spec", lambda name: None)
    words = "xlsx needs xlsxwriter, which is not installed (pip install 'trialsim[excel]')"
    with pytest.raises(Unavailable, match=re.escape(words)):
        check(["csv", "xlsx"])


def test_a_single_file_goes_by_its_ending() -> None:
    assert [named_by(Path(f"a{ending}")) for ending in (".xlsx", ".ics", ".xml", ".mmd")] == list(FORMATS)[1:]
    with pytest.raises(Unavailable, match=r"^plan.doc must end in one of .xlsx, .ics, .xml, .mmd$"):
        named_by(Path("plan.doc"))


def test_there_is_no_other_format(tables: dict[str, Table], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no format clay; give one of csv"):
        export("clay", content_of(tables), tmp_path)


def test_parquet_comes_back_as_it_was(tables: dict[str, Table], tmp_path: Path) -> None:
    parquet.export(tables, tmp_path)
    for name, table in tables.items():
        read = pd.read_parquet(tmp_path / f"{name}.parquet")
        assert list(read) == list(COLUMNS)
        assert_frame_equal(typed(COLUMNS, read), table.frame)


def test_csv_holds_every_digit_and_no_formula(tables: dict[str, Table], tmp_path: Path) -> None:
    export("csv", content_of(tables), tmp_path)
    with (tmp_path / "some.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["site"] for row in rows] == HARMLESS
    assert [row["level"] for row in rows] == ["1", "", "2", "3", "", "1", "1"]
    assert [float(row["infusion_day"] or "nan") for row in rows] == pytest.approx(
        VALUES["infusion_day"], rel=0, abs=0, nan_ok=True
    )
    assert [int(row["infused"]) for row in rows] == VALUES["infused"]
    assert [row["is_base"] for row in rows] == [str(value) for value in VALUES["is_base"]]
    assert (tmp_path / "none.csv").read_text(encoding="utf-8") == ",".join(COLUMNS) + "\n"


def test_csv_has_no_formula_among_the_names_of_columns(tmp_path: Path) -> None:
    column = Column("=1+1", Kind.NUMBER, "none", "an axis")
    odd = Table({column.name: column}, pd.DataFrame({"=1+1": [2.5]}))
    export("csv", content_of({"odd": odd}), tmp_path)
    assert (tmp_path / "odd.csv").read_text(encoding="utf-8") == "'=1+1\n2.5\n"


def test_csv_guards_texts_in_any_kind_of_column(tmp_path: Path) -> None:
    """The axis of a sweep may hold words and numbers."""
    column = Column("axis", Kind.NUMBER, "none", "an axis")
    values = ["=1+1", -2.5, "-2.5", "\n=1", "＝1", None]
    odd = Table({"axis": column}, pd.DataFrame({"axis": values}, dtype=object))
    export("csv", content_of({"odd": odd}), tmp_path)
    with (tmp_path / "odd.csv").open(encoding="utf-8", newline="") as file:
        cells = [row["axis"] for row in csv.DictReader(file)]
    assert cells == ["'=1+1", "-2.5", "'-2.5", "'\n=1", "'＝1", ""]


def test_documents_hold_nothing_that_a_terminal_obeys() -> None:
    hostile = {"\x9b5m": "\x1b[5m\u202e\u2066\x07\U000e0041\n é"}
    assert documents.text(hostile).replace("\n", "").isprintable()
    assert json.loads(documents.text(hostile)) == hostile


def test_documents_are_json_that_any_reader_accepts(tmp_path: Path) -> None:
    documents.write({"name": "Zürich", "day": None}, tmp_path / "some.json")
    text = (tmp_path / "some.json").read_text(encoding="utf-8")
    assert "Zürich" in text and text.endswith("}\n")
    assert json.loads(text) == {"name": "Zürich", "day": None}
    with pytest.raises(ValueError, match="not JSON compliant"):
        documents.text({"day": float("nan")})

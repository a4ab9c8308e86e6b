from __future__ import annotations

import io

import pandas as pd
import pyarrow.parquet
import pytest

from tests.support.small_tables import dtypes, end, ends, lot, lots, participants, person
from trialsim.columns import Columns
from trialsim.frames import frame, published, schema, to_arrow, typed
from trialsim.tables import ENDS, LOTS, PARTICIPANTS, PEOPLE

FULL = {
    "ends": (ENDS, ends(end(1, recommended_level=2), end(2, end_day=1.5, first_site_open_day=None))),
    "participants": (PEOPLE, participants(person(1, level=2, lot=1, infusion_day=3), person(2, cohort=1))),
    "lots": (LOTS, lots(lot(1, start_day=4, cells=3e8))),
}
EMPTY = {"ends": (ENDS, ends()), "participants": (PEOPLE, participants()), "lots": (LOTS, lots())}


@pytest.mark.parametrize(("columns", "table"), [*FULL.values(), *EMPTY.values()])
def test_types_do_not_depend_on_what_is_missing(columns: Columns, table: pd.DataFrame) -> None:
    assert {name: str(kind) for name, kind in table.dtypes.items()} == dtypes(columns)


@pytest.mark.parametrize(("columns", "table"), [*FULL.values(), *EMPTY.values()])
def test_there_and_back_through_parquet(columns: Columns, table: pd.DataFrame) -> None:
    file = io.BytesIO()
    pyarrow.parquet.write_table(to_arrow(columns, table), file)
    assert pyarrow.parquet.read_schema(file).remove_metadata() == schema(columns)
    pd.testing.assert_frame_equal(typed(columns, pd.read_parquet(file)), table)


def test_what_is_missing() -> None:
    table = FULL["ends"][1]
    assert table["recommended_level"].tolist() == [2, pd.NA]
    assert table["first_site_open_day"].isna().tolist() == [False, True]
    assert FULL["participants"][1]["failure_reason"].tolist() == [None, None]


def test_large_tables_lose_no_whole_numbers() -> None:
    row = list(end(recommended_level=2**53 - 1).get(name) for name in ENDS)
    assert frame(ENDS, [row])["recommended_level"].tolist() == [2**53 - 1]


def test_rows_of_another_length() -> None:
    with pytest.raises(ValueError, match="rows of 2 values for 18 columns"):
        frame(ENDS, [("a", 1)])


def test_missing_where_there_is_no_place_for_it() -> None:
    with pytest.raises(TypeError):
        frame(ENDS, [(None,) * len(ENDS)])


def test_published_participants() -> None:
    assert list(published(FULL["participants"][1])) == list(PARTICIPANTS)

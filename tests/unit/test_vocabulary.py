"""Every name is written once: the numbers of compiled code and the words of reports follow from it."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pandas as pd
import pyarrow.parquet
import pytest

from tests.support.small_tables import participants, person
from trialsim.frames import to_arrow
from trialsim.kernel.state import codes
from trialsim.scenario.values.units import UNIT_DAYS
from trialsim.tables import PEOPLE
from trialsim.vocabulary import (
    END_CAUSES,
    MONTH,
    EndCause,
    LotOutcome,
    Outcome,
    Phase,
    Piece,
    Stream,
    Term,
)

PACKAGE = Path(__file__).parents[2] / "trialsim"
KINDS = (EndCause, Outcome, LotOutcome, Piece, Stream)


@pytest.mark.parametrize("kind", KINDS)
def test_each_name_has_one_number_and_words(kind: type[Term]) -> None:
    assert [term.code for term in kind] == list(range(len(kind)))
    assert kind.texts() == tuple(str(term) for term in kind)
    assert all(type(text) is str for text in kind.texts())
    assert all(term.words for term in kind)
    assert len({term.words for term in kind}) == len(kind)


def test_compiled_code_knows_each_name_by_its_number() -> None:
    of_terms = {term.name: term.code for kind in (Outcome, LotOutcome, EndCause) for term in kind}
    of_streams = {f"OF_{stream.name}": stream.code for stream in Stream} | {"OF_CRITERIA": len(Stream)}
    of_phases = {phase.name: int(phase) for phase in Phase}
    for name, number in {**of_terms, **of_streams, **of_phases}.items():
        assert getattr(codes, name) == number, name
        assert type(getattr(codes, name)) is int, name  # numba takes plain numbers as constants, not members


def test_phases_have_words_and_end_with_stopping() -> None:
    assert [int(phase) for phase in Phase] == list(range(1, len(Phase) + 1))
    assert all(phase.words for phase in Phase)
    assert max(Phase) == Phase.STOPPING


def test_reports_name_every_end_cause() -> None:
    assert sorted(END_CAUSES) == sorted(EndCause)
    assert END_CAUSES[0] == EndCause.COMPLETED


def test_a_month() -> None:
    assert UNIT_DAYS["month"] == MONTH == 365.25 / 12


def test_tables_hold_plain_texts() -> None:
    table = participants(person(1, outcome=Outcome.WITHDRAWN), person(2, outcome=Outcome.DLT))
    assert {type(text) for text in table["outcome"]} == {str}
    file = io.BytesIO()
    pyarrow.parquet.write_table(to_arrow(PEOPLE, table), file)
    assert pd.read_parquet(file)["outcome"].tolist() == ["withdrawn", "dlt"]


def test_nowhere_else() -> None:
    """The length of a month, the streams and the phases' numbers are written in the vocabulary alone."""
    written = re.compile("|".join(["30[.]4375", *(f'"{re.escape(stream)}"' for stream in Stream)]))
    found = {path.name for path in PACKAGE.rglob("*.py") if written.search(path.read_text(encoding="utf-8"))}
    assert found == {"vocabulary.py"}

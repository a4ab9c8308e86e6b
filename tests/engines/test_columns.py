"""Compiled code knows each column by the constant that has the column's name: no two can be exchanged unseen."""

from __future__ import annotations

from tests.support.small_tables import dtypes
from trialsim import load
from trialsim.experiment.engines.compiled import Compiled
from trialsim.experiment.jobs import Job
from trialsim.kernel import program
from trialsim.kernel.tables import columns, replications
from trialsim.tables import COURSES, LOTS, PARTICIPANTS, replication_columns


def test_each_constant_is_the_place_of_its_column() -> None:
    known = vars(replications)
    for names in (columns.COUNTS, columns.DAYS, columns.NUMBERS):
        for place, name in enumerate(names):
            assert known[name.upper()] == place, name
    for place, name in enumerate(columns.OF_LEVELS):
        assert known[f"{name.upper()}_AT_LEVELS"] == place, name


def test_tables_of_the_compiled_engine_have_the_declared_columns() -> None:
    scenario = load("autologous-car-t")
    found = Compiled(program.run).run(Job(scenario, 1, detail=True), 1, 3)
    declared = (replication_columns(scenario.levels), COURSES, PARTICIPANTS, LOTS)
    for table, wanted in zip(found, declared, strict=True):
        assert table is not None
        assert {str(name): str(kind) for name, kind in table.dtypes.items()} == dtypes(wanted)
        assert list(table) == list(wanted)

"""There is always room: buffers that are too small grow, and no number changes."""

from __future__ import annotations

import pytest

from tests.engines.conftest import Kernel
from tests.support.equality import assert_engines_equal
from trialsim import load
from trialsim.kernel.calling import Entry
from trialsim.kernel.engine import Engine
from trialsim.kernel.entry import plain
from trialsim.kernel.state import records
from trialsim.kernel.state.plan import Plan
from trialsim.model import clock, run
from trialsim.model.clock import TooManyEvents
from trialsim.scenario import Scenario


class Cramped(Engine):
    """An engine that has room for next to nothing."""

    def __init__(self, plan: Plan, run: Entry, detail: bool = True) -> None:
        plan.thresholds = plan.thresholds[:1]
        super().__init__(plan, run, detail)
        self._room.calendar = self._room.cohorts = 1
        self._room.slots = self._room.answers = self._room.steps = 2
        self._make_room_for_one()
        self._make_room_for_answers()

    def _make_room_for_many(self, replications: int) -> None:
        if not len(self._people):
            self._more_people(1)
            self._more_lots(1)


def crowded(rule: object, participants: int) -> Scenario:
    return Scenario.from_document(
        {
            "trial": {"name": "crowded", "start_date": "2024-01-01", "max_participants": participants},
            "recruitment": {"sites": [{"name": "A", "rate": "1 per day"}, {"name": "B", "rate": "1 per day"}]},
            "waiting": {"withdrawal": "0.1 per month", "eligibility_valid": "30 days", "rescreen_probability": 0.5},
            "product": {
                "policy": "to_stock",
                "target_doses": 3,
                "expansion": "2 days",
                "cells_per_lot": {"lognormal": {"mean": 5, "sd": 2}},
                "shelf_life": "20 days",
            },
            "infusion": {"weekdays": ["Monday", "Thursday"], "per_day": 2},
            "dosing": {
                "levels": ["1 cells", "2 cells", "3 cells"],
                "rule": rule,
                "cohort_size": 1,
                "observation": "3 days",
                "guards": {"elimination": {"above": 0.3}},
            },
            "truth": {"dlt_probability": [0.1, 0.2, 0.4]},
        }
    )


CURVE = {"target": 0.25, "skeleton": [0.1, 0.25, 0.4]}


@pytest.mark.parametrize(
    ("rule", "replications"), [({"boin": {"target": 0.25}}, 10), ({"crm": CURVE}, 5), ({"tite_crm": CURVE}, 1)]
)
def test_no_buffer_is_a_limit(rule: object, replications: int, kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few replications of a rule that takes SimPy long."""
    scenario = crowded(rule, kernel.number(compiled=30, plain=9))
    number = kernel.number(compiled=replications, plain=1)
    assert_engines_equal(scenario, kernel.run, 1, 1, number)
    monkeypatch.setattr("tests.support.equality.Engine", Cramped)
    assert_engines_equal(scenario, kernel.run, 1, 1, number)


def test_a_large_trial_after_small_ones(kernel: Kernel) -> None:
    """What one engine has set aside serves for the next chunk, whatever its size."""
    own = Engine(Plan(load("msc-sle")), kernel.run)
    parts = [own.run(1, 1, 3).people.copy(), own.run(1, 4, 60).people.copy()]
    whole = Engine(Plan(load("msc-sle")), kernel.run).run(1, 1, 60).people
    days = [name for name, kind in records.Person.__annotations__.items() if kind == "float"]
    assert sum(len(part) for part in parts) == len(whole)
    for name in days:
        together = [value for part in parts for value in part[name]]
        assert repr(together) == repr(list(whole[name]))


def test_a_trial_that_spins_is_stopped_with_the_same_words(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "MOST_EVENTS", 50)
    scenario = load("msc-sle")
    with pytest.raises(TooManyEvents) as by_simpy:
        run(scenario, 1, 1)
    with pytest.raises(TooManyEvents) as by_kernel:
        Engine(Plan(scenario), kernel.run).run(1, 1, 1)
    assert str(by_kernel.value) == str(by_simpy.value)
    assert "more than 50 events" in str(by_kernel.value)


def test_a_status_that_nobody_knows_is_an_error() -> None:
    own = Engine(Plan(load("teaching-minimal")), plain())
    with pytest.raises(RuntimeError, match="status 99"):
        own._grow(99, 0, 0, 1.0)

"""The kernel's time-weighted BOIN decides as the published tables do; its functions are called as plain Python."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.tite_boin_table import DOWN, SHARES, STAY, SUSPEND, TARGETS, UP, WINDOW, people, published, rows
from trialsim.kernel.engine import Engine
from trialsim.kernel.entry import plain
from trialsim.kernel.machine import beginnings, lists, views
from trialsim.kernel.rules import cohorts, without_cohorts
from trialsim.kernel.state import codes
from trialsim.kernel.state.memory import address
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.plan import Plan
from trialsim.rules import Assigned
from trialsim.scenario import Scenario

MEANS = {UP: (cohorts.ASSIGN, 3), STAY: (cohorts.ASSIGN, 2), DOWN: (cohorts.ASSIGN, 1)}
OUTCOMES = {"dlt": codes.DLT, "no_dlt": codes.OBSERVED, None: codes.IN_WINDOW}


def engine(early: bool, target: float) -> Engine:
    document = {
        "trial": {"name": "table", "start_date": "2024-01-01", "max_participants": 1000},
        "recruitment": {"sites": [{"name": "A", "rate": "1 per day"}]},
        "dosing": {
            "levels": ["1 mg", "2 mg", "3 mg"],
            "rule": {"tite_boin": {"target": target}},
            "cohort_size": 3,
            "observation": f"{WINDOW:g} days",
            "stop_cohort_early": early,
        },
    }
    own = Engine(Plan(Scenario.from_document(document)), plain())
    own._more_people(100)
    own._state["people_at"] = address(own._people)
    return own


def put(t: State, history: list[Assigned]) -> None:
    """Put these participants into the kernel, as they are on day 0."""
    beginnings.begin(t)
    t.now = 0.0
    for patient, who in enumerate(history):
        person, tally = views.person_at(t.people_at, patient), views.tally_at(t.tallies_at, who.level - 1)
        assert who.infusion_day is not None
        person.level, person.outcome, person.infusion_day = who.level, OUTCOMES[who.outcome], who.infusion_day
        person.outcome_known_day = np.nan if who.outcome_day is None else who.outcome_day
        person.lists = 0
        lists.join(t, codes.TREATED, patient)
        tally.infused += 1
        tally.evaluable += who.outcome is not None
        tally.dlts += who.outcome == "dlt"
        tally.pending += who.outcome is None
        tally.watched += who.outcome is None
    t.places_used = len(history)


def decide(own: Engine, history: list[Assigned]) -> tuple[int, int]:
    """Ask about these participants; once more, if the table of what eliminates a level was too short."""
    t = views.state_at(address(own._state), 0)
    put(t, history)
    t.answer_until = np.nan
    without_cohorts.decide(t)
    if t.status == codes.DONE:
        return t.answer, t.answer_level
    own._grow(t.status, 0, 0, 1.0)
    return decide(own, history)


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("target", TARGETS)
def test_the_kernel_decides_as_published(target: float, early: bool) -> None:
    own = engine(early, target=target)
    for row in rows():
        for share in SHARES:
            wanted = published(target, row, share)
            for first in (True, False):
                answer, level = decide(own, people(row, share, first))
                if wanted == SUSPEND:
                    assert answer == cohorts.WAIT, (row, share, first)
                else:
                    assert (answer, level) == MEANS[wanted], (row, share, first)

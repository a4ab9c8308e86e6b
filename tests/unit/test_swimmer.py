"""The swimmer plot: a lane for everybody infused, with the own infusion at 0."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.support.overlaps import unreadable
from tests.support.small_tables import end, ends, participants, person
from tests.unit.test_alt_texts import alt
from tests.unit.test_figures import FACTS, bars, points, written
from trialsim.figures import FIGURES, style
from trialsim.vocabulary import MONTH


def test_lanes_are_sorted_by_how_long_people_are_seen() -> None:
    early: dict[str, Any] = {"arrival_day": 0.0, "screening_start_day": 0.0, "screening_end_day": 10.0}
    people = participants(
        person(1, **early, enrolment_day=10.0, level=1, cohort=1, infusion_day=20.0, window_end_day=30.0)
        | {"outcome_known_day": 24.0, "dlt_day": 24.0, "last_visit_day": 40.0, "outcome": "dlt"},
        person(2, **early, enrolment_day=15.0, level=2, cohort=1, infusion_day=30.0, window_end_day=40.0)
        | {"outcome_known_day": 40.0, "last_visit_day": 80.0},
        person(3, **early, enrolment_day=15.0, outcome="withdrawn", withdrawal_day=20.0),
        person(4, **early, enrolment_day=10.0, level=1, infusion_day=10.0, window_end_day=20.0)
        | {"outcome_known_day": 13.0, "outcome": "non_evaluable", "last_visit_day": 13.0},
    )
    ax = FIGURES["swimmer"](ends(end(1, end_day=70.0)), people, FACTS)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["participant 2", "participant 1", "participant 4"]
    drawn = {(round(bar.get_y() + bar.get_height() / 2), bar.get_x(), bar.get_width()) for bar in bars(ax)}
    assert drawn == {
        *((0, -30.0, 10.0), (0, -20.0, 5.0), (0, -15.0, 15.0), (0, 0.0, 10.0), (0, 10.0, 40.0)),
        *((1, -20.0, 10.0), (1, -10.0, 10.0), (1, 0.0, 4.0), (1, 4.0, 16.0)),
        *((2, -10.0, 10.0), (2, 0.0, 3.0)),
    }
    dots = [place for line in ax.lines if line.get_marker() in ("X", "o") for place in points(line)]
    assert np.array(dots) == pytest.approx(np.array([[4, 1], [3, 2]]))
    said = written(ax)
    assert "DLT" in said and "lost in the window" in said and "level 2: 2 mg, safety window" in said
    assert alt(ax) == (
        "Swimmer plot, a lane a person, of one simulated trial of small, replication 1: 3 people infused, 20.0 days "
        "from screening to infusion (median); seen for 20.0 days after it (median), 50.0 at most; 1 with a DLT, 1 lost "
        "in the window."
    )
    assert unreadable(style.figure_of(ax)) == []


def test_years_of_follow_up_do_not_hide_all_else() -> None:
    long = {"infusion_day": 20.0, "window_end_day": 30.0, "outcome_known_day": 30.0, "last_visit_day": 5000.0}
    early = {"arrival_day": 0.0, "screening_start_day": 0.0, "screening_end_day": 10.0, "enrolment_day": 10.0}
    ax = FIGURES["swimmer"](ends(end(1, end_day=70.0)), participants(person(1, level=1) | early | long), FACTS)
    assert ax.get_xlim()[1] == pytest.approx(4 * 30 / MONTH) and "follow-up goes on" in written(ax)
    (arrow,) = [points(line) for line in ax.lines if line.get_marker() == ">"]
    assert np.array(arrow) == pytest.approx(np.array([[120 / MONTH, 0]]))
    assert "seen for 163.6 months after it" in alt(ax)
    assert unreadable(style.figure_of(ax)) == []


def test_nobody_has_no_lane() -> None:
    ax = FIGURES["swimmer"](ends(end(1, end_day=70.0)), participants(), replace(FACTS, has_dlts=False))
    assert "nobody infused" in written(ax) and bars(ax) == []
    assert alt(ax).endswith("0 people infused; 0 lost.")

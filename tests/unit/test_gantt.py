"""The Gantt chart: a row for each place and lot, and marks where things happen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from matplotlib.axes import Axes

from tests.support.small_tables import end, ends, lot, lots, participants, person
from tests.unit.test_figures import FACTS, bars, points, written
from trialsim.figures import FIGURES


def small_gantt() -> Axes:
    people = participants(
        person(1, 3, arrival_day=0.0, screening_start_day=0.0, screening_end_day=10.0, enrolment_day=15.0, cohort=1)
        | {"level": 1, "infusion_day": 20.0, "window_end_day": 30.0, "outcome_known_day": 25.0, "dlt_day": 25.0}
        | {"last_visit_day": 500.0, "outcome": "dlt", "lot": 1},
        person(2, 3, arrival_day=5.0, screening_start_day=5.0, screening_end_day=9.0, outcome="screen_failure"),
        person(3, 3, arrival_day=6.0, screening_start_day=6.0, screening_end_day=12.0, enrolment_day=20.0)
        | {"outcome": "withdrawn", "withdrawal_day": 33.0},
        person(6, 3, arrival_day=30.0, screening_start_day=30.0, screening_end_day=31.0, enrolment_day=35.0)
        | {"outcome": "eligibility_expired"},
        person(4, 3, arrival_day=7.0, outcome="turned_away", screenings=0),
        person(5, 3, arrival_day=50.0, screening_start_day=50.0, screening_end_day=60.0, enrolment_day=60.0, cohort=2)
        | {"level": 2, "outcome": "released"},
        person(1, 8, arrival_day=1.0, outcome="turned_away", screenings=0),
    )
    made = lots(
        lot(1, 3, release_day=0.0, available_day=0.0, outcome="used"),
        lot(2, 3, start_day=0.0, expansion_end_day=30.0, release_day=40.0, outcome="failed"),
        lot(3, 3, start_day=40.0, expansion_end_day=300.0),
        lot(4, 3, start_day=90.0),
        lot(5, 3, start_day=100.0, expansion_end_day=130.0),
        lot(6, 3, start_day=0.0, expansion_end_day=5.0, release_day=6.0, available_day=7.0, expiry_day=77.0)
        | {"outcome": "expired"},
    )
    closed = ends(end(8, end_day=40.0), end(3, end_day=200.0, end_cause="safety"))
    return FIGURES["gantt"](closed, people, made, FACTS, replication=3)


def test_the_gantt_has_a_row_for_each_place_and_lot() -> None:
    ax = small_gantt()
    rows = [label.get_text() for label in ax.get_yticklabels()]
    assert rows == [
        "turned away: 1",
        "screening failures: 1",
        "participant 1",
        "participant 5",
        "participant 3",
        "participant 6",
    ] + [f"lot {number}" for number in range(1, 7)]
    at = dict(zip(rows, ax.get_yticks(), strict=True))
    boxes = {(round(bar.get_y() + bar.get_height() / 2, 3), bar.get_x(), bar.get_width()) for bar in bars(ax)}

    def drawn(row: str) -> set[tuple[float, float]]:
        return {(begin, begin + width) for y, begin, width in boxes if abs(y - at[row]) < 0.01}

    assert drawn("participant 1") == {(0, 10), (10, 15), (15, 20), (20, 25), (25, 500)}  # the DLT resolves it
    assert drawn("participant 3") == {(6, 12), (12, 20), (20, 33)}
    assert drawn("participant 5") == {(50, 60), (60, 200)}
    assert drawn("lot 1") == {(0, 20)}
    assert drawn("lot 2") == {(0, 30), (30, 40)}
    assert (drawn("lot 3"), drawn("lot 4")) == ({(40, 200)}, {(90, 200)})
    assert drawn("lot 5") == {(100, 130), (130, 200)}
    assert drawn("lot 6") == {(0, 5), (5, 7), (7, 77)}
    marked = {(line.get_marker(), *point) for line in ax.lines for point in points(line)}
    assert ("X", 25.0, at["participant 1"]) in marked
    assert ("o", 33.0, at["participant 3"]) in marked
    assert ("o", 35.0, at["participant 6"]) in marked
    assert ("d", 20.0, at["lot 1"]) in marked
    assert ("X", 40.0, at["lot 2"]) in marked
    assert ("|", 9.0, at["screening failures: 1"]) in marked
    assert {line.get_markerfacecolor() for line in ax.lines if line.get_marker() == "d"} == {"white"}
    said = written(ax)
    assert (
        "cohort 1 · level 1" in said
        and "cohort 2 · level 2" in said
        and "stopped for safety" in said.replace("\n", " ")
    )


@pytest.mark.parametrize(("until", "beyond"), [(260.0, False), (900.0, True)])
def test_follow_up_is_shown_to_the_last_visit_or_goes_on(until: float, beyond: bool) -> None:
    followed = {"infusion_day": 20.0, "window_end_day": 50.0, "outcome_known_day": 50.0, "last_visit_day": until}
    one = participants(person(1, 3, arrival_day=0.0, enrolment_day=10.0, level=1, outcome="completed") | followed)
    ax = FIGURES["gantt"](ends(end(3, end_day=200.0)), one, lots(), replace(FACTS, has_follow_up=True))
    last = ax.get_xlim()[1]
    marked = {line.get_marker(): points(line) for line in ax.lines if line.get_marker() in ("|", ">")}
    assert marked == ({">": [(last, 0.0)]} if beyond else {"|": [(until, 0.0)]})
    assert (last > until) is not beyond and last < 300
    said = written(ax)
    assert ("follow-up goes on" in said) == beyond and "follow-up, to the last visit" in said and "fate settled" in said
    assert "1 infused in 6.6 months, completed" in said.replace("\n", " ")


@pytest.mark.parametrize(("day", "gaps"), [(10.0, [10.0]), (9.0, [])])
def test_a_tick_on_the_last_day_is_seen_beside_the_end(day: float, gaps: list[float]) -> None:
    waiting = participants(*(person(n, 3, arrival_day=at, outcome="waiting") for n, at in ((1, 2.0), (2, day))))
    ax = FIGURES["gantt"](ends(end(3, end_day=10.0)), waiting, lots(), FACTS)
    ticks = [line for line in ax.lines if line.get_marker() == "|"]
    assert [x for line in ticks if line.get_color() == "white" for x, _ in points(line)] == gaps
    assert [x for line in ticks if line.get_color() != "white" for x, _ in points(line)] == [2.0, day]


def test_the_gantt_knows_its_replications() -> None:
    with pytest.raises(ValueError, match="replication 5 is not"):
        FIGURES["gantt"](ends(end(8)), participants(), lots(), FACTS, replication=5)

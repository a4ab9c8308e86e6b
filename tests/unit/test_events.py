from __future__ import annotations

import warnings
from collections.abc import Iterator

import pandas as pd
import pytest

import trialsim
from tests.support.small_tables import end, ends, lot, lots, participants, person
from trialsim.analysis.chronology import chronology
from trialsim.analysis.events import LOT_IDS, events

PEOPLE = [
    person(1, arrival_day=1, outcome="observed", screening_start_day=1, screening_end_day=5, place_open_day=0,
           enrolment_day=5, cohort=1, level=1, lot=1, dose_cells=1e8, ready_day=30, spacing_day=30, infusion_day=31,
           window_end_day=41, outcome_known_day=41, last_visit_day=100),
    person(2, arrival_day=1.5, outcome="turned_away", screenings=0),
    person(3, arrival_day=2, outcome="screen_failure", failure_reason="age", screening_start_day=2,
           screening_end_day=7),
    person(4, arrival_day=3, outcome="withdrawn", screening_start_day=5, screening_end_day=9, withdrawal_day=12),
    person(5, arrival_day=4, outcome="eligibility_expired", screening_start_day=9, screening_end_day=11),
    person(6, arrival_day=33, outcome="in_window", screening_start_day=33, screening_end_day=34, place_open_day=0,
           enrolment_day=34, cohort=1, level=1, lot=1, dose_cells=1e8, ready_day=35, spacing_day=41, infusion_day=45,
           dlt_day=50, window_end_day=55, outcome_known_day=50, last_visit_day=90),
    person(7, arrival_day=40, outcome="in_screening", screening_start_day=40),
    person(8, arrival_day=44, outcome="in_screening", screenings=0),
]  # fmt: skip
LOTS = [
    lot(1, start_day=0, expansion_start_day=4, expansion_end_day=20, release_day=28, available_day=30, expiry_day=500,
        outcome="used", cells=2e8, cells_infused=2e8, cells_wasted=0),
    lot(2, start_day=20, expansion_start_day=22, expansion_end_day=30, release_day=36, outcome="failed"),
    lot(3, available_day=0, release_day=0, expiry_day=42, outcome="expired", cells=1e8, cells_wasted=1e8),
    lot(4, start_day=30, expansion_start_day=44, outcome="in_process"),
]  # fmt: skip
END = end(1, end_cause="time_limit", end_day=46, cohorts=1)


def log() -> pd.DataFrame:
    return events(ends(END), participants(*PEOPLE), lots(*LOTS))


def story(table: pd.DataFrame, entity: str) -> list[tuple[float, str]]:
    return list(table.loc[table["entity"] == entity, ["time", "event"]].itertuples(index=False, name=None))


def test_columns() -> None:
    assert list(log())[:7] == ["entity_id", "event_type", "event", "time", "pathway", "run_number", "resource_id"]


def test_an_infused_participant() -> None:
    assert story(log(), "participant 1") == [
        (1, "arrival"), (1, "waiting_for_screening"), (1, "screening"), (5, "screening_end"), (5, "waiting_for_place"),
        (5, "waiting_for_product"), (30, "waiting_for_slot"), (31, "infusion"), (31, "infusion_end"),
        (31, "observation"), (41, "follow_up"), (100, "depart"),
    ]  # fmt: skip


def test_follow_up_after_the_end_is_told() -> None:
    assert story(log(), "participant 6")[-4:] == [(45, "observation"), (50, "dlt"), (50, "follow_up"), (90, "depart")]


@pytest.mark.parametrize(
    ("entity", "expected"),
    [
        ("participant 2", [(1.5, "arrival"), (1.5, "depart")]),
        ("participant 3", [(2, "arrival"), (2, "waiting_for_screening"), (2, "screening"), (7, "screening_end"),
                           (7, "depart")]),
        ("participant 4", [(3, "arrival"), (3, "waiting_for_screening"), (5, "screening"), (9, "screening_end"),
                           (9, "waiting_for_place"), (12, "depart")]),
        # the trial's end interrupts a screening, and a wait for one
        ("participant 7", [(40, "arrival"), (40, "waiting_for_screening"), (40, "screening"), (46, "screening_end"),
                           (46, "depart")]),
        ("participant 8", [(44, "arrival"), (44, "waiting_for_screening"), (46, "depart")]),
        ("lot 1", [(0, "arrival"), (0, "donation"), (4, "donation_end"), (4, "expansion"), (20, "expansion_end"),
                   (20, "release_testing"), (28, "shipping"), (30, "in_stock"), (45, "depart")]),
        ("lot 2", [(20, "arrival"), (20, "donation"), (22, "donation_end"), (22, "expansion"), (30, "expansion_end"),
                   (30, "release_testing"), (36, "depart")]),
        ("lot 3", [(0, "arrival"), (0, "in_stock"), (42, "depart")]),
        ("lot 4", [(30, "arrival"), (30, "donation"), (44, "donation_end"), (44, "expansion"), (46, "expansion_end"),
                   (46, "depart")]),
    ],
)  # fmt: skip
def test_other_ways(entity: str, expected: list[tuple[float, str]]) -> None:
    assert story(log(), entity) == expected


def test_eligibility_expires_when_its_validity_ends_if_that_is_known() -> None:
    assert story(log(), "participant 5")[-1] == (11, "depart")
    table = events(ends(END), participants(*PEOPLE), lots(*LOTS), eligibility_valid=20)
    assert story(table, "participant 5")[-1] == (31, "depart")


def test_each_entity_arrives_and_departs_once_and_first_and_last() -> None:
    table = log()
    assert table["time"].is_monotonic_increasing
    for _, rows in table.groupby("entity_id"):
        both = rows.loc[rows["event_type"] == "arrival_departure", "event"].tolist()
        assert both == ["arrival", "depart"]
        assert rows["event"].iloc[0] == "arrival"
        assert rows["event"].iloc[-1] == "depart"
    assert table["entity_id"].nunique() == len(PEOPLE) + len(LOTS)
    assert set(table.loc[table["pathway"] == "lot", "entity_id"]) == {LOT_IDS + n for n in (1, 2, 3, 4)}


def test_units_are_numbered_from_one_and_given_back() -> None:
    table = log().set_index("entity")
    screening = table[table["event"] == "screening"]["resource_id"].to_dict()
    # 1 and 3 are screened together; 4 gets the place that 1 leaves on day 5, 5 that of 4 (3 left on 7)
    assert screening == {f"participant {n}": unit for n, unit in ((1, 1), (3, 2), (4, 1), (5, 1), (6, 1), (7, 1))}
    suites = table[table["resource"] == "suite"].groupby("entity")["resource_id"].unique().map(list).to_dict()
    # a lot keeps its suite from donation to expansion; lot 4 starts in the instant in which lot 2 leaves
    assert suites == {"lot 1": [1], "lot 2": [1], "lot 4": [1]}


def test_simultaneous_events_in_the_order_of_their_phases() -> None:
    """A lot, a screening's end, an infusion, an outcome and an arrival all on day 10."""
    people = participants(
        person(1, site="B", arrival_day=0, outcome="observed", infusion_day=0, outcome_known_day=10, last_visit_day=99),
        person(2, site="A", arrival_day=0, outcome="waiting", screening_start_day=0, screening_end_day=10),
        person(3, site="B", arrival_day=10, outcome="in_screening", screenings=0),
        person(4, site="A", arrival_day=1, outcome="withdrawn", withdrawal_day=10),
        person(5, site="B", arrival_day=1, outcome="in_window", infusion_day=10, outcome_known_day=20,
               last_visit_day=20),
        # all of it on day 10: nothing is told before what led to it, whatever its phase
        person(6, site="A", arrival_day=10, outcome="in_window", screening_start_day=10, screening_end_day=10,
               enrolment_day=10, ready_day=10, infusion_day=10, outcome_known_day=20, last_visit_day=20),
    )  # fmt: skip
    stock = lots(lot(1, start_day=1, available_day=10, outcome="in_stock"))
    told = chronology(ends(end(1, end_cause="external", end_day=10)), people, stock, sites=["B", "A"])
    assert [(moment.kind, moment.number) for moment in told if moment.day == 10] == [
        ("available", 1),
        ("eligible", 2),
        ("infusion", 5),
        ("outcome_known", 1),
        ("withdrawal", 4),
        ("arrival", 3),
        ("arrival", 6),
        ("screening_start", 6),
        ("eligible", 6),
        ("enrolment", 6),
        ("ready", 6),
        ("infusion", 6),
        ("end", 0),
        ("released", 3),
        ("released", 2),
        ("lot_left", 1),
    ]


def test_cohorts_open_and_are_complete() -> None:
    def member(number: int, cohort: int, place: float, known: float, outcome: str) -> dict[str, object]:
        return person(number, outcome=outcome, arrival_day=0, place_open_day=place, enrolment_day=place, cohort=cohort,
                      level=cohort, infusion_day=place, outcome_known_day=known, last_visit_day=known)  # fmt: skip

    people = participants(
        member(1, 1, 0, 10, "observed"),
        member(2, 1, 0, 12, "dlt"),
        member(3, 1, 0, 30, "observed"),  # the next cohort did not wait for this one
        member(4, 2, 20, 40, "observed"),
        member(5, 2, 20, 60, "in_window"),
    )
    told = chronology(ends(end(1, end_cause="external", end_day=50)), people, lots())
    cohorts = [
        (m.day, m.kind, m.number, m.facts.get("dlts"), m.facts.get("infused")) for m in told if m.who == "cohort"
    ]
    assert cohorts == [
        (0, "cohort_open", 1, None, None),
        (12, "cohort_complete", 1, 1, 2),
        (20, "cohort_open", 2, None, None),
    ]


def test_a_place_lost_before_another_screening() -> None:
    again = person(1, arrival_day=0, outcome="eligibility_expired", screenings=2, screening_start_day=0,
                   screening_end_day=30, enrolment_day=20)  # fmt: skip
    table = events(ends(end(1, end_day=90)), participants(again), lots())
    assert [event for _, event in story(table, "participant 1")][3:] == [
        "waiting_for_product", "screening_end", "waiting_for_place", "depart",
    ]  # fmt: skip


def test_nobody_departs_before_the_last_thing_known_of_them() -> None:
    late = person(1, arrival_day=0, outcome="eligibility_expired", screening_start_day=1, screening_end_day=10,
                  enrolment_day=20)  # fmt: skip
    table = events(ends(end(1, end_day=90)), participants(late), lots())
    assert story(table, "participant 1")[-1] == (20, "depart")


@pytest.mark.parametrize("scenario", ["msc-sle", "teaching-minimal"])
def test_simulated_replications(scenario: str) -> None:
    loaded = trialsim.load(scenario)
    for replication in range(1, 21):
        trace = trialsim.trace(loaded, seed=3, replication=replication)
        table = trace.events()
        assert table["time"].is_monotonic_increasing
        assert table["entity_id"].nunique() == len(trace.participants) + len(trace.lots)
        for _, rows in table.groupby("entity_id"):
            assert rows["event"].iloc[[0, -1]].tolist() == ["arrival", "depart"]
            kinds = rows["event_type"].value_counts()
            assert kinds["arrival_departure"] == 2
            assert kinds.get("resource_use", 0) == kinds.get("resource_use_end", 0)
        diary = trace.diary().split("\n")
        assert max(map(len, diary)) <= 80
        assert sum(" ends: " in line for line in diary) == 1


def test_one_replication_at_a_time() -> None:
    with pytest.raises(ValueError, match="one replication"):
        chronology(ends(end(1), end(2)), participants(), lots())
    with pytest.raises(ValueError, match="different replications"):
        chronology(ends(end(1)), participants(person(1, 2)), lots())


@pytest.fixture
def strict() -> Iterator[None]:
    """Any complaint of the reader is an error, but for deprecations within its own libraries."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("strict")
def test_vidigi_reads_the_log_unchanged() -> None:
    from vidigi.analysis import resource_use_intervals
    from vidigi.animation import animate_activity_log
    from vidigi.logging import EventLogger
    from vidigi.prep import reshape_for_animations
    from vidigi.utils import EventPosition, create_event_position_df

    table = log()
    logger = EventLogger()
    for row in table.to_dict("records"):
        logger.log_event(**{str(column): value for column, value in row.items()})
    assert len(logger.to_dataframe()) == len(table)

    snapshots = reshape_for_animations(table, every_x_time_units=1, limit_duration=110)
    present = snapshots[snapshots["snapshot_time"] == 10].set_index("entity")["event"].to_dict()
    assert present == {
        "participant 1": "waiting_for_product",
        "participant 4": "waiting_for_place",
        "participant 5": "screening",
        "lot 1": "expansion",
        "lot 3": "in_stock",
    }

    busy = resource_use_intervals(table).groupby("event")["busy_time"].sum().to_dict()
    assert busy == {"donation": 4 + 2 + 14, "expansion": 16 + 8 + 2, "infusion": 0, "screening": 4 + 5 + 4 + 2 + 1 + 6}

    units = {"screening": "places", "infusion": "places", "donation": "suites", "expansion": "suites"}
    positions = create_event_position_df(
        [
            EventPosition(event=event, x=60 * (n % 5), y=60 * (n // 5), label=event, resource=units.get(event))
            for n, event in enumerate(table["event"].unique(), start=1)
        ]
    )
    figure = animate_activity_log(
        table,
        positions,
        scenario=type("Units", (), {"places": 2, "suites": 1}),
        every_x_time_units=10,
        limit_duration=100,
        simulation_time_unit="days",
        start_date="2024-02-01",
    )
    assert len(figure.frames) >= 10

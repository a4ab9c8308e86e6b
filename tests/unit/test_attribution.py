from __future__ import annotations

from collections import defaultdict
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.small_tables import end, ends, participants, person
from trialsim.analysis.attribution import attribution
from trialsim.vocabulary import Piece

NEVER = float("inf")


def pieces(history_ends: pd.DataFrame, people: pd.DataFrame) -> list[dict[str, float]]:
    table = attribution(history_ends, people)
    return [{name: row[f"days_{name}"] for name in Piece if row[f"days_{name}"]} for row in table.to_dict("records")]


def infused(number: int, place: float, screening: float, enrolled: float, ready: float, spaced: float, day: float,
            known: float, **values: Any) -> dict[str, Any]:  # fmt: skip
    return person(
        number, arrival_day=screening, place_open_day=place, screening_start_day=screening, enrolment_day=enrolled,
        ready_day=ready, spacing_day=spaced, infusion_day=day, outcome_known_day=known, **values,
    )  # fmt: skip


def test_each_piece_in_turn() -> None:
    people = participants(
        # day 0: site opens on 3; place open since 0; screening 5, enrolled 9, dose 14, spacing 14, infused 16
        infused(1, 0, 5, 9, 14, 14, 16, 26),
        # window over on 26, place open on 40, screening 41, enrolled 45, dose 46, spacing until 50, slot on 52
        infused(2, 40, 41, 45, 46, 50, 52, 62),
    )
    assert pieces(ends(end(end_day=62, first_site_open_day=3)), people) == [
        {
            "start_up": 3,
            "recruitment": 2 + 1,
            "screening": 4 + 4,
            "product": 5 + 1,
            "spacing": 4,
            "slot": 2 + 2,
            "observation": 10 + 10,
            "review": 14,
        }
    ]


def test_moments_in_the_past_take_nothing() -> None:
    # The second was enrolled and ready long before the first was infused: only the spacing holds them up.
    people = participants(infused(1, 0, 0, 0, 0, 0, 0, 10), infused(2, 0, 0, 0, 0, 7, 7, 17))
    assert pieces(ends(end(end_day=17)), people) == [{"spacing": 7, "observation": 10}]


def test_an_outcome_that_came_after_the_place_opened_was_not_waited_for() -> None:
    people = participants(infused(1, 0, 0, 0, 0, 0, 0, 10), infused(2, 4, 6, 6, 6, 6, 20, 30))
    # Outcome on 10, place on 4: review until 4 (nobody waited for an outcome), recruitment until 6, then the slot.
    assert pieces(ends(end(end_day=30)), people) == [{"review": 4, "recruitment": 2, "slot": 14, "observation": 10}]


def test_a_trial_that_never_opened() -> None:
    nobody = participants()
    never = ends(end(end_day=100, end_cause="time_limit", first_site_open_day=None, next_place_open_day=0))
    assert pieces(never, nobody) == [{"start_up": 100}]


@pytest.mark.parametrize(
    ("rows", "next_place", "expected"),
    [
        # a place has been open since 12, nobody is in screening
        ([], 12, {"observation": 10, "review": 2, "recruitment": 38}),
        # the same, somebody's screening began on 20
        ([person(2, outcome="in_screening", screening_start_day=20)], 12,
         {"observation": 10, "review": 2, "recruitment": 8, "screening": 30}),
        # enrolled on 20 and no dose yet
        ([person(2, outcome="released", place_open_day=12, screening_start_day=15, enrolment_day=20)], None,
         {"observation": 10, "review": 2, "recruitment": 3, "screening": 5, "product": 30}),
        # ready on 25, may be infused from 30 on; a later one without a dose does not count
        ([person(2, outcome="released", place_open_day=12, screening_start_day=15, enrolment_day=20),
          person(3, outcome="released", place_open_day=12, screening_start_day=16, enrolment_day=21, ready_day=25,
                 spacing_day=30)], None,
         {"observation": 10, "review": 2, "recruitment": 4, "screening": 5, "product": 4, "spacing": 5, "slot": 20}),
        # no place, all outcomes known on day 10: the committee
        ([], None, {"observation": 10, "review": 40}),
        # no place, somebody still in the window
        ([infused(2, 0, 0, 0, 0, 0, 45, 55, outcome="in_window")], None, {"slot": 45, "observation": 5}),
    ],
)  # fmt: skip
def test_after_the_last_infusion(
    rows: list[dict[str, Any]], next_place: float | None, expected: dict[str, float]
) -> None:
    people = participants(infused(1, 0, 0, 0, 0, 0, 0, 10), *rows)
    cut_short = ends(end(end_day=50, end_cause="time_limit", next_place_open_day=next_place))
    assert pieces(cut_short, people) == [expected]


def test_tables_with_no_replications() -> None:
    assert len(attribution(ends(), participants())) == 0


def slowly(one_end: dict[str, Any], people: list[dict[str, Any]]) -> dict[str, float]:
    """The same for one replication, step by step, as the rule reads."""
    days: dict[str, float] = defaultdict(float)
    treated = sorted(
        (p for p in people if p.get("infusion_day") is not None), key=lambda p: (p["infusion_day"], p["participant"])
    )
    moment = 0.0

    def give(cause: str, until: float, stop: float) -> None:
        nonlocal moment
        then = min(max(until, moment), stop)
        days[cause] += then - moment
        moment = then

    def day(value: float | None) -> float:
        return NEVER if value is None else value

    def walk(next_one: dict[str, Any], before: list[dict[str, Any]], stop: float) -> None:
        place = next_one.get("place_open_day")
        give("start_up", day(one_end["first_site_open_day"]), stop)
        known = [p["outcome_known_day"] for p in before]
        known = [d for d in known if place is not None and d <= place]
        if known:
            give("observation", max(known), stop)
        give("review", day(place), stop)
        give("recruitment", day(next_one.get("screening_start_day")), stop)
        give("screening", day(next_one.get("enrolment_day")), stop)
        give("product", day(next_one.get("ready_day")), stop)
        give("spacing", day(next_one.get("spacing_day")), stop)
        give("slot", NEVER, stop)

    for number, one in enumerate(treated):
        walk(one, treated[:number], one["infusion_day"])
    stop = one_end["end_day"]
    released = [p for p in people if p["outcome"] == "released"]
    if one_end["end_cause"] == "completed":
        give("start_up", day(one_end["first_site_open_day"]), stop)
        give("observation", NEVER, stop)
    elif released:
        first = min(released, key=lambda p: (day(p.get("ready_day")), day(p.get("enrolment_day")), p["participant"]))
        walk(first, treated, stop)
    elif one_end["next_place_open_day"] is not None:
        starts = [day(p.get("screening_start_day")) for p in people if p["outcome"] == "in_screening"]
        start = min(starts, default=NEVER)
        walk(
            {
                "place_open_day": one_end["next_place_open_day"],
                "screening_start_day": None if start == NEVER else start,
            },
            treated,
            stop,
        )
    else:
        give("start_up", day(one_end["first_site_open_day"]), stop)
        all_known = max((p["outcome_known_day"] for p in treated), default=NEVER)
        waiting = all_known > stop or any(p["outcome"] == "in_window" for p in people)
        give("observation", NEVER if waiting else all_known, stop)
        give("review", NEVER, stop)
    return dict(days)


DAYS = st.integers(0, 40).map(lambda n: n * 2.0**-2 + 2.0**-20)
MAYBE = st.none() | DAYS


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    all_ends, people = [], []
    for replication in draw(st.lists(st.integers(1, 9), unique=True, max_size=4)):
        rows = []
        for number in range(1, draw(st.integers(0, 5)) + 1):
            outcome = draw(st.sampled_from(["observed", "dlt", "in_window", "released", "in_screening", "withdrawn"]))
            row = person(number, replication, outcome=outcome)
            row |= {name: draw(MAYBE) for name in ("place_open_day", "screening_start_day", "ready_day", "spacing_day")}
            row["enrolment_day"] = draw(DAYS if outcome == "released" else MAYBE)
            if outcome in ("observed", "dlt", "in_window"):
                row |= {"infusion_day": draw(DAYS), "outcome_known_day": draw(DAYS)}
            rows.append(row)
        last = max((r["infusion_day"] for r in rows if r.get("infusion_day") is not None), default=0.0)
        all_ends.append(
            end(
                replication,
                end_day=last + draw(DAYS),
                end_cause=draw(st.sampled_from(["completed", "time_limit"])),
                first_site_open_day=draw(MAYBE),
                next_place_open_day=draw(MAYBE),
            )
        )
        people += rows
    return all_ends, draw(st.permutations(people))


@settings(max_examples=300, deadline=None)
@given(histories())
def test_agrees_with_the_slow_way_and_adds_up(history: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> None:
    all_ends, people = history
    table = attribution(ends(*all_ends), participants(*people))
    assert list(table["replication"]) == [row["replication"] for row in all_ends]
    for row, one_end in zip(table.to_dict("records"), all_ends, strict=True):
        expected = slowly(one_end, [p for p in people if p["replication"] == one_end["replication"]])
        assert {name: row[f"days_{name}"] for name in Piece} == {name: expected.get(name, 0.0) for name in Piece}
        assert sum(row[f"days_{name}"] for name in Piece) == one_end["end_day"]

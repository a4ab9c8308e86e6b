"""Courses of the counts: answers worked out by hand."""

from __future__ import annotations

import datetime
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from tests.support.small_tables import end, ends, participants, person
from trialsim.analysis.courses import bands, courses, grid, merge
from trialsim.tables import QUANTITIES

MAY_14 = datetime.date(2019, 5, 14)


def example() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Replication 4 has three people and ends on day 9.5, replication 7 has one and ends on day 20, 9 has nobody."""
    people = participants(
        person(1, 4, screening_start_day=0.0, enrolment_day=1.0, infusion_day=7.0),
        person(2, 4, screening_start_day=6.999, enrolment_day=8.5, infusion_day=9.5),
        person(3, 4, screening_start_day=9.0, screenings=2),
        person(1, 7, screening_start_day=14.0, enrolment_day=14.0),
        person(2, 7, screenings=0, outcome="turned_away"),
    )
    return people, ends(end(4, end_day=9.5), end(7, end_day=20.0), end(9, end_day=3.0))


def by_day(table: pd.DataFrame, quantity: str) -> dict[int, dict[int, int]]:
    """For each day, how many replications had each count."""
    mine = table[table["quantity"] == quantity]
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for day, value, count in zip(mine["day"], mine["value"], mine["replications"], strict=True):
        found[day][value] = count
    return found


def test_counts_by_the_end_of_each_day() -> None:
    table = courses(*example(), [7, 0, 6, 9, 20])
    assert list(table.columns) == ["day", "quantity", "value", "replications"]
    assert list(table["quantity"].unique()) == ["screened", "enrolled", "infused"]
    assert by_day(table, "screened") == {
        0: {0: 2, 1: 1},
        6: {0: 2, 2: 1},
        7: {0: 2, 2: 1},
        9: {0: 2, 3: 1},
        20: {0: 1, 1: 1, 3: 1},
    }
    assert by_day(table, "enrolled")[20] == {0: 1, 1: 1, 2: 1}
    assert by_day(table, "infused") == {0: {0: 3}, 6: {0: 3}, 7: {0: 2, 1: 1}, 9: {0: 2, 2: 1}, 20: {0: 2, 2: 1}}


def test_the_days_must_reach_the_last_end() -> None:
    with pytest.raises(ValueError, match="on day 20"):
        courses(*example(), [0, 19])
    with pytest.raises(ValueError, match="on day 20"):
        courses(*example(), [])


def test_parts_add_up_to_the_whole_even_when_one_ends_earlier() -> None:
    people, closes = example()
    whole = courses(people, closes, [0, 7, 14, 20, 31])
    early = [4, 9]
    part = courses(people[people["replication"].isin(early)], closes[closes["replication"].isin(early)], [0, 7, 14])
    rest = courses(people[people["replication"] == 7], closes[closes["replication"] == 7], [0, 7, 14, 20, 31])
    pd.testing.assert_frame_equal(merge([part, rest]), whole)
    pd.testing.assert_frame_equal(merge([rest, part]), whole)
    pd.testing.assert_frame_equal(merge([whole]), whole)


def test_parts_on_other_days_do_not_merge() -> None:
    people, closes = example()
    with pytest.raises(ValueError, match="same days"):
        merge([courses(people, closes, [0, 20]), courses(people, closes, [0, 7, 20])])
    with pytest.raises(ValueError, match="no courses"):
        merge([])


def test_bands_are_counts_that_some_replication_had() -> None:
    found = bands(courses(*example(), [0, 20]), [0, 1 / 3, 0.5, 0.9])
    assert list(found.columns) == ["day", "quantity", "replications", "p0", "p33.33333333", "p50", "p90"]
    assert found["quantity"].tolist() == ["screened"] * 2 + ["enrolled"] * 2 + ["infused"] * 2
    assert set(found["replications"]) == {3}
    screened = found[found["quantity"] == "screened"]
    assert screened["p0"].tolist() == [0, 0]
    assert screened["p33.33333333"].tolist() == [0, 0]  # a third of three replications is one of them, not two
    assert screened["p50"].tolist() == [0, 1]
    assert screened["p90"].tolist() == [1, 3]


def test_bands_agree_with_numpy_on_many_replications() -> None:
    luck = np.random.default_rng(3)
    happened = luck.uniform(0, 100, (200, 6))
    people = participants(
        *(person(k + 1, r + 1, infusion_day=happened[r, k]) for r in range(200) for k in range(6)),
    )
    table = courses(people, ends(*(end(r + 1, end_day=100.0) for r in range(200))), range(0, 101, 10))
    found = bands(table, [0.1, 0.25, 0.9])
    infused = found[found["quantity"] == "infused"]
    for day, *quantiles in infused[["day", "p10", "p25", "p90"]].itertuples(index=False):
        counts = (happened < day + 1).sum(axis=1)
        assert quantiles == np.quantile(counts, [0.1, 0.25, 0.9], method="inverted_cdf").tolist()


def test_rounding_errors_move_no_quantile() -> None:
    people = participants(*(person(k, r, infusion_day=0.0) for r in range(1, 101) for k in range(1, r + 1)))
    table = courses(people, ends(*(end(r) for r in range(1, 101))), [0])
    found = bands(table, [0.07, 0.55])  # times 100, both are a little more than 7 and 55
    assert found[found["quantity"] == "infused"][["p7", "p55"]].to_numpy().tolist() == [[7, 55]]


def test_grid_goes_day_by_day_then_by_weeks_and_by_months() -> None:
    days = grid(MAY_14, 250.0, [3, 40])
    weeks = range(28, 183, 7)
    assert days == sorted([*range(28), *weeks, 40, 200, 231, 262])  # 30 November and 31 December 2019, 31 January 2020
    assert [(MAY_14 + datetime.timedelta(day)).day for day in days[-3:]] == [30, 31, 31]


@pytest.mark.parametrize(
    ("horizon", "last"), [(0.0, 0), (6.9, 6), (7.0, 7), (28.5, 28), (29.0, 35), (182.5, 182), (183.0, 200)]
)
def test_grid_covers_the_horizon(horizon: float, last: int) -> None:
    assert grid(MAY_14, horizon)[-1] == last


def test_grid_covers_what_was_observed_and_a_shorter_one_is_its_beginning() -> None:
    longest = grid(MAY_14, 3000.0, [1392], 1461.5)
    assert longest[-1] >= 3000
    for horizon in (0.0, 100.0, 1391.0, 1500.0):
        shorter = grid(MAY_14, horizon, [1392], 1461.5)
        assert shorter == longest[: len(shorter)]
        assert shorter[-1] >= 1392


def test_grid_has_the_time_limit_if_a_trial_comes_so_far() -> None:
    assert 1461 in grid(MAY_14, 1500.0, time_limit=1461.5)
    assert 1461 not in grid(MAY_14, 1500.0)
    assert grid(MAY_14, 900.0, time_limit=1461.5) == grid(MAY_14, 900.0)


def test_nobody_at_all() -> None:
    table = courses(participants(), ends(end(1), end(2)), [0])
    assert [by_day(table, quantity) for quantity in QUANTITIES] == [{0: {0: 2}}] * 3
    assert bands(table, [0.5])["p50"].tolist() == [0, 0, 0]

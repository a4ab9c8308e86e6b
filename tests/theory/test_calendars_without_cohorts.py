"""Calendars of rules that do not wait for every window, worked out by hand; candidates are listed one by one.

Each candidate's entry says when a DLT would come, at whatever level. Windows take ten days.
"""

from __future__ import annotations

from math import exp
from typing import Any

import pytest
from scipy.optimize import brentq
from scipy.stats import beta

from tests.support.crm_by_quadrature import Reference
from tests.support.exact import build, histories, infused, infusion_days, mean_is, once
from trialsim.model import History

WINDOW = 10.0
DAILY = [float(day) for day in range(1, 61)]


def trial(most: int, arrivals: list[float], dlts: dict[int, float] | None = None, **more: Any) -> History:
    """One replication; `dlts` says for some (from 1) how many days after infusion they have a DLT."""
    toxic = dlts or {}
    people = [
        {"arrival": f"{day} days", "dlt": [f"{toxic[k]} days"] * 3 if k in toxic else [None] * 3}
        for k, day in enumerate(arrivals, start=1)
    ]
    recruitment = {"sites": [{"name": "A", "people": people}], "while_closed": more.pop("while_closed", "queue")}
    dosing = {"levels": ["1 cells", "2 cells", "4 cells"], "observation": "10 days", **more.pop("dosing")}
    return once(build(most, recruitment, dosing=dosing, **more))


def levels(history: History) -> list[int | None]:
    return [person.level for person in infused(history)]


# Rolling six


@pytest.mark.parametrize(
    ("while_closed", "strict", "days", "end"),
    [
        ("turn_away", False, [1, 2, 3, 4, 5, 6, 15, 16, 17, 18, 19, 20], 30),
        ("turn_away", True, [1, 2, 3, 4, 5, 6, 16, 17, 18, 19, 20, 21], 31),
        ("queue", False, [1, 2, 3, 4, 5, 6, 15, 15, 15, 15, 15, 15], 25),
        ("queue", True, [1, 2, 3, 4, 5, 6, 16, 16, 16, 16, 16, 16], 26),
    ],
)
def test_rolling_six_with_arrivals_daily(while_closed: str, strict: bool, days: list[float], end: float) -> None:
    dosing = {"rule": {"rolling_six": {"strict": strict}}, "levels": ["1 mg", "2 mg"], "observation": "10 days"}
    recruitment = {"sites": [{"name": "A", "arrival_days": DAILY}], "while_closed": while_closed}
    history = once(build(30, recruitment, dosing=dosing))
    assert infusion_days(history) == days
    assert (history.end_day, history.end_cause, history.recommended_level) == (end, "completed", 2)


def test_rolling_six_with_dlts() -> None:
    # one DLT among six: the last window must close (day 16); two at level 2, on days 17 and 19: back, where six were
    away: dict[str, Any] = {"while_closed": "turn_away", "dosing": {"rule": "rolling_six"}}
    history = trial(30, DAILY, {2: 3.0, 16: 1.0, 18: 1.0}, **away)
    assert infusion_days(history) == [1, 2, 3, 4, 5, 6, 16, 17, 18]
    assert (levels(history), history.end_day, history.recommended_level) == ([1] * 6 + [2] * 3, 19, 1)
    # from level 2 down to an untried one, where six are treated; the last window closes on day 18
    history = trial(30, DAILY, {1: 0.5, 2: 0.5}, **away | {"dosing": {"rule": "rolling_six", "start_level": 2}})
    assert infusion_days(history) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert (levels(history), history.end_day, history.recommended_level) == ([2] * 2 + [1] * 6, 18, 1)
    # two at level 1: none
    history = trial(30, DAILY, {1: 1.0, 3: 1.0}, **away)
    assert (infusion_days(history), history.end_day, history.end_cause) == ([1, 2, 3], 4, "safety")


@pytest.mark.parametrize(
    ("options", "first"),
    [
        ({"review": "5 days"}, 20),
        ({"committee_every": "7 days"}, 21),
        ({"review": "5 days", "committee_every": "7 days"}, 21),
        ({"review": "7 days", "committee_every": "7 days"}, 28),
    ],
)
def test_another_level_takes_a_review_and_staying_none(options: dict[str, str], first: int) -> None:
    # five of six are known on day 15, and level 2 may then come
    dosing = {"rule": "rolling_six", "levels": ["1 mg", "2 mg"], "observation": "10 days", **options}
    recruitment = {"sites": [{"name": "A", "arrival_days": DAILY}], "while_closed": "turn_away"}
    history = once(build(30, recruitment, dosing=dosing))
    assert infusion_days(history) == [1, 2, 3, 4, 5, 6, *range(first, first + 6)]
    assert history.end_day == first + 15


@pytest.mark.slow
def test_rolling_six_below_the_top() -> None:
    # a fourth, fifth and sixth come while a window is open, each with probability q
    rate = 0.1
    q = 1 - exp(-rate * WINDOW)
    recruitment = {"sites": [{"name": "A", "rate": f"{rate} per day"}], "while_closed": "turn_away"}
    dosing = {"rule": "rolling_six", "levels": ["1 mg", "2 mg"], "observation": "10 days"}
    ended = histories(build(12, recruitment, dosing=dosing), 600)
    treated = [levels(history).count(1) for history in ended]
    mean_is(treated, 3 + q + q**2 + q**3)


# Time-weighted BOIN


def test_tite_boin_while_half_are_pending() -> None:
    # alone at a level: wait; with one of two pending, two of five or three of six, go on
    history = trial(8, [0.0] * 8, dosing={"rule": {"tite_boin": {"target": 0.3}}})
    assert infusion_days(history) == [0, 10, 20, 30, 30, 40, 40, 40]
    assert (levels(history), history.end_day) == ([1, 2, 3, 3, 3, 3, 3, 3], 50)


# Six at level 2. Without a DLT the imputed rate is at most .15/.85 = .176: up. With one, p = 1.15/2 (odds .739130 of no
# DLT), f being the follow-up of five in windows: up once f >= 5 - .739130 (6 × .236491 - 1) = 4.690, and never down, as
# 1/6 is below .3. With two, p = 2.15/3 (odds .395349): down while f <= 4 - .395349 (6 × .358519 - 2) = 3.940, as 2/6 is
# above .3


@pytest.mark.parametrize(
    ("dlts", "options", "dosing", "day", "level"),
    [
        ([], {"minimum_follow_up": 0.25}, {}, 2.5, 3),
        ([], {"minimum_follow_up": 0.8}, {}, 8, 3),
        ([], {"minimum_follow_up": 0.25}, {"review": "5 days"}, 7.5, 3),
        ([], {"minimum_follow_up": 0.95}, {"committee_every": "4 days"}, 12, 3),
        ([1.0], {"minimum_follow_up": 0.25}, {}, 1, 2),
        ([1.0], {"minimum_follow_up": 0.25}, {"dlt_resolves": False}, 2.5, 3),
        ([3.0], {"minimum_follow_up": 0.25}, {"review": "6 days"}, 3, 2),  # it says stay before the committee has met
        ([9.0], {"max_pending_fraction": 0.5, "minimum_follow_up": 0.95}, {}, 10, 3),
        ([1.0], {"max_pending_fraction": 0.5}, {}, 10, 3),
        ([1.0], {"max_pending_fraction": 0.9}, {}, 1, 2),
        ([1.0, 1.0], {"minimum_follow_up": 0.25}, {}, 1, 1),
        ([1.0, 1.0], {"minimum_follow_up": 0.25}, {"review": "5 days"}, 6, 1),
        ([1.0, 1.0], {"minimum_follow_up": 0.25}, {"review": "9 days"}, 10, 2),  # by then it says stay
        ([1.0, 1.0], {"max_pending_fraction": 0.5}, {}, 10, 2),
        ([1.0, 1.0, 1.0], {"max_pending_fraction": 0.4}, {}, 1, 1),  # 3/6 is above .3585, whatever the others show
    ],
)
def test_tite_boin_is_asked_at_the_very_moment(
    dlts: list[float], options: dict[str, float], dosing: dict[str, Any], day: float, level: int
) -> None:
    rule = {"tite_boin": {"target": 0.3, "max_pending_fraction": 1.0, **options}}
    toxic = dict(enumerate(dlts, start=1))
    section = {"rule": rule, "start_level": 2, "cohort_size": 6, "stop_cohort_early": False, **dosing}
    history = trial(12, [0.0] * 12, toxic, dosing=section)
    assert infusion_days(history) == [0] * 6 + [day] * 6
    assert levels(history) == [2] * 6 + [level] * 6


def test_the_last_to_be_infused_is_waited_for() -> None:
    # infusions take three days' notice, and each is followed for half a window before the next place opens
    rule = {"tite_boin": {"target": 0.3, "max_pending_fraction": 1.0, "minimum_follow_up": 0.5}}
    history = trial(3, [0.0] * 3, dosing={"rule": rule}, infusion={"notice": "3 days"})
    assert [person.enrolment_day for person in infused(history)] == [0, 8, 16]
    assert (infusion_days(history), levels(history)) == ([3, 11, 19], [1, 2, 3])


def test_a_share_that_is_no_binary_fraction() -> None:
    rule = {"tite_boin": {"target": 0.3, "max_pending_fraction": 1.0, "minimum_follow_up": 0.55}}
    history = trial(3, [1000.0] * 3, dosing={"rule": rule, "observation": "100 days"})
    assert infusion_days(history) == [1000, 1055, 1110]


def test_no_level_is_recommended_beside_a_safety_stop() -> None:
    # two DLTs rule level 1 out for a target of .2, even if the third has none: Beta(3, 2) is above .2 with .973
    assert beta.sf(0.2, 3, 2) > 0.95
    history = trial(
        9, [0.0, 1.0, 2.0], {1: 5.0, 2: 5.0}, dosing={"rule": {"tite_boin": {"target": 0.2}}, "cohort_size": 3}
    )
    assert (history.end_day, history.end_cause, history.recommended_level) == (6, "safety", None)


# Time-weighted CRM


def test_tite_crm_goes_up_when_enough_of_the_windows_has_passed() -> None:
    # three at level 1; the guess there is nearest to the target until their follow-up has made level 2 as near
    skeleton, target = (0.25, 0.45, 0.65), 0.3

    def surplus(share: float) -> float:
        p = Reference("empiric", skeleton, 1.0, [(0, 0)] * 3, [(1, share)] * 3).plug_in()
        return p[0] + p[1] - 2 * target

    day = WINDOW * brentq(surplus, 0.0, 1.0)
    assert 0.5 < day < 9
    rule = {"tite_crm": {"target": target, "skeleton": skeleton, "prior_sd": 1.0, "max_pending_fraction": 1.0}}
    for comes, level in ((day - 0.01, 1), (day + 0.01, 2)):
        history = trial(4, [0.0, 0.0, 0.0, comes], dosing={"rule": rule, "cohort_size": 3})
        assert levels(history) == [1, 1, 1, level]


def test_tite_crm_does_not_go_up_while_a_dlt_is_the_latest_outcome() -> None:
    # one DLT does not move so stiff a curve below its target; only coherence holds the trial, until the first is well
    rule: dict[str, Any] = {"target": 0.6, "skeleton": (0.1, 0.3, 0.6), "prior_sd": 0.3, "max_pending_fraction": 1.0}
    arrivals, toxic = [0.0, 1.0, 3.0, 4.0, 9.0, 10.0], {2: 2.0}
    for coherent, expected in ((True, [1, 2, 2, 2, 2, 3]), (False, [1, 2, 3, 3, 3, 3])):
        history = trial(6, arrivals, toxic, dosing={"rule": {"tite_crm": rule | {"coherent": coherent}}})
        assert levels(history) == expected


# When the level is settled


LATE: dict[str, Any] = {"infusion": {"notice": "3 days"}}
EAGER = {"rule": {"tite_boin": {"target": 0.3, "max_pending_fraction": 1.0}}, "start_level": 2}


@pytest.mark.parametrize(
    ("fixed_at", "dlts", "days", "given"),
    [
        # the fourth comes on day 4 and gets level 3; on day 5 two of three at level 2 have had a DLT, then all three
        ("enrolment", {1: 2.0, 2: 2.0}, [3, 3, 3, 7], [2, 2, 2, 3]),
        ("infusion", {1: 2.0, 2: 2.0}, [3, 3, 3, 7], [2, 2, 2, 1]),
        ("enrolment", {1: 2.0, 2: 2.0, 3: 2.0}, [3, 3, 3, 8], [2, 2, 2, 1]),  # eliminated: back to the queue on day 5
        ("infusion", {1: 2.0, 2: 2.0, 3: 2.0}, [3, 3, 3, 7], [2, 2, 2, 1]),
    ],
)
def test_a_level_may_fall_before_the_infusion(
    fixed_at: str, dlts: dict[int, float], days: list[float], given: list[int]
) -> None:
    dosing = EAGER | {"dose_fixed_at": fixed_at, "cohort_size": 3}
    history = trial(4, [0.0, 0.0, 0.0, 4.0], dlts, dosing=dosing, **LATE)
    assert (infusion_days(history), levels(history)) == (days, given)


@pytest.mark.parametrize(
    ("fixed_at", "days", "given", "end"),
    [
        ("enrolment", [3] * 5 + [7, 16, 16], [1] * 6 + [2] * 2, 17),
        ("infusion", [3] * 5 + [7, 16, 16, 17], [1] * 6 + [2] * 2 + [1], 27),
    ],
)
def test_a_level_exceeded_is_not_given_even_while_the_rule_waits(
    fixed_at: str, days: list[float], given: list[int], end: float
) -> None:
    # six at level 1, known on days 13 and 17; two DLTs at level 2 on day 16.25, when the ninth is booked for day 17. At
    # that infusion the rule still waits for the sixth, whose window ends on the same day, after the infusions
    history = trial(
        12,
        [0.0] * 5 + [4.0, 13.0, 13.0, 13.5],
        {7: 0.25, 8: 0.25},
        dosing={"rule": "rolling_six", "dose_fixed_at": fixed_at},
        **LATE,
    )
    assert (infusion_days(history), levels(history)) == (days, given)
    assert (history.end_day, history.recommended_level) == (end, 1)


def in_stock(cells: float, **more: Any) -> dict[str, Any]:
    """One lot in stock, and no other for years."""
    lots = {"policy": "to_stock", "target_doses": 1, "lots_in_stock_at_start": 1, "cells_per_lot": cells}
    return {**lots, "expansion": "5 years", **more}


@pytest.mark.parametrize(
    ("fixed_at", "more", "dosing", "given", "cells"),
    [
        ("enrolment", {}, {}, [2, 2], None),
        ("infusion", {}, {}, [2, 3], None),
        ("infusion", {}, {"review": "5 days"}, [2, 2], None),  # asked for on day 3, agreed on day 8
        ("infusion", {}, {"review": "1 day"}, [2, 3], None),
        ("infusion", {"product": in_stock(6)}, {}, [2, 3], [2, 4]),
        ("infusion", {"product": in_stock(5)}, {}, [2, 2], [2, 2]),  # 3 cells left for a dose of 4
        ("enrolment", {"product": in_stock(6)}, {}, [2, 2], [2, 2]),
    ],
)
def test_a_level_may_rise_before_the_infusion(
    fixed_at: str, more: dict[str, Any], dosing: dict[str, Any], given: list[int], cells: list[float] | None
) -> None:
    # the second comes while nobody has been infused (day 2), and is infused two days after the first (day 5)
    more["stopping"] = {"time_limit": "40 days"}
    history = trial(3, [0.0, 2.0], dosing=EAGER | {"dose_fixed_at": fixed_at, **dosing}, **LATE, **more)
    assert (infusion_days(history), levels(history)) == ([3, 5], given)
    if cells is not None:
        assert [person.dose_cells for person in infused(history)] == cells
        assert history.lots[0].cells_infused == sum(cells)


def test_cells_of_a_lower_level_are_free_again() -> None:
    # three doses of 2 leave 4 of 10 cells, the fourth's at level 3; three DLTs on day 5 rule out level 2, so the
    # fourth gets 1 on day 7. Until then there is nothing for the fifth, who comes at level 1 on day 6
    history = trial(
        5,
        [0.0, 0.0, 0.0, 4.0, 6.0],
        {1: 2.0, 2: 2.0, 3: 2.0},
        dosing=EAGER | {"dose_fixed_at": "infusion", "cohort_size": 3},
        product=in_stock(10),
        **LATE,
    )
    people = infused(history)
    assert [(person.level, person.dose_cells) for person in people] == [(2, 2), (2, 2), (2, 2), (1, 1), (1, 1)]
    assert [person.ready_day for person in people] == [0, 0, 0, 4, 7]
    assert history.lots[0].cells_infused == 8


# In cohorts


def test_an_under_dose_counts_at_the_level_assigned() -> None:
    # three doses of 4 from lots of 3: all toxic, so level 3 is out, although nobody had more than 3 cells
    history = trial(
        6,
        [0.0] * 6,
        {1: 1.0, 2: 1.0, 3: 1.0},
        dosing={"rule": {"boin": {"target": 0.3}}, "start_level": 3, "cohort_size": 3},
        product=in_stock(3) | {"lots_in_stock_at_start": 6, "minimum_dose_fraction": 0.7},
    )
    assert [(person.level, person.dose_cells, person.under_dosed) for person in infused(history)] == [
        *[(3, 3, True)] * 3,
        *[(2, 2, False)] * 3,
    ]
    assert history.recommended_level == 2


def test_a_level_may_be_eliminated_without_a_dlt() -> None:
    # two of two without: P(p > .3) = .7^3 = .343, above a cutoff of .3. The third, booked for day 6, goes down too
    assert float(beta.sf(0.3, 1, 3)) == pytest.approx(0.343)
    rule = {"beta_binomial": {"target": 0.3, "cutoff": 0.3, "minimum_n": 2}}
    dosing = {"rule": rule, "cohort_size": 3, "start_level": 2, "stagger": "6 days", "observation": "5 days"}
    history = trial(4, [0.0] * 4, dosing=dosing)
    assert list(zip(infusion_days(history), levels(history), strict=True))[:3] == [(0, 2), (0, 2), (6, 1)]

"""What holds for every dose rule on every history, possible in a trial or not."""

from __future__ import annotations

from dataclasses import replace
from itertools import product, takewhile
from typing import Any

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from tests.support.rule_histories import (
    ALL,
    DERIVED,
    IN_COHORTS,
    any_view,
    lowest_eliminated,
    name_of,
    plain,
    possible_view,
    settings_of_a_trial,
)
from trialsim.rules import Answer, Assign, Assigned, Guarded, Stop, View, Wait
from trialsim.rules.boin import Boin
from trialsim.rules.crm import Crm
from trialsim.rules.fixed import Fixed
from trialsim.rules.ladder import Ladder
from trialsim.rules.three_plus_three import ThreePlusThree
from trialsim.rules.time_weighted import TimeWeightedRule
from trialsim.rules.tite_boin import TiteBoin
from trialsim.rules.tite_crm import TiteCrm

modest = settings(max_examples=15)
every_rule = pytest.mark.parametrize("rule", ALL, ids=name_of)
every_cohort_rule = pytest.mark.parametrize("rule", IN_COHORTS, ids=name_of)


def check(rule: Any, view: View) -> None:
    before = list(view.participants)
    answer = rule.decide(view)
    recommended = rule.recommend(view)
    event(type(answer).__name__)
    is_timed = isinstance(plain(rule), TimeWeightedRule)
    assert rule.decide(replace(view, participants=list(before), now=view.now + (not is_timed))) == answer
    assert list(view.participants) == before

    tried = {who.level for who in before if who.outcome in ("dlt", "no_dlt")}
    out = lowest_eliminated(rule, view)
    may_be_any = getattr(plain(rule), "recommends", "tried") == "any" and tried
    assert recommended is None or ((recommended in tried or may_be_any) and recommended < out)
    assert 0 <= rule.admissible(view) < out

    if isinstance(answer, Stop):
        assert answer.level == recommended
        assert answer.level is not None or out == 1 or not isinstance(rule, Guarded) or answer == rule.rule.decide(view)
    elif isinstance(answer, Assign):
        assert 1 <= answer.level <= view.levels
        assert answer.level < out
        not_infused = sum(1 for who in before if who.infusion_day is None)
        held = view.places_used() - (not_infused if answer.opens_cohort else 0)
        assert held < view.max_participants
        assert not answer.opens_cohort or rule.cohorts
        if before:
            goes_up_as_it_may(rule, view, answer)
        else:
            assert answer == Assign(view.start_level, opens_cohort=rule.cohorts)
    else:
        assert before
        assert answer.until is None or answer.until > view.now


def goes_up_as_it_may(rule: Any, view: View, answer: Assign) -> None:
    """No untried level is skipped, nobody goes up straight after a DLT, and a cohort is filled at its level."""
    before, own = view.participants, plain(rule)
    here = before[-1].level
    current = [who for who in before if who.cohort == before[-1].cohort]
    given = [who.level for who in before if rule.cohorts or who.infusion_day is not None]
    if not getattr(own, "skip", False):
        assert answer.level <= max(max(given, default=0) + 1, here)
    if rule.cohorts and not answer.opens_cohort:
        in_place = [who for who in current if not (view.replace_non_evaluable and who.outcome == "lost")]
        assert answer.level == current[-1].level
        assert len(in_place) < (view.cohort_size or view.max_participants)
    if getattr(own, "coherent", False) and answer.level > here:
        if rule.cohorts:
            assert not any(who.outcome == "dlt" for who in current)
        else:
            latest = max((who.outcome_day for who in before if who.outcome_day is not None), default=None)
            assert all(who.outcome != "dlt" for who in before if who.outcome_day == latest != who.infusion_day)


@every_rule
@modest
@given(view=any_view())
def test_on_any_history(rule: Any, view: View) -> None:
    check(rule, view)


@every_rule
@modest
@given(start=settings_of_a_trial(), data=st.data())
def test_on_possible_histories(rule: Any, start: View, data: st.DataObject) -> None:
    check(rule, possible_view(rule, start, data, on_the_way=lambda view: check(rule, view)))


@every_rule
@modest
@given(start=settings_of_a_trial(), data=st.data())
def test_a_resolved_trial_never_waits_for_nothing(rule: Any, start: View, data: st.DataObject) -> None:
    view = possible_view(rule, start, data)
    people = tuple(who for who in view.participants if who.outcome is not None)
    view = replace(view, participants=people)
    if isinstance(rule.decide(view), Wait):
        assert view.places_used() >= view.max_participants


@every_cohort_rule
@modest
@given(start=settings_of_a_trial(), data=st.data())
def test_a_cohort_ends_early_only_when_nothing_could_change_the_answer(
    rule: Any, start: View, data: st.DataObject
) -> None:
    start = replace(start, cohort_size=start.cohort_size or 3, stop_cohort_early=True, max_participants=100)
    view = possible_view(rule, start, data)
    assume(view.participants)
    people = view.participants
    current = [who for who in people if who.cohort == people[-1].cohort]
    room = start.cohort_size - sum(1 for who in current if not (view.replace_non_evaluable and who.outcome == "lost"))  # type: ignore[operator]
    eliminated = current[0].level >= lowest_eliminated(rule, view)
    if eliminated:
        room = 0  # nobody else joins, unless an outcome still due brings the level back
    assume(room or any(who.outcome is None for who in people))

    early = rule.decide(view)
    later = completed_answers(rule, view, room, stop_cohort_early=eliminated)
    leaves = isinstance(early, Stop) or (isinstance(early, Assign) and early.level < current[0].level)
    event(f"ends early: {leaves}")
    if leaves:
        assert later == {early}
    else:
        assert early == Assign(current[0].level) if room else early == Wait()
        # These two judge by the DLTs of a level alone, so what every completion agrees on the data so far agree on.
        if isinstance(rule, Ladder | ThreePlusThree) and len(later) == 1 and any(w.outcome == "dlt" for w in current):
            (only,) = later
            assert isinstance(only, Assign) and only.level >= current[0].level


def completed_answers(rule: Any, view: View, room: int, stop_cohort_early: bool) -> set[Answer]:
    """All answers once so many more have joined the last, and every outcome is known, one way or another."""
    people = view.participants
    unknown = [k for k, who in enumerate(people) if who.outcome is None]
    assume(len(unknown) + room <= 6)
    known = ("dlt", "no_dlt") if view.replace_non_evaluable else ("dlt", "no_dlt", "lost")
    end = view.now + view.window
    later = set()
    for ends in product(known, repeat=len(unknown) + room):
        completed = [*people, *[people[-1]._replace(infusion_day=None, outcome=None, outcome_day=None)] * room]
        for k, outcome in zip([*unknown, *range(len(people), len(completed))], ends, strict=True):
            completed[k] = completed[k]._replace(infusion_day=view.now, outcome=outcome, outcome_day=end)
        complete = replace(view, now=end, participants=tuple(completed), stop_cohort_early=stop_cohort_early)
        later.add(rule.decide(complete))
    return later


PATIENT = [
    TiteBoin(target=0.3, max_pending_fraction=0.0),
    TiteBoin(target=0.2, elimination=0.8, max_pending_fraction=0.0),
    TiteCrm(**DERIVED, max_pending_fraction=0.0),
    TiteCrm(**DERIVED, coherent=False, max_pending_fraction=0.0, prior_sd=3.0),
]


@pytest.mark.parametrize("rule", PATIENT, ids=name_of)
@modest
@given(start=settings_of_a_trial(), data=st.data())
def test_a_time_weighted_rule_does_not_wait_where_nothing_could_change_the_answer(
    rule: Any, start: View, data: st.DataObject
) -> None:
    """It would wait for whoever is pending; with a DLT, and the way down certain, it goes down or stops at once."""
    start = replace(start, stop_cohort_early=True, max_participants=100)
    view = possible_view(rule, start, data)
    assume(any(who.outcome is None for who in view.participants))
    early, here = rule.decide(view), view.participants[-1].level
    in_time = rule.decide(replace(view, stop_cohort_early=False))
    leaves = early != in_time
    event(f"leaves early: {leaves}")
    if leaves:
        assert isinstance(early, Stop) or (isinstance(early, Assign) and early.level < here)
        row = list(takewhile(lambda who: who.level == here, reversed(view.participants)))
        places = sum(not (view.replace_non_evaluable and who.outcome == "lost") for who in row)
        size = view.cohort_size or 1
        room = -places % size or (0 if places else size)
        assert completed_answers(rule, view, room, stop_cohort_early=False) == {early}


# With a window of no length every outcome is known at once: time-weighted rules are then their plain parents.

PARENTS = [
    (TiteBoin(target=0.3), Boin(target=0.3)),
    (TiteBoin(target=0.2, elimination=0.8, minimum_follow_up=1.0), Boin(target=0.2, elimination=0.8)),
    (TiteCrm(**DERIVED), Crm(**DERIVED)),
    (
        TiteCrm(**DERIVED, coherent=False, skip=True, max_pending_fraction=0.0),
        Crm(**DERIVED, coherent=False, skip=True),
    ),
]


@pytest.mark.parametrize(("timed", "parent"), PARENTS, ids=name_of)
@settings(max_examples=40)
@given(
    start=settings_of_a_trial(),
    luck=st.lists(st.sampled_from(["no_dlt", "no_dlt", "no_dlt", "dlt", "lost"]), min_size=1, max_size=24),
    at_once=st.booleans(),
)
def test_without_a_window_time_does_not_matter(
    timed: Any, parent: Any, start: View, luck: list[str], at_once: bool
) -> None:
    view = replace(start, window=0.0, cohort_size=start.cohort_size or 1)
    for number, outcome in enumerate(luck):
        without = replace(view, participants=tuple(who._replace(cohort=0) for who in view.participants))
        answer, simple = timed.decide(without), parent.decide(view)
        assert answer == (Assign(simple.level) if isinstance(simple, Assign) else simple)
        assert timed.recommend(without) == parent.recommend(view)
        if not isinstance(simple, Assign):
            break
        cohort = (view.participants[-1].cohort if view.participants else 0) + simple.opens_cohort
        day = 0.0 if at_once else float(number)
        someone = Assigned(simple.level, cohort, day, outcome, day)
        view = replace(view, now=day, participants=(*view.participants, someone))


def test_the_lists_hold_every_rule() -> None:
    from trialsim.rules import RULES

    assert {type(plain(rule)) for rule in ALL} == set(RULES.values())
    assert {type(rule) for rule in IN_COHORTS} == {kind for kind in RULES.values() if kind.cohorts}
    assert Fixed() in IN_COHORTS

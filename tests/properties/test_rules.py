"""What holds for every dose rule on every history, possible in a trial or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from trialsim.rules import Assign, Assigned, Stop, View, Wait
from trialsim.rules.beta_binomial import BetaBinomial
from trialsim.rules.boin import Boin
from trialsim.rules.cohorts import CohortRule
from trialsim.rules.fixed import Fixed
from trialsim.rules.ladder import Ladder
from trialsim.rules.three_plus_three import ThreePlusThree

RULES: list[CohortRule] = [
    Fixed(),
    Ladder(),
    Ladder(max_dlts=1),
    ThreePlusThree(),
    ThreePlusThree(mtd="six_at_mtd", top_needs_six=True),
    Boin(target=0.3),
    Boin(target=0.2, elimination=0.8),
    BetaBinomial(target=0.3, cutoff=0.9),
    BetaBinomial(target=0.2, cutoff=0.3, minimum_n=2),
]
modest = settings(max_examples=60, deadline=None)
every_rule = pytest.mark.parametrize("rule", RULES, ids=repr)
outcomes = st.sampled_from(["no_dlt", "no_dlt", "no_dlt", "dlt", "dlt", "lost", None])


def eliminates(rule: CohortRule) -> Callable[[int, int], bool]:
    """Say of (evaluable, DLTs) whether they eliminate a level, from the definition."""
    if isinstance(rule, Boin):
        return lambda n, y: n >= 3 and beta.sf(rule.target, 1 + y, 1 + n - y) > rule.elimination
    if isinstance(rule, BetaBinomial):
        return lambda n, y: n >= rule.minimum_n and beta.sf(rule.target, 1 + y, 1 + n - y) > rule.cutoff
    return lambda n, y: False


def lowest_eliminated(rule: CohortRule, view: View) -> int:
    is_out = eliminates(rule)
    return next((level for level, (n, y) in enumerate(view.tallies(), start=1) if is_out(n, y)), view.levels + 1)


@st.composite
def settings_of_a_trial(draw: st.DrawFn) -> View:
    levels = draw(st.integers(1, 4))
    return View(
        now=100.0,
        levels=levels,
        start_level=draw(st.integers(1, levels)),
        cohort_size=draw(st.sampled_from([None, 1, 2, 3, 3, 3, 4])),
        max_participants=draw(st.integers(1, 24)),
        window=28.0,
        replace_non_evaluable=draw(st.booleans()),
        stop_cohort_early=draw(st.booleans()),
        participants=(),
    )


@st.composite
def any_view(draw: st.DrawFn) -> View:
    """A history that need not be possible under any rule."""
    view = draw(settings_of_a_trial())
    people = []
    for cohort in range(1, draw(st.integers(0, 6)) + 1):
        level = draw(st.integers(1, view.levels))
        for outcome in draw(st.lists(outcomes, min_size=1, max_size=view.cohort_size or 5)):
            infused = outcome is not None or draw(st.booleans())
            people.append(
                Assigned(level, cohort, 90.0 if infused else None, outcome, 95.0 if outcome is not None else None)
            )
    return replace(view, participants=tuple(people))


def possible_view(rule: CohortRule, start: View, data: st.DataObject) -> View:
    """Return a history that a trial under this rule may have, some way into the trial."""
    view, cohort = start, 0
    for _ in range(data.draw(st.integers(0, 40))):
        answer = rule.decide(view)
        people = list(view.participants)
        waiting = [k for k, who in enumerate(people) if who.infusion_day is None]
        unknown = [k for k, who in enumerate(people) if who.infusion_day is not None and who.outcome is None]
        if isinstance(answer, Stop):
            break
        if isinstance(answer, Assign) and answer.opens_cohort and waiting:
            for k in reversed(waiting):  # a cohort that ended early sends back whoever was not infused
                del people[k]
        elif isinstance(answer, Assign) and data.draw(st.booleans()):
            cohort += answer.opens_cohort
            people.append(Assigned(answer.level, cohort, None, None, None))
        elif waiting and data.draw(st.booleans()):
            k = data.draw(st.sampled_from(waiting))
            if data.draw(st.integers(0, 9)) == 0:
                del people[k]
            else:
                people[k] = people[k]._replace(infusion_day=1.0)
        elif unknown:
            k = data.draw(st.sampled_from(unknown))
            people[k] = people[k]._replace(outcome=data.draw(outcomes.filter(bool)), outcome_day=2.0)
        view = replace(view, participants=tuple(people))
    return view


def check(rule: CohortRule, view: View) -> None:
    before = list(view.participants)
    answer = rule.decide(view)
    recommended = rule.recommend(view)
    event(type(answer).__name__)
    assert rule.decide(replace(view, participants=list(before), now=101.0)) == answer
    assert list(view.participants) == before

    tried = {who.level for who in before if who.outcome in ("dlt", "no_dlt")}
    out = lowest_eliminated(rule, view)
    assert recommended is None or (recommended in tried and recommended < out)
    assert rule.admissible(view) < out

    if isinstance(answer, Stop):
        assert answer.level == recommended
    elif isinstance(answer, Assign):
        assert 1 <= answer.level <= view.levels
        assert answer.level < out
        assert answer.level <= max((who.level + 1 for who in before), default=view.start_level)
        not_infused = sum(1 for who in before if who.infusion_day is None)
        held = view.places_used() - (not_infused if answer.opens_cohort else 0)
        assert held < view.max_participants
        if not answer.opens_cohort:
            current = [who for who in before if who.cohort == before[-1].cohort]
            in_place = [who for who in current if not (view.replace_non_evaluable and who.outcome == "lost")]
            assert answer.level == current[-1].level
            assert len(in_place) < (view.cohort_size or view.max_participants)
    else:
        assert before


@every_rule
@modest
@given(view=any_view())
def test_on_any_history(rule: CohortRule, view: View) -> None:
    check(rule, view)


@every_rule
@modest
@given(start=settings_of_a_trial(), data=st.data())
def test_on_possible_histories(rule: CohortRule, start: View, data: st.DataObject) -> None:
    check(rule, possible_view(rule, start, data))


@every_rule
@modest
@given(start=settings_of_a_trial(), data=st.data())
def test_a_resolved_trial_never_waits_for_nothing(rule: CohortRule, start: View, data: st.DataObject) -> None:
    view = possible_view(rule, start, data)
    people = tuple(who for who in view.participants if who.outcome is not None)
    view = replace(view, participants=people)
    if isinstance(rule.decide(view), Wait):
        assert view.places_used() >= view.max_participants


@every_rule
@modest
@given(start=settings_of_a_trial(), data=st.data())
def test_a_cohort_ends_early_only_when_nothing_could_change_the_answer(
    rule: CohortRule, start: View, data: st.DataObject
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
    unknown = [k for k, who in enumerate(people) if who.outcome is None]
    assume(unknown or room)

    early = rule.decide(view)
    later = set()
    known = ("dlt", "no_dlt") if view.replace_non_evaluable else ("dlt", "no_dlt", "lost")
    for ends in product(known, repeat=len(unknown) + room):
        completed = [*people, *[Assigned(current[0].level, current[0].cohort, 1.0, None, None)] * room]
        for k, outcome in zip([*unknown, *range(len(people), len(completed))], ends, strict=True):
            completed[k] = completed[k]._replace(infusion_day=1.0, outcome=outcome, outcome_day=2.0)
        later.add(rule.decide(replace(view, participants=tuple(completed), stop_cohort_early=eliminated)))
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

"""How a cohort is filled, ended, cut and followed, case by case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from trialsim.rules import Assign, Assigned, Stop, View, Wait
from trialsim.rules.beta_binomial import BetaBinomial
from trialsim.rules.boin import Boin
from trialsim.rules.cohorts import Cohort, CohortRule
from trialsim.rules.fixed import Fixed
from trialsim.rules.ladder import Ladder
from trialsim.rules.three_plus_three import ThreePlusThree

EMPTY = View(
    now=100.0,
    levels=3,
    start_level=1,
    cohort_size=3,
    max_participants=30,
    window=10.0,
    replace_non_evaluable=True,
    stop_cohort_early=True,
    participants=(),
)
OUTCOMES = {"o": "no_dlt", "x": "dlt", "l": "lost", "?": None, "-": None}


def view(*cohorts: str, **changes: Any) -> View:
    """Write cohorts as level and members: `2oox` is at level 2 with one DLT; l is lost, ? pending, - not infused."""
    people = tuple(
        Assigned(int(cohort[0]), number, None if sign == "-" else 1.0, OUTCOMES[sign], 2.0 if OUTCOMES[sign] else None)
        for number, cohort in enumerate(cohorts, start=1)
        for sign in cohort[1:]
    )
    return replace(EMPTY, participants=people, **changes)


def opens(level: int) -> Assign:
    return Assign(level, opens_cohort=True)


def test_filling_and_waiting() -> None:
    rule = Fixed()
    assert rule.decide(view()) == opens(1)
    assert rule.decide(view(start_level=2)) == opens(2)
    assert rule.decide(view("1-")) == Assign(1)
    assert rule.decide(view("1?-")) == Assign(1)
    assert rule.decide(view("1?--")) == Wait()
    assert rule.decide(view("1oo?")) == Wait()
    assert rule.decide(view("1ooo")) == opens(1)


def test_the_lost_are_replaced_or_not() -> None:
    assert Fixed().decide(view("1ool")) == Assign(1)
    assert Fixed().decide(view("1ool", replace_non_evaluable=False)) == opens(1)
    assert ThreePlusThree().decide(view("1ool", replace_non_evaluable=False)) == opens(2)
    assert ThreePlusThree().decide(view("1xol", replace_non_evaluable=False)) == opens(1)
    for rule in (Ladder(), ThreePlusThree(), Boin(target=0.3), BetaBinomial(target=0.3, cutoff=0.95)):
        assert rule.decide(view("1lll", replace_non_evaluable=False)) == opens(1), "nobody evaluable: once more"


def test_the_last_cohort_is_cut() -> None:
    assert Fixed().decide(view("1ooo", "1o", max_participants=5)) == Assign(1)
    assert Fixed().decide(view("1ooo", "1o?", max_participants=5)) == Wait()
    assert Fixed().decide(view("1ooo", "1oo", max_participants=5)) == Wait()
    assert Fixed().decide(view("1ooo", "1ol", max_participants=5)) == Assign(1)


def test_a_cut_cohort_rules_a_level_out_but_does_not_clear_it() -> None:
    for rule in (Ladder(), ThreePlusThree()):
        cut = view("1ooo", "2ooo", "3oo", max_participants=8)
        assert rule.decide(cut) == Wait()
        assert rule.recommend(cut) == 2
        assert rule.decide(view("1ooo", "2ooo", "3xx", max_participants=8)) == Stop(2)
        assert rule.decide(view("1xx", max_participants=2)) == Stop(None)


def test_an_early_end() -> None:
    rule = ThreePlusThree()
    assert rule.decide(view("1ooo", "2xx")) == Stop(1)
    assert rule.decide(view("1ooo", "2xx?")) == Stop(1)
    assert rule.decide(view("1x-x")) == Stop(None)
    assert rule.decide(view("2xx", start_level=2)) == opens(1)
    assert rule.decide(view("1ooo", "2x?")) == Assign(2)
    assert rule.decide(view("1ooo", "2xoo", "2x?")) == Stop(1)
    assert rule.decide(view("1ooo", "2xx", stop_cohort_early=False)) == Assign(2)
    assert rule.decide(view("1ooo", "2xx?", stop_cohort_early=False)) == Wait()


def test_a_cohort_is_not_ended_early_to_go_up_or_stay() -> None:
    assert Ladder(max_dlts=3).decide(view("1xx?")) == Wait()
    assert Boin(target=0.3).decide(view("1xx?")) == Wait(), "at the lowest level down means stay"
    assert Boin(target=0.3).decide(view("2xx?", start_level=2)) == opens(1)


def test_a_cohort_without_a_dlt_of_its_own_goes_on() -> None:
    """Else a rule that goes up to where only good news can keep it would come down again before anybody is treated."""
    history = view("2xxxxxxoooooo", "1ooo", "2?")
    assert Boin(target=0.3).decide(history) == Assign(2)
    assert Boin(target=0.3).decide(view("2xxxxxxoooooo", "1ooo", "2x")) == opens(1)


def test_whoever_is_sent_back_frees_a_place() -> None:
    assert Boin(target=0.3).decide(view("2xx-", start_level=2, max_participants=3)) == opens(1)
    assert Boin(target=0.3).decide(view("2xx?", start_level=2, max_participants=3)) == Wait()


def test_what_is_still_due_from_a_cohort_that_ended_early_counts() -> None:
    boin = Boin(target=0.3)
    assert boin.decide(view("2xx?", "1ooo", start_level=2)) == Wait()
    assert boin.decide(view("2xxo", "1ooo", start_level=2)) == opens(2)
    assert boin.decide(view("2xxx", "1ooo", start_level=2)) == opens(1), "eliminated by the late DLT"


class CountsAll(CohortRule):
    """Goes by the DLTs of all levels together."""

    def propose(self, view: View, cohorts: Sequence[Cohort], ceiling: int) -> int | Stop:
        dlts = sum(cohort.dlts for cohort in cohorts)
        return Stop(None) if dlts > 3 else max(1, 4 - dlts)

    def recommend(self, view: View) -> int | None:
        return None


def test_an_early_end_considers_what_is_still_due_from_earlier_cohorts() -> None:
    assert CountsAll().decide(view("3oo?", "2xxx")) == Wait()
    assert CountsAll().decide(view("3ooo", "2xxx")) == opens(1)
    assert CountsAll().decide(view("3xo?", "2xxx")) == Stop(None)


def test_an_early_end_is_never_taken_back() -> None:
    """Not even when an outcome still due brings an eliminated level back."""
    boin = Boin(target=0.2, elimination=0.8)
    assert boin.admissible(view("2xoo?")) == 1
    assert boin.admissible(view("2xooo")) == 3
    assert boin.decide(view("2xoo?", cohort_size=5)) == Wait()
    ended = 0
    rules = (boin, Boin(target=0.3), BetaBinomial(target=0.2, cutoff=0.8))
    for rule, size, dlts, others, due, replaced in product(
        rules, (3, 5, 6), (1, 2, 3), (0, 1, 2), (1, 2), (True, False)
    ):
        known = "2" + "x" * dlts + "o" * others
        early = rule.decide(view(known + "?" * due, cohort_size=size, replace_non_evaluable=replaced))
        if early == opens(1) and dlts + others + due <= size:
            ended += 1
            for ends in product("oxl", repeat=due):
                later = view(known + "".join(ends), cohort_size=size, replace_non_evaluable=replaced)
                assert rule.decide(later) == early
    assert ended > 40


def test_a_level_is_not_cleared_while_an_outcome_is_due() -> None:
    for rule in (Fixed(), Ladder(), ThreePlusThree(), Boin(target=0.3), BetaBinomial(target=0.3, cutoff=0.95)):
        assert rule.recommend(view()) is None
        assert rule.recommend(view("1l?-")) is None
    for rule in (Ladder(), ThreePlusThree()):
        assert rule.recommend(view("1oo?")) is None
        assert rule.recommend(view("1ooo", "2oo?")) == 1
        assert rule.recommend(view("1ooo", "2ooo")) == 2


def test_an_eliminated_level_is_not_given_even_in_the_middle_of_a_cohort() -> None:
    rule = Boin(target=0.3)
    for early in (True, False):
        assert rule.decide(view("1xxx", cohort_size=5, stop_cohort_early=early)) == Stop(None)
        assert rule.decide(view("1xxx?", cohort_size=5, stop_cohort_early=early)) == (Stop(None) if early else Wait())
        assert rule.decide(view("2xxx", cohort_size=5, start_level=2, stop_cohort_early=early)) == opens(1)
    assert rule.admissible(view("2xxx", start_level=2)) == 1
    assert rule.admissible(view("1xxx")) == 0
    assert rule.admissible(view("1xoo")) == 3


def test_a_lower_level_is_tried_before_no_dose_is_said_to_do() -> None:
    assert Boin(target=0.3).decide(view("3xxx", start_level=3)) == opens(2)
    assert BetaBinomial(target=0.3, cutoff=0.95).decide(view("3xxx", start_level=3)) == opens(2)
    assert ThreePlusThree().decide(view("3xxx", start_level=3)) == opens(2)


class Reckless(CohortRule):
    """Always wants the top."""

    highest: int = 3

    def ceiling(self, view: View, cohorts: Sequence[Cohort]) -> int:
        return self.highest

    def propose(self, view: View, cohorts: Sequence[Cohort], ceiling: int) -> int | Stop:
        return view.levels

    def recommend(self, view: View) -> int | None:
        return None


def test_the_guards_lower_what_a_rule_proposes() -> None:
    assert Reckless().decide(view("1ooo")) == opens(2)
    assert Reckless().decide(view("2ooo", "1ooo")) == opens(3)
    assert Reckless(highest=1).decide(view("1ooo")) == opens(1)
    assert Reckless(highest=0).decide(view("1ooo")) == Stop(None)


def test_beta_binomial_never_goes_back() -> None:
    rule = BetaBinomial(target=0.3, cutoff=0.95)
    assert rule.decide(view("2xxo", start_level=2, cohort_size=4)) == Assign(2)
    history = view("2xxooo", "1ooo", start_level=2)
    assert history.tallies()[1] == (5, 2)
    assert rule.decide(history) == opens(1)
    assert rule.recommend(history) == 1


def test_without_a_cohort_size_everybody_is_in_one() -> None:
    assert Fixed().decide(view("1ooo?", cohort_size=None)) == Assign(1)
    assert Fixed().decide(view("1ooo?", cohort_size=None, max_participants=4)) == Wait()

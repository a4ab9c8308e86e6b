"""Dose rules of a user's own in the compiled engine: those that go by tallies are looked up, with the same results."""

from __future__ import annotations

import pytest
from pandas.testing import assert_frame_equal

import trialsim
from trialsim.model.dosing import RuleError
from trialsim.rules import Stop
from trialsim.rules.by_tallies import Tallies, TallyRule
from trialsim.scenario import Scenario, load

TABLES = ("replications", "courses", "participants", "lots")


class UpAndDown(TallyRule):
    """Up below a rate of one in four, down above one in two, and never a level eliminated."""

    def after(self, here: int, tallies: Tallies) -> int | Stop:
        n, y = tallies[here - 1]
        step = (4 * y < n) - (2 * y > n)
        return here + step if here + step else Stop(None)

    def best(self, tallies: Tallies) -> int | None:
        left = tallies[: self.highest_left(tallies)]
        return max((level for level, (n, y) in enumerate(left, 1) if n and 4 * y < n), default=None)


class Strict(UpAndDown):
    """The same, but two DLTs eliminate a level, nine evaluable end the trial, and a DLT forbids going up."""

    most: int = 2

    @property
    def may_skip(self) -> bool:
        return True

    @property
    def stays_after_dlt(self) -> bool:
        return True

    def after(self, here: int, tallies: Tallies) -> int | Stop:
        return Stop(here) if tallies[here - 1][0] >= 9 else super().after(here, tallies)

    def highest_left(self, tallies: Tallies) -> int:
        return next((below for below, (_, y) in enumerate(tallies) if y >= self.most), len(tallies))


class Wrong(UpAndDown):
    """Its answers are no levels."""

    def after(self, here: int, tallies: Tallies) -> int | Stop:
        return Stop(99)


class Farther(UpAndDown):
    """A rule that goes by more than tallies."""

    def recommend(self, view: trialsim.rules.View) -> int | None:
        return view.start_level


def toxic(**dosing: object) -> Scenario:
    """Cohorts of three at three levels, the highest too toxic, and some people lost in the window."""
    rates = {"dlt_probability": [0.1, 0.3, 0.6], "loss_in_window_probability": 0.1}
    changes = {f"dosing.{key}": value for key, value in dosing.items()}
    levels = ["1e6 cells per kg", "2e6 cells per kg", "4e6 cells per kg"]
    return load("msc-sle").changed({"dosing.levels": levels, "dosing.cohort_size": 3, "truth": rates} | changes)


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize("rule", [UpAndDown(), Strict(), Strict(most=4)], ids=repr)
@pytest.mark.parametrize("guards", [None, {"elimination": {"above": 0.3}, "precision": {"width": 0.6}}])
@pytest.mark.parametrize("early", [False, True])
def test_a_rule_by_tallies_gives_the_same_results(rule: TallyRule, guards: object, early: bool) -> None:
    scenario = toxic(guards=guards, stop_cohort_early=early)
    one, other = (
        trialsim.simulate(scenario, 15, seed=3, rule=rule, engine=engine, detail=True)
        for engine in ("simpy", "compiled")
    )
    assert other.engine == "compiled"
    assert one.replications["recommended_level"].nunique(dropna=False) > 1
    for name in TABLES:
        assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


@pytest.mark.usefixtures("kernel")
def test_an_answer_that_is_none_is_an_error() -> None:
    with pytest.raises(RuleError, match=r"the rule Wrong answered Stop\(level=99\) after a cohort at level 2"):
        trialsim.simulate(toxic(), 3, rule=Wrong(), engine="compiled")


def test_a_rule_that_may_see_more_is_left_to_simpy() -> None:
    assert trialsim.simulate(toxic(), 3, rule=Farther()).engine == "simpy"

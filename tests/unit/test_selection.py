"""The best of several plans: the procedures against numbers worked out by hand, and what is said of the outcome."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import trialsim
from tests.support.exact import build
from trialsim.analysis.selection import Race, alike, chances, constants, shares
from trialsim.report.selection import render
from trialsim.results import choosing


def poisson(rate: str, places: int = 10) -> trialsim.Scenario:
    """Places that go to whoever comes: the last is filled at the tenth event of a Poisson process."""
    return build(places, rate)


@pytest.mark.parametrize(("plans", "first", "eta", "h2"), [(5, 10, 0.634967, 11.42941), (10, 20, 0.302934, 11.51148)])
def test_constants_of_kim_and_nelson(plans: int, first: int, eta: float, h2: float) -> None:
    found = constants(plans, first, 0.05)
    assert found[0] == pytest.approx(eta, abs=5e-7)
    assert found[1] == pytest.approx(h2, abs=5e-6)


def test_shares_of_a_budget_by_hand() -> None:
    """In proportion to 1, 1/4, 1/9, 1/16, and the root of the sum of their squares for the best."""
    found = shares([1, 2, 3, 4, 5], [1.0] * 5)
    assert found == pytest.approx([0.42182, 0.40613, 0.10153, 0.04513, 0.02538], abs=5e-6)
    assert shares([-4, -3, -5, -2, -1], [1.0] * 5) == pytest.approx(found[[1, 2, 0, 3, 4]])


def test_shares_where_nothing_varies_or_nothing_differs() -> None:
    assert shares([1, 1, 1], [2, 2, 2]) == pytest.approx([1 / 3] * 3)
    assert shares([1, 2], [0, 0]) == pytest.approx([0.5, 0.5])
    assert shares([1, 1, 2], [1, 1, 1]) == pytest.approx([1 / 3] * 3)  # the two that are one get what the best does
    close = shares([1, 1, 2], [1, 1, 1], [0, 0.1, 0.1])
    assert close[1] > 50 * close[2]


def rows(*differences: float) -> Any:
    """Two plans of which the first is worse by these."""
    return np.column_stack([differences, np.zeros(len(differences))])


ALTERNATING = [2.0, -2.0] * 5
"""A variance of 40/9; with eta = (0.1 ** (-2 / 9) - 1) / 2, h² 40/9 is 26.7."""


def test_a_race_by_hand() -> None:
    """Ahead by (r - 10) / r, out when that is more than (26.7 / r - 1) / 2: 3 r > 46.7, at the 16th."""
    race = Race(2, 1.0, 0.95, 10)
    race.run(rows(*ALTERNATING, *[1.0] * 20))
    assert (race.left.tolist(), race.out_at.tolist(), race.replications) == ([False, True], [16, 0], 16)


def test_missing_values_are_no_pairs() -> None:
    race = Race(2, 1.0, 0.95, 10)
    race.run(rows(np.nan, *ALTERNATING, np.nan, *[1.0] * 20))
    assert race.out_at.tolist() == [18, 0]


def test_it_does_not_matter_how_many_come_at_a_time() -> None:
    values = np.random.default_rng(3).normal([0, 0.3, 0.5, 2], [1, 2, 1, 3], (2000, 4))
    whole, pieces = Race(4, 0.2, 0.95, 20), Race(4, 0.2, 0.95, 20)
    whole.run(values)
    for part in np.array_split(values, 37):
        pieces.run(part)
    assert whole.is_over and whole.replications == pieces.replications > 20
    assert whole.out_at.tolist() == pieces.out_at.tolist()


def test_plans_that_are_the_same_are_level_when_the_time_is_over() -> None:
    values = np.random.default_rng(3).normal(0, 1, (500, 1)) + np.array([0, 0, 1])
    race = Race(3, 0.1, 0.95, 10)
    race.run(values)
    assert (race.left.tolist(), race.is_level, race.replications) == ([True, True, False], True, 10)


def test_pairs_that_agree_by_chance_are_not_taken_for_the_same() -> None:
    """Of chances that differ by 2 points, at least 2 % of pairs differ: a variance of 0.0196 at least."""
    h2 = 2 * (((0.1) ** (-2 / 99) - 1) / 2) * 99
    race = Race(2, 0.02, 0.95, 100, least_variance=0.02 * 0.98)
    race.run(np.zeros((1000, 2)))
    assert race.is_level and race.replications == int(h2 * 0.0196 / 0.02**2) + 1 > 200


def test_the_same_in_every_pair() -> None:
    one = np.array([1.0, 2, np.nan, 4])
    other = np.array([1.0, 2, 3, np.nan])
    assert alike(np.column_stack([one, other + 1, other])) == [0, 1, 0]
    assert alike(np.column_stack([[1.0, np.nan], [np.nan, 1.0]])) == [0, 1]  # never both


def test_the_chance_of_being_the_best_of_two() -> None:
    """With one difference, of 0.1 and a standard error, it is the normal's distribution function of their ratio."""
    luck = np.random.default_rng(5)
    values = luck.normal([0, 0.1], [1, 2], (200, 2))
    values[150:, 1] = np.nan  # it was out by then
    each = (values[:, 1] - values[:, 0])[:150]
    known = stats.norm.cdf(each.mean() / (each.std(ddof=1) / np.sqrt(150)))
    assert chances(values, 0) == pytest.approx([known, 1 - known], abs=0.005)
    assert chances(values, 1) == pytest.approx([known, 1 - known], abs=0.005)


def test_chances_of_plans_that_are_the_same_and_of_three() -> None:
    values = np.random.default_rng(5).normal(0, 1, (4000, 3))
    values -= values.mean(axis=0)
    assert chances(values, 0) == pytest.approx([1 / 3] * 3, abs=0.02)
    doubled = chances(np.column_stack([values, values[:, 0]]), 3)
    assert doubled == pytest.approx([1 / 6, 1 / 3, 1 / 3, 1 / 6], abs=0.02)
    assert 0 < chances(values + np.array([0, 9, 9]), 0)[1] < 1e-4  # what was never drawn is not impossible


def test_the_best_is_told_anew_on_fresh_luck(monkeypatch: pytest.MonkeyPatch) -> None:
    plans = [poisson("0.1 per day"), poisson("0.12 per day"), poisson("0.1 per day", 9)]
    found = trialsim.select(plans, 2.0, "settled", names=["slow", "fast", "few"], seed=3, fresh=50)
    assert (found.selected, found.promised) == ("fast", True)
    days = trialsim.simulate(plans[1], 50, seed=4).replications["end_day"]
    assert found.fresh["estimate"] == pytest.approx(days.mean())
    less = days - trialsim.simulate(plans[2], 50, seed=4).replications["end_day"]
    assert (found.fresh["next"]["name"], found.fresh["next"]["difference"]) == ("few", pytest.approx(less.mean()))
    monkeypatch.setattr(choosing, "_MORE", 3.0)
    again = trialsim.select(plans, 2.0, "settled", names=["slow", "fast", "few"], seed=3, fresh=50)
    assert again.plans.equals(found.plans)


def test_the_larger_the_better_of_people_and_the_earlier_of_days() -> None:
    plans = [build(10, rate, stopping={"time_limit": "60 days"}) for rate in ("0.1 per day", "0.12 per day")]
    names = ["slow", "fast"]
    for measure, step in (("enrolled", 0.2), ("completed", 0.02), ("early_termination", 0.02)):
        found = trialsim.select(plans, step, measure, names=names, fresh=10)
        assert found.selected == "fast", measure
    found = trialsim.select(plans, 0.2, "enrolled", names=names, fresh=10, larger=False)
    assert found.selected == "slow"


def test_trials_that_are_stopped_early_are_not_taken_for_quick() -> None:
    """A limit ends half of the trials of the one plan, before the others; those that complete are the same."""
    plans = [build(5, "0.1 per day", stopping={"time_limit": limit}) for limit in ("50 days", "1000 days")]
    found = trialsim.select(plans, 1.0, "settled", names=["stopped", "not"], fresh=10)
    assert found.plans["outcome"].tolist() == ["selected", "identical"]
    assert found.plans["valued"][0] < found.plans["replications"][0]
    assert found.plans["difference"][1] == 0


def test_a_plan_that_never_completes_cannot_be_compared() -> None:
    plans = [build(5, "0.1 per day", stopping={"time_limit": limit}) for limit in ("1000 days", "1 days")]
    for how in ({"most": 100}, {"budget": 220}):
        found = trialsim.select(plans, 1.0, "settled", names=["a", "b"], fresh=10, **how)  # type: ignore[arg-type]
        assert found.plans["outcome"].tolist() == ["selected", "left"] and not found.promised
        text = " ".join(render(found.summary()).split())
        assert "Too few pairs with the plan ahead: b. Both complete in 0 of" in text


def test_what_is_not_decided_is_said() -> None:
    plans = [build(10, "0.1 per day", "2024-01-01"), build(10, {"sites": [{"name": "B", "rate": "0.101 per day"}]})]
    found = trialsim.select(plans, 0.1, "settled", most=100, names=["a", "b"], fresh=10)
    assert not found.promised
    assert sorted(found.plans["outcome"]) == ["left", "selected"]
    for width in (60, 80, 120):
        text = " ".join(render(found.summary(), width=width).split())
        assert "Not decided which of 2 plans is the best" in text
        assert "THE PROMISE DOES NOT HOLD: after 100 trials of each (--max-replications), 2 plans" in text
        assert max(map(len, render(found.summary(), width=width).splitlines())) <= width


def test_ties_are_said_to_be_ties() -> None:
    plans = [poisson("0.1 per day"), build(10, "0.1 per day", stopping={"time_limit": "9 years"})]
    found = trialsim.select(plans, 5.0, "settled", names=["a", "b"], fresh=10)
    text = " ".join(render(found.summary()).split())
    # nothing was seen in 100 pairs: 0.05 ** (1 / 100) is 0.970
    assert "Tied with a: b. The same in all of 100 pairs; with 95 % confidence, no more than 3 % of trials" in text
    assert found.promised and found.plans["probability_best"].tolist() == pytest.approx([0.5, 0.5])


def test_ends_that_agree_in_the_first_stage_are_looked_at_further() -> None:
    """With 5 points, h² of 100 is 4.7 (two plans), and a variance of 0.0475 at least asks for 90; with 2, for 232."""
    plans = [poisson("0.1 per day"), build(10, "0.1 per day", stopping={"time_limit": "9 years"})]
    looked_at = {}
    for step in (0.05, 0.02):
        found = trialsim.select(plans, step, "early_termination", names=["a", "b"], fresh=10)
        assert found.plans["outcome"].tolist() == ["selected", "identical"]
        looked_at[step] = found.plans["replications"].tolist()
    h2 = 2 * (((0.1) ** (-2 / 99) - 1) / 2) * 99
    assert looked_at == {0.05: [100, 100], 0.02: [int(h2 * 0.0196 / 0.02**2) + 1] * 2}


def test_a_budget_is_spent_where_it_is_close() -> None:
    plans = [
        build(10, {"sites": [{"name": f"S{n}", "rate": f"{rate} per day"}]}) for n, rate in enumerate((0.2, 0.1, 0.19))
    ]
    found = trialsim.select(plans, measure="settled", budget=400, first=40, names=["a", "b", "c"], fresh=10)
    spent = found.plans["replications"]
    assert spent.sum() == 400 and not found.promised
    assert spent[1] < 60 < spent[2]
    assert "Nothing is promised" in render(found.summary(), width=None)


def test_the_figure_shows_every_plan_with_its_interval_and_its_chance() -> None:
    names = ["as planned", "$half$ of it", "a plan with a name that is longer than one line has room for, by far"]
    plans = [poisson("0.1 per day", places) for places in (10, 5, 7)]
    found = trialsim.select(plans, 5.0, "settled", names=names, fresh=20)
    figure = found.figure("selection")
    left, right = figure.axes
    figure.canvas.draw()
    assert [label.get_text().replace("\n", " ") for label in left.get_yticklabels()] == [names[1], names[2], names[0]]
    assert not any(label.get_parse_math() for label in left.get_yticklabels())
    assert [text.get_text() for text in right.texts] == [">99.9 %", "<0.1 %", "<0.1 %"]
    ends = sorted(
        tuple(np.asarray(path.vertices)[:, 0]) for lines in left.collections[:1] for path in lines.get_paths()
    )
    rows = found.plans.set_index("name").loc[[names[1], names[2], names[0]]]
    months = np.sort((rows[["estimate_low", "estimate_high"]] / 30.4375).to_numpy(), axis=0)
    assert np.array(ends) == pytest.approx(months)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"names": ["a", "a"]}, "a name of its own"),
        ({"indifference": None}, "an indifference is needed"),
        ({"indifference": 0.0}, "indifference must be above 0"),
        ({"measure": "completed", "indifference": 1.5}, "above 0 and below 1"),
        ({"confidence": 0.5}, r"above 1/2 and below 1, not 0\.5"),
        ({"first": 9}, "first must be 10 or more"),
        ({"most": 99}, "fewer than the 100 of the first stage"),
        ({"budget": 199}, "too little for the first stage"),
        ({"measure": "speed"}, "is not a measure"),
    ],
)
def test_what_cannot_be_selected(changed: dict[str, Any], words: str) -> None:
    options: dict[str, Any] = {"indifference": 1.0, "measure": "settled", "names": ["a", "b"]} | changed
    with pytest.raises(ValueError, match=words):
        trialsim.select([poisson("0.1 per day")] * 2, **options)

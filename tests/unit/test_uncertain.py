"""What is not known: how it is read, drawn and made known."""

from __future__ import annotations

import pickle
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.stats import kstest, lognorm, norm, spearmanr

from trialsim import ScenarioError, load
from trialsim.randomness import Luck, uniforms_of_replications
from trialsim.scenario import Scenario
from trialsim.scenario.copula import drawn, scenario_drawn
from trialsim.scenario.levers import levers_of
from trialsim.scenario.sweep import load_sweep
from trialsim.scenario.values.elicited import ElicitedAmount, ElicitedFraction

RATE = "recruitment.sites.Saint-Louis.rate"
PASS = "screening.pass_probability"
REVIEW = "dosing.review"
UNKNOWN: dict[str, Any] = {
    RATE: {"gamma": {"mean": "0.65 per month", "sd": "0.2 per month"}, "reason": "one centre, four years"},
    PASS: {"beta": {"mean": 0.28, "sd": 0.08}},
    REVIEW: {"p10": "7 days", "p50": "14 days", "p90": "42 days"},
}
NUMBER = 2000


def made(uncertain: dict[str, Any], *correlations: tuple[str, str, float]) -> Scenario:
    pairs = [{"between": [one, other], "rank": rank} for one, other, rank in correlations]
    document = load("msc-sle").to_document()
    return Scenario.from_document({**document, "uncertain": uncertain, "correlations": pairs})


def test_uniforms_of_many_replications_are_those_of_each() -> None:
    for seed in (0, 17, 2**64 - 1):
        many = uniforms_of_replications(seed, "uncertain.key", 3, 60)
        assert many.tolist() == [Luck(seed, number).uniforms("uncertain.key")[0] for number in range(3, 61)]


@pytest.mark.parametrize("points", [(1, 2, 5), (1, 4, 5), (1, 2, 4), (2, 2.001, 40)])
def test_three_quantiles_of_an_amount(points: tuple[float, float, float]) -> None:
    distribution = ElicitedAmount(*points)
    assert distribution.quantile(np.array([0.1, 0.5, 0.9])) == pytest.approx(points, rel=1e-9)
    everywhere = distribution.quantile(np.linspace(2.0**-53, 1 - 2.0**-53, 1001))
    assert (np.diff(everywhere) >= 0).all() and everywhere[0] > 0


def test_three_quantiles_of_a_lognormal_give_it() -> None:
    exact = lognorm(0.7, scale=3)
    distribution = ElicitedAmount(*exact.ppf([0.1, 0.5, 0.9]))
    assert distribution.quantile(np.array([0.01, 0.3, 0.999])) == pytest.approx(exact.ppf([0.01, 0.3, 0.999]))
    assert distribution.mean() == pytest.approx(exact.mean(), rel=0.002)


@pytest.mark.parametrize("points", [(0.1, 0.2, 0.5), (0.1, 0.4, 0.5), (0.1, 0.5, 0.9), (0.9, 0.98, 0.99)])
def test_three_quantiles_of_a_probability(points: tuple[float, float, float]) -> None:
    distribution = ElicitedFraction(*points)
    assert distribution.quantile(np.array([0.1, 0.5, 0.9])) == pytest.approx(points, rel=1e-9)
    everywhere = distribution.quantile(np.linspace(2.0**-53, 1 - 2.0**-53, 1001))
    assert (np.diff(everywhere) >= 0).all() and everywhere[0] >= 0 and everywhere[-1] <= 1


def test_draws_have_their_distributions() -> None:
    values = drawn(made(UNKNOWN), 1, 1, NUMBER)
    assert kstest(values[RATE], "gamma", (0.65**2 / 0.2**2, 0, 0.2**2 / 0.65 / 30.4375)).pvalue > 0.01
    assert np.mean(values[REVIEW] < 14) == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / NUMBER))
    assert np.mean(values[REVIEW] < 42) == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / NUMBER))
    assert (values[REVIEW] * 2**20 % 1 == 0).all(), "constants of time lie on the grid"


def test_a_draw_is_its_own() -> None:
    """Whatever else is unknown, in whatever order, and however many replications are asked for."""
    alone = drawn(made({PASS: UNKNOWN[PASS]}), 4, 1, 50)[PASS]
    assert drawn(made(UNKNOWN), 4, 1, 50)[PASS].tolist() == alone.tolist()
    assert drawn(made(dict(reversed(UNKNOWN.items()))), 4, 1, 50)[PASS].tolist() == alone.tolist()
    assert drawn(made(UNKNOWN), 4, 20, 20)[PASS].tolist() == alone[19:20].tolist()
    assert drawn(made(UNKNOWN, (RATE, REVIEW, 0.7)), 4, 1, 50)[PASS].tolist() == alone.tolist()
    by_number = {"recruitment.sites.1.rate": UNKNOWN[RATE]}
    assert drawn(made(by_number), 4, 1, 9)[RATE].tolist() == drawn(made(UNKNOWN), 4, 1, 9)[RATE].tolist()


def test_rank_correlations_are_reproduced() -> None:
    wanted = {(RATE, PASS): -0.6, (RATE, REVIEW): 0.3, (PASS, REVIEW): 0.0}
    values = drawn(made(UNKNOWN, (RATE, PASS, -0.6), (REVIEW, RATE, 0.3)), 1, 1, NUMBER)
    for (one, other), rank in wanted.items():
        found = spearmanr(values[one], values[other]).statistic
        # Bonett and Wright 2000: the standard error of the transformed rank correlation
        error = np.sqrt((1 + rank**2 / 2) / (NUMBER - 3))
        assert np.arctanh(found) == pytest.approx(np.arctanh(rank), abs=4 * error)
    scores = norm.ppf(np.argsort(np.argsort(values[RATE])) / NUMBER + 0.5 / NUMBER)
    assert np.std(scores) == pytest.approx(1, abs=0.01)
    assert kstest(values[RATE], "gamma", (0.65**2 / 0.2**2, 0, 0.2**2 / 0.65 / 30.4375)).pvalue > 0.01


def test_keys_that_go_together_entirely() -> None:
    """The matrix is singular, and that is allowed."""
    values = drawn(made(UNKNOWN, (RATE, PASS, 1.0), (RATE, REVIEW, -1.0), (PASS, REVIEW, -1.0)), 1, 1, 300)
    in_order = [values[key][np.argsort(values[RATE])] for key in (PASS, REVIEW)]
    assert (np.diff(in_order[0]) >= 0).all() and (np.diff(in_order[1]) <= 0).all()


WRONG = [
    ({PASS: {"lognormal": {"mean": 0.3, "sd": 0.1}}}, PASS, "could exceed 1"),
    ({"recruitment.rate_multiplier": {"gamma": {"mean": 2e5, "sd": 1e5}}}, "rate_multiplier", "at most 1000000"),
    ({"product.shelf_life": {"uniform": {"min": "0 days", "max": "9 days"}}}, "shelf_life", "longer than 0"),
    ({"product.expansion.triangular.mode": {"uniform": {"min": "20 days", "max": "5 weeks"}}}, "mode", "not decrease"),
    ({"dosing.levels.1": {"uniform": {"min": 1, "max": 2}}}, "dosing.levels.1", "cannot be unknown"),
    ({"product.suites": {"uniform": {"min": 1, "max": 2}}}, "product.suites", "cannot be unknown"),
    ({"dosing.rule.boin.target": {"uniform": {"min": 0.1, "max": 0.2}}}, "dosing.rule.boin.target", "is chosen"),
    ({"trial.close_out": {"uniform": {"min": "1 day", "max": "2 days"}}}, "trial.close_out", "not a section"),
    ({"screening.duration": {"uniform": {"min": "1 day", "max": "2 days"}}}, "duration", ".lognormal.mean"),
    ({"screening.duration.lognormal.maen": {"uniform": {"min": "1 day", "max": "2 days"}}}, "maen", '"mean"'),
    ({"recruitment.sites.Paris.rate": UNKNOWN[RATE]}, "Paris", "its entries are Saint-Louis"),
    ({RATE: {"uniform": {"min": "1 day", "max": "2 days"}}}, "uniform.min", "is not a rate"),
    ({RATE: UNKNOWN[RATE], "recruitment.sites.1.rate": UNKNOWN[RATE]}, "sites.1.rate", "the same key"),
    ({RATE: {**UNKNOWN[RATE], "reason": 3}}, "reason", "is not a note"),
    ({REVIEW: {"p10": "1 day", "p50": "2 days"}}, REVIEW, "give p10, p50 and p90"),
    ({REVIEW: {"p10": "1 day", "p50": "3 days", "p90": "2 days"}}, REVIEW, "must rise"),
    ({REVIEW: 3}, REVIEW, "where a distribution is due"),
    ({"recruitment.sites.Saint-Louis.ramp_up": {"uniform": {"min": "1 day", "max": "2 days"}}}, "ramp_up", "no value"),
]


@pytest.mark.parametrize(("uncertain", "key", "message"), WRONG, ids=[key for _, key, _ in WRONG])
def test_what_is_wrong_is_told_in_one_line(uncertain: dict[str, Any], key: str, message: str) -> None:
    with pytest.raises(ScenarioError) as error:
        made(uncertain)
    told = str(error.value).splitlines()
    assert len(told) <= 2, told
    assert key in told[0] and message in told[0] and "uncertain" in told[0]


def test_parameters_that_do_not_go_together() -> None:
    """Each alone is possible; the least of one and the greatest of the other is not."""
    expansion = "product.expansion.triangular"
    overlapping = {
        f"{expansion}.mode": {"uniform": {"min": "5 weeks", "max": "6.9 weeks"}},
        f"{expansion}.max": {"uniform": {"min": "6 weeks", "max": "9 weeks"}},
    }
    with pytest.raises(ScenarioError, match="must not decrease"):
        made(overlapping)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([(RATE, PASS, -0.9), (RATE, REVIEW, -0.9), (PASS, REVIEW, -0.9)], "not positive semi-definite"),
        ([(RATE, "screening.duration", 0.5)], "is not a key of uncertain"),
        ([(RATE, RATE, 0.5)], "name two"),
        ([(RATE, PASS, 0.5), (PASS, RATE, 0.4)], "named twice"),
    ],
)
def test_correlations_that_cannot_be(pairs: list[tuple[str, str, float]], message: str) -> None:
    with pytest.raises(ScenarioError, match=message) as error:
        made(UNKNOWN, *pairs)
    assert len(str(error.value).splitlines()) == 1


def test_problems_have_their_line(tmp_path: Any) -> None:
    file = tmp_path / "trial.yaml"
    file.write_text(
        "trial: {name: a, start_date: 2024-01-01, max_participants: 3}\n"
        "recruitment: {sites: [{name: A, rate: 1 per month}]}\n"
        "uncertain:\n"
        "  recruitment.rate_multiplier:\n"
        "    uniform: {min: 0.5, max: 1e7}\n"
    )
    with pytest.raises(ScenarioError, match=r"trial.yaml:4:3: uncertain.*at most 1000000"):
        load(file)


def test_a_key_is_made_known() -> None:
    everything = made(UNKNOWN, (RATE, PASS, -0.6))
    for change in ({f"uncertain.{PASS}": None}, {f'uncertain."{PASS}"': None}, {PASS: 0.5}):
        known = everything.changed(change)
        assert set(known.uncertain) == {RATE, REVIEW} and not known.correlations
    assert scenario_drawn(everything.changed({PASS: 0.5}), 1, 1).screening.pass_probability == 0.5  # type: ignore[union-attr]
    assert set(everything.changed({"screening": None}).uncertain) == {RATE, REVIEW}
    assert everything.changed({"uncertain": None}).inputs == ()
    assert everything.changed({"uncertain": None, "correlations": None}).inputs == ()
    assert set(everything.changed({"product.suites": 2}).uncertain) == set(UNKNOWN)


def test_keys_by_number_follow_their_entries() -> None:
    """Else the rate of another site would be drawn once a site before it is gone."""
    document = load("msc-sle").to_document()
    document.pop("sources")
    document["recruitment"]["sites"] = [{"name": name, "rate": "1 per month"} for name in "ABC"]
    numbered = {f"recruitment.sites.{number}.rate": UNKNOWN[RATE] for number in (1, 2)}
    pairs = [{"between": list(numbered), "rank": 0.5}, {"between": ["recruitment.sites.2.rate", PASS], "rank": 0.1}]
    uncertain = {**numbered, PASS: UNKNOWN[PASS]}
    scenario = Scenario.from_document({**document, "uncertain": uncertain, "correlations": pairs})
    for gone in ("A", "1"):
        left = scenario.changed({f"recruitment.sites.{gone}": None})
        assert [each.key for each in left.inputs] == ["recruitment.sites.B.rate", PASS]
        assert [each.between for each in left.correlations] == [("recruitment.sites.B.rate", PASS)]


def test_an_entry_is_changed_by_its_key() -> None:
    wider = made(UNKNOWN).changed({f"uncertain.{PASS}.beta.sd": 0.1})
    assert wider.uncertain[PASS] == {"beta": {"mean": 0.28, "sd": 0.1}}
    more = made(UNKNOWN).changed(
        {"uncertain.waiting.withdrawal": {"uniform": {"min": "0 per day", "max": "1 per day"}}}
    )
    assert list(more.uncertain) == [*UNKNOWN, "waiting.withdrawal"]


def test_it_is_written_back_as_it_was() -> None:
    scenario = made(UNKNOWN, (RATE, PASS, -0.6))
    again = Scenario.from_document(scenario.to_document())
    assert again == scenario and again.digest() == scenario.digest() and again.uncertain == UNKNOWN
    assert scenario.digest() != load("msc-sle").digest()


def test_the_scenario_drawn_is_the_one_with_the_values_written() -> None:
    scenario = made(UNKNOWN)
    values = {key: float(column[0]) for key, column in drawn(scenario, 9, 3, 3).items()}
    written = {RATE: f"{values[RATE]!r} per day", PASS: values[PASS], REVIEW: f"{values[REVIEW]!r} days"}
    by_hand = scenario.changed(written).to_document()
    by_draw = scenario_drawn(scenario, 9, 3).to_document()
    assert {key: each for key, each in by_hand.items() if key != "sources"} == {
        key: each for key, each in by_draw.items() if key != "sources"
    }


def test_it_goes_to_other_processes() -> None:
    scenario = made(UNKNOWN, (RATE, PASS, -0.6))
    assert len(scenario.inputs) == 3  # which the scenario keeps
    elsewhere = pickle.loads(pickle.dumps(scenario))
    here, there = (drawn(each, 1, 1, 3) for each in (scenario, elsewhere))
    assert all(here[key].tolist() == there[key].tolist() for key in UNKNOWN)


def test_draws_increase_with_their_uniform() -> None:
    """So that a what-if that makes the distribution wider is compared on the same luck."""
    scenario = made(UNKNOWN)
    for each in scenario.inputs:
        values = each.values(np.linspace(0.001, 0.999, 200))
        assert all(one <= other for one, other in pairwise(values))


def test_levers_are_steps_of_what_is_drawn() -> None:
    unknown: dict[str, Any] = {
        **UNKNOWN,
        "screening.duration.lognormal.mean": {"uniform": {"min": "20 days", "max": "40 days"}},
        "product.release_probability": {"uniform": {"min": 0.5, "max": 1}},
    }
    scenario = made(unknown, (RATE, PASS, -0.6))
    moved = {lever.name: lever.scenario for lever in levers_of(scenario)}
    before = drawn(scenario, 1, 1, 400)

    def after(name: str) -> dict[str, Any]:
        return drawn(moved[name], 1, 1, 400)

    passes = after("a quarter more pass screening")[PASS]
    assert passes == pytest.approx(np.minimum(1, 1.25 * before[PASS]), rel=1e-12)
    lots = after("a quarter fewer lots fail")["product.release_probability"]
    assert 1 - lots == pytest.approx(0.75 * (1 - before["product.release_probability"]), abs=1e-12)
    shorter = moved["screening a quarter shorter"]
    mean = "screening.duration.lognormal.mean"
    assert after("screening a quarter shorter")[mean] == pytest.approx(0.75 * before[mean], rel=1e-12)
    assert shorter.to_document()["screening"]["duration"]["lognormal"]["sd"] == "7.5 days"
    review = after("review a quarter shorter")[REVIEW]
    assert review == pytest.approx(0.75 * before[REVIEW], abs=2**-20)
    another = after("one site more")
    new = "recruitment.sites.One site more.rate"
    assert new in another and another[new].tolist() != before[RATE].tolist()
    assert kstest(another[new], before[RATE]).pvalue > 0.001
    for name in moved:
        values = after(name)
        assert all(values[key].tolist() == before[key].tolist() for key in (RATE,))
        assert moved[name].correlations == scenario.correlations


def test_draws_are_cut_off_where_the_author_says() -> None:
    cut = drawn(made({PASS: {"lognormal": {"mean": 0.6, "sd": 0.4}, "at_least": 0.2, "at_most": 0.9}}), 1, 1, 500)[PASS]
    assert cut.min() == 0.2 and cut.max() == 0.9 and 0 < np.mean(cut == 0.9) < 0.5
    with pytest.raises(ScenarioError, match="above at_most"):
        made({PASS: {"beta": {"mean": 0.6, "sd": 0.1}, "at_least": 0.9, "at_most": 0.2}})
    with pytest.raises(ScenarioError, match="has no unit"):
        made({REVIEW: {**UNKNOWN[REVIEW], "plus": 3}})
    with pytest.raises(ScenarioError, match=r"can be drawn.*less than or equal to 1|can be drawn.*at most 1"):
        made({PASS: {"beta": {"mean": 0.6, "sd": 0.1}, "times": 2}})


def test_what_is_no_unknown_key_cannot_be_made_known() -> None:
    with pytest.raises(ScenarioError, match=r'pas_probability.*did you mean "screening\.pass_probability"'):
        load("msc-sle-uncertain", ["uncertain.screening.pas_probability=null"])
    assert len(load("msc-sle-uncertain", ["uncertain.screening.pass_probability=null"]).uncertain) == 8


def test_the_base_of_a_sweep_along_an_unknown_key_is_called_uncertain() -> None:
    plan = load_sweep("msc-sle-uncertain", ["screening.pass_probability=0.4,0.6"])
    assert [(point.is_base, point.values["screening.pass_probability"]) for point in plan.points] == [
        (True, "uncertain"),
        (False, 0.4),
        (False, 0.6),
    ]
    assert not plan.base.on_grid

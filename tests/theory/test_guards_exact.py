"""Guards on top of rules: in which order they are asked, what they may do, and their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from scipy.stats import beta

from tests.support.crm_by_quadrature import Reference
from tests.support.enumerate_rules import view_of
from tests.support.exact import build, infused, infusion_days, once
from trialsim.rules import Assign, Assigned, Guarded, Guards, Stop, View, Wait
from trialsim.rules.beta_binomial import BetaBinomial
from trialsim.rules.boin import Boin
from trialsim.rules.crm import Crm
from trialsim.rules.fixed import Fixed
from trialsim.rules.ladder import Ladder
from trialsim.rules.rolling_six import RollingSix
from trialsim.rules.three_plus_three import ThreePlusThree
from trialsim.rules.tite_crm import TiteCrm

SKELETON = (0.10, 0.20, 0.35)


def guarded(rule: Any, **guards: Any) -> Guarded:
    return Guarded(rule, Guards.model_validate(guards))


def limit(above: float = 0.3, **more: Any) -> dict[str, Any]:
    return {"above": above, **more}


def after(*cohorts: tuple[int, int, int], **options: Any) -> View:
    """Three levels; (level, participants, DLTs) of each cohort."""
    return view_of(cohorts, 3, **options)


def pending(level: int, outcomes: Sequence[str | None], before: list[Assigned] | None = None, **options: Any) -> View:
    """A cohort under way, after others."""
    number = before[-1].cohort + 1 if before else 1
    people = [Assigned(level, number, 0.0, outcome, 1.0 if outcome else None) for outcome in outcomes]
    return view_of((), 3, participants=[*(before or []), *people], **options)


# Numbers


@pytest.mark.parametrize(("above", "certainty", "least"), [(0.3, 0.95, 3), (0.25, 0.8, 1), (0.4, 0.9, 6)])
def test_too_toxic_by_the_level_alone(above: float, certainty: float, least: int) -> None:
    given = {"above": above, "certainty": certainty, "minimum_n": least}
    for n in range(1, 16):
        for y in range(n + 1):
            out = n >= least and float(beta.sf(above, 1 + y, 1 + n - y)) > certainty
            stop = guarded(Fixed(), safety_stop=given).decide(after((1, n, y), cohort_size=n))
            assert stop == (Stop(None) if out else Assign(1, opens_cohort=True)), (n, y)
            lower = guarded(Fixed(), elimination=given).decide(after((2, n, y), cohort_size=n, start_level=2))
            assert lower == Assign(1 if out else 2, opens_cohort=True), (n, y)


def test_too_toxic_by_the_curve() -> None:
    tried = {True: 0, False: 0}
    for n in range(1, 10):
        for y in range(n + 1):
            tallies = [(0, 0), (n, y), (0, 0)]
            exact = Reference("empiric", SKELETON, 1.0, tallies)
            rule = Crm(target=0.25, skeleton=SKELETON, prior_sd=1.0)
            for level in (1, 2):  # everybody counts, also for a level that nobody has been given
                share = exact.above(level, 0.3)
                for certainty in (share - 2e-5, share + 2e-5):
                    given = limit(certainty=min(certainty, 0.999), minimum_n=2)
                    out = n >= 2 and share > given["certainty"]
                    tried[out] += 1
                    name = "safety_stop" if level == 1 else "elimination"
                    admissible = guarded(rule, **{name: given}).admissible(after((2, n, y)))
                    assert admissible == (0 if level == 1 else 1) if out else admissible == 3 or level == 2
                    if level == 2 and not out:
                        assert admissible >= 2
    assert min(tried.values()) > 50


def test_known_well_enough() -> None:
    for n in range(1, 16):
        low, high = (float(beta.ppf(share, 1, 1 + n)) for share in (0.05, 0.95))
        for width, stops in ((high - low + 1e-9, True), (high - low - 1e-9, False)):
            rule = guarded(Fixed(), precision={"width": float(width)})
            answer = rule.decide(after((1, n, 0), cohort_size=n))
            assert answer == (Stop(1) if stops else Assign(1, opens_cohort=True))
    # by the curve
    exact = Reference("empiric", SKELETON, 1.0, [(0, 0), (6, 1), (0, 0)])
    view = after((2, 6, 1), cohort_size=6)
    crm = Crm(target=0.25, skeleton=SKELETON, prior_sd=1.0)
    interval = crm.interval(view, 2, 0.9)
    assert [exact.above(2, edge) for edge in interval] == pytest.approx([0.95, 0.05], abs=1e-5)
    assert (crm.decide(view), crm.recommend(view)) == (Assign(2, opens_cohort=True), 2)
    for change, stops in ((1e-4, True), (-1e-4, False)):
        rule = guarded(crm, precision={"width": interval[1] - interval[0] + change})
        assert rule.decide(view) == (Stop(2) if stops else Assign(2, opens_cohort=True))


def test_partial_follow_up_counts_under_the_curve() -> None:
    people = [Assigned(1, 0, 0.0, "dlt", 1.0), Assigned(1, 0, 0.0, "dlt", 1.0), Assigned(1, 0, 0.0, "no_dlt", 1.0)]
    people += [Assigned(1, 0, 90.0, None, None)] * 4
    view = view_of((), 3, now=100.0, window=20.0, participants=people, cohort_size=1)
    share = Reference("empiric", SKELETON, 1.0, [(3, 2), (0, 0), (0, 0)], [(1, 0.5)] * 4).above(1, 0.3)
    plain = Reference("empiric", SKELETON, 1.0, [(3, 2), (0, 0), (0, 0)]).above(1, 0.3)
    assert plain > share + 0.05
    rule = TiteCrm(target=0.25, skeleton=SKELETON, prior_sd=1.0)
    for certainty, stops in ((share - 1e-4, True), (share + 1e-4, False)):
        assert (guarded(rule, safety_stop=limit(certainty=certainty)).decide(view) == Stop(None)) == stops


# Order


def test_the_safety_stop_comes_before_everything_else() -> None:
    # level 1 is too toxic, and enough are there, and the rule itself would go up: no dose
    rule = guarded(Fixed(), safety_stop=limit(), elimination=limit(), enough_at_level=3, precision={"width": 0.9})
    assert rule.decide(after((1, 3, 3))) == Stop(None)
    assert rule.recommend(after((1, 3, 3))) is None
    # in the middle of a cohort, with outcomes due
    assert rule.decide(pending(1, ["dlt", "dlt", "dlt", None], cohort_size=6)) == Stop(None)


def test_elimination_leads_to_a_lower_level_and_never_to_a_stop_while_there_is_one() -> None:
    rules: list[Any] = [
        Fixed(),
        Boin(target=0.3),
        BetaBinomial(target=0.3, cutoff=0.95),
        ThreePlusThree(),
        RollingSix(),
    ]
    rules += [Crm(target=0.25, skeleton=SKELETON), TiteCrm(target=0.25, skeleton=SKELETON)]
    both = {"safety_stop": limit(), "elimination": limit()}
    for rule in rules:
        toxic = after((2, 3, 3), start_level=2, stop_cohort_early=False)
        answer = guarded(rule, **both).decide(toxic)
        assert isinstance(answer, Assign) and answer.level == 1, rule
    # twice: the lowest too, and only then no dose
    assert guarded(Fixed(), **both).decide(after((2, 3, 3), (1, 3, 3), start_level=2)) == Stop(None)
    # elimination of level 1 alone is no dose, too
    assert guarded(Fixed(), elimination=limit()).decide(after((1, 3, 3))) == Stop(None)


def test_a_stop_above_what_is_left_goes_on_below_if_nobody_was_there() -> None:
    # six at level 2 with one DLT: the rolling six would stop there, but P(p > .1) = .850; level 1 is untried
    assert beta.sf(0.1, 2, 6) == pytest.approx(0.850, abs=5e-4)
    six = [Assigned(2, 0, 0.0, "dlt" if k == 0 else "no_dlt", 1.0) for k in range(6)]
    rule = guarded(RollingSix(), elimination=limit(0.1, certainty=0.8))
    options: dict[str, Any] = {"levels": 2, "start_level": 2, "participants": six}
    assert RollingSix().decide(view_of((), **options)) == Stop(2)
    assert rule.decide(view_of((), **options)) == Assign(1)
    assert rule.decide(view_of((), **options, max_participants=6)) == Wait()
    assert rule.recommend(view_of((), **options)) is None
    ladder = guarded(Ladder(max_dlts=1), elimination=limit(0.1, certainty=0.8))
    options = {"cohort_size": 6, "start_level": 3}
    assert Ladder(max_dlts=1).decide(after((3, 6, 1), **options)) == Stop(3)
    assert ladder.decide(after((3, 6, 1), **options)) == Assign(2, opens_cohort=True)


def test_elimination_comes_before_enough() -> None:
    # six at level 2, and it is too toxic: down, and not a stop there; six at level 1 already: a stop there
    rule = guarded(Boin(target=0.3), elimination=limit(0.2), enough_at_level=6)
    six = view_of(((2, 3, 1), (2, 3, 2)), 3)
    assert beta.sf(0.2, 4, 4) > 0.95
    assert rule.decide(six) == Assign(1, opens_cohort=True)
    assert rule.decide(after((1, 6, 0), (2, 3, 1), (2, 3, 2))) == Stop(1)
    assert rule.recommend(after((1, 6, 0), (2, 3, 1), (2, 3, 2))) == 1


def test_the_rule_is_asked_before_enough_and_precision() -> None:
    rule = guarded(Boin(target=0.3), enough_at_level=3)
    assert rule.decide(after((1, 3, 0))) == Assign(
        2, opens_cohort=True
    )  # three at level 1, but the next place is above
    assert rule.decide(after((1, 3, 0), (2, 3, 1))) == Stop(2)  # between the boundaries: stay, where there are enough
    assert rule.decide(pending(1, ["no_dlt"] * 3 + [None] * 3, cohort_size=6)) == Wait()
    assert rule.decide(pending(1, ["no_dlt"] * 4, cohort_size=6)) == Assign(1)  # a cohort begun is filled
    # a rule that would stop by itself does so
    done = after((1, 3, 0), (2, 3, 2))
    assert guarded(ThreePlusThree(), enough_at_level=3).decide(done) == ThreePlusThree().decide(done) == Stop(1)
    # the precision of a level that is not the recommended one says nothing
    crm = Crm(target=0.25, skeleton=SKELETON, coherent=False)
    view = after((1, 3, 0))
    assert (crm.decide(view), crm.recommend(view)) == (Assign(2, opens_cohort=True), 1)
    assert guarded(crm, precision={"width": 0.99}).decide(view) == Assign(2, opens_cohort=True)


def test_a_stop_at_a_level_too_toxic_becomes_one_below() -> None:
    view = after((1, 3, 0), (1, 3, 1), (2, 3, 2))
    assert ThreePlusThree().decide(view) == Stop(1)
    strict = guarded(ThreePlusThree(), elimination=limit(0.05, certainty=0.5))
    assert beta.sf(0.05, 2, 6) > 0.5
    assert strict.decide(view) == Stop(None)
    middle = after((1, 3, 0), (2, 3, 0), (2, 3, 1), (3, 3, 2))
    assert ThreePlusThree().decide(middle) == Stop(2)
    assert beta.sf(0.05, 1, 4) < 0.9 < beta.sf(0.05, 2, 6)
    lower = guarded(ThreePlusThree(), elimination=limit(0.05, certainty=0.9))
    assert lower.decide(middle) == Stop(1)
    assert lower.recommend(middle) == 1


# In the middle of a cohort


def test_a_cohort_is_cut_short_and_its_outcomes_are_waited_for() -> None:
    rule = guarded(Fixed(), elimination=limit())
    options: dict[str, Any] = {"cohort_size": 6, "start_level": 2}
    assert rule.decide(pending(2, ["dlt", "dlt", None], **options)) == Assign(2)
    assert rule.decide(pending(2, ["dlt", "dlt", "dlt", None], **options)) == Wait()
    assert rule.decide(pending(2, ["dlt", "dlt", "dlt", "no_dlt"], **options)) == Assign(1, opens_cohort=True)
    assert rule.decide(pending(2, ["dlt"] * 3 + ["lost"], **options)) == Assign(1, opens_cohort=True)
    # three out of six, of whom one had been well before: back at the level in the next place, if it is left at all
    before = [Assigned(2, 1, 0.0, outcome, 1.0) for outcome in ["dlt", "dlt", "dlt"]]
    assert rule.decide(pending(1, [None], before, **options)) == Assign(1)
    assert rule.decide(pending(1, ["no_dlt"] * 6, before, **options)) == Assign(1, opens_cohort=True)


def test_a_guard_never_raises() -> None:
    loose = {"safety_stop": limit(0.99), "elimination": limit(0.99), "enough_at_level": 100}
    for rule in (Boin(target=0.3), ThreePlusThree(), RollingSix(), Crm(target=0.25, skeleton=SKELETON)):
        for y in range(4):
            view = after((2, 3, y), start_level=2)
            assert guarded(rule, **loose).decide(view) == rule.decide(view)
            assert guarded(rule, **loose).recommend(view) == rule.recommend(view)


# Through the model


def trial(dosing: dict[str, Any], toxic: dict[int, list[float | None]], most: int = 12) -> Any:
    """Everybody is there from day 0; windows take ten days; `toxic` has days to a DLT by participant, a level each."""
    people = [
        {"arrival": "0 days", "dlt": [day if day is None else f"{day} days" for day in toxic.get(k, [None] * 3)]}
        for k in range(1, most + 1)
    ]
    section = {"levels": ["1 mg", "2 mg", "3 mg"], "observation": "10 days", **dosing}
    return once(build(most, {"sites": [{"name": "A", "people": people}]}, dosing=section))


def test_whoever_is_enrolled_at_a_level_that_a_guard_rules_out_goes_back() -> None:
    # cohorts of five from level 2, one every 4 days after the second: on days 0, 0, 4, 8, 12. DLTs on days 3, 3 and 7
    # rule level 2 out on day 7, when the fourth and the fifth are booked; the third's outcome is the last due
    dosing = {
        "rule": "fixed",
        "start_level": 2,
        "cohort_size": 5,
        "stagger": "4 days",
        "guards": {"elimination": limit()},
    }
    history = trial(dosing, {k: [None, 3.0, 3.0] for k in (1, 2, 3)}, most=8)
    people = infused(history)
    assert infusion_days(history) == [0, 0, 4, 8, 8, 12, 16, 20]
    assert [person.level for person in people] == [2, 2, 2, 1, 1, 1, 1, 1]
    assert [person.participant for person in people] == list(range(1, 9))
    assert (history.end_day, history.recommended_level, history.end_cause) == (30, 1, "completed")


def test_enough_at_a_level_ends_a_trial() -> None:
    history = trial({"rule": "fixed", "cohort_size": 3, "guards": {"enough_at_level": 6}}, {})
    assert infusion_days(history) == [0, 0, 0, 10, 10, 10]
    assert (history.end_day, history.end_cause, history.recommended_level) == (20, "completed", 1)


def test_a_safety_stop_ends_a_trial() -> None:
    toxic: dict[int, list[float | None]] = {k: [2.0, 2.0, 2.0] for k in (1, 2, 3)}
    history = trial({"rule": "fixed", "cohort_size": 6, "guards": {"safety_stop": limit()}}, toxic)
    assert (infusion_days(history), history.end_day) == ([0] * 6, 2)
    assert (history.end_cause, history.recommended_level) == ("safety", None)

"""Operating characteristics and pathways of dose-finding designs against exact answers."""

from __future__ import annotations

from collections import defaultdict
from math import comb, sqrt

import pytest

from tests.support.enumerate_rules import enumerate_rule
from tests.support.exact import MONTH
from tests.support.three_plus_three import enumerate_trial
from trialsim.analysis.statistics import Mean
from trialsim.design import Design

TRUTH = (0.05, 0.15, 0.30, 0.45, 0.60)
RUNS = 600
FULL = ["dosing.stop_cohort_early=false", "dosing.dlt_resolves=false"]
SLACK = 4


def near(found: Mean, exact: float) -> bool:
    assert found.mean is not None and found.standard_error is not None
    return abs(found.mean - exact) <= SLACK * found.standard_error


def share_near(count: int, exact: float) -> bool:
    return abs(count / RUNS - exact) <= SLACK * sqrt(exact * (1 - exact) / RUNS)


def test_three_plus_three() -> None:
    """Every cohort of three waits for three of the candidates that come once it is open, and then for its windows."""
    exact = enumerate_trial(TRUTH)
    window = 28
    design = Design.of("three_plus_three", while_closed="turn_away", rate="3 per month", window="28 days", set=FULL)
    found = design.characteristics(TRUTH, RUNS, seed=5)
    assert found.replications == RUNS
    for level in found.levels:
        assert share_near(level.selected.count, exact.recommended[level.level])
        treated = 3 * sum(visits for (at, _), visits in exact.visits.items() if at == level.level)
        assert near(level.treated, treated)
        assert near(level.dlts, treated * TRUTH[level.level - 1])
    assert share_near(found.none_selected.count, exact.recommended[None])
    assert found.stopped_for_safety == found.none_selected
    assert near(found.participants, 3 * exact.mean_cohorts())
    assert near(found.dlts, exact.dlts)
    cycle = 3 * MONTH / 3 + window
    assert near(found.duration.mean, exact.mean_cohorts() * cycle)
    sd = sqrt(exact.mean_cohorts() * 3 * (MONTH / 3) ** 2 + exact.var_cohorts() * cycle**2)
    assert found.duration.mean.sd == pytest.approx(sd, rel=0.12)
    assert found.completion == found.duration  # all are observed to the end before anything is decided
    assert found.best == ()
    assert near(found.turned_away, exact.mean_cohorts() * window * 3 / MONTH)
    assert found.wait.mean.mean == 0


def test_a_decision_may_come_before_the_last_outcome() -> None:
    """Three come at once, two have a DLT within the window of the first level: that ends it, and one is observed on."""
    design = Design.of("three_plus_three", rate="20 per day", window="28 days", levels=1)
    found = design.characteristics([0.9999], 20)
    assert found.duration.p90.value is not None and found.duration.p90.value < 28.5
    assert found.completion.p10.value is not None
    assert found.completion.p10.value >= (found.duration.p10.value or 0)
    early = design.characteristics([0.5], 200)
    assert early.completion.mean.mean is not None and early.duration.mean.mean is not None
    assert early.completion.mean.mean > early.duration.mean.mean + 1


def test_boin_with_a_maximum() -> None:
    toxic = (0.25, 0.35, 0.45, 0.6, 0.7)
    design = Design.of("boin", {"target": 0.3}, levels=5, max_participants=18, set=FULL)
    exact = enumerate_rule(design.rule, toxic, cohort_size=3, max_participants=18, stop_cohort_early=False)
    found = design.characteristics(toxic, RUNS, seed=2)
    for level in found.levels:
        assert share_near(level.selected.count, exact.recommended[level.level])
        assert near(level.treated, exact.participants_at[level.level])
    assert near(found.participants, exact.participants)
    assert near(found.dlts, exact.dlts)
    assert share_near(found.stopped_for_safety.count, exact.stopped_for_safety)
    assert found.best == (1, 2)


def test_queueing_costs_participants_what_turning_away_costs_the_trial() -> None:
    away, queue = (
        Design.of("boin", {"target": 0.3}, max_participants=12, rate="4 per month", while_closed=closed)
        for closed in ("turn_away", "queue")
    )
    one, other = (design.characteristics(TRUTH, 200) for design in (away, queue))
    assert one.wait.mean.mean == 0
    assert other.wait.mean.mean is not None and other.wait.mean.mean > 3
    assert other.turned_away.mean == 0
    assert (one.duration.mean.mean or 0) > (other.duration.mean.mean or 0) + 20
    assert other.durations.tolist() == sorted(other.durations)
    assert len(other.durations) == 200


def test_pathways_of_three_plus_three_to_their_ends() -> None:
    """Two levels take at most four cohorts."""
    p = (0.2, 0.35)
    ways = list(Design.of("three_plus_three", levels=2).pathways(4).ways())
    assert all(node.answer == "stop" for _, node in ways)
    found: dict[int | None, float] = defaultdict(float)
    cohorts = 0.0
    for way, node in ways:
        chance = 1.0
        for level, dlts in way:
            chance *= comb(3, dlts) * p[level - 1] ** dlts * (1 - p[level - 1]) ** (3 - dlts)
        found[node.level] += chance
        cohorts += chance * len(way)
    exact = enumerate_trial(p)
    assert found == pytest.approx(dict(exact.recommended))
    assert cohorts == pytest.approx(exact.mean_cohorts())


def test_one_history_is_not_a_distribution() -> None:
    found = Design.of("ladder", levels=2).characteristics([0.0, 0.0], 1)
    assert found.levels[1].selected.probability == 1
    assert found.duration.mean.standard_error is None
    with pytest.raises(ValueError, match="need a truth"):
        Design.of("ladder").characteristics()

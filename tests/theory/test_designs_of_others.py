"""Operating characteristics of designs as others read them: the early stop of BOIN, and the level of the CRM."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.enumerate_rules import enumerate_rule
from trialsim.design import Design
from trialsim.rules import Guarded, Guards
from trialsim.rules.boin import Boin
from trialsim.rules.crm import Crm
from trialsim.rules.tite_crm import TiteCrm

TRUTHS = (
    ((0.25, 0.41, 0.45, 0.49, 0.53), 14.821, 77.80),
    ((0.12, 0.25, 0.42, 0.49, 0.55), 21.080, 55.09),
    ((0.04, 0.12, 0.25, 0.43, 0.63), 24.734, 54.17),
)
"""With the mean number of participants, and in how many trials of a hundred the right level is recommended."""


@pytest.mark.parametrize(
    ("number", "truth", "participants", "right"),
    [(1, *TRUTHS[0]), *(pytest.param(k, *row, marks=pytest.mark.slow) for k, row in enumerate(TRUTHS[1:], 2))],
)
def test_boin_stops_where_enough_were_treated_and_it_would_stay(
    number: int, truth: tuple[float, ...], participants: float, right: float
) -> None:
    rule = Guarded(Boin(target=0.25), Guards(enough_when_staying=9))
    exact = enumerate_rule(rule, truth, by_tallies=True, max_participants=30, stop_cohort_early=False)
    assert exact.participants == pytest.approx(participants, abs=5.01e-4)
    assert 100 * exact.recommended[number] == pytest.approx(right, abs=5.01e-3)


def test_both_early_stops_by_name() -> None:
    data = "1NNT 1NNN 2TTN 1NNN 2TNN"  # three of six at level 2: down to level 1, where nine were treated
    here = Design.of("boin", {"target": 0.25}, set=["dosing.guards.enough_when_staying=9"])
    anywhere = Design.of("boin", {"target": 0.25}, set=["dosing.guards.enough_at_level=9"])
    advice = here.after(data)
    assert (advice.answer, advice.level, advice.places) == ("assign", 1, 3)
    assert anywhere.after(data).answer == "stop"
    staying = "1NNT 1NNN 1NNT"  # two of nine
    assert here.after(staying).answer == anywhere.after(staying).answer == "stop"
    assert here.after("").answer == "assign"


SKELETON = (0.05, 0.10, 0.25, 0.40, 0.60)
CRM: dict[str, Any] = {"target": 0.25, "skeleton": SKELETON, "skip": True}
LIMIT = Guards.model_validate({"safety_stop": {"above": 0.35, "certainty": 0.9, "minimum_n": 1}})


def test_the_crm_may_recommend_a_level_that_was_not_tried() -> None:
    """Four cohorts of three; P(none), then P(level 1) to P(level 5)."""
    options: dict[str, Any] = {"max_participants": 12, "stop_cohort_early": False}
    any_level = enumerate_rule(Guarded(Crm(**CRM, recommends="any"), LIMIT), SKELETON, **options)
    found = [any_level.recommended[level] for level in (None, 1, 2, 3, 4, 5)]
    assert found == pytest.approx([0.000127, 0.019866, 0.227135, 0.451791, 0.273014, 0.028066], abs=5.01e-7)
    tried = enumerate_rule(Guarded(Crm(**CRM), LIMIT), SKELETON, **options)
    found = [tried.recommended[level] for level in (None, 1, 2, 3, 4, 5)]
    assert found == pytest.approx([0.000127, 0.052384, 0.268118, 0.355249, 0.296055, 0.028066], abs=5.01e-7)


@pytest.mark.parametrize("rule", [Crm, TiteCrm])
def test_the_level_recommended_is_the_one_that_the_model_would_give_next(rule: Any) -> None:
    design = Design.of("crm" if rule is Crm else "tite_crm", {**CRM, "recommends": "any"}, cohort_size=3)
    assert design.after("").recommended is None  # as long as nobody is evaluable
    advice = design.after("1NNN 2NNN")
    assert advice.level == advice.recommended and advice.level not in (1, 2)
    usual = Design.of("crm" if rule is Crm else "tite_crm", CRM, cohort_size=3).after("1NNN 2NNN")
    assert (usual.level, usual.recommended) == (advice.level, 2)

"""How far answers move, in pairs: their intervals hold what is true, for ratios and quantiles as well."""

from __future__ import annotations

import numpy as np
import pytest

from trialsim.analysis.answers import Answer, Moved, _quantiles, answers, moved
from trialsim.analysis.rank_correlations import FEWEST, RankCorrelation, partial_rank_correlations

MEAN, P80, CHANCE = answers(["last_visit", "last_visit_p80", "early_termination"])
SETS, PAIRS = 200, 200


def test_names_of_answers() -> None:
    assert answers([]) == (Answer("last_visit", "last_visit"), Answer("early_termination", "early_termination"))
    assert answers(["last_visit_p80", "last_visit_p80"]) == (Answer("last_visit_p80", "last_visit", 0.8),)
    assert P80.words() == "last visit, P80" and CHANCE.words() == "ends early"
    for wrong in ("last_visit_p70", "infused_p50", "nonsense"):
        with pytest.raises(ValueError, match="is not a measure"):
            answers([wrong])


@pytest.mark.parametrize("answer", [MEAN, P80], ids=["mean", "P80"])
def test_intervals_hold_the_difference(answer: Answer) -> None:
    """Exponential days, of which the first is shorter by a fifth on the same luck, and not all trials have one."""
    rng = np.random.default_rng(1)
    truth = 0.25 * (1.0 if answer is MEAN else -np.log(0.2))
    held = 0
    for _ in range(SETS):
        luck, missing = rng.exponential(size=PAIRS), rng.uniform(size=PAIRS)
        one = np.where(missing < 0.1, np.nan, luck + 0.2 * rng.normal(size=PAIRS))
        other = np.where((missing > 0.05) & (missing < 0.2), np.nan, 1.25 * luck + 0.2 * rng.normal(size=PAIRS))
        if answer is P80:  # without noise its quantiles are known
            one, other = np.where(np.isnan(one), np.nan, luck), np.where(np.isnan(other), np.nan, 1.25 * luck)
        found = moved(answer, one, other)
        assert found is not None and found.low is not None and found.high is not None
        held += found.low <= truth <= found.high
    assert 0.92 <= held / (SETS) <= 0.99


def test_a_difference_is_that_of_the_two_answers() -> None:
    one, other = np.array([1.0, 2.0, np.nan, 6.0]), np.array([np.nan, 4.0, 5.0, 9.0])
    found = moved(MEAN, one, other)
    assert found is not None and found.value == pytest.approx(6 - 3)
    assert moved(MEAN, one, one) == Moved(0, None, None)
    assert moved(P80, np.repeat(one, 20), np.repeat(one, 20)) == Moved(0, None, None)
    assert moved(MEAN, one, np.full(4, np.nan)) is None
    assert moved(CHANCE, np.array([0.0, 0, 1, 1]), np.array([1.0, 0, 1, 1])) is not None


def test_quantiles_of_rows_with_gaps_are_numpys() -> None:
    rows = np.random.default_rng(4).normal(size=(6, 9))
    rows[0, 3], rows[1, :7], rows[2, 2:8] = np.nan, np.nan, np.nan
    for probability in (0.1, 0.5, 0.8, 0.9):
        assert _quantiles(rows, probability) == pytest.approx(np.nanquantile(rows, probability, axis=1))
    assert np.isnan(_quantiles(np.full((1, 3), np.nan), 0.8)).all()


def spearman(pearson: float) -> float:
    """Of two normals."""
    return float(6 / np.pi * np.arcsin(pearson / 2))


def test_partial_rank_correlations_of_normals() -> None:
    """Against the partial correlations of Spearman's, which are known for normals; the dummy's is 0."""
    weights = np.array([2.0, -1.0, 0.0])
    sd = np.sqrt((weights**2).sum() + 4)
    whole = np.array([spearman(weight / sd) for weight in weights])
    exact = whole / np.sqrt(1 - (whole**2).sum() + whole**2)
    rng, held, values = np.random.default_rng(2), np.zeros(3), []
    for _ in range(100):
        inputs = rng.normal(size=(PAIRS, 3))
        found = partial_rank_correlations(np.exp(inputs), inputs @ weights + rng.normal(scale=2, size=PAIRS))
        ends = np.array([(each.value, each.low, each.high) for each in found], dtype=float).T
        held += (ends[1] <= exact) & (exact <= ends[2])
        values.append(ends[0])
    assert (held >= 90).all() and held.mean() <= 98.5
    assert np.mean(values, axis=0) == pytest.approx(exact, abs=0.01)


def test_correlated_inputs_are_told_apart_as_far_as_they_can_be() -> None:
    rng = np.random.default_rng(3)
    one = rng.normal(size=1000)
    other = 0.9 * one + np.sqrt(1 - 0.81) * rng.normal(size=1000)
    answer = one + 0.3 * rng.normal(size=1000)
    first, second = partial_rank_correlations(np.column_stack([one, other]), answer)
    assert first.value is not None and first.value > 0.8
    assert second.low is not None and second.high is not None and second.low < 0.05 and second.high > -0.05
    same = partial_rank_correlations(np.column_stack([one, np.exp(one), rng.normal(size=1000)]), answer)
    nothing = RankCorrelation(None, None, None)
    assert same[:2] == [nothing, nothing] and same[2].value is not None
    constant = partial_rank_correlations(np.column_stack([one, np.ones(1000)]), answer)
    assert constant[0].value is not None and constant[0].value > 0.9 and constant[1] == nothing
    few = FEWEST - 1
    assert partial_rank_correlations(one[:few, np.newaxis], answer[:few]) == [nothing]

"""The notation of data, and what rules answer to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from trialsim.design import Design, Member
from trialsim.design.notation import parse, write
from trialsim.scenario import ScenarioError

SKELETON = [0.05, 0.10, 0.20, 0.35, 0.50, 0.70]
members = st.builds(
    lambda outcome, share: (outcome, share if outcome is None else 0.0),
    st.sampled_from(["dlt", "no_dlt", "lost", None]),
    st.integers(0, 20).map(lambda k: k / 20),
)
cohorts = st.lists(st.tuples(st.integers(1, 12), st.lists(members, min_size=1, max_size=5)), max_size=6)


def test_the_notation() -> None:
    assert parse(" 2NNT  3tP0.4LP ", 3) == (
        Member(2, 1, "no_dlt"),
        Member(2, 1, "no_dlt"),
        Member(2, 1, "dlt"),
        Member(3, 2, "dlt"),
        Member(3, 2, None, 0.4),
        Member(3, 2, "lost"),
        Member(3, 2, None),
    )
    assert parse("", 3) == ()


@settings(max_examples=60)
@given(cohorts)
def test_what_is_written_reads_back(groups: list[tuple[int, list[tuple[str | None, float]]]]) -> None:
    people = tuple(
        Member(level, number, outcome, share)
        for number, (level, group) in enumerate(groups, start=1)
        for outcome, share in group
    )
    assert parse(write(people), 12) == people


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("2NNX", 4, '"X" is not an outcome'),
        ("1N 9NN", 4, "level 9 is not there: the ladder has 3 levels"),
        ("0N", 1, "level 0 is not there"),
        ("1N NN", 4, 'the cohort "NN" has no level'),
        ("1N 2", 4, 'the cohort "2" has no members'),
        ("2NP1.5", 3, "the share of the window followed is from 0 to 1"),
        ("1NNN,2NNN, 2NN", 5, "put a blank between cohorts, and nothing else"),
        ("1NNN2NNN", 5, "put a blank between cohorts, and nothing else"),
        ("2N-", 3, '"-" is not an outcome'),
        ("2P.N", 2, "the share of the window"),
        ("99999999999999999999N", 1, "is not there"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str, place: int, words: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(text, 3, "--data")
    (problem,) = caught.value.problems
    assert problem.file == f'--data "{text}"'
    assert problem.key == f"character {place}"
    assert words in problem.message


def test_every_problem_is_said() -> None:
    with pytest.raises(ScenarioError) as caught:
        parse("1NX 8N NN", 3)
    assert [problem.key for problem in caught.value.problems] == ["character 3", "character 5", "character 8"]


def test_crm_on_a_published_history() -> None:
    """Cheung's book: ten participants, one at a time."""
    design = Design.of("crm", {"target": 0.2, "skeleton": SKELETON}, cohort_size=1)
    advice = design.after("3N 4N 4T 3N 3N 4T 3T 2N 2N 2N")
    assert advice.parameter == pytest.approx(-0.212171527, abs=1e-8)
    curve = [0.088653, 0.155301, 0.272054, 0.427790, 0.570846, 0.749396]
    assert [level.estimate for level in advice.levels] == pytest.approx(curve, abs=1e-6)
    assert (advice.answer, advice.level, advice.recommended, advice.places) == ("assign", 2, 2, 1)
    for level in advice.levels:
        assert None not in (level.low, level.mean, level.high)
        assert level.low < level.mean < level.high  # type: ignore[operator]
    assert [level.treated for level in advice.levels] == [0, 3, 4, 3, 0, 0]
    assert [level.dlts for level in advice.levels] == [0, 0, 1, 2, 0, 0]


def test_tite_crm_on_a_published_history() -> None:
    design = Design.of("tite_crm", {"target": 0.2, "skeleton": SKELETON}, cohort_size=1, window="180 days")
    days = [178, 181, 168, 181, 24, 181, 179, 102, 42, 3]
    levels = [3, 3, 3, 4, 4, 3, 2, 2, 2, 3]
    people = [
        Member(level, k + 1, "dlt")
        if k in (2, 4)
        else Member(level, k + 1, "no_dlt")
        if day >= 180
        else Member(level, k + 1, None, day / 180)
        for k, (level, day) in enumerate(zip(levels, days, strict=True))
    ]
    advice = design.after(people)
    assert advice.parameter == pytest.approx(-0.132786551, abs=1e-8)
    curve = [0.072569, 0.133152, 0.244312, 0.398807, 0.545008, 0.731745]
    assert [level.estimate for level in advice.levels] == pytest.approx(curve, abs=1e-6)
    assert (advice.answer, advice.level) == ("assign", 3)
    assert advice.levels[2].pending == 2


def test_interval_designs_show_the_isotonic_estimates() -> None:
    data = f"1NNN 2NNN 3TTTT{'N' * 11} 4TTTT{'N' * 5}"
    advice = Design.of("boin", {"target": 0.3}).after(data)
    assert advice.recommended == 3
    assert [level.estimate for level in advice.levels[:4]] == pytest.approx(
        [0.016129, 0.016129, 0.268212, 0.445055], abs=1e-6
    )
    assert advice.levels[4].estimate is None
    assert advice.answer == "full"
    third = advice.levels[2]
    assert third.above_target == pytest.approx(beta.sf(0.3, 5, 12))
    assert (third.low, third.high) == pytest.approx((beta.ppf(0.05, 5, 12), beta.ppf(0.95, 5, 12)))


def test_eliminated_levels_and_stops() -> None:
    boin = Design.of("boin", {"target": 0.3})
    advice = boin.after("1NNN 2TTT")
    assert [level.eliminated for level in advice.levels] == [False, True, True, True, True]
    assert (advice.answer, advice.level, advice.recommended) == ("assign", 1, 1)
    advice = boin.after("1TTT")
    assert (advice.answer, advice.level, advice.recommended) == ("stop", None, None)
    advice = Design.of("three_plus_three").after("1NNN 2NTT")
    assert (advice.answer, advice.level) == ("stop", 1)
    assert [level.rate for level in advice.levels[:2]] == pytest.approx([0, 2 / 3])
    assert (advice.levels[1].low, advice.levels[1].high) == pytest.approx((beta.ppf(0.05, 3, 2), beta.ppf(0.95, 3, 2)))
    assert advice.levels[1].above_target is None


@pytest.mark.parametrize(
    ("rule", "data", "answer", "level", "places", "opens"),
    [
        ({"boin": {"target": 0.3}}, "", "assign", 1, 3, True),
        ({"boin": {"target": 0.3}}, "1N", "assign", 1, 2, False),
        ({"boin": {"target": 0.3}}, "1NNP", "wait", None, 0, False),
        ({"boin": {"target": 0.3}}, "1NNL", "assign", 1, 1, False),
        ({"boin": {"target": 0.3}}, "1NNN", "assign", 2, 3, True),
        ("rolling_six", "1NNN", "assign", 2, 1, False),
        ("rolling_six", "1NPPPPP", "wait", None, 0, False),
        ({"tite_boin": {"target": 0.2}}, "1NNN 2NPP0.5", "wait", None, 0, False),
        ({"tite_boin": {"target": 0.2}}, "1NNN 2N", "assign", 2, 2, False),
        ({"tite_boin": {"target": 0.2}}, "1NNN 2NNP", "assign", 3, 3, False),
        ({"tite_boin": {"target": 0.3}}, "1NNN 2NNT 2N", "assign", 2, 2, False),  # then a cohort is full
    ],
)
def test_what_may_follow(rule: object, data: str, answer: str, level: int | None, places: int, opens: bool) -> None:
    advice = Design.of(rule).after(data)  # type: ignore[arg-type]
    assert (advice.answer, advice.level, advice.places, advice.opens_cohort) == (answer, level, places, opens)


def test_a_cohort_size_means_nothing_to_the_rolling_six() -> None:
    usual, sized = Design.of("rolling_six"), Design.of("rolling_six", cohort_size=4)
    assert sized.after("1NNN") == usual.after("1NNN")
    assert sized.pathways(2) == usual.pathways(2)
    assert sized.warnings() == ["dosing.cohort_size: has no effect, because rolling_six does not work in cohorts"]
    assert usual.warnings() == []


def test_a_rule_may_want_to_be_asked_later() -> None:
    rule = {"tite_boin": {"target": 0.2, "minimum_follow_up": 0.75}}
    advice = Design.of(rule, window="40 days").after("1NNP0.5")
    assert advice.answer == "wait"
    assert advice.until == pytest.approx(10, abs=1e-5)
    assert advice.follow_up is not None
    assert (advice.follow_up.pending, advice.follow_up.total) == pytest.approx((1, 0.5))


def test_the_order_of_outcomes_counts_where_a_rule_looks_at_it() -> None:
    """A coherent rule does not go up straight after a DLT: the latest outcome here."""
    design = Design.of("tite_crm", {"target": 0.3, "skeleton": [0.05, 0.2, 0.4]}, cohort_size=1)
    assert design.after("1NNNNN 1T").level == 1
    assert design.after("1T 1NNNNN").level == 2

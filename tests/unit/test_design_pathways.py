"""Dose-transition pathways: every way, once, with its end."""

from __future__ import annotations

import pytest

from trialsim.design import Design
from trialsim.design.pathways import Node


def test_what_follows_is_what_the_rule_answers() -> None:
    design = Design.of("boin", {"target": 0.3})
    for way, node in design.pathways(3, "1NNN").ways():
        data = " ".join(["1NNN", *(f"{level}{'T' * dlts}{'N' * (3 - dlts)}" for level, dlts in way)])
        advice = design.after(data)
        assert (node.answer, node.level) == (advice.answer, advice.level)
        assert len(way) == 3 or node.answer == "stop"


def test_a_cohort_begun_is_filled_first_and_the_last_is_cut() -> None:
    design = Design.of("boin", {"target": 0.3}, max_participants=7)
    root = design.pathways(3, "1NT").root
    assert (root.level, root.size, len(root.branches)) == (1, 1, 2)
    assert root.branches[0].size == 3
    last = root.branches[0].branches[0]
    assert last.size == 1
    assert {end.answer for end in last.branches} == {"full"}
    assert [way for way, _ in design.pathways(1, "1NNN 2NNN 3N").ways()] == [()]


def test_groups_join_neighbours_that_go_on_alike() -> None:
    up, stop = Node("assign", 2), Node("stop", None)
    assert Node("assign", 1, 3, (up, stop, stop, up)).groups() == [(0, 0, up), (1, 2, stop), (3, 3, up)]
    root = Design.of("three_plus_three").pathways(1).root
    assert [(first, last, node.answer, node.level) for first, last, node in root.groups()] == [
        (0, 0, "assign", 2),
        (1, 1, "assign", 1),
        (2, 3, "stop", None),
    ]


def test_one_participant_at_a_time_without_cohorts() -> None:
    root = Design.of("rolling_six").pathways(2).root
    assert (root.size, root.branches[1].size) == (1, 1)
    timed = Design.of("tite_crm", {"target": 0.3, "half_width": 0.05, "prior_mtd": 2}).pathways(2, "1N").root
    assert (timed.size, timed.branches[0].size) == (2, 3)


def test_what_cannot_be_told() -> None:
    design = Design.of("boin", {"target": 0.3})
    with pytest.raises(ValueError, match="every outcome is known"):
        design.pathways(2, "1NNP")
    with pytest.raises(ValueError, match=r"more than 20,000 ways"):
        design.pathways(9)
    with pytest.raises(ValueError, match="1 cohort or more"):
        design.pathways(0)

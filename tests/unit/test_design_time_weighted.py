"""A time-weighted rule does not take back the place that it has just given."""

from __future__ import annotations

from dataclasses import replace

from trialsim.design import Design
from trialsim.rules import Assign, Assigned


def test_a_place_does_not_rule_out_its_own_level() -> None:
    """Two DLTs of two eliminate nothing yet, and three of three would: the third is not there before infusion."""
    design = Design.of("tite_boin", {"target": 0.2})
    view = design.view(design.people("1NNN 2TT 1NNN"))
    answer = design.rule.decide(view)
    assert answer == Assign(2)
    placed = replace(view, participants=(*view.participants, Assigned(2, 0, None, None, None)))
    assert design.rule.admissible(placed) >= 2
    infused = replace(view, participants=(*view.participants, Assigned(2, 0, 0.0, None, None)))
    assert design.rule.admissible(infused) == 1

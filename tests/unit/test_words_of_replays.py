"""Calendars of replays, and what is waited for, in the words of the trial that there is."""

from __future__ import annotations

from typing import Any

import pytest
from matplotlib.text import Text

import trialsim
from trialsim.analysis.facts import facts_of
from trialsim.scenario import Scenario
from trialsim.vocabulary import Outcome, Piece

FIXED: dict[str, Any] = {"levels": ["200 mg"], "cohort_size": 2, "observation": "4 weeks", "rule": "fixed"}
CELLS = ["infus", "DLT", "level", "recommended", "safety"]


def drug(**sections: Any) -> Scenario:
    people = [{"arrival": "1 day", "count": 4, "every": "3 days"}]
    return Scenario.from_document(
        {
            "trial": {"name": "tablets", "start_date": "2027-01-11", "max_participants": 4},
            "recruitment": {"sites": [{"name": "Leiden", "people": people}]},
            **sections,
        }
    )


def said(replay: trialsim.Replay) -> str:
    drawn = (replay.figure(name) for name in replay.figures())
    return "\n".join([replay.text(), *(each.get_text() for figure in drawn for each in figure.findobj(Text))])


@pytest.mark.parametrize("sections", [{}, {"dosing": FIXED}, {"dosing": FIXED, "follow_up": {"duration": "3 months"}}])
def test_a_replay_without_product_and_rule_does_not_talk_of_them(sections: dict[str, Any]) -> None:
    words = said(trialsim.replay(drug(**sections)))
    assert [word for word in CELLS if word in words] == []
    assert "treated" in words


def test_a_comparison_without_product_and_rule_does_not_either() -> None:
    one = FIXED["rule"]
    words = said(trialsim.replay(drug(dosing=FIXED), {"by two": one, "again": one}))
    assert [word for word in CELLS if word in words] == []


def test_a_rule_brings_its_words_along() -> None:
    words = said(trialsim.replay(drug(dosing=FIXED | {"levels": ["1 mg", "2 mg"]}), ["three_plus_three"]))
    assert [word for word in ("DLT", "level", "recommended") if word not in words] == []
    assert "infus" not in words


def test_what_is_observed_is_not_called_safety_where_there_can_be_no_toxicity() -> None:
    facts = facts_of(drug(dosing=FIXED))
    assert facts.piece(Piece.OBSERVATION) == "observation"
    assert facts.piece(Piece.SPACING) == "spacing of treatments"
    assert facts.outcome(Outcome.OBSERVED) == "observed"
    toxic = facts_of(drug(dosing=FIXED, truth={"dlt_probability": [1], "dlt_onset": 1}, infusion={"per_day": 1}))
    assert toxic.piece(Piece.OBSERVATION) == "safety observation"
    assert toxic.piece(Piece.SPACING) == "spacing of infusions"
    assert toxic.outcome(Outcome.OBSERVED) == "no DLT"


@pytest.mark.parametrize("width", [40, 60])
def test_each_piece_of_a_calendar_says_whose_it_is(width: int) -> None:
    text = trialsim.replay("replay-two-levels", ["three_plus_three"]).text(width=width)
    heads = [line for line in text.split("\n") if "came" in line or line.endswith("outcome")]
    assert len(heads) > 1
    assert all(line.startswith("Person ") for line in heads)
    assert "the day" in " ".join(text.split("\n")[:3])  # the end of the title

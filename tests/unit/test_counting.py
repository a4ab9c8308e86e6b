"""Rules in cohorts ask no more of a long trial than of a short one: what they look at is counted as it happens."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import FrameType
from typing import Any

import pytest

from trialsim.model import run
from trialsim.rules import Answer, View, beta
from trialsim.rules.beta_binomial import BetaBinomial
from trialsim.rules.boin import Boin
from trialsim.rules.cohorts import cohorts_so_far
from trialsim.scenario import Scenario


class Checked:
    """A rule that compares what has been counted with its participants, one by one, whenever it is asked."""

    cohorts = True

    def __init__(self, rule: Any) -> None:
        self.rule = rule
        self.asked = 0

    def check(self, view: View) -> None:
        one_by_one = replace(view, participants=list(view.participants))
        counted, anew = cohorts_so_far(view), cohorts_so_far(one_by_one)
        assert counted == anew
        assert vars(counted) == vars(anew)
        sums = [(each.tallies(), each.pending(), each.places_used()) for each in (view, one_by_one)]
        assert sums[0] == sums[1]
        self.asked += 1

    def decide(self, view: View) -> Answer:
        self.check(view)
        return self.rule.decide(view)  # type: ignore[no-any-return]

    def recommend(self, view: View) -> int | None:
        self.check(view)
        return self.rule.recommend(view)  # type: ignore[no-any-return]

    def admissible(self, view: View) -> int:
        self.check(view)
        return self.rule.admissible(view)  # type: ignore[no-any-return]


def scenario(participants: int, **changes: Any) -> Scenario:
    document: dict[str, Any] = {
        "trial": {"name": "counted", "start_date": "2024-01-01", "max_participants": participants},
        "recruitment": {"sites": [{"name": "A", "rate": "1 per day"}]},
        "dosing": {
            "levels": [f"{number} mg" for number in range(1, 6)],
            "start_level": 2,
            "cohort_size": 3,
            "rule": {"boin": {"target": 0.25}},
            "observation": "10 days",
        },
        "truth": {"dlt_probability": [0.05, 0.12, 0.25, 0.4, 0.55], "loss_in_window_probability": 0.1},
    }
    for name, section in changes.items():
        document[name] = {**document.get(name, {}), **section}
    return Scenario.from_document(document)


@pytest.mark.parametrize("replaces", [True, False])
@pytest.mark.parametrize("rule", [Boin(target=0.25, elimination=0.6), BetaBinomial(target=0.25, cutoff=0.8)])
def test_what_is_counted_is_what_there_is(rule: Any, replaces: bool) -> None:
    """With people who are lost, who leave before infusion and who are sent back, alone in their cohort or not."""
    late = {"infusion": {"notice": "4 days"}, "waiting": {"withdrawal": "0.1 per day"}}
    given = scenario(30, dosing={"replace_non_evaluable": replaces, "stagger": "1 day"}, **late)
    ends = set()
    for number in range(1, 13):
        checked = Checked(rule)
        history = run(given, 1, number, rule=checked)
        assert checked.asked > 10
        ends |= {person.outcome for person in history.participants}
    assert {"dlt", "observed", "non_evaluable", "withdrawn"} <= ends


def work(participants: int) -> int:
    """Count the lines of the rules and of their history that a trial runs through, once tails are known."""
    given = scenario(participants)
    run(given, 1, 1)
    lines = 0

    def count(frame: FrameType, event: str, _: object) -> Any:
        nonlocal lines
        if "/trialsim/rules/" not in (name := frame.f_code.co_filename.replace("\\", "/")) and "/model/" not in name:
            return None
        lines += 1
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        history = run(given, 1, 1)
    finally:
        sys.settrace(before)
    treated = sum(person.infusion_day is not None for person in history.participants)
    assert treated >= participants
    return lines


def test_the_work_is_linear_in_participants() -> None:
    """Four times the participants: four times the work, and a little for the start."""
    assert 3 < work(240) / work(60) < 5


def test_thresholds_of_toxicity_take_few_tails(monkeypatch: pytest.MonkeyPatch) -> None:
    tails = []

    def counted(*parameters: float) -> float:
        tails.append(parameters)
        return upper_tail(*parameters)

    upper_tail = beta.upper_tail
    monkeypatch.setattr(beta, "upper_tail", counted)
    assert 250 < beta.too_toxic_from.__wrapped__(900, 0.3, 0.95) < 320
    assert len(tails) <= 11


def test_a_certainty_of_one_is_never_exceeded() -> None:
    """Sums of many terms may be above 1 by rounding."""
    assert all(beta.too_toxic_from(n, 0.3, 1.0) == n + 1 for n in range(200))

"""Words follow the layers that are there: a trial of tablets has no infusions, no lots and no dose to choose."""

from __future__ import annotations

from pathlib import Path

import trialsim
from tests.support.overlaps import texts
from trialsim.analysis.facts import facts_of
from trialsim.report.terminal import render
from trialsim.results.trace import trace
from trialsim.vocabulary import EndCause

CELLS = ["infus", "product", "lot", "slot"]
DOSES = ["DLT", "chosen", "stopped for safety", "stop_cohort_early"]
DRUG = """
format: 1
trial: {name: tablets, start_date: 2027-01-11, max_participants: 6}
recruitment: {sites: [{name: Leiden, rate: 4 per month}]}
dosing: {levels: [200 mg], cohort_size: 6, observation: 4 weeks, rule: fixed}
"""


def said(text: str, tmp_path: Path) -> tuple[str, trialsim.Results]:
    """What the screen and all figures say."""
    (tmp_path / "a.yaml").write_text(text)
    results = trialsim.simulate(trialsim.load(tmp_path / "a.yaml"), 20, detail=True, jobs=1)
    drawn = (results.figure(name) for name in results.figures())
    words = [render(results.summary(), facts_of(results.scenario))]
    words += [each.get_text() for figure in drawn for each in texts(figure)]
    return "\n".join(words), results


def test_what_is_not_there_is_not_talked_about(tmp_path: Path) -> None:
    text, _ = said(DRUG, tmp_path)
    assert [word for word in [*CELLS, *DOSES] if word in text] == []


def test_no_toxicity_is_talked_about_where_nobody_can_have_any(tmp_path: Path) -> None:
    text, _ = said(DRUG + "truth: {dlt_probability: [0], loss_in_window_probability: 0.1}\n", tmp_path)
    assert [word for word in [*CELLS, *DOSES, "dlt_resolves"] if word in text] == []
    assert "replace_non_evaluable" in text


def test_a_diary_has_the_words_of_its_trial_too(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(DRUG)
    text = trace(trialsim.load(tmp_path / "a.yaml"), 1, 1).diary()
    assert "is treated" in text and "6 treated" in text
    words = ("infus", "level", "recommended", "DLT", "toxicity")
    assert [word for word in words if word in text] == []


def test_it_is_when_it_is_there(tmp_path: Path) -> None:
    product = "product: {policy: to_order, expansion: 3 days, cells_per_lot: 500}\ninfusion: {per_day: 1}\n"
    rule = DRUG.replace("rule: fixed", "rule: three_plus_three").replace("[200 mg]", "[200 cells, 400 cells]")
    truth = "truth: {dlt_probability: [0.2, 0.4]}\n"
    text, _ = said(rule.replace("cohort_size: 6, ", "") + truth + product, tmp_path)
    assert [word for word in [*CELLS, *DOSES] if word not in text] == []


def test_completed_is_explained_where_the_rule_never_reaches_all_participants(tmp_path: Path) -> None:
    rule = "dosing: {levels: [1 mg, 2 mg], observation: 4 weeks, rule: three_plus_three}\n"
    truth = "truth: {dlt_probability: [0, 0]}\n"
    start = DRUG.partition("dosing")[0]
    text, results = said(start.replace("max_participants: 6", "max_participants: 40") + rule + truth, tmp_path)
    assert results.summary()["end_causes"]["completed"]["probability"] == 1
    words = (
        "the dose rule is done: three_plus_three treats at most 12 on 2 levels, so 40 participants are never reached."
    )
    assert f"Completed means here that {words}" in " ".join(text.split())
    (tmp_path / "b").mkdir()
    text, _ = said(start.replace("max_participants: 6", "max_participants: 12") + rule + truth, tmp_path / "b")
    assert "Completed means" not in text


def test_a_cause_of_which_nobody_thought_is_shown_if_it_occurs(tmp_path: Path) -> None:
    text, results = said(DRUG + "stopping: {time_limit: 40 days}\n", tmp_path)
    assert EndCause.TIME_LIMIT.words in text
    assert results.summary()["end_causes"]["safety"]["probability"] == 0

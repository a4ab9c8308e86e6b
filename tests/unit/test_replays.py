"""What can be replayed and what cannot, under which rules, and how it is told and drawn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from trialsim import Replay, Scenario, ScenarioError, load, replay, simulate
from trialsim.report.calendars import ranges
from trialsim.results.replay import named
from trialsim.rules import RULES, Assign, Stop, Wait
from trialsim.scenario.checks.certainty import left_to_chance
from trialsim.scenario.values.fields import RandomDuration, Section
from trialsim.tables import CALENDAR, REPLAYS

CERTAIN: dict[str, Any] = {
    "trial": {"name": "certain", "start_date": "2024-01-01", "max_participants": 6},
    "recruitment": {
        "sites": [
            {"name": "Replay", "people": [{"arrival": "1 day", "count": 9, "every": "1 day", "dlt": [None, "3 days"]}]}
        ]
    },
    "dosing": {"levels": ["1 cells", "2 cells"], "observation": "10 days", "rule": "three_plus_three"},
}
HAZARD, SPREAD, RANDOM, CHANCE = "is a hazard", "the spread of a random rate", "this is random", "is a probability"
EXPONENTIAL = {"exponential": {"mean": "3 days"}}


def at(document: dict[str, Any], *path: Any) -> Any:
    for part in path:
        document = document[part]
    return document


def certain(**sections: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps({**CERTAIN, **sections}))
    return made


def with_site(**site: Any) -> dict[str, Any]:
    document = certain()
    at(document, "recruitment", "sites").append({"name": "A", **site})
    return document


def refused(document: dict[str, Any], rules: Any = None) -> list[tuple[str, str]]:
    scenario = Scenario.from_document(document)
    with pytest.raises(ScenarioError) as caught:
        replay(scenario, rules)
    assert {problem.file for problem in caught.value.problems} == {"certain"}
    return [(problem.key, problem.message) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("document", "key", "words"),
    [
        (with_site(rate="1 per day"), "recruitment.sites.A.rate", "a rate of random arrivals"),
        (with_site(rate="0 per day", rate_cv=0.5), "recruitment.sites.A.rate_cv", SPREAD),
        (with_site(rate="0 per day", activation=EXPONENTIAL), "recruitment.sites.A.activation", RANDOM),
        (
            with_site(rate="0 per day", never_active_probability=0.5),
            "recruitment.sites.A.never_active_probability",
            CHANCE,
        ),
        (
            certain(recruitment={"shared_rate_cv": 0.1, **CERTAIN["recruitment"]}),
            "recruitment.shared_rate_cv",
            SPREAD,
        ),
        (
            certain(recruitment={"site_defaults": {"rate": "1 per day"}, "sites": [{"name": "A"}, {"name": "B"}]}),
            "recruitment.site_defaults.rate",
            "a rate of random arrivals",
        ),
        (certain(screening={"pass_probability": 0.5}), "screening.pass_probability", "0.5 is a probability"),
        (
            certain(screening={"criteria": [{"name": "organs", "pass_probability": 0.9}]}),
            "screening.criteria.organs.pass_probability",
            CHANCE,
        ),
        (certain(screening={"pass_probability": 1, "duration": EXPONENTIAL}), "screening.duration", "exponential"),
        (certain(waiting={"withdrawal": "1 per year"}), "waiting.withdrawal", HAZARD),
        (certain(waiting={"rescreen_probability": 0.5}), "waiting.rescreen_probability", CHANCE),
        (certain(participants={"weight_kg": {"lognormal": {"mean": 65, "sd": 9}}}), "participants.weight_kg", RANDOM),
        *(
            (
                certain(product={"policy": "to_order", "cells_per_lot": 9, key: value}),
                f"product.{key}",
                CHANCE if key == "release_probability" else RANDOM,
            )
            for key, value in {
                **dict.fromkeys(("donation", "expansion", "release_testing", "shipping"), EXPONENTIAL),
                "cells_per_lot": {"uniform": {"min": 2, "max": 3}},
                "release_probability": 0.9,
            }.items()
        ),
        (certain(dosing={**CERTAIN["dosing"], "review": EXPONENTIAL}), "dosing.review", RANDOM),
        (
            certain(dosing={**CERTAIN["dosing"], "review": {"empirical": {"values": ["1 day", "2 days"]}}}),
            "dosing.review",
            "empirical",
        ),
        (certain(truth={"dlt_probability": [0, 0.2], "dlt_onset": 1}), "truth.dlt_probability.2", CHANCE),
        (certain(truth={"dlt_probability": [0, 1]}), "truth.dlt_onset", "uniform"),
        (
            certain(truth={"dlt_probability": [0, 0], "loss_in_window_probability": 1}),
            "truth.loss_in_window_probability",
            "at a random time",
        ),
        (certain(follow_up={"loss": "1 per year"}), "follow_up.loss", HAZARD),
        (certain(stopping={"external_stop": "1 per year"}), "stopping.external_stop", HAZARD),
    ],
)
def test_whatever_is_drawn_is_refused(document: dict[str, Any], key: str, words: str) -> None:
    ((where, message),) = refused(document)
    assert where == key
    assert words in message and "a replay has no randomness" in message


@pytest.mark.parametrize(
    "document",
    [
        certain(),
        with_site(arrival_days=[3, 1]),
        with_site(rate="0 per day"),
        with_site(rate="0 per day", activation="3 days", never_active_probability=1),
        certain(recruitment={"site_defaults": {"rate": "1 per day", "rate_cv": 1}, **CERTAIN["recruitment"]}),
        certain(screening={"pass_probability": 1, "duration": "3 days", "capacity": 2}),
        certain(screening={"criteria": [{"name": "organs", "pass_probability": 0}]}),
        certain(waiting={"eligibility_valid": "2 days", "rescreen_probability": 1}),
        certain(
            product={
                "policy": "to_order",
                "cells_per_lot": 9,
                "expansion": {"uniform": {"min": "1 day", "max": "1 day"}},
            }
        ),
        certain(dosing={**CERTAIN["dosing"], "review": {"empirical": {"values": ["2 days", "2 days"]}}}),
        certain(truth={"dlt_probability": [0, 0]}),
        certain(truth={"dlt_probability": [0, 1], "dlt_onset": 0.5}),
        certain(follow_up={"duration": "1 year"}, stopping={"time_limit": "1 year"}),
    ],
)
def test_what_is_certain_is_the_same_whatever_the_luck(document: dict[str, Any]) -> None:
    scenario = Scenario.from_document(document)
    (end,) = replay(scenario).ends.to_dict("records")
    simulated = simulate(scenario, replications=3, seed=99).replications
    for column in ("end_cause", "end_day", "infused", "dlts", "turned_away", "cohorts"):
        assert set(simulated[column]) == {end[column]}


def test_everything_that_is_drawn_is_named_at_its_place(tmp_path: Path) -> None:
    path = tmp_path / "drawn.yaml"
    path.write_text(
        "trial: {name: drawn, start_date: 2024-01-01, max_participants: 6}\n"
        "recruitment: {sites: [{name: A, rate: 1 per day}]}\n"
        "screening:\n"
        "  pass_probability: 0.5\n"
    )
    with pytest.raises(ScenarioError) as caught:
        replay(path)
    where = [(problem.line, problem.column, problem.key) for problem in caught.value.problems]
    assert where == [(2, 33, "recruitment.sites.A.rate"), (4, 3, "screening.pass_probability")]
    assert str(caught.value).startswith(f"{path}:2:33: recruitment.sites.A.rate: this is a rate of random")


def test_rules_are_checked_all_at_once() -> None:
    rules = {"one": "bion", "two": {"boin": {"target": 2}}, "three": 7, "four": None}
    with pytest.raises(ScenarioError) as caught:
        replay(Scenario.from_document(certain()), rules)
    found = {problem.file: (problem.key, problem.message) for problem in caught.value.problems}
    assert {file: key for file, (key, _) in found.items()} == {
        "rules one": "dosing.rule",
        "rules two": "dosing.rule.boin.target",
        "rules three": "dosing.rule",
        "rules four": "dosing.rule",
    }
    assert 'did you mean "boin"' in found["rules one"][1]
    with pytest.raises(ScenarioError, match="at least one"):
        replay(Scenario.from_document(certain()), {})


def test_a_rule_needs_dose_levels() -> None:
    document = certain(recruitment={"sites": [{"name": "A", "arrival_days": [1]}]})
    del document["dosing"]
    assert refused(document, {"it": "fixed"}) == [
        ("dosing", "is missing; a dose rule needs dose levels to choose from")
    ]


class Alternating:
    """Level 1, level 2, level 1 … for four people, without waiting."""

    cohorts = False

    def decide(self, view: Any) -> Any:
        given = len(view.participants)
        if given < 4:
            return Assign(1 + given % 2)
        return Wait() if view.pending() else Stop(1)

    def recommend(self, view: Any) -> int | None:
        return 1


def test_rules_of_ones_own_and_rules_as_objects() -> None:
    scenario = Scenario.from_document(certain(dosing={**CERTAIN["dosing"], "rule": "fixed", "cohort_size": 2}))
    rules = {"own": Alternating(), "built": RULES["fixed"](), "text": "fixed", "classic": RULES["three_plus_three"]()}
    done = replay(scenario, rules)
    assert done.ends["rule"].tolist() == ["own", "built", "text", "classic"]
    calendar = done.calendar.set_index("rule")
    assert calendar["level"]["own"].dropna().tolist() == [1, 2, 1, 2]
    assert calendar["infusion_day"]["built"].dropna().tolist() == [1, 2, 12, 12, 22, 22]
    # two at a time as the scenario has it; but the 3+3 has cohorts of three
    assert calendar["cohort"]["text"].dropna().tolist() == [1, 1, 2, 2, 3, 3]
    assert calendar["cohort"]["classic"].dropna().tolist()[:4] == [1, 1, 1, 2]


def test_names_of_rules() -> None:
    target = {"boin": {"target": 0.3}}
    assert list(named(["fixed", target])) == ["fixed", "boin"]
    others = named([target, {"boin": {"target": 0.2, "p1": 0.1}}, {"rolling_six": {"strict": True}}, "rolling_six"])
    assert list(others) == [
        "boin (target 0.3)",
        "boin (target 0.2, p1 0.1)",
        "rolling_six (strict true)",
        "rolling_six",
    ]
    with pytest.raises(ValueError, match=r"the rule boin \(target 0.3\) is given twice"):
        named([target, "fixed", target])


class Mine:
    cohorts = False

    def decide(self, view: Any) -> Any:
        return Assign(1)

    def recommend(self, view: Any) -> int | None:
        return 1


def test_rules_in_a_list_have_their_own_names() -> None:
    scenario = Scenario.from_document(certain())
    done = replay(scenario, ["three_plus_three", {"rolling_six": {"strict": True}}, RULES["rolling_six"](), Mine()])
    assert list(done.traces) == ["three_plus_three", "rolling_six (strict true)", "rolling_six (strict false)", "Mine"]
    assert repr(done) == f"Replay(certain: {', '.join(done.traces)})"
    assert repr(done.traces["Mine"]) == "Trace(certain: replication 1, seed 1)"
    with pytest.raises(ValueError, match="the rule Mine is given twice"):
        replay(scenario, [Mine(), Mine()])
    with pytest.raises(ScenarioError, match=r"^rules boinn: dosing.rule.*did you mean"):
        replay(scenario, ["boinn"])


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ("boin", "rules is 'boin'; give a list of rules"),
        (Mine(), "give a list of rules"),
        (3, "rules is 3; give a list of rules"),
        ([Mine], "Mine is a class"),
        ({"mine": Mine}, "Mine is a class"),
        ({"boin": RULES["boin"]}, "Boin is a class"),
    ],
)
def test_what_is_no_rule_is_refused(rules: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        replay(Scenario.from_document(certain()), rules)


@pytest.fixture(scope="module")
def several() -> Replay:
    rules = {
        "three_plus_three": "three_plus_three",
        "rolling_six": "rolling_six",
        "a rule " + 9 * "of long name ": "fixed",
    }
    return replay(Scenario.from_document(certain()), rules)


def test_tables(several: Replay) -> None:
    assert list(several.ends) == list(REPLAYS)
    assert list(several.calendar) == list(CALENDAR)
    assert several.calendar.dtypes["level"] == "Int64"
    assert several.calendar["rule"].unique().tolist() == several.ends["rule"].tolist() == list(several.traces)
    document = several.to_document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert [len(one["participants"]) for one in document["rules"]] == several.calendar.groupby(
        "rule", sort=False
    ).size().tolist()


def squeezed(line: str) -> str:
    """A line with one space between its words."""
    return " ".join(line.split())


def test_the_text_fits_and_says_it_all(several: Replay) -> None:
    lines = several.text().splitlines()
    assert max(map(len, lines)) <= 80
    assert several.text(width=60) != several.text()
    assert max(map(len, several.text(width=60).splitlines())) <= 60
    # level 2 harms the second cohort of the 3+3 (days 13 to 16) together on day 16: all three wait until day 13
    start = lines.index("three_plus_three: completed on day 16; recommended: level 1, 1 cells")
    assert squeezed(lines[start + 1]) == "Person came enrolled treated cohort level DLT known outcome"
    assert squeezed(lines[start + 5]) == "4 4 13 13 2 2 16 16 DLT"
    assert lines[start + 8] == "Waiting: 3 (7–9)"
    assert any(squeezed(line).startswith("4 4 13 (2) 4 (1)") for line in lines)


def test_one_rule_needs_no_comparison() -> None:
    text = replay("replay-two-levels").text()
    assert "Compared" not in text and "Waiting: 17 (7–23)" in text
    nobody = certain(recruitment={"sites": [{"name": "A", "people": []}]}, stopping={"time_limit": "9 days"})
    assert "Nobody came." in replay(Scenario.from_document(nobody)).text()


@pytest.mark.parametrize(("fixed_at", "level"), [("enrolment", "1"), ("infusion", "–")])
def test_a_level_not_yet_settled_is_not_told(fixed_at: str, level: str) -> None:
    document = certain(infusion={"notice": "14 days"}, stopping={"time_limit": "16 days"})
    document["dosing"] |= {"rule": {"tite_boin": {"target": 0.3}}, "cohort_size": 3, "dose_fixed_at": fixed_at}
    lines = [squeezed(line) for line in replay(Scenario.from_document(document)).text().splitlines()]
    assert "1 1 1 15 1 – 25 in window" in lines
    assert f"3 3 3 – {level} – – released" in lines


def test_ranges() -> None:
    assert ranges([1, 2, 3, 5, 7, 8]) == "1–3, 5, 7–8"
    assert ranges([]) == ""


def test_the_figure_has_a_panel_a_rule_on_one_axis(several: Replay) -> None:
    figure = several.figure()
    panels = figure.get_axes()
    assert [ax.get_title(loc="left").split("\n")[0][:6] for ax in panels] == ["three_", "rollin", "a rule"]
    titles = [ax.get_title(loc="left").replace("\n", " ") for ax in panels]
    for name, title, (_, end) in zip(several.traces, titles, several.ends.iterrows(), strict=True):
        verdict = "no level" if pd.isna(end["recommended_level"]) else f"level {end['recommended_level']}"
        assert title == f"{name} recommends {verdict} on day {end['end_day']:g}, {end['infused']} treated"
    assert len({ax.get_xlim() for ax in panels}) == 1
    assert [bool(ax.get_xlabel()) for ax in panels] == [False, False, True]
    assert [ax.get_legend() is not None for ax in panels] == [False, False, True]


def test_an_end_a_century_away_does_not_squeeze_the_figure(several: Replay) -> None:
    people = [{"arrival": "1 day", "count": 2}]
    document = certain(recruitment={"sites": [{"name": "A", "people": people}]})
    done = replay(Scenario.from_document(document))
    assert done.ends["end_day"].tolist() == [36525]
    assert "The last candidate came on day 1." in done.text()
    assert done.figure().get_axes()[0].get_xlim()[1] < 12
    assert load("replay-two-levels").digest() != several.scenario.digest()


class RunIn(Section):
    """A section that scenarios do not have."""

    duration: RandomDuration


class Longer(Scenario):
    run_in: RunIn


def test_what_a_new_section_leaves_to_chance_is_found() -> None:
    known = dict(Scenario.from_document(certain()))
    one, other = (
        Longer(**known, run_in=RunIn.model_validate({"duration": takes})) for takes in ("2 days", EXPONENTIAL)
    )
    assert not list(left_to_chance(one))
    assert [path for path, _ in left_to_chance(other)] == [("run_in", "duration")]

"""Malformed scenarios: each is reported at its line, by its key, in words; never with a traceback."""
# ruff: noqa: E501  (a table)

from __future__ import annotations

import re
from pathlib import Path

import pytest

from trialsim.scenario import ScenarioError, load

BASE = """\
trial:
  name: demo
  start_date: 2024-01-08
  max_participants: 9
recruitment:
  sites:
    - name: North
      rate: 1 per month
    - {name: South, rate: 2 per month}
screening:
  duration: 2 weeks
  pass_probability: 0.5
infusion:
  weekdays: [Monday]
dosing:
  levels: [1e6 cells per kg, 2e6 cells per kg]
  observation: 28 days
  rule: three_plus_three
truth:
  dlt_probability: [0.1, 0.2]
stopping:
  time_limit: 3 years
"""
PRODUCT = "product:\n  policy: to_order\n  cells_per_lot: 1e8\n"

# what is replaced, by what, and the line, key and words that the one problem must have
SINGLE = [
    # units
    ("rate: 1 per month", "rate: 0.653", 8, "recruitment.sites.North.rate", '0.653 has no unit; write a rate such as "0.653'),
    ("  time_limit: 3 years", "  time_limt:", 22, "stopping.time_limt", 'did you mean "time_limit"?'),
    ("rate: 2 per month}", "rate: 2 per month, foo: }", 9, "recruitment.sites.South.foo", '"foo" is not a key'),
    ("rate: 2 per month}", "rate: 2 per month, 5 per month}", 9, "recruitment.sites.South.5 per month", "decimals are written with a point"),
    ("duration: 2 weeks", "duration: {lognormal: {mean: 2 weeks, sd: 1 week, lenght}}", 11, "screening.duration.lognormal.lenght", "is not a parameter"),
    ("rule: three_plus_three", "rule: {three_plus_three: {needs: }}", 18, "dosing.rule.three_plus_three.needs", '"needs" is not a key'),
    ("max_participants: 9", "max_participants: 1e9", 4, "trial.max_participants", "at most 1,000,000 (allowed: 1 to 1,000,000)"),
    ("rate: 1 per month", "rate: 1 per fortnight", 8, "recruitment.sites.North.rate", '"fortnight" is not a unit of time'),
    ("rate: 1 per month", "rate: 1 month", 8, "recruitment.sites.North.rate", "is not a rate"),
    ("rate: 1 per month", "rate: -1 per month", 8, "recruitment.sites.North.rate", "is negative"),
    ("rate: 1 per month", "rate: 1e9 per day", 8, "recruitment.sites.North.rate", "at most 1,000,000 per day"),
    ("rate: 1 per month", "rate: often", 8, "recruitment.sites.North.rate", '"often" is not a number with a unit'),
    ("observation: 28 days", "observation: 28", 17, "dosing.observation", '28 has no unit; write a duration such as "28 days"'),
    ("observation: 28 days", "observation: 0", 17, "dosing.observation", "0 has no unit"),
    ("observation: 28 days", 'observation: "28"', 17, "dosing.observation", '"28" has no unit'),
    ("observation: 28 days", "observation: 28 dayz", 17, "dosing.observation", '(did you mean "day"?)'),
    ("observation: 28 days", "observation: 28days", 17, "dosing.observation", "a space is missing"),
    ("observation: 28 days", "observation: 28 Days", 17, "dosing.observation", '"Days" is not a unit of time'),
    ("observation: 28 days", "observation: -28 days", 17, "dosing.observation", "a duration is 0 or more"),
    ("observation: 28 days", "observation: 1e9 years", 17, "dosing.observation", "at most 1,000,000 days"),
    ("observation: 28 days", "observation: 1e999 days", 17, "dosing.observation", "too large"),
    ("observation: 28 days", "observation: true", 17, "dosing.observation", "true is not a number with a unit"),
    ("observation: 28 days", "observation: {uniform: {min: 1 day, max: 2 days}}", 17, "dosing.observation", "a mapping"),
    ("[1e6 cells per kg, 2e6", "[1e6, 2e6", 16, "dosing.levels.1", "1000000 has no unit; write a dose"),
    ("[1e6 cells per kg,", "[0 cells per kg,", 16, "dosing.levels.1", "a dose is above 0"),
    ("[1e6 cells per kg,", "[1e6 cells per metre,", 16, "dosing.levels.1", "is not a dose"),
    ("time_limit: 3 years", "time_limit: 0 years", 22, "stopping.time_limit", "longer than 0"),
    # numbers
    ("max_participants: 9", "max_participants: 9.0", 4, "trial.max_participants", "9.0 is not a whole number; write 9"),
    ("max_participants: 9", "max_participants: 0", 4, "trial.max_participants", "at least 1 (allowed: 1 to 1,000,000)"),
    ("max_participants: 9", "max_participants: 2_000_000", 4, "trial.max_participants", "at most 1,000,000"),
    ("max_participants: 9", "max_participants: true", 4, "trial.max_participants", "true is not allowed; write a whole"),
    ("max_participants: 9", "max_participants: nine", 4, "trial.max_participants", '"nine" is not allowed'),
    ("pass_probability: 0.5", "pass_probability: 1.5", 12, "screening.pass_probability", "1.5 is not allowed"),
    ("pass_probability: 0.5", "pass_probability: 50 %", 12, "screening.pass_probability", "write 0.5"),
    ("pass_probability: 0.5", "pass_probability: true", 12, "screening.pass_probability", "true is not allowed"),
    ("pass_probability: 0.5", "pass_probability: .nan", 12, "screening.pass_probability", "nan is not allowed; write a finite number"),
    ("[0.1, 0.2]", "[0.1, 2]", 20, "truth.dlt_probability.2", "2 is not allowed"),
    ("[0.1, 0.2]", "0.1", 20, "truth.dlt_probability", "write a list"),
    # names and dates
    ("name: demo", "name: my trial", 2, "trial.name", "cannot be used in file names"),
    ("name: demo", "name: 7", 2, "trial.name", "cannot be used in file names"),
    ("name: North", "name: 12", 7, "recruitment.sites.1.name", '12 is not text; write it in quotes: "12"'),
    ("start_date: 2024-01-08", "start_date: 8 January 2024", 3, "trial.start_date", "year-month-day"),
    ("start_date: 2024-01-08", "start_date: 2024-02-30", 3, "trial.start_date", "not in the calendar"),
    ("start_date: 2024-01-08", "start_date: 1024-01-08", 3, "trial.start_date", "1900-01-01 to 2200-12-31"),
    # keys
    ("  max_participants: 9", "  max_participant: 9", 4, "trial.max_participant", 'did you mean "max_participants"?'),
    ("      rate: 1 per month", "      rates: 1 per month", 8, "recruitment.sites.North.rates", 'did you mean "rate"?'),
    ("truth:", "thruth:", 19, "thruth", 'did you mean "truth"?'),
    ("  start_date: 2024-01-08\n", "", 1, "trial.start_date", "is missing"),
    ("start_date: 2024-01-08", "start_date:", 3, "trial.start_date", "has no value"),
    ("  duration: 2 weeks", "  duration: 2 weeks\n  duration: 3 weeks", 12, "screening.duration", "twice (first in line 11)"),
    ("  sites:\n", "  sites: []\nx:\n", None, "recruitment.sites", "list at least 1"),
    ("truth:\n  dlt_probability: [0.1, 0.2]", "truth: 5", 19, "truth", "5 where a mapping is due"),
    ("{name: South, rate: 2 per month}", "South", 9, "recruitment.sites.2", '"South" where a mapping is due'),
    ("[Monday]", "[Mondy]", 14, "infusion.weekdays.1", 'did you mean "Monday"?'),
    ("[Monday]", "[]", 14, "infusion.weekdays", "never opens"),
    ("[Monday]", "[Monday, Monday]", 14, "infusion.weekdays", "Monday is listed 2 times"),
    ("[Monday]", "[Monday]\n  per_day: 0", 15, "infusion.per_day", "never opens"),
    (
        "[Monday]",
        "[Monday]\n  closures: [{from: 2020-01-01, until: 2030-01-01}]",
        15,
        "infusion.closures",
        "never opens before the time limit",
    ),
    ("stopping:", "format: 2\nstopping:", 21, "format", "2 is not a format"),
    ("stopping:", "format: true\nstopping:", 21, "format", "true is not a format"),
    # distributions
    ("2 weeks", "{lognormal: {mean: 2 weeks}}", 11, "screening.duration.lognormal", "mean and sd, or median and p90"),
    ("2 weeks", "{lognormal: {mean: 2 weeks, sd: 3}}", 11, "screening.duration.lognormal.sd", "3 has no unit"),
    ("2 weeks", "{lognormol: {mean: 2 weeks}}", 11, "screening.duration.lognormol", 'did you mean "lognormal"?'),
    ("2 weeks", "{gamma: {mean: 2 weeks, cv: 1}}", 11, "screening.duration.gamma.cv", "is not a parameter"),
    ("2 weeks", "{gamma: {mean: 0 weeks, sd: 1 day}}", 11, "screening.duration.gamma", "the mean must be above 0"),
    ("2 weeks", "{uniform: {min: 3 days, max: 2 days}}", 11, "screening.duration.uniform", "must not be greater"),
    ("2 weeks", "{pert: {min: 1 day, mode: 9 days, max: 2 days}}", 11, "screening.duration.pert", "must not decrease"),
    ("2 weeks", "{beta: {mean: 0.2, sd: 0.1}}", 11, "screening.duration.beta", "fits fractions"),
    ("2 weeks", "{weibull: {shape: 0, scale: 1 day}}", 11, "screening.duration.weibull", "shape must be a number from"),
    ("2 weeks", "{empirical: {values: []}}", 11, "screening.duration.empirical", "at least one value"),
    (
        "2 weeks",
        "{empirical: {values: [1 day, 2 days], weights: [1]}}",
        11,
        "screening.duration.empirical",
        "1 weights for 2 values",
    ),
    ("2 weeks", "{empirical: {values: [1 day, 2]}}", 11, "screening.duration.empirical.values.2", "2 has no unit"),
    ("2 weeks", "{exponential: 3 days}", 11, "screening.duration.exponential", "parameters are due"),
    ("2 weeks", "{exponential: {mean: 1 day}, gamma: {}}", 11, "screening.duration", "give one distribution"),
    ("truth:", "truth:\n  dlt_onset: {exponential: {mean: 0.5}}", 20, "truth.dlt_onset", "could exceed 1"),
    ("truth:", "participants: {weight_kg: 0}\ntruth:", 19, "participants.weight_kg", "must be above 0"),
    # dosing
    ("rule: three_plus_three", "rule: three_plus_tree", 18, "dosing.rule", 'did you mean "three_plus_three"?'),
    ("rule: three_plus_three", "rule: {boim: {}}", 18, "dosing.rule.boim", 'did you mean "boin"?'),
    ("rule: three_plus_three", "rule: [boin]", 18, "dosing.rule", "is not a dose rule"),
    ("rule: three_plus_three", "rule: fixed", 15, "dosing.cohort_size", "the rule fixed works in cohorts"),
    ("rule: three_plus_three", "rule: {ladder: {max_dlt: 1}}\n  cohort_size: 3", 18, "dosing.rule.ladder.max_dlt", '"max_dlts"'),
    ("rule: three_plus_three", "cohort_size: 3\n  rule: {boin: {target: 2}}", 19, "dosing.rule.boin.target", "below 1"),
    ("rule: three_plus_three", "cohort_size: 3\n  rule: boin", 19, "dosing.rule", "boin needs its target: write {boin: {target: 0.25}}"),
    ("rule: three_plus_three", "rule: three_plus_three\n  cohort_size: 4", 19, "dosing.cohort_size", "cohorts are of 3"),
    ("rule: three_plus_three", "rule: three_plus_three\n  start_level: 3", 19, "dosing.start_level", "beyond the ladder"),
    ("2e6 cells per kg]", "2e6 cells]", 16, "dosing.levels", "different units"),
    ("2e6 cells per kg]", "1e6 cells per kg]", 16, "dosing.levels.2", "is not above the level before"),
    ("rule: three_plus_three", "rule: three_plus_three\n  dlt_resolves: yes", 19, "dosing.dlt_resolves", "true or false"),
    ("rule: three_plus_three", "rule: three_plus_three\n  dose_fixed_at: visit", 19, "dosing.dose_fixed_at", "infusion"),
    ("[0.1, 0.2]", "[0.1]", 20, "truth.dlt_probability", "1 probabilities for 2 dose levels"),
    ("recruitment:\n", "recruitment:\n  max_waiting: 0\n", 6, "recruitment.max_waiting", "at least 1"),
    # contradictions elsewhere
    ("max_participants: 9", "max_participants: 9\n  planned_end: 2023-01-01", 5, "trial.planned_end", "before the trial starts"),
    ("max_participants: 9", "max_participants: 9\n  planned_end: {date: 2023-01-01}", 5, "trial.planned_end", "before the trial starts"),
    ("max_participants: 9", "max_participants: 9\n  planned_end: soon", 5, "trial.planned_end", "is not a date"),
    ("max_participants: 9", "max_participants: 9\n  planned_end: {milestone: settled}", 5, "trial.planned_end.date", "is missing"),
    ("max_participants: 9", "max_participants: 9\n  planned_end: {date: 2030-01-01, milestone: last_vist}", 5,
     "trial.planned_end.milestone", 'did you mean "last_visit"? allowed: first_site_open,'),
    ("max_participants: 9", "max_participants: 9\n  targets: [{date: 2030-01-01, milestone: 3}]", 5,
     "trial.targets.1.milestone", "last_visit and database_lock"),
    ("max_participants: 9", "max_participants: 9\n  targets: [{date: 2023-01-01}]", 5, "trial.targets.1.date", "before the trial starts"),
    ("max_participants: 9", "max_participants: 9\n  targets: [2030-01-01]", 5, "trial.targets.1", "with the keys date and milestone"),
    ("time_limit: 3 years", "time_limit: 3 years\n  accrual_looks: [{at: 4 years, minimum_infused: 1}]", 23,
     "stopping.accrual_looks.1.at", "after the time limit"),
    ("name: South", "name: North", 9, "recruitment.sites.North.name", "another site is called"),
    ("rate: 2 per month", "arrival_days: [1], rate: 1 per day", 9, "recruitment.sites.South.arrival_days", "leave out its rate"),
    ("rate: 2 per month", "people: [{arrival: 1 day}], rate: 1 per day", 9, "recruitment.sites.South.people", "leave out its rate"),
    ("rate: 2 per month", "people: [{arrival: 1 day}], arrival_days: [1]", 9, "recruitment.sites.South.people", "the arrival_days"),
    ("rate: 2 per month", "people: 3", 9, "recruitment.sites.South.people", "write a list"),
    ("rate: 2 per month", "people: [3]", 9, "recruitment.sites.South.people.1", "a mapping is due with the keys arrival, dlt"),
    ("rate: 2 per month", "people: [{lost: 1 day}]", 9, "recruitment.sites.South.people.1.arrival", "is missing"),
    ("rate: 2 per month", "people: [{arrival: 1}]", 9, "recruitment.sites.South.people.1.arrival", "1 has no unit"),
    ("rate: 2 per month", "people: [{arrival: 1 day, dtl: [null, null]}]", 9, "recruitment.sites.South.people.1.dtl", '"dlt"'),
    ("rate: 2 per month", "people: [{arrival: 1 day, dlt: 3 days}]", 9, "recruitment.sites.South.people.1.dlt", "write a list"),
    ("rate: 2 per month", "people: [{arrival: 1 day, dlt: [null, 3]}]", 9, "recruitment.sites.South.people.1.dlt.2", "3 has no unit"),
    ("rate: 2 per month", "people: [{arrival: 1 day, dlt: [null, -3 days]}]", 9, "recruitment.sites.South.people.1.dlt.2", "is negative"),
    ("rate: 2 per month", "people: [{arrival: 1 day, dlt: [3 days]}]", 9, "recruitment.sites.South.people.1.dlt", "1 value for 2 dose levels"),
    ("rate: 2 per month", "people: [{arrival: 3 days}, {arrival: 1 week}, {arrival: 6 days}]", 9,
     "recruitment.sites.South.people.3.arrival", "6 days is before the entry above, which reaches day 7; list people in order"),
    ("rate: 2 per month", "people: [{arrival: 3 days, count: 3, every: 1 day}, {arrival: 4 days}]", 9,
     "recruitment.sites.South.people.2.arrival", "which reaches day 5"),
    ("rate: 2 per month", "people: [{arrival: 3 days, every: 1 day}]", 9, "recruitment.sites.South.people.1.every", "goes with a count"),
    ("rate: 2 per month", "people: [{arrival: 3 days, count: 0}]", 9, "recruitment.sites.South.people.1.count", "1 to 10,000"),
    ("rate: 2 per month", "people: [{arrival: 1 day, count: 3, every: 2000 years}]", 9,
     "recruitment.sites.South.people.1.every", "a day is at most 1,000,000"),
    ("rate: 2 per month", "count: 20, people: [{arrival: 1 day, count: 9000}]", 6, "recruitment.sites", "more than 100,000 people"),
    ("rate: 2 per month", "count: 2", 9, "recruitment.sites.South.rate", "or arrival_days"),
    ("rate: 2 per month", "rate: 2 per month, count: 20000", 9, "recruitment.sites.South.count", "1 to 10,000"),
    ("pass_probability: 0.5", "capacity: 1", 10, "screening", "needs a pass_probability, or criteria"),
    ("pass_probability: 0.5", "pass_probability: 0.5\n  criteria: [{name: a, pass_probability: 1}]", 13,
     "screening.criteria", "exclude each other"),
    ("pass_probability: 0.5", "criteria: [{name: a, pass_probability: 1}, {name: a, pass_probability: 1}]", None,
     "screening.criteria.a.name", "names more than one criterion"),
    ("rule: three_plus_three", "cohort_size: 3\n  rule: {boin: {taget: 0.2}}", 19, "dosing.rule.boin.taget", '"target"'),
    ("truth:", PRODUCT + "truth:", 16, "dosing.levels", "need participants.weight_kg"),
    ("truth:", "observed: [{date: 2023-01-01, screened: 1}]\ntruth:", 19, "observed.1.date", "before the trial starts"),
    ("truth:", "observed: [{date: 2024-02-01, enrolled: 2, infused: 3}]\ntruth:", 19, "observed.1", "3 infused but only 2"),
    ("truth:", "observed: [{date: 2024-02-01, infused_by_level: [1, 1, 1]}]\ntruth:", 19,
     "observed.1.infused_by_level", "3 counts for 2 dose levels"),
    ("truth:", "sources: {screening.lenght: {kind: derived}}\ntruth:", 19, 'sources."screening.lenght"',
     "there is no key screening.lenght"),
    ("truth:", "sources: {screening.duration: {kind: guess}}\ntruth:", 19, 'sources."screening.duration".kind', "assumption"),
    ("truth:", "sources: {product.suites: {kind: derived}}\ntruth:", 19, 'sources."product.suites"', "there is no key product in"),
]  # fmt: skip


def problems(text: str, folder: Path) -> list[tuple[int | None, str, str]]:
    path = folder / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(path)
    for problem in caught.value.problems:
        assert problem.file == str(path)
        assert problem.line is None or 1 <= problem.line <= text.count("\n") + 1
        assert not re.search(r"pydantic|validat|Input should|\[type=|ruamel|None\b", problem.message), problem.message
    return [(problem.line, problem.key, problem.message) for problem in caught.value.problems]


def test_the_base_is_a_scenario(tmp_path: Path) -> None:
    path = tmp_path / "good.yaml"
    path.write_text(BASE, encoding="utf-8")
    assert load(path).dosing is not None


@pytest.mark.parametrize(("old", "new", "line", "key", "words"), SINGLE, ids=range(len(SINGLE)))
def test_each_problem_is_told_once_at_its_place(
    old: str, new: str, line: int | None, key: str, words: str, tmp_path: Path
) -> None:
    assert BASE.count(old) >= 1
    found = problems(BASE.replace(old, new, 1), tmp_path)
    if line is None:
        assert any(where == key and words in message for _, where, message in found), found
    else:
        assert [(at, where) for at, where, _ in found] == [(line, key)], found
        assert words in found[0][2]


def test_all_problems_of_a_file_at_once(tmp_path: Path) -> None:
    text = (
        BASE.replace("rate: 1 per month", "rate: 1")
        .replace("duration: 2 weeks", "duration: {gamma: {mean: 2, sd: 3}}")
        .replace("observation: 28 days", "observation: 28")
        .replace("rule: three_plus_three", "start_level: 5\n  rule: {boin: {target: 7, p3: 1}}")
        .replace("[0.1, 0.2]", "[0.1, 0.2, 0.3]")
        .replace("max_participants: 9", "max_participants: many\n  planned_end: 2000-01-01")
        .replace("name: South, rate: 2 per month", "name: North, rate: 2 per moon")
    )
    found = {(key, line) for line, key, _ in problems(text, tmp_path)}
    assert found == {
        ("trial.max_participants", 4),
        ("trial.planned_end", 5),
        ("recruitment.sites.North.rate", 9),
        ("recruitment.sites.North.rate", 10),
        ("recruitment.sites.North.name", 10),
        ("screening.duration.gamma.mean", 12),
        ("screening.duration.gamma.sd", 12),
        ("dosing.observation", 18),
        ("dosing.start_level", 19),
        ("dosing.rule.boin.target", 20),
        ("dosing.rule.boin.p3", 20),
        ("truth.dlt_probability", 22),
    }


def test_problems_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    head, tail = BASE.split("screening:")
    text = f"screening:{tail}{head}".replace("2 weeks", "2").replace("name: demo", "name: a b").replace("28 days", "28")
    assert [line for line, _, _ in problems(text, tmp_path)] == [2, 8, 15]


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("policy: to_stock", "policy to_stock needs"),
        ("kind: autologous\n  target_doses: 1\n  policy: to_stock", "impossible for an autologous product"),
        ("kind: autologous\n  lots_in_stock_at_start: 1\n  policy: to_order", "there is no stock"),
        ("policy: to_order\n  minimum_dose_fraction: 0", "must be above 0"),
        ("policy: on_demand", "to_order"),
    ],
)
def test_products_that_cannot_be(policy: str, words: str, tmp_path: Path) -> None:
    text = BASE + PRODUCT.replace("policy: to_order", policy) + "participants: {weight_kg: 70}\n"
    found = problems(text, tmp_path)
    assert len(found) == 1
    assert words in found[0][2]


def test_layers_that_need_another(tmp_path: Path) -> None:
    start = BASE.index("dosing:")
    text = BASE[:start] + PRODUCT + "truth: {dlt_probability: [0.1]}\n"
    text = text.replace("rate: 2 per month", "people: [{arrival: 1 day, lost: 2 days, dlt: [null]}]")
    assert {(key, "needs a dosing section" in message) for _, key, message in problems(text, tmp_path)} == {
        ("product", True),
        ("truth", True),
        ("recruitment.sites.South.people.1.dlt", True),
        ("recruitment.sites.South.people.1.lost", True),
    }


@pytest.mark.parametrize(
    ("period", "key", "words"),
    [
        ("{name: holiday, from: 2024-03-01, until: 2024-03-01, factor: 0}", "holiday.until", "is not after from"),
        ("{name: holiday, from: 2024-03-01, until: 2024-04-01, factor: -1}", "holiday.factor", "at least 0"),
        (
            "{name: holiday, from: 2024-03-01, until: 2024-04-01, factor: 1, sites: [Nroth]}",
            "holiday.sites",
            '"North"?',
        ),
        ("{from: 2024-03-01, until: 2024-04-01}", "1.factor", "is missing"),
    ],
)
def test_periods(period: str, key: str, words: str, tmp_path: Path) -> None:
    found = problems(BASE.replace("recruitment:\n", f"recruitment:\n  periods: [{period}]\n"), tmp_path)
    assert [(line, where) for line, where, _ in found] == [(6, f"recruitment.periods.{key}")]
    assert words in found[0][2]

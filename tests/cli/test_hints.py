"""What is mistyped is told what was meant, and what to write: in one form, whether it is an option or in a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import SMALL
from tests.support.command_line import Command


@pytest.mark.parametrize(
    ("words", "start", "hint"),
    [
        ("rnu small", 'trialsim: "rnu" is not a command', 'did you mean "run"?'),
        ("small", 'trialsim: "small" is not a command', "did you mean `trialsim run small`?"),
        ("msc-sle", 'trialsim: "msc-sle" is not a command', "did you mean `trialsim run msc-sle`?"),
        ("run smal", "smal: there is no such file", 'did you mean "small.yaml"?'),
        ("run smll.yaml", "smll.yaml: there is no such file", 'did you mean "small.yaml"?'),
        ("run small --enginee simpy", "trialsim run: there is no option --enginee", "did you mean --engine?"),
        ("run small --engine simp", "trialsim run: --engine: ", 'did you mean "simpy"?'),
        ("run small --figures pgn", "trialsim run: --figures: ", 'did you mean "png"?'),
        ("run small -n 0", 'trialsim run: --replications: "0" is not allowed', "write a whole number, 1 to 10,000,000"),
        ("run", "trialsim run: SCENARIO is missing", "`trialsim run -h` explains it"),
        ("init x --with stoping", "trialsim init: --with: ", 'did you mean "stopping"?'),
        ("init x --from teaching", "trialsim init: --from: ", 'did you mean "teaching-minimal"?'),
        ("sweep small --vary X", "--vary X: this is not KEY=V1,V2,…", "as in recruitment.rate_multiplier=0.5,1,2"),
        ("levers small --measure enroled", "trialsim levers: --measure: ", 'did you mean "enrolled"?'),
        ("run small --set trial.start_date=2027-3-1", "--set ", "write it as year-month-day: 2027-03-01"),
        ("run small --set trial.start_date=2027/03/1", "--set ", "write it as year-month-day: 2027-03-01"),
        ("run small --set screening.duration=1_mo", "--set ", 'did you mean "months"?'),
        ("run small --set stopping.time_limit=3_yrs", "--set ", 'did you mean "years"?'),
        ("run small --set recruitment.sites.1.rate=0.7/month", "--set ", 'written with "per": "0.7 per month"'),
        ("run small --set recruitment.sites.1.rate=0.7/wk", "--set ", 'written with "per": "0.7 per week"'),
        ("run small --set stopping.time_limit=28days", "--set ", 'a space is missing: "28 days"'),
        ("run small --set stopping.time_limit=28d", "--set ", 'a space is missing: "28 days"'),
        ("run small --set time_limit=3", "--set ", "did you mean stopping.time_limit?"),
        ("run small --set duration=3", "--set ", "did you mean screening.duration or follow_up.duration?"),
        ("run small --set trial.review=3", "--set ", "did you mean dosing.review?"),
        ("design 3+3", "3+3: dosing.rule: ", 'did you mean "three_plus_three"?'),
        ("design TITE-BOIN", "TITE-BOIN: dosing.rule: ", 'did you mean "tite_boin"?'),
        ("design rolling-6", "rolling-6: dosing.rule: ", 'did you mean "rolling_six"?'),
        ("design boin", "boin: dosing.rule: boin needs its target", "write {boin: {target: 0.25}}"),
        ("design crm", "crm: dosing.rule: crm needs its target, half_width and prior_mtd", "write {crm: {target: 0.25"),
        (
            "design beta_binomial",
            "beta_binomial: dosing.rule: beta_binomial needs its target and cutoff",
            "cutoff: 0.95}}",
        ),
        ("sweep teaching-minimal --vary dosing.rule=boin,ladder", "--vary ", "boin needs its target: write {boin: "),
    ],
)
def test_a_slip_is_told_what_to_write(trialsim: Command, small: Path, words: str, start: str, hint: str) -> None:
    done = trialsim(*(word.replace("_mo", " mo").replace("_yrs", " yrs") for word in words.split()))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(start)
    assert hint in done.stderr
    assert "Usage:" not in done.stderr


def test_examples_of_rules_are_rules() -> None:
    from trialsim.rules import RULES
    from trialsim.scenario.values import written_rules

    for name in RULES:
        parameters = {key: written_rules._EXAMPLES[key] for key in written_rules._lacking(name)}
        written_rules.read_rule({name: parameters})
        required = {key for key, field in RULES[name].model_fields.items() if field.is_required()}
        assert required <= set(parameters)


def test_measures_are_listed_by_kind(trialsim: Command, small: Path) -> None:
    lines = trialsim("sweep", "small", "--measure", "speed").stderr.splitlines()
    assert [line.split(":")[0] for line in lines[1:]] == ["  milestones", "  counts", "  chances of ends"]
    assert "last_visit" in lines[1]
    assert "infused" in lines[2]
    assert "early_termination" in lines[3]


def test_only_distributions_that_may_be_there_are_offered(trialsim: Command, small: Path) -> None:
    done = trialsim("run", "small", "--set", "screening.duration=soon")
    assert (
        "or a distribution: exponential, gamma, lognormal, weibull, uniform, triangular, pert or empirical"
        in done.stderr
    )
    assert "distribution" not in trialsim("run", "small", "--set", "screening.duration=3 moons").stderr


def test_a_sweep_that_changes_nothing_says_so(trialsim: Command, tmp_path: Path) -> None:
    """How long a screening takes moves days, and ends nobody's screening otherwise."""
    (tmp_path / "small.yaml").write_text(SMALL.replace("18 months", "100 years"))
    sweep = ("sweep", "small", "--vary", "screening.duration=1 day,2 days", "-n", "5", "--no-figures", "--replace")
    assert "No trial changed" not in trialsim(*sweep).stdout
    other = trialsim(*sweep, "--measure", "enrolled", "--measure", "early_termination").stdout
    assert "No trial changed at any point in what is shown here; other measures did" in " ".join(other.split())
    dead = trialsim("sweep", "small", "--vary", "participants.weight_kg=70,80", *sweep[4:]).stdout
    assert "No trial changed at any point: in none of these trials" in " ".join(dead.split())


def test_a_measure_may_be_called_as_reports_call_it(trialsim: Command, small: Path) -> None:
    from trialsim.analysis.facts import facts_of
    from trialsim.analysis.measures import checked
    from trialsim.scenario import load
    from trialsim.tables import MEASURES

    for name in ("teaching-minimal", "msc-sle"):  # of which only one has infusions
        called = facts_of(load(name)).measure
        assert checked([called(measure) for measure in MEASURES]) == MEASURES
    done = trialsim(
        "sweep", "small", "--vary", "trial.max_participants=3,4", "-n", "2", "--measure", "treated", "--json"
    )
    assert json.loads(done.stdout)["measures"] == ["infused"]


def test_whole_numbers_beside_nothing_stay_whole(trialsim: Command, small: Path) -> None:
    """The base has no capacity."""
    done = trialsim("sweep", "small", "--vary", "screening.capacity=1,2", "-n", "3", "--no-figures")
    assert [line.split("  ")[0] for line in done.stdout.splitlines()[4:7]] == ["null *", "1", "2"]

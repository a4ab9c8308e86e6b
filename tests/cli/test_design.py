"""``trialsim design`` as users meet it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.command_line import Command

CRM = ("crm", "target=0.2", "skeleton=[.05,.1,.2,.35,.5,.7]", "--cohort-size", "1")


TREE = """\
Every way the next 2 cohorts may go
cohort +1  cohort +2  then
1: 0/3     2: 0/3     end: 2
           2: 1/3     level 2
           2: 2–3/3   end: 1
1: 1/3     1: 0/3     level 2
           1: 1–3/3   no dose
1: 2–3/3   no dose

"""


def lines(text: str, start: str) -> list[list[str]]:
    """The words of the lines that begin with a text, after it."""
    return [line.removeprefix(start).split() for line in text.splitlines() if line.startswith(start)]


@pytest.mark.parametrize("rule", [("boin", "target=0.3"), ("{boin: {target: 0.3}}",)])
def test_the_table_that_protocols_print(trialsim: Command, rule: tuple[str, ...]) -> None:
    done = trialsim("design", *rule)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert lines(done.stdout, "up if DLTs ≤") == [["0", "0", "0", "0", "1", "1", "1", "1", "2", "2", "2", "2"]]
    assert lines(done.stdout, "down if DLTs ≥") == [["1", "1", "2", "2", "2", "3", "3", "3", "4", "4", "4", "5"]]
    assert lines(done.stdout, "eliminated if DLTs ≥") == [["–", "–", "3", "3", "4", "4", "5", "5", "5", "6", "6", "7"]]
    assert lines(done.stdout, "1  ") == [["D", "D", "S", "S", "U", "U", "U", "U", "U", "U", "U", "U"]]


@pytest.mark.parametrize(
    "arguments",
    [
        ("boin", "target=0.25", "--to", "40"),
        ("three_plus_three", "mtd=six_at_mtd", "--pathways", "6"),
        ("ladder",),
        ("fixed",),
        ("rolling_six", "strict=true", "--data", "1NNN 2NPPPPP", "--to", "3"),
        ("keyboard", "target=0.3", "--data", "2NNNNT 3LPTTT 12NN", "--levels", "12", "--start-level", "2"),
        ("beta_binomial", "target=0.3", "cutoff=0.9", "--to", "18"),
        ("tite_boin", "target=0.2", "minimum_follow_up=0.25", "--data", "1NNN 2NNP0.4"),
        ("tite_crm", "target=0.2", "half_width=0.06", "prior_mtd=3", "--data", "1NNNP0.25"),
        (*CRM, "--pathways", "6", "--data", "3NNNN"),
        ("--scenario", "msc-sle", "--truth", ".02,.05,.1", "-n", "20", "--jobs", "1", "--pathways", "2"),
        ("--scenario", "autologous-car-t", "--set", "dosing.guards.enough_at_level=6", "--data", "1N"),
    ],
    ids=lambda arguments: arguments[0] if arguments[0] != "--scenario" else arguments[1],
)
def test_every_rule_fits_on_a_terminal(trialsim: Command, arguments: tuple[str, ...]) -> None:
    done = trialsim("design", *arguments)
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert not re.search(r"\bNone\b|\bnan\b", done.stdout)


def test_crm_after_a_published_history(trialsim: Command) -> None:
    done = trialsim("design", *CRM, "--data", "3N 4N 4T 3N 3N 4T 3T 2N 2N 2N")
    assert done.returncode == 0, done.stderr
    assert "no decision table" not in done.stdout
    assert "no decision table" in trialsim("design", *CRM).stdout
    assert "Now: level 2 for the next participant." in done.stdout
    assert "parameter: -0.212172." in done.stdout
    (level,) = lines(done.stdout, "2 *")[-1:]
    assert level[:5] == ["3", "0", "of", "3", "0.155"]
    document = json.loads(trialsim("design", *CRM, "--data", "3N 4N 4T 3N 3N 4T 3T 2N 2N 2N", "--json").stdout)
    assert set(document) == {"design", "prior", "advice"}
    assert document["advice"]["parameter"] == pytest.approx(-0.212171527, abs=1e-8)
    assert document["advice"]["levels"][1]["estimate"] == pytest.approx(0.155301, abs=1e-6)


def test_the_table_stands_by_itself_unless_it_is_asked_for(trialsim: Command) -> None:
    for asked in (("--data", "1NNN"), ("--pathways", "1"), ("--truth", ".1,.3", "-n", "2", "--jobs", "1")):
        arguments = ("design", "boin", "target=0.3", *asked)
        assert "up if DLTs" not in trialsim(*arguments).stdout
        assert "up if DLTs" in trialsim(*arguments, "--table").stdout


def test_numbers_are_never_cut(trialsim: Command) -> None:
    """Nobody comes: the trial lasts for a hundred years."""
    done = trialsim("design", "boin", "target=.3", "--rate", "0 per month", "--truth", ".1,.2", "-n", "10")
    assert "36,525–36,525" in done.stdout
    assert "…" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("rolling_six", "--cohort-size", "4"), "cohort_size: has no effect, because rolling_six"),
        (("boin", "target=.3", "--cohort-size", "31"), "31 is more than the maximum of 30 participants"),
        (("boin", "target=.3", "--truth", ".1,.3,.2", "-n", "2"), "falls from 0.3 at level 2 to 0.2 at level 3"),
    ],
)
def test_what_is_hardly_meant_is_said(trialsim: Command, arguments: tuple[str, ...], words: str) -> None:
    done = trialsim("design", *arguments, "--data", "1N")
    assert done.returncode == 0, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert words in done.stderr
    assert ("no cohorts" in done.stdout) == (arguments[0] == "rolling_six")


def test_pathways_as_a_table(trialsim: Command) -> None:
    done = trialsim("design", "three_plus_three", "--levels", "2", "--pathways", "2")
    assert done.returncode == 0, done.stderr
    assert TREE in done.stdout


def test_characteristics_and_everything_as_json(trialsim: Command) -> None:
    arguments = ("design", "boin", "target=0.3", "--truth", "[0.1, 0.3, 0.5]", "-n", "40", "--seed", "3")
    done = trialsim(*arguments, "--max-participants", "9", "--rate", "4 per month", "--while-closed", "turn_away")
    assert done.returncode == 0, done.stderr
    for words in ("40 simulated trials, seed 3", "4 candidates a month", "while_closed turn_away", "Turned away:"):
        assert words in done.stdout
    options = (
        "--max-participants",
        "9",
        "--review",
        "{uniform: {min: 5 days, max: 9 days}}",
        "--window",
        "3 weeks",
        "--data",
        "1NNN",
        "--pathways",
        "1",
    )
    one, other = (trialsim(*arguments, *options, "--jobs", jobs, "--json") for jobs in ("1", "2"))
    assert one.stdout == other.stdout
    document = json.loads(one.stdout)
    assert set(document) == {"design", "table", "advice", "pathways", "characteristics"}
    found = document["characteristics"]
    assert found["replications"] == 40
    counts = [level["selected"]["count"] for level in found["levels"]]
    assert sum(counts) + found["none_selected"]["count"] == 40
    assert found["best"] == [2]
    assert document["design"]["dosing"]["observation"] == "21 days"
    assert len(document["design"]["dosing"]["levels"]) == 3
    assert [len(row) for row in document["table"]["cells"]] == [12] * 13
    assert len(document["pathways"]["root"]["after_dlts"]) == 4


@pytest.mark.parametrize(("ending", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_a_figure_in_the_form_that_its_name_says(trialsim: Command, tmp_path: Path, ending: str, begins: bytes) -> None:
    done = trialsim("design", "boin", "target=0.3", "--figure", f"picture.{ending}")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [f"picture.{ending}"]
    assert (tmp_path / f"picture.{ending}").read_bytes().startswith(begins)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name a dose rule (fixed, ladder,"),
        (("boim", "target=0.3"), 'did you mean "boin"?'),
        (("boin", "target=7"), "target=7: dosing.rule.boin.target: 7 is not allowed; the number must be below 1"),
        (("boin", "target=["), "target=[: this is not valid YAML"),
        (("boin", "target=0.3", "keyboard"), "'keyboard' is neither the rule ('boin' is) nor PARAMETER=VALUE"),
        (("[boin]",), "is not a dose rule"),
        (("boin", "target=0.3", "--data", "1NNX"), '--data "1NNX": character 4: "X" is not an outcome'),
        (("boin", "target=0.3", "--data", "1P", "--pathways", "1"), "pathways begin where every outcome is known"),
        (("boin", "target=0.3", "--cohort-size", "30", "--pathways", "5"), "ask for fewer cohorts"),
        (("boin", "target=0.3", "--truth", "0.1,oops"), '"oops" is not allowed; write a plain number'),
        (("boin", "target=0.3", "target=.4"), "'target=0.3' and 'target=.4' are both about target"),
        (("boin", "target=0.3", "--data", " "), "--data: there is nothing in it; write cohorts such as"),
        (("boin", "target=0.3", "--truth", ".1 .2 .3"), "separate the probabilities with commas, as in .1,.2,.3"),
        (("boin", "target=0.3", "--truth", ""), "--truth : truth.dlt_probability: 0 probabilities for 5 dose levels"),
        (("boin", "target=0.3", "--figure", "picture.gif"), "must end in .png, .svg or .pdf"),
        (("boin", "target=0.3", "--figure", "nowhere/picture.png"), "there is no folder"),
        (("--scenario", "multicentre-phase-3"), "has no dosing section"),
        (("boin", "target=0.3", "--set", "screening=null"), "a design has no screening to change; name a key of"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
)
def test_mistakes_are_explained(trialsim: Command, tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    done = trialsim("design", *arguments)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert words in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []

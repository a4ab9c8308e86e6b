"""``trialsim import sites``: from a table to the section of a scenario file."""

from __future__ import annotations

from pathlib import Path

from tests.support.command_line import Command
from trialsim.scenario import load

TABLE = "Site;Patients (per month);Opens;City\nÄ: one;0,5;2025-03-02;Köln\nTwo;1;3 weeks;\n"
COLUMNS = ("--column", "name=Site", "--column", "rate=Patients", "--column", "activation=Opens")


def test_a_section_that_a_scenario_can_have(trialsim: Command, tmp_path: Path) -> None:
    (tmp_path / "sites.csv").write_text(TABLE, encoding="utf-8")
    done = trialsim("import", "sites", "sites.csv", *COLUMNS)
    assert (done.returncode, done.stderr) == (0, "2 sites; columns not used: City\n")
    trial = "trial: {name: a, start_date: 2025-01-01, max_participants: 2}\n"
    (tmp_path / "plan.yaml").write_text(trial + done.stdout, encoding="utf-8")
    one, two = load(tmp_path / "plan.yaml").sites
    assert (one.name, one.activation.mean(), two.activation.mean()) == ("Ä: one", 60, 21)
    assert "activation: 2025-03-02" in done.stdout
    written = trialsim("import", "sites", "sites.csv", *COLUMNS, "--out", "section.yaml")
    assert (written.returncode, written.stdout) == (0, "")
    assert (tmp_path / "section.yaml").read_text(encoding="utf-8") == done.stdout
    again = trialsim("import", "sites", "sites.csv", *COLUMNS, "--out", "section.yaml")
    assert again.returncode == 1 and "exists already and is left alone" in again.stderr


def test_what_is_wrong_is_told_by_line_and_column(trialsim: Command, tmp_path: Path) -> None:
    (tmp_path / "sites.csv").write_text("name,rate,activation\nA\x1b[31m,1 per month,soon\nA,0.5,\n")
    done = trialsim("import", "sites", "sites.csv", "--out", "section.yaml")
    assert done.returncode == 2 and "\x1b" not in done.stderr
    places = sorted(line.split(" ")[0] for line in done.stderr.splitlines())
    assert places == ["sites.csv:2:1:", "sites.csv:2:3:", "sites.csv:3:2:"]
    assert not (tmp_path / "section.yaml").exists()


def test_what_is_no_table_or_no_column(trialsim: Command, tmp_path: Path) -> None:
    for arguments, words in {
        ("none.csv",): "none.csv: there is no such file",
        (".",): ".: this is not a file",
        ("sites.csv", "--column", "rate"): '"rate" is not KEY=NAME',
        ("sites.csv", "--column", "site=A"): '"site" is not a key of a site; allowed: name, count, rate',
        ("sites.csv", "--column", "rate=Rate"): 'sites.csv:1: there is no column "Rate"; there are name',
    }.items():
        (tmp_path / "sites.csv").write_text("name\nA\n")
        done = trialsim("import", "sites", *arguments)
        assert done.returncode == 2 and words in done.stderr, done.stderr

"""``trialsim report``: from a scenario, a folder or a sweep to files that are there whole or not at all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import SMALL
from tests.support.command_line import Command
from tests.support.reports import XHTML, parsed, text
from trialsim import levers, load, simulate, sweep

QUICK = ("-n", 30, "--engine", "simpy", "--jobs", 1)
NO_FIGURES = "--no-figures"


def chapters(path: Path) -> dict[str, Any]:
    """The chapters of a report as data, by name."""
    return {chapter["name"]: chapter for chapter in json.loads(path.read_text("utf-8"))["chapters"]}


def words(part: Any) -> str:
    """All text in a part of a report as data."""
    if isinstance(part, str):
        return part + " "
    inner = part if isinstance(part, list) else part.values() if isinstance(part, dict) else []
    return "".join(map(words, inner))


def test_a_scenario_becomes_a_page_and_data(trialsim: Command, small: Path, tmp_path: Path) -> None:
    done = trialsim("report", small, *QUICK, "-o", "small.html", "-o", "small.json", "--stress")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "The report is in small.html" in done.stderr
    page = parsed((tmp_path / "small.html").read_text("utf-8"))
    assert "small" in text(page.find(f".//{XHTML}h1"))
    assert list(chapters(tmp_path / "small.json"))[-1] == "stress"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.html", "small.json", "small.yaml"]


def test_a_folder_gives_the_report_of_the_run_without_simulating(
    trialsim: Command, small: Path, tmp_path: Path
) -> None:
    assert trialsim("run", small, *QUICK, "--out", "run", "--no-figures").returncode == 0
    assert trialsim("report", "run", "-o", "folder.json", NO_FIGURES).returncode == 0
    assert trialsim("report", small, *QUICK, "-o", "fresh.json", NO_FIGURES).returncode == 0
    found, fresh = (json.loads((tmp_path / f"{name}.json").read_text("utf-8")) for name in ("folder", "fresh"))
    assert found["data"]["summary"] == json.loads((tmp_path / "run" / "summary.json").read_text("utf-8"))
    one, other = (
        words([chapter for chapter in each["chapters"] if chapter["name"] != "reproduce"]) for each in (found, fresh)
    )
    assert one == other  # what its author gave, too


def test_a_sweep_has_its_plans_side_by_side(trialsim: Command, small: Path, tmp_path: Path) -> None:
    vary = ("--vary", "recruitment.rate_multiplier=1,2")
    assert trialsim("report", small, *QUICK, *vary, "-o", "sweep.json", NO_FIGURES).returncode == 0
    found = chapters(tmp_path / "sweep.json")
    assert list(found)[:3] == ["question", "answer", "comparison1"]
    assert "helps" not in found
    (table,) = (block for block in found["comparison1"]["blocks"] if block["kind"] == "table")
    assert [words(row[0]).strip() for row in table["rows"]] == ["1 (base)", "2"]
    assert table["marked"] == [0]
    assert "does best" in words(found["answer"])
    assert trialsim("sweep", small, *QUICK, *vary, "--out", "swept", "--no-figures").returncode == 0
    assert trialsim("report", "swept", "-o", "folder.json", NO_FIGURES).returncode == 0
    again = chapters(tmp_path / "folder.json")
    assert [words(again[name]) for name in again if name != "reproduce"] == [
        words(found[name]) for name in found if name != "reproduce"
    ]


def test_what_is_compared_stands_beside_the_run(trialsim: Command, small: Path, tmp_path: Path) -> None:
    assert trialsim("levers", small, "-n", 30, "--engine", "simpy", "--out", "levers", "--no-figures").returncode == 0
    other = tmp_path / "other.yaml"
    other.write_text(small.read_text().replace("name: small", "name: other").replace("2 per month", "3 per month"))
    done = trialsim(
        "report", small, *QUICK, "--compare", "levers", "--compare", other, "-o", "x.json", "--no-levers", NO_FIGURES
    )
    assert done.returncode == 0, done.stderr
    found = chapters(tmp_path / "x.json")
    assert found["comparison1"]["title"] == "Levers of small"
    assert "one site more" in words(found["comparison1"])
    (table,) = (block for block in found["comparison2"]["blocks"] if block["kind"] == "table")
    assert [words(row[0]).strip() for row in table["rows"]] == ["small (base)", "other"]
    assert "were not simulated" in words(found["helps"])


def test_what_changed_since_an_earlier_run_is_told_change_by_change(
    trialsim: Command, small: Path, tmp_path: Path
) -> None:
    assert trialsim("run", small, *QUICK, "--out", "before", "--no-figures", "--no-levers").returncode == 0
    changed = small.read_text().replace("2 per month", "3 per month").replace("18 months", "20 months")
    small.write_text(changed + "observed:\n  - {date: 2027-03-01, screened: 3, ended: false}\n")
    done = trialsim("report", small, *QUICK, "--no-levers", "--previous", "before", "-o", "x.json", NO_FIGURES)
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "x.json").read_text("utf-8"))["data"]["changes"]
    assert {each["key"]: (each["before"], each["now"]) for each in document["changes"]} == {
        "recruitment.sites.Leiden.rate": ("0.06570841889117043 per day", "0.09856262833675565 per day"),
        "stopping.time_limit": ("547.875 days", "608.75 days"),
    }
    assert document["same_as_then"] is True
    assert document["notes"] == ["observed"]
    names = [point["name"] for point in document["points"]]
    assert names == ["as before", "recruitment.sites.Leiden.rate", "stopping.time_limit", "as now"]
    assert document["points"][0]["is_base"]
    rate, limit, both = (point["settled_difference"] for point in document["points"][1:])
    assert rate < 0 <= limit
    assert both == pytest.approx(rate, abs=30)
    told = words(chapters(tmp_path / "x.json")["changes"])
    assert "gives the same numbers as then" in told and "observed changed as well" in told


def test_nothing_changed_is_said_as_well(trialsim: Command, small: Path, tmp_path: Path) -> None:
    assert trialsim("run", small, *QUICK, "--out", "before", "--no-figures", "--no-levers").returncode == 0
    assert trialsim("report", "before", "--previous", "before", "-o", "x.json", NO_FIGURES).returncode == 0
    assert "No value that is simulated is another one" in words(chapters(tmp_path / "x.json")["changes"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("small.yaml",), "trialsim report: --output is missing"),
        (
            ("small.yaml", "-o", "x.docx"),
            '--output: "x.docx" does not say of which format it is to be: end its name in .html, .pdf or .json',
        ),
        (("small.yaml", "-o", "no/x.html"), "no/x.html cannot be made: there is no folder"),
        (("nothing.yaml", "-o", "x.html"), "nothing.yaml"),
        (("empty", "-o", "x.html"), "empty holds no results of trialsim"),
        (("small.yaml", "-o", "x.html", "--previous", "empty"), "empty holds no results of trialsim"),
        (("small.yaml", "-o", "x.html", "--previous", "nothing"), "nothing is no folder of results"),
        (("small.yaml", "-o", "x.html", "--compare", "empty"), "empty holds no results of trialsim"),
        (
            ("run", "-o", "x.html", "--set", "product.suites=2"),
            "run holds results: --set, --vary, -n and --seed are for a scenario",
        ),
        (("levers", "-o", "x.html"), "levers holds levers: give a run, and these with --compare"),
        (("swept", "-o", "x.html", "--previous", "run"), "--previous compares two runs"),
        (("run", "-o", "x.html", "--previous", "swept"), "swept holds no results of a run"),
        (("small.yaml", "-o", "x.html", "--set", "trial.max_participants=-1"), "trial.max_participants"),
    ],
)
def test_what_cannot_be_is_said_in_one_message_and_nothing_is_written(
    trialsim: Command, folders: Path, arguments: tuple[str, ...], message: str
) -> None:
    before = sorted(path.name for path in folders.iterdir())
    done = trialsim("report", *arguments, *(() if Path(arguments[0]).suffix == "" else ("-n", 3)))
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert sorted(path.name for path in folders.iterdir()) == before


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of every kind, each in its folder."""
    folder = tmp_path_factory.mktemp("results")
    (folder / "small.yaml").write_text(SMALL)
    scenario = load(folder / "small.yaml")
    simulate(scenario, 3).save(folder / "run", figures=False)
    levers(scenario, 3).save(folder / "levers", figures=False)
    sweep(folder / "small.yaml", 3, vary=["recruitment.rate_multiplier=1,2"]).save(folder / "swept", figures=False)
    return folder


@pytest.fixture
def folders(made: Path, small: Path, tmp_path: Path) -> Path:
    """A folder with a scenario, and with results of every kind."""
    (tmp_path / "empty").mkdir()
    for name in ("run", "levers", "swept"):
        shutil.copytree(made / name, tmp_path / name)
    return tmp_path


def test_results_that_were_changed_are_not_reported_on(trialsim: Command, folders: Path) -> None:
    path = folders / "run" / "summary.json"
    path.write_text(path.read_text().replace("1", "2"))
    done = trialsim("report", "run", "-o", "x.html")
    assert done.returncode == 2
    assert "summary.json was changed since it was written" in done.stderr


def test_another_plan_gives_the_whole_list_of_sites_as_one_change() -> None:
    from trialsim.results.changes import differences
    from trialsim.scenario import load

    before, now = load("multicentre-phase-3"), load("multicentre-phase-3", set=["recruitment.sites.Europe.count=90"])
    assert [(each.key, each.before, each.now) for each in differences(before.to_document(), now.to_document())] == [
        ("recruitment.sites.Europe.count", 100, 90)
    ]
    more = load("multicentre-phase-3", set=["recruitment.sites.Africa={rate: 1 per month}"])
    assert [each.key for each in differences(before.to_document(), more.to_document())] == ["recruitment.sites"]
    known = load("msc-sle-uncertain").to_document()
    other = {key: each for key, each in known.items() if key not in ("uncertain", "correlations", "waiting")}
    keys = [each.key for each in differences(known, other)]
    assert {"uncertain", "correlations", "waiting.withdrawal"} <= set(keys)

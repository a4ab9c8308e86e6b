"""``validate``, ``schema``, ``init`` and ``scenarios`` as users meet them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command_line import Command
from trialsim.scenario import load, shipped


def test_validate_checks_every_file(trialsim: Command, small: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(small.read_text().replace("0.6", "1.6"))
    done = trialsim("validate", "broken.yaml", "small.yaml", "nowhere.yaml", "msc-sle")
    assert done.returncode == 2
    assert done.stdout.splitlines() == ["small.yaml: ok", "msc-sle: ok"]
    first, second = done.stderr.splitlines()
    assert first.startswith("broken.yaml:10:3: screening.pass_probability: ")
    assert second.startswith("nowhere.yaml: there is no such file")
    assert trialsim("validate", "small.yaml").returncode == 0


def test_validate_in_json(trialsim: Command, small: Path, tmp_path: Path) -> None:
    small.write_text(small.read_text().replace("0.6", "1.6"))
    done = trialsim("validate", "small.yaml", "msc-sle", "--json")
    assert (done.returncode, done.stderr) == (2, "")
    bad, good = json.loads(done.stdout)
    assert (bad["file"], bad["ok"]) == ("small.yaml", False)
    assert [(one["line"], one["key"]) for one in bad["problems"]] == [(10, "screening.pass_probability")]
    assert (good["file"], good["ok"], good["problems"]) == ("msc-sle", True, [])


def test_the_schema_is_one(trialsim: Command) -> None:
    from jsonschema import Draft202012Validator

    schema = json.loads(trialsim("schema").stdout)
    Draft202012Validator.check_schema(schema)
    assert "trial" in schema["properties"]


@pytest.mark.parametrize("origin", shipped.names())
def test_init_copies_a_shipped_scenario_under_a_new_name(trialsim: Command, tmp_path: Path, origin: str) -> None:
    done = trialsim("init", "my-trial", "--from", origin)
    assert done.returncode == 0, done.stderr
    path = tmp_path / "my-trial.yaml"
    made = load(path)
    assert made.name == "my-trial"
    assert made.model_copy(update={"trial": load(origin).trial}) == load(origin)
    ours, theirs = path.read_text().splitlines()[1:], shipped.text(origin).splitlines()
    assert sum(one != other for one, other in zip(ours, theirs, strict=True)) == 1


def test_init_never_writes_over_a_file(trialsim: Command, small: Path, tmp_path: Path) -> None:
    before = small.read_text()
    done = trialsim("init", "small")
    assert done.returncode == 2
    assert "small.yaml exists already" in done.stderr
    assert small.read_text() == before


@pytest.mark.parametrize("name", ["../up", "my trial", "trial.yaml", "-x-", ""])
def test_init_wants_a_name(trialsim: Command, tmp_path: Path, name: str) -> None:
    done = trialsim("init", "--", name)
    assert done.returncode == 2
    assert not list(tmp_path.iterdir())


def test_init_from_something_unknown(trialsim: Command, tmp_path: Path) -> None:
    done = trialsim("init", "mine", "--from", "msc")
    assert done.returncode == 2
    assert "msc-sle" in done.stderr
    assert not list(tmp_path.iterdir())


def test_scenarios_lists_what_ships(trialsim: Command) -> None:
    listed = trialsim("scenarios").stdout
    assert [line.split()[0] for line in listed.splitlines()] == [*shipped.names(), *shipped.sweeps()]
    found = json.loads(trialsim("scenarios", "--json").stdout)
    assert [one["name"] for one in found] == [*shipped.names(), *shipped.sweeps()]
    assert all(one["title"] in listed for one in found)


def test_init_starts_a_sweep(trialsim: Command, small: Path, tmp_path: Path) -> None:
    done = trialsim("init", "my-sweep", "--sweep", "small.yaml")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("next: trialsim sweep my-sweep.yaml\n")
    first = (tmp_path / "my-sweep.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=trialsim-sweep.schema.json"
    schema = (tmp_path / "trialsim-sweep.schema.json").read_text()
    assert json.loads(schema) == json.loads(trialsim("schema", "--sweep").stdout)
    assert trialsim("validate", "my-sweep.yaml").stdout == "my-sweep.yaml: ok\n"
    before = (tmp_path / "my-sweep.yaml").read_text()
    for wrong in (["my-sweep", "--sweep", "small.yaml"], ["x", "--sweep", "nothing"], ["x", "--sweep", "-"]):
        done = trialsim("init", *wrong)
        assert done.returncode == 2 and "Traceback" not in done.stderr and done.stderr.count("\n") <= 2
    assert trialsim("init", "x", "--sweep", "small.yaml", "--with", "all").returncode == 2
    assert (tmp_path / "my-sweep.yaml").read_text() == before
    assert not (tmp_path / "x.yaml").exists()

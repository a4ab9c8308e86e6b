"""What is in a folder of results already is lost to nothing but the same, at least as large, unless it is asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command_line import Command

QUICK = ("--no-figures", "--no-levers", "--engine", "simpy")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def namesake(small: Path, tmp_path: Path) -> Path:
    """Another trial of the name of ``small``."""
    path = tmp_path / "other.yaml"
    path.write_text(small.read_text().replace("0.6", "0.7").replace("2 per month", "3 per month"))
    return path


def test_results_of_a_namesake_are_kept_unless_asked(trialsim: Command, namesake: Path, tmp_path: Path) -> None:
    folder = tmp_path / "outputs" / "small"
    assert trialsim("run", "small", "-n", "3", *QUICK).returncode == 0
    before = contents(folder)
    done = trialsim("run", "other", "-n", "3", *QUICK)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "trialsim: outputs/small holds the results of another scenario (other recruitment.sites, "
        "screening.pass_probability): it is left alone; give another place for the results (--out), or have them "
        "replaced (--replace)\n"
    )
    assert contents(folder) == before
    assert trialsim("run", "other", "-n", "3", *QUICK, "--out", "elsewhere").returncode == 0
    assert trialsim("run", "other", "-n", "3", *QUICK, "--replace").returncode == 0
    assert contents(folder).keys() == before.keys()
    assert contents(folder) != before


def test_the_same_again_replaces_and_so_do_more_replications(trialsim: Command, small: Path) -> None:
    for number in ("3", "3", "5"):
        assert trialsim("run", "small", "-n", number, *QUICK).returncode == 0
    done = trialsim("run", "small", "-n", "5", "--seed", "2", *QUICK)
    assert (done.returncode, "outputs/small holds the results of another seed: it is left" in done.stderr) == (2, True)
    assert trialsim("run", "small", "-n", "5", "--seed", "2", "--replace", *QUICK).returncode == 0


def test_a_precision_replaces_what_had_more_replications(trialsim: Command, small: Path) -> None:
    """It takes as many as it takes, and finding out is not for nothing."""
    assert trialsim("run", "small", "-n", "900", *QUICK).returncode == 0
    rough = ("run", "small", "-n", "200", "--precision", "early_termination=0.2", *QUICK)
    for _ in range(2):
        assert trialsim(*rough).returncode == 0
    assert trialsim("run", "small", "-n", "100", *QUICK).returncode == 2


def test_results_of_a_version_without_a_section_are_of_the_same_scenario(
    trialsim: Command, small: Path, tmp_path: Path
) -> None:
    """A section that is empty is not there."""
    manifest = tmp_path / "outputs" / "small" / "manifest.json"
    trialsim("run", "small", "-n", "3", *QUICK)
    written = json.loads(manifest.read_text())
    assert written["scenario"].pop("observed") == []
    manifest.write_text(json.dumps({**written, "digest": "of another form"}))
    assert trialsim("run", "small", "-n", "3", *QUICK).returncode == 0
    written["scenario"]["stopping"]["time_limit"] = "1 year"
    manifest.write_text(json.dumps({**written, "digest": "of another form"}))
    assert "(other stopping.time_limit)" in trialsim("run", "small", "-n", "3", *QUICK).stderr


@pytest.mark.parametrize(
    "odd", [{"points": 3}, {"scenario": [[]]}, {"digest": 7, "scenario": {"\x1b[31m": {}}}, {"replications": "x"}]
)
def test_a_forged_manifest_is_no_reason_to_stumble(
    trialsim: Command, small: Path, tmp_path: Path, odd: dict[str, object]
) -> None:
    manifest = tmp_path / "outputs" / "small" / "manifest.json"
    trialsim("run", "small", "-n", "3", *QUICK)
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "digest": "other", **odd}))
    done = trialsim("run", "small", "-n", "3", *QUICK)
    assert done.returncode in (0, 2)
    assert "\x1b" not in done.stderr and "internal error" not in done.stderr


def test_fewer_replications_do_not_replace_more(trialsim: Command, small: Path, tmp_path: Path) -> None:
    trialsim("run", "small", "-n", "3", *QUICK)
    before = contents(tmp_path / "outputs" / "small")
    done = trialsim("run", "small", "-n", "1", *QUICK)
    assert done.returncode == 2
    assert "outputs/small holds 3 replications of this, more than the 1 asked for now: it is left alone" in done.stderr
    assert contents(tmp_path / "outputs" / "small") == before
    assert trialsim("run", "small", "-n", "1", *QUICK, "--replace").returncode == 0


def test_results_of_another_kind_are_kept(trialsim: Command, small: Path) -> None:
    out = ("-n", "3", "--no-figures", "--out", "here")
    assert trialsim("run", "small", *out).returncode == 0
    for other in (("levers", "small"), ("sweep", "small", "--vary", "trial.max_participants=3,4")):
        done = trialsim(*other, *out)
        assert done.returncode == 2
        assert "here holds the results of a run, and not of " in done.stderr
    assert trialsim("levers", "small", *out, "--replace").returncode == 0
    assert "here holds the results of levers, and not of a run" in trialsim("run", "small", *out).stderr


def test_a_sweep_and_a_comparison_of_other_scenarios_are_kept(trialsim: Command, namesake: Path) -> None:
    out = ("-n", "3", "--no-figures", "--out", "here")
    sweeps = [("sweep", "small", "--vary", f"trial.max_participants={values}") for values in ("3,4", "3,5")]
    assert [trialsim(*each, *out).returncode for each in (sweeps[0], sweeps[0], sweeps[1])] == [0, 0, 2]
    done = trialsim("compare", "small", "other", *out)
    assert done.returncode == 2
    assert "here holds the results of a sweep of other scenarios" in done.stderr
    assert trialsim("compare", "small", "other", *out, "--replace").returncode == 0
    assert "--replace needs --out" in trialsim("compare", "small", "other", "--replace").stderr


def test_what_a_namesake_wrote_meanwhile_is_kept(
    trialsim: Command, namesake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The place was free when the run began, and is taken when it ends."""
    import trialsim.results.run as results
    from trialsim.scenario import load

    theirs, simulate = tmp_path / "outputs" / "small", results.simulate

    def slowly(*arguments: object, **options: object) -> results.Results:
        simulate(load(namesake), 2).save(theirs, figures=False)
        return simulate(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(results, "simulate", slowly)
    done = trialsim("run", "small", "-n", "3", *QUICK)
    assert done.returncode == 2
    assert "holds the results of another scenario" in done.stderr
    assert "small" in done.stdout  # what was simulated is told all the same
    assert load(namesake).digest() in (theirs / "manifest.json").read_text()

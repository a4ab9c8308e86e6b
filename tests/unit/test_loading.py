"""From files to scenarios: what YAML means, what cannot be read, and what a scenario knows."""

from __future__ import annotations

import datetime
import pickle
import subprocess
import sys
import time
from pathlib import Path

import pytest

from trialsim.scenario import Scenario, ScenarioError, load, shipped
from trialsim.scenario.values.distributions import Constant

SMALL = """\
trial: {name: small, start_date: 2024-01-08, max_participants: 3}
recruitment:
  sites:
    - {name: North, rate: 1 per day}
"""


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "trial.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def problem(folder: Path, content: str | bytes) -> str:
    path = write(folder, content)
    with pytest.raises(ScenarioError) as caught:
        load(path)
    return str(caught.value).replace(f"{path}:", "")


def test_what_is_left_out_constrains_nothing(tmp_path: Path) -> None:
    s = load(write(tmp_path, SMALL))
    sections = (
        "screening",
        "waiting",
        "participants",
        "product",
        "infusion",
        "dosing",
        "truth",
        "follow_up",
        "stopping",
    )
    assert all(getattr(s, section) is None for section in sections)
    assert (s.observed, s.sources, s.levels, s.name) == ((), {}, 1, "small")
    site = s.sites[0]
    assert (site.rate, site.rate_cv, site.ramp_up, site.max_candidates) == (1.0, 0.0, 0.0, None)
    assert (site.activation, site.never_active_probability, site.arrival_days) == (Constant(0.0), 0.0, None)
    assert (s.recruitment.while_closed, s.recruitment.rate_multiplier) == ("queue", 1.0)


def test_defaults_inside_layers(tmp_path: Path) -> None:
    layers = (
        "infusion: {}\nwaiting: {}\nstopping: {}\nfollow_up: {}\nparticipants: {}\nscreening: {pass_probability: 1}\n"
    )
    s = load(write(tmp_path, SMALL + layers))
    assert s.infusion is not None and s.infusion.weekdays == tuple(range(7)) and s.infusion.per_day is None
    assert s.waiting is not None and s.waiting.eligibility_valid is None and s.waiting.withdrawal == 0
    assert s.stopping is not None and s.stopping.time_limit is None and s.stopping.accrual_looks == ()
    assert s.screening is not None and s.screening.checks == (("screening", 1.0),)


def test_a_key_without_a_value_is_left_out(tmp_path: Path) -> None:
    s = load(write(tmp_path, SMALL + "product:\nwaiting:\n  withdrawal:\n"))
    assert s.product is None
    assert s.waiting is not None and s.waiting.withdrawal == 0


def test_yaml_is_version_1_2(tmp_path: Path) -> None:
    s = load(write(tmp_path, SMALL.replace("North", "NO")))
    assert s.sites[0].name == "NO"


def test_anchors_aliases_and_merge_keys(tmp_path: Path) -> None:
    text = SMALL + "    - &b {name: East, rate: 2 per day}\n    - {<<: *b, name: West}\n"
    text += "screening: {pass_probability: &p 0.5, duration: 1 day}\ntruth:\nwaiting: {rescreen_probability: *p}\n"
    s = load(write(tmp_path, text))
    assert [(site.name, site.rate) for site in s.sites] == [("North", 1.0), ("East", 2.0), ("West", 2.0)]
    assert s.waiting is not None and s.waiting.rescreen_probability == 0.5


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_and_byte_order_mark(ending: str, tmp_path: Path) -> None:
    assert load(write(tmp_path, b"\xef\xbb\xbf" + SMALL.replace("\n", ending).encode())).name == "small"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "1:1: the file is empty"),
        ("# only a comment\n", "the file is empty"),
        ("- a\n- b\n", "1:1: a list at the top of the file"),
        ("hello", '"hello" at the top'),
        (SMALL + "---\n" + SMALL, "5:1: a second document begins here"),
        (SMALL + "waiting:\n\twithdrawal: 1 per day\n", "6:1: a tab"),
        (SMALL.encode() + b"waiting: {x: \xe9}\n", "5:14: this byte is not UTF-8"),
        (SMALL.encode("utf-16"), "1:1: this byte is not UTF-8"),
        (bytes(range(32)) * 9, "does not belong in a text file"),
        ("trial: {name: a", "is not valid YAML"),
        ("trial: a: b\n", "1:9: this is not valid YAML"),
        ("trial: *nobody\n", "no & anchor of that name"),
        ("trial: &a [*a]\n", "something that contains it"),
        ("trial: !!python/name:os.system x\n", "the tag"),
        ("? [a, b]\n: c\n", "a key must be plain text"),
        ("[" * 2000, "nested too deeply"),
        ("- " * 2000, "nested too deeply"),
        ("#" * 400_001, "too large"),
        (SMALL + "trial: {name: b}\n", "5:1: trial: this key is given twice (first in line 1)"),
        (SMALL.replace("{name: small,", "{name: small, name: b,"), "1:22: trial.name: this key is given twice"),
        ('trial: "\\ud800"\n', "where a mapping is due"),
    ],
)
def test_what_cannot_be_read(content: str | bytes, words: str, tmp_path: Path) -> None:
    assert words in problem(tmp_path, content)


def test_an_alias_bomb_is_found_quickly(tmp_path: Path) -> None:
    bomb = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"{after}: &{after} [{', '.join([f'*{before}'] * 10)}]\n"
    started = time.perf_counter()
    assert "unfolds to more than" in problem(tmp_path, bomb)
    assert time.perf_counter() - started < 10


def test_folders_missing_files_and_near_names(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="is a folder"):
        load(tmp_path)
    with pytest.raises(ScenarioError, match=r"no such file; these ship: .*, logistics, msc-sle, "):
        load(tmp_path / "nothing.yaml")
    with pytest.raises(ScenarioError, match='did you mean "msc-sle"'):
        load("msc-sl")
    with pytest.raises(ScenarioError, match="no such file"):
        load("a\0b")


def test_a_folder_of_that_name_does_not_hide_a_shipped_scenario(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "msc-sle").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load("msc-sle").name == "msc-sle"
    write(tmp_path, SMALL).rename("teaching-minimal")
    assert load("teaching-minimal").name == "small"


@pytest.mark.parametrize("name", shipped.names())
def test_shipped_scenarios_are_in_order(name: str) -> None:
    s = load(name)
    assert s.name == name
    assert load(f"{name}.yaml") == s
    assert s.warnings() == []
    assert Scenario.from_document(s.to_document()) == s
    assert pickle.loads(pickle.dumps(s)) == s


def test_every_number_of_the_reference_trial_has_a_source() -> None:
    s = load("msc-sle")
    leaves: list[str] = []

    def walk(value: object, path: str) -> None:
        if isinstance(value, dict) and not path.endswith((".duration", ".weight_kg", ".rule", "lognormal")):
            for key, each in value.items():
                walk(each, f"{path}.{key}".lstrip("."))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for each in value:
                walk(each, f"{path}.{each.get('name', '')}")
        else:
            leaves.append(path)

    from trialsim.scenario.loading import read

    document = read("msc-sle").value
    walk({key: each for key, each in document.items() if key not in ("format", "observed", "sources")}, "")
    assert len(leaves) > 30
    unsourced = [leaf for leaf in leaves if not s.source_of(leaf).note and not leaf.endswith((".name", ".title"))]
    assert unsourced == []


def test_counted_sites(tmp_path: Path) -> None:
    text = SMALL + "    - {name: Region, count: 3, ramp_up: 1 week}\n"
    text = text.replace("recruitment:", "recruitment:\n  site_defaults: {rate: 2 per week, rate_cv: 0.5}")
    text += "    - {name: Replay, arrival_days: [3, 1, 1.5], max_candidates: 2}\n"
    text += "  periods:\n    - {from: 2024-01-01, until: 2024-02-01, factor: 0.5}\n"
    text += "    - {from: 2024-01-15, until: 2024-01-22, factor: 0, sites: [Region]}\n"
    text += "    - {from: 2024-03-01, until: 2024-03-02, factor: 3, sites: [Region-2, North]}\n"
    s = load(write(tmp_path, text))
    assert [site.name for site in s.sites] == ["North", "Region-1", "Region-2", "Region-3", "Replay"]
    assert [site.rate for site in s.sites] == [1.0, 2 / 7, 2 / 7, 2 / 7, None]
    assert [site.rate_cv for site in s.sites] == [0.5, 0.5, 0.5, 0.5, 0.0]
    assert s.sites[2].entry == "Region" and s.sites[2].ramp_up == 7.0
    assert s.sites[4].arrival_days == (1.0, 1.5, 3.0)
    assert s.periods("Region-2") == ((-7.0, 24.0, 0.5), (7.0, 14.0, 0.0), (53.0, 54.0, 3.0))
    assert s.periods("North") == ((-7.0, 24.0, 0.5), (53.0, 54.0, 3.0))
    assert s.periods("Replay") == ((-7.0, 24.0, 0.5),)
    with pytest.raises(KeyError):
        s.periods("Region")


PEOPLE = (
    SMALL
    + """\
    - name: Replay
      max_candidates: 4
      people:
        - {arrival: 1 day}
        - {arrival: 2 days, dlt: [null, 12 days]}
        - {arrival: 1 week, lost: 6 days, count: 3, every: 36 weeks}
        - {arrival: 73 weeks, dlt: }
dosing: {levels: [1 mg, 2 mg], rule: fixed, cohort_size: 3}
"""
)


def test_listed_people(tmp_path: Path) -> None:
    s = load(write(tmp_path, PEOPLE.replace("recruitment:", "recruitment:\n  site_defaults: {rate_cv: 0.5}")))
    never, at_two, *lost, last = s.sites[1].people or ()
    assert (never, at_two, last) == ((1.0, (), None), (2.0, (None, 12.0), None), (511.0, (), None))
    assert lost == [(7.0, (), 6.0), (259.0, (), 6.0), (511.0, (), 6.0)]
    assert [at_two.dlt_after(1), at_two.dlt_after(2), never.dlt_after(2)] == [None, 12.0, None]
    assert s.sites[1].arrival_days == (1.0, 2.0, 7.0, 259.0, 511.0, 511.0)
    assert (s.sites[1].rate, s.sites[1].rate_cv, s.sites[1].max_candidates) == (None, 0.0, 4)
    assert (s.sites[0].people, s.sites[0].rate_cv) == (None, 0.5)
    document = s.to_document()
    assert document["recruitment"]["sites"][1]["people"][1] == {"arrival": "2 days", "dlt": [None, "12 days"]}
    assert Scenario.from_document(document) == s
    people = s.changed({"recruitment.sites.Replay.people.1.dlt": ["1 day", None]}).sites[1].people
    assert people is not None and people[0].dlt == (1.0, None)


def test_calendar(tmp_path: Path) -> None:
    closure = "infusion: {weekdays: [Thursday, Tuesday], closures: [{from: 2024-01-10, until: 2024-01-12}]}\n"
    s = load(write(tmp_path, SMALL + closure))
    assert s.infusion is not None and s.infusion.weekdays == (1, 3)
    assert s.closures() == ((2.0, 4.0),)
    assert s.day_of(datetime.date(2024, 1, 10)) == 2
    assert s.day_of(datetime.date(2024, 1, 1)) == -7
    assert s.date_of(2.999) == datetime.date(2024, 1, 10)
    assert s.date_of(0.0) == datetime.date(2024, 1, 8)
    assert s.date_of(1e300) == datetime.date.max


def test_a_scenario_does_not_change() -> None:
    s = load("msc-sle")
    with pytest.raises(ValueError, match="frozen"):
        s.trial.max_participants = 5


def test_digests_tell_scenarios_apart_by_meaning(tmp_path: Path) -> None:
    one = load(write(tmp_path, SMALL + "screening: {pass_probability: 1, duration: 4 weeks}\n"))
    same = load(write(tmp_path, "format: 1\n" + SMALL + "screening: {duration: 28 days, pass_probability: 1.0}\n"))
    other = load(write(tmp_path, SMALL + "screening: {pass_probability: 1, duration: 29 days}\n"))
    assert one == same and one.digest() == same.digest()
    assert other.digest() != one.digest()


@pytest.mark.undisturbed
def test_checking_is_light() -> None:
    code = "import sys; from trialsim.scenario import load; load('msc-sle').warnings(); print(*sys.modules)"
    modules = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert not modules & {"numpy", "scipy", "pandas", "simpy", "matplotlib", "seaborn", "rich", "pyarrow"}

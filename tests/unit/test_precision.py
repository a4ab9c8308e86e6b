"""How many replications are enough, and what is said of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import trialsim
from tests.support.exact import build
from trialsim.analysis.facts import facts_of
from trialsim.analysis.precision import Reached, Wanted, next_size, reached, wanted
from trialsim.experiment.running import EARLIER
from trialsim.experiment.store import Store
from trialsim.report.points import render as render_points
from trialsim.report.terminal import render
from trialsim.storage import Refused

SCENARIO = build(
    3,
    "0.1 per day",
    screening={"pass_probability": 0.7, "duration": {"exponential": {"mean": "3 days"}}},
    stopping={"time_limit": "60 days"},
)


def test_the_width_of_each_kind_by_hand() -> None:
    days = np.arange(1.0, 101.0)
    ends = np.where(days <= 20, "safety", "completed").astype(object)
    table = pd.DataFrame({"end_day": days, "end_cause": ends, "infused": days})
    # of 100 values the 40th and the 61st bound the median (binomial)
    assert Wanted("settled_p50", 1.0).found(table) == (61 - 40) / 2
    # Wilson: 20 of 100 gives 0.1334 to 0.2888
    assert Wanted("early_termination", 1.0).found(table) == pytest.approx((0.28883 - 0.13337) / 2, abs=1e-5)
    # the standard deviation of 1 to 100 is 29.01, the t quantile of 99 degrees 1.984
    assert Wanted("infused_mean", 1.0).found(table) == pytest.approx(1.98422 * 29.01149 / 10, abs=1e-4)
    assert Wanted("settled_p50", 1.0).found(table[:5]) == math.inf  # five values do not bound a median
    base = table.assign(end_day=days - np.where(days % 2 == 0, 1.0, 3.0))
    assert Wanted("settled_difference", 1.0).found(table, base) == pytest.approx(1.98422 * 1.0050378 / 10, abs=1e-5)
    assert Wanted("settled_p50", 1.0).found(table.assign(end_day=np.nan)) == math.inf


def test_the_next_number_is_planned_from_the_width_so_far() -> None:
    def lacks(ratio: float | None) -> Reached:
        return Reached("settled_p50", 1.0, ratio, False)

    assert next_size(200, [Reached("settled_p50", 1.0, 1.0, True)], 10_000) is None
    assert next_size(200, [lacks(2.0)], 10_000) == 920  # 1.15 times four times as many
    assert next_size(200, [lacks(2.0), lacks(1.5)], 10_000) == 920
    assert next_size(200, [lacks(1.01)], 10_000) == 250
    assert next_size(200, [lacks(50.0)], 10_000) == next_size(200, [lacks(None)], 10_000) == 2000
    assert next_size(200, [lacks(50.0)], 1500) == 1500
    assert next_size(1500, [lacks(50.0)], 1500) is None


def test_of_several_points_the_widest_counts() -> None:
    tables = [pd.DataFrame({"end_day": np.arange(100.0) * times}) for times in (1, 2)]
    (found,) = reached(wanted(["settled_p50=15 days"]), tables)
    assert (found.half_width, found.met) == (21.0, False)


@pytest.mark.parametrize("detail", [False, True])
def test_results_are_those_of_as_many_replications(detail: bool) -> None:
    asked = ["settled_p50=3 days", "early_termination=0.1"]
    found = trialsim.simulate(SCENARIO, 200, 5, detail=detail, engine="simpy", precision=asked)
    number = len(found.replications)
    assert number >= 250 and found.precision is not None and found.precision.met
    assert found.summary()["precision"]["estimates"][0]["half_width"] <= 3
    at_once = trialsim.simulate(SCENARIO, number, 5, detail=detail, engine="simpy")
    for name, table in at_once.tables().items():
        assert_frame_equal(found.tables()[name].frame, table.frame, check_exact=True)
    assert_frame_equal(found.courses, at_once.courses, check_exact=True)
    assert {**found.summary(), "precision": None} == at_once.summary()


@pytest.mark.parametrize("seconds", [0.0, 5.0])
def test_what_is_done_is_kept_and_gone_on_with(
    seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Store, "seconds", seconds)
    asked = ["settled_p50=3 days", "early_termination=0.1"]

    def simulated(progress: Callable[[int, int], None] | None = None) -> trialsim.Results:
        folder = tmp_path / "out"
        return trialsim.simulate(SCENARIO, 200, 5, engine="simpy", precision=asked, keep=folder, progress=progress)

    def interrupt(done: int, asked: int) -> None:
        if done > 230:
            raise KeyboardInterrupt

    whole = trialsim.simulate(SCENARIO, 200, 5, engine="simpy", precision=asked)
    with pytest.raises(KeyboardInterrupt):
        simulated(interrupt)
    with caplog.at_level("INFO", "trialsim"):
        found = simulated()
    assert_frame_equal(found.replications, whole.replications, check_exact=True)
    assert_frame_equal(found.courses, whole.courses, check_exact=True)
    assert found.precision == whole.precision
    said = [message for message in caplog.messages if "from before" in message]
    assert said == ["200 of 200 trials are there from before: nothing is simulated again"] * (seconds == 0)
    if seconds == 0:
        again = simulated(lambda done, asked: pytest.fail("nothing is simulated once more"))
        assert again.engine == EARLIER
        with pytest.raises(Refused, match="more than the 200 asked for now"):
            trialsim.simulate(SCENARIO, 200, 5, engine="simpy", keep=tmp_path / "out")


def test_what_ended_it_is_said() -> None:
    asked = ["settled_p50=1 day", "early_termination=0.2"]
    found = trialsim.simulate(SCENARIO, 200, engine="simpy", precision=asked, most=210)
    assert found.precision is not None and not found.precision.met
    assert found.manifest()["precision"] == {
        "max_replications": 210,
        "half_widths": {"settled_p50": 1.0, "early_termination": 0.2},
    }
    text = " ".join(render(found.summary(), facts_of(SCENARIO)).split())
    assert "As precise as asked: early_termination ±5.77 points (asked ±20 points)" in text
    assert "NOT AS PRECISE AS ASKED: settled_p50 ±" in text
    assert "(asked ±1 days). 210 trials (--max-replications) ended it." in text


def test_paired_differences_of_a_comparison() -> None:
    other = build(3, "0.12 per day", screening={"pass_probability": 0.7}, stopping={"time_limit": "60 days"})
    asked = ["settled_difference=0.5 days", "early_termination_difference=0.1"]
    found = trialsim.compare([SCENARIO, other], 200, names=["a", "b"], engine="simpy", precision=asked)
    number = int(found.points["replications"].iloc[0])
    assert number > 200
    assert float(found.points["settled_difference_high"][1] - found.points["settled_difference_low"][1]) <= 1
    at_once = trialsim.compare([SCENARIO, other], number, names=["a", "b"], engine="simpy")
    assert_frame_equal(found.replications, at_once.replications, check_exact=True)
    assert_frame_equal(found.points, at_once.points, check_exact=True)
    text = " ".join(render_points(found.summary()).split())
    assert "As precise as asked: settled_difference ±" in text


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("settled_p50", 'has no "="; write NAME=HALF-WIDTH'),
        ("settled_p55=1 day", 'did you mean "settled_p50"'),
        ("settled_p50=1", "has no unit"),
        ("settled_difference=1 day", "differences are those of sweeps and comparisons"),
        ("early_termination=2", "above 0 and below 1"),
        ("infused_mean=-1", "out of range"),
        ("infused_mean=nan", "out of range"),
    ],
)
def test_what_cannot_be_asked(option: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        trialsim.simulate(SCENARIO, 200, precision=[option])


def test_numbers_with_which_nothing_can_be_asked() -> None:
    with pytest.raises(ValueError, match="needs 200 replications to begin with, not 20"):
        trialsim.simulate(SCENARIO, 20, precision=["early_termination=0.1"])
    with pytest.raises(ValueError, match="fewer than the 300 to begin with"):
        trialsim.simulate(SCENARIO, 300, precision=["early_termination=0.1"], most=200)

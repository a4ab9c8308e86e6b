"""The kernel's posterior of a dose-toxicity curve is that of the rules, whatever the data.

The kernel's functions are called here as plain Python. What they decide when compiled is compared in the whole program.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest

from trialsim.kernel.engine import Engine
from trialsim.kernel.entry import plain
from trialsim.kernel.machine import beginnings, lists, views
from trialsim.kernel.rules import curve
from trialsim.kernel.state import codes
from trialsim.kernel.state.memory import address
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.plan import Plan
from trialsim.rules.dose_toxicity import Model, Partial
from trialsim.scenario import Scenario

SKELETONS = ((0.05, 0.10, 0.20, 0.35, 0.50), (0.001, 0.01, 0.10, 0.30, 0.94), (0.20, 0.25, 0.30, 0.35, 0.40))
LEVELS = range(1, 6)
LIMIT, COVERAGE, WINDOW = 0.3, 0.9, 64.0
Tallies = tuple[tuple[int, int], ...]


def answers(t: State, tallies: Tallies, partial: tuple[Partial, ...]) -> list[tuple[float, ...]]:
    """For each level the curve at the parameter's mean, its own mean, a tail and the ends of an interval."""
    beginnings.begin(t)
    t.now = WINDOW
    for level, (evaluable, dlts) in enumerate(tallies):
        tally = views.tally_at(t.tallies_at, level)
        tally.evaluable, tally.dlts = evaluable, dlts
    for patient, (level, share) in enumerate(partial):
        person = views.person_at(t.people_at, patient)
        person.level = level
        person.outcome = codes.IN_WINDOW
        person.infusion_day = WINDOW * (1 - share)
        views.tally_at(t.tallies_at, level - 1).watched += 1
        person.lists = 0
        lists.join(t, codes.TREATED, patient)
    if not curve._weigh(t):
        return []
    low, high = curve._quantile(t, t.share_at_low), curve._quantile(t, t.share_at_high)
    return [
        (
            curve._p(t, level, t.mean),
            curve._average(t, level),
            curve._below(t, views.level_at(t.levels_at, level - 1).limit_below),
            curve._p(t, level, low),
            curve._p(t, level, high),
        )
        for level in LEVELS
    ]


def engine(model: str, skeleton: tuple[float, ...], prior_sd: float) -> Engine:
    rule = {"target": 0.25, "skeleton": list(skeleton), "model": model, "prior_sd": prior_sd}
    document = {
        "trial": {"name": "weighed", "start_date": "2024-01-01", "max_participants": 10},
        "recruitment": {"sites": [{"name": "A", "rate": "1 per day"}]},
        "dosing": {
            "levels": [f"{level} mg" for level in LEVELS],
            "rule": {"tite_crm": rule},
            "observation": f"{WINDOW:g} days",
            "guards": {"elimination": {"above": LIMIT}, "precision": {"width": 0.5, "coverage": COVERAGE}},
        },
    }
    own = Engine(Plan(Scenario.from_document(document)), plain())
    own._more_people(1000)
    own._state["people_at"] = address(own._people)
    return own


def by_kernel(own: Engine, tallies: Tallies, partial: tuple[Partial, ...]) -> list[tuple[float, ...]]:
    t = views.state_at(address(own._state), 0)
    while not (found := answers(t, tallies, partial)):
        own._grow(t.status, 0, 0, 1.0)
    return found


def by_rules(model: Model, tallies: Tallies, partial: tuple[Partial, ...]) -> Any:
    posterior = model.posterior(tallies, partial)
    tails = [posterior.above(level, LIMIT) for level in LEVELS]
    ends = [posterior.quantiles(level, (1 - COVERAGE) / 2, (1 + COVERAGE) / 2) for level in LEVELS]
    return np.column_stack((posterior.plug_in, posterior.means(), tails, ends))


def data(luck: np.random.Generator) -> tuple[Tallies, tuple[Partial, ...]]:
    """Few or many, harmless or toxic, in agreement or not."""
    n = luck.integers(0, luck.choice([2, 12, 300]), 5)
    y = luck.binomial(n, luck.choice([0.0, 0.3, 1.0], 5) if luck.random() < 0.5 else luck.random(5))
    n[0] += not n.any()
    pending = int(luck.choice([0, 1, 5, 16, 17, 50, 700]))
    shares = luck.choice([0.0, 1.0, 0.25, luck.random()], pending)
    levels = luck.integers(1, 6, pending) if luck.random() < 0.7 else np.full(pending, luck.integers(1, 6))
    partial = tuple(Partial(int(level), float(share)) for level, share in zip(levels, shares, strict=True))
    return tuple((int(a), int(b)) for a, b in zip(n, y, strict=True)), partial


def assert_agree(own: Engine, model: Model, tallies: Tallies, partial: tuple[Partial, ...]) -> None:
    np.testing.assert_allclose(
        by_kernel(own, tallies, partial),
        by_rules(model, tallies, partial),
        rtol=1e-10,
        atol=1e-12,
        err_msg=f"{model}, {tallies}, {partial}",
    )


@pytest.mark.parametrize("number", [3, pytest.param(15, marks=pytest.mark.slow)])
@pytest.mark.parametrize("prior_sd", [0.1, 1.16, 10.0])
@pytest.mark.parametrize("model", ["empiric", "logistic"])
def test_posteriors_agree(model: Literal["empiric", "logistic"], prior_sd: float, number: int) -> None:
    luck = np.random.default_rng(7)
    for skeleton in SKELETONS:
        own = engine(model, skeleton, prior_sd)
        for _ in range(number):
            assert_agree(own, Model(model, skeleton, prior_sd), *data(luck))


def test_a_few_pending_may_outweigh_what_is_known() -> None:
    """The outcomes known leave next to nothing where the few pending will have it."""
    model = Model("empiric", SKELETONS[0], 10.0)
    own = engine("empiric", SKELETONS[0], 10.0)
    toxic = ((20, 20), (0, 0), (0, 0), (0, 0), (0, 0))
    assert_agree(own, model, toxic, (Partial(5, 0.99),) * 16)
    assert int(own._state["prepared_for"][0]) == -1  # so nothing was left out

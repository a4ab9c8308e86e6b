"""The kernel's random numbers and inverse distribution functions are those of the SimPy model, to the last bit.

The kernel's functions are called here as plain Python. What is compiled of them is compared in the whole program.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.equality import assert_engines_equal
from trialsim.kernel import language
from trialsim.kernel.calling import Entry
from trialsim.kernel.machine import random, views
from trialsim.kernel.state import records
from trialsim.kernel.state.memory import address, array
from trialsim.kernel.state.plan import Plan
from trialsim.randomness import Luck, philox, round_days
from trialsim.scenario import Scenario
from trialsim.scenario.sections.participants import Participants
from trialsim.scenario.values import distributions as forms
from trialsim.vocabulary import Stream

FULL = 2**64 - 1
# Random123 1.x, kat_vectors, philox4x64 with 10 rounds: counter, key, result.
PUBLISHED = [
    ([0] * 4, [0] * 2, [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B]),
    ([FULL] * 4, [FULL] * 2, [0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0]),
    (
        [0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89],
        [0x452821E638D01377, 0xBE5466CF34E90C6C],
        [0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6],
    ),
]
DOCUMENT: dict[str, Any] = {
    "trial": {"name": "small", "start_date": "2024-01-01", "max_participants": 3},
    "recruitment": {"sites": [{"name": "Paris", "rate": "1 per day"}, {"name": "St. Mary's", "rate": "1 per day"}]},
    "screening": {"criteria": [{"name": "disease", "pass_probability": 0.5}]},
}
DISTRIBUTIONS = [
    forms.Exponential(20.0),
    forms.Gamma(7.0, 2.0),
    forms.Gamma(1.0, 1.7),
    forms.LogNormal(28.0, 10.0),
    forms.LogNormalByPercentiles(6e8, 1.5e9),
    forms.Weibull(0.7, 3.0),
    forms.Weibull(2.0, 30.0),
    forms.Uniform(1.03e8, 3.78e8),
    forms.Triangular(28.0, 35.0, 49.0),
    forms.Triangular(0.0, 0.0, 1.0),
    forms.Pert(3.0, 7.0, 14.0),
    forms.Beta(0.25, 0.15),
    forms.Empirical((3.0, 1.0, 2.0), (1.0, 2.0, 1.0)),
    forms.Constant(1.3),
]


def kernel_philox(counter: list[int], key: list[int]) -> list[int]:
    """By signed words, as the kernel's records hold them."""
    words = [int(word) for word in np.array([*counter, *key], dtype=np.uint64).view(np.int64)]
    a, b, c, d, one, other = words
    return list(language.philox(a, b, c, d, one, other))


@pytest.mark.parametrize(("counter", "key", "expected"), PUBLISHED)
def test_published_vectors(counter: list[int], key: list[int], expected: list[int]) -> None:
    assert kernel_philox(counter, key) == expected


def test_the_generators_agree_anywhere() -> None:
    random = np.random.default_rng(1)
    for _ in range(500):
        words = [int(word) for word in random.integers(0, FULL, 6, dtype=np.uint64, endpoint=True)]
        assert kernel_philox(words[:4], words[4:]) == list(philox(words[:4], words[4:]))


@pytest.mark.parametrize("seed", [0, 7, FULL])
@pytest.mark.parametrize("replication", [1, 123_456_789])
def test_the_sources_agree_at_every_address(seed: int, replication: int) -> None:
    scenario = Scenario.from_document(DOCUMENT)
    plan = Plan(scenario)
    state = plan.state.copy()
    t = views.state_at(address(state), 0)
    t.seed = seed
    t.replication = replication
    blocks = array(records.Block, 3 * t.streams)
    t.blocks_at = address(blocks)
    own = Luck(seed, replication)
    streams = [*Stream, "screening.criterion.disease"]
    for number, stream in enumerate(streams):
        for place, name in enumerate(["Paris", "St. Mary's", ""]):
            for attempt in (0, 1, 5):
                drawn = [random.uniform(t, number, place, index, attempt) for index in range(50)]
                assert drawn == list(own.uniforms(stream, name, attempt, count=50))


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda each: each.name)
def test_inverses_agree_to_the_last_bit(distribution: forms.Distribution) -> None:
    plan = Plan(Scenario.from_document(DOCUMENT))
    which = plan.quantity(distribution)
    table = plan.distributions.table()
    own = Luck(3, 1).uniforms("anything", count=20_000)
    tails = np.array([2.0**-53, 1e-12, 1e-5, 0.5, 1 - 1e-5, 1 - 2.0**-53])
    u = np.concatenate((own, tails))
    d, expected = views.distribution_at(address(table), which), distribution.quantile(u)
    found = [random.quantile(d, float(each)) for each in u]
    assert found == list(expected)
    assert [random.round_days(value) for value in found] == list(round_days(expected))


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda each: each.name)
def test_so_they_do_compiled(distribution: forms.Distribution, compiled: Entry) -> None:
    """The compiled kernel has a generator and calls of the special functions of its own: weights are not rounded."""
    trial = DOCUMENT["trial"] | {"max_participants": 200}
    scenario = Scenario.from_document(DOCUMENT | {"trial": trial, "participants": {"weight_kg": 70}})
    weighed = Participants.model_construct(weight_kg=distribution)
    assert_engines_equal(scenario.model_copy(update={"participants": weighed}), compiled, FULL, 1, 2)

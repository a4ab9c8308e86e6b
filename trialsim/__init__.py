"""Simulate how a clinical trial runs, from the first candidate to the last visit.

The names below are loaded when they are first used, so that ``import trialsim`` costs nothing.

    scenario = trialsim.load("msc-sle")
    results = trialsim.simulate(scenario, replications=200)
    results.summary()["early_termination"]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from trialsim._version import __version__

if TYPE_CHECKING:
    from trialsim.design import Design
    from trialsim.experiment import Replay, Results, SweepResults, Trace, compare, replay, simulate, sweep, trace
    from trialsim.scenario import Scenario, ScenarioError, load

_HOMES = {
    "Design": "trialsim.design",
    "Replay": "trialsim.experiment",
    "Results": "trialsim.experiment",
    "Scenario": "trialsim.scenario",
    "ScenarioError": "trialsim.scenario",
    "SweepResults": "trialsim.experiment",
    "Trace": "trialsim.experiment",
    "compare": "trialsim.experiment",
    "load": "trialsim.scenario",
    "replay": "trialsim.experiment",
    "simulate": "trialsim.experiment",
    "sweep": "trialsim.experiment",
    "trace": "trialsim.experiment",
}

__all__ = [
    "Design",
    "Replay",
    "Results",
    "Scenario",
    "ScenarioError",
    "SweepResults",
    "Trace",
    "__version__",
    "compare",
    "load",
    "replay",
    "simulate",
    "sweep",
    "trace",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

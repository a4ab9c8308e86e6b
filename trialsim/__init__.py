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
    from trialsim.report.pace import ProgressLine
    from trialsim.results.levers import LeverResults, levers
    from trialsim.results.replay import Replay, replay
    from trialsim.results.run import Results, simulate
    from trialsim.results.selection import SelectionResults, select
    from trialsim.results.sensitivity import SensitivityResults, sensitivity
    from trialsim.results.sweep import compare, sweep
    from trialsim.results.sweep_results import SweepResults
    from trialsim.results.trace import Trace, trace
    from trialsim.scenario import Scenario, ScenarioError, load

_HOMES = {
    "Design": "trialsim.design",
    "ProgressLine": "trialsim.report.pace",
    "LeverResults": "trialsim.results.levers",
    "Replay": "trialsim.results.replay",
    "Results": "trialsim.results.run",
    "Scenario": "trialsim.scenario",
    "ScenarioError": "trialsim.scenario",
    "SelectionResults": "trialsim.results.selection",
    "SensitivityResults": "trialsim.results.sensitivity",
    "SweepResults": "trialsim.results.sweep_results",
    "Trace": "trialsim.results.trace",
    "compare": "trialsim.results.sweep",
    "levers": "trialsim.results.levers",
    "load": "trialsim.scenario",
    "replay": "trialsim.results.replay",
    "select": "trialsim.results.selection",
    "sensitivity": "trialsim.results.sensitivity",
    "simulate": "trialsim.results.run",
    "sweep": "trialsim.results.sweep",
    "trace": "trialsim.results.trace",
}

__all__ = [
    "Design",
    "LeverResults",
    "ProgressLine",
    "Replay",
    "Results",
    "Scenario",
    "ScenarioError",
    "SelectionResults",
    "SensitivityResults",
    "SweepResults",
    "Trace",
    "__version__",
    "compare",
    "levers",
    "load",
    "replay",
    "select",
    "sensitivity",
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

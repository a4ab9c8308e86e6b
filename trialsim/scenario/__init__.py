"""What users write: scenario files, checked and turned into frozen values."""

from __future__ import annotations

from trialsim.scenario.distributions import Distribution
from trialsim.scenario.errors import Problem, ScenarioError
from trialsim.scenario.loading import load
from trialsim.scenario.recruitment import Site
from trialsim.scenario.scenario import Scenario
from trialsim.scenario.stopping import Source
from trialsim.scenario.units import Dose

__all__ = ["Distribution", "Dose", "Problem", "Scenario", "ScenarioError", "Site", "Source", "load"]

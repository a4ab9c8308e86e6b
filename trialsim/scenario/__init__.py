"""What users write: scenario files, checked and turned into frozen values."""

from __future__ import annotations

from trialsim.scenario.loading import load
from trialsim.scenario.messages.errors import Problem, ScenarioError
from trialsim.scenario.scenario import Scenario
from trialsim.scenario.sections.recruitment import Site
from trialsim.scenario.sections.sources import Source
from trialsim.scenario.values.distributions import Distribution
from trialsim.scenario.values.units import Dose

__all__ = ["Distribution", "Dose", "Problem", "Scenario", "ScenarioError", "Site", "Source", "load"]

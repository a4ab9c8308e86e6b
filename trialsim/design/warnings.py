"""What can be asked of a design but is hardly meant."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from trialsim.design.setting import Setting
from trialsim.scenario.checks.warnings import cohorts


def warnings(setting: Setting) -> list[str]:
    """Return the warnings about a design, each with the key concerned; with a truth, those of its scenario as well."""
    of_scenario = setting.scenario.warnings() if setting.scenario.truth is not None else cohorts(setting.scenario)
    return [*of_scenario, *_own(setting)]


def _own(setting: Setting) -> Iterator[str]:
    size, most = setting.cohort_size or 0, setting.max_participants
    if size > most:
        yield f"dosing.cohort_size: {size} is more than the maximum of {most} participants, so no cohort is ever full"
    truth = setting.scenario.truth
    for level, (here, above) in enumerate(pairwise(truth.dlt_probability if truth else ()), start=1):
        if above < here:
            yield (
                f"truth.dlt_probability: falls from {here:g} at level {level} to {above:g} at level {level + 1}; "
                "rules take it that a DLT becomes no less likely from level to level"
            )

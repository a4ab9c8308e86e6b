"""What the compiled engine can do. Nothing here imports numba."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.kernel.state.codes import RULES

if TYPE_CHECKING:
    from trialsim.scenario import Scenario

MOST_GUARDED_LEVELS = 62


def unsupported(scenario: Scenario) -> str | None:
    """What the compiled engine cannot do of a scenario, in words; None if it can do everything."""
    dosing = scenario.dosing
    if dosing is None:
        return None
    if dosing.rule_name not in RULES:
        return f"the dose rule {dosing.rule_name or type(dosing.rule).__name__}"
    if (dosing.guards or dosing.rule_name == "keyboard") and len(dosing.levels) > MOST_GUARDED_LEVELS:
        return f"guards or keyboards for more than {MOST_GUARDED_LEVELS} dose levels"
    return None

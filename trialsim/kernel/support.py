"""What the compiled engine can do. Nothing here imports numba."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialsim.scenario import Scenario

RULES = (
    *("fixed", "ladder", "three_plus_three", "rolling_six", "boin", "keyboard", "beta_binomial", "crm"),
    *("tite_boin", "tite_crm"),
)
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

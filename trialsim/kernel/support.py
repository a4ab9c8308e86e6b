"""What the compiled engine can do. Nothing here imports numba."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialsim.kernel.state.codes import TWINS
from trialsim.rules.by_tallies import TallyRule
from trialsim.scenario.values.written_rules import name_of

if TYPE_CHECKING:
    from trialsim.scenario import Scenario

MOST_GUARDED_LEVELS = 62
_LEFT_TO_IT = ("decide", "propose", "ceiling", "reach", "recommend", "admissible", "_guarded", "_settled")


def unsupported(scenario: Scenario, rule: Any = None) -> str | None:
    """What the compiled engine cannot do of a scenario, in words; None if it can do everything.

    ``rule`` is a dose rule in the place of the scenario's.
    """
    dosing = scenario.dosing
    if dosing is None:
        return None
    rule = rule or dosing.rule
    if name_of(rule) not in TWINS and not _can_be_looked_up(rule):
        return f"the dose rule {name_of(rule) or type(rule).__name__}, which is not a TallyRule"
    if dosing.guards and len(dosing.levels) > MOST_GUARDED_LEVELS:
        return f"guards for more than {MOST_GUARDED_LEVELS} dose levels"
    return None


def _can_be_looked_up(rule: Any) -> bool:
    """Whether a rule says what it says by tallies, and leaves all else to `TallyRule`."""
    kind = type(rule)
    return isinstance(rule, TallyRule) and all(getattr(kind, name) is getattr(TallyRule, name) for name in _LEFT_TO_IT)

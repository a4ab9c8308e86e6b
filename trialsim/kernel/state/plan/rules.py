"""What the kernel's rules need to know: which one decides, its numbers, and the guards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trialsim.kernel.state import codes
from trialsim.kernel.state.plan.answers import Answers
from trialsim.rules.by_tallies import TallyRule
from trialsim.scenario.values.written_rules import name_of

if TYPE_CHECKING:
    from trialsim.kernel.state.plan import Plan
    from trialsim.scenario import Scenario


def put(scenario: Scenario, plan: Plan) -> None:
    """Put it into the plan."""
    dosing, rule = scenario.dosing, plan.rule
    if dosing is None:
        return
    guards, code = dosing.guards, code_of(rule)
    plan.answers = Answers(scenario, rule, code)
    plan.put(
        rule=code,
        guarded=guards is not None,
        enough=(guards.enough_at_level or 0) if guards else 0,
        enough_when_staying=(guards.enough_when_staying or 0) if guards else 0,
        precise=guards is not None and guards.precision is not None,
        **(TallyRule.numbers(rule) if code == codes.LOOKED_UP else rule.numbers()),
    )
    plan.extend()


def code_of(rule: Any) -> int:
    """How the kernel knows a rule: as one of its own, or as one whose answers are looked up."""
    name = name_of(rule)
    return codes.TWINS.index(name) if name in codes.TWINS else codes.LOOKED_UP


def thresholds(rule: Any, length: int) -> NDArray[np.int64]:
    """How many DLTs among 0, 1, ... evaluable participants rule a level out; empty if a built-in rule does not say.

    A rule of a user's own is asked level by level: it may see more in the data than their numbers at one level.
    """
    has_table = name_of(rule) and hasattr(rule, "eliminating_dlts")
    return np.array(rule.eliminating_dlts(length) if has_table else [], dtype=np.int64)

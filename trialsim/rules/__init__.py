"""Dose rules: which level comes next.

Each rule is a file of its own with one shape, described in `trialsim.rules.base`. `RULES` maps the names used in
scenario files to the classes, whose fields are the rules' parameters.
"""

from __future__ import annotations

from trialsim.rules.base import Answer, Assign, Assigned, Rule, Stop, View, Wait
from trialsim.rules.beta_binomial import BetaBinomial
from trialsim.rules.boin import Boin
from trialsim.rules.fixed import Fixed
from trialsim.rules.ladder import Ladder
from trialsim.rules.three_plus_three import ThreePlusThree

RULES: dict[str, type[Fixed | Ladder | ThreePlusThree | Boin | BetaBinomial]] = {
    "fixed": Fixed,
    "ladder": Ladder,
    "three_plus_three": ThreePlusThree,
    "boin": Boin,
    "beta_binomial": BetaBinomial,
}

__all__ = ["RULES", "Answer", "Assign", "Assigned", "Rule", "Stop", "View", "Wait"]

"""Dose rules: which level comes next.

Each rule is a file of its own with one shape, described in `trialsim.rules.base`. `RULES` maps the names used in
scenario files to the classes, whose fields are the rules' parameters.
"""

from __future__ import annotations

from trialsim.rules.base import Answer, Assign, Assigned, Rule, Stop, View, Wait
from trialsim.rules.beta_binomial import BetaBinomial
from trialsim.rules.boin import Boin
from trialsim.rules.built_in import BuiltInRule
from trialsim.rules.crm import Crm
from trialsim.rules.fixed import Fixed
from trialsim.rules.guards import Guarded, Guards
from trialsim.rules.keyboard import Keyboard
from trialsim.rules.ladder import Ladder
from trialsim.rules.rolling_six import RollingSix
from trialsim.rules.three_plus_three import ThreePlusThree
from trialsim.rules.tite_boin import TiteBoin
from trialsim.rules.tite_crm import TiteCrm

RULES: dict[str, type[BuiltInRule]] = {
    "fixed": Fixed,
    "ladder": Ladder,
    "three_plus_three": ThreePlusThree,
    "rolling_six": RollingSix,
    "boin": Boin,
    "keyboard": Keyboard,
    "beta_binomial": BetaBinomial,
    "crm": Crm,
    "tite_boin": TiteBoin,
    "tite_crm": TiteCrm,
}

__all__ = ["RULES", "Answer", "Assign", "Assigned", "Guarded", "Guards", "Rule", "Stop", "View", "Wait"]

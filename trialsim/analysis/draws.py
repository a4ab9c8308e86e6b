"""The table of what was drawn for the keys that are not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trialsim.frames import typed
from trialsim.scenario.copula import drawn
from trialsim.tables import DRAWS

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.scenario import Scenario


def draws(scenario: Scenario, seed: int, replications: int) -> pd.DataFrame:
    """The draws of the replications from 1 on, with the columns `trialsim.tables.DRAWS`."""
    values = drawn(scenario, seed, 1, replications)
    units = {each.key: each.unit for each in scenario.inputs}
    number = len(values)
    return typed(
        DRAWS,
        {
            "scenario": [scenario.name] * (number * replications),
            "replication": np.repeat(np.arange(1, replications + 1), number),
            "key": list(values) * replications,
            "value": np.stack(list(values.values()), axis=1).ravel() if values else [],
            "unit": [units[key] for key in values] * replications,
        },
    )

"""The tables that simulations leave behind: every column is declared here, once.

From these declarations follow the types and the order of the columns in both engines, the schema of parquet files,
the tables in ``docs/outputs.md`` and the data dictionary in every manifest. A new column of the
table of replications is a line in `histories`, its value in `trialsim.analysis.replications` and its value in
`trialsim.kernel.tables.replications`.

What is missing is NaN among days and numbers, ``None`` among labels and ``NA`` among ordinals; keys, counts and flags
are never missing.
"""

from __future__ import annotations

from trialsim.tables.answers import (
    ADVICE,
    CALENDAR,
    CHARACTERISTICS,
    COUNTS,
    LEVERS,
    MEASURES,
    PLANS,
    QUANTILES,
    REPLAYS,
    SCENARIOS,
    SHARES,
    axis,
    axis_label,
    point_columns,
    point_replication_columns,
)
from trialsim.tables.histories import (
    COURSES,
    DRAWS,
    ENDS,
    EVENTS,
    FUNNEL,
    LOTS,
    PARTICIPANTS,
    PEOPLE,
    PER_LEVEL,
    QUANTITIES,
    REPLICATIONS,
    replication_columns,
)
from trialsim.tables.sensitivity import INDICES, RANK_CORRELATIONS, TORNADO

__all__ = [
    "ADVICE",
    "CALENDAR",
    "CHARACTERISTICS",
    "COUNTS",
    "COURSES",
    "DRAWS",
    "ENDS",
    "EVENTS",
    "FUNNEL",
    "INDICES",
    "LEVERS",
    "LOTS",
    "MEASURES",
    "PARTICIPANTS",
    "PEOPLE",
    "PER_LEVEL",
    "PLANS",
    "QUANTILES",
    "QUANTITIES",
    "RANK_CORRELATIONS",
    "REPLAYS",
    "REPLICATIONS",
    "SCENARIOS",
    "SHARES",
    "TORNADO",
    "axis",
    "axis_label",
    "point_columns",
    "point_replication_columns",
    "replication_columns",
]

"""The tables of a sensitivity analysis: inputs one at a time, shares of the ignorance, and rank correlations."""

from __future__ import annotations

from trialsim.columns import Column
from trialsim.tables.answers import MEASURES, estimate
from trialsim.tables.parts import COUNT, FLAG, LABEL, NONE, NUMBER, declared

_UNIT = "as in replications"
_INPUT = Column("input", LABEL, NONE, "the key that is not known; of some that are correlated, all of them")
_DUMMY = Column("is_dummy", FLAG, NONE, "whether it is the dummy, which changes nothing")
_MEASURE = Column("measure", LABEL, NONE, "what is looked at", MEASURES)
_ANSWER = Column("answer", LABEL, NONE, "the measure, or a quantile of a milestone such as last_visit_p80")

TORNADO = declared(
    _ANSWER,
    _INPUT._replace(meaning="the key that is not known"),
    _DUMMY,
    Column("unit", LABEL, NONE, "what p10, p50 and p90 are measured in"),
    *(Column(f"p{percent}", NUMBER, "as `unit` says", f"the input's {percent} % quantile") for percent in (10, 50, 90)),
    Column("at_p50", NUMBER, _UNIT, "the answer with all inputs at their medians"),
    Column("at_p10", NUMBER, _UNIT, "the answer with this input at its 10 % quantile, the others at their medians"),
    Column("at_p90", NUMBER, _UNIT, "the answer with this input at its 90 % quantile, the others at their medians"),
    *estimate("to_p10", _UNIT, "at_p10 less at_p50, on the same luck"),
    *estimate("to_p90", _UNIT, "at_p90 less at_p50, on the same luck"),
    *estimate("swing", _UNIT, "at_p90 less at_p10, on the same luck"),
    Column("pairs", COUNT, "replications", "how many have a value at both ends"),
)
"""One row an answer and input; of each answer, the input that moves it most first."""

INDICES = declared(
    _MEASURE,
    _INPUT,
    _DUMMY,
    *estimate("first", NONE, "the share of the ignorance that is this input's alone (Sobol's first index)"),
    *estimate("total", NONE, "the share that it has alone and together with others (total index)"),
    Column("points", COUNT, "points", "how many are behind it"),
)
"""One row a measure and input, or group of inputs that are correlated; the largest total first."""

RANK_CORRELATIONS = declared(
    _MEASURE,
    _INPUT._replace(meaning="the key that is not known"),
    _DUMMY,
    *estimate("correlation", NONE, "partial rank correlation with the measure in one trial"),
    Column("replications", COUNT, "replications", "how many have a value"),
)
"""One row a measure and input; the strongest first."""

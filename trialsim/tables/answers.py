"""The tables of answers: points of a sweep, levers, plans, replays, and what a design does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from trialsim.columns import Column, Columns, Kind
from trialsim.tables.histories import (
    COHORTS,
    DLTS,
    END_CAUSE,
    END_DAY,
    INFUSED,
    MILESTONES,
    PARTICIPANTS,
    RECOMMENDED,
    REPLICATIONS,
    TURNED_AWAY,
    replication_columns,
)
from trialsim.tables.parts import (
    COUNT,
    DAY,
    DAYS,
    FLAG,
    KEY,
    LABEL,
    MOMENT,
    NONE,
    NUMBER,
    PERSONS,
    PROBABILITY,
    declared,
)
from trialsim.vocabulary import END_CAUSES, Milestone

QUANTILES = {"p10": 0.1, "p50": 0.5, "p80": 0.8, "p90": 0.9}
"""The quantiles that reports and tables give."""


def estimate(name: str, unit: str, meaning: str, kind: Kind = NUMBER) -> Iterable[Column]:
    """An estimate and the ends of its 95 % interval."""
    yield Column(name, kind, unit, meaning)
    yield Column(f"{name}_low", kind, unit, f"{meaning}: lower end of the 95 % interval")
    yield Column(f"{name}_high", kind, unit, f"{meaning}: upper end of the 95 % interval")


def _paired(name: str, unit: str, meaning: str, kind: Kind = NUMBER) -> Iterable[Column]:
    """The mean difference to the base, and what pairing the replications has gained."""
    yield from estimate(name, unit, f"{meaning}: mean difference to the base, replication by replication", kind)
    yield Column(
        f"{name}_correlation", NUMBER, NONE, f"{meaning}: correlation of the pairs; missing where one side is constant"
    )
    yield Column(
        f"{name}_variance_factor",
        NUMBER,
        NONE,
        f"{meaning}: how many times more replications two independent sets would need for the same interval",
    )


def axis(key: str, values: Iterable[Any], unit: str = "", called: str = "", name: str = "") -> Column:
    """The column of an axis of a sweep, whose points have these values of a key of the scenario.

    What is drawn has a ``unit``; ``called`` is what people call the axis, ``name`` the column if that is not the key.
    """
    types = {type(value) for value in values}
    whole = KEY if key.endswith("level") else COUNT
    kinds = ({bool}, FLAG), ({int}, whole), ({int, float}, NUMBER)
    kind = next((kind for of_kind, kind in kinds if types <= of_kind), LABEL)
    meaning = f"the point's value of {key}" + f": {called}" * (called not in ("", key))
    return Column(name or key, kind, unit or "as in the scenario", meaning)


def axis_label(name: str, key: str) -> Column:
    """The column of what the values of an axis are called."""
    return Column(name, LABEL, NONE, f"what the point's value of {key} is called; where it has no name, the value")


def _mean(name: str, kind: Kind, unit: str, meaning: str) -> Iterable[Column]:
    """A mean, the spread of one trial, and the error of the mean."""
    yield Column(f"{name}_mean", kind, unit, f"{meaning}: mean")
    yield Column(f"{name}_sd", kind, unit, f"{meaning}: standard deviation of one trial")
    yield Column(f"{name}_standard_error", kind, unit, f"{meaning}: standard error of the mean")


_OF_MILESTONES = {milestone.value: column.meaning for milestone, column in MILESTONES.items()}
_OF_COUNTS = {name: column.meaning for name, column in REPLICATIONS.items() if column.kind is COUNT}
_OF_SHARES = {
    "early_termination": "ending early, for any cause but completion",
    **{cause.value: f"ending with the cause {cause}" for cause in END_CAUSES},
}
COUNTS, SHARES = tuple(_OF_COUNTS), tuple(_OF_SHARES)
MEASURES = (*_OF_MILESTONES, *COUNTS, *SHARES)
"""What the points of a sweep are compared by: the days of milestones, counts, and the chances of ends."""

_POINT = Column("point", KEY, NONE, "which point, counted from 1")
_POINT_NAME = Column("name", LABEL, NONE, "the name of the point")


def point_columns(
    axes: Iterable[Column],
    milestones: Mapping[str, str] = _OF_MILESTONES,
    counts: Mapping[str, str] = _OF_COUNTS,
    shares: Mapping[str, str] = _OF_SHARES,
) -> Columns:
    """The columns of the table of points: one row a point of a sweep, or a scenario of a comparison.

    The meanings of milestones, counts and shares are all of them, by name, unless others are given.
    """
    columns = [
        _POINT,
        _POINT_NAME,
        Column("is_base", FLAG, NONE, "whether the other points are compared with this one"),
        *axes,
        Column("replications", COUNT, "replications", "how many are behind every figure of the row"),
    ]
    for name, meaning in milestones.items():
        for quantile, share in QUANTILES.items():
            columns += estimate(f"{name}_{quantile}", MOMENT, f"{meaning}: {100 * share:.0f} % quantile", DAY)
        columns += _mean(name, DAY, MOMENT, meaning)
        columns += estimate(f"{name}_reached", PROBABILITY, f"{meaning}: that it comes at all")
        columns += _paired(f"{name}_difference", DAYS, meaning, DAY)
    for name, meaning in counts.items():
        columns += _mean(name, NUMBER, "as in replications", meaning)
        columns += _paired(f"{name}_difference", "as in replications", meaning)
    for name, meaning in shares.items():
        columns += estimate(name, PROBABILITY, meaning)
        columns += _paired(f"{name}_difference", PROBABILITY, meaning)
    return declared(*columns)


def point_replication_columns(axes: Iterable[Column], fewest: int, most: int) -> Columns:
    """The columns of the replications of all points: the point, and then the table of replications.

    ``fewest`` and ``most`` are the dose levels of the points. In the columns of a level that only some of them have,
    the counts of the others are missing: these columns hold numbers.
    """
    of_all = replication_columns(fewest)
    of_some = {
        name: column._replace(kind=NUMBER) for name, column in replication_columns(most).items() if name not in of_all
    }
    return {**declared(_POINT, _POINT_NAME, *axes), **of_all, **of_some}


SCENARIOS = declared(
    _POINT,
    _POINT_NAME,
    Column("digest", LABEL, NONE, "what the scenario is known by: the SHA-256 of all that is in it"),
    Column("scenario", LABEL, NONE, "all of the scenario, as JSON"),
    Column("written", LABEL, NONE, "what its author wrote of it, as JSON"),
    Column("given", LABEL, NONE, "the keys that its author gave, as JSON"),
)
"""The scenarios of the points of a sweep."""

LEVERS = declared(
    Column("lever", LABEL, NONE, "what is changed about the trial"),
    Column("measure", LABEL, NONE, "what is compared", MEASURES),
    Column(
        "difference",
        NUMBER,
        "as in replications",
        "with the lever less as planned, on average; the day of a milestone in trials that complete both ways",
    ),
    Column("difference_low", NUMBER, "as in replications", "lower end of its 95 % interval"),
    Column("difference_high", NUMBER, "as in replications", "upper end of its 95 % interval"),
    Column("pairs", COUNT, "replications", "how many are compared, with and without the lever"),
)
"""One row a lever and measure; the lever that helps most first."""

PLANS = declared(
    Column("plan", KEY, NONE, "which plan, counted from 1"),
    Column("name", LABEL, NONE, "the name of the plan"),
    Column(
        "outcome",
        LABEL,
        NONE,
        "what became of it: chosen; the same as the chosen one in every replication; the same on average when the time "
        "to tell them apart was over; still in question; or out",
        ("selected", "identical", "level", "left", "out"),
    ),
    Column("replications", COUNT, "replications", "how many were looked at before it was chosen, or out"),
    Column("valued", COUNT, "replications", "of those: that have the measure, the day of a milestone if completed"),
    *estimate("estimate", "as in replications", "the measure's mean, or the chance of the end"),
    *estimate("difference", "as in replications", "less the selected plan, on average, replication by replication"),
    Column("pairs", COUNT, "replications", "how many are compared, of both plans"),
    Column("probability_best", NUMBER, PROBABILITY, "of being the best plan, given all that was simulated"),
)
"""What a selection knows of each plan: one row a plan, in their order."""

_RULE = Column("rule", LABEL, NONE, "the dose rule, by its name")

REPLAYS = declared(
    _RULE,
    END_CAUSE,
    END_DAY,
    MILESTONES[Milestone.PRIMARY_COMPLETION],
    MILESTONES[Milestone.LAST_VISIT],
    RECOMMENDED,
    COHORTS,
    TURNED_AWAY,
    INFUSED,
    DLTS,
    Column("days_waited", DAY, DAYS, "from arrival to infusion, of all who were infused together"),
    Column("mean_days_waited", DAY, DAYS, "from arrival to infusion, mean of those infused"),
)
"""How a replay went: one row a rule."""

CALENDAR = declared(
    _RULE,
    *(
        PARTICIPANTS[name]
        for name in (
            *("participant", "site", "arrival_day", "enrolment_day", "level", "cohort"),
            *("infusion_day", "dlt_day", "window_end_day", "outcome_known_day", "outcome"),
        )
    ),
)
"""The people of a replay: one row a candidate and rule."""

_LEVEL = Column("level", KEY, NONE, "the dose level, counted from 1")

ADVICE = declared(
    _LEVEL,
    Column("treated", COUNT, PERSONS, "who was infused at the level"),
    Column("evaluable", COUNT, PERSONS, "of those: with a known outcome"),
    Column("dlts", COUNT, PERSONS, "of those: with a dose-limiting toxicity"),
    Column("pending", COUNT, PERSONS, "of those: whose outcome is not known yet"),
    Column("lost", COUNT, PERSONS, "of those: lost before their outcome was known"),
    Column("rate", NUMBER, PROBABILITY, "DLTs among the evaluable"),
    Column("estimate", NUMBER, PROBABILITY, "the DLT probability that the rule works with"),
    Column("mean", NUMBER, PROBABILITY, "of a curve: the posterior mean of the level's DLT probability"),
    Column("low", NUMBER, PROBABILITY, "the DLT probability: lower end of the 90 % credible interval"),
    Column("high", NUMBER, PROBABILITY, "the DLT probability: upper end of the 90 % credible interval"),
    Column("above_target", NUMBER, PROBABILITY, "that the DLT probability is above the rule's target"),
    Column("eliminated", FLAG, NONE, "whether the rule or its guards have ruled the level out"),
)
"""What data say of a design's levels: one row a level."""

CHARACTERISTICS = declared(
    _LEVEL,
    Column("truth", NUMBER, PROBABILITY, "of a DLT at the level, in the simulated world"),
    *estimate("selected", PROBABILITY, "that a trial recommends the level"),
    Column("treated", NUMBER, PERSONS, "infused at the level in a trial: mean"),
    Column("treated_standard_error", NUMBER, PERSONS, "infused at the level in a trial: standard error of the mean"),
    Column("dlts", NUMBER, PERSONS, "with a DLT at the level in a trial: mean"),
    Column("dlts_standard_error", NUMBER, PERSONS, "with a DLT at the level in a trial: standard error of the mean"),
)
"""The operating characteristics of a design: one row a level."""

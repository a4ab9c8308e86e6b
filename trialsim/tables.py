"""The tables that simulations leave behind: every column is declared here, once.

From these declarations follow the types and the order of the columns in both engines, the schema of parquet files,
the tables in ``docs/outputs.md`` and the data dictionary in every manifest. A new column of the
table of replications is a line here, its value in `trialsim.analysis.replications` and its value in
`trialsim.kernel.tables.replications`.

What is missing is NaN among days and numbers, ``None`` among labels and ``NA`` among ordinals; keys, counts and flags
are never missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from trialsim.columns import Column, Columns, Kind
from trialsim.vocabulary import END_CAUSES, LotOutcome, Milestone, Outcome, Piece

_MOMENT, _DAYS, _PERSONS, _LOTS, _CELLS, _NONE = "days since the start date", "days", "persons", "lots", "cells", "none"
_PROBABILITY = "probability"
LABEL, FLAG, KEY, ORDINAL = Kind.LABEL, Kind.FLAG, Kind.KEY, Kind.ORDINAL
COUNT, DAY, NUMBER = Kind.COUNT, Kind.DAY, Kind.NUMBER


def _columns(*columns: Column) -> Columns:
    by_name = {column.name: column for column in columns}
    assert len(by_name) == len(columns), "a column is declared twice"
    return by_name


def _moment(name: str, meaning: str) -> Column:
    return Column(name, DAY, _MOMENT, meaning)


_AT_THE_END = tuple(outcome.value for outcome in Outcome if outcome is not Outcome.ENROLLED)
"""At the end, whoever has a place without an infusion is released."""

_SCENARIO = Column("scenario", LABEL, _NONE, "the name of the scenario")
_REPLICATION = Column("replication", KEY, _NONE, "which of the simulated histories, counted from 1")

PEOPLE = _columns(
    _SCENARIO,
    _REPLICATION,
    Column("participant", KEY, _NONE, "which candidate, counted from 1 in order of arrival"),
    Column("site", LABEL, _NONE, "the site that the candidate came to"),
    Column("site_candidate", KEY, _NONE, "which of the site's candidates, counted from 1"),
    _moment("arrival_day", "when the candidate came"),
    Column("outcome", LABEL, _NONE, "how things stood with the candidate at the end", _AT_THE_END),
    Column("failure_reason", LABEL, _NONE, "the criterion that a screening failure failed"),
    Column("screenings", COUNT, "screenings", "how often the candidate was screened"),
    _moment("screening_start_day", "when the first screening began"),
    _moment("screening_end_day", "when the latest screening ended"),
    _moment("withdrawal_day", "when the candidate withdrew"),
    _moment(
        "place_open_day",
        "since when there had been a place: the first days of the cohort, or when the rule had last found one (a place "
        "given back before infusion counts as open all the time)",
    ),
    _moment(
        "enrolment_day",
        "when the candidate got a place, the latest if several. Whoever lost a place keeps this day alone, until they "
        "get another",
    ),
    Column("cohort", ORDINAL, _NONE, "the cohort, for rules that work in cohorts"),
    Column("level", ORDINAL, _NONE, "the dose level"),
    Column("weight_kg", NUMBER, "kg", "the body weight"),
    Column("lot", ORDINAL, _NONE, "the lot that the dose was reserved or given from"),
    Column("dose_cells", NUMBER, _CELLS, "the dose reserved or given"),
    _moment("ready_day", "when a dose was reserved"),
    _moment("spacing_day", "from when the spacing of infusions allowed this one"),
    _moment("infusion_day", "when the infusion was given"),
    _moment("dlt_day", "when the DLT showed; it may come after the trial's end"),
    _moment("window_end_day", "when the observation window ended; it may come after the trial's end"),
    _moment("outcome_known_day", "when the outcome became known; it may come after the trial's end"),
    _moment("last_visit_day", "when follow-up ended, of those infused"),
    Column("under_dosed", FLAG, _NONE, "whether the dose was smaller than the level asks for"),
)
"""One row a candidate, as the engines leave it; ``under_dosed`` is counted in the replications and then dropped."""

PARTICIPANTS = {name: column for name, column in PEOPLE.items() if name != "under_dosed"}
"""One row a candidate, as it is published."""

LOTS = _columns(
    _SCENARIO,
    _REPLICATION,
    Column("lot", KEY, _NONE, "which lot, counted from 1 in the order in which they were started"),
    _moment("start_day", "when a suite was taken; missing for starting stock"),
    _moment("expansion_start_day", "when the material arrived"),
    _moment("expansion_end_day", "when the expansion was done"),
    _moment("release_day", "when release testing was done, passed or not"),
    _moment("available_day", "from when the lot was at hand for infusions"),
    _moment("expiry_day", "when the shelf life ended"),
    Column("outcome", LABEL, _NONE, "how things stood with the lot at the end", LotOutcome.texts()),
    Column("cells", NUMBER, _CELLS, "how many cells there were"),
    Column("cells_infused", NUMBER, _CELLS, "how many of them were infused"),
    Column("cells_wasted", NUMBER, _CELLS, "how many of them were wasted"),
)
"""One row a lot, starting stock included."""

_END_CAUSE = Column("end_cause", LABEL, _NONE, "why the trial ended", tuple(cause.value for cause in END_CAUSES))
_MILESTONES = {
    milestone: _moment(milestone.column, meaning)
    for milestone, meaning in {
        Milestone.FIRST_SITE_OPEN: "when the first site opened",
        Milestone.FIRST_CANDIDATE: "when the first candidate came",
        Milestone.FIRST_ENROLMENT: "when the first place was given",
        Milestone.LAST_ENROLMENT: "when the last place was given",
        Milestone.FIRST_INFUSION: "when the first infusion was given",
        Milestone.LAST_INFUSION: "when the last infusion was given",
        Milestone.PRIMARY_COMPLETION: "when the last outcome of those infused was known; it may come after the end",
        Milestone.SETTLED: "when the trial's fate was settled: completed, or ended early",
        Milestone.LAST_VISIT: "when the last of those infused had the last visit; it may come after the end",
        Milestone.DATABASE_LOCK: "when the database was locked, some days after the last visit",
    }.items()
}
_END_DAY = _MILESTONES[Milestone.SETTLED]
_RECOMMENDED = Column("recommended_level", ORDINAL, _NONE, "the dose level that the rule recommends at the end")
_COHORTS = Column("cohorts", COUNT, "cohorts", "cohorts opened")
_TURNED_AWAY = Column("turned_away", COUNT, _PERSONS, "who was sent away unscreened")
_INFUSED = Column("infused", COUNT, _PERSONS, "who was infused")
_DLTS = Column("dlts", COUNT, _PERSONS, "of the infused: with a dose-limiting toxicity")

_PIECES = {
    Piece.START_UP: "the opening of a site",
    Piece.RECRUITMENT: "a candidate to come",
    Piece.SCREENING: "the screening of a candidate",
    Piece.PRODUCT: "a lot to be made, tested and shipped",
    Piece.PREPARATION: "the notice before an infusion",
    Piece.SLOT: "the calendar of the infusion unit",
    Piece.SPACING: "the spacing of infusions",
    Piece.OBSERVATION: "the outcome of an infusion",
    Piece.REVIEW: "the committee's review",
    Piece.REPLACEMENT: "somebody who left, and whose place had to be filled again",
}
"""What the trial waited for, piece by piece."""

_DAYS_WAITED = _columns(
    *(
        Column(
            f"days_{piece}", DAY, _DAYS, f"the days on the critical path, which add up to end_day, spent on {awaited}"
        )
        for piece, awaited in _PIECES.items()
    )
)

ENDS = _columns(
    _SCENARIO,
    _REPLICATION,
    _END_CAUSE,
    _END_DAY,
    _MILESTONES[Milestone.FIRST_SITE_OPEN],
    _RECOMMENDED,
    _COHORTS,
    Column("events", COUNT, "events", "moments that the engine went through"),
    *_DAYS_WAITED.values(),
)
"""One row a replication, as the engine leaves it; `trialsim.analysis.replications` makes the published table of it."""

REPLICATIONS = _columns(
    _SCENARIO,
    _REPLICATION,
    _END_CAUSE,
    _END_DAY,
    Column("candidates", COUNT, _PERSONS, "who came"),
    _TURNED_AWAY,
    Column("screened", COUNT, _PERSONS, "whose screening began"),
    Column("screen_failures", COUNT, _PERSONS, "who failed screening"),
    Column("withdrawn", COUNT, _PERSONS, "who left before infusion of their own will"),
    Column("eligibility_expired", COUNT, _PERSONS, "who left before infusion because eligibility ran out"),
    Column("enrolled", COUNT, _PERSONS, "who was ever given a place"),
    _INFUSED,
    Column("evaluable", COUNT, _PERSONS, "of the infused: with a known outcome, a DLT or none"),
    Column("non_evaluable", COUNT, _PERSONS, "of the infused: lost in the observation window"),
    _DLTS,
    Column("under_dosed", COUNT, _PERSONS, "of the infused: with less than their level asked for"),
    *(column for milestone, column in _MILESTONES.items() if milestone is not Milestone.SETTLED),
    _RECOMMENDED,
    _COHORTS,
    Column("lots_started", COUNT, _LOTS, "lots started, starting stock included"),
    Column("lots_failed", COUNT, _LOTS, "lots that failed release testing"),
    Column("lots_expired", COUNT, _LOTS, "lots that expired"),
    *_DAYS_WAITED.values(),
)
"""The columns of the table of replications but for those of the dose levels."""

FUNNEL = tuple(name for name, column in REPLICATIONS.items() if column.unit == _PERSONS)
"""The columns of the table of replications that count people."""


PER_LEVEL = _columns(_INFUSED, _DLTS)
"""The columns of the table of replications that there are for each dose level too."""


def replication_columns(levels: int) -> Columns:
    """The columns of the table of replications for a ladder of ``levels`` doses: one row a replication."""
    of_levels = (
        Column(f"{name}_level_{level}", of_all.kind, of_all.unit, f"{of_all.meaning}, at dose level {level}")
        for name, of_all in PER_LEVEL.items()
        for level in range(1, levels + 1)
    )
    return {**REPLICATIONS, **_columns(*of_levels)}


QUANTITIES = ("screened", "enrolled", "infused")
"""What is counted over time."""

COURSES = _columns(
    Column("day", COUNT, _DAYS, "a day of the grid, counted from the start date"),
    Column("quantity", LABEL, _NONE, "what is counted", QUANTITIES),
    Column("value", COUNT, _PERSONS, "a count by the end of that day"),
    Column("replications", COUNT, "replications", "how many replications had just that count by then"),
)
"""How the counts rose over time."""

QUANTILES = {"p10": 0.1, "p50": 0.5, "p80": 0.8, "p90": 0.9}
"""The quantiles that reports and tables give."""


def _estimate(name: str, unit: str, meaning: str, kind: Kind = NUMBER) -> Iterable[Column]:
    """An estimate and the ends of its 95 % interval."""
    yield Column(name, kind, unit, meaning)
    yield Column(f"{name}_low", kind, unit, f"{meaning}: lower end of the 95 % interval")
    yield Column(f"{name}_high", kind, unit, f"{meaning}: upper end of the 95 % interval")


def _paired(name: str, unit: str, meaning: str, kind: Kind = NUMBER) -> Iterable[Column]:
    """The mean difference to the base, and what pairing the replications has gained."""
    yield from _estimate(name, unit, f"{meaning}: mean difference to the base, replication by replication", kind)
    yield Column(
        f"{name}_correlation", NUMBER, _NONE, f"{meaning}: correlation of the pairs; missing where one side is constant"
    )
    yield Column(
        f"{name}_variance_factor",
        NUMBER,
        _NONE,
        f"{meaning}: how many times more replications two independent sets would need for the same interval",
    )


def axis(key: str, values: Iterable[Any]) -> Column:
    """The column of an axis of a sweep, whose points have these values of a key of the scenario."""
    types = {type(value) for value in values}
    kinds = ({bool}, FLAG), ({int}, COUNT), ({int, float}, NUMBER)
    kind = next((kind for of_kind, kind in kinds if types <= of_kind), LABEL)
    return Column(key, kind, "as in the scenario", f"the point's value of {key}")


def _mean(name: str, kind: Kind, unit: str, meaning: str) -> Iterable[Column]:
    """A mean, the spread of one trial, and the error of the mean."""
    yield Column(f"{name}_mean", kind, unit, f"{meaning}: mean")
    yield Column(f"{name}_sd", kind, unit, f"{meaning}: standard deviation of one trial")
    yield Column(f"{name}_standard_error", kind, unit, f"{meaning}: standard error of the mean")


_OF_MILESTONES = {milestone.value: column.meaning for milestone, column in _MILESTONES.items()}
_OF_COUNTS = {name: column.meaning for name, column in REPLICATIONS.items() if column.kind is COUNT}
_OF_SHARES = {
    "early_termination": "ending early, for any cause but completion",
    **{cause.value: f"ending with the cause {cause}" for cause in END_CAUSES},
}
COUNTS, SHARES = tuple(_OF_COUNTS), tuple(_OF_SHARES)
MEASURES = (*_OF_MILESTONES, *COUNTS, *SHARES)
"""What the points of a sweep are compared by: the days of milestones, counts, and the chances of ends."""

_POINT = Column("point", KEY, _NONE, "which point, counted from 1")
_POINT_NAME = Column("name", LABEL, _NONE, "the name of the point")


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
        Column("is_base", FLAG, _NONE, "whether the other points are compared with this one"),
        *axes,
        Column("replications", COUNT, "replications", "how many are behind every figure of the row"),
    ]
    for name, meaning in milestones.items():
        for quantile, share in QUANTILES.items():
            columns += _estimate(f"{name}_{quantile}", _MOMENT, f"{meaning}: {100 * share:.0f} % quantile", DAY)
        columns += _mean(name, DAY, _MOMENT, meaning)
        columns += _estimate(f"{name}_reached", _PROBABILITY, f"{meaning}: that it comes at all")
        columns += _paired(f"{name}_difference", _DAYS, meaning, DAY)
    for name, meaning in counts.items():
        columns += _mean(name, NUMBER, "as in replications", meaning)
        columns += _paired(f"{name}_difference", "as in replications", meaning)
    for name, meaning in shares.items():
        columns += _estimate(name, _PROBABILITY, meaning)
        columns += _paired(f"{name}_difference", _PROBABILITY, meaning)
    return _columns(*columns)


def point_replication_columns(axes: Iterable[Column], fewest: int, most: int) -> Columns:
    """The columns of the replications of all points: the point, and then the table of replications.

    ``fewest`` and ``most`` are the dose levels of the points. In the columns of a level that only some of them have,
    the counts of the others are missing: these columns hold numbers.
    """
    of_all = replication_columns(fewest)
    of_some = {
        name: column._replace(kind=NUMBER) for name, column in replication_columns(most).items() if name not in of_all
    }
    return {**_columns(_POINT, _POINT_NAME, *axes), **of_all, **of_some}


LEVERS = _columns(
    Column("lever", LABEL, _NONE, "what is changed about the trial"),
    Column("measure", LABEL, _NONE, "what is compared", MEASURES),
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

PLANS = _columns(
    Column("plan", KEY, _NONE, "which plan, counted from 1"),
    Column("name", LABEL, _NONE, "the name of the plan"),
    Column(
        "outcome",
        LABEL,
        _NONE,
        "what became of it: chosen; the same as the chosen one in every replication; the same on average when the time "
        "to tell them apart was over; still in question; or out",
        ("selected", "identical", "level", "left", "out"),
    ),
    Column("replications", COUNT, "replications", "how many were looked at before it was chosen, or out"),
    Column("valued", COUNT, "replications", "of those: that have the measure, the day of a milestone if completed"),
    *_estimate("estimate", "as in replications", "the measure's mean, or the chance of the end"),
    *_estimate("difference", "as in replications", "less the selected plan, on average, replication by replication"),
    Column("pairs", COUNT, "replications", "how many are compared, of both plans"),
    Column("probability_best", NUMBER, _PROBABILITY, "of being the best plan, given all that was simulated"),
)
"""What a selection knows of each plan: one row a plan, in their order."""

DRAWS = _columns(
    _SCENARIO,
    _REPLICATION,
    Column("key", LABEL, _NONE, "the key of the scenario that is not known"),
    Column("value", NUMBER, "see unit", "what was drawn for it"),
    Column("unit", LABEL, _NONE, "the unit of the value", ("days", "per day", "none")),
)
"""What is not known: one row a replication and key, in the order of the scenario."""

EVENTS = _columns(
    Column("entity_id", KEY, _NONE, "a participant's number; a lot's number plus 1 000 000"),
    Column(
        "event_type",
        LABEL,
        _NONE,
        "the type of event, as tools for process mining know it",
        ("arrival_departure", "queue", "resource_use", "resource_use_end"),
    ),
    Column("event", LABEL, _NONE, "what happened; each entity has arrival first and depart last, once each"),
    _moment("time", "when it happened"),
    Column("pathway", LABEL, _NONE, "whom it happened to", ("participant", "lot")),
    Column("run_number", KEY, _NONE, "the replication"),
    Column("resource_id", ORDINAL, _NONE, "which unit of the resource is in use; missing for other events"),
    Column("entity", LABEL, _NONE, "the entity in words, as in participant 3"),
    Column("resource", LABEL, _NONE, "the resource in use", ("screening place", "infusion place", "suite")),
    *(PARTICIPANTS[name] for name in ("site", "level", "cohort", "lot")),
    Column("outcome", LABEL, _NONE, "the outcome in the entity's own table"),
)
"""One row an event of one replication, in order of time."""

_RULE = Column("rule", LABEL, _NONE, "the dose rule, by its name")

REPLAYS = _columns(
    _RULE,
    _END_CAUSE,
    _END_DAY,
    _MILESTONES[Milestone.PRIMARY_COMPLETION],
    _MILESTONES[Milestone.LAST_VISIT],
    _RECOMMENDED,
    _COHORTS,
    _TURNED_AWAY,
    _INFUSED,
    _DLTS,
    Column("days_waited", DAY, _DAYS, "from arrival to infusion, of all who were infused together"),
    Column("mean_days_waited", DAY, _DAYS, "from arrival to infusion, mean of those infused"),
)
"""How a replay went: one row a rule."""

CALENDAR = _columns(
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

_LEVEL = Column("level", KEY, _NONE, "the dose level, counted from 1")

ADVICE = _columns(
    _LEVEL,
    Column("treated", COUNT, _PERSONS, "who was infused at the level"),
    Column("evaluable", COUNT, _PERSONS, "of those: with a known outcome"),
    Column("dlts", COUNT, _PERSONS, "of those: with a dose-limiting toxicity"),
    Column("pending", COUNT, _PERSONS, "of those: whose outcome is not known yet"),
    Column("lost", COUNT, _PERSONS, "of those: lost before their outcome was known"),
    Column("rate", NUMBER, _PROBABILITY, "DLTs among the evaluable"),
    Column("estimate", NUMBER, _PROBABILITY, "the DLT probability that the rule works with"),
    Column("mean", NUMBER, _PROBABILITY, "of a curve: the posterior mean of the level's DLT probability"),
    Column("low", NUMBER, _PROBABILITY, "the DLT probability: lower end of the 90 % credible interval"),
    Column("high", NUMBER, _PROBABILITY, "the DLT probability: upper end of the 90 % credible interval"),
    Column("above_target", NUMBER, _PROBABILITY, "that the DLT probability is above the rule's target"),
    Column("eliminated", FLAG, _NONE, "whether the rule or its guards have ruled the level out"),
)
"""What data say of a design's levels: one row a level."""

CHARACTERISTICS = _columns(
    _LEVEL,
    Column("truth", NUMBER, _PROBABILITY, "of a DLT at the level, in the simulated world"),
    *_estimate("selected", _PROBABILITY, "that a trial recommends the level"),
    Column("treated", NUMBER, _PERSONS, "infused at the level in a trial: mean"),
    Column("treated_standard_error", NUMBER, _PERSONS, "infused at the level in a trial: standard error of the mean"),
    Column("dlts", NUMBER, _PERSONS, "with a DLT at the level in a trial: mean"),
    Column("dlts_standard_error", NUMBER, _PERSONS, "with a DLT at the level in a trial: standard error of the mean"),
)
"""The operating characteristics of a design: one row a level."""

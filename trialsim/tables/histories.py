"""The tables of simulated histories: people, lots, how trials end, how counts rise, what was drawn, events."""

from __future__ import annotations

from trialsim.columns import Column, Columns
from trialsim.tables.parts import (
    CELLS,
    COUNT,
    DAY,
    DAYS,
    FLAG,
    KEY,
    LABEL,
    LOT_COUNT,
    NONE,
    NUMBER,
    ORDINAL,
    PERSONS,
    declared,
    moment,
)
from trialsim.vocabulary import END_CAUSES, LotOutcome, Milestone, Outcome, Piece

_AT_THE_END = tuple(outcome.value for outcome in Outcome if outcome is not Outcome.ENROLLED)
"""At the end, whoever has a place without an infusion is released."""

SCENARIO = Column("scenario", LABEL, NONE, "the name of the scenario")
REPLICATION = Column("replication", KEY, NONE, "which of the simulated histories, counted from 1")

PEOPLE = declared(
    SCENARIO,
    REPLICATION,
    Column("participant", KEY, NONE, "which candidate, counted from 1 in order of arrival"),
    Column("site", LABEL, NONE, "the site that the candidate came to"),
    Column("site_candidate", KEY, NONE, "which of the site's candidates, counted from 1"),
    moment("arrival_day", "when the candidate came"),
    Column("outcome", LABEL, NONE, "how things stood with the candidate at the end", _AT_THE_END),
    Column("failure_reason", LABEL, NONE, "the criterion that a screening failure failed"),
    Column("screenings", COUNT, "screenings", "how often the candidate was screened"),
    moment("screening_start_day", "when the first screening began"),
    moment("screening_end_day", "when the latest screening ended"),
    moment("withdrawal_day", "when the candidate withdrew"),
    moment(
        "place_open_day",
        "since when there had been a place: the first days of the cohort, or when the rule had last found one (a place "
        "given back before infusion counts as open all the time)",
    ),
    moment(
        "enrolment_day",
        "when the candidate got a place, the latest if several. Whoever lost a place keeps this day alone, until they "
        "get another",
    ),
    Column("cohort", ORDINAL, NONE, "the cohort, for rules that work in cohorts"),
    Column("level", ORDINAL, NONE, "the dose level"),
    Column("weight_kg", NUMBER, "kg", "the body weight"),
    Column("lot", ORDINAL, NONE, "the lot that the dose was reserved or given from"),
    Column("dose_cells", NUMBER, CELLS, "the dose reserved or given"),
    moment("ready_day", "when a dose was reserved"),
    moment("spacing_day", "from when the spacing of infusions allowed this one"),
    moment("infusion_day", "when the infusion was given"),
    moment("dlt_day", "when the DLT showed; it may come after the trial's end"),
    moment("window_end_day", "when the observation window ended; it may come after the trial's end"),
    moment("outcome_known_day", "when the outcome became known; it may come after the trial's end"),
    moment("last_visit_day", "when follow-up ended, of those infused"),
    Column("under_dosed", FLAG, NONE, "whether the dose was smaller than the level asks for"),
)
"""One row a candidate, as the engines leave it; ``under_dosed`` is counted in the replications and then dropped."""

PARTICIPANTS = {name: column for name, column in PEOPLE.items() if name != "under_dosed"}
"""One row a candidate, as it is published."""

LOTS = declared(
    SCENARIO,
    REPLICATION,
    Column("lot", KEY, NONE, "which lot, counted from 1 in the order in which they were started"),
    moment("start_day", "when a suite was taken; missing for starting stock"),
    moment("expansion_start_day", "when the material arrived"),
    moment("expansion_end_day", "when the expansion was done"),
    moment("release_day", "when release testing was done, passed or not"),
    moment("available_day", "from when the lot was at hand for infusions"),
    moment("expiry_day", "when the shelf life ended"),
    Column("outcome", LABEL, NONE, "how things stood with the lot at the end", LotOutcome.texts()),
    Column("cells", NUMBER, CELLS, "how many cells there were"),
    Column("cells_infused", NUMBER, CELLS, "how many of them were infused"),
    Column("cells_wasted", NUMBER, CELLS, "how many of them were wasted"),
)
"""One row a lot, starting stock included."""

END_CAUSE = Column("end_cause", LABEL, NONE, "why the trial ended", tuple(cause.value for cause in END_CAUSES))
MILESTONES = {
    milestone: moment(milestone.column, meaning)
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
END_DAY = MILESTONES[Milestone.SETTLED]
RECOMMENDED = Column("recommended_level", ORDINAL, NONE, "the dose level that the rule recommends at the end")
COHORTS = Column("cohorts", COUNT, "cohorts", "cohorts opened")
TURNED_AWAY = Column("turned_away", COUNT, PERSONS, "who was sent away unscreened")
INFUSED = Column("infused", COUNT, PERSONS, "who was infused")
DLTS = Column("dlts", COUNT, PERSONS, "of the infused: with a dose-limiting toxicity")

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

_DAYS_WAITED = declared(
    *(
        Column(
            f"days_{piece}", DAY, DAYS, f"the days on the critical path, which add up to end_day, spent on {awaited}"
        )
        for piece, awaited in _PIECES.items()
    )
)

ENDS = declared(
    SCENARIO,
    REPLICATION,
    END_CAUSE,
    END_DAY,
    MILESTONES[Milestone.FIRST_SITE_OPEN],
    RECOMMENDED,
    COHORTS,
    Column("events", COUNT, "events", "moments that the engine went through"),
    *_DAYS_WAITED.values(),
)
"""One row a replication, as the engine leaves it; `trialsim.analysis.replications` makes the published table of it."""

REPLICATIONS = declared(
    SCENARIO,
    REPLICATION,
    END_CAUSE,
    END_DAY,
    Column("candidates", COUNT, PERSONS, "who came"),
    TURNED_AWAY,
    Column("screened", COUNT, PERSONS, "whose screening began"),
    Column("screen_failures", COUNT, PERSONS, "who failed screening"),
    Column("withdrawn", COUNT, PERSONS, "who left before infusion of their own will"),
    Column("eligibility_expired", COUNT, PERSONS, "who left before infusion because eligibility ran out"),
    Column("enrolled", COUNT, PERSONS, "who was ever given a place"),
    INFUSED,
    Column("evaluable", COUNT, PERSONS, "of the infused: with a known outcome, a DLT or none"),
    Column("non_evaluable", COUNT, PERSONS, "of the infused: lost in the observation window"),
    DLTS,
    Column("under_dosed", COUNT, PERSONS, "of the infused: with less than their level asked for"),
    *(column for milestone, column in MILESTONES.items() if milestone is not Milestone.SETTLED),
    RECOMMENDED,
    COHORTS,
    Column("lots_started", COUNT, LOT_COUNT, "lots started, starting stock included"),
    Column("lots_failed", COUNT, LOT_COUNT, "lots that failed release testing"),
    Column("lots_expired", COUNT, LOT_COUNT, "lots that expired"),
    *_DAYS_WAITED.values(),
)
"""The columns of the table of replications but for those of the dose levels."""

FUNNEL = tuple(name for name, column in REPLICATIONS.items() if column.unit == PERSONS)
"""The columns of the table of replications that count people."""


PER_LEVEL = declared(INFUSED, DLTS)
"""The columns of the table of replications that there are for each dose level too."""


def replication_columns(levels: int) -> Columns:
    """The columns of the table of replications for a ladder of ``levels`` doses: one row a replication."""
    of_levels = (
        Column(f"{name}_level_{level}", of_all.kind, of_all.unit, f"{of_all.meaning}, at dose level {level}")
        for name, of_all in PER_LEVEL.items()
        for level in range(1, levels + 1)
    )
    return {**REPLICATIONS, **declared(*of_levels)}


QUANTITIES = ("screened", "enrolled", "infused")
"""What is counted over time."""

COURSES = declared(
    Column("day", COUNT, DAYS, "a day of the grid, counted from the start date"),
    Column("quantity", LABEL, NONE, "what is counted", QUANTITIES),
    Column("value", COUNT, PERSONS, "a count by the end of that day"),
    Column("replications", COUNT, "replications", "how many replications had just that count by then"),
)
"""How the counts rose over time."""

DRAWS = declared(
    SCENARIO,
    REPLICATION,
    Column("key", LABEL, NONE, "the key of the scenario that is not known"),
    Column("value", NUMBER, "see unit", "what was drawn for it"),
    Column("unit", LABEL, NONE, "the unit of the value", ("days", "per day", "none")),
)
"""What is not known: one row a replication and key, in the order of the scenario."""

EVENTS = declared(
    Column("entity_id", KEY, NONE, "a participant's number; a lot's number plus 1 000 000"),
    Column(
        "event_type",
        LABEL,
        NONE,
        "the type of event, as tools for process mining know it",
        ("arrival_departure", "queue", "resource_use", "resource_use_end"),
    ),
    Column("event", LABEL, NONE, "what happened; each entity has arrival first and depart last, once each"),
    moment("time", "when it happened"),
    Column("pathway", LABEL, NONE, "whom it happened to", ("participant", "lot")),
    Column("run_number", KEY, NONE, "the replication"),
    Column("resource_id", ORDINAL, NONE, "which unit of the resource is in use; missing for other events"),
    Column("entity", LABEL, NONE, "the entity in words, as in participant 3"),
    Column("resource", LABEL, NONE, "the resource in use", ("screening place", "infusion place", "suite")),
    *(PARTICIPANTS[name] for name in ("site", "level", "cohort", "lot")),
    Column("outcome", LABEL, NONE, "the outcome in the entity's own table"),
)
"""One row an event of one replication, in order of time."""

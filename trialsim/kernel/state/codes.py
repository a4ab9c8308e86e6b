"""The numbers by which compiled code knows outcomes, causes, phases, kinds of events, lists, rules and streams."""

from __future__ import annotations

# Where a person stands: the positions in PERSON_OUTCOMES.
PERSON_OUTCOMES = (
    "turned_away",
    "in_screening",
    "screen_failure",
    "waiting",
    "withdrawn",
    "eligibility_expired",
    "enrolled",
    "released",
    "in_window",
    "observed",
    "dlt",
    "non_evaluable",
)
(
    TURNED_AWAY,
    IN_SCREENING,
    SCREEN_FAILURE,
    WAITING,
    WITHDRAWN,
    ELIGIBILITY_EXPIRED,
    ENROLLED,
    RELEASED,
    IN_WINDOW,
    OBSERVED,
    DLT,
    NON_EVALUABLE,
) = range(12)

LOT_OUTCOMES = ("in_process", "failed", "in_stock", "used", "expired")
IN_PROCESS, FAILED, IN_STOCK, USED, EXPIRED = range(5)

CAUSES = ("safety", "completed", "product", "slow_accrual", "time_limit", "external")
SAFETY, COMPLETED, PRODUCT, SLOW_ACCRUAL, TIME_LIMIT, EXTERNAL = range(6)

LOTS, SCREENINGS, INFUSIONS, OUTCOMES, DEPARTURES, COMMITTEE, ARRIVALS, PLACES, STOPPING = range(1, 10)
"""The phases of an instant, in order."""

# What an event of the calendar does.
(
    SITE_OPENS,
    CANDIDATE_COMES,
    SCREENING_ENDS,
    WITHDRAWS,
    ELIGIBILITY_ENDS,
    ACT,
    LOT_EXPANDED,
    LOT_TESTED,
    LOT_ARRIVES,
    LOT_EXPIRES,
    MAKING_STARTS,
    INFUSED,
    OUTCOME_KNOWN,
    HEAR,
    DECIDE,
    ASK,
    LOOK,
    LIMIT,
    END,
) = range(19)
LOOKING_UP, BOOKING, MAKING, SETTING_UP, CLOSING, IDLE = range(19, 25)
"""What else the kernel may be at."""

UNLIMITED = 1 << 40
"""Of suites, or people in screening at a time."""

USUAL = 1 - 2.0**-10
"""Below this uniform a duration is not unusually long."""

LEAVES = 4096
"""Of the calendar; a multiple of 64."""

# The lists that people stand in.
QUEUE, LACKING, HOLDERS, ORDERS, SCHEDULE, BEFORE_SCREENING, SENT_BACK, DEPARTING, TREATED = range(9)
LISTS = 9

(
    DONE,
    PEOPLE_FULL,
    LOTS_FULL,
    CALENDAR_FULL,
    COHORTS_FULL,
    SLOTS_FULL,
    TABLE_FULL,
    OPINION_NEEDED,
    TOO_MANY_EVENTS,
    NO_EVENTS,
    GRID_NEEDED,
) = range(11)
"""How a call of the kernel ends: all replications are done, or what there was too little room for, or unknown."""

# Distributions.
CONSTANT, EXPONENTIAL, GAMMA, LOGNORMAL, WEIBULL, UNIFORM, TRIANGULAR, PERT, BETA, EMPIRICAL = range(10)

# Dose rules.
FIXED, LADDER, THREE_PLUS_THREE, BOIN, BETA_BINOMIAL, KEYBOARD, CRM, ROLLING_SIX, TITE_BOIN, TITE_CRM = range(10)

STREAMS = (
    "recruitment.shared",
    "recruitment.site",
    "recruitment.never_active",
    "recruitment.activation",
    "recruitment.arrival",
    "participants.weight",
    "screening.duration",
    "waiting.withdrawal",
    "waiting.rescreened",
    "product.donation",
    "product.expansion",
    "product.release_testing",
    "product.release",
    "product.shipping",
    "product.cells",
    "dosing.review",
    "truth.dlt",
    "truth.dlt_onset",
    "truth.loss",
    "truth.loss_time",
    "follow_up.loss",
    "stopping.external",
)
"""The streams of random numbers; those of the screening criteria follow them."""
(
    OF_SHARED,
    OF_SITE,
    OF_NEVER_ACTIVE,
    OF_ACTIVATION,
    OF_ARRIVAL,
    OF_WEIGHT,
    OF_SCREENING,
    OF_WITHDRAWAL,
    OF_RESCREENED,
    OF_DONATION,
    OF_EXPANSION,
    OF_TESTING,
    OF_RELEASE,
    OF_SHIPPING,
    OF_CELLS,
    OF_REVIEW,
    OF_DLT,
    OF_ONSET,
    OF_LOSS,
    OF_LOSS_TIME,
    OF_FOLLOW_UP,
    OF_EXTERNAL,
) = range(22)
OF_CRITERIA = 22

MIX = 0x1F83D9ABFB41BD6B
"""By which numbers are mixed to find a place in a table."""

CURVE_ROWS = 4
"""The rows that the posterior of a curve is worked out in; see `trialsim.kernel.rules.curve`."""

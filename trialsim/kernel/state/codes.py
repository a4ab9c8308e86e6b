"""The numbers by which compiled code knows outcomes, causes, phases, kinds of events, lists, rules and streams."""

from __future__ import annotations

from trialsim.vocabulary import EndCause, LotOutcome, Outcome, Phase, Stream

# Where a person stands.
TURNED_AWAY = Outcome.TURNED_AWAY.code
IN_SCREENING = Outcome.IN_SCREENING.code
SCREEN_FAILURE = Outcome.SCREEN_FAILURE.code
WITHDRAWN = Outcome.WITHDRAWN.code
ELIGIBILITY_EXPIRED = Outcome.ELIGIBILITY_EXPIRED.code
WAITING = Outcome.WAITING.code
ENROLLED = Outcome.ENROLLED.code
RELEASED = Outcome.RELEASED.code
NON_EVALUABLE = Outcome.NON_EVALUABLE.code
IN_WINDOW = Outcome.IN_WINDOW.code
OBSERVED = Outcome.OBSERVED.code
DLT = Outcome.DLT.code

# Where a lot stands.
IN_PROCESS = LotOutcome.IN_PROCESS.code
FAILED = LotOutcome.FAILED.code
IN_STOCK = LotOutcome.IN_STOCK.code
USED = LotOutcome.USED.code
EXPIRED = LotOutcome.EXPIRED.code

# Why a trial ends.
SAFETY = EndCause.SAFETY.code
COMPLETED = EndCause.COMPLETED.code
PRODUCT = EndCause.PRODUCT.code
SLOW_ACCRUAL = EndCause.SLOW_ACCRUAL.code
TIME_LIMIT = EndCause.TIME_LIMIT.code
EXTERNAL = EndCause.EXTERNAL.code

# The phases of an instant.
LOTS = int(Phase.LOTS)
SCREENINGS = int(Phase.SCREENINGS)
INFUSIONS = int(Phase.INFUSIONS)
OUTCOMES = int(Phase.OUTCOMES)
DEPARTURES = int(Phase.DEPARTURES)
COMMITTEE = int(Phase.COMMITTEE)
ARRIVALS = int(Phase.ARRIVALS)
PLACES = int(Phase.PLACES)
STOPPING = int(Phase.STOPPING)

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
    ANSWER_NEEDED,
    TOO_MANY_EVENTS,
    NO_EVENTS,
    GRID_NEEDED,
) = range(11)
"""How a call of the kernel ends: all replications are done, or what there was too little room for, or unknown."""

# Distributions.
CONSTANT, EXPONENTIAL, GAMMA, LOGNORMAL, WEIBULL, UNIFORM, TRIANGULAR, PERT, BETA, EMPIRICAL = range(10)

TWINS = ("fixed", "ladder", "three_plus_three", "boin", "beta_binomial", "rolling_six", "tite_boin", "tite_crm")
"""The dose rules that are written in the kernel as well, by name."""
FIXED, LADDER, THREE_PLUS_THREE, BOIN, BETA_BINOMIAL, ROLLING_SIX, TITE_BOIN, TITE_CRM, LOOKED_UP = range(9)
"""They, and the others, whose answers are looked up."""

# The streams of random numbers; those of the screening criteria follow them.
OF_SHARED = Stream.SHARED.code
OF_SITE = Stream.SITE.code
OF_NEVER_ACTIVE = Stream.NEVER_ACTIVE.code
OF_ACTIVATION = Stream.ACTIVATION.code
OF_ARRIVAL = Stream.ARRIVAL.code
OF_WEIGHT = Stream.WEIGHT.code
OF_SCREENING = Stream.SCREENING.code
OF_WITHDRAWAL = Stream.WITHDRAWAL.code
OF_RESCREENED = Stream.RESCREENED.code
OF_DONATION = Stream.DONATION.code
OF_EXPANSION = Stream.EXPANSION.code
OF_TESTING = Stream.TESTING.code
OF_RELEASE = Stream.RELEASE.code
OF_SHIPPING = Stream.SHIPPING.code
OF_CELLS = Stream.CELLS.code
OF_REVIEW = Stream.REVIEW.code
OF_DLT = Stream.DLT.code
OF_ONSET = Stream.ONSET.code
OF_LOSS = Stream.LOSS.code
OF_LOSS_TIME = Stream.LOSS_TIME.code
OF_FOLLOW_UP = Stream.FOLLOW_UP.code
OF_EXTERNAL = Stream.EXTERNAL.code
OF_CRITERIA = len(Stream)

MIX = 0x1F83D9ABFB41BD6B
"""By which numbers are mixed to find a place in a table."""

CURVE_ROWS = 4
"""The rows that the posterior of a curve is worked out in; see `trialsim.kernel.rules.curve`."""

"""The numbers by which compiled code knows outcomes, causes, phases, kinds of events, lists, rules and streams."""

from __future__ import annotations

from trialsim.vocabulary import EndCause, LotOutcome, Outcome, Phase, Piece, Stream

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

# What a trial waits for.
WAITS_FOR_START_UP = Piece.START_UP.code
WAITS_FOR_RECRUITMENT = Piece.RECRUITMENT.code
WAITS_FOR_SCREENING = Piece.SCREENING.code
WAITS_FOR_PRODUCT = Piece.PRODUCT.code
WAITS_FOR_PREPARATION = Piece.PREPARATION.code
WAITS_FOR_SLOT = Piece.SLOT.code
WAITS_FOR_SPACING = Piece.SPACING.code
WAITS_FOR_OBSERVATION = Piece.OBSERVATION.code
WAITS_FOR_REVIEW = Piece.REVIEW.code
WAITS_FOR_REPLACEMENT = Piece.REPLACEMENT.code

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
"""What else the kernel may be at (`Memory.doing`): it takes the next event, books an infusion, starts a lot, sets up a
replication, closes it, or does nothing."""

UNLIMITED = 1 << 40
"""Stands for no limit: on suites, on people in screening or in the queue, and for what a guard never has enough of."""

USUAL = 1 - 2.0**-10
"""Only one duration in 1,024 is unusually long: those whose uniform is not below this."""

LEAVES = 4096
"""How many leaves the calendar has. A multiple of 64, as each has a bit in a word that says whether it is empty."""

SHUT_BY_PLACES, SHUT_BY_WAITING = 1, 2
"""Why candidates are turned away: no place is open, or too many are waiting."""

# The lists that people stand in.
(
    QUEUE,  # eligible, waiting for a place
    LACKING,  # with a place, waiting for a dose and a slot
    NOT_INFUSED,  # with a place, not infused yet
    ORDERS,  # those for whom a lot has to be started
    SCHEDULE,  # infusions given or booked, in order of time
    BEFORE_SCREENING,  # waiting for screening
    SENT_BACK,  # on their way from a place back to the queue
    DEPARTING,  # found eligible at this instant: their departures are not in the calendar yet
    TREATED,  # without cohorts, all who have or had a place, in the order in which it was given
) = range(9)
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
    STEPS_FULL,
) = range(12)
"""How a call of the kernel ends: all replications are done, or there was too little room for something, or something
has to be worked out first (`ANSWER_NEEDED`, `GRID_NEEDED`), or a replication cannot be right (too many events, or none
left although the trial goes on)."""

# Distributions.
CONSTANT, EXPONENTIAL, GAMMA, LOGNORMAL, WEIBULL, UNIFORM, TRIANGULAR, PERT, BETA, EMPIRICAL = range(10)

TWINS = ("fixed", "ladder", "three_plus_three", "boin", "beta_binomial", "rolling_six", "tite_boin", "tite_crm")
"""The dose rules that are written in the kernel as well, by name."""
FIXED, LADDER, THREE_PLUS_THREE, BOIN, BETA_BINOMIAL, ROLLING_SIX, TITE_BOIN, TITE_CRM, LOOKED_UP = range(9)
"""Their codes, and the one of all other rules, whose answers are looked up."""

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
"""An odd number, by which keys are multiplied to spread them over a hash table."""

CURVE_ROWS = 4
"""How many rows of numbers it takes to work out the posterior of a curve (`trialsim.kernel.rules.curve`)."""

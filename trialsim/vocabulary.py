"""The names that stand in tables, files and both engines, each with its words for people.

A name is written here once. The SimPy model uses the members, tables hold their plain texts, and compiled code knows
them by their numbers (`trialsim.kernel.state.codes`).
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Self

MONTH = 30.4375
"""Days in a month: a twelfth of 365.25."""


class Term(StrEnum):
    """A name, equal to its text; ``code`` is its position among its kind, from 0, and ``words`` how people say it."""

    code: int
    words: str

    def __new__(cls, text: str, words: str = "") -> Self:
        """Make the next name of its kind."""
        term = str.__new__(cls, text)
        term._value_ = text
        term.code = len(cls.__members__)
        term.words = words
        return term

    @classmethod
    def texts(cls) -> tuple[str, ...]:
        """The plain texts of all names, in order."""
        return tuple(term.value for term in cls)


class Phase(IntEnum):
    """What goes first when several things happen at the same instant: the lowest phase with work.

    ``words`` names the layer of the model whose work it is.
    """

    LOTS = 1, "product"
    SCREENINGS = 2, "screening"
    INFUSIONS = 3, "infusion"
    OUTCOMES = 4, "observation"
    DEPARTURES = 5, "waiting"
    COMMITTEE = 6, "dosing"
    ARRIVALS = 7, "recruitment"
    PLACES = 8, "places, doses and slots"
    STOPPING = 9, "stopping"

    words: str

    def __new__(cls, number: int, words: str) -> Self:
        """Make the phase of that number."""
        phase = int.__new__(cls, number)
        phase._value_ = number
        phase.words = words
        return phase


class EndCause(Term):
    """Why a trial ends. Of several causes at the same instant, the first of these is given."""

    SAFETY = "safety", "stopped for safety"
    COMPLETED = "completed", "completed"
    PRODUCT = "product", "product failures"
    SLOW_ACCRUAL = "slow_accrual", "slow accrual"
    TIME_LIMIT = "time_limit", "time limit"
    EXTERNAL = "external", "external decision"


END_CAUSES = (
    EndCause.COMPLETED,
    EndCause.SAFETY,
    EndCause.SLOW_ACCRUAL,
    EndCause.TIME_LIMIT,
    EndCause.PRODUCT,
    EndCause.EXTERNAL,
)
"""The end causes in the order in which reports name them: what was hoped for, then what may end a trial early."""


class Milestone(Term):
    """A day that planners ask for, in the order in which these usually come."""

    FIRST_SITE_OPEN = "first_site_open", "first site open"
    FIRST_CANDIDATE = "first_candidate", "first candidate"
    FIRST_ENROLMENT = "first_enrolment", "first enrolment"
    LAST_ENROLMENT = "last_enrolment", "last enrolment"
    FIRST_INFUSION = "first_infusion", "first infusion"
    LAST_INFUSION = "last_infusion", "last infusion"
    PRIMARY_COMPLETION = "primary_completion", "primary completion"
    """The last outcome is known."""
    SETTLED = "settled", "fate settled"
    """Completed, or ended early: nobody is infused from now on."""
    LAST_VISIT = "last_visit", "last visit"
    """The last visit of the last participant: the end of a trial in ICH E6 and in Regulation (EU) No 536/2014."""
    DATABASE_LOCK = "database_lock", "database lock"

    @property
    def column(self) -> str:
        """The column of the table of replications that holds the day."""
        return "end_day" if self is Milestone.SETTLED else f"{self}_day"


class Outcome(Term):
    """Where a person stands, and in the end what became of them."""

    TURNED_AWAY = "turned_away", "turned away"
    IN_SCREENING = "in_screening", "in screening"
    SCREEN_FAILURE = "screen_failure", "screening failure"
    WITHDRAWN = "withdrawn", "withdrew"
    ELIGIBILITY_EXPIRED = "eligibility_expired", "no longer eligible"
    WAITING = "waiting", "waiting"
    """Eligible, without a place."""
    ENROLLED = "enrolled", "enrolled"
    """With a place, not infused, while the trial goes on."""
    RELEASED = "released", "released"
    """With a place, not infused, when the trial ended."""
    NON_EVALUABLE = "non_evaluable", "lost"
    """Lost in the observation window, without a DLT."""
    IN_WINDOW = "in_window", "in window"
    OBSERVED = "observed", "no DLT"
    DLT = "dlt", "DLT"


class LotOutcome(Term):
    """Where a lot stands, and in the end what became of it."""

    IN_PROCESS = "in_process", "in process"
    FAILED = "failed", "failed release"
    IN_STOCK = "in_stock", "in stock"
    USED = "used", "used up"
    EXPIRED = "expired", "expired"


class Piece(Term):
    """What a trial waits for. The days from its start to its end are shared out among these."""

    START_UP = "start_up", "site start-up"
    RECRUITMENT = "recruitment", "recruitment"
    SCREENING = "screening", "screening"
    PRODUCT = "product", "product"
    PREPARATION = "preparation", "preparation for infusion"
    SLOT = "slot", "infusion slot"
    SPACING = "spacing", "spacing of infusions"
    OBSERVATION = "observation", "safety observation"
    REVIEW = "review", "committee review"
    REPLACEMENT = "replacement", "replacement of those who left"


class Stream(Term):
    """What random numbers are for: the part of their address that keeps one use of chance apart from another.

    Each criterion of screening has a stream of its own besides these; see `criterion_stream`.
    """

    SHARED = "recruitment.shared", "the effect on the rates of all sites together"
    SITE = "recruitment.site", "the effect on the rate of one site"
    NEVER_ACTIVE = "recruitment.never_active", "whether a site never opens"
    ACTIVATION = "recruitment.activation", "how long a site takes to open"
    ARRIVAL = "recruitment.arrival", "when candidates come"
    WEIGHT = "participants.weight", "the body weight"
    SCREENING = "screening.duration", "how long screening takes"
    WITHDRAWAL = "waiting.withdrawal", "when somebody who waits withdraws"
    RESCREENED = "waiting.rescreened", "whether somebody is screened again once eligibility has expired"
    DONATION = "product.donation", "how long the material of a lot takes to come"
    EXPANSION = "product.expansion", "how long the expansion of a lot takes"
    TESTING = "product.release_testing", "how long release testing takes"
    RELEASE = "product.release", "whether a lot passes release testing"
    SHIPPING = "product.shipping", "how long shipping takes"
    CELLS = "product.cells", "the cells of a lot"
    REVIEW = "dosing.review", "how long the committee's review takes"
    DLT = "truth.dlt", "whether an infusion leads to a DLT"
    ONSET = "truth.dlt_onset", "when a DLT shows"
    LOSS = "truth.loss", "whether somebody is lost in the observation window"
    LOSS_TIME = "truth.loss_time", "when somebody is lost in the observation window"
    FOLLOW_UP = "follow_up.loss", "when somebody is lost in follow-up"
    EXTERNAL = "stopping.external", "when the trial is stopped from outside"


def criterion_stream(name: str) -> str:
    """The stream that decides whether candidates meet the screening criterion ``name``."""
    return f"screening.criterion.{name}"

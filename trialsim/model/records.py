"""What a replication leaves behind: people, lots and how the trial ended. Field names are those of the tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from trialsim.model.path import START, Step
from trialsim.vocabulary import EndCause, LotOutcome, Outcome


@dataclass(slots=True, eq=False)
class Participant:
    """Somebody who came to a site. Days are days since the start of the trial; ``None`` is what did not happen."""

    participant: int
    site: str
    site_candidate: int
    address: int
    arrival_day: float
    outcome: Outcome = Outcome.IN_SCREENING
    """Where the person stands now."""
    failure_reason: str | None = None
    screenings: int = 0
    screening_start_day: float | None = None
    screening_end_day: float | None = None
    withdrawal_day: float | None = None
    place_open_day: float | None = None
    enrolment_day: float | None = None
    cohort: int | None = None
    level: int | None = None
    weight_kg: float | None = None
    lot: int | None = None
    dose_cells: float | None = None
    ready_day: float | None = None
    spacing_day: float | None = None
    infusion_day: float | None = None
    dlt_day: float | None = None
    window_end_day: float | None = None
    outcome_known_day: float | None = None
    last_visit_day: float | None = None
    under_dosed: bool = False
    # What follows is the model's own bookkeeping and is in no table.
    attempt: int = 0
    """How many times this person has been sent back to screening; part of the address of their random numbers."""
    booking: int = 0
    """Raised at each booking and at each leave, so that an infusion that was given up is recognised."""
    booked_day: float | None = None
    path: Step = START
    """The latest moment of this person, on the path that led to it."""
    eligible: Step = START
    """The end of their latest screening."""
    booked: Step = START
    """The infusion, given or booked."""
    dose_wanted: Step = START
    """Since when a lot has to be made for them: the enrolment, or the end of the lot before."""

    def forget_place(self) -> None:
        """Put the person back among those without a place: only the day of the latest enrolment is kept."""
        self.place_open_day = self.cohort = self.level = None


@dataclass(slots=True, eq=False)
class Lot:
    """One run of making, from one cord (or one apheresis). Cells are counts, days as in `Participant`."""

    lot: int
    start_day: float | None = None
    expansion_start_day: float | None = None
    expansion_end_day: float | None = None
    release_day: float | None = None
    """The day on which release testing ended, whether it was passed or failed."""
    available_day: float | None = None
    expiry_day: float | None = None
    outcome: LotOutcome = LotOutcome.IN_PROCESS
    cells: float | None = None
    cells_infused: float = 0.0
    cells_wasted: float = 0.0
    # The model's own bookkeeping.
    cells_reserved: float = 0.0
    patient: Participant | None = None
    """The one participant whom an autologous lot can serve."""
    path: Step = START
    """The latest moment of this lot, on the path that led to it."""

    @property
    def cells_free(self) -> float:
        """Cells neither infused nor reserved; what rounding leaves below 0 is nothing."""
        return max(0.0, (self.cells or 0.0) - self.cells_infused - self.cells_reserved)

    def valid_on(self, day: float) -> bool:
        """Whether a dose may still be infused from this lot on ``day``: its last instant is in time."""
        return self.expiry_day is None or day <= self.expiry_day


class History(NamedTuple):
    """One replication: how it ended, and everybody and everything that was in it."""

    replication: int
    end_cause: EndCause
    end_day: float
    first_site_open_day: float | None
    recommended_level: int | None
    cohorts: int
    events: int
    path: Step
    """The end, on the critical path that led to it."""
    participants: list[Participant]
    lots: list[Lot]

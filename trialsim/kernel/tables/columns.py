"""The columns of the table of replications, and what the kernel needs to fill them."""

from __future__ import annotations

# The columns of whole numbers, those of each level after them.
(
    CANDIDATES,
    OF_TURNED_AWAY,
    SCREENED,
    OF_SCREEN_FAILURES,
    OF_WITHDRAWN,
    OF_ELIGIBILITY_EXPIRED,
    OF_ENROLLED,
    OF_INFUSED,
    OF_EVALUABLE,
    OF_NON_EVALUABLE,
    OF_DLTS,
    OF_UNDER_DOSED,
    OF_CAUSE,
    OF_RECOMMENDED,
    OF_COHORTS,
    LOTS_STARTED,
    LOTS_FAILED,
    LOTS_EXPIRED,
) = range(18)
OF_LEVELS = 18

# The columns of days, the pieces after them.
(
    END_DAY,
    FIRST_CANDIDATE,
    FIRST_ENROLMENT,
    LAST_ENROLMENT,
    FIRST_INFUSION,
    LAST_INFUSION,
    PRIMARY_COMPLETION,
    LAST_VISIT,
    DATABASE_LOCK,
) = range(9)
OF_PIECES = 9
START_UP, RECRUITMENT, SCREENING, PRODUCT_PIECE, SLOT, SPACING, OBSERVATION, REVIEW = range(8)
"""The pieces in the order of their columns."""
DAY_COLUMNS = OF_PIECES + 8


class Summary:
    """A chunk that is to be summarised, and where to."""

    replications: int
    levels: int
    close_out: float
    ends_at: int
    people_at: int
    lots_at: int
    infusions_at: int
    """Those infused, in order, each replication's at the place of its people."""
    known_at: int
    """Room for as many days as one replication has people."""
    counts_at: int
    days_at: int
    stride: int
    """How many replications the columns have room for; one follows the other."""
    row: int
    """The row of the first replication of the chunk."""
    # The courses.
    grid: int
    grid_at: int
    width: int
    reached_at: int
    """How many replications had reached which count by which day, up to their end: quantity, day, count."""
    stays_at: int
    """The same, of the day of the end: where the count stays what it is."""
    new_at: int
    """Room for the three quantities of a replication, by day."""

"""The records beside the state: people, lots, sites, and what the kernel's lists, calendar and rules are made of.

Fields are as in `trialsim.kernel.state.parts`: whole numbers and flags are ``int``, days and quantities ``float``; what
is missing is NaN, 0 where things count from 1 (level, cohort, lot), and -1 for a position.
"""

from __future__ import annotations

from math import nan

from trialsim.kernel.state.codes import IN_PROCESS, IN_SCREENING


class Person:
    """A candidate: what the table of participants shows, and what the layers note."""

    arrival_day: float
    screening_start_day: float = nan
    screening_end_day: float = nan
    withdrawal_day: float = nan
    place_open_day: float = nan
    """Since when the place had been open that the person was given."""
    enrolment_day: float = nan
    weight_kg: float = nan
    dose_cells: float = nan
    ready_day: float = nan
    """When the dose was reserved and the infusion booked."""
    spacing_day: float = nan
    """The day before which spacing allowed no infusion."""
    infusion_day: float = nan
    dlt_day: float = nan
    window_end_day: float = nan
    outcome_known_day: float = nan
    last_visit_day: float = nan
    site: int
    number: int
    """Of the site's candidates, counted from 1."""
    outcome: int = IN_SCREENING
    failure_reason: int = -1
    """The position of the criterion that was not met; -1 for none."""
    screenings: int
    cohort: int
    level: int
    lot: int
    under_dosed: int
    address: int
    """The number by which the calendar orders events of one phase: by site, then by candidate."""
    attempt: int
    """How many times the person has been sent back to screening; an address of random numbers."""
    booking: int
    """How many times an infusion was booked or given up; events with another number are out of date."""
    booked_day: float = nan
    leaves_order: int
    """The order of the events that withdrawal and the end of eligibility would be, as if in the calendar since then."""
    eligibility_order: int
    first_lot: int = -1
    """The first lot made for this person, and the last; -1 for none."""
    last_lot: int = -1
    path: int
    """The person's latest step on the critical path (`trialsim.kernel.layers.path`)."""
    eligible: int
    """The step at the end of their latest screening."""
    booked: int
    """The step of the infusion, given or booked."""
    dose_wanted: int
    """The step since which a lot has to be made for them."""
    lists: int
    """A bit for each list that the person is in."""


class Lot:
    """A lot: what the table of lots shows, and what the layers note."""

    start_day: float = nan
    expansion_start_day: float = nan
    expansion_end_day: float = nan
    release_day: float = nan
    available_day: float = nan
    expiry_day: float = nan
    cells: float = nan
    cells_infused: float
    cells_wasted: float
    outcome: int = IN_PROCESS
    cells_reserved: float
    patient: int = -1
    """The person for whom it is made; -1 for nobody in particular."""
    next_of_patient: int = -1
    """The next lot for the same person; -1 for none."""
    path: int
    """The lot's latest step on the critical path."""
    stocked: int
    """Whether it is in the freezer; there, which lot came before it and which after, -1 for none."""
    stock_before: int
    stock_after: int


class End:
    """How a replication ended."""

    end_cause: int
    end_day: float
    first_site_open_day: float
    recommended_level: int
    cohorts: int
    events: int
    people: int
    lots: int
    days_start_up: float
    """Days that the trial waited for the opening of a site, and so on; they sum to the day of its end."""
    days_recruitment: float
    days_screening: float
    days_product: float
    days_preparation: float
    days_slot: float
    days_spacing: float
    days_observation: float
    days_review: float
    days_replacement: float


class Step:
    """A moment on a path: until which day something was waited for, what it was, and since which step."""

    day: float
    piece: int
    since: int


class Site:
    """A site: what the plan says of it, and where it stands."""

    rate: float
    """Candidates a day."""
    rate_effect: int = -1
    """The distribution of the factor of its own; -1 for none."""
    ramp_up: float
    """Days from its opening until candidates come at the full rate."""
    activation: int
    """The distribution of the day of its opening."""
    never_active_probability: float
    max_candidates: int = -1
    """-1 for any number."""
    arrival_days: int = -1
    """How many fixed days there are; -1 if candidates come at random."""
    arrival_days_at: int
    people_at: int
    """What would happen to each candidate, where the scenario says so: days from infusion to being lost, then to a DLT
    for each level; NaN is never. 0 where luck decides."""
    periods: int
    """In how many periods candidates come at another rate."""
    periods_at: int
    """The first day of each, the day after its last, and the factor of the rate."""
    pieces_at: int
    """`Piece` records, two and two more for each period."""
    pieces: int
    cut_for: float = nan
    """The day of opening for which the pieces were made; NaN before there are any."""
    piece: int
    """The one in which the latest candidate came."""
    opens: float
    opened: int
    """The step of its opening."""
    own_rate: float
    """Candidates a day with all factors of this replication."""
    reached: float
    """The sum of the unit exponentials from candidate to candidate so far."""
    number: int
    """How many candidates have come."""
    expects: int
    """Whether another candidate is to come."""


class Piece:
    """A stretch of time in which a site's intensity is linear."""

    start: float
    factor: float
    """Of the rate."""
    on_ramp: int
    """Whether the rate still rises."""
    cumulative: float
    """The intensity up to its start, in days at the full rate."""


class Distribution:
    """A distribution by its kind and up to four parameters, or by the values of an empirical one."""

    kind: int
    a: float
    b: float
    c: float
    d: float
    steps: int
    values_at: int
    cumulative_at: int


class Block:
    """One block of the generator: four uniforms at neighbouring addresses."""

    number: int = -1
    """Of the block, and above its 32 bits the attempt."""
    first: float
    second: float
    third: float
    fourth: float
    round: int
    """As in `Memory` when it was made: others are of earlier replications."""


class Level:
    """A dose level."""

    amount: float
    per_kg: int
    dlt_probability: float
    whole_dose: float
    """Cells in a dose for the median weight."""
    doses_a_lot: float
    """How many such doses a lot of the median yield makes."""
    scale: float
    """What exp(b) multiplies in the curve."""
    limit_below: float
    """The level is too toxic where the curve's parameter is below this."""


class Cohort:
    """A cohort by numbers. Without cohorts, a level's participants are in none."""

    level: int
    members: int
    """All who have or had a place in it."""
    places: int
    """Those who count towards its size: all members but those lost who are replaced."""
    pending: int
    evaluable: int
    dlts: int


class Tally:
    """What is known of a level, by numbers of participants."""

    evaluable: int
    dlts: int
    cohorts: int
    """Cohorts given this level."""
    pending: int
    """Those without an outcome, infused or not."""
    lost: int
    infused: int
    watched: int
    """Those infused, without an outcome so far."""
    mean: float
    """Of a block of levels whose estimates are pooled: their mean, its weight, and how many they are."""
    weight: float
    pooled: int


class Answer:
    """What the rule and the guards answer to the outcomes of all levels."""

    is_there: int
    after: int
    """The level that follows the cohort that is over; 0 for a stop without a level, minus the level of any other."""
    highest_left: int
    """The level below the lowest one that the rule eliminates; 0 if that is level 1, and the top if none is."""
    recommended: int
    """The level that the rule recommends; 0 for none."""
    ceiling: int
    """The level below the lowest one that the guards rule out; 0 if that is level 1, and the top if none is."""
    narrow: int
    """A bit for each level whose DLT probability is known well enough."""


class Grid:
    """Where the density of a curve's parameter is worked out."""

    below: int
    """How many spans it reaches below 0."""
    above: int
    """How many spans it reaches above 0."""
    people: int
    """It is fine enough for so many, a power of two."""
    points: int
    rows_at: int
    """The parameter and the prior's logarithm at each point; of each level logarithms of p and q = 1 - p, and q."""


class Event:
    """An entry of the calendar."""

    day: float
    key: int
    """The phase, followed by an address."""
    order: int
    """Its number among all events of the replication, which decides between equal keys."""
    what: int
    """What it does, to whom, and a number to recognise what is out of date."""
    following: int
    """For later: the position of the one that lies below it, or is free too; -1 for none."""


class List:
    """A list of people, by their positions; -1 for nobody."""

    first: int = -1
    last: int = -1
    length: int


class Link:
    """Who comes before and after a person in a list; -1 for nobody."""

    before: int
    after: int


class Slot:
    """A day of the infusion unit, and how many are booked on it."""

    day: int = -1
    """-1 for an entry of the table that no day has taken."""
    booked: int

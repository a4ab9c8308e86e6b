"""What the compiled engine keeps in memory: the plan, the state of one replication, people, lots and ends.

Whole numbers and flags are ``int``, days and quantities ``float``. What is missing is NaN, 0 where things count from 1
(level, cohort, lot), and -1 for a position. A field that ends in ``_at`` is the address of an array.
"""

from __future__ import annotations


class State:
    """The trial: first what the plan says, then the state of the replication under way."""

    # Random numbers.
    seed: int
    keys_at: int
    """The hash of each stream's name."""
    places_at: int
    """The hash of each site's name; then 0, for what has no place."""
    luck_at: int
    """`Luck` records: the latest block of each place and stream."""
    round: int
    """A number for the replication: blocks with another one belong to earlier replications."""
    streams: int
    # Recruitment.
    sites: int
    sites_at: int
    turns_away: int
    max_waiting: int
    rate_multiplier: float
    shared_effect: int
    """The distribution of the shock shared by all sites; -1 for none."""
    weight: int
    """The distribution of body weights; -1 if nobody is weighed."""
    detailed: int
    """Whether the table of participants is wanted."""
    # Screening and waiting.
    has_screening: int
    capacity: int
    screening_duration: int
    longest_screening: float
    usual_screening: float
    """Days in which all are through with it, and those whose uniform is below `codes.USUAL`."""
    admits_ahead: int
    """Whether candidates may be admitted ahead of time: all are screened at once, and there is one site only."""
    criteria: int
    criteria_at: int
    """The probability of meeting each criterion."""
    may_leave: int
    withdrawal: float
    eligibility_valid: float
    rescreen_probability: float
    # Places and dosing.
    maximum: int
    has_dosing: int
    in_cohorts: int
    levels: int
    levels_at: int
    start_level: int
    cohort_size: int
    sentinel: float
    stagger: float
    window: float
    review: int
    keeps_levels: int
    committee_every: float
    stop_cohort_early: int
    dlt_resolves: int
    replaces: int
    rule: int
    max_dlts: int
    """How many DLTs a cohort of the ladder may have."""
    six_at_mtd: int
    six_at_top: int
    """Whether a 3+3 needs two cohorts at the MTD, and at the top, before the trial may end there."""
    strict: int
    """Whether a rolling six waits for all six before it goes up."""
    skip: int
    coherent: int
    eliminates: int
    """Whether a rule that is looked up may eliminate levels."""
    max_pending_fraction: float
    """The greatest share of those at a level who may be without an outcome."""
    minimum_follow_up: float
    """The share of the window for which everybody at a level must have been followed."""
    is_reviewing: int
    guarded: int
    enough: int
    """The trial stops where so many are evaluable at a level; 0 for never."""
    precise: int
    target: float
    up: float
    down: float
    thresholds_at: int
    """By number of evaluable participants, from how many DLTs on a level is too toxic."""
    thresholds: int
    # A dose-toxicity curve, and the guards that ask it.
    logistic: int
    averages: int
    """Whether a level's own posterior mean is compared with the target, not the curve at the parameter's mean."""
    stop_needs: int
    """How many evaluable participants it takes to stop because of the lowest level, and to rule a level out."""
    limit_needs: int
    stop_certainty: float
    limit_certainty: float
    stop_below: float
    """The lowest level is too toxic where the curve's parameter is below this."""
    widest: float
    """The greatest width of a precise interval, and the probability that the parameter is below where its ends are."""
    share_at_low: float
    share_at_high: float
    # The truth and follow-up.
    has_truth: int
    onset: int
    loss_probability: float
    follow_up: float
    follow_up_loss: float
    lost_below: float
    """A uniform above it means that somebody is not lost in follow-up."""
    leaves_below: float
    """A uniform above it means that somebody is patient for a moment at least."""
    # The product.
    has_product: int
    autologous: int
    to_order: int
    target_doses: int
    first_start: float
    starting_stock: int
    suites: int
    donation: int
    expansion: int
    testing: int
    release_probability: float
    ships_ahead: int
    """Whether a lot may pass release ahead of time: no number of failures ends the trial."""
    shipping: int
    cells: int
    shelf_life: float
    minimum_dose_fraction: float
    most_failed_lots: int
    # The infusion unit.
    has_slots: int
    notice: float
    per_day: int
    open_on_at: int
    closures: int
    closures_at: int
    # Stopping.
    time_limit: float
    looks: int
    looks_at: int
    external_stop: float
    most_events: int

    distributions_at: int

    # Room, and where it is.
    people_at: int
    people_room: int
    lots_at: int
    lots_room: int
    infusions_at: int
    """Those infused, in order; as much room as for people."""
    links_at: int
    links_room: int
    """For each list, in how many people there is room for."""
    lists_at: int
    calendar_at: int
    calendar_room: int
    put_by_at: int
    """Events for later, and which of them lies on top of each leaf."""
    leaves_at: int
    marks_at: int
    """A bit for each leaf that is not empty."""
    leaves_a_day: float
    cohorts_at: int
    completed_at: int
    cohorts_room: int
    tallies_at: int
    completed_tallies_at: int
    slots_at: int
    slots_room: int
    answers_at: int
    answers_room: int
    answer_keys_at: int
    """For each answer its question, as at `question_at`."""
    question_at: int
    """What has to be worked out: the current level, then of each level how many are evaluable and how many DLTs."""
    grids_at: int
    grids: int
    rows_at: int
    """Rows of numbers, one for each point of a grid, that `trialsim.kernel.rules.curve` works with."""
    rows_room: int
    """How many numbers a row has room for."""
    scheduled_at: int

    # The replication under way.
    status: int
    doing: int
    """What it is at: for whoever looks from outside where the time goes."""
    replication: int
    now: float
    ended: int
    cause: int
    people: int
    lots: int
    events: int
    """Events on the calendar's present leaf."""
    leaf: int
    """Its number."""
    first_day: float
    """Where leaf 0 begins."""
    put_by: int
    """Places taken so far by events for later; of those free again, the first, which leads to the next; -1 for none."""
    free: int
    beyond: int
    """The first of the events beyond the last leaf; -1 for none."""
    order: int
    """Events ever put into the calendar."""
    awake: int
    """The number of the event at which something may be given, at this instant; 0 for none."""
    stirred: int
    """Whether a place or a dose may be given then, and not only a suite."""
    first_site_open_day: float
    multiplier: float
    screening_busy: int
    holders: int
    level: int
    open_since: float
    closed_for_good: int
    cohorts: int
    cohort: int
    """The latest cohort that has a member."""
    places_used: int
    pending: int
    asked_at: float
    wanted_at: float
    news: int
    open: int
    left: int
    outcome_seen: int
    under_review: int
    reviews: int
    approved: int
    answer: int
    answer_level: int
    answer_opens: int
    answer_until: float
    infused: int
    in_window: int
    concluded_for_good: int
    past_limit: int
    suites_busy: int
    in_process: int
    failed_in_a_row: int
    stock_first: int
    stock_last: int
    slots_used: int
    grid: int
    wanted_below: int
    """Of the grid that is needed, as in `Grid`."""
    wanted_above: int
    wanted_people: int
    prepared_for: int
    """The grid on which the logarithm of the density without those pending is up to date; -1 for none."""
    is_prepared: int
    """Whether the density without those pending is so too."""
    weighed_until: float
    """The day until which the posterior is up to date, if nothing happens."""
    from_point: int
    """The part of the grid outside which the density is negligible."""
    to_point: int
    total: float
    """What the density adds up to."""
    mean: float
    """The posterior mean of the parameter."""


class Person:
    """A candidate; the columns of the participants' table, and the model's own bookkeeping."""

    arrival_day: float
    screening_start_day: float
    screening_end_day: float
    withdrawal_day: float
    place_open_day: float
    enrolment_day: float
    weight_kg: float
    dose_cells: float
    ready_day: float
    spacing_day: float
    infusion_day: float
    dlt_day: float
    window_end_day: float
    outcome_known_day: float
    last_visit_day: float
    site: int
    number: int
    outcome: int
    failure_reason: int
    screenings: int
    cohort: int
    level: int
    lot: int
    under_dosed: int
    address: int
    attempt: int
    booking: int
    booked_day: float
    leaves_order: int
    eligibility_order: int
    first_lot: int
    """The first lot made for this person, and the last; -1 for none."""
    last_lot: int
    lists: int
    """A bit for each list that the person is in."""


class Lot:
    """A lot; the columns of the lots' table, and the model's own bookkeeping."""

    start_day: float
    expansion_start_day: float
    expansion_end_day: float
    release_day: float
    available_day: float
    expiry_day: float
    cells: float
    cells_infused: float
    cells_wasted: float
    outcome: int
    cells_reserved: float
    patient: int
    next_of_patient: int
    stocked: int
    stock_before: int
    stock_after: int


class End:
    """How a replication ended."""

    end_cause: int
    end_day: float
    first_site_open_day: float
    next_place_open_day: float
    recommended_level: int
    cohorts: int
    events: int
    people: int
    lots: int


class Site:
    """A site: what the plan says of it, and where it stands."""

    rate: float
    rate_effect: int
    """The distribution of the factor of its own; -1 for none."""
    ramp_up: float
    activation: int
    never_active_probability: float
    max_candidates: int
    arrival_days: int
    """How many fixed days there are; -1 if candidates come at random."""
    arrival_days_at: int
    people_at: int
    """What would happen to each candidate, where the scenario says so: days from infusion to being lost, then to a DLT
    for each level; NaN is never. 0 where luck decides."""
    periods: int
    periods_at: int
    pieces_at: int
    """`Piece` records, two and two more for each period."""
    pieces: int
    cut_at: float
    """The day of opening for which the pieces were made; NaN before there are any."""
    piece: int
    """The one in which the latest candidate came."""
    opens: float
    own_rate: float
    reached: float
    number: int
    expects: int
    """Whether another candidate is to come."""


class Piece:
    """A stretch of time in which a site's intensity is linear."""

    start: float
    factor: float
    on_ramp: int
    cumulative: float


class Distribution:
    """A distribution by its kind and up to four parameters."""

    kind: int
    a: float
    b: float
    c: float
    d: float
    steps: int
    values_at: int
    cumulative_at: int


class Luck:
    """Four uniforms, one block of the generator."""

    block: int
    first: float
    second: float
    third: float
    fourth: float
    round: int


class Level:
    """A rung of the ladder."""

    amount: float
    per_kg: int
    dlt_probability: float
    whole_dose: float
    """Cells in a dose for the median weight, and how many of them a lot of the median yield makes."""
    doses_a_lot: float
    scale: float
    """What exp(b) multiplies in the curve."""
    limit_below: float
    """The level is too toxic where the curve's parameter is below this."""


class Cohort:
    """A cohort by numbers. Without cohorts, a level's participants are in none."""

    level: int
    members: int
    places: int
    pending: int
    evaluable: int
    dlts: int


class Tally:
    """What is known of a level."""

    evaluable: int
    dlts: int
    cohorts: int
    """Cohorts given this level."""
    pending: int
    lost: int
    infused: int
    watched: int
    """Infused, without an outcome so far."""
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
    """How many spans it reaches below 0, and above."""
    above: int
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
    what: int
    """What it does, to whom, and a number to recognise what is out of date."""
    following: int
    """For later: which one lies below it, or is free too; -1 for none."""


class List:
    """A list of people."""

    first: int
    last: int
    length: int


class Link:
    """A person's place in a list."""

    before: int
    after: int


class Slot:
    """A day of the infusion unit, and how many are booked on it."""

    day: int
    booked: int

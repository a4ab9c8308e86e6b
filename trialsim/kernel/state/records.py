"""What the compiled engine keeps in memory: the plan, the state of one replication, people, lots and ends.

Whole numbers and flags are ``int``, days and quantities ``float``. What is missing is NaN, 0 where things count from 1
(level, cohort, lot), and -1 for a position. A field that ends in ``_at`` is the address of an array.
"""

from __future__ import annotations

from math import nan

from trialsim.kernel.state.codes import DONE, IN_PROCESS, IN_SCREENING


class Constants:
    """What the plan says."""

    # Random numbers
    keys_at: int
    """The hash of each stream's name."""
    places_at: int
    """The hash of each site's name; then 0, for what belongs to no site."""
    streams: int
    distributions_at: int

    # Recruitment
    sites: int
    turns_away: int
    """Whether candidates are turned away while no place is open."""
    max_waiting: int
    rate_multiplier: float
    shared_effect: int = -1
    """The distribution of the shock shared by all sites; -1 for none."""

    # Screening
    has_screening: int
    capacity: int
    """How many can be in screening at a time."""
    screening_duration: int
    longest_screening: float
    """Days in which everybody is through with it."""
    usual_screening: float
    """Days in which those are through with it whose uniform is below `codes.USUAL`."""
    admits_ahead: int
    """Whether candidates may be admitted ahead of time: all are screened at once, and there is one site only."""
    criteria: int
    criteria_at: int
    """The probability of meeting each criterion."""

    # Waiting
    may_leave: int
    """Whether anybody ever withdraws, or is eligible for a limited time."""
    withdrawal: float
    """How many of those who wait withdraw in a day."""
    leaves_below: float
    """A uniform above it means that somebody is patient for a moment at least."""
    eligibility_valid: float = nan
    """Days for which eligibility is valid; NaN for ever."""
    rescreen_probability: float

    # Places, dosing and spacing
    maximum: int
    """How many participants there are to be."""
    has_dosing: int
    in_cohorts: int = 1
    levels: int
    levels_at: int
    start_level: int = 1
    cohort_size: int
    keeps_levels: int
    """Whether a level is settled at enrolment; else at infusion."""
    stop_cohort_early: int
    replaces: int
    """Whether those lost in the window are replaced."""
    sentinel: float
    """Days from the first infusion of a cohort to the next, at least."""
    stagger: float
    """Days from any other infusion to the next, at least."""

    # The committee
    review: int
    """The distribution of the days that a review takes."""
    committee_every: float = nan
    """Days between meetings; NaN if it meets whenever it is asked."""
    is_reviewing: int
    """Whether a review takes any time."""

    # The rule; what it is called here is what it is called in `trialsim.rules`
    rule: int
    max_dlts: int
    """How many DLTs a cohort of the ladder may have."""
    six_at_mtd: int
    """Whether a 3+3 needs two cohorts at the MTD before the trial may end there."""
    six_at_top: int
    """The same for the top level."""
    strict: int
    """Whether a rolling six waits for all six before it goes up."""
    target: float
    up: float
    """BOIN goes up where the DLT rate is at most this."""
    down: float
    """BOIN goes down where it is at least this."""
    skip: int
    """Whether the trial may go up past a level that nobody has been given."""
    coherent: int
    """Whether a DLT forbids going up at once."""
    eliminates: int
    """Whether a rule that is looked up may eliminate levels."""
    max_pending_fraction: float
    """The greatest share of those at a level who may be without an outcome."""
    minimum_follow_up: float
    """The share of the window for which everybody at a level must have been followed."""

    # The guards
    guarded: int
    enough: int
    """The trial stops where so many are evaluable at a level; 0 for never."""
    precise: int
    """Whether it stops where the DLT probability is known well enough."""

    # A posterior that changes with time, and the guards that ask it (`trialsim.kernel.rules.curve`)
    logistic: int
    averages: int
    """Whether a level's own posterior mean is compared with the target, not the curve at the parameter's mean."""
    stop_needs: int
    """How many must be evaluable in the trial before it may stop because of the lowest level."""
    stop_certainty: float
    stop_below: float
    """The lowest level is too toxic where the curve's parameter is below this."""
    limit_needs: int
    """How many must be evaluable in the trial before a level may be ruled out."""
    limit_certainty: float
    widest: float
    """The greatest width of a precise interval."""
    share_at_low: float
    """The probability that the parameter is below the lower end of a credible interval."""
    share_at_high: float

    # Observation and follow-up
    window: float
    dlt_resolves: int = 1
    """Whether a DLT is known at once; else at the end of the window."""
    has_truth: int
    onset: int
    """The distribution of the share of the window after which a DLT sets in."""
    loss_probability: float
    follow_up: float
    follow_up_loss: float
    """How many of those in follow-up are lost in a day."""
    lost_below: float
    """A uniform above it means that somebody is not lost in follow-up."""

    # Manufacturing
    has_product: int
    autologous: int
    to_order: int
    target_doses: int
    """How many doses there should be in stock."""
    first_start: float
    """The first day on which a lot may be started."""
    starting_stock: int
    suites: int
    donation: int
    expansion: int
    testing: int
    shipping: int
    release_probability: float
    ships_ahead: int
    """Whether a lot may pass release ahead of time: no number of failures ends the trial."""
    cells: int
    shelf_life: float = nan
    """Days; NaN for ever."""
    most_failed_lots: int = -1
    """The trial ends where so many lots fail in a row; -1 for never."""

    # Doses
    weight: int = -1
    """The distribution of body weights; -1 if nobody is weighed."""
    minimum_dose_fraction: float

    # Slots
    has_slots: int
    notice: float
    """Days from a booking to the infusion, at least."""
    per_day: int = -1
    """How many can be infused on a day; -1 for any number."""
    open_on_at: int
    """Whether the unit is open on day 0, 1, ... 6, and so every week."""
    closures: int
    closures_at: int
    """The first day of each closure, and the day after its last."""

    # Stopping
    time_limit: float
    looks: int
    looks_at: int
    """The day of each look at accrual, and how many must have been infused by then."""
    external_stop: float
    """How many trials are stopped from outside in a day."""
    most_events: int


class Memory:
    """What is kept from replication to replication: which is under way, and where there is room for what."""

    seed: int
    replication: int
    doing: int
    """What the kernel is at: the kind of an event, or one of the codes after those."""
    detailed: int
    """Whether the table of participants is wanted."""
    round: int
    """How many replications have begun: blocks of random numbers with another number are of earlier ones."""
    leaves_a_day: float = 1.0
    """How finely the calendar is divided."""

    # People and lots, those of one replication behind those of the one before
    people_at: int
    people_room: int
    lots_at: int
    lots_room: int
    infusions_at: int
    """Those infused, in order: positions of people, for whom there is as much room."""

    # What a replication begins with, and where that is copied to: its progress and what follows it in memory
    progress_at: int
    beginning_at: int
    progress_words: int
    lists_at: int
    scheduled_at: int
    """How many events each phase has had."""
    marks_at: int
    """A bit for each leaf of the calendar that is not empty."""
    tallies_at: int
    slots_at: int
    slots_room: int
    new_person_at: int
    """A person, a lot and a cohort of whom nothing is known yet."""
    new_lot_at: int
    new_cohort_at: int

    # The rest of its room
    sites_at: int
    luck_at: int
    """The latest `Block` of each site and stream."""
    links_at: int
    links_room: int
    """For each list, in how many people there is room for."""
    calendar_at: int
    """The events of the present leaf, as a heap."""
    put_by_at: int
    """Events for later."""
    calendar_room: int
    """For how many events there is room in either."""
    leaves_at: int
    """Which event for later lies on top of each leaf."""
    cohorts_at: int
    completed_at: int
    """The cohorts as they might turn out."""
    cohorts_room: int
    completed_tallies_at: int
    """The tallies as they might turn out."""

    # What the rule needs
    thresholds_at: int
    """By number of evaluable participants, from how many DLTs on a level is too toxic."""
    thresholds: int
    """How many there are; 0 under a rule that eliminates no levels by a table."""
    answers_at: int
    answers_room: int
    answer_keys_at: int
    """For each answer the question, as at `question_at`."""
    question_at: int
    """What has to be worked out: the current level, then of each level how many are evaluable and how many DLTs."""
    grids_at: int
    grids: int
    rows_at: int
    """Rows of numbers, one for each point of a grid, that `trialsim.kernel.rules.curve` works with."""
    rows_room: int
    """How many numbers a row has room for."""


class Progress:
    """One replication."""

    status: int = DONE
    """Why it cannot go on (`codes.PEOPLE_FULL` and so on); `codes.DONE` if it can."""
    now: float
    ended: int
    cause: int = -1
    people: int
    lots: int

    # The calendar
    events: int
    """How many are on the present leaf."""
    leaf: int
    """Its number."""
    first_day: float
    """Where leaf 0 begins."""
    put_by: int
    """Positions taken so far by events for later."""
    free: int = -1
    """Of those free again, the first, which leads to the next; -1 for none."""
    beyond: int = -1
    """The first of the events beyond the last leaf; -1 for none."""
    order: int
    """How many events there have been or will be, those included that are only counted."""
    awake: int
    """The number of the event at which something may be given, at this instant; 0 for none."""
    stirred: int
    """Whether a place or a dose may be given then, and not only a suite."""

    # Recruitment and screening
    first_site_open_day: float = nan
    multiplier: float
    """Of all rates, the shared shock included."""
    screening_busy: int
    """How many are in screening."""

    # Places and dosing
    holders: int
    """How many have a place."""
    level: int = 1
    """The level of the latest place that was open."""
    open_since: float
    open: int
    """Whether the rule and the committee had a place when they were asked last."""
    closed_for_good: int
    cohorts: int
    """The highest number of a cohort so far."""
    cohort: int
    """The latest cohort that has a member."""
    places_used: int
    """How many of the places are used up, as the rule counts them."""
    pending: int
    """How many who have or had a place have no outcome yet."""
    asked_at: float = -1.0
    """When the rule was asked last."""
    wanted_at: float = -1.0
    """When the rule last wanted to be asked, though nothing may happen by then."""
    news: int = 1
    """Whether anything has happened since that the rule does not know."""
    left: int
    """Whether since then somebody has given back a place that was open before: it is not open anew."""
    outcome_seen: int
    answer: int
    """The rule's answer: to wait, to assign a level, or to stop."""
    answer_level: int
    """The level to assign or, with a stop, to recommend."""
    answer_opens: int
    """Whether that opens a cohort."""
    answer_until: float
    """When to ask again after a wait; NaN if something happens before."""

    # The committee
    under_review: int
    """The cohort, or without cohorts the level, that the committee is asked for; 0 for none."""
    approved: int = 1
    """The latest one that it has agreed to."""
    reviews: int

    # Infusion and stopping
    infused: int
    in_window: int
    concluded_for_good: int
    """How many have an outcome and are not replaced."""
    past_limit: int
    """Whether the time limit is over, and only windows are waited for."""

    # Manufacturing and slots
    suites_busy: int
    in_process: int
    """How many lots are on their way."""
    failed_in_a_row: int
    stock_first: int = -1
    stock_last: int = -1
    slots_used: int
    """How many days with a booking the table of slots holds."""

    # The posterior of a curve
    grid: int
    """The grid that the density stands on."""
    wanted_below: int
    """Of the grid that is needed, as in `Grid`."""
    wanted_above: int
    wanted_people: int
    prepared_for: int = -1
    """The grid on which the logarithm of the density without those pending is up to date; -1 for none."""
    is_prepared: int
    """Whether the density without those pending is so too."""
    weighed_until: float = -1.0
    """The day until which the posterior is up to date, if nothing happens."""
    from_point: int
    """The part of the grid outside which the density is negligible."""
    to_point: int
    total: float
    """What the density adds up to."""
    mean: float
    """The posterior mean of the parameter."""


class State(Constants, Memory, Progress):
    """A job, the engine's memory, and the replication under way."""


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
    stocked: int
    """Whether it is in the freezer; there, which lot came before it and which after, -1 for none."""
    stock_before: int
    stock_after: int


class End:
    """How a replication ended."""

    end_cause: int
    end_day: float
    first_site_open_day: float
    next_place_open_day: float
    """Since when a place had been open that nobody had taken; NaN if there was none."""
    recommended_level: int
    cohorts: int
    events: int
    people: int
    lots: int


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
    cut_at: float = nan
    """The day of opening for which the pieces were made; NaN before there are any."""
    piece: int
    """The one in which the latest candidate came."""
    opens: float
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


class Luck:
    """One block of the generator: four uniforms at neighbouring addresses."""

    block: int
    """The number of the block, and above its 32 bits the attempt."""
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

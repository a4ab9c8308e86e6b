"""The state: all that the kernel knows while it simulates, as one record at one address.

It is laid out in three parts by lifetime: `Constants` for a job, `Memory` for as long as there is room enough, and
`Progress` for one replication, which begins as a copy of its defaults.

Whole numbers and flags are ``int``, days and quantities ``float``. What is missing is NaN, 0 where things count from 1
(level, cohort, lot), and -1 for a position. A field that ends in ``_at`` is the address of an array, and one that ends
in ``_room`` says for how many there is room. What names a distribution is its position in the table of distributions.
"""

from __future__ import annotations

from math import nan

from trialsim.kernel.state.codes import DONE


class Constants:
    """What the plan says."""

    # Random numbers
    stream_keys_at: int
    """The hash of each stream's name."""
    site_keys_at: int
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
    """BOIN goes up where the DLT rate is at most this, and down where it is at least the next."""
    down: float
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

    # People and lots, those of one replication behind those of the one before
    people_at: int
    people_room: int
    lots_at: int
    lots_room: int
    infusions_at: int
    """Those infused, in order: positions of people, for whom there is as much room."""

    # What a replication begins with is copied over its progress and what follows that in memory, down to `slots_at`
    beginning_at: int
    progress_at: int
    progress_words: int
    lists_at: int
    scheduled_at: int
    """How many events each phase has had."""
    marks_at: int
    """A bit for each leaf of the calendar that is not empty."""
    tallies_at: int
    slots_at: int
    slots_room: int

    # What people, lots and cohorts begin with
    new_person_at: int
    new_lot_at: int
    new_cohort_at: int

    # Room for the rest
    sites_at: int
    blocks_at: int
    """The latest `Block` of each site and stream."""
    links_at: int
    links_room: int
    """For each list, in how many people there is room for."""
    calendar_at: int
    """The events of the present leaf, as a heap."""
    put_by_at: int
    """Events for later."""
    calendar_room: int
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
    first_day: float
    """Where leaf 0 begins."""
    put_by: int
    """Positions taken so far by events for later."""
    free: int = -1
    """Of the positions that are free again, the first, which leads to the next."""
    beyond: int = -1
    """The first of the events beyond the last leaf."""
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
    asked_day: float = -1.0
    """When the rule was asked last."""
    wanted_day: float = -1.0
    """When the rule last wanted to be asked, though nothing may happen by then."""
    news: int = 1
    """Whether anything has happened since then that the rule does not know."""
    left: int
    """Whether somebody has given back a place while none was open: what opens next is that place, not a new one."""
    outcome_seen: int
    """Whether any outcome is known."""
    answer: int
    """The rule's answer: to wait, to assign a level, or to stop."""
    answer_level: int
    """The level to assign or, with a stop, to recommend."""
    answer_opens: int
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
    failed_in_a_row: int
    stock_first: int = -1
    stock_last: int = -1
    slots_used: int
    """How many days with a booking the table of slots holds."""

    # The posterior of a curve
    grid: int
    """The grid that the density stands on."""
    wanted_below: int
    """What the grid that is missing must be like, as in `Grid`."""
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
    """What the density adds up to, and the parameter's mean under it."""
    mean: float


class State(Constants, Memory, Progress):
    """A job, the engine's memory, and the replication under way."""

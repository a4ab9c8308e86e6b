"""What does not change in a job: the scenario as numbers. `trialsim.kernel.state.plan` fills it in, a file a layer."""

from __future__ import annotations

from math import nan


class Constants:
    """What the plan says."""

    # Random numbers
    stream_keys_at: int
    """The hash of each stream's name."""
    site_keys_at: int
    """The hash of each site's name; then 0, for what belongs to no site."""
    streams: int
    distributions_at: int

    # What is not known
    varied: int
    """How many words are different in each replication."""
    varied_at: int
    """The address of each of them."""
    drawn_at: int
    """What is put there: a row a replication."""
    drawn_first: int
    """The replication of the first row."""

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
    """The share of the window for which everybody at a level must have been followed before the trial goes up."""

    # The guards
    guarded: int
    enough: int
    """The trial stops where so many are evaluable at a level; 0 for never."""
    enough_when_staying: int
    """The same, where the level would not change."""
    precise: int
    """Whether it stops where the DLT probability is known well enough."""

    # A posterior that changes with time, and the guards that ask it (`trialsim.kernel.rules.curve`)
    logistic: int
    recommends_any: int
    """Whether a level may be recommended where nobody is evaluable."""
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

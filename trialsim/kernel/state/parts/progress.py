"""How one replication stands. The layers of the kernel write it; it begins as a copy of its defaults."""

from __future__ import annotations

from math import nan

from trialsim.kernel.state.codes import DONE


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
    vacated: int
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

    # The critical path: positions of steps, 0 for the start
    steps: int
    """The position of the latest."""
    first_open: int = -1
    """The opening of the first site; -1 before it."""
    door_open: int
    """Since when those who come count, if others were turned away before."""
    shut_by: int
    """Why somebody was turned away last (`codes`): no place or a long queue; 0 if somebody has been let in since."""
    screened: int
    """The end of the latest screening."""
    shortened: int
    """When somebody last left the queue, so that there was room for another."""
    opened: int
    """When a place last came to be open, or was given back."""
    asked: int
    """When the latest review began."""
    latest_news: int
    """What the rule learned last, or the end of the committee's latest review."""
    latest_infusion: int
    freed: int
    """When somebody last was infused or left, so that cells may have become free."""
    suite_free: int
    """When a lot that waited for a suite could last be started; at first, when making begins."""
    demand: int
    """What last changed how many lots are wanted."""
    settled: int = -1
    """What has settled the end of the trial; -1 if nothing has."""

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

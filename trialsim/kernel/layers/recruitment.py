"""Recruitment: the twin of `trialsim.model.recruitment`."""

from __future__ import annotations

from math import sqrt

import numpy as np

from trialsim.kernel.language import (
    compiled,
    inlined,
    number_at,
)
from trialsim.kernel.layers import path, places, screening
from trialsim.kernel.machine.beginnings import new_person
from trialsim.kernel.machine.calendar import pass_over, schedule
from trialsim.kernel.machine.lists import length
from trialsim.kernel.machine.random import duration, happens, quantile, round_days, uniform, unit_exponential
from trialsim.kernel.machine.views import (
    distribution_at,
    person_at,
    piece_at,
    site_at,
)
from trialsim.kernel.state.codes import (
    ARRIVALS,
    CANDIDATE_COMES,
    OF_ACTIVATION,
    OF_ARRIVAL,
    OF_NEVER_ACTIVE,
    OF_SHARED,
    OF_SITE,
    PEOPLE_FULL,
    QUEUE,
    SHUT_BY_PLACES,
    SHUT_BY_WAITING,
    SITE_OPENS,
    TURNED_AWAY,
    WAITS_FOR_RECRUITMENT,
    WAITS_FOR_START_UP,
)
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import Person, Piece, Site

_CANDIDATE_BITS = 32
_AHEAD = 16


@compiled
def set_up(t: State) -> None:
    """Put the opening of each site into the calendar, unless it never opens."""
    t.multiplier = t.rate_multiplier
    if t.shared_effect >= 0:
        effect = distribution_at(t.distributions_at, t.shared_effect)
        t.multiplier *= quantile(effect, uniform(t, OF_SHARED, t.sites, 0, 0))
    for position in range(t.sites):
        site = site_at(t.sites_at, position)
        site.opens = 0.0
        if site.arrival_days < 0:
            if happens(t, site.never_active_probability, OF_NEVER_ACTIVE, position, 0, 0):
                continue
            site.opens = duration(t, site.activation, OF_ACTIVATION, position, 0, 0)
        schedule(t, site.opens, ARRIVALS, position << _CANDIDATE_BITS, SITE_OPENS, position, 0)


@compiled
def site_opens(t: State, position: int) -> None:
    """Open a site, and let its candidates come one after another."""
    site = site_at(t.sites_at, position)
    site.opened = path.wait(t, path.START, WAITS_FOR_START_UP, t.now)
    if np.isnan(t.first_site_open_day):
        t.first_site_open_day = t.now
        t.first_open = site.opened
    site.number = 0
    if site.arrival_days < 0:
        site.own_rate = site.rate * t.multiplier
        if site.rate_effect >= 0:
            effect = distribution_at(t.distributions_at, site.rate_effect)
            site.own_rate *= quantile(effect, uniform(t, OF_SITE, position, 0, 0))
        site.reached = 0.0
        if site.own_rate != 0.0:
            if site.cut_for != site.opens:
                _cut_into_pieces(site)
            site.piece = 0
    _expect_next(t, site, position)


@compiled
def _expect_next(t: State, site: Site, position: int) -> None:
    """Put the coming of a site's next candidate into the calendar, if there is to be one.

    Candidates who may be admitted ahead of time need no event for that; but only some are, as the trial may be over
    before they come.
    """
    day = _next_day(t, site, position)
    if t.admits_ahead:
        for _ in range(_AHEAD):
            if day > t.time_limit:
                break
            patient = t.people
            person = _arrive(t, site, position, day)
            if t.status:
                return
            person.path = path.wait(t, site.opened, WAITS_FOR_RECRUITMENT, day)
            pass_over(t, ARRIVALS)
            screening.screen(t, person, patient, day)
            day = _next_day(t, site, position)
    site.expects = day < np.inf
    if site.expects:
        address = (position << _CANDIDATE_BITS) + site.number + 1
        schedule(t, day, ARRIVALS, address, CANDIDATE_COMES, position, 0)


@inlined
def _next_day(t: State, site: Site, position: int) -> float:
    """The day of the candidate after the latest; infinite if nobody comes any more."""
    come = site.number
    if site.max_candidates >= 0 and come >= site.max_candidates:
        return np.inf
    if site.arrival_days >= 0:
        return number_at(site.arrival_days_at, come) if come < site.arrival_days else np.inf
    if site.own_rate == 0.0:
        return np.inf
    site.reached += unit_exponential(uniform(t, OF_ARRIVAL, position, come, 0))
    return round_days(_day_of(site, site.reached / site.own_rate))


@compiled
def candidate_comes(t: State, position: int) -> None:
    """Let a candidate in for screening, or turn them away."""
    site, patient = site_at(t.sites_at, position), t.people
    person = _arrive(t, site, position, t.now)
    if t.status:
        return
    crowded = length(t, QUEUE) >= t.max_waiting
    if crowded or (t.turns_away and not places.is_open(t)):
        person.outcome = TURNED_AWAY
        t.shut_by = SHUT_BY_WAITING if crowded else SHUT_BY_PLACES
    else:
        since = path.later(t, site.opened, _door_open(t))
        person.path = path.wait(t, since, WAITS_FOR_RECRUITMENT, t.now)
        screening.admit(t, person, patient)
    _expect_next(t, site, position)


@compiled
def awaited(t: State) -> int:
    """What the next candidate is waited for now."""
    if t.first_open < 0:
        return path.wait(t, path.START, WAITS_FOR_START_UP, t.now)
    return path.wait(t, path.later(t, t.first_open, _door_open(t)), WAITS_FOR_RECRUITMENT, t.now)


@inlined
def _door_open(t: State) -> int:
    """Since when those who come have been let in: if others were turned away before, since the door opened."""
    if t.shut_by:
        t.door_open = t.shortened if t.shut_by == SHUT_BY_WAITING else t.opened
        t.shut_by = 0
    return t.door_open


@inlined
def dismiss_the_late(t: State) -> None:
    """Take out those admitted ahead of time who would have come after the trial's end."""
    admitted = t.people
    while t.people and person_at(t.people_at, t.people - 1).arrival_day > t.now:
        t.people -= 1
    late = admitted - t.people
    if late:  # of their events, and the coming of whoever was next, the calendar had only the first
        t.order -= 2 * late - 1 + site_at(t.sites_at, 0).expects


@inlined
def _arrive(t: State, site: Site, position: int, day: float) -> Person:
    """Return the record of somebody new; if there is no room for it, ``t.status`` says so."""
    if t.people >= t.people_room:
        t.status = PEOPLE_FULL
        return person_at(t.people_at, 0)
    person = new_person(t, t.people)
    t.people += 1
    site.number += 1
    person.site = position
    person.number = site.number
    person.address = (position << _CANDIDATE_BITS) + site.number
    person.arrival_day = day
    return person


# A site's intensity: linear between breakpoints, so its integral can be inverted exactly.


@inlined
def _ramp(site: Site, day: float) -> float:
    """The integral of the ramp from the opening, in days at full rate."""
    since = day - site.opens
    if site.ramp_up == 0.0:
        return since
    if since < site.ramp_up:
        return since * since / (2 * site.ramp_up)
    return since - site.ramp_up / 2


@compiled
def _add_edge(site: Site, day: float) -> None:
    """Add a breakpoint in order, unless it is there already."""
    position = site.pieces
    while position > 0 and piece_at(site.pieces_at, position - 1).start >= day:
        if piece_at(site.pieces_at, position - 1).start == day:
            return
        position -= 1
    for later in range(site.pieces, position, -1):
        piece_at(site.pieces_at, later).start = piece_at(site.pieces_at, later - 1).start
    piece_at(site.pieces_at, position).start = day
    site.pieces += 1


@compiled
def _cut_into_pieces(site: Site) -> None:
    """Cut a site's time into pieces between breakpoints: their factors, and the integral up to their starts."""
    site.cut_for = site.opens
    site.pieces = 0
    _add_edge(site, site.opens)
    _add_edge(site, site.opens + site.ramp_up)
    for edge in range(site.periods):
        for side in range(2):
            day = number_at(site.periods_at, 3 * edge + side)
            if day > site.opens:
                _add_edge(site, day)
    reached = 0.0
    for number in range(site.pieces):
        piece = piece_at(site.pieces_at, number)
        is_last = number == site.pieces - 1
        until = piece.start if is_last else piece_at(site.pieces_at, number + 1).start
        middle = piece.start + 1.0 if is_last else (piece.start + until) / 2
        piece.factor = 1.0
        for period in range(site.periods):
            if number_at(site.periods_at, 3 * period) <= middle < number_at(site.periods_at, 3 * period + 1):
                piece.factor *= number_at(site.periods_at, 3 * period + 2)
        piece.on_ramp = middle < site.opens + site.ramp_up
        piece.cumulative = reached
        reached += piece.factor * (_ramp(site, until) - _ramp(site, piece.start))


@compiled
def _day_of(site: Site, amount: float) -> float:
    """The day by which the integrated intensity reaches ``amount`` (in days at full rate), which only grows."""
    while site.piece + 1 < site.pieces and piece_at(site.pieces_at, site.piece + 1).cumulative < amount:
        site.piece += 1
    piece = piece_at(site.pieces_at, site.piece)
    return _within(site, piece, (amount - piece.cumulative) / piece.factor)


@inlined
def _within(site: Site, piece: Piece, rest: float) -> float:
    """The day in a piece when the integral has grown by so much since its start."""
    if piece.on_ramp and site.ramp_up > 0:
        since = piece.start - site.opens
        return site.opens + sqrt(since * since + 2 * site.ramp_up * rest)
    return piece.start + rest

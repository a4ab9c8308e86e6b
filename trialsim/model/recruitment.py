"""Recruitment: sites open, and candidates come to them."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import count
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trialsim.model.clock import Moment
from trialsim.model.path import START, Step, later, wait
from trialsim.model.records import Participant
from trialsim.randomness import round_days
from trialsim.scenario.values.distributions import Gamma, LogNormal
from trialsim.scenario.values.exact_functions import unit_exponentials
from trialsim.vocabulary import Outcome, Phase, Piece, Stream

if TYPE_CHECKING:
    from trialsim.model.places import Places
    from trialsim.model.trial import Trial
    from trialsim.model.waiting import Waiting
    from trialsim.scenario import Site

_CANDIDATE_BITS = 32


class Recruitment:
    """The sites of the trial. Candidates come until it ends, whether or not there is a place for them."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        layer = trial.scenario.recruitment
        self.turns_away = layer.while_closed == "turn_away"
        self.max_waiting = inf if layer.max_waiting is None else layer.max_waiting
        self.multiplier = layer.rate_multiplier * self._shared_effect(layer.shared_rate_cv)
        self.first_site_open_day: float | None = None
        self.first_open: Step | None = None
        """The opening of the first site."""
        self.door_open = START
        """Since when those who come count, if others were turned away before."""
        self.shut_by: Places | Waiting | None = None
        """Why somebody was turned away last: no place or a long queue; None if somebody has been let in since."""
        people = trial.scenario.participants
        weight = people.weight_kg if people else None
        self.weight = trial.draws.quantities(Stream.WEIGHT, weight) if weight else None
        for position, site in enumerate(trial.scenario.sites):
            trial.clock.process(self.site(site, position << _CANDIDATE_BITS))

    def site(self, site: Site, address: int) -> Generator[Moment, None, None]:
        """Open a site, perhaps, and let its candidates come one after another."""
        clock = self.trial.clock
        opens = self._activation(site)
        if opens is None:
            return
        yield clock.at(opens, Phase.ARRIVALS, address)
        if self.first_site_open_day is None:
            self.first_site_open_day = clock.now
            self.first_open = wait(START, Piece.START_UP, clock.now)
        opened = wait(START, Piece.START_UP, clock.now)
        for number, day in enumerate(self._arrival_days(site, opens), start=1):
            if day == inf or (site.max_candidates is not None and number > site.max_candidates):
                return
            yield clock.at(day, Phase.ARRIVALS, address + number)
            self.arrive(site.name, number, address + number, opened)

    def arrive(self, site: str, number: int, address: int, opened: Step) -> None:
        """Let a candidate in for screening, or turn them away."""
        trial = self.trial
        person = Participant(len(trial.people) + 1, site, number, address, trial.clock.now)
        trial.people.append(person)
        crowded = len(trial.waiting.queue) >= self.max_waiting
        if crowded or (self.turns_away and not trial.places.is_open()):
            person.outcome = Outcome.TURNED_AWAY
            self.shut_by = trial.waiting if crowded else trial.places
            return
        person.path = wait(later(opened, self._door_open()), Piece.RECRUITMENT, trial.clock.now)
        if self.weight:
            person.weight_kg = self.weight(number, site)
        trial.screening.admit(person)

    def awaited(self) -> Step:
        """What the next candidate is waited for now."""
        if self.first_open is None:
            return Step(self.trial.clock.now, Piece.START_UP, START)
        return wait(later(self.first_open, self._door_open()), Piece.RECRUITMENT, self.trial.clock.now)

    def _door_open(self) -> Step:
        """Since when those who come have been let in: if others were turned away before, since the door opened."""
        if self.shut_by:
            self.door_open, self.shut_by = self.shut_by.opened, None
        return self.door_open

    def _shared_effect(self, cv: float) -> float:
        """The factor that all rates share: lognormal with mean 1."""
        if cv == 0:
            return 1.0
        return float(LogNormal(1.0, cv).quantile(self.trial.draws.once(Stream.SHARED))[0])

    def _activation(self, site: Site) -> float | None:
        """The day on which the site opens, or ``None`` for never."""
        if site.arrival_days is not None:
            return 0.0
        draws = self.trial.draws
        if draws.happens(Stream.NEVER_ACTIVE, site.never_active_probability)(0, site.name):
            return None
        return float(draws.durations(Stream.ACTIVATION, site.activation)(0, site.name))

    def _arrival_days(self, site: Site, opens: float) -> Iterator[float]:
        """The days on which candidates come to a site, as the scenario or luck has it."""
        if site.arrival_days is not None:
            return iter(site.arrival_days)
        assert site.rate is not None
        rate = site.rate * self.multiplier
        if site.rate_cv > 0:
            effect = Gamma(1.0, site.rate_cv).quantile(self.trial.draws.once(Stream.SITE, site.name))
            rate *= float(effect[0])
        if rate == 0:
            return iter(())
        return self._poisson_days(site, rate, Intensity(opens, site.ramp_up, self.trial.scenario.periods(site.name)))

    def _poisson_days(self, site: Site, rate: float, intensity: Intensity) -> Iterator[float]:
        """Random arrival days, without end: the cumulative intensity inverted at a running sum of unit exponentials."""
        reached = 0.0
        for block in count():
            uniforms = self.trial.draws.block(Stream.ARRIVAL, site.name, block)
            sums = np.cumsum(np.concatenate(([reached], unit_exponentials(uniforms))))[1:]
            reached = float(sums[-1])
            with np.errstate(over="ignore"):  # of a rate next to nothing: never
                waits = sums / rate
            yield from round_days(intensity.day_of(waits)).tolist()


class Intensity:
    """A site's intensity for a rate of one a day: 0 before it opens, a linear ramp, then times the calendar factors.

    Between two breakpoints it is linear, so its integral is known and can be inverted exactly.

    Parameters
    ----------
    opens, ramp_up : float
        Days: when the site opens, and how long it takes from then to its full rate.
    periods : sequence of (from_day, until_day, factor)
        Factors of overlapping periods multiply.
    """

    def __init__(self, opens: float, ramp_up: float, periods: tuple[tuple[float, float, float], ...]) -> None:
        edges = {opens, opens + ramp_up, *(edge for start, end, _ in periods for edge in (start, end) if edge > opens)}
        self.starts = np.array(sorted(edges))
        middles = np.append((self.starts[:-1] + self.starts[1:]) / 2, self.starts[-1] + 1.0)
        self.factors = np.ones(len(self.starts))
        for start, end, factor in periods:
            self.factors[(start <= middles) & (middles < end)] *= factor
        self.opens, self.ramp_up = opens, ramp_up
        self.on_ramp = middles < opens + ramp_up
        self.cumulative = np.concatenate(([0.0], np.cumsum(self.factors[:-1] * np.diff(self._ramp(self.starts)))))

    def _ramp(self, days: NDArray[np.float64]) -> NDArray[np.float64]:
        """The integral of the ramp from the opening, in days at full rate."""
        since = days - self.opens
        if self.ramp_up == 0:
            return since
        return np.where(since < self.ramp_up, since * since / (2 * self.ramp_up), since - self.ramp_up / 2)

    def day_of(self, amount: NDArray[np.float64]) -> NDArray[np.float64]:
        """The days by which the integrated intensity reaches ``amount`` (in days at full rate)."""
        # "left": an amount reached exactly at the start of a closure belongs to the segment before it.
        piece = np.searchsorted(self.cumulative, amount, side="left") - 1
        start, factor = self.starts[piece], self.factors[piece]
        rest = (amount - self.cumulative[piece]) / factor
        days: NDArray[np.float64] = start + rest
        if self.ramp_up > 0:
            since = start - self.opens
            climbing = self.opens + np.sqrt(since * since + 2 * self.ramp_up * rest)
            days = np.where(self.on_ramp[piece], climbing, days)
        return days

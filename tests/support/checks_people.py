"""What must hold of the people of any replication: each function takes a watched replication and asserts one thing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from math import inf

import numpy as np

from tests.support.watching import Watched
from trialsim.model import Participant
from trialsim.randomness import Luck, round_days

INFUSED = ("in_window", "observed", "dlt", "non_evaluable")
OUTCOMES = (
    *("turned_away", "in_screening", "screen_failure", "withdrawn", "eligibility_expired", "waiting", "released"),
    *INFUSED,
)
DAYS = (
    *("arrival_day", "screening_start_day", "screening_end_day", "withdrawal_day", "place_open_day", "enrolment_day"),
    *("ready_day", "spacing_day", "infusion_day", "dlt_day", "window_end_day", "outcome_known_day", "last_visit_day"),
)


def most_at_once(intervals: Iterable[tuple[float, float]]) -> int:
    """The greatest number of intervals that hold one instant; who leaves at an instant leaves before others come."""
    edges = sorted(edge for start, end in intervals if end > start for edge in ((start, 1), (end, -1)))
    busy = most = 0
    for _, change in edges:
        busy += change
        most = max(most, busy)
    return most


def or_else(day: float | None, otherwise: float) -> float:
    return otherwise if day is None else day


def draw_days(w: Watched, stream: str, distribution: object, person: Participant, attempt: int) -> float:
    """A duration of a person's, straight from its address."""
    luck = Luck(w.seed, w.history.replication)
    uniform = luck.uniforms(stream, person.site, attempt, first=person.site_candidate)
    return float(round_days(np.asarray(distribution.quantile(uniform)))[0])  # type: ignore[attr-defined]


def candidates_are_numbered_as_they_come(w: Watched) -> None:
    people = w.history.participants
    assert [person.participant for person in people] == list(range(1, len(people) + 1))
    assert all(one.arrival_day <= other.arrival_day for one, other in pairwise(people))
    by_site: dict[str, list[int]] = defaultdict(list)
    for person in people:
        by_site[person.site].append(person.site_candidate)
    sites = {site.name: site for site in w.scenario.sites}
    for name, numbers in by_site.items():
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) <= or_else(sites[name].max_candidates, inf)
        days = sites[name].arrival_days
        if days is not None:
            assert [person.arrival_day for person in people if person.site == name] == list(days[: len(numbers)])
    ordered = [(person.arrival_day, _position(w, person), person.site_candidate) for person in people]
    assert ordered == sorted(ordered)


def _position(w: Watched, person: Participant) -> int:
    return [site.name for site in w.scenario.sites].index(person.site)


def everybody_is_somewhere(w: Watched) -> None:
    """Each has one outcome, and the days that go with it and no others."""
    end = w.history.end_day
    for p in w.history.participants:
        assert p.outcome in OUTCOMES
        assert 0 <= p.arrival_day <= end
        assert (p.screenings == 0) == (p.screening_start_day is None)
        assert (p.failure_reason is not None) == (p.outcome == "screen_failure")
        assert (p.withdrawal_day is not None) == (p.outcome == "withdrawn")
        infused = p.outcome in INFUSED
        for name in ("infusion_day", "window_end_day", "outcome_known_day", "last_visit_day"):
            assert (getattr(p, name) is not None) == infused, name
        if p.outcome in ("turned_away", "screen_failure"):
            assert p.level is p.place_open_day is p.ready_day is p.lot is None
        if p.outcome == "turned_away":
            assert p.screenings == 0 and p.weight_kg is None
        elif p.outcome in ("in_screening", "waiting"):
            assert p.level is p.cohort is p.place_open_day is p.ready_day is p.lot is None
        if p.outcome == "released" or infused:
            assert p.level is not None and p.enrolment_day is not None and p.place_open_day is not None
        if p.outcome not in ("turned_away", "in_screening"):
            assert p.screening_end_day is not None
        if p.level is not None:
            assert 1 <= p.level <= w.scenario.levels
            assert (p.cohort is not None) == w.in_cohorts
        if infused:
            assert p.outcome_known_day is not None
            assert (p.outcome_known_day <= end) == (p.outcome != "in_window")
            assert p.ready_day is not None


def milestones_follow_one_another(w: Watched) -> None:
    end = w.history.end_day
    for p in w.history.participants:
        path = [p.arrival_day, p.screening_start_day, p.screening_end_day, p.enrolment_day, p.ready_day, p.spacing_day]
        if p.screenings > 1 or p.outcome == "in_screening":
            path = path[:2]  # the latest screening may have ended after the last enrolment
        known = [day for day in [*path, p.infusion_day, p.outcome_known_day, p.window_end_day] if day is not None]
        assert known == sorted(known)
        to_the_end = [p.infusion_day, p.enrolment_day, p.ready_day, p.withdrawal_day, p.screening_end_day]
        assert all(day is None or day <= end for day in to_the_end)
        if p.place_open_day is not None:
            assert p.enrolment_day is not None and p.place_open_day <= p.enrolment_day
        if p.infusion_day is None:
            continue
        assert p.window_end_day is not None and p.outcome_known_day is not None and p.last_visit_day is not None
        assert p.last_visit_day >= p.outcome_known_day or p.dlt_day is not None
        dosing, follow_up = w.scenario.dosing, w.scenario.follow_up
        window = dosing.observation if dosing else 0.0
        assert p.window_end_day == p.infusion_day + window
        assert p.last_visit_day <= max(p.window_end_day, p.infusion_day + (follow_up.duration if follow_up else 0.0))
        if p.dlt_day is not None:
            assert p.infusion_day <= p.dlt_day <= p.window_end_day
            resolves = dosing is None or dosing.dlt_resolves
            assert p.outcome_known_day == (p.dlt_day if resolves else p.window_end_day)
        assert p.outcome != "dlt" or p.dlt_day is not None


def every_time_is_on_the_grid(w: Watched) -> None:
    lot_days = ("start_day", "expansion_start_day", "expansion_end_day", "release_day", "available_day", "expiry_day")
    days = [w.history.end_day, w.history.first_site_open_day]
    days += [getattr(person, name) for person in w.history.participants for name in DAYS]
    days += [getattr(lot, name) for lot in w.history.lots for name in lot_days]
    assert all(day is None or (day * 2**20).is_integer() for day in days)


def weights_are_the_persons_own(w: Watched) -> None:
    layer = w.scenario.participants
    for p in w.history.participants:
        if layer is None or layer.weight_kg is None or p.outcome == "turned_away":
            assert p.weight_kg is None
        else:
            luck = Luck(w.seed, w.history.replication)
            uniform = luck.uniforms("participants.weight", p.site, first=p.site_candidate)
            assert p.weight_kg == float(layer.weight_kg.quantile(uniform)[0])


def nobody_is_screened_beyond_capacity(w: Watched) -> None:
    """At most ``capacity`` at once, for as long as their luck says, first come first served."""
    layer = w.scenario.screening
    people = [p for p in w.history.participants if p.outcome != "turned_away"]
    if layer is None:
        assert all(p.screening_start_day is not None for p in people)
        assert all(p.screening_start_day == p.screening_end_day == p.arrival_day for p in people if p.screenings == 1)
        return
    busy = []
    for p in people:
        if p.screening_start_day is None:
            continue
        # Of three screenings or more the middle ones are in no record.
        takes = draw_days(w, "screening.duration", layer.duration, p, 0)
        busy.append((p.screening_start_day, p.screening_start_day + takes))
        if p.screenings == 1 and p.screening_end_day is not None:
            assert p.screening_end_day == p.screening_start_day + takes
        elif p.screenings > 1 and p.outcome != "in_screening":
            assert p.screening_end_day is not None
            takes = draw_days(w, "screening.duration", layer.duration, p, p.screenings - 1)
            busy.append((p.screening_end_day - takes, p.screening_end_day))
        if p.outcome == "in_screening" and p.screenings == 1 and p.attempt == 0:
            assert p.screening_start_day + takes > w.history.end_day
    starts = [or_else(p.screening_start_day, inf) for p in people]
    if layer.capacity is None:
        assert all(p.screening_start_day == p.arrival_day for p in people)
    else:
        assert most_at_once(busy) <= layer.capacity
        assert starts == sorted(starts)
        if any(p.screenings == 0 for p in people):
            assert sum(p.outcome == "in_screening" and p.screenings > p.attempt for p in people) == layer.capacity


def screening_finds_what_it_must(w: Watched) -> None:
    layer = w.scenario.screening
    checks = layer.checks if layer else ()
    luck = Luck(w.seed, w.history.replication)
    for p in w.history.participants:
        if p.outcome in ("turned_away", "in_screening"):
            continue
        uniforms = {
            name: luck.uniforms(f"screening.criterion.{name}", p.site, p.screenings - 1, p.site_candidate)[0]
            for name, _ in checks
        }
        failed = [name for name, chance in checks if not uniforms[name] < chance]
        assert p.failure_reason == (failed[0] if failed else None)


def patience_and_validity_are_kept(w: Watched) -> None:
    """Whoever waits leaves on the day that their luck names, and an infusion at that instant is in time."""
    layer, end = w.scenario.waiting, w.history.end_day
    for p in w.history.participants:
        if p.outcome in ("turned_away", "in_screening", "screen_failure"):
            continue
        assert p.screening_end_day is not None
        leaves = expires = inf
        if layer and layer.withdrawal > 0:
            luck = Luck(w.seed, w.history.replication)
            uniform = luck.uniforms("waiting.withdrawal", p.site, p.attempt, p.site_candidate)
            leaves = p.screening_end_day + float(round_days(-np.log1p(-uniform) / layer.withdrawal)[0])
        if layer and layer.eligibility_valid is not None:
            expires = p.screening_end_day + layer.eligibility_valid
        if p.outcome == "withdrawn":
            assert p.withdrawal_day == leaves <= min(expires, end)
        elif p.outcome == "eligibility_expired":
            assert expires <= end and expires < leaves
        else:
            assert min(leaves, expires) >= p.infusion_day if p.infusion_day is not None else min(leaves, expires) > end


def an_infusion_is_in_time_on_the_day_of_leaving(w: Watched) -> None:
    """Whoever leaves has no infusion booked for that very instant: it would have gone first."""
    given_up = [event for event in w.events if event.kind == "gives_up" and event.booked is not None]
    assert all(event.booked is not None and event.booked > event.day for event in given_up)


def nobody_jumps_the_queue(w: Watched) -> None:
    """Of two who became eligible one after the other, the first is enrolled first, unless they had left."""
    if not w.straight:
        return
    layer = w.scenario.waiting
    valid = layer.eligibility_valid if layer else None
    eligible = [p for p in w.history.participants if p.screening_end_day is not None and p.failure_reason is None]
    eligible.sort(key=lambda p: (p.screening_end_day, _position(w, p), p.site_candidate))
    limited = w.scenario.screening is not None and w.scenario.screening.capacity is not None
    for first, second in pairwise(eligible):
        alike = first.screening_start_day == second.screening_start_day and not limited
        if first.screening_end_day == second.screening_end_day and not alike:
            continue  # who came first at that instant is in no record
        if second.enrolment_day is None or first.enrolment_day is not None:
            assert or_else(first.enrolment_day, 0.0) <= or_else(second.enrolment_day, inf)
            continue
        assert first.screening_end_day is not None
        gone = first.withdrawal_day if valid is None else or_else(first.withdrawal_day, first.screening_end_day + valid)
        assert gone is not None and gone <= second.enrolment_day


def places_go_to_the_head_of_the_queue(w: Watched) -> None:
    """In order of eligibility, but those who are sent back come first, in the order in which they were enrolled."""
    queue: list[int] = []
    turn: dict[int, int] = {}
    for number, event in enumerate(w.events):
        if event.kind == "waits":
            queue.append(event.person)
        elif event.kind == "assigned":
            assert event.person == queue.pop(0)
            turn[event.person] = number
        elif event.kind == "goes" and event.person in queue:
            queue.remove(event.person)
        elif event.kind == "sent_back":
            assert list(event.people) == sorted(event.people, key=lambda person: turn[person])
            queue[:0] = event.people


def outcomes_are_as_luck_has_them(w: Watched) -> None:
    """A DLT by the level's probability, a loss only if it comes before, each at its time in the window.

    For those who are listed, both are as the scenario has them.
    """
    listed = {site.name: site.people for site in w.scenario.sites}
    truth, dosing = w.scenario.truth, w.scenario.dosing
    luck = Luck(w.seed, w.history.replication)
    for p in w.history.participants:
        if p.infusion_day is None:
            continue
        toxic = lost = inf
        own = listed[p.site]
        if own is not None:
            if dosing is not None and p.level is not None:
                _, harmed, gone = own[p.site_candidate - 1]
                toxic = p.infusion_day + or_else(harmed[p.level - 1] if harmed else None, inf)
                lost = p.infusion_day + or_else(gone, inf)
                toxic = toxic if toxic <= p.infusion_day + dosing.observation else inf
                lost = lost if lost < p.infusion_day + dosing.observation else inf
        elif truth is not None and dosing is not None and p.level is not None:
            who = p.site, p.attempt, p.site_candidate
            if luck.uniforms("truth.dlt", *who)[0] < truth.dlt_probability[p.level - 1]:
                onset = float(truth.dlt_onset.quantile(luck.uniforms("truth.dlt_onset", *who))[0])
                toxic = p.infusion_day + round_days(onset * dosing.observation)
            if luck.uniforms("truth.loss", *who)[0] < truth.loss_in_window_probability:
                part = float(luck.uniforms("truth.loss_time", *who)[0])
                lost = p.infusion_day + round_days(part * dosing.observation)
        assert or_else(p.dlt_day, inf) == (toxic if toxic <= lost else inf)
        if p.outcome != "in_window":
            expected = "dlt" if p.dlt_day is not None else "non_evaluable" if lost < inf else "observed"
            assert p.outcome == expected
        if lost < toxic:
            assert p.outcome_known_day == p.last_visit_day == lost


def places_are_not_given_twice(w: Watched) -> None:
    """Never more people with a place than the trial, or the cohort, has; nobody waits before an open place."""
    dosing = w.scenario.dosing
    replaces = dosing.replace_non_evaluable if dosing else False
    layer = w.scenario.waiting
    held: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for p in w.history.participants:
        if p.enrolment_day is None or p.outcome in ("waiting", "in_screening"):
            continue  # enrolled once and sent back: when is in no record
        until = inf
        if p.outcome == "withdrawn":
            until = or_else(p.withdrawal_day, inf)
        elif p.outcome == "eligibility_expired":
            assert layer and layer.eligibility_valid and p.screening_end_day is not None
            until = p.screening_end_day + layer.eligibility_valid
        elif p.outcome == "non_evaluable" and replaces:
            until = or_else(p.outcome_known_day, inf)
        if p.level is not None:
            held[p.cohort or 0].append((p.enrolment_day, until))
    assert most_at_once(one for several in held.values() for one in several) <= w.scenario.trial.max_participants
    if dosing and dosing.cohort_size is not None and w.in_cohorts:
        assert all(most_at_once(intervals) <= dosing.cohort_size for intervals in held.values())
        assert w.history.cohorts >= max(held, default=0)
    limit = w.scenario.stopping.time_limit if w.scenario.stopping else None
    if limit is not None:
        assert all(or_else(p.enrolment_day, 0.0) <= limit for p in w.history.participants)
        assert all(or_else(p.infusion_day, 0.0) <= limit for p in w.history.participants)

"""What a rule answers to the data so far, and what the data say of each level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from trialsim.design.histories import Member, tally
from trialsim.design.notation import write
from trialsim.design.prior import COVERAGE, Point, points
from trialsim.rules.base import Assign, Stop, View
from trialsim.rules.beta import upper_tail
from trialsim.rules.beta_binomial import BetaBinomial
from trialsim.rules.crm import CrmDesign
from trialsim.rules.interval import IntervalDesign
from trialsim.rules.isotonic import isotonic_rates
from trialsim.rules.tite_boin import TiteBoin

if TYPE_CHECKING:
    from trialsim.design.designs import Design


@dataclass(frozen=True)
class Level:
    """What is known of a level.

    Attributes
    ----------
    level : int
        Counted from 1.
    treated, evaluable, dlts, pending, lost : int
        Participants; the evaluable are those whose outcome is known.
    rate : float or None
        DLTs among the evaluable.
    estimate : float or None
        The DLT probability that the rule works with: for interval designs the isotonic estimate, for CRM the curve at
        the posterior mean of its parameter.
    mean : float or None
        CRM: the level's own posterior mean.
    low, high : float or None
        The 90 % credible interval: of the curve, or under a uniform prior (`beta_binomial`: the rule's).
    above_target : float or None
        The posterior probability that the DLT probability is above the rule's target.
    eliminated : bool
        Whether the rule or its guards have ruled the level out.
    """

    level: int
    treated: int
    evaluable: int
    dlts: int
    pending: int
    lost: int
    rate: float | None
    estimate: float | None
    mean: float | None
    low: float | None
    high: float | None
    above_target: float | None
    eliminated: bool


@dataclass(frozen=True)
class FollowUp:
    """Time-weighted BOIN: the follow-up of those pending at the current level, in windows, and what decides."""

    pending: int
    total: float
    up: float
    """Up from this total; beyond `pending`, never, and below 0, always."""
    down: float
    """Down up to this total."""


@dataclass(frozen=True)
class Advice:
    """What the rule answers.

    Attributes
    ----------
    data : str
        What has happened so far, in the notation.
    answer : str
        ``assign``, ``wait``, ``stop``, or ``full`` when all participants are in and known.
    level : int or None
        The level of the next participant; of a stop, the level recommended.
    places : int
        How many may be given that level before the rule needs to know more.
    opens_cohort : bool
        Whether these places begin a cohort.
    until : float or None
        Of ``wait``: in how many days the rule wants to be asked again, whatever becomes known until then.
    recommended : int or None
        The level that the rule would recommend if the trial ended now.
    levels : tuple of Level
        From level 1.
    parameter : float or None
        CRM: the posterior mean of the curve's parameter.
    follow_up : FollowUp or None
        Only for time-weighted BOIN with outcomes pending.
    """

    data: str
    answer: str
    level: int | None
    places: int
    opens_cohort: bool
    until: float | None
    recommended: int | None
    levels: tuple[Level, ...]
    parameter: float | None
    follow_up: FollowUp | None

    def to_document(self) -> dict[str, Any]:
        """The advice as plain values."""
        return {**asdict(self), "coverage": COVERAGE}


def advice(design: Design, people: Sequence[Member]) -> Advice:
    """Return what the rule of a design answers to a history."""
    from trialsim.design.pathways import places

    view = design.view(people)
    answer = design.guarded.decide(view)
    posterior = design.rule.posterior(view) if isinstance(design.rule, CrmDesign) else None
    level = opens = until = None
    room = 0
    if isinstance(answer, Assign):
        name, level, opens = "assign", answer.level, answer.opens_cohort
        room = places(design, people, answer)
    elif isinstance(answer, Stop):
        name, level = "stop", answer.level
    else:
        name = "wait" if view.pending() else "full"
        until = answer.until
    return Advice(
        data=write(people),
        answer=name,
        level=level,
        places=room,
        opens_cohort=bool(opens),
        until=until,
        recommended=design.guarded.recommend(view),
        levels=_levels(design, people, view, None if posterior is None else points(posterior)),
        parameter=None if posterior is None else posterior.mean,
        follow_up=_follow_up(design, view),
    )


def _levels(design: Design, people: Sequence[Member], view: View, curve: tuple[Point, ...] | None) -> tuple[Level, ...]:
    rule, target = design.rule, design.target
    admissible = getattr(design.guarded, "admissible", None)
    highest = admissible(view) if admissible else design.levels
    estimates = _isotonic(view) if isinstance(rule, IntervalDesign) else {}
    found = []
    for level in range(1, design.levels + 1):
        counts = tally(people, level)
        evaluable, dlts = counts.evaluable, counts.dlts
        estimate, mean, low, high, above = estimates.get(level), None, None, None, None
        if curve is not None and target is not None:
            point = curve[level - 1]
            estimate, mean, low, high = point.plug_in, point.mean, point.low, point.high
            _, above = rule.tail(view, level, target)
        elif evaluable:
            a, b = (rule.prior_a, rule.prior_b) if isinstance(rule, BetaBinomial) else (1.0, 1.0)
            a, b = a + dlts, b + evaluable - dlts
            low, high = _beta_interval(a, b)
            above = None if target is None else upper_tail(target, a, b)
        rate = dlts / evaluable if evaluable else None
        found.append(Level(level, *counts, rate, estimate, mean, low, high, above, level > highest))
    return tuple(found)


def _isotonic(view: View) -> dict[int, float]:
    """The isotonic estimates of the levels where anybody is evaluable."""
    tried = {level: data for level, data in enumerate(view.tallies(), start=1) if data[0]}
    return dict(zip(tried, isotonic_rates(list(tried.values())), strict=True))


def _beta_interval(a: float, b: float) -> tuple[float, float]:
    from scipy.special import betaincinv

    return float(betaincinv(a, b, (1 - COVERAGE) / 2)), float(betaincinv(a, b, (1 + COVERAGE) / 2))


def _follow_up(design: Design, view: View) -> FollowUp | None:
    rule = design.rule
    if not isinstance(rule, TiteBoin) or not view.participants or not view.window:
        return None
    here = view.participants[-1].level
    due = [place for place, who in enumerate(view.participants) if who.level == here and who.outcome is None]
    if not due:
        return None
    evaluable, dlts = view.tallies()[here - 1]
    up, down = rule.thresholds(evaluable + len(due), dlts, len(due))
    return FollowUp(len(due), sum(view.follow_up(place) for place in due) / view.window, up, down)

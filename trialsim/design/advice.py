"""What a rule answers to the data so far, and what the data say of each level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from trialsim.design.histories import Member, tally
from trialsim.design.notation import write
from trialsim.design.pathways import places
from trialsim.design.prior import COVERAGE, points
from trialsim.design.setting import Setting
from trialsim.rules.base import Assign, Stop, View
from trialsim.rules.beta import upper_tail
from trialsim.rules.kinds import WithBetaPrior, WithCurve, WithEstimates, WithFollowUp

if TYPE_CHECKING:
    from trialsim.rules.dose_toxicity import Posterior


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
    """The follow-up of those pending at the current level, in windows, and what decides under time-weighted BOIN."""

    pending: int
    total: float
    up: float
    """Up from this total; beyond `pending`, never, and below 0, always."""
    down: float | None
    """Down up to this total; None where no follow-up leads down."""


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


def advice(setting: Setting, people: Sequence[Member]) -> Advice:
    """Return what a rule answers to a history."""
    view = setting.view(people)
    answer = setting.guarded.decide(view)
    posterior = setting.rule.posterior(view) if isinstance(setting.rule, WithCurve) else None
    level = opens = until = None
    room = 0
    if isinstance(answer, Assign):
        name, level, opens = "assign", answer.level, answer.opens_cohort
        room = places(setting, people, answer)
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
        recommended=setting.guarded.recommend(view),
        levels=_levels(setting, people, view, posterior),
        parameter=None if posterior is None else posterior.mean,
        follow_up=_follow_up(setting, view),
    )


def _levels(setting: Setting, people: Sequence[Member], view: View, posterior: Posterior | None) -> tuple[Level, ...]:
    rule, target = setting.rule, setting.target
    highest = setting.guarded.admissible(view)
    estimates = rule.estimates_of_tried(view.tallies()) if isinstance(rule, WithEstimates) else {}
    curve = None if posterior is None else points(posterior)
    found = []
    for level in range(1, setting.levels + 1):
        counts = tally(people, level)
        evaluable, dlts = counts.evaluable, counts.dlts
        estimate, mean, low, high, above = estimates.get(level), None, None, None, None
        if posterior is not None and curve is not None:
            point = curve[level - 1]
            estimate, mean, low, high = point.plug_in, point.mean, point.low, point.high
            above = None if target is None else posterior.above(level, target)
        elif evaluable:
            a, b = (rule.prior_a, rule.prior_b) if isinstance(rule, WithBetaPrior) else (1.0, 1.0)
            a, b = a + dlts, b + evaluable - dlts
            low, high = _beta_interval(a, b)
            above = None if target is None else upper_tail(target, a, b)
        rate = dlts / evaluable if evaluable else None
        found.append(Level(level, *counts, rate, estimate, mean, low, high, above, level > highest))
    return tuple(found)


def _beta_interval(a: float, b: float) -> tuple[float, float]:
    from scipy.special import betaincinv

    return float(betaincinv(a, b, (1 - COVERAGE) / 2)), float(betaincinv(a, b, (1 + COVERAGE) / 2))


def _follow_up(setting: Setting, view: View) -> FollowUp | None:
    rule = setting.rule
    if not isinstance(rule, WithFollowUp) or not view.participants or not view.window:
        return None
    here = view.participants[-1].level
    due = [index for index, who in enumerate(view.participants) if who.level == here and who.outcome is None]
    if not due:
        return None
    evaluable, dlts = view.tallies()[here - 1]
    up, down = rule.thresholds(evaluable + len(due), dlts, len(due))
    return FollowUp(len(due), sum(view.follow_up(index) for index in due) / view.window, up, down)

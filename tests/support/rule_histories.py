"""Histories for dose rules: any at all, and those that a trial under the rule may have; and what rules a level out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from scipy.stats import beta

from trialsim.rules import Assign, Assigned, Guarded, Guards, Stop, View, Wait
from trialsim.rules.beta_binomial import BetaBinomial
from trialsim.rules.boin import Boin
from trialsim.rules.crm import Crm, CrmDesign
from trialsim.rules.fixed import Fixed
from trialsim.rules.guards import Limit
from trialsim.rules.interval import IntervalDesign
from trialsim.rules.keyboard import Keyboard
from trialsim.rules.ladder import Ladder
from trialsim.rules.rolling_six import RollingSix
from trialsim.rules.three_plus_three import ThreePlusThree
from trialsim.rules.tite_boin import TiteBoin
from trialsim.rules.tite_crm import TiteCrm

DERIVED: dict[str, Any] = {"target": 0.3, "half_width": 0.05, "prior_mtd": 1}
HUNGRY = DERIVED | {"target": 0.85}
"""So high a target that a DLT need not stop the way up."""
IN_COHORTS: list[Any] = [
    Fixed(),
    Ladder(),
    Ladder(max_dlts=1),
    ThreePlusThree(),
    ThreePlusThree(mtd="six_at_mtd", top_needs_six=True),
    Boin(target=0.3),
    Boin(target=0.2, elimination=0.8),
    Keyboard(target=0.3),
    Keyboard(target=0.2, epsilon=0.02, elimination=0.7),
    BetaBinomial(target=0.3, cutoff=0.9),
    BetaBinomial(target=0.2, cutoff=0.3, minimum_n=2),
    Crm(**HUNGRY),
    Crm(target=0.2, half_width=0.04, prior_mtd=1, model="logistic", estimate="posterior_mean", skip=True),
    Crm(**DERIVED, coherent=False, prior_sd=3.0, recommends="any"),
]
OTHERS: list[Any] = [
    RollingSix(),
    RollingSix(strict=True),
    TiteBoin(target=0.3),
    TiteBoin(target=0.2, elimination=0.8, max_pending_fraction=1.0, minimum_follow_up=0.25),
    TiteBoin(target=0.3, max_pending_fraction=1.0),
    TiteCrm(**DERIVED),
    TiteCrm(**DERIVED, coherent=False, skip=True, max_pending_fraction=1.0, minimum_follow_up=0.55),
    TiteCrm(**HUNGRY, max_pending_fraction=1.0, recommends="any"),
]
SAFETY = Guards(safety_stop=Limit(above=0.3, certainty=0.9), elimination=Limit(above=0.3, certainty=0.8, minimum_n=2))
ENOUGH = Guards.model_validate({"enough_at_level": 4, "precision": {"width": 0.5}, "elimination": {"above": 0.4}})
STAYING = Guards.model_validate({"enough_when_staying": 4, "elimination": {"above": 0.4}})
GUARDED: list[Any] = [
    Guarded(Fixed(), SAFETY),
    Guarded(ThreePlusThree(), SAFETY),
    Guarded(BetaBinomial(target=0.3, cutoff=0.9), SAFETY),
    Guarded(Boin(target=0.3), ENOUGH),
    Guarded(Keyboard(target=0.3), STAYING),
    Guarded(Crm(**DERIVED), SAFETY),
    Guarded(Crm(**HUNGRY, recommends="any"), STAYING),
    Guarded(RollingSix(), SAFETY),
    Guarded(TiteBoin(target=0.3), SAFETY),
    Guarded(TiteBoin(target=0.2), STAYING),
    Guarded(TiteCrm(**DERIVED), ENOUGH),
]
ALL = [*IN_COHORTS, *OTHERS, *GUARDED]

outcomes = st.sampled_from(["no_dlt", "no_dlt", "no_dlt", "dlt", "dlt", "lost", None])
WINDOW = 28.0


def name_of(rule: Any) -> str:
    """What tells a rule from the others of the lists."""
    return f"guarded {name_of(rule.rule)}" if isinstance(rule, Guarded) else repr(rule)


def plain(rule: Any) -> Any:
    """The rule without guards."""
    return rule.rule if isinstance(rule, Guarded) else rule


def eliminates(rule: Any) -> Callable[[int, int], bool]:
    """Say of (evaluable, DLTs) at a level whether they rule it out, from the definition of each rule."""
    if isinstance(rule, IntervalDesign):
        return lambda n, y: bool(n >= 3 and beta.sf(rule.target, 1 + y, 1 + n - y) > rule.elimination)
    if isinstance(rule, BetaBinomial):
        return lambda n, y: bool(n >= rule.minimum_n and beta.sf(rule.target, 1 + y, 1 + n - y) > rule.cutoff)
    if isinstance(rule, RollingSix):
        return lambda n, y: y >= 2
    return lambda n, y: False


def lowest_eliminated(rule: Any, view: View) -> int:
    """Return the lowest level that the rule or its guards rule out; one above the top if there is none."""
    own, levels = plain(rule), range(1, view.levels + 1)
    is_out = eliminates(own)
    tallies = view.tallies()
    if isinstance(own, TiteBoin):  # only what no open outcome can undo
        due = [who.level for who in view.participants if who.outcome is None and who.infusion_day is not None]
        tallies = tuple((n + due.count(level), y) for level, (n, y) in enumerate(tallies, start=1))
    lowest = next((level for level in levels if is_out(*tallies[level - 1])), view.levels + 1)
    if isinstance(rule, Guarded):
        limits = rule.guards.safety_stop, rule.guards.elimination
        if limits[0] and guard_rules_out(own, view, 1, limits[0]):
            return 1
        if limits[1]:
            lowest = min(lowest, next((k for k in levels if guard_rules_out(own, view, k, limits[1])), lowest))
    return lowest


def guard_rules_out(rule: Any, view: View, level: int, limit: Limit) -> bool:
    """Say whether a level is too toxic, from the curve under the CRM, else from its own outcomes."""
    if isinstance(rule, CrmDesign):
        known = sum(n for n, _ in view.tallies())
        return known >= limit.minimum_n and rule.posterior(view).above(level, limit.above) > limit.certainty
    n, y = view.tallies()[level - 1]
    return bool(n >= limit.minimum_n and beta.sf(limit.above, 1 + y, 1 + n - y) > limit.certainty)


@st.composite
def settings_of_a_trial(draw: st.DrawFn) -> View:
    """A view in which nobody has come yet."""
    levels = draw(st.integers(1, 4))
    return View(
        now=0.0,
        levels=levels,
        start_level=draw(st.integers(1, levels)),
        cohort_size=draw(st.sampled_from([None, 1, 2, 3, 3, 3, 4])),
        max_participants=draw(st.integers(1, 24)),
        window=WINDOW,
        replace_non_evaluable=draw(st.booleans()),
        stop_cohort_early=draw(st.booleans()),
        participants=(),
    )


@st.composite
def any_view(draw: st.DrawFn) -> View:
    """A history that need not be possible under any rule."""
    view = draw(settings_of_a_trial())
    people = []
    for cohort in range(1, draw(st.integers(0, 6)) + 1):
        level = draw(st.integers(1, view.levels))
        for outcome in draw(st.lists(outcomes, min_size=1, max_size=view.cohort_size or 5)):
            infused = outcome is not None or draw(st.booleans())
            day = draw(st.sampled_from([72.0, 80.0, 90.0, 100.0])) if infused else None
            known = None if outcome is None or day is None else min(day + 7.0, 100.0)
            people.append(Assigned(level, cohort, day, outcome, known))
    return replace(view, now=100.0, participants=tuple(people))


def possible_view(
    rule: Any, start: View, data: st.DataObject, on_the_way: Callable[[View], None] | None = None
) -> View:
    """Return a history that a trial under this rule may have, some way into the trial; tell of each step of it."""
    view, cohort = start, 0
    for _ in range(data.draw(st.integers(0, 40))):
        if on_the_way:
            on_the_way(view)
        answer = rule.decide(view)
        people, now = list(view.participants), view.now
        if isinstance(answer, Stop):
            break
        new_cohort = isinstance(answer, Assign) and answer.opens_cohort
        highest = rule.admissible(view)
        staying = [w for w in people if w.infusion_day is not None or not (new_cohort or w.level > highest)]
        if len(staying) < len(people):  # of a cohort that ended early, or at a level ruled out since
            view = replace(view, participants=tuple(staying))
            continue
        waiting = [k for k, who in enumerate(people) if who.infusion_day is None]
        unknown = [k for k, who in enumerate(people) if who.infusion_day is not None and who.outcome is None]
        if isinstance(answer, Assign) and data.draw(st.booleans()):
            cohort = (people[-1].cohort if people else 0) + answer.opens_cohort if rule.cohorts else 0
            people.append(Assigned(answer.level, cohort, None, None, None))
        elif len(waiting) > 0 and data.draw(st.booleans()):
            k = data.draw(st.sampled_from(waiting))
            if data.draw(st.integers(0, 9)) == 0:
                del people[k]
            else:
                people[k] = people[k]._replace(infusion_day=now)
        elif len(unknown) > 0 and data.draw(st.booleans()):
            k = data.draw(st.sampled_from(unknown))
            outcome = data.draw(st.sampled_from(["dlt", "dlt", "lost"]))
            people[k] = people[k]._replace(outcome=outcome, outcome_day=now)
        else:
            until = answer.until if isinstance(answer, Wait) else None
            now = until if until is not None and data.draw(st.booleans()) else now + data.draw(st.integers(1, 14))
            for k in unknown:
                end = (people[k].infusion_day or 0.0) + view.window
                if end <= now:
                    people[k] = people[k]._replace(outcome="no_dlt", outcome_day=end)
        view = replace(view, now=now, participants=tuple(people))
    return view

"""The best of several plans: how it was chosen, with which promise, and what is to be expected of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from trialsim.analysis.measures import checked, is_share, more_is_better
from trialsim.analysis.plans import estimate, paired, plans_table
from trialsim.analysis.selection import chances
from trialsim.experiment.arguments import check_count
from trialsim.experiment.collection import Progress
from trialsim.experiment.running import check
from trialsim.frames import Table
from trialsim.results.choosing import Rules, Work, race, share_out
from trialsim.results.result import Result, of, simulated, when
from trialsim.tables import PLANS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from trialsim.scenario import Scenario

FIRST, MOST, FRESH = 100, 10_000, 1000
"""Replications: of each plan before any can be out, of each plan at most, and of the best on luck of their own."""
MOST_PLANS, FEWEST = 200, 10
"""Plans, and replications of the first stage."""


@dataclass(frozen=True, eq=False)
class SelectionResults(Result):
    """The best of several plans.

    Attributes
    ----------
    scenarios : mapping of Scenario
        The plans, by their names.
    seed : int
        Which set of histories; the fresh ones are of the next.
    rules : Rules
        By what it was chosen.
    plans : pandas.DataFrame
        One row a plan; see `trialsim.analysis.plans`.
    promised : bool
        Whether the promise holds: it does not with a budget, and if the most replications ended it before.
    fresh : mapping
        What is to be expected of the plan selected, and how it differs from the next best, on fresh luck.
    engine, started, finished
        As in `Results`.
    """

    scenarios: Mapping[str, Scenario]
    seed: int
    rules: Rules
    plans: pd.DataFrame
    promised: bool
    fresh: Mapping[str, Any]
    engine: str
    started: datetime
    finished: datetime

    def __repr__(self) -> str:
        return f"SelectionResults({self.selected} of {len(self.plans)} plans, seed {self.seed})"

    @property
    def selected(self) -> str:
        """The name of the best plan, as far as is known; of plans that are the same, the first."""
        return self._names("selected")[0]

    def _names(self, outcome: str) -> list[str]:
        return list(self.plans.loc[self.plans["outcome"] == outcome, "name"])

    def summary(self) -> dict[str, Any]:
        """What was chosen and how, what it promises, and the plans; ready for JSON."""
        rows = self.plans.astype(object).where(self.plans.notna(), None).to_dict("records")
        return {
            **asdict(self.rules),
            "words": self._called(),
            "procedure": "kim_nelson" if self.rules.budget is None else "ocba",
            "promised": self.promised,
            "selected": self.selected,
            **{outcome: self._names(outcome) for outcome in ("identical", "level", "left")},
            "replications": int(self.plans["replications"].sum()),
            "fresh": dict(self.fresh),
            "plans": [{str(key): value for key, value in row.items()} for row in rows],
        }

    def _called(self) -> str:
        from trialsim.analysis.facts import facts_of

        under = [facts_of(scenario) for scenario in self.scenarios.values()]
        return next((each for each in under if each.has_infusions), under[0]).measure(self.rules.measure)

    def made_from(self) -> dict[str, Any]:
        """The plans, by what was chosen, seed, how many replications, engine and when."""
        return {
            **when(self.started, self.finished),
            "plans": [{"name": name, **of(scenario)} for name, scenario in self.scenarios.items()],
            "selection": asdict(self.rules),
            "seed": self.seed,
            "fresh_seed": self.fresh["seed"],
            "replications": dict(zip(self.plans["name"], map(int, self.plans["replications"]), strict=True)),
            "engine": self.engine,
        }

    def tables(self) -> dict[str, Table]:
        """The plans."""
        return {"plans": Table(PLANS, self.plans)}

    def figures(self) -> list[str]:
        """``selection``."""
        return ["selection"]

    def origin(self) -> str:
        """How many trials, seed, version and date."""
        return simulated(int(self.plans["replications"].sum()), self.seed, self.finished)

    def _draw(self, name: str) -> Figure:
        from trialsim.figures import draw_selection

        return draw_selection(self.plans, self.summary())


def select(
    plans: Sequence[Scenario],
    indifference: float | None = None,
    measure: str = "last_visit",
    confidence: float = 0.95,
    first: int = FIRST,
    most: int = MOST,
    budget: int | None = None,
    fresh: int = FRESH,
    larger: bool | None = None,
    seed: int = 1,
    jobs: int | None = 1,
    names: Sequence[str] | None = None,
    progress: Progress | None = None,
    engine: str = "auto",
    executor: str = "auto",
) -> SelectionResults:
    """Choose the best of several plans, simulated with the same luck, with a promised probability of being right.

    Plans are simulated until all but one are out (`trialsim.analysis.selection.Race`): with probability
    ``confidence`` at least the one left is the best, if it is better than each other by ``indifference`` or more. With
    a ``budget`` that is shared out so that the best is most probably recognised, and nothing is promised.

    Parameters
    ----------
    plans : sequence of Scenario
        At least two.
    indifference : float, optional
        A difference in the mean that does not matter: days, a count, or a probability. Needed unless there is a budget.
    measure : str
        What is to be small or large; see `trialsim.tables.MEASURES`. Milestones are compared in the replications in
        which both plans complete.
    confidence : float
        The promised probability.
    first : int
        Replications of each plan before any can be out.
    most : int
        Replications of each plan at most. If they end it before, nothing is promised.
    budget : int, optional
        Replications of all plans together.
    fresh : int
        Replications of the plan selected and of the next best with the next seed: on the luck by which it was selected,
        it looks better than it is.
    larger : bool, optional
        Whether the largest is the best; left out, what is better of the measure.
    seed, jobs, progress, engine, executor
        As for `simulate`.
    names : sequence of str, optional
        What the plans are called, if not by the names of their scenarios.

    Raises
    ------
    ValueError
        For fewer than two plans or names that are not distinct, or a number out of its range.
    """
    names = [plan.name for plan in plans] if names is None else list(names)
    (measure,) = checked([measure])
    check_plans(names, measure, indifference, confidence, first, most, budget, fresh)
    check(most if budget is None else budget, seed, jobs, engine, executor)
    largest = more_is_better(measure) if larger is None else larger
    rules = Rules(measure, largest, indifference, confidence, first, most, budget, fresh)
    started = datetime.now(UTC)
    work = Work(plans, measure, seed, jobs, progress, engine, executor)
    choose = race if budget is None else share_out
    outcomes, at, promised = choose(work, rules)
    found, done = work.until(at)
    best = outcomes.index("selected")
    sign = -1 if rules.larger else 1
    likely = chances(sign * found, best)
    table = plans_table(names, outcomes, found, done, likely, measure)
    return SelectionResults(
        dict(zip(names, plans, strict=True)),
        seed,
        rules,
        table,
        promised,
        _anew(work, rules, table),
        engine=work.engine,
        started=started,
        finished=datetime.now(UTC),
    )


def planned(plans: Mapping[str, Scenario]) -> dict[str, Any]:
    """What can be said of the manifest of a selection before it is simulated: its plans."""
    return {"plans": [of(plan) for plan in plans.values()]}


def check_plans(
    names: Sequence[str],
    measure: str,
    indifference: float | None,
    confidence: float = 0.95,
    first: int = FIRST,
    most: int = MOST,
    budget: int | None = None,
    fresh: int = FRESH,
) -> None:
    """Raise ValueError for what `select` cannot be asked; TypeError for a number that is not whole."""
    plans = len(names)
    if plans < 2 or len(dict.fromkeys(names)) != plans:
        raise ValueError("a selection needs two or more plans, each with a name of its own")
    if plans > MOST_PLANS:
        raise ValueError(f"{plans:,} plans; a selection has at most {MOST_PLANS}")
    check_count("fresh", fresh, MOST)
    check_count("first", first)
    if first < FEWEST:
        raise ValueError(f"first must be {FEWEST} or more, not {first}")
    if budget is not None:
        check_count("budget", budget)
        if budget < plans * first:
            raise ValueError(
                f"a budget of {budget:,} is too little for the first stage: {first:,} of each of {plans} plans are "
                f"{plans * first:,}"
            )
        return
    if indifference is None:
        raise ValueError("without a budget, an indifference is needed: a difference that does not matter")
    if not 0 < indifference < (1 if is_share(measure) else np.inf):
        raise ValueError(f"indifference must be above 0{' and below 1' * is_share(measure)}, not {indifference:g}")
    if not 1 / plans < confidence < 1:
        raise ValueError(f"with {plans} plans, confidence must be above 1/{plans} and below 1, not {confidence:g}")
    if most < first:
        raise ValueError(f"the most replications, {most:,}, are fewer than the {first:,} of the first stage")


def _anew(work: Work, rules: Rules, table: pd.DataFrame) -> dict[str, Any]:
    """What is to be expected of the plan selected, and what it is ahead of the next best by, on fresh luck."""
    best = int(np.argmax(table["outcome"] == "selected"))
    others = np.flatnonzero(table["outcome"].isin(["level", "left", "out"]))
    sign = -1 if rules.larger else 1
    nearest = table.assign(nearer=sign * table["difference"]).iloc[others]
    nearest = nearest.sort_values(["probability_best", "nearer"], ascending=[False, True], kind="stable")
    second = None if nearest.empty else int(nearest["plan"].iloc[0]) - 1
    which = [best] if second is None else [best, second]
    seed = (work.seed + 1) % 2**64
    found = work.anew(which, rules.fresh, seed)
    known = found[0][~np.isnan(found[0])]
    mean, low, high = estimate(known, rules.measure)
    answer: dict[str, Any] = {
        "seed": seed,
        "replications": rules.fresh,
        "valued": len(known),
        **{"estimate": mean, "estimate_low": low, "estimate_high": high},
        "next": None,
    }
    if second is not None:
        differs = paired(found[0], found[1], rules.measure)
        answer["next"] = {
            "name": nearest["name"].iloc[0],
            "difference": None if differs is None else differs.mean,
            "difference_low": None if differs is None else differs.low,
            "difference_high": None if differs is None else differs.high,
            "pairs": 0 if differs is None else differs.replications,
        }
    return answer

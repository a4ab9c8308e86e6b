"""Sites, when they open, and how many candidates they send."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from trialsim.scenario.sections.people import Person, PersonEntry
from trialsim.scenario.values.distributions import Constant, Distribution
from trialsim.scenario.values.fields import (
    Count,
    Date,
    Days,
    Factor,
    FixedDay,
    Label,
    PositiveCount,
    Probability,
    RandomMoment,
    Rate,
    Section,
)

MOST_CV = 100.0
SiteColumn = Literal[
    "name", "count", "rate", "rate_cv", "ramp_up", "activation", "never_active_probability", "max_candidates"
]
Spread = Annotated[float, Field(ge=0, le=MOST_CV)]


class Site(NamedTuple):
    """A site as the model sees it: counted out, with defaults filled in.

    `entry` is the name of the entry in the file that it comes from (``Region`` for ``Region-3``). `rate` is None for a
    site with fixed `arrival_days` (days since day 0, ascending); such a site is open from day 0. `people` are those who
    come on these days, where the scenario says what would happen to each of them.
    """

    name: str
    entry: str
    rate: float | None
    arrival_days: tuple[float, ...] | None
    people: tuple[Person, ...] | None
    rate_cv: float
    ramp_up: float
    activation: Distribution
    never_active_probability: float
    max_candidates: int | None


class SiteDefaults(Section):
    """What a site leaves out."""

    rate: Rate | None = Field(None, description="Candidates a time, once the site is fully running.")
    rate_cv: Spread | None = Field(
        None, description="How sure `rate` is: the coefficient of variation of the site's true rate (gamma)."
    )
    ramp_up: Days | None = Field(None, description="Time from activation until the full rate, rising linearly.")
    activation: RandomMoment | None = Field(None, description="Time from day 0 until the site opens, or a date.")
    never_active_probability: Probability | None = Field(None, description="Chance that the site never opens.")
    max_candidates: Count | None = Field(None, description="The site sends no more candidates than this.")


class SiteEntry(SiteDefaults):
    """One site, or `count` sites that are alike."""

    name: Label = Field(description="The site's name; its random numbers go by it alone.", examples=["A site"])
    count: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        None, description="That many sites alike, named Name-1, Name-2 and so on."
    )
    arrival_days: Annotated[tuple[FixedDay, ...], Field(strict=False)] | None = Field(
        None, description="Fixed days of arrival, or dates, instead of a rate."
    )
    people: Annotated[tuple[PersonEntry, ...], Field(strict=False)] | None = Field(
        None, description="Candidates one by one, with what would happen to them, instead of a rate."
    )


class Period(Section):
    """A stretch of the calendar in which sites recruit faster or slower."""

    name: Label | None = Field(None, description="What happened then.")
    start: Date = Field(alias="from", description="First day of the period.", examples=["2020-03-17"])
    until: Date = Field(description="First day after the period.", examples=["2020-05-11"])
    factor: Factor = Field(description="Multiplies the rate; 0 closes the site.", examples=[0.5])
    sites: Annotated[tuple[Label, ...], Field(strict=False)] | None = Field(
        None, description="The sites it concerns; all, when left out."
    )


class SitesFrom(Section):
    """A table of sites beside the scenario file; see `trialsim.scenario.sites_from`."""

    file: Label = Field(
        description="A CSV or Excel file beside the scenario file, or below it.", examples=["sites.csv"]
    )
    columns: dict[SiteColumn, Label] = Field(
        {}, description="What the columns of some keys of a site are called in the table; left out, like the key."
    )


class Recruitment(Section):
    """Where candidates come from."""

    while_closed: Literal["queue", "turn_away"] = Field(
        "queue", description="What becomes of candidates who come while the dosing rule has no place to give."
    )
    max_waiting: PositiveCount | None = Field(
        None, description="Candidates are turned away while this many eligible people wait for a place."
    )
    rate_multiplier: Factor = Field(1.0, description="Scales the rate of every site.")
    shared_rate_cv: Spread = Field(
        0.0,
        description="How much all rates may be off together: the coefficient of variation of a common factor "
        "(lognormal, mean 1).",
    )
    site_defaults: SiteDefaults = Field(SiteDefaults.model_validate({}), description="What a site leaves out.")
    sites: Annotated[tuple[SiteEntry, ...], Field(strict=False, min_length=1)] = Field(
        description="The sites.", examples=[[{"name": "A site", "rate": "1 per month"}]]
    )
    sites_from: SitesFrom | None = Field(
        None, description="A table that lists sites, as well as, or instead of, `sites`."
    )
    periods: Annotated[tuple[Period, ...], Field(strict=False)] = Field(
        (), description="Stretches of the calendar; the factors of overlapping ones multiply."
    )

    def expanded(self) -> tuple[Site, ...]:
        """All sites, in file order, `count` counted out and defaults filled in."""
        return tuple(site for entry in self.sites for site in _expand(entry, self.site_defaults))


def names(entry: SiteEntry) -> list[str]:
    """The names of the sites that an entry stands for."""
    return [entry.name] if entry.count is None else [f"{entry.name}-{i}" for i in range(1, entry.count + 1)]


def _expand(entry: SiteEntry, defaults: SiteDefaults) -> list[Site]:
    listed = None if entry.people is None else tuple(one for each in entry.people for one in each.counted_out())
    days = entry.arrival_days if listed is None else [one.arrival for one in listed]
    fixed = days is not None
    filled = {
        key: getattr(defaults, key) if getattr(entry, key) is None and not fixed else getattr(entry, key)
        for key in ("rate", "rate_cv", "ramp_up", "activation", "never_active_probability")
    }
    limit = defaults.max_candidates if entry.max_candidates is None else entry.max_candidates
    return [
        Site(
            name=name,
            entry=entry.name,
            rate=filled["rate"],
            arrival_days=None if days is None else tuple(sorted(days)),
            people=listed,
            rate_cv=filled["rate_cv"] or 0.0,
            ramp_up=filled["ramp_up"] or 0.0,
            activation=filled["activation"] or Constant(0.0),
            never_active_probability=filled["never_active_probability"] or 0.0,
            max_candidates=limit,
        )
        for name in names(entry)
    ]

"""A whole scenario: one frozen value that everything else reads."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field, PrivateAttr, model_validator

from trialsim.scenario import validation
from trialsim.scenario.checks import contradictions
from trialsim.scenario.checks.warnings import warnings
from trialsim.scenario.inputs import Input, read_inputs
from trialsim.scenario.messages.errors import InvalidValue
from trialsim.scenario.messages.words import dotted
from trialsim.scenario.reading.leaves import leaves
from trialsim.scenario.reading.overrides import split_key
from trialsim.scenario.sections.dosing import Dosing
from trialsim.scenario.sections.follow_up import FollowUp
from trialsim.scenario.sections.infusion import Infusion
from trialsim.scenario.sections.observed import Observed
from trialsim.scenario.sections.participants import Participants
from trialsim.scenario.sections.product import Product
from trialsim.scenario.sections.recruitment import Recruitment, Site
from trialsim.scenario.sections.screening import Screening
from trialsim.scenario.sections.sources import ASSUMED, Source
from trialsim.scenario.sections.stopping import LONGEST_TRIAL, Stopping
from trialsim.scenario.sections.trial import Trial
from trialsim.scenario.sections.truth import Truth
from trialsim.scenario.sections.uncertain import Correlation, Entries
from trialsim.scenario.sections.waiting import Waiting
from trialsim.scenario.values import dates
from trialsim.scenario.values.fields import Format, Section


class Scenario(Section):
    """A trial as it will be simulated.

    Attributes are the sections of the scenario file; a section that was left out is None, and its layer then constrains
    nothing. Durations are days, rates are per day. Make one with `trialsim.load`; it never changes: a what-if is a new
    one (`changed`).
    """

    format: Format = Field(1, description="Version of this format.")
    trial: Trial = Field(description="What the trial is.")
    recruitment: Recruitment = Field(description="Where candidates come from.")
    screening: Screening | None = Field(None, description="Whether a candidate is eligible. Left out: everyone is.")
    waiting: Waiting | None = Field(None, description="Left out: nobody withdraws or expires.")
    participants: Participants | None = Field(None, description="What distinguishes participants.")
    product: Product | None = Field(None, description="How doses are made. Left out: one is always at hand.")
    infusion: Infusion | None = Field(None, description="The infusion unit. Left out: any moment will do.")
    dosing: Dosing | None = Field(None, description="Levels, rule and spacing. Left out: one open-ended group.")
    truth: Truth | None = Field(None, description="The simulated world. Left out: nobody has a DLT.")
    follow_up: FollowUp | None = Field(None, description="After the safety window.")
    stopping: Stopping | None = Field(None, description="What can end the trial early.")
    observed: Annotated[tuple[Observed, ...], Field(strict=False)] = Field(
        (), description="What really happened; never read by the model."
    )
    uncertain: Entries = Field(
        {}, description="What is not known: how far values may be off, drawn anew for each replication, by dotted key."
    )
    correlations: Annotated[tuple[Correlation, ...], Field(strict=False)] = Field(
        (), description="Which of the uncertain keys go together."
    )
    sources: dict[str, Source] = Field({}, description="Where the numbers come from, by dotted key.")

    _written: dict[str, Any] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Scenario:
        problems = list(contradictions(self))
        if problems:
            raise InvalidValue(problems)
        return self

    @property
    def name(self) -> str:
        """The trial's name, as used in file names."""
        return self.trial.name

    @property
    def levels(self) -> int:
        """Dose levels; 1 without `dosing`."""
        return 1 if self.dosing is None else len(self.dosing.levels)

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """What is not known, in file order."""
        return tuple(read_inputs(self)[0])

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """Every site, in file order: `count` counted out, defaults filled in."""
        return self.recruitment.expanded()

    def periods(self, site_name: str) -> tuple[tuple[float, float, float], ...]:
        """Calendar periods that concern a site, as (from day, until day, factor).

        Days are counted from day 0 and may be negative or beyond the trial's end; where periods overlap, their factors
        multiply.

        Raises
        ------
        KeyError
            When no site has that name.
        """
        site = self._site[site_name]
        return tuple(
            (float(self.day_of(period.start)), float(self.day_of(period.until)), period.factor)
            for period in self.recruitment.periods
            if period.sites is None or site.name in period.sites or site.entry in period.sites
        )

    @cached_property
    def _site(self) -> dict[str, Site]:
        return {site.name: site for site in self.sites}

    def closures(self) -> tuple[tuple[float, float], ...]:
        """Closures of the infusion unit, as (from day, until day); the until day is open again."""
        closures = self.infusion.closures if self.infusion else ()
        return tuple((float(self.day_of(each.start)), float(self.day_of(each.until))) for each in closures)

    @property
    def time_limit(self) -> float:
        """Days until the trial is ended in any case."""
        limit = None if self.stopping is None else self.stopping.time_limit
        return LONGEST_TRIAL if limit is None else limit

    def day_of(self, date: datetime.date) -> int:
        """Days from the start date to a date; negative before it."""
        return dates.day_of(self.trial.start_date, date)

    def date_of(self, day: float) -> datetime.date:
        """The date on which a moment (days since day 0) falls."""
        return dates.date_of(self.trial.start_date, day)

    def source_of(self, key: str) -> Source:
        """Where a key's value comes from: its own source, or that of what it is part of, or an assumption."""
        parts = split_key(key)
        known = (self.sources.get(dotted(parts[:length])) for length in range(len(parts), 0, -1))
        return next((source for source in known if source is not None), ASSUMED)

    def warnings(self) -> list[str]:
        """What makes this plan unlikely to work, by the name of the resource or key concerned."""
        return warnings(self)

    def given_values(self) -> dict[str, Any]:
        """What the author gave, down to what can have a source of its own: plain values by dotted key."""
        return leaves(self.model_dump(mode="json", by_alias=True, exclude_unset=True))

    @property
    def written(self) -> dict[str, Any]:
        """What the author wrote, by dotted key, where the value is kept in another form: ``1 year`` as 365.25 days."""
        return dict(self._written)

    def as_written(self, document: Mapping[str, Any]) -> Scenario:
        """This scenario, with the document that it was read from in mind."""
        kept, now = self.model_copy(), self.given_values()
        kept._written = {key: each for key, each in leaves(document).items() if key in now and each != now[key]}
        return kept

    def __eq__(self, other: object) -> bool:
        """Whether both mean the same, however they were written."""
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in type(self).model_fields)

    def to_document(self) -> dict[str, Any]:
        """The scenario as plain mappings, lists and scalars, defaults written out.

        `Scenario.from_document` makes an equal scenario of it.
        """
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    @classmethod
    def from_document(cls, document: Mapping[str, Any], name: str = "scenario") -> Scenario:
        """The scenario that plain mappings, lists and scalars describe.

        Raises
        ------
        ScenarioError
            With everything that is wrong; `name` stands for the file in its messages.
        """
        return validation.from_document(cls, document, name)

    def changed(
        self, values: Mapping[str, Any], option: str = "", document: Mapping[str, Any] | None = None
    ) -> Scenario:
        """A what-if: this scenario with the values of some dotted keys replaced (None switches a layer off).

        Whoever makes many passes its `to_document` along.

        Raises
        ------
        ScenarioError
            When a key does not exist or the result is not valid; messages start with ``option KEY=VALUE``.
        """
        made = validation.changed(self, self.name, document or self.to_document(), values, option)
        anew = [key for key, source in made.sources.items() if self.sources.get(key) != source]
        made._written = {
            key: each
            for key, each in self._written.items()
            if not any(f"{key}.".startswith(f"{other}.") or f"{other}.".startswith(f"{key}.") for other in anew)
        }
        return made

    def digest(self) -> str:
        """SHA-256 of the scenario, as hexadecimal digits: equal scenarios have equal digests."""
        text = json.dumps(self.to_document(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

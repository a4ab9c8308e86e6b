"""What is not known: how far the stated values of some keys may be off, and which of them go together."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator

from trialsim.scenario.messages.words import given
from trialsim.scenario.values.fields import Note, Section, kind

MOST_INPUTS = 200


def _entry(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        raise ValueError(
            f"{given(value)} where a distribution is due: write one, such as {{pert: {{min: …, mode: …, max: …}}}}, "
            "or the quantiles {p10: …, p50: …, p90: …}, and a reason"
        )
    return value


Entry = Annotated[dict[str, Any], PlainValidator(_entry), kind("Uncertain")]
"""A distribution as it is written; what its values measure depends on the key (`trialsim.scenario.inputs`)."""


def _known(value: Any) -> Any:
    """Without the keys that have no entry: these are known."""
    return {key: each for key, each in value.items() if each is not None} if isinstance(value, dict) else value


Entries = Annotated[dict[str, Entry], BeforeValidator(_known)]


class Correlation(Section):
    """Two keys that are not known independently of each other."""

    between: Annotated[tuple[str, str], Field(strict=False)] = Field(
        description="Two of the keys of `uncertain`.",
        examples=[["recruitment.rate_multiplier", "screening.pass_probability"]],
    )
    rank: Annotated[float, Field(ge=-1, le=1)] = Field(description="Their rank correlation (Spearman).", examples=[0.5])
    reason: Note = Field("", description="Why.")

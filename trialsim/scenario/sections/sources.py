"""Where the numbers of a scenario come from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from trialsim.scenario.values.fields import Note, Section

SourceKind = Literal["observed", "derived", "protocol", "literature", "assumption", "what-if", "edited"]


class Source(Section):
    """Where a number comes from."""

    kind: SourceKind = Field(description="What kind of knowledge it is.", examples=["assumption"])
    note: Note = Field("", description="Where to look it up, or why it was assumed.")


ASSUMED = Source(kind="assumption", note="")
"""What is assumed of a value whose source is not given."""

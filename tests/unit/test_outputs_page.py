"""The page about outputs names everything that there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.test_summary import FACTS, FOUR
from trialsim.analysis.events import TRAVELS
from trialsim.analysis.summary import summary_of
from trialsim.tables import LOTS, PARTICIPANTS, replication_columns
from trialsim.vocabulary import END_CAUSES, Milestone

PAGE = (Path(__file__).parents[2] / "docs" / "outputs.md").read_text(encoding="utf-8")
COLUMNS = {*PARTICIPANTS, *LOTS, *replication_columns(1)} - {"infused_level_1", "dlts_level_1"}
EVENTS = {event for steps in TRAVELS.values() for _, event in steps if not event.endswith("_end")}
KEYS = {*summary_of(FACTS, FOUR)} | {
    *("over_time", "reached", "share", "doses", "none_recommended", "recommended", "quantity"),
    *("place", "at_most", "at_least", "sd", "standard_error", "probability", "count", "low", "high", "value"),
}


@pytest.mark.parametrize("name", sorted(COLUMNS | EVENTS | KEYS | {*Milestone} | {*END_CAUSES}))
def test_the_page_names(name: str) -> None:
    assert f"`{name}`" in PAGE

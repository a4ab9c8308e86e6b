"""Names that look alike are one name."""

from __future__ import annotations

import pytest

from trialsim.scenario import Scenario, ScenarioError

TRIAL = {"name": "n", "start_date": "2024-01-01", "max_participants": 3}


@pytest.mark.parametrize("pair", [("A", "A "), ("M\u00e1laga", "Ma\u0301laga"), (" A", "A")])
def test_sites_whose_names_look_alike_are_refused(pair: tuple[str, str]) -> None:
    sites = [{"name": name, "rate": "1 per month"} for name in pair]
    with pytest.raises(ScenarioError, match="another site is called"):
        Scenario.from_document({"trial": TRIAL, "recruitment": {"sites": sites}})


def test_a_period_finds_its_site_by_a_name_that_looks_alike() -> None:
    period = {"from": "2024-02-01", "until": "2024-03-01", "factor": 0.5, "sites": ["Ma\u0301laga "]}
    sites = [{"name": "M\u00e1laga", "rate": "1 per month"}]
    found = Scenario.from_document({"trial": TRIAL, "recruitment": {"sites": sites, "periods": [period]}})
    assert found.periods("M\u00e1laga") == ((31.0, 60.0, 0.5),)

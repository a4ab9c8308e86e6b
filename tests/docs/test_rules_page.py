"""The tables of docs/rules.md are those that `make rules` writes."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def program() -> dict[str, Any]:
    return runpy.run_path(str(DOCS / "make_rules.py"))


def test_the_reference_trial_under_each_rule(program: dict[str, Any]) -> None:
    page = (DOCS / "rules.md").read_text(encoding="utf-8")
    assert program["with_table"](page, "reference trial", program["reference"]()) == page, "run `make rules`"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["all rules", "options"])
def test_simulated_tables(program: dict[str, Any], name: str) -> None:
    page = (DOCS / "rules.md").read_text(encoding="utf-8")
    rows = program[{"all rules": "all_rules", "options": "options"}[name]]()
    assert program["with_table"](page, name, rows) == page, "run `make rules`"

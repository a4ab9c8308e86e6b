"""Contradictions between the product, its manufacturing policy, and the doses it is made for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.scenario.messages.errors import Findings
from trialsim.scenario.messages.words import given

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario


def product_policy(s: Scenario) -> Findings:
    """Find a manufacturing policy that the kind of product excludes, or that lacks its number of doses."""
    if s.product is None:
        return
    policy, kind = s.product.policy, s.product.kind
    if kind == "autologous" and policy == "to_stock":
        yield ("product", "policy"), "to_stock is impossible for an autologous product; use to_order"
    elif policy == "to_stock" and s.product.target_doses is None:
        yield ("product", "target_doses"), "is missing; policy to_stock needs the number of doses to keep in stock"
    if kind == "autologous" and s.product.lots_in_stock_at_start > 0:
        yield ("product", "lots_in_stock_at_start"), "an autologous product is made for one person; there is no stock"


def product_needs(s: Scenario) -> Findings:
    """Find what a product needs and the scenario lacks: doses counted in cells, and weights for doses per kg."""
    if s.product is None:
        return
    if s.dosing is None:
        yield ("product",), "needs a dosing section: a lot is divided into doses"
        return
    for index, dose in enumerate(s.dosing.levels):
        if dose.unit != "cells":
            message = f'{given(dose.text)}: with a product, doses are counted in cells, such as "2e6 cells per kg"'
            yield ("dosing", "levels", index), message
    if any(dose.per_kg for dose in s.dosing.levels) and (s.participants is None or s.participants.weight_kg is None):
        yield ("dosing", "levels"), "with a product, doses per kg need participants.weight_kg, which is missing"

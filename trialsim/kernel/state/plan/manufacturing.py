"""What the kernel's manufacturing needs to know: suites, steps and yields, and when a lot is wanted."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

from trialsim.kernel.state import codes

if TYPE_CHECKING:
    from trialsim.kernel.state.plan import Plan
    from trialsim.scenario import Scenario


def put(scenario: Scenario, plan: Plan) -> None:
    """Put it into the plan."""
    product = scenario.product
    if product is None:
        return
    most = product.max_consecutive_failed_lots
    autologous = product.kind == "autologous"
    plan.put(
        has_product=1,
        autologous=autologous,
        to_order=product.policy == "to_order",
        target_doses=product.target_doses or 0,
        first_start=product.first_start,
        starting_stock=0 if autologous else product.lots_in_stock_at_start,
        suites=codes.UNLIMITED if product.suites is None else product.suites,
        donation=plan.duration(product.donation),
        expansion=plan.duration(product.expansion),
        testing=plan.duration(product.release_testing),
        release_probability=product.release_probability,
        ships_ahead=most is None,
        shipping=plan.duration(product.shipping),
        cells=plan.quantity(product.cells_per_lot),
        shelf_life=nan if product.shelf_life is None else product.shelf_life,
        most_failed_lots=-1 if most is None else most,
    )

"""What a lot holds."""

from __future__ import annotations

from trialsim.model.records import Lot


def test_rounding_leaves_a_lot_empty_and_not_less() -> None:
    lot = Lot(1)
    lot.cells, lot.cells_infused, lot.cells_reserved = 0.3, 0.1, 0.2
    assert lot.cells - lot.cells_infused - lot.cells_reserved < 0
    assert lot.cells_free == 0.0
    assert lot.cells_free // 0.1 == 0.0  # not one dose less than none

"""Assertions in the modules of checks are explained as those in tests are."""

import pytest

pytest.register_assert_rewrite("checks_people", "checks_product", "checks_ends")

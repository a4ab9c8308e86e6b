"""Failed assertions in `tests.support` are explained as those in tests are."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.support")

"""What holds for all tests. Failed assertions in `tests.support` are explained as those in tests are."""

from __future__ import annotations

import os

import pytest

from trialsim.kernel.building import ahead

pytest.register_assert_rewrite("tests.support")
os.environ[ahead.VARIABLE] = "no"  # no test leaves a process behind

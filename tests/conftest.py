"""What holds for all tests. Failed assertions in `tests.support` are explained as those in tests are."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from trialsim.kernel.building import ahead

pytest.register_assert_rewrite("tests.support")
# The same examples in every run: what else there is to be found is looked for by `python -m tests.fuzz`.
settings.register_profile("the same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("the same")
os.environ[ahead.VARIABLE] = "no"  # no test leaves a process behind

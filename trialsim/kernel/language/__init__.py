"""What the kernel's functions are written in, under the same names in plain Python and in numba.

Plain Python is what a process has, so that whoever runs compiled code never imports numba, and a debugger can walk
through the kernel. Numba is what the process has that compiles (`trialsim.kernel.building.translating`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trialsim.kernel.calling import VARIABLE

if TYPE_CHECKING or os.environ.get(VARIABLE) != "numba":
    from trialsim.kernel.language import python as _chosen
else:
    from trialsim.kernel.language import numba as _chosen

compiled, inlined, records = _chosen.compiled, _chosen.inlined, _chosen.records
number_at, put_number, count_at, put_count = _chosen.number_at, _chosen.put_number, _chosen.count_at, _chosen.put_count
copy_words, trailing_zeros, philox = _chosen.copy_words, _chosen.trailing_zeros, _chosen.philox
rint, exp, log = _chosen.rint, _chosen.exp, _chosen.log
log1p, ndtri, xlogy, inv_boxcox = _chosen.log1p, _chosen.ndtri, _chosen.xlogy, _chosen.inv_boxcox
gammaincinv, betaincinv = _chosen.gammaincinv, _chosen.betaincinv

"""The program that tries compiled code: ``python -m trialsim.kernel.building.trying`` reads an object file and runs it.

`compiling` starts it with code that was never tried on this machine. If the code is broken, this process ends as broken
code ends, and whoever started it goes on.
"""

from __future__ import annotations

import sys

SCENARIO, REPLICATIONS = "msc-sle", 5
"""What is simulated: a trial with every layer."""


def main() -> None:
    """Simulate a few trials with the code from the input; the status is 0 if that comes to its end."""
    from trialsim.kernel.building.compiling import Program
    from trialsim.kernel.engine import Engine
    from trialsim.kernel.state.plan import Plan
    from trialsim.scenario import load

    program = Program(sys.stdin.buffer.read())
    Engine(Plan(load(SCENARIO)), program).run(seed=1, first=1, last=REPLICATIONS)


if __name__ == "__main__":
    main()

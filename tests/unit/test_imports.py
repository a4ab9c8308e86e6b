"""What starts quickly does so because of what it does not import."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.undisturbed

HEAVY = {"matplotlib", "numpy", "pandas", "pyarrow", "pydantic", "rich", "ruamel", "scipy", "seaborn", "simpy"}
COMMAND = """
import sys
from trialsim.cli import run_command_line
status = run_command_line(sys.argv[1:])
print("IMPORTED", *{name.split(".")[0] for name in sys.modules})
sys.exit(status)
"""


def imported(code: str, *arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.rpartition("IMPORTED")[2].split())


@pytest.mark.parametrize(
    "arguments", [["--help"], ["run", "--help"], ["trace", "-h"], ["design", "-h"], ["init", "-h"], ["--version"]]
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    found = imported(COMMAND, *arguments)
    assert "click" in found
    assert not found & (HEAVY | {"multiprocessing", "concurrent"})


def test_validate_leaves_out_what_only_simulating_needs() -> None:
    found = imported(COMMAND, "validate", "msc-sle")
    assert "pydantic" in found
    assert not found & (HEAVY - {"numpy", "pydantic", "ruamel"})


def test_importing_the_package_imports_nothing_else() -> None:
    names = imported('import sys, trialsim; print("IMPORTED", *(n for n in sys.modules if n.startswith("trialsim")))')
    assert names == {"trialsim", "trialsim._version"}


def test_every_public_name_is_there() -> None:
    import trialsim

    for name in trialsim.__all__:
        assert getattr(trialsim, name) is not None
    assert set(trialsim.__all__) <= set(dir(trialsim))
    with pytest.raises(AttributeError, match="no attribute 'simulator'"):
        trialsim.simulator  # noqa: B018

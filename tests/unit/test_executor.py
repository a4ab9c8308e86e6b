"""Work in other processes: in full, with errors raised once, and nobody left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.processes import started, wait_for_end_of_group
from trialsim.experiment.processes import WorkersLost, as_done

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")


def work(number: int) -> int:
    if number == 13:
        raise ArithmeticError("thirteen")
    if number == 99:
        os.kill(os.getpid(), signal.SIGKILL)
    return number**2


def test_every_task_is_done_once_and_an_error_is_raised_as_it_is() -> None:
    assert dict(as_done(work, [(number,) for number in range(10)], workers=2)) == {n: n**2 for n in range(10)}
    with pytest.raises(ArithmeticError, match=r"^thirteen$"):
        list(as_done(work, [(number,) for number in range(10, 20)], workers=2))


def test_a_killed_worker_is_explained() -> None:
    with pytest.raises(WorkersLost, match="jobs=1"):
        list(as_done(work, [(99,)], workers=2))


HALF_A_RESULT = """
import os, sys
from trialsim.experiment.processes import WorkersLost, as_done

def dies_while_it_answers():
    frame = sys._getframe()
    while "result_queue" not in frame.f_locals:
        frame = frame.f_back
    os.write(frame.f_locals["result_queue"]._writer.fileno(), b"\\0\\0\\0\\x64half a message")
    os._exit(1)

if __name__ == "__main__":
    try:
        list(as_done(dies_while_it_answers, [()], workers=1))
    except WorkersLost:
        print("told")
"""


def test_a_worker_that_dies_while_it_answers_is_not_waited_for(tmp_path: Path) -> None:
    script = tmp_path / "half.py"
    script.write_text(HALF_A_RESULT)
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.returncode) == ("told\n", 0), done.stderr


def is_deaf_to_interrupts() -> bool:
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_an_interrupt_reaches_the_parent_alone() -> None:
    """Else workers that Ctrl-C hits while they start would each print a traceback."""
    assert dict(as_done(is_deaf_to_interrupts, [()], workers=1)) == {0: True}
    assert not is_deaf_to_interrupts()


PARENT = """
import os, sys, time
from pathlib import Path
from trialsim.experiment.processes import as_done

def sleep(folder, name):
    (Path(folder) / f"{os.getpid()}.pid").touch()
    time.sleep(600)

if __name__ == "__main__":
    list(as_done(sleep, [(sys.argv[1], name) for name in range(4)], workers=2))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_workers_do_not_outlive_their_parent(tmp_path: Path, number: signal.Signals) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    with started([sys.executable, str(script), str(tmp_path)], stderr=subprocess.PIPE) as parent:
        deadline = time.monotonic() + 30
        while len(list(tmp_path.glob("*.pid"))) < 2:
            assert time.monotonic() < deadline, "the workers did not start"
            time.sleep(0.02)
        if number == signal.SIGINT:
            os.killpg(parent.pid, number)  # as a terminal does: to all of them
        else:
            parent.send_signal(number)
        _, said = parent.communicate(timeout=10)
        assert said.count("Traceback") <= 1  # the parent's own, never the workers'
        wait_for_end_of_group(parent, 5)

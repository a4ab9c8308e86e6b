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


def test_a_worker_that_is_killed_twice_over_the_same_work_is_explained() -> None:
    tasks = [(number,) for number in range(90, 101)]
    done: list[tuple[int, int]] = []
    with pytest.raises(WorkersLost, match=r"the worker process for number 99 .*killed, twice.* jobs=1"):
        done += as_done(work, tasks, workers=2, name=lambda position: f"number {90 + position}")


def killed_the_first_time(folder: Path, number: int) -> int:
    """Number 3 is killed when it is done for the first time; a diary tells what was done and when."""
    with (folder / "diary").open("a") as diary:
        print("begin", number, file=diary, flush=True)
        if number == 3 and not (folder / "killed").exists():
            (folder / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.02)
        print("end", number, file=diary, flush=True)
    return number


def test_what_a_killed_worker_was_doing_is_done_once_more_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "trialsim")
    results = []
    for result in as_done(killed_the_first_time, [(tmp_path, number) for number in range(6)], workers=2):
        results.append(result)
        time.sleep(0.2)  # so that a worker is killed while another's result waits to be fetched
    assert sorted(results) == [(number, number) for number in range(6)]
    assert caplog.messages == ["A worker process was killed (out of memory?): its work is done once more, alone"]
    diary = (tmp_path / "diary").read_text().splitlines()
    again = len(diary) - 1 - diary[::-1].index("begin 3")
    assert diary[again : again + 2] == ["begin 3", "end 3"]
    assert {line: diary.count(line) for line in diary if diary.count(line) > 2} == {}


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

"""How a command ends: with which exit status, and with which words if something went wrong.

0 is done, 2 the user's input is wrong, 130 interrupted, 1 anything else. Nobody gets to see a traceback, unless the
environment variable ``TRIALSIM_DEBUG`` asks for it.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import Any

import click

from trialsim.cli.screen import tell

DONE, FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130

_request: int | None = None
"""The signal by which we were asked to stop, if we were."""


def run_command_line(arguments: Sequence[str] | None = None) -> int:
    """Run a command (by default that of this process) and return its exit status."""
    _open_what_is_closed()
    _keep_libraries_quiet_about_their_folders()
    _on_request_to_stop(_interrupt)
    sys.unraisablehook = _unraisable
    try:
        status = _run(list(sys.argv[1:] if arguments is None else arguments))
    except BaseException as problem:  # the one place where everything is caught
        _on_request_to_stop(signal.SIG_IGN)
        status = INTERRUPTED if _request else _explain(problem)
        if status == INTERRUPTED:
            _say("interrupted")
    _on_request_to_stop(signal.SIG_IGN)  # leaving takes a moment too, and there is nothing left to stop
    return status


def _run(arguments: list[str]) -> int:
    from trialsim.cli.commands import commands

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character shows ?, and the run goes on
    commands._main_shell_completion({}, "trialsim")  # `main` would do it, and would also choose the status
    try:
        try:
            with commands.make_context("trialsim", arguments) as context:
                commands.invoke(context)
        except click.exceptions.Exit as leaving:
            return leaving.exit_code
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # `| head` has seen enough
        _discard_stdout()
    return DONE


def _explain(problem: BaseException) -> int:
    """Say what went wrong, in a line if it can be; return the exit status."""
    if isinstance(problem, click.UsageError):
        tell(_of_usage(problem), err=True)
        return WRONG_INPUT
    if isinstance(problem, click.ClickException):
        _say(problem.format_message())
        return problem.exit_code
    if isinstance(problem, KeyboardInterrupt | click.Abort):
        return INTERRUPTED
    if os.environ.get("TRIALSIM_DEBUG"):
        import traceback

        traceback.print_exception(problem)

    from trialsim.document.pdf import NoTypst
    from trialsim.experiment.cluster import ClusterError
    from trialsim.experiment.engines.choice import EngineError
    from trialsim.experiment.executors import ExecutorError
    from trialsim.experiment.processes import WorkersLost
    from trialsim.model.clock import TooManyEvents
    from trialsim.scenario.messages.errors import ScenarioError
    from trialsim.storage import Refused, StoreError

    if isinstance(problem, ScenarioError):
        tell(str(problem), err=True)
        return WRONG_INPUT
    if isinstance(problem, Refused | EngineError | ExecutorError):
        _say(str(problem))
        return WRONG_INPUT
    if isinstance(problem, StoreError | WorkersLost | ClusterError | TooManyEvents | NoTypst):
        _say(str(problem))
    elif isinstance(problem, OSError) and problem.filename is None:
        _say(f"cannot write the output: {problem.strerror}")
        _discard_stdout()
    else:
        words = " ".join(str(problem).split())
        _say(f"internal error: {type(problem).__name__}: {words} (TRIALSIM_DEBUG=1 shows where)")
    return FAILED


def _of_usage(problem: click.UsageError) -> str:
    """What is wrong with options and arguments, as it is said of scenario files: where, what, and what is allowed."""
    command = problem.ctx.command_path if problem.ctx else "trialsim"
    asking = f"; `{command} -h` explains it" if problem.ctx else ""
    if isinstance(problem, click.MissingParameter) and problem.param is not None:
        return f"{command}: {_option(problem)} is missing{asking}"
    if isinstance(problem, click.NoSuchOption):
        close = f" (did you mean {problem.possibilities[0]}?)" if problem.possibilities else ""
        return f"{command}: there is no option {problem.option_name}{close}{asking}"
    if isinstance(problem, click.BadParameter):
        return f"{command}: {_option(problem)}: {problem.message}"
    words = problem.message.rstrip(".")
    if words[:1].isupper():  # click's own words
        return f"{command}: {words[0].lower()}{words[1:]}{asking}"
    return f"{command}: {words}"


def _option(problem: click.BadParameter) -> str:
    """What an option or argument is called on help pages."""
    if problem.param is None or problem.param_hint:
        return str(problem.param_hint or "").strip("'")
    found = problem.param
    return max(found.opts, key=len) if isinstance(found, click.Option) else str(found.metavar or found.name)


def _say(message: str) -> None:
    tell(f"trialsim: {message}", err=True)


def _open_what_is_closed() -> None:
    """Send nowhere what goes to a stream that whoever started us has closed, and take nothing from there.

    Else the next file that is opened would have its number, and receive what is written to the stream.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            nowhere = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
            os.set_inheritable(nowhere, True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def _keep_libraries_quiet_about_their_folders() -> None:
    """A user without a home folder, or with a relative one for caches, has no use for matplotlib's advice on that."""
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        if not os.path.isabs(os.environ.get(name, "/")):
            del os.environ[name]  # as the standard says: to be ignored; else it would be made where we are
    logging.getLogger("matplotlib").setLevel(logging.ERROR)


def _discard_stdout() -> None:
    """Send what is left to be written nowhere, so that leaving does not fail on it once more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _on_request_to_stop(handler: Any) -> None:
    """Set what Ctrl-C and a request to terminate do, except where whoever started us wants them ignored."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    global _request
    _request = number
    raise KeyboardInterrupt


def _unraisable(problem: sys.UnraisableHookArgs) -> None:
    """An interrupt that hits a callback that cannot raise (an import lock's, a finaliser) would be lost: try again."""
    if isinstance(problem.exc_value, KeyboardInterrupt):
        # the same signal: in the background SIGINT is ignored, and SIGTERM is not
        threading.Timer(0.02, os.kill, (os.getpid(), _request or signal.SIGINT)).start()
    else:
        sys.__unraisablehook__(problem)

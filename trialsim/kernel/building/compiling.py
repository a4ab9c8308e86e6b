"""The compiled kernel: from the cache if it is there, else compiled by another process, which takes a while.

What is compiled and kept is an object file. This process loads it, so it needs llvmlite, but neither numba nor the
kernel's functions in numba's language. Code that was never tried on this machine is tried in another process first:
whatever is wrong with it ends that one and not this.
"""

from __future__ import annotations

import ctypes
import logging
import os
import subprocess
import sys
from functools import lru_cache
from threading import Lock
from typing import Any

import llvmlite.binding as llvm

from trialsim.kernel.building import cache
from trialsim.kernel.calling import VARIABLE, Entry
from trialsim.kernel.language import linking

NAME = "trialsim_kernel"
"""The name of the one function that Python calls."""
_WORDS = 4
_lock = Lock()
_log = logging.getLogger("trialsim")


def _compile() -> bytes:
    """The object file, from `trialsim.kernel.building.translating` in a process that ends with this one.

    Raises
    ------
    ImportError
        If numba is missing or does not work, or the process cannot be started or was killed.
    """
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(stdin=pipe, stdout=pipe, **program_of_ours("translating", "numba"))
    except OSError as problem:
        raise ImportError(f"no process to compile it: {problem}") from None
    with process:
        try:
            assert process.stdout is not None
            written = process.stdout.read()
            status = process.wait()
        except BaseException:
            process.kill()
            raise
    if status:
        raise ImportError(
            written.decode(errors="replace") or f"the process that compiles it ended with status {status}"
        )
    return written


def _works(code: bytes) -> bool:
    """Whether a process that runs this code, `trialsim.kernel.building.trying`, comes to its end."""
    try:
        done = subprocess.run(input=code, stdout=subprocess.DEVNULL, check=False, **program_of_ours("trying", ""))
    except OSError:
        return False
    return done.returncode == 0


def program_of_ours(module: str, language: str) -> dict[str, Any]:
    """How a module of this folder is started as a program, which finds the same packages as this one."""
    same_packages = os.pathsep.join(place or os.getcwd() for place in sys.path)
    return {
        "args": [sys.executable, "-P", "-m", f"trialsim.kernel.building.{module}"],
        "env": {**os.environ, "PYTHONPATH": same_packages, VARIABLE: language},
        "stderr": None if os.environ.get("TRIALSIM_DEBUG") else subprocess.DEVNULL,
    }


def target_machine() -> Any:
    """This processor, for LLVM."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_triple(llvm.get_process_triple())
    abilities = llvm.get_host_cpu_features().flatten()
    return target.create_target_machine(llvm.get_host_cpu_name(), abilities, opt=3, codemodel="jitdefault", jit=True)


class Program:
    """An object file in memory."""

    def __init__(self, code: bytes) -> None:
        linking.make_known()
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target_machine())
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        pointer, word = ctypes.c_void_p, ctypes.c_int64
        address = self._engine.get_function_address(NAME)
        self._function = ctypes.CFUNCTYPE(ctypes.c_int32, pointer, pointer, *[word] * _WORDS)(address)

    def __call__(self, *words: int) -> int:
        """Call the entry; other threads of Python go on meanwhile."""
        result, error = ctypes.c_int64(), ctypes.c_void_p()
        if self._function(ctypes.byref(result), ctypes.byref(error), *words):
            raise RuntimeError("an error that compiled code cannot describe")
        return result.value


@lru_cache(maxsize=1)
def _program() -> Program:
    code = _kept()
    if code is None or not cache.was_tried(code):
        if code is None or not _works(code):
            if code is not None:
                _log.info("The compiled code that was kept does not run: it is compiled anew, in about a minute")
            code = _compile()
            if not _works(code):
                raise ImportError("what was compiled does not run on this machine")
        try:
            cache.write(code)
        except OSError as problem:
            why = problem.strerror or problem
            _log.info("It cannot be kept, so each run compiles it: %s; NUMBA_CACHE_DIR names another folder", why)
    return Program(code)


def _kept() -> bytes | None:
    """The code that was kept, if nobody else could have put it there."""
    try:
        return cache.read()
    except cache.Untrusted as problem:
        _log.info("Compiled code that was kept is not used: %s", problem)
        return None


def entry() -> Entry:
    """The compiled kernel."""
    with _lock:
        return _program()


def is_loaded() -> bool:
    """Whether it has been loaded or compiled in this process."""
    return _program.cache_info().currsize > 0

"""SciPy's functions of the kernel, the very ones that the SimPy model's draws call, made known to compiled code.

They are SciPy's scalar versions, found by name in its Cython module. Nothing here imports numba.
"""

from __future__ import annotations

import ctypes

import llvmlite.binding as llvm
from scipy.special import cython_special

FUNCTIONS = {"log1p": 1, "ndtri": 1, "xlogy": 2, "inv_boxcox": 2, "gammaincinv": 2, "betaincinv": 3}
"""How many numbers each takes."""


def symbol(name: str) -> str:
    """What a function is called by compiled code."""
    return f"trialsim_{name}"


def make_known() -> None:
    """Tell the linker where the functions are.

    Raises
    ------
    ImportError
        If this version of SciPy lacks one of them.
    """
    for name, numbers in FUNCTIONS.items():
        llvm.add_symbol(symbol(name), _address(name, numbers))


def _address(name: str, numbers: int) -> int:
    """Where the function of so many numbers is; some are listed under a prefix that says for which type they are."""
    signature = f"double ({'double, ' * numbers}int __pyx_skip_dispatch)".encode()
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    for listed in (name, f"__pyx_fuse_1{name}", f"__pyx_fuse_0{name}"):
        capsule = cython_special.__pyx_capi__.get(listed)
        if capsule is not None and signature.decode() in repr(capsule):
            return int(pointer(capsule, signature))
    raise ImportError(f"this version of SciPy has no {name} that compiled code could call")

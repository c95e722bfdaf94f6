"""What the pages share. Imported first of all: what a process allows itself is settled here."""

import ctypes
import gc
import os
import sys
import time
from contextlib import suppress

# One BLAS thread for each training. With two or more, three trainings at once were measured at 36 s
# each in place of 5 s. It only works before NumPy is loaded, so every page imports from here first.
for _variable in (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
):
    os.environ.setdefault(_variable, "1")


COLLECT_EVERY, COLLECT_ALL_EVERY = 1.0, 20.0  # seconds
_collected = _collected_all = time.monotonic()  # the first visitor has left nothing yet
gc.freeze()  # nor do the libraries


def collect_garbage(everything: bool = False) -> None:
    """Collect garbage now and then, in place of Streamlit, which would do so after every pass.

    That looks at all modules and at all that all sessions hold: a step of a lesson took 21 ms of the
    processor with one visitor, and 62 with sixty. Here one pass a second looks at what is new, and one
    in twenty seconds, or one that asks for it, at everything, which takes some 0.1 s with a hundred
    sessions. Who left is garbage until then.
    """
    global _collected, _collected_all
    now = time.monotonic()
    if everything or now >= _collected_all + COLLECT_ALL_EVERY:
        _collected = _collected_all = now
        gc.unfreeze()
        gc.collect()
        gc.freeze()
    elif now >= _collected + COLLECT_EVERY:
        _collected = now
        gc.collect()


def give_back() -> None:
    """Give memory that is free back to the system, where the C library is glibc; a few milliseconds."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL("libc.so.6").malloc_trim(0)


def keep_one_heap() -> bool:
    """Have threads share one heap that shrinks, where the C library is glibc; say whether it took it.

    By itself glibc gives every thread a heap, and each keeps room for the largest array that it ever
    held: after eight visitors 660 MB were taken and 165 in use; so it was 294. Arrays as large as
    all training pictures stay in it: to get 20 MB anew from the system in each iteration would make the
    textbook's loop a sixth slower.
    """
    arenas, map_from, trim_from = (-8, 1), (-3, 24 * 2**20), (-1, 8 * 2**20)  # as in malloc.h
    taken = False
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            mallopt = ctypes.CDLL("libc.so.6").mallopt
            taken = all(mallopt(*option) for option in (arenas, map_from, trim_from))
    return taken


def ask_for_no_prompt() -> None:
    """Have Streamlit not ask, at the first element of a process, whether it runs at a Python prompt.

    To know, it reads the source of all that is on the stack: 0.15 s of the first visitor's page.
    """
    from streamlit import delta_generator

    delta_generator._use_warning_has_been_displayed = True


keep_one_heap()
ask_for_no_prompt()

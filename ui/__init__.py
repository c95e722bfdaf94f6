"""What the pages share. Imported first of all: see below."""

import os

# One BLAS thread for each training. With two or more, three trainings at once were measured at 36 s
# each in place of 5 s. It only works before NumPy is loaded, so every page imports from here first.
for _variable in (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
):
    os.environ.setdefault(_variable, "1")

"""One line that stands for arrays: two that differ in a single number have different digests."""

import hashlib
from typing import Any

import numpy as np


def arrays_digest(*arrays: Any) -> str:
    """Return the SHA-256 of the arrays' shapes and contents, however their file was packed.

    Parameters
    ----------
    arrays : ndarray

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> arrays_digest(np.array([[0, 1]], dtype=np.uint8))[:16]
    'adba199af6ebda48'
    """
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(str(array.shape).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()

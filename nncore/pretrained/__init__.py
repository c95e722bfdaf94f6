"""The networks that the program ships: the two documented ones, and one that knows the doodles.

They are written by::

    python -m nncore train --model two_layer --data photos --save nncore/pretrained/two_layer.npz
    python -m nncore train --model four_layer --data photos --save nncore/pretrained/four_layer.npz
    python -m nncore train --model four_layer --data doodles --save nncore/pretrained/doodles.npz

and tests prove that the first two are what the documented runs give, and the third what the same
settings give on the doodles.
"""

from functools import cache
from pathlib import Path

from nncore.history import History

NAMES = ("four_layer", "two_layer", "doodles")


@cache
def load(name: str) -> History:
    """Return a network with the run that trained it; its arrays are read-only.

    Parameters
    ----------
    name : str
        "four_layer" and "two_layer" are the documented ones, trained on photos; "doodles" is the
        documented 4-layer network trained on the doodles.

    Raises
    ------
    ValueError
        If there is no such network.
    """
    if name not in NAMES:
        raise ValueError(f"There is no network {name!r}: it needs to be one of {', '.join(NAMES)}.")
    return History.load(Path(__file__).with_name(f"{name}.npz"))

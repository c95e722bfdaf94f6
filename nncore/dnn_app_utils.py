"""The helper file of the course's application: `from nncore.dnn_app_utils import *`.

It is `nncore` under another name, but for one function: the application silently starts its networks
from seed 1 and randn / sqrt(n[l-1]), where the assignment had seed 3 and randn * 0.01.
"""

from collections.abc import Sequence

import nncore
from nncore import *  # noqa: F403
from nncore import parameters as _parameters
from nncore.types import Parameters

__all__ = [*nncore.__all__]


def initialize_parameters_deep(  # type: ignore[no-redef]  # in place of the assignment's
    layer_dims: Sequence[int], *, seed: int | None = 1, scale: str = "scaled"
) -> Parameters:
    """Start a network of any depth as the application does: seed 1, randn / sqrt(n[l-1]).

    Arguments, results and errors are those of `nncore.initialize_parameters_deep`.
    """
    return _parameters.initialize_parameters_deep(layer_dims, seed=seed, scale=scale)

"""Random networks for the property tests."""

import numpy as np
from hypothesis import strategies as st

from nncore.parameters import draw_parameters
from nncore.types import FloatArray, Parameters


@st.composite
def networks(
    draw: st.DrawFn, most_layers: int = 5, outputs: int | None = 1
) -> tuple[FloatArray, FloatArray, Parameters]:
    """Draw X (n[0], m), Y (n[L], m) of zeros and ones, and parameters with non-zero biases."""
    depth = draw(st.integers(1, most_layers))
    dims = draw(st.lists(st.integers(1, 6), min_size=depth, max_size=depth))
    dims.append(outputs if outputs is not None else draw(st.integers(1, 3)))
    m = draw(st.integers(1, 7))
    stream = np.random.RandomState(draw(st.integers(0, 10_000)))
    parameters = draw_parameters(dims, "he", stream)
    for layer in range(1, len(dims)):
        parameters[f"b{layer}"] = 0.3 * stream.randn(dims[layer], 1)
    X = stream.randn(dims[0], m)
    Y = (stream.rand(dims[-1], m) > 0.5).astype(float)
    return X, Y, parameters

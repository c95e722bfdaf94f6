"""One iteration of training, told in sentences: what the drawing of the network plays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ui.components.network import Scene
from ui.text import _

from nncore.activations import relu_backward
from nncore.backward import L_model_backward
from nncore.cost import compute_cost
from nncore.data.dataset import Dataset
from nncore.forward import L_model_forward
from nncore.history import Settings
from nncore.parameters import draw_parameters, update_parameters
from nncore.types import FloatArray


@dataclass(frozen=True, eq=False)
class Film:
    """The first iteration of a run, seen through one picture.

    Attributes
    ----------
    settings : Settings
    picture : ndarray of shape (h, w, 3), uint8
    activations : tuple of ndarray of shape (n[l],)
        Of that picture, for layers 0 to L.
    gradients : tuple of ndarray of shape (n[l],)
        dZ of that picture for layers 1 to L; of dA0 for layer 0.
    weights : tuple of ndarray of shape (n[l], n[l-1])
    scenes : tuple of Scene
    """

    settings: Settings
    picture: NDArray[np.uint8]
    activations: tuple[FloatArray, ...]
    gradients: tuple[FloatArray, ...]
    weights: tuple[FloatArray, ...]
    scenes: tuple[Scene, ...]


def first_iteration(dataset: Dataset, settings: Settings, index: int) -> Film:
    """Compute the first iteration of a run on the whole training set, and tell it.

    Parameters
    ----------
    dataset : Dataset
    settings : Settings
    index : int
        Which training picture to follow.
    """
    X, Y = dataset.train_x, dataset.train_labels.astype(np.float64)
    parameters = draw_parameters(
        settings.layers_dims, settings.init, np.random.RandomState(settings.seed)
    )
    L = len(settings.layers_dims) - 1
    AL, caches = L_model_forward(X, parameters)
    cost = float(compute_cost(AL, Y))
    grads = L_model_backward(AL, Y, caches)
    updated = update_parameters(parameters, grads, settings.learning_rate)
    cost_after = float(compute_cost(L_model_forward(X, updated)[0], Y))

    linear_caches = [linear_cache for linear_cache, _Z in caches]
    # Copies: a view of one column would keep the whole array alive.
    activations = [cache[0][:, index].copy() for cache in linear_caches] + [AL[:, index].copy()]
    # dZ = dA where the unit is alive; at the output AL is sigmoid(ZL), so dZL = AL - Y.
    dZ = [relu_backward(grads[f"dA{layer}"], caches[layer - 1][1]) for layer in range(1, L)]
    gradients = [each[:, index].copy() for each in (grads["dA0"], *dZ, AL - Y)]
    return Film(
        settings=settings,
        picture=dataset.train_images[index],
        activations=tuple(activations),
        gradients=tuple(gradients),
        weights=tuple(parameters[f"W{layer}"] for layer in range(1, L + 1)),
        scenes=tuple(_scenes(dataset, settings, activations, int(Y[0, index]), cost, cost_after)),
    )


def _scenes(
    dataset: Dataset,
    settings: Settings,
    activations: list[FloatArray],
    label: int,
    cost: float,
    cost_after: float,
) -> list[Scene]:
    sizes = settings.layers_dims
    L = len(sizes) - 1
    height, width, channels = dataset.train_images.shape[1:]
    m = dataset.train_images.shape[0]
    answer = float(activations[L][0])
    scenes = [
        Scene(
            "input",
            0,
            _("A picture is {h} × {w} pixels of {c} colours: {n} numbers, stacked in one column.")
            .format(h=height, w=width, c=channels, n=f"{sizes[0]:,}"),
        )
    ]  # fmt: skip
    for layer in range(1, L):
        alive = int(np.sum(activations[layer] > 0))
        scenes.append(
            Scene(
                "forward",
                layer,
                _(
                    "Each of the {units} units of layer {layer} weighs all {inputs} numbers before "
                    "it and keeps its sum if positive. Here {alive} do."
                ).format(
                    units=sizes[layer], layer=layer, inputs=f"{sizes[layer - 1]:,}", alive=alive
                ),
            )
        )
    scenes.append(
        Scene(
            "forward",
            L,
            _("The last unit squashes its sum to a probability: {answer} that this is a cat.")
            .format(answer=f"{answer:.4g}"),
        )
    )  # fmt: skip
    scenes.append(
        Scene(
            "cost",
            L,
            _(
                "The picture shows {truth}. How wrong the answers are, averaged over all {m} "
                "pictures, is the cost: {cost}."
            ).format(
                truth=_("a cat") if label == 1 else _("no cat"), m=m, cost=f"{cost:.4f}"
            ),
        )
    )  # fmt: skip
    scenes.append(
        Scene(
            "backward",
            L,
            _(
                "Now backward. The last sum should have been {direction}: its gradient is answer "
                "minus truth, {answer} − {label} = {gradient}."
            ).format(
                direction=_("larger") if label == 1 else _("smaller"),
                answer=f"{answer:.4f}",
                label=label,
                gradient=f"{answer - label:.4f}".replace("-", "−"),
            ),
        )
    )  # fmt: skip
    for layer in range(L - 1, 0, -1):
        alive = int(np.sum(activations[layer] > 0))
        scenes.append(
            Scene(
                "backward",
                layer,
                _(
                    "The gradient comes back through W{after} to layer {layer}; only the {alive} units "
                    "whose ReLU is on get any. From it dW{layer} is computed."
                ).format(layer=layer, after=layer + 1, alive=alive),
            )
        )
    scenes.append(
        Scene(
            "update",
            0,
            _(
                "Every weight moves a little against its gradient. The cost was {before}, and now "
                "is {after}: one iteration of {n}."
            ).format(
                before=f"{cost:.4f}", after=f"{cost_after:.4f}", n=f"{settings.num_iterations:,}"
            ),
        )
    )
    return scenes

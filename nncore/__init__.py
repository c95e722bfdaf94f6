"""A deep network in plain NumPy: the functions of the course, under the course's names.

>>> from nncore import initialize_parameters_deep, L_model_forward
"""

from nncore.activations import relu, relu_backward, sigmoid, sigmoid_backward
from nncore.backward import L_model_backward, linear_activation_backward, linear_backward
from nncore.cost import compute_cost
from nncore.data import load_data
from nncore.forward import L_model_forward, linear_activation_forward, linear_forward
from nncore.models import L_layer_model, predict, print_mislabeled_images, two_layer_model
from nncore.parameters import (
    initialize_parameters,
    initialize_parameters_deep,
    update_parameters,
)

__all__ = [
    "L_layer_model",
    "L_model_backward",
    "L_model_forward",
    "compute_cost",
    "initialize_parameters",
    "initialize_parameters_deep",
    "linear_activation_backward",
    "linear_activation_forward",
    "linear_backward",
    "linear_forward",
    "load_data",
    "predict",
    "print_mislabeled_images",
    "relu",
    "relu_backward",
    "sigmoid",
    "sigmoid_backward",
    "two_layer_model",
    "update_parameters",
]

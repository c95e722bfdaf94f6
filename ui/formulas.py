"""Which rules a call of the course's functions follows, so that the matrix explorer can show it.

A step of a trace brings its rules along: `explore_step`. A documented case names its arrays A_prev, W,
b, dA and so on, and its rules are written here: `explore_case`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ui.components.matrix_explorer import Pinned, RuleLike, matrix_explorer

from nncore.activations import relu_backward, sigmoid_backward
from nncore.backward import linear_backward
from nncore.cases import Case, cases
from nncore.cost import compute_cost
from nncore.forward import L_model_forward, linear_activation_forward, linear_forward
from nncore.parameters import update_parameters
from nncore.trace import Rule, Step

Arrays = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Formulas:
    """What `matrix_explorer` needs to know of one call.

    Attributes
    ----------
    phase : str
    rules : tuple of RuleLike
        One for each output, in the order in which they are computed.
    inputs, outputs : mapping of str to ndarray
        An output that a later formula needs, as Z for A, is among the outputs.
    """

    phase: str
    rules: tuple[RuleLike, ...]
    inputs: Arrays
    outputs: Arrays


def explore_step(step: Step, *, key: str, **options: Any) -> Pinned | None:
    """Show the matrices of one step of a trace; options are those of `matrix_explorer`."""
    return matrix_explorer(
        key=key,
        rules=step.rules,
        inputs=step.inputs,
        outputs=step.outputs,
        phase=step.phase,
        **options,
    )


def explore_case(case: Case, inputs: Arrays, *, key: str, **options: Any) -> Pinned | None:
    """Show the matrices of a documented case, with these inputs; see `can_explore`."""
    found = formulas(case.function, inputs, activation=activation_of(case))
    return matrix_explorer(
        key=key,
        rules=found.rules,
        inputs=found.inputs,
        outputs=found.outputs,
        phase=found.phase,
        **options,
    )


def activation_of(case: Case) -> str:
    """Return what the name of a case ends in: where it is about one activation, that one."""
    return case.id.rsplit("_", 1)[-1]


def can_explore(case: Case) -> bool:
    """Tell whether there are formulas for the function of a case; an initialiser has none."""
    return case.function in _MAKERS and bool(case.expected)


@cache
def explained(id: str) -> frozenset[str]:
    """Return those outputs of a documented case whose every number the explorer takes apart."""
    case = cases()[id]
    if not can_explore(case):
        return frozenset()
    made = formulas(case.function, case.inputs(), activation=activation_of(case))
    return frozenset(rule.output for rule in made.rules)


def formulas(
    function: str, inputs: Arrays, *, activation: str = "relu", learning_rate: float = 0.1
) -> Formulas:
    """Return the formulas of a call of one of the course's functions.

    Parameters
    ----------
    function : str
        linear_forward, linear_activation_forward, L_model_forward, compute_cost, relu_backward,
        sigmoid_backward, linear_backward, linear_activation_backward, L_model_backward,
        update_parameters, or numpy.sum.
    inputs : mapping of str to ndarray
        By the names that the cases use.
    activation : {"relu", "sigmoid"}
        Of one layer.
    learning_rate : float
        Of the update; 0.1 in the documented case.

    Raises
    ------
    ValueError
        If the function is another, or the shapes do not fit.
    """
    if function not in _MAKERS:
        raise ValueError(f"{function} has no formulas: it needs to be one of {sorted(_MAKERS)}.")
    arrays = {name: np.asarray(value, dtype=np.float64) for name, value in inputs.items()}
    return _MAKERS[function](arrays, activation, learning_rate)


def _linear(out: str, w: str, a: str, b: str) -> Rule:
    return Rule(out, "product", ((w, "ik"), (a, "kj")), addend=(b, "i0"))


def _gradients(dz: str, a: str, w: str, m: int, outputs: tuple[str, str, str]) -> tuple[Rule, ...]:
    """Write the rules of dW, db and dA_prev, which are named in this order."""
    return (
        Rule(outputs[0], "product", ((dz, "ik"), (a, "jk")), scale=1 / m),
        Rule(outputs[1], "product", ((dz, "ik"),), scale=1 / m),
        Rule(outputs[2], "product", ((w, "ki"), (dz, "kj"))),
    )


def _linear_forward(inputs: Arrays, _activation: str, _rate: float) -> Formulas:
    Z, _ = linear_forward(inputs["A"], inputs["W"], inputs["b"])
    return Formulas("forward", (_linear("Z", "W", "A", "b"),), inputs, {"Z": Z})


def _linear_activation_forward(inputs: Arrays, activation: str, _rate: float) -> Formulas:
    arrays = (inputs[name] for name in ("A_prev", "W", "b"))
    A, (_, Z) = linear_activation_forward(*arrays, activation)
    rules = (_linear("Z", "W", "A_prev", "b"), Rule("A", activation, (("Z", "ij"),)))
    return Formulas("forward", rules, inputs, {"Z": Z, "A": A})


def _model_forward(inputs: Arrays, _activation: str, _rate: float) -> Formulas:
    parameters = {name: value for name, value in inputs.items() if name != "X"}
    AL, caches = L_model_forward(inputs["X"], parameters)
    L = len(caches)
    rules: list[Rule] = []
    outputs = {}
    for layer in range(1, L + 1):
        z, a = f"Z{layer}", f"A{layer}" if layer < L else "AL"
        before = f"A{layer - 1}" if layer > 1 else "X"
        rules.append(_linear(z, f"W{layer}", before, f"b{layer}"))
        rules.append(Rule(a, "relu" if layer < L else "sigmoid", ((z, "ij"),)))
        outputs |= {z: caches[layer - 1][1], a: caches[layer][0][0] if layer < L else AL}
    return Formulas("forward", tuple(rules), inputs, outputs)


def _cost(inputs: Arrays, _activation: str, _rate: float) -> Formulas:
    AL, Y = inputs["AL"], inputs["Y"]
    rule = Rule("cost", "cost", (("AL", "ij"), ("Y", "ij")), scale=-1 / Y.shape[1])
    return Formulas("cost", (rule,), inputs, {"cost": compute_cost(AL, Y)})


def _activation_backward(inputs: Arrays, activation: str, _rate: float) -> Formulas:
    backward = sigmoid_backward if activation == "sigmoid" else relu_backward
    rule = Rule("dZ", f"{activation}_backward", (("dA", "ij"), ("Z", "ij")))
    return Formulas("backward", (rule,), inputs, {"dZ": backward(inputs["dA"], inputs["Z"])})


def _linear_backward(inputs: Arrays, _activation: str, _rate: float) -> Formulas:
    cache = tuple(inputs[name] for name in ("A_prev", "W", "b"))
    dA_prev, dW, db = linear_backward(inputs["dZ"], cache)  # type: ignore[arg-type]
    rules = _gradients("dZ", "A_prev", "W", inputs["dZ"].shape[1], ("dW", "db", "dA_prev"))
    return Formulas("backward", rules, inputs, {"dW": dW, "db": db, "dA_prev": dA_prev})


def _linear_activation_backward(inputs: Arrays, activation: str, rate: float) -> Formulas:
    first = _activation_backward(inputs, activation, rate)
    dZ = first.outputs["dZ"]
    dA_prev, dW, db = linear_backward(dZ, (inputs["A"], inputs["W"], inputs["b"]))
    rules = _gradients("dZ", "A", "W", dZ.shape[1], ("dW", "db", "dA_prev"))
    outputs = {"dZ": dZ, "dW": dW, "db": db, "dA_prev": dA_prev}
    return Formulas("backward", (*first.rules, *rules), inputs, outputs)


def _model_backward(inputs: Arrays, _activation: str, _rate: float) -> Formulas:
    """Take the case's caches as they are: W1, b1, A1, Z1 belong to layer 1, A1 being its INPUT."""
    L = sum(name.startswith("W") for name in inputs)
    AL, Y = inputs["AL"], inputs["Y"]
    dA, name = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL)), f"dA{L}"
    rules: list[Rule] = [Rule(name, "dAL", (("AL", "ij"), ("Y", "ij")))]
    outputs = {name: dA}
    for layer in range(L, 0, -1):
        sigmoidal = layer == L
        Z, dz = inputs[f"Z{layer}"], f"dZ{layer}"
        dZ = (sigmoid_backward if sigmoidal else relu_backward)(dA, Z)
        kind = "sigmoid_backward" if sigmoidal else "relu_backward"
        rules.append(Rule(dz, kind, ((name, "ij"), (f"Z{layer}", "ij"))))
        cache = (inputs[f"A{layer}"], inputs[f"W{layer}"], inputs[f"b{layer}"])
        dA, dW, db = linear_backward(dZ, cache)
        name = f"dA{layer - 1}"
        made = (f"dW{layer}", f"db{layer}", name)
        rules += _gradients(dz, f"A{layer}", f"W{layer}", Z.shape[1], made)
        outputs |= {dz: dZ, **dict(zip(made, (dW, db, dA), strict=True))}
    return Formulas("backward", tuple(rules), inputs, outputs)


def _update(inputs: Arrays, _activation: str, rate: float) -> Formulas:
    parameters = {name: array for name, array in inputs.items() if not name.startswith("d")}
    gradients = {name: array for name, array in inputs.items() if name.startswith("d")}
    rules = tuple(
        Rule(name, "update", ((name, "ij"), (f"d{name}", "ij")), scale=rate) for name in parameters
    )
    return Formulas("update", rules, inputs, update_parameters(parameters, gradients, rate))


def _sums(inputs: Arrays, _activation: str, _rate: float) -> Formulas:
    A = inputs["A"]
    rules = (
        Rule("axis=1", "product", (("A", "ik"),)),
        Rule("axis=0", "product", (("A", "kj"),)),
    )
    outputs = {
        "axis=1": np.sum(A, axis=1, keepdims=True),
        "axis=0": np.sum(A, axis=0, keepdims=True),
    }
    return Formulas("", rules, inputs, outputs)


_MAKERS = {
    "linear_forward": _linear_forward,
    "linear_activation_forward": _linear_activation_forward,
    "L_model_forward": _model_forward,
    "compute_cost": _cost,
    "relu_backward": lambda inputs, _a, rate: _activation_backward(inputs, "relu", rate),
    "sigmoid_backward": lambda inputs, _a, rate: _activation_backward(inputs, "sigmoid", rate),
    "linear_backward": _linear_backward,
    "linear_activation_backward": _linear_activation_backward,
    "L_model_backward": _model_backward,
    "update_parameters": _update,
    "numpy.sum": _sums,
}

"""A run as one script: nothing but NumPy, the textbook's loop, the very same numbers.

The functions in the script are the ones that run here. Their source is taken as it stands
(`inspect.getsource`) and made shorter, never rewritten: what is left out are the checks of what comes
in, the annotations of types, and of the docstrings what is said of errors, notebooks and examples. A
line that computes is in the script as it is here, comment included; only where a check also counts the
layers does the script count them itself. What is the script's own, how it reads the pictures and loops,
stands in `nncore.standalone` and is copied in the same way.

The numbers are the recorded ones to 1e-9 and better, but for one kind of run: where steps overshoot and
the cost jumps up and down, each jump magnifies the rounding of the sums, and two programs that add in
another order part ways. The script says so where it happens.

What the script is about (sizes, rates, seed, names of classes) is written into it as literals. Names
are anybody's text: they are written by `repr`, into one line of code, and never into a comment or a
docstring.
"""

import ast
import inspect
import io
import re
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import IO, Any

import numpy as np

from nncore import activations, standalone
from nncore.activations import relu, relu_backward, sigmoid, sigmoid_backward
from nncore.backward import L_model_backward, linear_activation_backward, linear_backward
from nncore.cost import compute_cost, mean_losses
from nncore.data.dataset import Dataset, to_columns
from nncore.digest import arrays_digest
from nncore.forward import L_model_forward, linear_activation_forward, linear_forward
from nncore.history import History
from nncore.parameters import SCALES, draw_parameters, update_parameters
from nncore.run import Recipe
from nncore.training import count_correct

TOLERANCE = 1e-9  # of the last cost: the script sums in another order than the fast engines
PHOTOS = ("photos", "own photos")  # data sets that lie in the course's two files
PICTURES = "pictures.npz"

SECTIONS: dict[str, tuple[Callable[..., Any], ...]] = {
    "The pictures": (arrays_digest, to_columns),
    "The activations, and their way back": (sigmoid, relu, sigmoid_backward, relu_backward),
    "The first weights": (draw_parameters,),
    "Forward": (linear_forward, linear_activation_forward, L_model_forward),
    "The cost": (mean_losses, compute_cost),
    "Backward": (linear_backward, linear_activation_backward, L_model_backward),
    "The update, and the loop": (update_parameters, standalone.L_layer_model),
    "The answers": (count_correct,),
}
OWN = (standalone.read_photos, standalone.read_pictures, standalone.L_layer_model)


def script(recipe: Recipe, network: History) -> str:
    """Write the script that makes a network again.

    Parameters
    ----------
    recipe : Recipe
        What made it; a branch with all the runs before it.
    network : History
        The recipe's run, as it stood after `network.last` of its updates.

    Returns
    -------
    str
        Python for one file, of which `main()` returns the parameters and the cost after every update.

    Raises
    ------
    ValueError
        If the run cannot be made again from the recipe, with the reason.
    """
    trouble = why_not(recipe, network)
    if trouble:
        raise ValueError(trouble)
    stages = stages_of(recipe, network.last)
    photos = network.settings.dataset in PHOTOS
    read = standalone.read_photos if photos else standalone.read_pictures
    parts = [_head(recipe, network, stages, photos)]
    for title, functions in SECTIONS.items():
        bodies = [_source(function) for function in functions]
        if arrays_digest in functions:
            bodies = [_source(read), *bodies]
        if sigmoid in functions:
            bodies = [_constants(activations), *bodies]
        parts += [_rule(title), *bodies]
    parts.append(_main(read.__name__))
    return "\n\n\n".join(parts) + "\n"


def why_not(recipe: Recipe | None, network: History) -> str:
    """Say why there can be no script of a network; an empty text where there can.

    Parameters
    ----------
    recipe : Recipe or None
        What made it, as far as it is known.
    network : History
    """
    if recipe is None or recipe.root.settings.init not in SCALES:
        return (
            "This run went on from a network that it was handed, in a file, say. The file keeps the "
            "network, but not the runs that made it: they cannot be written down as code."
        )
    if recipe.settings != network.settings:
        return "The network was not made by this recipe: their settings differ."
    if not network.data_digest or "test" not in network.correct:
        return (
            "The run does not say on which pictures it was made: it was trained on arrays that the "
            "script cannot ask for, or saved before files said so. Train it again."
        )
    if network.settings.layers_dims[-1] != 1:
        return "The network has several outputs, and the script counts answers of one."
    return ""


def stages_of(recipe: Recipe, at: int) -> tuple[tuple[float, int], ...]:
    """Return the learning rates of a run, one after another, and how many updates each had.

    Parameters
    ----------
    recipe : Recipe
    at : int
        After how many updates of its own run (not of its parents') to stop.

    Examples
    --------
    >>> from nncore.history import Settings
    >>> root = Recipe(Settings((4, 1), 0.1, 100, "he", 1))
    >>> stages_of(root.branch(30, 0.02), 50)
    ((0.1, 30), (0.02, 50))
    """
    before = () if recipe.parent is None else stages_of(recipe.parent, recipe.at)
    return (*before, (float(recipe.settings.learning_rate), int(at)))


def save_pictures(file: str | Path | IO[bytes], dataset: Dataset) -> None:
    """Keep a data set as the file that the script reads: pictures and labels, nothing else."""
    arrays = {
        "train_images": dataset.train_images,
        "train_labels": dataset.train_labels,
        "test_images": dataset.test_images,
        "test_labels": dataset.test_labels,
    }
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def pictures(dataset: Dataset) -> bytes:
    """Return the bytes of `save_pictures`, for a download."""
    file = io.BytesIO()
    save_pictures(file, dataset)
    return file.getvalue()


# The parts of the script that are not copied ------------------------------------------------------


def _head(
    recipe: Recipe, network: History, stages: tuple[tuple[float, int], ...], photos: bool
) -> str:
    sizes = " - ".join(f"{size:,}" for size in network.settings.layers_dims)
    needs = "NumPy and h5py" if photos else "NumPy"
    beside = (
        "the course's train_catvnoncat.h5 and test_catvnoncat.h5"
        if photos
        else f"the {PICTURES} that was offered with it"
    )
    trained = ", then ".join(f"{n:,} updates with learning rate {rate:g}" for rate, n in stages)
    about = (
        f"A network of {sizes} units, trained by gradient descent: {trained}. It needs {needs}, and "
        f"beside it {beside}. Start it with"
    )
    notation = (
        "One example is one column: X is (n[0], m). n[l] is the number of units of layer l, m the "
        "number of examples, and layer L is the last. It ends by holding its own cost and answers "
        "against those that were recorded when this run was trained."
    )
    root = recipe.root.settings
    classes = ", ".join(map(_literal, network.classes))
    layers = tuple(int(size) for size in network.settings.layers_dims)
    right = ", ".join(
        f'"{part}": ({int(count)}, {int(total)})'
        for part, (count, total) in network.correct.items()
        if part in ("train", "test")
    )
    lines = [
        '"""Training a deep network, step by step, in plain NumPy.',
        "",
        *textwrap.wrap(about, 98),
        "",
        "    python this_script.py            # or, with the pictures elsewhere:",
        "    python this_script.py FOLDER",
        "",
        *textwrap.wrap(notation, 98),
        '"""',
        "",
        "import hashlib",
        "import sys",
        "from pathlib import Path",
        "",
        "import numpy as np",
        "",
        _rule("The run"),
        "",
        f"LAYERS_DIMS = {layers!r}  # n[0], n[1], ..., n[L]",
        f"INIT, SEED = {_literal(root.init)}, {int(root.seed)}  # scale and seed of the first weights",
        "STAGES = (  # learning rate, and how many updates with it, one after another",
        *(f"    ({rate!r}, {count!r})," for rate, count in stages),
        ")",
        f"CLASSES = ({classes})  # the names of labels 0 and 1",
        "",
        "# What was recorded when it was trained.",
        f"DATA_DIGEST = {_literal(network.data_digest)}",
        f"COST = {float(network.costs[-1])!r}  # after the last update",
        f"RIGHT = {{{right}}}  # how many answers, of how many",
        f"TOLERANCE = {TOLERANCE!r}  # of the cost: sums in another order differ in the last digits",
    ]
    return "\n".join(lines)


def _main(read: str) -> str:
    return f'''\
{_rule("From start to end")}


def main():
    """Read the pictures, train, and hold what comes out against the recorded run."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    train_images, train_labels, test_images, test_labels = {read}(folder)
    if arrays_digest(train_images, train_labels, test_images, test_labels) != DATA_DIGEST:
        print("These are not the pictures of the recorded run: expect other numbers.")
    X, Y = to_columns(train_images), train_labels  # (n[0], m) and (1, m)
    X_test, Y_test = to_columns(test_images), test_labels
    if X.shape[0] != LAYERS_DIMS[0]:
        raise SystemExit(f"The pictures have {{X.shape[0]}} numbers each, n[0] is {{LAYERS_DIMS[0]}}.")
    print(f"{{Y.shape[1]}} pictures to learn from, {{Y.sum()}} of them {{CLASSES[1]!r}}.")

    parameters = draw_parameters(LAYERS_DIMS, INIT, np.random.RandomState(SEED))
    parameters, costs = L_layer_model(X, Y, parameters, STAGES)

    right = {{
        "train": count_correct(X, Y, parameters),
        "test": count_correct(X_test, Y_test, parameters),
    }}
    for part, (count, total) in right.items():
        print(f"Right on {{part}}: {{count}} of {{total}} ({{count / total:.1%}})")
    difference = abs(costs[-1] - COST)
    if difference <= TOLERANCE and right == RIGHT:
        print(f"The recorded run again: the last cost differs by {{difference:.1e}}.")
    else:
        print(f"NOT the recorded run: its last cost was {{COST}}, and right were {{RIGHT}}.")
        rises = int(np.sum(np.diff(costs) > 0))
        if rises:
            print(f"The cost rose at {{rises}} steps on the way. That can magnify the last digits of")
            print("every sum, and two programs that add in another order then part ways.")
    return parameters, costs


if __name__ == "__main__":
    main()'''


def _literal(text: str) -> str:
    """Write anybody's text as a literal of Python: in double quotes where it is harmless.

    >>> print(_literal("cat"), _literal('"; import os #'))
    "cat" '"; import os #'
    """
    return f'"{text}"' if re.fullmatch(r"[\w -]*", text, re.ASCII) else repr(text)


def _rule(title: str) -> str:
    return f"# {title} ".ljust(100, "-")


# The parts that are: source of ours, made shorter -------------------------------------------------

CHECKS = re.compile(r"require_\w+")
COUNTS_LAYERS = ("require_input", "require_parameters")  # they return L
LEFT_OUT = ("Raises", "References", "Examples")


@cache
def _source(function: Callable[..., Any]) -> str:
    """Return a function's source without checks, annotations and the end of its docstring."""
    lines = inspect.getsource(function).splitlines()
    tree = ast.parse("\n".join(lines)).body[0]
    assert isinstance(tree, ast.FunctionDef)
    new: dict[int, str | None] = {}  # by line number: what stands there, None for nothing

    def replace(node: ast.stmt, text: str | None) -> None:
        new.update(dict.fromkeys(range(node.lineno, (node.end_lineno or node.lineno) + 1)))
        if text is not None:
            new[node.lineno] = " " * node.col_offset + text

    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and _called(node.value):
            replace(node, None)
        elif isinstance(node, ast.Assign) and _called(node.value) in COUNTS_LAYERS:
            replace(node, f"{ast.unparse(node.targets[0])} = len(parameters) // 2")
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            replace(node, f"{ast.unparse(node.target)} = {ast.unparse(node.value)}")
        elif isinstance(node, ast.If) and _only_refuses(node) and function not in OWN:
            replace(node, None)
    first, rest = tree.body[0], tree.body[1]
    new.update(dict.fromkeys(range(1, rest.lineno)))
    new[1] = _signature(tree)
    new[first.lineno] = _docstring(lines[first.lineno - 1 : first.end_lineno])
    kept = [new.get(number, line) for number, line in enumerate(lines, start=1)]
    return "\n".join(line for line in kept if line is not None)


def _called(node: ast.expr) -> str:
    """Return the name of the check that an expression calls, an empty text if it calls none."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id if CHECKS.fullmatch(node.func.id) else ""
    return ""


def _only_refuses(node: ast.If) -> bool:
    return isinstance(node.body[-1], ast.Raise) and not node.orelse


def _signature(function: ast.FunctionDef) -> str:
    """Return the def line, without the annotations of types."""
    arguments = function.args
    for argument in (*arguments.args, *arguments.kwonlyargs, arguments.vararg):
        if argument is not None:
            argument.annotation = None
    return f"def {function.name}({ast.unparse(arguments)}):"


def _docstring(lines: list[str]) -> str:
    """Return a docstring up to what it says of errors, references and examples."""
    whole = "\n".join(lines).rstrip().removesuffix('"""').rstrip()
    sections = re.split(r"\n\n(?=    \w+\n    -+\n)", whole)
    kept = "\n\n".join(part for part in sections if not part.strip().startswith(LEFT_OUT))
    return kept + ('\n    """' if "\n" in kept else '"""')


@cache
def _constants(module: Any) -> str:
    """Return a module's lines that give a number a name, comment included."""
    source = inspect.getsource(module)
    lines = source.splitlines()
    return "\n".join(
        lines[node.lineno - 1] for node in ast.parse(source).body if isinstance(node, ast.Assign)
    )

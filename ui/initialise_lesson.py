"""The lesson on first weights: what each scale does to the layers above, and to the training."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import streamlit as st

from ui import store
from ui.address import choice
from ui.case import documented_case
from ui.components.chart import (
    Axis,
    Bars,
    Chart,
    Dash,
    Mark,
    Note,
    Panel,
    Points,
    Rule,
    Sign,
    show_chart,
)
from ui.components.network import significant
from ui.frame import TEXT_WIDTH
from ui.listing import show_lines
from ui.matrix import bracketed, four_digits, scientific
from ui.question import Option, Question
from ui.text import _

from nncore import data
from nncore.cases import cases, check, runs
from nncore.data import photos
from nncore.data.dataset import Dataset
from nncore.initial import (
    Depth,
    FirstIterations,
    cost_of_one_answer,
    first_iterations,
    histograms,
    through_depth,
)
from nncore.parameters import draw_parameters
from nncore.types import FloatArray, Parameters

SETTINGS = runs()["four_layer"].settings
ITERATIONS = 1000
SEEDS = 8
# On a narrow screen a table scrolls, not the whole page with it.
SCROLLS = """<style>.st-key-gradient_table, .st-key-training_table { overflow-x: auto; }
:is(.st-key-gradient_table, .st-key-training_table) :is(td, th) { white-space: nowrap; }
</style>"""
# In the order of the lesson. Plain characters: these stand in charts, where no LaTeX goes.
NAMES = {"zeros": _("zeros"), "small": "0.01", "scaled": "1/√n", "he": _("He, √(2/n)")}
DASHES: dict[str, Dash] = {"zeros": "dot", "small": "dash", "scaled": "solid", "he": "dashdot"}
MARKS: dict[str, Sign] = {"zeros": "x", "small": "square", "scaled": "circle", "he": "diamond"}
CASES = (
    "initialize_parameters_deep",
    "initialize_parameters",
    "initialize_parameters_deep_unseeded",
)


# What is measured: once for a data set and a seed, for all visitors ---------------------------------


@dataclass(frozen=True, eq=False)
class Starts:
    """The same network, started with each scale from the same random draws."""

    parameters: dict[str, Parameters]
    depth: dict[str, Depth]


def choose_data() -> Dataset:
    """Return the photos where there are any, else the doodles; say so if the photos are broken."""
    try:
        return store.dataset(data.preferred())
    except data.DataError as error:
        st.error(str(error))
        return store.dataset("doodles")


def _version(dataset: Dataset) -> tuple[object, ...]:
    return (dataset.name, photos.fingerprint() if dataset.name != "doodles" else ())


def starts(dataset: Dataset, seed: int) -> Starts:
    """Start the network of the documented run with each scale, and measure one pass each."""
    return _starts(_version(dataset), seed, dataset)


@st.cache_resource(max_entries=2, show_spinner=False)  # some 8 MB each
def _starts(version: tuple[object, ...], seed: int, _dataset: Dataset) -> Starts:
    X, Y = _dataset.train_x, _dataset.train_labels.astype(np.float64)
    dims = (X.shape[0], *SETTINGS.layers_dims[1:])
    parameters = {
        scale: draw_parameters(dims, scale, np.random.RandomState(seed)) for scale in NAMES
    }
    return Starts(parameters, {scale: through_depth(X, Y, parameters[scale]) for scale in NAMES})


def trained(dataset: Dataset, seed: int) -> dict[str, FirstIterations]:
    """Train a little from each start."""
    return _trained(_version(dataset), seed, dataset)


@st.cache_resource(max_entries=2 * SEEDS, show_spinner=_("Training four networks …"))
def _trained(
    version: tuple[object, ...], seed: int, _dataset: Dataset
) -> dict[str, FirstIterations]:
    return first_iterations(
        _dataset.train_x,
        _dataset.train_labels.astype(np.float64),
        starts(_dataset, seed).parameters,
        learning_rate=SETTINGS.learning_rate,
        num_iterations=ITERATIONS,
    )


# The figures: the chosen scale in colour, the others in gray, each with a mark of its own -----------


def depth_chart(
    values: Mapping[str, Mapping[str, float]],
    chosen: str,
    meaning: Literal["forward", "backward"],
    ends: tuple[float, float],
) -> Chart:
    """Draw how large an array is from layer to layer, for each scale, on a logarithmic axis.

    Parameters
    ----------
    values : mapping of scale to mapping of array name to number
        A zero has no logarithm and is left out.
    chosen : str
        The scale that is talked about.
    meaning : {"forward", "backward"}
        Whose colour it has.
    ends : (float, float)
        Of the axis: two charts are compared.
    """
    arrays = list(next(iter(values.values())))
    lines = [
        Points(
            x=range(len(arrays)),
            y=list(sizes.values()),
            name=NAMES[scale],
            ink=meaning if scale == chosen else "data",
            width=3 if scale == chosen else 1.5,
            dash=DASHES[scale],
            sign=MARKS[scale],
            size=9 if scale == chosen else 7,
            faint=scale != chosen,
            says="{name}\n{x}: {y}",
            legend=True,
            level=int(scale == chosen),
        )
        for scale, sizes in values.items()
    ]
    return Chart(Axis(names=arrays), [Panel(Axis(_("spread"), ends, log=True), lines)], height=340)


def histogram_rows(middles: FloatArray, counts: Mapping[str, FloatArray], chosen: str) -> Chart:
    """Draw the histograms of several arrays below each other, over one axis."""
    breadth = float(middles[1] - middles[0])
    row = Axis(ends=(0.0, 1.15), hidden=True)
    panels = [
        Panel(
            row,
            [
                Bars(
                    x=middles,
                    y=heights / heights.max(),
                    breadth=breadth,
                    name=NAMES[scale],
                    ink="text" if scale == chosen else "data",
                    faint=scale != chosen,
                    says=_("{name}\naround {x}: {more} weights"),
                    more=[f"{height:,.0f}" for height in heights],
                ),
                Note(
                    text=NAMES[scale], x=0, y=0.12, of_panel=True, strong=scale == chosen, level=1
                ),
            ],
        )
        for scale, heights in counts.items()
    ]
    return Chart(Axis(_("value of a weight")), panels, height=380)


def cost_chart(
    results: Mapping[str, FirstIterations], chosen: str, plateau: tuple[float, float]
) -> Chart:
    """Draw the cost of the first iterations from each start, and that of one answer for all."""
    share, cost = plateau
    marks: list[Mark] = [
        Rule(
            y=cost,
            name=_("answering {p:.0%} to every picture: {c:.4f}").format(p=share, c=cost),
            ink="text",
            width=1,
            dash="dot",
            legend=True,
        )
    ]
    for scale, result in results.items():
        lit = scale == chosen
        every = max(1, len(result.costs) // 250)
        marks.append(
            Points(
                x=np.arange(len(result.costs))[::every],
                y=result.costs[::every],
                name=NAMES[scale],
                ink="text" if lit else "data",
                # "zeros" below all, and wider: the curve of "0.01" runs along it.
                width=(3 if lit else 1.5) + (4 if scale == "zeros" else 0),
                dash=DASHES[scale],
                says=_("{name}\niteration {x}: cost {y}"),
                end=NAMES[scale],
                legend=True,
                level=0 if scale == "zeros" else 1 + lit,
            )
        )
    top = max(float(result.costs.max()) for result in results.values())
    return Chart(
        Axis(_("iteration"), ends=(0, len(next(iter(results.values())).costs))),
        [Panel(Axis(_("cost"), ends=(0, 1.05 * max(top, cost))), marks)],
        height=400,
    )


# The parts of the page ------------------------------------------------------------------------------


def choose_scale() -> tuple[str, int]:
    """Let the reader choose the scale that is lit everywhere, and the seed of the draws."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        scale = choice(
            st.segmented_control,
            _("The draws are multiplied by"),
            NAMES,
            key="scale",
            default="small",
            required=True,
        )
        seed = st.number_input(
            _("Seed"),
            min_value=1,
            max_value=SEEDS,
            value=SETTINGS.seed,
            key="seed_of_draws",
            bind="query-params",
            persist_state="session",
            help=_("Which random draws. The course's is 1; the four scales share them."),
            width=140,
        )
    return scale, int(seed)


def show_depth(start: Starts, chosen: str) -> None:
    """Show what each scale leaves of the activations, and of the gradients on the way back."""
    sizes = [
        size
        for depth in start.depth.values()
        for size in (*depth.activations.values(), *depth.gradients.values())
        if size > 0
    ]
    ends = (min(sizes) / 3, max(sizes) * 3)
    forward, backward = st.columns(2, gap="large")
    with forward:
        st.markdown(_(":violet[**Forward**]: the activations, layer by layer"))
        values = {scale: start.depth[scale].activations for scale in NAMES}
        show_chart(
            depth_chart(values, chosen, "forward", ends),
            key="activations",
            alt=_("The spread of A0 to A4 for each scale of the first weights."),
        )
    with backward:
        st.markdown(_(":red[**Backward**]: the gradients, last layer first"))
        values = {scale: start.depth[scale].gradients for scale in NAMES}
        show_chart(
            depth_chart(values, chosen, "backward", ends),
            key="gradients",
            alt=_("The spread of dA3 to dA0 for each scale of the first weights."),
        )
    depth = start.depth[chosen]
    names = list(depth.activations)
    st.markdown(
        _(
            "With **{scale}**: {A} has a spread of {a}, so that is how far the answers for different "
            "pictures lie apart. {dA} has {g}. Spread is the standard deviation, over all units and "
            "pictures; a spread of 0 has no place on this axis."
        ).format(
            scale=NAMES[chosen],
            A=names[-1],
            a=significant(depth.activations[names[-1]]),
            dA="dA0",
            g=significant(depth.gradients["dA0"]),
        ),
        width=TEXT_WIDTH,
    )


def show_first_gradients(start: Starts) -> None:
    """Show the largest entry of each gradient at the first step."""
    names = list(start.depth["zeros"].largest)
    shown = [name for name in names if name.startswith("dW")] + [names[-1]]
    lines = [
        "| | " + " | ".join(f":red[{name}]" for name in shown) + " |",
        "|---|" + "---:|" * len(shown),
    ]
    for scale in NAMES:
        values = " | ".join(significant(start.depth[scale].largest[name]) for name in shown)
        lines.append(f"| **{NAMES[scale]}** | {values} |")
    st.html(SCROLLS)
    with st.container(key="gradient_table"):
        st.markdown("\n".join(lines))


@st.fragment
def show_histograms(dataset: Dataset, seed: int, chosen: str) -> None:
    """Show the weights of one layer under each scale, over one axis.

    It asks for the start by itself: a session keeps what a fragment is handed, and that has 8 MB.
    """
    start = starts(dataset, seed)
    dims = SETTINGS.layers_dims
    L = len(dims) - 1
    layers = {f"W{layer}": f"W{layer}" for layer in range(1, L + 1)}
    name = choice(
        st.segmented_control, _("Layer"), layers, key="layer", default="W2", required=True
    )
    middles, counts = histograms({scale: start.parameters[scale][name] for scale in NAMES})
    show_chart(
        histogram_rows(middles, counts, chosen),
        key="weights",
        alt=_("How often each value occurs in {name}, for each scale.").format(name=name),
    )
    weights = start.parameters[chosen][name]
    n_prev = weights.shape[1]
    st.caption(
        _(
            "{name} {shape}: n = {n} inputs, so 1/√n = {s}. With {scale} the standard deviation "
            "of its weights is {std}. Each row is scaled to its own highest bar."
        ).format(
            name=name,
            shape=str(weights.shape),
            n=f"{n_prev:,}",
            s=four_digits(1 / np.sqrt(n_prev)),
            scale=NAMES[chosen],
            std=four_digits(float(np.std(weights))),
        ),
        width=TEXT_WIDTH,
    )


def show_training(dataset: Dataset, seed: int, chosen: str) -> None:
    """Show the first iterations of training from each start."""
    results = trained(dataset, seed)
    plateau = cost_of_one_answer(dataset.train_labels)
    show_chart(
        cost_chart(results, chosen, plateau),
        key="first_costs",
        alt=_("The cost of the first {n} iterations from each start.").format(n=ITERATIONS),
    )
    lines = [
        _("| start | cost at 0 | cost at {n} | training right | first step moves |").format(
            n=f"{ITERATIONS:,}"
        ),
        "|---|---:|---:|---:|---|",
    ]
    for scale, result in results.items():
        moved = [name for name, has in result.moved.items() if has]
        what = _("everything") if len(moved) == len(result.moved) else ", ".join(moved)
        right, total = result.correct
        of = _("{right} of {total}").format(right=right, total=total)
        lines.append(
            f"| **{NAMES[scale]}** | {result.costs[0]:.4f} | {result.costs[-1]:.4f} | {of} | {what} |"
        )
    st.html(SCROLLS)
    with st.container(key="training_table"):
        st.markdown("\n".join(lines))
    cats, total = dataset.count_cats("train")
    st.caption(
        _(
            "{sizes} on the {data}, learning rate {rate:g}, seed {seed}. Answering “non-cat” to "
            "everything is right on {k} of {m}."
        ).format(
            sizes=" – ".join(f"{n:,}" for n in SETTINGS.layers_dims),
            data=_("cat photos") if dataset.name == "photos" else dataset.name,
            rate=SETTINGS.learning_rate,
            seed=seed,
            k=total - cats,
            m=total,
        ),
        width=TEXT_WIDTH,
    )


def show_documented() -> None:
    """Let the reader choose a documented case, and show it in full."""
    documented_case(CASES)


def show_hidden_state() -> None:
    """Show the numbers that one and the same call prints the first and the second time."""
    seeded, unseeded = (
        cases()["initialize_parameters_deep"],
        cases()["initialize_parameters_deep_unseeded"],
    )
    first, second = check(seeded)[0], check(unseeded)[0]
    left, right = st.columns(2)
    for place, title, result in (
        (left, _("**Run once**, after the seed 3: W1"), first),
        (right, _("**Run again**, nothing seeded between: W1"), second),
    ):
        with place:
            st.markdown(title)
            show_lines(unseeded.call)
            st.latex(rf"\scriptsize {bracketed(result.computed, 4)}")
    st.markdown(
        _(
            "Notebook 2 prints the numbers of the second run (ours differ from them by at most {d}), "
            "and the others those of the first. The call is the same; {n} draws lie between."
        ).format(
            d=scientific(max(result.difference for result in check(unseeded))),
            n=sum(result.computed.size for result in check(seeded) if result.name[0] == "W"),
        ),
        width=TEXT_WIDTH,
    )


# Questions ------------------------------------------------------------------------------------------


def _zeros_question(stream: np.random.RandomState) -> Question:
    hidden = int(stream.randint(2, 6))
    dims = (int(stream.randint(3, 9)), hidden, hidden + 1, 1)
    X, Y = stream.rand(dims[0], 5) + 0.1, np.array([[1.0, 0.0, 0.0, 1.0, 0.0]])
    zeros = draw_parameters(dims, "zeros", stream)
    result = first_iterations(X, Y, {"zeros": zeros}, learning_rate=0.1, num_iterations=3)["zeros"]
    moved = ", ".join(name for name, has in result.moved.items() if has)
    return Question(
        _("A network {dims} starts with all weights and biases zero. What does a step change?").format(
            dims=list(dims)
        ),
        (
            Option(
                _("only {moved}").format(moved=moved),
                _(
                    "A1 and A2 are zero, so dW2 and dW3 are; W3 is zero, so nothing goes back to "
                    "layers 1 and 2. Only the error itself is left, and it moves the last bias."
                ),
                right=True,
            ),
            Option(_("W3 and b3"), _("dW3 is dZ3 times A2, and A2 is zero.")),
            Option(_("all weights, by the same amount"), _("Their gradients are zero.")),
            Option(_("nothing at all"), _(
                    "The answers 0.5 are wrong for every picture, so dZ3 is not 0; nor is its mean, "
                    "db3, unless half of them are cats."
                )),
        ),
    )  # fmt: skip


def _size_question(stream: np.random.RandomState) -> Question:
    n = int(stream.choice([25, 100, 400, 2500, 10000]))
    right = 1 / np.sqrt(n)
    return Question(
        _("A layer has n = {n} inputs of size 1. Which weights keep its sums of size 1 too?").format(
            n=f"{n:,}"
        ),
        (
            Option(
                _("randn * {s:g}").format(s=right),
                _(
                    "n random terms of either sign add up to about √n = {root:g} times one term, so "
                    "each needs to be 1/√n."
                ).format(root=np.sqrt(n)),
                right=True,
            ),
            Option(
                _("randn * {s:g}").format(s=1 / n),
                _("That is 1/n: right for terms of one sign. Signs differ, and mostly cancel."),
            ),
            Option("randn", _("Then the sums have a size of about {root:g}.").format(root=np.sqrt(n))),
            Option(
                "randn * 0",
                _("Then every sum is 0, and nothing is ever learned but a bias."),
            ),
        ),
    )  # fmt: skip


def _shrink_question(stream: np.random.RandomState) -> Question:
    n = int(stream.choice([20, 50, 200, 400]))
    factor = 0.01 * np.sqrt(n)
    depth = int(stream.randint(2, 4))
    return Question(
        _(
            "Weights are randn * 0.01 and each layer has n = {n} inputs. By about what is the size of "
            "the sums multiplied from layer to layer?"
        ).format(n=n),
        (
            Option(
                f"{factor:.2g}",
                _("0.01 √n. After {k} layers that is {f:.1g}: little is left to tell pictures apart.")
                .format(k=depth, f=factor**depth),
                right=True,
            ),
            Option(f"{0.01 * n:.2g}", _("That is 0.01 n: terms of both signs add up to √n only.")),
            Option("0.01", _("That is one weight alone: n of them are added up.")),
            Option(f"{0.01 / np.sqrt(n):.2g}", _("Adding n terms makes the sum larger, not smaller.")),
        ),
    )  # fmt: skip


def _plateau_question(stream: np.random.RandomState) -> Question:
    m = 100
    cats = int(stream.choice([10, 20, 30, 40]))
    Y = (np.arange(m) < cats).astype(np.float64).reshape(1, m)
    p, cost = cost_of_one_answer(Y)
    return Question(
        _(
            "{cats} of {m} pictures are cats, and the first weights were so small that every picture "
            "gets the same answer. At what cost does training stall?"
        ).format(cats=cats, m=m),
        (
            Option(
                f"{cost:.3f}",
                _("The last bias can still learn the share of cats, {p:g}, and no more.").format(
                    p=p
                ),
                right=True,
            ),
            Option(
                f"{cost_of_one_answer(np.array([[0, 1]]))[1]:.3f}",
                _(
                    "That is log 2, where it begins: the cost of the answer 0.5. The last bias still "
                    "learns."
                ),
            ),
            Option("0.000", _("That would need answers that differ between cats and others.")),
            Option(f"{p:.3f}", _("That is the share of cats: the answer, not its cost.")),
        ),
    )


def _seed_question(stream: np.random.RandomState) -> Question:
    seed, size = int(stream.randint(1, 90)), int(stream.randint(2, 5))
    ours = np.random.RandomState(seed)
    again = not np.array_equal(ours.randn(size), ours.randn(size))
    return Question(
        _(
            "np.random.seed({seed}), then np.random.randn({size}) twice. Are the second {size} "
            "numbers those of the first call?"
        ).format(seed=seed, size=size),
        (
            Option(
                _("no"),
                _(
                    "The first call has moved the hidden state on; the second takes what comes next."
                ),
                right=again,
            ),
            Option(
                _("yes: the seed says which numbers come"),
                _("It says where the sequence begins. Only seeding again goes back there."),
                right=not again,
            ),
            Option(
                _("it depends on the computer"),
                _("The sequence after a seed is the same everywhere: that is what seeds are for."),
            ),
        ),
    )


MAKERS = (_zeros_question, _size_question, _plateau_question, _shrink_question, _seed_question)

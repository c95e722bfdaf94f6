"""One step of an iteration on the screen: where in the network, what happens and why, every number."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui.address import Cell, read_cell, write_cell
from ui.components.iteration_map import iteration_map, walked
from ui.components.matrix_explorer import Pinned
from ui.components.network import Scene, network_data
from ui.formulas import explore_step
from ui.iteration import Iteration
from ui.listing import show_lines
from ui.matrix import four_digits, number, scientific, short
from ui.style import themed_ink
from ui.text import _
from ui.worked import Pen

from nncore.activations import sigmoid
from nncore.trace import Explanation, Rule, Step, explain

Place = tuple[int, Cell]  # an entry in a step

MOST_SHOWN = 5  # rows and columns of a matrix that is written out
MAP = "iteration_map"
ALONE = {"forward": "violet", "cost": "gray", "backward": "red", "update": "orange"}

STYLE = """
<style>
.st-key-what_happens { min-height: 300px; }
.st-key-what_happens .katex-display { margin: 0.1rem 0; overflow: auto hidden; padding: 3px 2px; }
.st-key-what_happens .katex-display > .katex { font-size: 1.05em; }
.st-key-what_happens .listing { padding: 0.55rem 0.7rem; font-size: 0.75rem; line-height: 1.5; }
.st-key-numbers { min-height: 118px; }
.st-key-numbers .katex-display, .st-key-derived .katex-display {
  overflow: auto hidden; max-width: 100%; margin: 0.3rem 0; padding: 3px 2px;
}
.st-key-derived .stHorizontalBlock { margin: -0.6rem 0 0.9rem; } /* its words are above */
.st-key-numbers .katex-display > .katex { font-size: 1em; }
.shelf { display: flex; flex-wrap: wrap; gap: 5px 10px; font-size: 0.8125rem; line-height: 1.25rem; }
.shelf > div { border: 1px solid color-mix(in srgb, currentColor 18%, transparent);
  border-radius: 8px; padding: 1px 9px; }
.shelf > div { display: flex; flex-wrap: wrap; align-items: baseline; max-width: 100%; }
.shelf b { font-weight: 600; white-space: nowrap; }
.shelf code { font-size: 0.72rem; margin-left: 3px; padding: 1px 3px; opacity: 0.66;
  white-space: nowrap; background: none; color: inherit; border-radius: 4px; }
.shelf code.in { opacity: 1; }
.shelf code.now, .shelf code.read { opacity: 1; font-weight: 700; color: var(--ink);
  background: color-mix(in srgb, var(--ink) 14%, transparent); }
@media (max-width: 640px) {
  .st-key-what_happens { min-height: 240px; } /* for most steps: a phone has no room to spare */
  .st-key-numbers .katex-display > .katex { font-size: 0.85em; }
}
</style>
"""


# Where the reader is -------------------------------------------------------------------------------
# The step and the pinned entry stand in the address, counted from 1 as on the screen. What the session
# holds leads; the address is read where the page is entered.


def enter(steps: list[Step]) -> int:
    """Return the step that is shown, from 0; a link to an entry alone leads to where it was made."""
    state = st.session_state
    if "walk_step" not in state:  # a widget's state goes when its page does: the page is entered
        state["walk_playing"] = False
        state["walk_mount"] = state.get("walk_mount", 0) + 1
        asked, cell = _asked()
        makers = [step.index for step in steps if cell and cell[0] in step.outputs]
        if asked is not None:
            state["walk_at"] = asked
            state["walk_pin"] = cell
        elif makers:
            state["walk_at"] = makers[0]
            state["walk_pin"] = cell
    elif (
        state.get("walk_address") not in (None, _said()) and state["walk_at"] == state["walk_shown"]
    ):
        # Nobody has moved here, and yet the address has changed: the browser went back or forth.
        asked, cell = _asked()
        if asked is not None:
            go(asked, cell)
    state["walk_at"] = min(max(state.get("walk_at", 0), 0), len(steps) - 1)
    state["walk_shown"] = state["walk_at"]
    return int(state["walk_at"])


def _asked() -> tuple[int | None, Cell | None]:
    """Return the step, from 0, and the entry that the address asks for, as far as it makes sense."""
    step = st.query_params.get("step", "")
    known = step.isascii() and step.isdigit() and len(step) < 6
    return int(step) - 1 if known else None, read_cell(st.query_params.get("cell", ""))


def _said() -> tuple[str | None, str | None]:
    """Return what the address says of the place."""
    return st.query_params.get("step"), st.query_params.get("cell")


def go(index: int, cell: Cell | None = None, trail: Sequence[Place] = ()) -> None:
    """Show another step, and there an entry, if one is named. For callbacks.

    The trail are the places from which the reader came, from number to number that made it.
    """
    st.session_state["walk_at"] = index
    st.session_state["walk_playing"] = False
    st.session_state["walk_trail"] = (index, tuple(trail))
    if cell is not None:
        st.session_state["walk_pin"] = cell
        st.session_state["walk_mount"] = st.session_state.get("walk_mount", 0) + 1


def _address(index: int, pinned: Pinned | None) -> None:
    """Write the view into the address."""
    wanted = {"step": str(index + 1)}
    if pinned is not None:
        wanted["cell"] = write_cell(pinned.name, pinned.row, pinned.column)
    elif "cell" in st.query_params:
        del st.query_params["cell"]
    for name, value in wanted.items():
        if st.query_params.get(name) != value:
            st.query_params[name] = value
    st.session_state["walk_address"] = _said()


def show_walk(iteration: Iteration) -> Pinned | None:
    """Show one step with all that leads there; return the entry that the reader has pinned."""
    st.html(STYLE)
    steps = iteration.steps
    index = enter(steps)
    step = steps[index]
    _controls(steps, index)
    left, right = st.columns([10, 11], gap="medium")
    with left:
        _map(iteration, index)
        st.html(shelf(iteration, index))
    with right, st.container(key="what_happens", gap="small"):
        badge = f":{ALONE[step.phase]}-badge[{PHASES[step.phase]}]"
        st.markdown(f"{badge} **{title(step)}**")
        st.markdown(sentence(iteration, step))
        st.latex(step.equation, width="content")
        show_lines(step.code)
    trail = _trail(index)

    def leave(cell: Cell, came: Cell | None) -> None:
        maker = max(earlier.index for earlier in steps[:index] if cell[0] in earlier.outputs)
        go(maker, cell, trail if came is None else (*trail, (index, came)))

    pinned = explore_step(
        step,
        key=f"explorer{st.session_state['walk_mount']}",
        pinned=st.session_state.get("walk_pin"),
        pictures=iteration.images is not None,
        axes=_axes(iteration),
        elsewhere={
            name: _("step {k}").format(k=earlier.index + 1)
            for earlier in steps[:index]
            for name in earlier.outputs
            if name in step.inputs
        },
        on_leave=leave,
    )
    rule = next((r for r in step.rules if pinned and r.output == pinned.name), step.rules[0])
    with st.container(key="numbers", gap="xsmall"):
        st.caption(_("The same in one line"))
        st.latex(in_numbers(step, rule, iteration.L), width="content")
    if pinned is not None:
        _chain(steps, index, (pinned.name, pinned.row, pinned.column))
    _address(index, pinned)
    return pinned


def chain(steps: Sequence[Step], index: int, cell: Cell) -> list[tuple[int, Explanation]]:
    """Follow an entry of a step back to the inputs; return each step on the way, and what it made.

    Of a sum the largest term is followed, and in it the first number that an earlier step has made.
    """
    at: Place | None = (index, cell)
    way = []
    while at is not None:
        k, (name, row, column) = at
        made = explain(steps[k], name, row, column)
        way.append((k, made))
        at = None
        for source in reversed(made.sources(int(made.largest(1)[0][0]))):
            makers = [step.index for step in steps[:k] if source.name in step.outputs]
            if makers:
                at = (makers[-1], (source.name, source.row, source.column))
    return way


def _chain(steps: Sequence[Step], index: int, cell: Cell) -> None:
    """Offer the whole way of a number back to the inputs; each place on it leads to its step."""
    title = _("The whole chain, back to the inputs")
    opened = st.expander(title, on_change="rerun", key="walk_chain")
    if not opened.open:
        return
    way = chain(steps, index, cell)
    places = [(k, (made.entry.name, made.entry.row, made.entry.column)) for k, made in way]
    with opened, st.container(gap="xsmall"):
        for n, (k, made) in enumerate(way):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.button(
                    _("{code} in step {k}").format(code=f"`{_code(*places[n][1])}`", k=k + 1),
                    key=f"walk_chain_{n}",
                    type="tertiary",
                    on_click=go,
                    args=(*places[n], places[:n]),
                )
                st.caption(_made_of(made), width="content")


def _made_of(made: Explanation) -> str:
    """Say which numbers made an entry; of a sum, which are its largest term."""
    sources = made.sources(int(made.largest(1)[0][0]))
    if made.addend and made.rule.kind == "update":
        sources = (made.addend, *sources)
    named = [f"`{_code(e.name, e.row, e.column)}` = {four_digits(e.value)}" for e in sources]
    said = _("{value}, from {numbers}").format(
        value=four_digits(made.value), numbers=_(" and ").join(named)
    )
    n = len(made.terms)
    return said if n == 1 else _("{said}: the largest of {n} terms").format(said=said, n=f"{n:,}")


def _code(name: str, row: int, column: int) -> str:
    """Write an entry as in NumPy; the cost is one number."""
    return name if name == "cost" else f"{name}[{row}, {column}]"


def _trail(index: int) -> tuple[Place, ...]:
    """Show from where the reader has come to this step, number by number; each leads back there."""
    at, trail = st.session_state.get("walk_trail", (None, ()))
    places: tuple[Place, ...] = trail if at == index else ()
    if places:
        with st.container(key="walk_trail_back", horizontal=True, vertical_alignment="center"):
            st.caption(_("You came from"), width="content")
            for k, (step, (name, *cell)) in enumerate(places):
                st.button(
                    _("{code} in step {k}").format(code=f"`{_code(name, *cell)}`", k=step + 1),
                    key=f"walk_trail_{k}",
                    type="tertiary",
                    icon=":material/arrow_back:",
                    on_click=go,
                    args=(step, places[k][1], places[:k]),
                )
    return places


def _axes(iteration: Iteration) -> dict[str, tuple[str, str]]:
    if iteration.images is None:
        return {}
    return dict.fromkeys(("A0", "dA0"), ("pixel value", "example"))


PHASES = {
    "forward": _("forward"),
    "cost": _("cost"),
    "backward": _("backward"),
    "update": _("update"),
}


def title(step: Step) -> str:
    """Name a step: its function and its layer."""
    name = "`L_model_backward`: dAL" if step.name == "dAL" else f"`{step.name}`"
    return name if step.layer is None else _("{name}, layer {l}").format(name=name, l=step.layer)


def _controls(steps: list[Step], index: int) -> None:
    """Show the buttons and the slider; their places never change."""
    n = len(steps)
    playing = bool(st.session_state["walk_playing"])

    def play() -> None:
        st.session_state["walk_playing"] = not playing
        if not playing and index == n - 1:
            st.session_state["walk_at"] = 0

    def slid() -> None:
        go(st.session_state["walk_step"])

    with st.container(horizontal=True, vertical_alignment="bottom", key="walk"):
        st.button(
            _("Back"), key="walk_back", icon=":material/chevron_left:", on_click=go,
            args=(index - 1,), disabled=index == 0,
        )  # fmt: skip
        st.button(
            _("Next"), key="walk_next", icon=":material/chevron_right:", icon_position="right",
            on_click=go, args=(index + 1,), disabled=index == n - 1, type="primary",
        )  # fmt: skip
        st.button(
            _("Pause") if playing else _("Play"), key="walk_play", width=110,
            icon=":material/pause:" if playing else ":material/play_arrow:", on_click=play,
        )  # fmt: skip
        st.session_state["walk_step"] = index
        st.select_slider(
            _("Step"),
            range(n),
            format_func=lambda k: f"{k + 1} of {n} · {title(steps[k]).replace('`', '')}",
            key="walk_step",
            on_change=slid,
            label_visibility="collapsed",
        )


# The map ------------------------------------------------------------------------------------------


def _map(iteration: Iteration, index: int) -> None:
    def follow() -> None:
        there = walked(MAP, len(iteration.steps))
        if there is not None:
            st.session_state["walk_at"] = there.index
            st.session_state["walk_playing"] = there.playing

    iteration_map(
        key=MAP,
        film=film(iteration),
        halves=[HALVES.get(step.name, "") for step in iteration.steps],
        index=index,
        playing=bool(st.session_state["walk_playing"]),
        height=190,
        alt=_("Map of the network: the part that this step is about is lit. The arrow keys walk."),
        on_walk=follow,
    )


HALVES = {"linear_forward": "sums", "dAL": "answers", "linear_backward": "weights"}


def film(iteration: Iteration) -> dict[str, Any]:
    """Return the drawing of the network with a scene for each step; its numbers are one example's."""
    k, L = 0, iteration.L
    names = ["A0", *(f"A{layer}" for layer in range(1, L)), "AL"]
    arrays = [iteration.X, *(iteration.output(name) for name in names[1:])]
    gradients = [
        iteration.output("dA0"),
        *(iteration.output(f"dZ{layer}") for layer in range(1, L + 1)),
    ]
    return network_data(
        layers_dims=iteration.sizes,
        activations=[array[:, k] for array in arrays],
        gradients=[array[:, k] for array in gradients],
        weights=[iteration.parameters[f"W{layer}"] for layer in range(1, L + 1)],
        picture=None if iteration.images is None else iteration.images[k],
        scenes=[
            Scene(step.phase, L if step.layer is None else step.layer, _spoken(iteration, step))
            for step in iteration.steps
        ],
    )


def _spoken(iteration: Iteration, step: Step) -> str:
    said = f"{title(step)}. {sentence(iteration, step)}"
    return said.replace("`", "").replace("**", "").replace("$", "")


def shelf(iteration: Iteration, index: int) -> str:
    """Write the caches as HTML: what has been kept up to this step, and what it reads again."""
    steps = iteration.steps
    now = steps[index]
    colour = {"now": themed_ink("forward"), "read": themed_ink("backward")}
    boxes = []
    for layer in range(1, iteration.L + 1):
        makers = [step for step in steps if step.layer == layer and step.kept]
        chips = []
        for maker in makers:
            for name in maker.kept:
                array = maker.inputs.get(name, maker.outputs.get(name))
                state = "now" if maker is now else "in" if maker.index < index else ""
                if now.layer == layer and name in now.recalled:
                    state = "read"
                style = f"--ink: {colour.get(state, 'inherit')}"
                chips.append(f'<code class="{state}" style="{style}">{name} {array.shape}</code>')
        boxes.append(f"<div><b>{_('cache')} {layer}</b>{''.join(chips)}</div>")
    return (
        f'<div class="shelf" role="note" aria-label="{said_of_cache(now)}">{"".join(boxes)}</div>'
    )


def said_of_cache(step: Step) -> str:
    """Say in words what a step does with the cache of its layer; nothing where it leaves it alone."""
    if step.kept:
        return _("Kept in the cache of layer {l}, for the way back: {names}.").format(
            l=step.layer, names=", ".join(step.kept)
        )
    if step.recalled:
        return _("Read again from the cache of layer {l}: {names}.").format(
            l=step.layer, names=", ".join(step.recalled)
        )
    return ""


# What happens, in a sentence -----------------------------------------------------------------------


def sentence(iteration: Iteration, step: Step) -> str:
    """Say what a step does and why, with its own numbers."""
    said = _SENTENCES[step.name](iteration, step)
    cache = said_of_cache(step)
    return f"{said} {cache}" if cache else said


def _linear_forward(iteration: Iteration, step: Step) -> str:
    W = step.inputs[f"W{step.layer}"]
    one = len(W) == 1
    return (
        _("The one unit of layer {l} weighs the {n} numbers before it and adds its bias.")
        if one
        else _(
            "Each of the {units} units of layer {l} weighs the {n} numbers before it, and adds "
            "its bias."
        )
    ).format(units=len(W), l=step.layer, n=f"{W.shape[1]:,}")


def _relu(iteration: Iteration, step: Step) -> str:
    Z = step.inputs[f"Z{step.layer}"]
    return _(
        "ReLU keeps what is positive: {n} of {all} sums pass, the others become 0. Without this "
        "bend all layers together would be no more than one."
    ).format(n=int(np.sum(Z > 0)), all=Z.size)


def _sigmoid(iteration: Iteration, step: Step) -> str:
    AL = step.outputs["AL"]
    kept_off = _(
        "`np.clip` changes none that is not 0 or 1, or as good as: there the cost would be no number."
    )
    if AL.size == 1:
        said = _("The sigmoid squashes the sum to a probability: {a}.").format(a=short(AL[0, 0]))
    else:
        said = _(
            "The sigmoid squashes each sum to a probability: here they go from {a} to {b}."
        ).format(a=four_digits(AL.min()), b=four_digits(AL.max()))
    return f"{said} {kept_off}"


def _cost(iteration: Iteration, step: Step) -> str:
    return _(
        "One number says how wrong all {m} answers are: the mean of their losses is **{cost}**. "
        "From here on the question is how each weight would change it."
    ).format(m=iteration.Y.shape[1], cost=short(iteration.cost))


def _way_back(iteration: Iteration, step: Step) -> str:
    return _(
        "The way back begins: how fast would each loss grow if its answer grew? Where the label is "
        "1 it would fall, so the number is negative. There is no 1/m yet."
    )


def _sigmoid_backward(iteration: Iteration, step: Step) -> str:
    off = float(
        np.abs(step.outputs[f"dZ{step.layer}"] - (iteration.output("AL") - iteration.Y)).max()
    )
    return _(
        "Back through the sigmoid: times its slope s(1 − s). In a whole network that comes to "
        "AL − Y: here the two differ by {off}."
    ).format(off=scientific(off))


def _relu_backward(iteration: Iteration, step: Step) -> str:
    Z = step.inputs[f"Z{step.layer}"]
    return _(
        "Back through ReLU: where Z was positive the gradient passes ({n} of {all}), elsewhere it "
        "stops."
    ).format(n=int(np.sum(Z > 0)), all=Z.size)


def _linear_backward(iteration: Iteration, step: Step) -> str:
    layer = step.layer or 1
    onward = (
        _("dA0 would be for the inputs: nobody needs it.")
        if layer == 1
        else _("dA{k} hands on the gradient, without 1/m.").format(k=layer - 1)
    )
    return _(
        "dW{l} and db{l} say how the cost would change with the layer's own numbers: a mean over "
        "the examples, hence 1/m. {onward}"
    ).format(l=layer, onward=onward)


def _update(iteration: Iteration, step: Step) -> str:
    layer, W = step.layer, f"W{step.layer}"
    change = float(np.abs(step.outputs[W] - step.inputs[W]).max())
    said = _(
        "Each weight of layer {l} steps against its gradient, α = {rate:g} times it: by {change} at "
        "most."
    ).format(l=layer, rate=iteration.rate, change=short(change))
    if layer == iteration.L:
        before, after = iteration.cost, iteration.cost_after
        said += " " + _(
            "The updated network was run: the cost was **{before}** and is now **{after}**, {way}."
        ).format(
            before=_digits(before, after),
            after=_digits(after, before),
            way=_("lower by {d}").format(d=short(before - after))
            if after < before
            else _("unchanged")
            if after == before
            else _("higher by {d}: the step was too long").format(d=short(after - before)),
        )
    return said


def _digits(value: float, other: float) -> str:
    """Write as many digits as it takes to see that two numbers differ."""
    for digits in range(4, 17):
        if f"{value:.{digits}g}" != f"{other:.{digits}g}":
            break
    return f"{value:.{min(digits + 1, 17)}g}".replace("-", "−")


_SENTENCES = {
    "linear_forward": _linear_forward,
    "relu": _relu,
    "sigmoid": _sigmoid,
    "compute_cost": _cost,
    "dAL": _way_back,
    "sigmoid_backward": _sigmoid_backward,
    "relu_backward": _relu_backward,
    "linear_backward": _linear_backward,
    "update_parameters": _update,
}


# The equation with numbers --------------------------------------------------------------------------


def in_numbers(step: Step, rule: Rule, L: int) -> str:
    """Write one formula of a step in LaTeX with its numbers in; of large matrices, the corners."""
    pen = Pen(st.context.theme.type or "light")
    arrays = [(name, pattern, step.inputs[name]) for name, pattern in rule.factors]

    def ink(name: str, array: NDArray[Any]) -> str:
        return pen.ink(name, bracket(array))

    first, second = arrays[0], arrays[1] if len(arrays) > 1 else None
    name, _pattern, a = first
    # dA_prev is made in the same step as dW and db, and has no 1/m.
    m = rf"\tfrac{{1}}{{{step.inputs['m']}}} " if rule.scale and "m" in step.inputs else ""
    match rule.kind:
        case "product":
            factors = [ink(n, array.T if p in ("ki", "jk") else array) for n, p, array in arrays]
            right = m + r"\,".join(factors)
            if rule.addend:
                right += "+" + ink(rule.addend[0], step.inputs[rule.addend[0]])
            if second is None:
                right = m + r"\textstyle\sum_k " + factors[0]
        case "relu":
            right = rf"\max\Big(0, {ink(name, a)}\Big)"
        case "sigmoid":
            right = rf"\sigma\Big({ink(name, a)}\Big)"
        case "relu_backward":
            assert second is not None
            gate = (second[2] > 0).astype(float)
            marked = pen.ink("Z", bracket(gate))
            right = rf"{ink(name, a)} * \underbrace{{{marked}}}_{{{_tex(second[0], L)} > 0}}"
        case "sigmoid_backward":
            assert second is not None
            s, _cache = sigmoid(second[2])
            marked = pen.ink("Z", bracket(s * (1 - s)))
            right = rf"{ink(name, a)} * \underbrace{{{marked}}}_{{s (1 - s)}}"
        case "dAL":
            assert second is not None
            Y, AL = bracket(second[2]), ink(name, a)
            rest, answers = bracket(1 - second[2]), pen.ink(name, bracket(1 - a))
            right = rf"-\Big( \frac{{{Y}}}{{{AL}}} - \frac{{{rest}}}{{{answers}}} \Big)"
        case "cost":
            assert second is not None
            right = m.replace(r"\tfrac", r"-\tfrac") + rf"\Big( {_logs(pen, a, second[2])} \Big)"
        case _:
            assert second is not None
            rate = float(step.inputs["learning_rate"])
            right = rf"{ink(name, a)} - {rate:g} \cdot {ink(second[0], second[2])}"
    out = step.outputs[rule.output]
    left = pen.ink(rule.output, _tex(rule.output, L))
    made = pen.ink(rule.output, bracket(out))
    sign = ":=" if rule.kind == "update" else "="
    return rf"{left} {sign} {made} = {right}"  # what comes out first: what is long is cut off


def _logs(pen: Pen, AL: NDArray[Any], Y: NDArray[Any]) -> str:
    """Write the losses, without those factors that are 0."""
    pairs = list(zip(AL.ravel(), Y.ravel(), strict=True))
    shown = pairs if len(pairs) <= 4 else pairs[:3]
    terms = [
        rf"\log {pen.ink('A', number(float(a), 3))}"
        if y == 1
        else rf"\log (1 - {pen.ink('A', number(float(a), 3))})"
        for a, y in shown
    ]
    return " + ".join(terms) + (r" + \cdots" if len(shown) < len(pairs) else "")


def _tex(name: str, L: int) -> str:
    if name == "cost":
        return "J"
    letters, layer = name.rstrip("0123456789L"), name.lstrip("dWbAZ")
    return f"{letters}^{{[{L if layer == 'L' else layer}]}}"


def bracket(array: NDArray[Any]) -> str:
    """Write a matrix in LaTeX; of a large one, its corners."""
    array = np.asarray(array)
    if array.ndim == 0:
        return number(float(array))
    whole = bool(np.all(array == np.round(array))) and bool(np.all(np.abs(array) < 1e4))
    rows, columns = (_picked(n, most) for n, most in zip(array.shape, (4, 3), strict=True))

    def cell(i: int | None, j: int | None) -> str:
        if i is None or j is None:
            return r"\ddots" if i is None and j is None else r"\vdots" if i is None else r"\cdots"
        value = float(array[i, j])
        if whole:
            return str(int(value))
        if value != 0 and not 1e-3 <= abs(value) < 1e4:
            return number(value, 1)
        return "0" if value == 0 else f"{value:.3f}"

    lines = (" & ".join(cell(i, j) for j in columns) for i in rows)
    return r"\begin{bmatrix} " + r" \\ ".join(lines) + r" \end{bmatrix}"


def _picked(n: int, most: int) -> list[int | None]:
    """Return which of n rows or columns are written, of many only so many; None is for the others."""
    return list(range(n)) if n <= MOST_SHOWN else [*range(most - 2), None, n - 1]

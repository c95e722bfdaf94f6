"""Watching a run: the controls that set it up, the curve that grows, what came out of it."""

from dataclasses import replace

import streamlit as st

from ui import store
from ui.address import choice
from ui.components.run_chart import run_chart
from ui.figures import cost_curve
from ui.text import _

from nncore import data, pretrained
from nncore.cases import RUN_TOLERANCE, check_run, documented_run, runs
from nncore.data import photos
from nncore.data.dataset import Dataset
from nncore.history import History, Settings
from nncore.parameters import read_sizes
from nncore.training import Run

SLICE = 0.2  # seconds of training between two looks at the screen
TICK = 0.25  # seconds between two looks: more than a slice and the drawing together
MOST_LAYERS, MOST_UNITS = 10, 500  # of own networks, so that a visit stays a visit

MODELS = {
    "four_layer": _("4-layer, documented"),
    "two_layer": _("2-layer, documented"),
    "own": _("own sizes"),
}
DATA = {"photos": _("cat photos"), "doodles": _("doodles")}


def choose_data() -> Dataset | None:
    """Let the reader choose the data; return them, or None where they are not to be had."""
    name = choice(
        st.segmented_control,
        _("Data"),
        DATA,
        key="data",
        default=data.preferred(),
        required=True,
        help=_("The course's photos are not part of this program. The doodles always are."),
    )
    if name == "photos" and not photos.present():
        _offer_photos()
        return None
    try:
        return store.dataset(name)
    except data.DataError as error:
        st.error(str(error))
        return None


def _offer_photos() -> None:
    st.info(
        _(
            "The course's 259 photos are not here: their licence is not ours to give. They can be "
            "downloaded now from a public copy (3 MB, verified), or choose the doodles."
        )
    )
    if st.button(_("Download the photos"), key="fetch", icon=":material/download:"):
        bar = st.progress(0.0)
        try:
            for progress in photos.fetch():
                bar.progress(progress.done / progress.total, text=progress.file)
        except data.DataError as error:
            st.error(str(error))
        else:
            st.rerun()


def choose_settings(dataset: Dataset) -> Settings | None:
    """Let the reader set up the run; return the settings, or None where they make no network."""
    model = choice(
        st.segmented_control,
        _("Network"),
        MODELS,
        key="model",
        default="four_layer",
        required=True,
    )
    base = runs()["two_layer" if model == "two_layer" else "four_layer"].settings
    hidden: tuple[int, ...] | None = base.layers_dims[1:-1]
    columns = st.columns(4 if model == "own" else 3)
    if model == "own":
        with columns[0]:
            hidden = _own_sizes()
    rate = columns[-3].number_input(
        _("Learning rate"),
        min_value=0.00001,
        max_value=10.0,
        value=base.learning_rate,
        step=0.0025,
        format="%.5g",
        key="rate",
        bind="query-params",
        persist_state="session",
        help=_("How far each step goes against the gradient."),
    )
    iterations = columns[-2].number_input(
        _("Iterations"),
        min_value=1,
        max_value=20_000,
        value=base.num_iterations,
        step=100,
        key="iterations",
        bind="query-params",
        persist_state="session",
        help=_("How many steps. One step looks at all training pictures."),
    )
    seed = columns[-1].number_input(
        _("Seed"),
        min_value=0,
        max_value=2**31 - 1,
        value=base.seed,
        key="seed",
        bind="query-params",
        persist_state="session",
        help=_("Which random weights to start from. The course's is 1."),
    )
    if hidden is None:
        return None
    return replace(
        base,
        layers_dims=(dataset.train_images[0].size, *hidden, 1),
        learning_rate=float(rate),
        num_iterations=int(iterations),
        seed=int(seed),
        dataset=dataset.name,
    )


def _own_sizes() -> tuple[int, ...] | None:
    text = st.text_input(
        _("Hidden layers"),
        value="20, 7, 5",
        max_chars=80,
        key="hidden",
        bind="query-params",
        persist_state="session",
        help=_("The sizes from the input on, as 20, 7, 5. Empty means none: logistic regression."),
    )
    try:
        sizes = read_sizes(text)
    except ValueError as error:
        st.error(str(error))
        return None
    if len(sizes) > MOST_LAYERS or max(sizes, default=1) > MOST_UNITS:
        st.error(
            _("{sizes}: at most {layers} hidden layers of at most {units} units can be watched here.")
            .format(sizes=", ".join(map(str, sizes)), layers=MOST_LAYERS, units=MOST_UNITS)
        )  # fmt: skip
        return None
    return sizes


def control(dataset: Dataset | None, settings: Settings | None, shown: History) -> None:
    """Show the two buttons of a run. What they do is done before the page is drawn again."""
    live = store.live_run()
    state = live.state if live else "new"

    def go() -> None:
        if live is not None and live.state != "done":
            live.state = "paused" if live.state == "running" else "running"
        elif dataset is not None and settings is not None:
            store.start(Run(dataset, settings), previous=shown)

    labels = {
        "new": (_("Start"), ":material/play_arrow:"),
        "running": (_("Pause"), ":material/pause:"),
        "paused": (_("Resume"), ":material/play_arrow:"),
        "done": (_("Train again"), ":material/play_arrow:"),
    }
    label, icon = labels[state]
    # One button for each place, whatever it says: a second one that took its place would stand
    # beside it for a moment and push away what the reader is about to press.
    with st.container(horizontal=True):
        st.button(
            label,
            key="go",
            type="secondary" if state == "running" else "primary",
            icon=icon,
            on_click=go,
            disabled=state in ("new", "done") and (dataset is None or settings is None),
            width=150,
        )
        st.button(
            _("Stop"),
            key="stop",
            icon=":material/stop:",
            on_click=live.finish if live else None,
            disabled=state in ("new", "done"),
            width=110,
        )


def shown_history(model: str) -> History:
    """Return the run to show while none is under way: the last one here, or the documented one."""
    live = store.live_run()
    if live and live.result:
        return live.result
    return pretrained.load("two_layer" if model == "two_layer" else "four_layer")


def watch(shown: History) -> None:
    """Show the run: growing while it goes on, at rest otherwise."""
    live = store.live_run()
    running = live is not None and live.state == "running"

    @st.fragment(run_every=TICK if running else None)
    def tick() -> None:
        if live is None or live.state == "done":
            _show(shown, previous=live.previous if live else None)
            return
        # Draw first, then train: where the drawing waits for the training, Streamlit can take the
        # element for gone and mount it anew.
        _show_live(live)
        live.advance(SLICE)
        if running and live.state == "done":
            st.rerun()  # the buttons and the results belong to the whole page

    tick()


def _show_live(live: store.LiveRun) -> None:
    run = live.run
    done, total = run.iterations[-1], run.settings.num_iterations
    speed = done / run.seconds if run.seconds else 0.0
    parts = [_("iteration {done} of {total}").format(done=f"{done:,}", total=f"{total:,}")]
    if live.state == "paused":
        parts.append(_("paused"))
    elif speed:
        parts.append(_("{speed} per second").format(speed=f"{speed:,.0f}"))
        parts.append(_("{left} s left").format(left=f"{(total - done) / speed:,.0f}"))
    _chart(run.settings, run.iterations, run.costs, " · ".join(parts), live.previous)


def _chart(
    settings: Settings,
    iterations: list[int],
    costs: list[float],
    status: str,
    previous: History | None,
) -> None:
    documented = documented_run(settings)
    st.caption(
        _("{sizes} on the {data}, learning rate {rate:g}, seed {seed}").format(
            sizes=" – ".join(f"{size:,}" for size in settings.layers_dims),
            data=DATA.get(settings.dataset, settings.dataset),
            rate=settings.learning_rate,
            seed=settings.seed,
        )
    )
    run_chart(
        key="run",
        iterations=iterations,
        costs=costs,
        num_iterations=settings.num_iterations,
        documented=documented.costs if documented else None,
        previous=(previous.iterations.tolist(), previous.costs.tolist()) if previous else None,
        status=status,
        height=360,
    )


def _show(history: History, previous: History | None) -> None:
    last = int(history.iterations[-1])
    status = _("ended after {n} iterations").format(n=f"{last:,}")
    _chart(history.settings, history.iterations.tolist(), history.costs.tolist(), status, previous)


def report(history: History) -> None:
    """Show what came out of a run: accuracies, and how near it came to the documented numbers."""
    settings = history.settings
    last = int(history.iterations[-1])
    live = store.live_run()
    if live and live.result is history and live.run.diverged:
        st.error(
            _(
                "The cost stopped being a number after iteration {i}: the steps are too large. The "
                "network from before that is kept. Try a smaller learning rate than {rate:g}."
            ).format(i=f"{last:,}", rate=settings.learning_rate)
        )
    documented = documented_run(settings)
    cost = float(history.costs[-1])
    with st.container(horizontal=True):
        st.metric(_("Cost at the end"), f"{cost:.4g}", help=repr(cost), width=150)
        for part, label in (("train", _("Right, training")), ("test", _("Right, test"))):
            right, total = history.correct[part]
            _metric(
                label,
                _("{right} of {total}").format(right=right, total=total),
                f"{right / total:.1%}",
            )
        if documented:
            result = check_run(documented, history)
            _metric(
                _("Largest difference"),
                f"{result.difference:.1e}",
                _("to {n} documented costs").format(n=result.compared),
                help=_("The largest, at iteration {i}. Up to {t:.0e} counts as equal.").format(
                    i=f"{result.iteration:,}", t=RUN_TOLERANCE
                ),
            )


def _metric(label: str, value: str, note: str, help: str | None = None) -> None:
    st.metric(label, value, note, delta_color="off", delta_arrow="off", help=help, width="content")


def closer_look(history: History) -> None:
    """Offer the whole curve, every iteration of it, as a chart to hover, zoom and save."""
    opened = st.expander(_("Zoom into the curve"), on_change="rerun", key="zoom")
    if opened.open:
        theme = st.context.theme.type or "light"
        with opened:
            st.plotly_chart(
                cost_curve(history, documented_run(history.settings), theme),
                theme=None,
                key="curve",
                config={"displaylogo": False},
                alt=_("The cost at every iteration of the run."),
            )


def baseline(history: History, dataset: Dataset | None) -> None:
    """Say what an answer without any network would score, on the data of that run."""
    if dataset is not None and dataset.name == history.settings.dataset:
        cats, total = dataset.count_cats("test")
        st.caption(
            _("For comparison: always answering “cat” is right on {cats} of {total} test pictures.")
            .format(cats=cats, total=total)
        )  # fmt: skip

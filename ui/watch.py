"""Watching a run: the buttons that start and stop it, the curve that grows, what came out of it."""

import time

import streamlit as st

from ui import store
from ui.components.run_chart import run_chart
from ui.figures import cost_curve
from ui.frame import TEXT_WIDTH
from ui.matrix import scientific
from ui.room import NoRoomError
from ui.silent import why_one_answer
from ui.text import _, plain

from nncore import pretrained
from nncore.cases import RUN_TOLERANCE, check_run, documented_run
from nncore.data.dataset import Dataset
from nncore.history import History, Settings
from nncore.run import Run

SLICE = 0.2  # seconds of training between two looks at the screen
TICK = 0.25  # seconds between two looks: more than a slice and the drawing together
ARRIVAL = 0.1  # seconds in which a drawing is on its way, on a busy server


def show(dataset: Dataset | None, settings: Settings | None) -> None:
    """Show the whole part: buttons, curve, and what came out."""
    control(dataset, settings)
    shown = shown_history(settings)
    watch(shown)
    if shown is not None and not under_way():
        report(shown)
        notice(shown, dataset)
        closer_look(shown)
    _let_arrive()


def _let_arrive() -> None:
    """Where the looks at a run end, let the last drawing of it arrive.

    A look that the browser asked for before would take what is still on its way out of Streamlit's
    queue, and the curve would be gone for a moment.
    """
    live = store.live_run()
    if live is None:
        return
    running = live.state == "running"
    if live.looked_at and not running:
        time.sleep(ARRIVAL)
    live.looked_at = running


def control(dataset: Dataset | None, settings: Settings | None) -> None:
    """Do what was pressed, with the settings as they now stand; show the two buttons of a run."""
    _do_what_was_pressed(dataset, settings)
    state = _state()
    labels = {
        "new": (_("Start"), ":material/play_arrow:"),
        "running": (_("Pause"), ":material/pause:"),
        "paused": (_("Resume"), ":material/play_arrow:"),
        "done": (_("Train again"), ":material/play_arrow:"),
    }
    label, icon = labels[state]
    # One button for each place, whatever it says: a second one that took its place would stand
    # beside it for a moment and push away what the reader is about to press.
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            label,
            key="go",
            type="secondary" if state == "running" else "primary",
            icon=icon,
            on_click=_press,
            args=(state,),
            disabled=state in ("new", "done") and settings is None,
            width=150,
        )
        st.button(
            _("Stop"),
            key="stop",
            icon=":material/stop:",
            on_click=_press,
            args=("stop",),
            disabled=state in ("new", "done"),
            width=110,
        )
        if state in ("running", "paused"):
            st.caption(_("A reload of the page ends this run."))


def _state() -> str:
    live = store.live_run()
    return live.state if live else "new"


def _press(said: str) -> None:
    """Note which button was pressed, by what it said: the run may end in between."""
    st.session_state["pressed"] = said


def _do_what_was_pressed(dataset: Dataset | None, settings: Settings | None) -> None:
    pressed = st.session_state.pop("pressed", None)
    live = store.live_run()
    if pressed in ("new", "done"):
        if dataset is not None and settings is not None and not under_way():  # a double click
            try:
                store.start(Run(dataset, settings, engine="textbook"))
            except NoRoomError as error:
                st.error(plain(str(error)))
            else:
                st.rerun()  # the settings, drawn before this, now stand fast
    elif live is not None and pressed == "stop":
        live.finish()
        st.rerun()
    elif live is not None and pressed == live.state:
        live.state = "paused" if pressed == "running" else "running"


def under_way() -> bool:
    """Say whether a run is going on or paused: its settings then stand fast."""
    return _state() in ("running", "paused")


def note_other_settings(settings: Settings | None) -> None:
    """Where the knobs were turned elsewhere, say that they are not those of the run under way."""
    live = store.live_run()
    if live is not None and settings != live.run.settings:
        st.caption(
            _(
                "These were changed elsewhere: the run beside has its own settings, which stand above "
                "its curve. Once it has ended, or with Stop, these apply."
            )
        )


def shown_history(settings: Settings | None) -> History | None:
    """Return the run to show while none is under way, None if there is none.

    The one that has the chosen settings: trained here, or shipped. Else the last that was trained.
    """
    live = store.live_run()
    own = live.result if live else None
    if settings is None:
        return own or pretrained.load("four_layer")
    known = [own] if own else []
    known += [pretrained.load(name) for name in pretrained.NAMES]
    return next((run for run in known if run.settings == settings), own)


def watch(shown: History | None) -> None:
    """Show the run: growing while it goes on, at rest otherwise."""
    live = store.live_run()
    running = live is not None and live.state == "running"

    @st.fragment(run_every=TICK if running else None)
    def tick() -> None:
        if live is None or live.state == "done":
            if running:
                st.rerun()  # it ended while this page was being drawn
            _show(shown, live)
            return
        # Draw first, then train: where the drawing waits for the training, Streamlit can take the
        # element for gone and mount it anew.
        _show_live(live)
        live.advance(SLICE)
        if running and live.state == "done":
            st.rerun()  # the buttons and the results belong to the whole page

    tick()


def _show_live(live: store.LiveRun) -> None:
    settings, reached = live.run.settings, live.reached
    done, total = reached.iterations[-1], settings.num_iterations
    speed = done / reached.seconds if reached.seconds else 0.0
    parts = [_("iteration {done} of {total}").format(done=f"{done:,}", total=f"{total:,}")]
    if live.state == "paused":
        parts.append(_("paused"))
    elif live.waited > SLICE:
        parts.append(_("others are training too: you take turns"))
    elif speed:
        parts.append(_("{speed} per second").format(speed=f"{speed:,.0f}"))
        parts.append(_("{left} s left").format(left=f"{(total - done) / speed:,.0f}"))
    _chart(settings, reached.iterations, reached.costs, " · ".join(parts), live.previous)


def _show(history: History | None, live: store.LiveRun | None) -> None:
    if history is None:
        st.info(_("No run with these settings yet. Start one."), icon=":material/play_arrow:")
        return
    last = int(history.iterations[-1])
    own = live is not None and live.result is history
    status = (_("ended at iteration {n}") if own else _("as shipped, {n} iterations")).format(
        n=f"{last:,}"
    )
    previous = live.previous if own and live is not None else None
    _chart(history.settings, history.iterations.tolist(), history.costs.tolist(), status, previous)


def _chart(
    settings: Settings,
    iterations: list[int],
    costs: list[float],
    status: str,
    previous: History | None,
) -> None:
    documented = documented_run(settings)
    same_data = previous is not None and previous.settings.dataset == settings.dataset
    st.caption(
        _("{sizes} on the {data}, learning rate {rate:g}, seed {seed}").format(
            sizes=store.sizes_text(settings),
            data=plain(store.data_name(settings.dataset)),
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
        previous=(previous.iterations.tolist(), previous.costs.tolist())
        if previous is not None and same_data
        else None,
        status=status,
        height=360,
    )


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
    with st.container(horizontal=True, gap="medium"):
        st.metric(_("Cost at the end"), f"{cost:.4g}", help=repr(cost), width="content")
        for part, label in (("train", _("Training right")), ("test", _("Test right"))):
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
                scientific(result.difference),
                _("to {n} documented costs").format(n=result.compared),
                help=_(
                    "The largest, at iteration {i}. Up to {t} counts as equal; 1e−16 is the last "
                    "digit that a computer keeps."
                ).format(i=f"{result.iteration:,}", t=scientific(RUN_TOLERANCE)),
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


def notice(history: History, dataset: Dataset | None) -> None:
    """Say what is to be seen in this run: from its numbers, not from what runs usually do."""
    steps, rises = len(history.costs) - 1, history.rises()
    (right, total), (right_test, total_test) = history.correct["train"], history.correct["test"]
    said = [
        _("The cost falls at every step.")
        if rises == 0
        else _(
            "In {rises} of the {steps} steps the cost rose: there a step was too long for the slope."
        ).format(rises=f"{rises:,}", steps=f"{steps:,}")
    ]
    if history.costs[-1] >= history.costs[0]:
        said.append(
            _("It ends no lower than it began: {rate:g} is too large a learning rate here.").format(
                rate=history.settings.learning_rate
            )
        )
    if not store.one_answer(history) and right / total > right_test / total_test + 0.05:
        said.append(
            _(
                "Training pictures are answered better than test pictures: the network has seen the "
                "first, and only the second tell what it has understood."
            )
        )
    if dataset is not None and dataset.name == history.settings.dataset:
        said.append(_against_one_answer(history, dataset))
    st.markdown(_("**What to notice.** ") + " ".join(said), width=TEXT_WIDTH)


def _against_one_answer(history: History, dataset: Dataset) -> str:
    if store.one_answer(history):
        return why_one_answer(history, dataset.train_x)
    cats, total = dataset.count_cats("test")
    return _("Always answering “{cat}” would be right on {cats} of {total} test pictures.").format(
        cat=plain(dataset.classes[1]), cats=cats, total=total
    )

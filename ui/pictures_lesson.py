"""The pictures: a data set at a glance, and the way from a picture to its column."""

import html
import inspect
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import streamlit as st

from ui import images, knobs, store, view
from ui.address import Choices, choice
from ui.components.chart import show_chart
from ui.components.pixel_column import pixel_column
from ui.figures import class_histogram
from ui.frame import TEXT_WIDTH, breathe
from ui.listing import show_lines
from ui.text import _, plain, prose, unbroken

from nncore import pretrained
from nncore.cases import runs
from nncore.data import columns
from nncore.data.dataset import Dataset, to_columns
from nncore.history import History, Settings
from nncore.parameters import draw_parameters
from nncore.run import Recipe, Run
from nncore.types import UInt8Array

OF = {"train": _("training"), "test": _("test")}
CHOICES: Choices = {"data": knobs.DATA, "of": OF}
EXAMPLE = 10  # the picture that the notebooks show
FEW = 5  # pictures in a row
MOST_SEED = 2**31 - 1

GRID_STYLE = """<style>
.picture-grid { display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); gap: 10px 8px;
  max-width: 560px; }
.picture-grid figure { margin: 0; min-width: 0; }
.picture-grid div { aspect-ratio: 1; border-radius: 4px; background-size: 2500% 100%; }
.picture-grid figcaption { font-size: .8rem; line-height: 1.35; padding-top: 3px; overflow: hidden;
  text-overflow: ellipsis; }
.picture-grid b { font-weight: 600; }
</style>"""


def pictures_of(dataset: Dataset, part: str) -> UInt8Array:
    """Return the "train" or the "test" pictures, (m, side, side, 3)."""
    return dataset.train_images if part == "train" else dataset.test_images


def label_of(dataset: Dataset, part: str, index: int) -> int:
    """Return the label of a picture, 0 or 1."""
    labels = dataset.train_labels if part == "train" else dataset.test_labels
    return int(labels[0, index])


# The set at a glance --------------------------------------------------------------------------------


def show_set(dataset: Dataset) -> None:
    """Show how many there are of each class, and a grid of pictures."""
    table, chart = st.columns([1.15, 1], gap="large")
    with table:
        st.markdown(counts_table(dataset))
        st.markdown(_("**What to notice.** ") + counts_sentence(dataset), width=TEXT_WIDTH)
    with chart:
        show_chart(
            class_histogram(
                dataset.classes,
                [dataset.counts(part) for part in OF],
                [_("training pictures"), _("test pictures")],
            ),
            key="class_histogram",
            alt=_("How many pictures of each class there are, in training and in test."),
        )
    show_grid(dataset)


def counts_table(dataset: Dataset) -> str:
    """Write the counts of both classes as a table in Markdown, with what one answer would score."""
    parts = {part: dataset.counts(part) for part in OF}
    names = [unbroken(plain(name)) for name in dataset.classes]
    lines = [_("| | training | test |"), "|---|---:|---:|"]
    for label in (1, 0):
        counts = " | ".join(f"{counts[label]:,}" for counts in parts.values())
        lines.append(f"| {names[label]} ({_('label')} {label}) | {counts} |")
    lines.append(
        _("| together | {a:,} | {b:,} |").format(a=sum(parts["train"]), b=sum(parts["test"]))
    )
    for label in (1, 0):
        scores = " | ".join(f"{counts[label] / sum(counts):.1%}" for counts in parts.values())
        always = _("right by always answering “{name}”").format(name=names[label])
        lines.append(f"| {always} | {scores} |")
    return "\n".join(lines)


def counts_sentence(dataset: Dataset) -> str:
    """Say what the counts mean for a score."""
    counts, trained = dataset.counts("test"), dataset.counts("train")
    best = int(counts[1] >= counts[0])
    said = _(
        "Whoever answers “{name}” to every test picture is right on {right} of {total}: {p:.0%}, "
        "without having looked. A network has to do better than that."
    ).format(
        name=plain(dataset.classes[best]),
        right=counts[best],
        total=sum(counts),
        p=counts[best] / sum(counts),
    )
    share, share_test = trained[1] / sum(trained), counts[1] / sum(counts)
    if abs(share - share_test) > 0.1:
        said += " " + _(
            "And the two sets are not alike: {name} is the label of {train:.0%} of the training "
            "pictures, but of {test:.0%} of the test pictures."
        ).format(name=plain(dataset.classes[1]), train=share, test=share_test)
    return said


def show_grid(dataset: Dataset) -> None:
    """Show 25 pictures, drawn by a seed that stands in the address: by default the notebook's."""
    st.header(_("Twenty-five of them"), anchor=False)
    breathe()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        part = choose_part()
        seed = _number(
            _("Seed"),
            "grid",
            columns.GRID_SEED,
            MOST_SEED,
            help=_("Which pictures are drawn. Notebook 5 takes {seed}.").format(
                seed=columns.GRID_SEED
            ),
        )
        st.button(
            _("Draw others"), key="grid_next", icon=":material/casino:", on_click=_redraw, args=(1,)
        )
        st.button(
            _("The notebook's"),
            key="grid_first",
            icon=":material/undo:",
            disabled=seed == columns.GRID_SEED,
            on_click=_redraw,
        )
    names = {"train": _("Training pictures"), "test": _("Test pictures")}
    view.instead_of_settings(_("{part}, drawn by seed {seed}.").format(part=names[part], seed=seed))
    shown = pictures_of(dataset, part)
    drawn = columns.draw_grid(len(shown), seed)
    address = images.data_address(np.concatenate(list(shown[drawn]), axis=1))
    cells = []
    for place, index in enumerate(drawn):
        name = html.escape(dataset.classes[label_of(dataset, part, index)])
        cells.append(
            f'<figure><div role="img" aria-label="{index}, {name}" '
            f'style="background-position:{100 * place / (columns.GRID - 1):.4f}% 0"></div>'
            f"<figcaption>{index}: {unbroken(name)}</figcaption></figure>"
        )
    sheet = f"<style>.picture-grid div {{ background-image: url({address}); }}</style>"
    st.html(f'{GRID_STYLE}{sheet}<div class="picture-grid">{"".join(cells)}</div>')
    st.caption(grid_caption(dataset, part, seed, drawn), width=TEXT_WIDTH)


def grid_caption(dataset: Dataset, part: str, seed: int, drawn: list[int]) -> str:
    """Say where the numbers of the grid are from."""
    said = _("The number of each picture, and its label.")
    if seed == columns.GRID_SEED and part == "train" and dataset.documented:
        said += " " + _("Notebook 5 draws these very pictures: {first}, …").format(
            first=", ".join(map(str, drawn[:3]))
        )
    twice = sorted({index for index in drawn if drawn.count(index) > 1})
    if twice:
        said += " " + _("Drawn with replacement, so some came more than once: {twice}.").format(
            twice=", ".join(map(str, twice))
        )
    return said


def _redraw(by: int | None = None) -> None:
    """Take the next seed, or the notebook's."""
    seed = st.session_state["grid"]
    st.session_state["grid"] = columns.GRID_SEED if by is None else (seed + by) % MOST_SEED


def choose_part() -> str:
    """Let the reader choose between training and test pictures."""
    return choice(st.segmented_control, _("Pictures"), OF, key="of", default="train", required=True)


def _number(label: str, key: str, default: int, most: int, help: str | None = None) -> int:
    """Show a number from 0 to `most` that stands in the address; one too large becomes the default."""
    if st.session_state.get(key, 0) > most:
        del st.session_state[key]
    return int(
        st.number_input(
            label,
            min_value=0,
            max_value=most,
            value=min(default, most),
            step=1,
            key=key,
            bind="query-params",
            persist_state="session",
            help=help,
            width=160,
        )
    )


# From picture to column -----------------------------------------------------------------------------


def show_column(dataset: Dataset) -> None:
    """Show a picture of the reader's choice and its column; then what goes wrong on the way."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        part = choose_part()
        shown = pictures_of(dataset, part)
        last = len(shown) - 1
        index = _number(
            _("Number"), f"{part}_picture", EXAMPLE, last, help=_("0 to {last}.").format(last=last)
        )
    label = label_of(dataset, part, index)
    name = dataset.classes[label]
    where = {"train": _("training picture"), "test": _("test picture")}[part]
    st.markdown(
        _("**{where} {index}: {name}**, so *y* = {label}").format(
            where=where.capitalize(), index=index, name=plain(name), label=label
        )
    )
    pixel_column(
        key="pixel",
        image=shown[index],
        number=index,
        alt=_("{where} {index}, {name}.").format(where=where, index=index, name=name),
    )
    breathe()
    show_flattening(dataset)
    show_division(dataset)


def _line_with(function: Callable[..., object], words: str) -> str:
    """Return the line of a function's source that holds these words: what is shown is what runs."""
    lines = inspect.getsource(function).splitlines()
    return next(line.split("  #")[0].strip() for line in lines if words in line)


def show_flattening(dataset: Dataset) -> None:
    """Show the pictures as a network sees them, flattened right and wrong."""
    st.header(_("Flattened right, and wrong"), anchor=False)
    st.markdown(prose("pictures", "flatten"), width=TEXT_WIDTH)
    shown = dataset.train_images[:FEW]
    ways = (
        (_("✓ Right"), _line_with(to_columns, "images.reshape(m"), shown),
        (
            _("✗ Wrong"),
            _line_with(columns.scramble, "images.reshape(-1"),
            columns.scramble(dataset.train_images)[:FEW],
        ),
    )
    for side, (title, code, pictures) in zip(st.columns(2, gap="large"), ways, strict=True):
        with side:
            st.markdown(f"**{title}**")
            show_lines(code)
            st.image(
                images.magnified(images.in_a_row(pictures), 3),
                width="stretch",
                alt=_("{title}: the first {n} columns of X, as pictures.").format(
                    title=title, n=len(pictures)
                ),
            )
    m, n = len(dataset.train_images), dataset.train_images[0].size
    st.caption(
        _(
            "Columns 0 to {last} of X, made pictures again. Both are of shape ({n}, {m}). Wrongly "
            "flattened, all columns look alike: each is every {m}th number of all {m} pictures."
        ).format(last=len(shown) - 1, n=n, m=m),
        width=TEXT_WIDTH,
    )
    if st.button(_("Train on both"), key="train_both", icon=":material/play_arrow:"):
        st.session_state["trained_both"] = True
    if st.session_state.get("trained_both"):
        with st.spinner(_("The 4-layer network is trained on both"), show_time=True):
            both = store.made("both", dataset, lambda: _train_both(dataset))
        st.markdown(both)


def settings_for(dataset: Dataset) -> Settings:
    """Return the settings of the documented 4-layer run, for this data set."""
    base = runs()["four_layer"].settings
    sizes = (dataset.train_images[0].size, *base.layers_dims[1:])
    return replace(base, layers_dims=sizes, dataset=dataset.name)


def _train_both(dataset: Dataset) -> str:
    """Train the documented network on both ways of flattening; write what came out."""
    settings = settings_for(dataset)
    wrong = columns.scrambled(dataset)
    asked = replace(settings, dataset=wrong.name)
    with store.TURN:
        run = Run(wrong, asked)
    histories = {
        _("right"): store.train(Recipe(settings), store.listen),
        _("wrong"): store.train(Recipe(asked), store.listen, run, keep=False),
    }
    lines = [
        _("| flattened | cost at the end | training right | test right |"),
        "|---|---:|---:|---:|",
    ]
    for way, history in histories.items():
        scores = " | ".join(_score(*history.correct[part]) for part in OF)
        lines.append(f"| {way} | {float(history.costs[-1]):.4g} | {scores} |")
    counts = dataset.counts("test")
    return (
        "\n".join(lines)
        + "\n\n"
        + _(
            "{n:,} iterations each. With the pictures gone, labels can only be learned by heart; "
            "always answering “{name}” is right on {score} of the test."
        ).format(
            n=settings.num_iterations,
            name=plain(dataset.classes[int(counts[1] >= counts[0])]),
            score=_score(max(counts), sum(counts)),
        )
    )


def _score(right: int, total: int) -> str:
    return _("{right} of {total} ({p:.0%})").format(right=right, total=total, p=right / total)


# Divided by 255 -------------------------------------------------------------------------------------


def show_division(dataset: Dataset) -> None:
    """Show what the network would get without the division by 255."""
    st.header(_("Divided by 255, and why"), anchor=False)
    st.markdown(prose("pictures", "divide"), width=TEXT_WIDTH)
    starts = store.made("starts", dataset, lambda: _starts(dataset))
    with st.container(key="division"):
        st.markdown(division_table(*starts))
    network = judge_for(dataset)
    if network is None:
        return
    st.markdown(_of_the_trained(dataset, network), width=TEXT_WIDTH)


def _of_the_trained(dataset: Dataset, network: History) -> str:
    """Say what becomes of a trained network's answers where the division is forgotten."""
    divided, raw = (
        columns.ask(dataset.test_images, dataset.test_labels, network.parameters, divide=divide)
        for divide in (True, False)
    )
    return _(
        "To forget the division afterwards, as notebook 1 does when it judges a picture of your own, "
        "is another mistake: the network {who} has {right} of {total} test pictures right, and without "
        "the division {right_raw}. It then seems very sure: {sure_raw} of its answers are within 0.01 "
        "of 0 or 1, where it was {sure}. The largest Z has become {z_raw:,.0f}; it was {z:.4g}."
    ).format(
        who=_("in use")
        if network is store.session_network()
        else _("that ships with this program"),
        right=divided.right,
        total=divided.total,
        right_raw=raw.right,
        sure=divided.sure,
        sure_raw=raw.sure,
        z=divided.largest,
        z_raw=raw.largest,
    )


def _starts(dataset: Dataset) -> tuple[columns.Start, columns.Start]:
    settings = settings_for(dataset)
    with store.TURN:
        first = draw_parameters(
            settings.layers_dims, settings.init, np.random.RandomState(settings.seed)
        )
        both = [
            columns.start(
                dataset.train_images,
                dataset.train_labels,
                first,
                settings.learning_rate,
                divide=divide,
            )
            for divide in (True, False)
        ]
    return both[0], both[1]


def division_table(divided: columns.Start, raw: columns.Start) -> str:
    """Write how the network starts with the division and without, as a table in Markdown."""
    both = (divided, raw)
    lines = [_("| the 4-layer network, with its first weights | x / 255 | x |"), "|---|---:|---:|"]
    for layer in range(len(divided.sums)):
        what = _("usual size of Z in layer {n}").format(n=layer + 1)
        lines.append(f"| {what} | " + " | ".join(f"{s.sums[layer]:.4g}" for s in both) + " |")
    last = " | ".join(_but_not_quite(start) for start in both)
    lines += [
        f"| {_('answers within 0.01 of 0 or 1')} | {divided.sure:.0%} | {raw.sure:.0%} |",
        f"| {_('mean slope of the sigmoid, 0.25 at most')} | {divided.slope:.3g} | {raw.slope:.3g} |",
        f"| {_('cost')} | {divided.cost:.4g} | {raw.cost:.4g} |",
        f"| {_('cost after {n:,} iterations').format(n=columns.FIRST_STEPS)} | {last} |",
    ]
    return "\n".join(lines)


def _but_not_quite(start: columns.Start) -> str:
    cost = f"{start.later:.4g}"
    return _("{cost}, one answer for all").format(cost=cost) if start.one_answer else cost


def judge_for(dataset: Dataset) -> History | None:
    """Return a trained network that knows these pictures: this session's, or the one that ships."""
    mine = store.session_network()
    if mine is not None and mine.settings.dataset == dataset.name:
        return mine
    shipped = {"photos": "four_layer", "doodles": "doodles"}.get(dataset.name)
    return pretrained.load(shipped) if shipped else None

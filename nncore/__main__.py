"""The command line: verify, train, predict, fetch, doctor."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nncore import data, doctor, export, pretrained
from nncore.cases import RUN_TOLERANCE, Comparison, cases, check, check_run, runs
from nncore.data import own, photos, pictures
from nncore.data.dataset import Dataset
from nncore.forward import L_model_forward
from nncore.history import History, Settings
from nncore.parameters import SCALES, read_sizes
from nncore.run import Recipe, Run


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.command(options)
        return status
    except (ValueError, OSError) as error:
        print(f"nncore: {error}", file=sys.stderr)
        return 2
    except MemoryError:
        print("nncore: that is more than fits into memory. Try smaller layers.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nnncore: stopped", file=sys.stderr)
        return 130


# verify ------------------------------------------------------------------------------------------


def verify(options: argparse.Namespace) -> int:
    """Recompute every documented number; say which agree."""
    sound = 0
    for case in cases().values():
        comparisons = check(case)
        agrees = all(comparison.agrees for comparison in comparisons)
        sound += agrees
        print(f"{_mark(agrees)} {case.id}  ({', '.join(case.sources)})")
        print(f"         tolerance {case.tolerance:.0e}; of each output, the entry furthest apart:")
        for comparison in comparisons:
            print(f"       {_mark(comparison.agrees)} {_furthest(comparison)}")
            if options.verbose:
                print(f"              documented {_in_one_line(comparison.documented)}")
                print(f"              computed   {_in_one_line(comparison.computed)}")
    total = len(cases())
    print(f"{sound} of {total} documented cases agree.")
    if not photos.present():
        print(
            f"The documented training runs need the photos, which are not here. {photos.advice()}"
        )
        return 0 if sound == total else 1
    return 0 if _verify_runs() and sound == total else 1


def _verify_runs() -> bool:
    try:
        photo_set = data.load("photos")
    except data.DataError as error:
        print(f"DIFFER the documented training runs: {error}")
        return False
    if not photo_set.documented:
        print("The photos are not the course's: the documented runs say nothing about them.")
        return True
    sound = 0
    for documented in runs().values():
        history = _train(photo_set, documented.settings)
        result = check_run(documented, history)
        sound += result.agrees
        print(
            f"{_mark(result.agrees)} {documented.id}: {result.compared} documented costs, largest "
            f"difference {result.difference:.1e} at iteration {result.iteration} "
            f"(tolerance {RUN_TOLERANCE:.0e}); {_accuracies(history)}"
        )
    print(f"{sound} of {len(runs())} documented training runs agree.")
    return sound == len(runs())


def _mark(agrees: bool) -> str:
    return "ok    " if agrees else "DIFFER"


def _furthest(comparison: Comparison) -> str:
    documented, computed, worst = comparison.documented, comparison.computed, comparison.worst
    if worst is None:
        return f"{comparison.name}: shape {documented.shape} documented, {computed.shape} computed"
    place = "".join(f"[{k}]" for k in worst)
    return (
        f"{comparison.name}{place}: documented {documented[worst]}, computed "
        f"{computed[worst]:.16g}, difference {comparison.difference:.1e}"
    )


def _in_one_line(array: object) -> str:
    return " ".join(str(array).split())


# train -------------------------------------------------------------------------------------------


def train(options: argparse.Namespace) -> int:
    """Train a network; print the costs and the accuracies."""
    name = options.data or data.preferred()
    dataset = data.load(name)
    settings = _settings(options, dataset)
    _require_place("--save", options.save, "my.npz")
    _require_place("--script", options.script, "my.py")
    print(f"Data: {dataset.title}. Network: {' - '.join(map(str, settings.layers_dims))}.")
    history = _train(dataset, settings)
    for i, cost in zip(history.iterations.tolist(), history.costs.tolist(), strict=True):
        if i % 100 == 0 or i == history.iterations[-1]:
            print(f"Cost after {i:>5} iterations: {cost:.16g}")
    print(f"Accuracy: {_accuracies(history)}.")
    if options.save is not None:
        history.save(options.save)
        print(f"Saved to {options.save}.")
    if options.script is not None:
        _write_script(options.script, dataset, history)
    if history.iterations[-1] < settings.num_iterations:
        print(
            f"The cost stopped being a number after iteration {history.iterations[-1]}; what you "
            f"have is the network before that. Try a smaller --learning-rate.",
            file=sys.stderr,
        )
        return 1
    return 0


def _require_place(option: str, file: Path | None, example: str) -> None:
    if file is not None and not file.absolute().parent.is_dir():
        raise ValueError(f"{option} {file}: there is no folder {file.parent}.")
    if file is not None and file.is_dir():
        raise ValueError(f"{option} {file}: that is a folder; name a file, as {example}.")


def _write_script(file: Path, dataset: Dataset, history: History) -> None:
    file.write_text(export.script(Recipe(history.settings), history), encoding="utf-8")
    if dataset.name in export.PHOTOS:
        print(f"The script is {file}; it reads the photos from the folder that is named after it.")
    else:
        pictures_file = file.with_name(export.PICTURES)
        export.save_pictures(pictures_file, dataset)
        print(f"The script is {file}; it reads {pictures_file}.")


def _settings(options: argparse.Namespace, dataset: Dataset) -> Settings:
    if options.model in runs():
        base = runs()[options.model].settings
    else:
        sizes = (dataset.train_x.shape[0], *read_sizes(options.model), 1)
        base = replace(runs()["four_layer"].settings, layers_dims=sizes)
    given = {
        "learning_rate": options.learning_rate,
        "num_iterations": options.iterations,
        "seed": options.seed,
        "init": options.init,
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    return replace(base, dataset=dataset.name, **chosen)


def _train(dataset: Dataset, settings: Settings) -> History:
    run = Run(dataset, settings)
    while not run.finished:
        run.advance(seconds=0.2)
        _bar(run.iterations[-1], settings.num_iterations, f"cost {run.costs[-1]:.4f}")
    _clear_bar()
    return run.history()


def _accuracies(history: History) -> str:
    return ", ".join(
        f"{part} {right}/{total} ({right / total:.1%})"
        for part, (right, total) in history.correct.items()
    )


# predict -----------------------------------------------------------------------------------------


def predict(options: argparse.Namespace) -> int:
    """Judge pictures."""
    if options.network in pretrained.NAMES:
        network = pretrained.load(options.network)
    else:
        network = History.load(Path(options.network))
    if network.settings.dataset == "doodles":
        print("This network has learned from drawings only: drawings are all it knows.")
    sizes, (first, second) = network.settings.layers_dims, map(own.clean, network.classes)
    if sizes[-1] != 1:
        raise ValueError(
            f"The network in {options.network} has {sizes[-1]} outputs; one is needed, the probability "
            f"of {second}."
        )
    side = pictures.side_for(sizes[0])
    failures = 0
    for path in options.picture:
        try:
            with path.open("rb") as stream:  # one byte more than may be is enough to refuse it
                picture = pictures.decode(stream.read(pictures.MOST_BYTES + 1))
            column = pictures.frame(picture.upright, size=side, fit=options.fit).column
            AL, _ = L_model_forward(column, network.parameters)
        except (ValueError, OSError) as error:
            failures += 1
            print(f"{path}: {error}", file=sys.stderr)
            continue
        probability = float(AL[0, 0])
        answer = second if probability > 0.5 else first
        print(f"{path}: {answer} (probability of {second} {probability:.4f})")
    return 1 if failures else 0


# fetch -------------------------------------------------------------------------------------------


def fetch(options: argparse.Namespace) -> int:
    """Download the photos."""
    for progress in photos.fetch(options.into):
        _bar(progress.done, progress.total, progress.file)
    _clear_bar()
    print(f"The photos are in {options.into or photos.folder()}, verified.")
    return 0


# doctor ------------------------------------------------------------------------------------------


def examine(options: argparse.Namespace) -> int:
    """Say whether this installation is sound."""
    broken = 0
    for finding in doctor.examine():
        broken += finding.state == "broken"
        mark = {"ok": "ok", "note": "note", "broken": "BROKEN"}[finding.state]
        print(f"{mark:<7}{finding.text}")
    print(f"{broken} broken: see above." if broken else "This installation is sound.")
    return 1 if broken else 0


# The bar -----------------------------------------------------------------------------------------


def _bar(done: int, total: int, note: str) -> None:
    if sys.stderr.isatty():
        filled = 30 * done // max(total, 1)
        bar = "#" * filled + "." * (30 - filled)
        print(f"\r[{bar}] {done:,} of {total:,}  {note} ", end="", file=sys.stderr, flush=True)


def _clear_bar() -> None:
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)


# The options -------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nncore", description="A deep network in plain NumPy, from the command line."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser(
        "verify",
        help="recompute every number that the course's notebooks print",
        description="Recompute every documented case and, where the photos are, both documented "
        "training runs (about a second). Exits with 1 if any number differs.",
    )
    command.add_argument(
        "-v", "--verbose", action="store_true", help="show the numbers of each case"
    )
    command.set_defaults(command=verify)

    command = commands.add_parser(
        "train",
        help="train a network",
        description="Train a network, print the cost every 100 iterations and the accuracies.",
    )
    command.add_argument(
        "--model",
        default="four_layer",
        help="two_layer or four_layer (the documented ones), or the sizes of the hidden layers, "
        "as 20,7,5 (default: four_layer)",
    )
    command.add_argument(
        "--data", choices=data.SOURCES, help="default: photos when present, else doodles"
    )
    command.add_argument("--iterations", type=int, metavar="N", help="default: 2500")
    command.add_argument("--learning-rate", type=float, metavar="RATE", help="default: 0.0075")
    command.add_argument("--seed", type=int, help="of the first weights (default: 1)")
    command.add_argument(
        "--init",
        choices=SCALES,
        help="scale of the first weights: small is 0.01, scaled 1/sqrt(n), he sqrt(2/n) "
        "(default: small for two_layer, else scaled)",
    )
    command.add_argument("--save", type=Path, metavar="FILE", help="where to save, as FILE.npz")
    command.add_argument(
        "--script",
        type=Path,
        metavar="FILE",
        help=f"where to write one NumPy script that makes this run again, as FILE.py (beside it, where "
        f"the data are not the photos, {export.PICTURES})",
    )
    command.set_defaults(command=train)

    command = commands.add_parser(
        "predict",
        help="judge pictures: cat or non-cat",
        description="Judge PNG, JPEG or WebP pictures. Exits with 1 if one could not be read.",
    )
    command.add_argument("picture", nargs="+", type=Path, metavar="PICTURE")
    command.add_argument(
        "--network",
        default="four_layer",
        help="four_layer or two_layer (as documented, trained on photos), doodles (knows drawings "
        "only), or a file that train saved (default: four_layer)",
    )
    command.add_argument(
        "--fit",
        choices=pictures.FITS,
        default="stretch",
        help="stretch uses the whole picture, crop its middle square, letterbox the whole picture "
        "with bars (default: stretch)",
    )
    command.set_defaults(command=predict)

    command = commands.add_parser(
        "fetch",
        help="download the course's photos",
        description="Download the course's photos (3 MB) and verify them. They are not part of "
        "this program: their licence is not ours to give.",
    )
    command.add_argument(
        "--into",
        type=Path,
        metavar="FOLDER",
        help=f"default: ${photos.FOLDER_VARIABLE} if set, else datasets/",
    )
    command.set_defaults(command=fetch)

    command = commands.add_parser(
        "doctor",
        help="say whether this installation is sound",
        description="Look at versions, BLAS, documented numbers, photos, folders and memory. Exits "
        "with 1 if something is broken.",
    )
    command.set_defaults(command=examine)
    return parser


if __name__ == "__main__":
    sys.exit(main())

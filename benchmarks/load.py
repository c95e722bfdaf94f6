"""A server under load: fifty who walk about, two hundred in one lesson, and a tenth of a processor.

    python -m benchmarks.load [walk] [lesson] [tenth]         (with the Python of .venv-test)
                              [--sessions N] [--minutes M] [--pause SECONDS] [--seed 1]

- **walk**: 50 sessions at once, for five minutes. Each walks through some of the pages, steps through
  lessons, trains with a seed of its own, changes the learning rate, uploads a picture and has it
  judged, leaves, and is followed by another. Of some the connection is cut for a moment: they come
  back as Streamlit's client does, and must find the network that they trained.
- **lesson**: 200 sessions that come within a minute, open a lesson and step through it, two minutes.
- **tenth**: the server is stopped and continued so that it has a tenth of a core: every page is
  opened, a network trained, retrained and watched, by one visitor and then by three.

Visitors pause as people do: a random time, ten seconds in the mean, fifteen in the lesson.
They talk Streamlit's own protocol, without browsers. An error is an exception or an error message on a
page, a connection that closes, an upload that is refused, an answer that does not come within 30 s or
is not the one asked for. Exits with 1 if there was one; if a session was lost; if of the walk 5% of the
interactions took 3 s or longer, or the memory grew in its second half. Needs a Linux with /proc.
Loopback only; ends by itself.
"""

import argparse
import asyncio
import io
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path

import numpy as np
from websockets.exceptions import ConnectionClosed

from ui.frame import ENTRIES
from ui.view import LESSONS

from benchmarks.guest import MOST_WAIT, STEPS, Guest, Tally, WrongError
from benchmarks.memory import megabytes
from tests.browser.conftest import start_server

MOST_P95 = 3.0  # seconds, of the interactions of the walk
MOST_GROWTH = 0.05  # of the memory, along the line through the second half of the walk
SAMPLE = 10.0  # seconds between two looks at the memory
WATCHED = 8.0  # seconds for which a training is watched
SHARE, PERIOD = 0.1, 0.1  # of a core, and in what slices, seconds
HELD_WATCHED = 40.0  # seconds for which a training is watched there
HELD_WAIT = 180.0  # seconds, after which a message counts as unanswered there
FULL = "--client.showErrorDetails=full"
OPENED = ("shapes", "one_iteration", "forward_and_cost")  # of the second run


# What visitors do -----------------------------------------------------------------------------------

Act = Callable[[], Awaitable[object]]


def visit(guest: Guest, rng: random.Random, number: int) -> list[list[Act]]:
    """Plan one visit: two to five pages, in their order, and what is done on each."""
    likely = [4 if entry.key in ("train", "your_picture") else 1 for entry in ENTRIES]
    places = set(rng.choices(range(len(ENTRIES)), likely, k=rng.randint(2, 5)))
    return [_stay(guest, rng, number, place) for place in sorted(places)]


def _stay(guest: Guest, rng: random.Random, number: int, place: int) -> list[Act]:
    """Plan what is done on one page."""
    page = ENTRIES[place].key
    if page == "train":
        return _training(guest, rng, number)
    if page == "your_picture":
        return [lambda: guest.upload(f"picture {number}.jpg", photo(rng))]
    kind = "open a lesson" if page in LESSONS else "open another page"
    steps = rng.randint(1, 4) if page in STEPS else 0
    return [lambda: guest.go(kind, page if place else ""), *[lambda: guest.step(rng)] * steps]


def _training(guest: Guest, rng: random.Random, number: int) -> list[Act]:
    acts: list[Act] = [lambda: guest.train(10_000 + number)]
    acts += [lambda: guest.retrain(rng)] * rng.randint(1, 3)
    if rng.random() < 0.3:
        acts.append(lambda: guest.be_cut(rng))
    elif rng.random() < 0.25:
        acts.append(lambda: guest.watch(WATCHED))
    return acts


def lesson(guest: Guest, rng: random.Random) -> Iterator[Act]:
    """Open a lesson, and step through it without end."""
    page = rng.choice(OPENED)
    yield lambda: guest.go("open a lesson", page)
    while True:
        yield lambda: guest.step(rng)


def photo(rng: random.Random) -> bytes:
    """Make a JPEG as a camera would: one in five as large as a telephone's."""
    from PIL import Image

    side = 4 if rng.random() < 0.2 else 1
    noise = np.random.default_rng(rng.randrange(2**32)).integers(0, 256, (12, 16, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).resize((1000 * side, 750 * side)).save(file, "JPEG", quality=90)
    return file.getvalue()


async def attempt(tally: Tally, server: str, do: Callable[[Guest], Awaitable[None]]) -> None:
    """Let one visitor come, do something, and leave; take down what goes wrong."""
    try:
        guest = await Guest.enter(server, tally)
        tally.visits += 1
        try:
            await do(guest)
        finally:
            await guest.leave()
    except TimeoutError:
        tally.errors[f"no answer for {MOST_WAIT:g} s"] += 1
    except (ConnectionClosed, OSError, WrongError) as error:
        tally.errors[f"{type(error).__name__}: {error}"] += 1


async def crowd(
    server: str, pid: int, options: argparse.Namespace, run: str, tally: Tally
) -> list[float]:
    """Let many visitors use a server for a while; return its memory, taken every ten seconds."""
    began = time.perf_counter()
    end = began + 60 * options.minutes
    numbers = count()

    def over() -> bool:
        return time.perf_counter() > end

    async def pause(rng: random.Random) -> None:
        wait = rng.expovariate(1 / options.pause)
        await asyncio.sleep(max(0.0, min(wait, end - time.perf_counter())))

    async def seat(place: int) -> None:
        """Have one visitor after another."""
        rng = random.Random(f"{options.seed} {run} {place}")
        await asyncio.sleep(place / options.sessions * options.arrive)
        first = True

        async def stay(guest: Guest) -> None:
            nonlocal first
            acts: Iterable[Act] = lesson(guest, rng)
            if run == "walk":
                plan = visit(guest, rng, next(numbers))  # the first are met in the middle of theirs
                acts = chain(*plan[rng.randrange(len(plan)) if first else 0 :])
            first = False
            for act in acts:
                if over():
                    break
                await act()
                await pause(rng)

        while not over():
            await attempt(tally, server, stay)

    async def weigh() -> None:
        while True:
            memory.append(megabytes(pid))
            await asyncio.sleep(SAMPLE)

    memory: list[float] = []
    weighing = asyncio.create_task(weigh())
    await asyncio.gather(*(seat(place) for place in range(options.sessions)))
    weighing.cancel()
    return memory


# What is said of it ---------------------------------------------------------------------------------


def quantile(values: Sequence[float], part: float) -> float:
    """Return the least value that so large a part of all does not exceed.

    >>> quantile([3.0, 1.0, 2.0, 4.0], 0.5), quantile([1.0, 2.0], 0.95)
    (2.0, 2.0)
    """
    ordered = sorted(values)
    return ordered[max(0, -int(-part * len(ordered) // 1) - 1)]


def growth(memory: Sequence[float]) -> float:
    """Return by which part of itself the memory grew, along the line through its second half.

    >>> growth([50.0, 100.0, 200.0, 200.0, 200.0])
    0.0
    """
    half = np.asarray(memory[len(memory) // 2 :])
    if len(half) < 2:
        return 0.0
    slope = np.polyfit(np.arange(len(half)), half, 1)[0]
    return round(float(slope * (len(half) - 1) / half.mean()), 6)


def table(tally: Tally) -> str:
    """Write how long visitors waited, a row for each kind of interaction."""
    lines = [
        "| | count | p50 | p95 | p99 | longest |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for kind, seconds in [*sorted(tally.seconds.items()), ("all", tally.all())]:
        found = [quantile(seconds, part) for part in (0.5, 0.95, 0.99, 1.0)]
        cells = " | ".join(f"{each:.2f} s" for each in found)
        lines.append(f"| {kind} | {len(seconds):,} | {cells} |")
    return "\n".join(lines)


def report(
    run: str, options: argparse.Namespace, tally: Tally, memory: list[float], cpu: float
) -> bool:
    """Print what a run was like; return whether a limit was broken."""
    print(
        f"\n## {run}: {options.sessions} sessions at once, {options.minutes:g} minutes, "
        f"pauses of {options.pause:g} s\n"
    )
    print(table(tally))
    grew, half = growth(memory), memory[len(memory) // 2 :]
    errors = tally.errors.total()
    print("\n| | |\n|---|--:|")
    print(f"| visits | {tally.visits:,} |")
    print(f"| errors | {errors} |")
    print(f"| connections cut, sessions lost | {tally.cuts}, {tally.lost} |")
    print(f"| processor used by the server | {cpu:.2f} cores |")
    print(f"| memory: at first, most in the first half | {memory[0]:.0f}, {max(memory):.0f} MB |")
    print(f"| in the second half: least, most | {min(half):.0f}, {max(half):.0f} MB |")
    print(f"| in the second half: growth along the line | {grew:+.1%} |")
    print(f"\nMemory every {SAMPLE:g} s, MB: {' '.join(f'{each:.0f}' for each in memory)}\n")
    for error, times in tally.errors.most_common(20):
        print(f"ERROR, {times} times: {error}")
    slow = run == "walk" and quantile(tally.all(), 0.95) >= MOST_P95
    return bool(errors or tally.lost or slow or (run == "walk" and grew > MOST_GROWTH))


# A tenth of a core ----------------------------------------------------------------------------------


def processor(pid: int) -> float:
    """Return the seconds of processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def held(pid: int, share: float) -> Iterator[None]:
    """Stop and continue a process, so that it runs for this part of the time only."""
    done = threading.Event()

    def hold() -> None:
        while not done.is_set():
            os.kill(pid, signal.SIGCONT)
            time.sleep(PERIOD * share)
            os.kill(pid, signal.SIGSTOP)
            time.sleep(PERIOD * (1 - share))

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        os.kill(pid, signal.SIGCONT)


def came(guest: Guest, began: float) -> str:
    """Say when of the last answer what came: the first element, the progress, the end."""
    progress = [(at - began, proto.text) for at, kind, proto in guest.came if kind == "progress"]
    shown = f"{len(progress)} messages"
    if progress:
        at, text = next((each for each in progress if each[1]), progress[0])
        shown += f", “{text}” after {at:.1f} s"
    said = guest.text("markdown", "Training took") or "–"
    return f"{guest.came[0][0] - began:.1f} s | {shown} | {guest.seconds[-1]:.1f} s | {said}"


async def slowly(server: str, tally: Tally, many: int) -> None:
    """Open every page, train, and watch, so many visitors at once; print what each waited for."""
    guests = [await Guest.enter(server, tally, HELD_WAIT) for _ in range(many)]
    print(f"\n| {many} at once | seconds until the page stands |\n|---|--:|")
    for entry in ENTRIES:
        page = "" if entry is ENTRIES[0] else entry.key
        await asyncio.gather(*(guest.go("", page) for guest in guests))
        waited = ", ".join(f"{guest.seconds[-1]:.1f}" for guest in guests)
        print(f"| {entry.title} | {waited} |", flush=True)
    print("\n| | first element | progress | all there | said of it |\n|---|--:|---|--:|---|")

    async def train(number: int, guest: Guest) -> list[int]:
        began = time.perf_counter()
        await guest.train(20_000 + 10 * many + number)
        print(f"| train | {came(guest, began)} |", flush=True)
        began = time.perf_counter()
        await guest.retrain(random.Random(number))
        print(f"| another learning rate | {came(guest, began)} |", flush=True)
        if not guest.text("markdown", "Training took"):
            raise WrongError("Explore did not say that it trains when a slider is let go")
        return await guest.watch(HELD_WATCHED)

    for seen in await asyncio.gather(*(train(*each) for each in enumerate(guests))):
        print(
            f"\nWatched for {HELD_WATCHED:g} s: {len(seen)} looks, which showed {len(set(seen))} "
            f"iterations, up to {max(seen)}."
        )
    for guest in guests:
        await guest.leave()


# The three runs -------------------------------------------------------------------------------------

RUNS = ("walk", "lesson", "tenth")
DEFAULTS = {  # sessions, minutes, seconds of a pause, seconds within which all come
    "walk": (50, 5.0, 10.0, 30.0),
    "lesson": (200, 2.0, 15.0, 60.0),
}


def run_crowd(run: str, options: argparse.Namespace) -> bool:
    """Do one run with many visitors; return whether a limit was broken."""
    sessions, minutes, pause, arrive = DEFAULTS[run]
    options.sessions = options.sessions or sessions
    options.minutes = options.minutes or minutes
    options.pause = options.pause or pause
    options.arrive = min(arrive, 30 * options.minutes)
    tally = Tally()
    process, address = start_server(dict(os.environ), FULL)
    try:
        began, used = time.perf_counter(), processor(process.pid)
        memory = asyncio.run(crowd(address, process.pid, options, run, tally))
        cpu = (processor(process.pid) - used) / (time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait()
    return report(run, options, tally, memory, cpu)


def run_held() -> bool:
    """Do the run with a tenth of a core; return whether anything went wrong."""
    tally = Tally()
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})  # what the server inherits: several threads, one core
    try:
        process, address = start_server(dict(os.environ), FULL)
    finally:
        os.sched_setaffinity(0, cores)
    print(f"\n## tenth: the server runs {SHARE:.0%} of the time, on one core")
    began, used = time.perf_counter(), processor(process.pid)
    try:
        with held(process.pid, SHARE):
            for many in (1, 3):
                asyncio.run(slowly(address, tally, many))
    except (TimeoutError, ConnectionClosed, OSError, WrongError) as error:
        tally.errors[repr(error)] += 1
    finally:
        cpu = (processor(process.pid) - used) / (time.perf_counter() - began)
        process.terminate()
        process.wait()
    print(f"\nErrors: {tally.errors.total()}. The server used {cpu:.3f} of a core.")
    for error, times in tally.errors.most_common(20):
        print(f"ERROR, {times} times: {error}")
    return bool(tally.errors)


def main() -> int:
    """Do the runs that were asked for, else all three."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("runs", nargs="*", metavar="run", help=", ".join(RUNS))
    parser.add_argument("--sessions", type=int)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--pause", type=float)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    broken = False
    if unknown := set(options.runs) - set(RUNS):
        parser.error(f"{', '.join(unknown)}: the runs are {', '.join(RUNS)}")
    for run in options.runs or RUNS:
        asked = argparse.Namespace(**vars(options))
        broken = (run_held() if run == "tenth" else run_crowd(run, asked)) or broken
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())

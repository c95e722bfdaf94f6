"""One command for each job, with nothing installed but Python 3.11 to 3.13:

    python3 run.py          installs the app and starts it
    python3 run.py test     installs what the tests need and runs every check

Each job has a virtual environment of its own (.venv, .venv-test), made on first use and brought up to
date whenever its requirements change. What follows is handed on: to Streamlit, or to pytest.
"""

from __future__ import annotations  # so that an old Python can say what is wrong

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036
        print(f"This needs Python 3.11 to 3.13; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 2
    os.chdir(HERE)
    if arguments[:1] == ["test"]:
        return test(arguments[1:])
    return app(arguments[1:] if arguments[:1] == ["app"] else arguments)


def app(more: list[str]) -> int:
    python = environment(".venv", "requirements.txt")
    return run(python, "-m", "streamlit", "run", "app.py", *more)


def test(more: list[str]) -> int:
    python = environment(".venv-test", "requirements-dev.txt")
    checks = {
        "Format": ("ruff", "format", "--check", "--quiet"),
        "Lint": ("ruff", "check", "--quiet"),
        "Types": ("mypy",),
    }
    for name, check in checks.items():
        print(f"{name} ...", flush=True)
        if status := run(python, "-m", *check):
            print(f"{name} failed: the tests were not run.", file=sys.stderr)
            return status
    # In as many processes as there are processors (-n0 among what is handed on: in one), a file in
    # one of them, in order: the browser's, which take longest, come first.
    shared = ("-n=auto", "--maxprocesses=4", "--dist=loadfile", "--no-loadscope-reorder")
    return run(python, "-m", "pytest", *shared, *more)


def environment(folder: str, requirements: str) -> str:
    """Return the Python of a virtual environment in which the requirements are installed."""
    place = HERE / folder
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = hashlib.sha256(sys.version.encode())
    for file in ("requirements.txt", requirements):
        wanted.update((HERE / file).read_bytes())
    stamp = place / "installed"
    if not (stamp.is_file() and stamp.read_text() == wanted.hexdigest() and python.is_file()):
        if place.exists() and not stamp.is_file():
            sys.exit(f"{place} is there already and not from here. Move it away and try again.")
        print(f"Installing into {folder} (once, a minute or so) ...", flush=True)
        try:
            venv.create(place, clear=True, with_pip=True)
        except subprocess.CalledProcessError:
            sys.exit(
                "Python could not make a virtual environment. On Debian and Ubuntu it needs one "
                "more package: sudo apt install python3-venv. Then try again."
            )
        stamp.touch()  # ours, though not complete yet
        install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        if run(str(python), *install, "-r", requirements):
            sys.exit("The packages could not be installed: see above. Then try again.")
        stamp.write_text(wanted.hexdigest())
    return str(python)


def run(*command: str) -> int:
    try:
        return subprocess.run(command, check=False).returncode
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Scripts of runs, in a process of their own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nncore.types import FloatArray, Parameters

DRIVER = """
import runpy, sys
import numpy as np
script, result, sys.argv[1:] = sys.argv[1], sys.argv[2], sys.argv[3:]
parameters, costs = runpy.run_path(script)["main"]()
assert "nncore" not in sys.modules
np.savez(result, costs=costs, **parameters)
"""


@dataclass(eq=False)
class Outcome:
    """What a script printed, and what it gave."""

    said: str
    parameters: Parameters
    costs: FloatArray


def run_script(text: str, folder: Path, *arguments: object) -> Outcome:
    """Run a script where nncore cannot be imported, on one thread.

    Parameters
    ----------
    text : str
        The script.
    folder : Path
        Where it is to lie.
    arguments
        What stands after its name.
    """
    script, result = folder / "network.py", folder / "result.npz"
    script.write_text(text, encoding="utf-8")
    command = [sys.executable, "-I", "-W", "error", "-X", "utf8", "-c", DRIVER]
    done = subprocess.run(
        [*command, str(script), str(result), *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    with np.load(result) as arrays:
        parameters = {name: arrays[name] for name in arrays if name != "costs"}
        return Outcome(done.stdout, parameters, arrays["costs"])

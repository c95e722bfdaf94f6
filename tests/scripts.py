"""Scripts of runs, at work in a process of their own."""

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


class Started:
    """A script that has been started where nncore cannot be imported, on one thread.

    Parameters
    ----------
    text : str
        The script.
    folder : Path
        Where it is to lie.
    arguments
        What stands after its name.
    """

    def __init__(self, text: str, folder: Path, *arguments: object) -> None:
        script, self.result = folder / "network.py", folder / "result.npz"
        script.write_text(text, encoding="utf-8")
        command = [sys.executable, "-I", "-W", "error", "-X", "utf8", "-c", DRIVER]
        self.process = subprocess.Popen(
            [*command, str(script), str(self.result), *map(str, arguments)],
            cwd=folder,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )

    def outcome(self) -> Outcome:
        """Wait for its end."""
        said, _ = self.process.communicate(timeout=600)
        assert self.process.returncode == 0, said
        with np.load(self.result) as arrays:
            parameters = {name: arrays[name] for name in arrays if name != "costs"}
            return Outcome(said, parameters, arrays["costs"])

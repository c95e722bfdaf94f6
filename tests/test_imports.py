"""`import nncore` costs little more than `import numpy`, and brings nothing of the outer rings."""

import subprocess
import sys


def said_by(code: str) -> str:
    """What a Python of its own prints that runs this."""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return out.stdout


def modules_after(statement: str) -> set[str]:
    return set(said_by(f"{statement}\nimport sys\nprint(*sys.modules)").split())


def test_nncore_loads_nothing_heavy() -> None:
    loaded = modules_after("import nncore, nncore.cases, nncore.pretrained, nncore.__main__")
    for heavy in ("streamlit", "plotly", "pandas", "h5py", "PIL", "urllib.request", "ui"):
        assert heavy not in loaded, heavy
    packages = {name.split(".")[0] for name in loaded} - sys.stdlib_module_names
    with_numpy = {name.split(".")[0] for name in modules_after("import numpy, numpy.random")}
    assert packages - with_numpy == {"nncore"}


def test_rings_point_inward() -> None:
    """nncore knows nothing of ui and pages, ui nothing of pages."""
    import re
    from pathlib import Path

    root = Path(__file__).parents[1]
    for ring, outer in (("nncore", "ui|pages|app"), ("ui", "pages|app")):
        for file in (root / ring).rglob("*.py"):
            found = re.search(rf"^\s*(from|import) ({outer})\b", file.read_text(), re.MULTILINE)
            assert not found, f"{file}: {found}"


def test_ui_limits_the_threads_before_numpy_is_loaded() -> None:
    loaded = modules_after("import ui, os; assert os.environ['OPENBLAS_NUM_THREADS'] == '1'")
    assert "numpy" not in loaded


def test_no_page_loads_what_it_does_not_need() -> None:
    """Streamlit loads pandas and pyarrow to know a data frame: 80 MB and half a second for nothing."""
    pages = """
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=60).run()
for page in ("shapes", "one_iteration", "train", "results", "pictures"):
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
"""
    loaded = modules_after(pages)
    assert "ui.components.run_chart" in loaded
    assert not {"pandas", "pyarrow", "altair"} & loaded


def test_the_first_element_does_not_ask_for_a_prompt() -> None:
    """Streamlit would read the source of all that is on the stack, once a process."""
    ask = (
        "import streamlit as st\nfrom streamlit import env_util\nenv_util.is_repl = lambda: 1 / 0\n"
    )
    with_us = modules_after(f"{ask}import ui\nst.markdown('said')")
    assert "ui" in with_us
    alone = subprocess.run([sys.executable, "-c", f"{ask}st.markdown('said')"], capture_output=True)
    assert b"ZeroDivisionError" in alone.stderr  # else there is nothing to spare any more

"""Start here: `streamlit run app.py`."""

from ui.frame import route

route()

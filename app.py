"""Start here: `streamlit run app.py`. Python imports it for the server; every visit runs it."""

import streamlit as st

if st.runtime.exists():
    from ui.frame import route

    route()
else:
    from contextlib import suppress

    from starlette.middleware import Middleware

    from ui.server import FilesFromMemory, prepared

    app = st.App(__file__, lifespan=prepared, middleware=[Middleware(FilesFromMemory)])
    if __name__ == "__main__":  # python app.py
        with suppress(KeyboardInterrupt):
            app.run()

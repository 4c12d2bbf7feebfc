import functools
import http.server
import threading
from pathlib import Path

import pytest

SITE = Path(__file__).parents[2] / "_build" / "html"


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def site():
    """The built site and its address on this machine."""
    assert (SITE / "index.html").is_file(), "there is no built book: run make book"
    handler = functools.partial(QuietHandler, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def open_page(site, browser):
    """Open a page of the site, with every other host blocked; collect script errors."""
    contexts = []

    def open_it(name, width=1280):
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.script_errors = []
        page.on("pageerror", lambda error: page.script_errors.append(str(error)))
        page.route("**/*", lambda route: _only_from(site, route))
        page.goto(f"{site}/{name}", wait_until="load")
        return page

    yield open_it
    for context in contexts:
        context.close()


def _only_from(site, route):
    if route.request.url.startswith((site, "data:")):
        route.continue_()
    else:
        route.abort()

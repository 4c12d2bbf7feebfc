import functools
import http.server
import threading
from pathlib import Path

import pytest
from benchmarks.lighthouse import served

SITE = Path(__file__).parents[2] / "_build" / "html"


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept

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


@pytest.fixture(scope="session")
def compressed_site():
    """The built site's address on a server that compresses."""
    with served(SITE) as address:
        yield address


@pytest.fixture
def open_page(site, browser):
    """Open a page with every other host blocked; collect what it asked of them, and what failed."""
    contexts = []

    def open_it(name, width=1280, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.script_errors, page.asked_elsewhere = [], []
        page.on("pageerror", lambda error: page.script_errors.append(str(error)))
        page.on("request", lambda request: _note_if_foreign(page, request.url, site))
        _note_failures(page)
        page.goto(f"{site}/{name}", wait_until="load")
        return page

    yield open_it
    for context in contexts:
        context.close()


def _note_if_foreign(page, url, site):
    if not url.startswith((site, "data:", "blob:")):
        page.asked_elsewhere.append(url)


def _note_failures(page):
    """Collect what a page asked for in vain, and what it said of it in the console."""
    page.failures = []
    page.on("requestfailed", lambda request: page.failures.append(f"failed: {request.url}"))
    page.on("response", lambda response: _note_if_refused(page, response))
    page.on("console", lambda message: _note_if_fault(page, message))


def _note_if_refused(page, response):
    if response.status >= 400:
        page.failures.append(f"{response.status}: {response.url}")


def _note_if_fault(page, message):
    if message.type in ("error", "warning"):
        page.failures.append(f"{message.type} in the console: {message.text}")

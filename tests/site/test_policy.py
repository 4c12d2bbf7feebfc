"""What somebody else put into a page does not run, and asks nobody; the page itself works."""

import functools
import http.server
import threading
from contextlib import contextmanager

import pytest
from tests.site.built import SITE, bring_to_life

DEMO = "book/momentum.html"
INJECTED = """
<script>document.documentElement.dataset.hacked = "by a script"</script>
<script src="{elsewhere}/evil.js"></script>
<img src="none.png" onerror="document.documentElement.dataset.hacked = 'by a handler'" alt="">
<img src="{elsewhere}/pixel.png" alt="">
<iframe src="{elsewhere}/frame.html" title="outside"></iframe>
<style>body {{ background: url({elsewhere}/ground.png) }}</style>
<base href="{elsewhere}/">
<a id="trap" href="javascript:void (document.documentElement.dataset.hacked = 'by a link')">x</a>
<script type="module">
document.documentElement.dataset.hacked = "by a module";
</script>
"""

REFUSED = (
    "Executing inline script",
    "Executing inline event handler",
    "evil.js' violates",
    "pixel.png' violates",
    "Framing",
    "Applying inline style",
    "Setting the document's base URI",
    "Running the JavaScript URL",
)


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """Another host, which notes what it is asked for."""

    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(404)
        self.end_headers()

    def log_message(self, *arguments):
        pass


class Spoilt(http.server.SimpleHTTPRequestHandler):
    """The site, but into one page somebody has put what does harm."""

    def do_GET(self):
        if self.path != f"/{DEMO}":
            super().do_GET()
            return
        text = (SITE / DEMO).read_text().replace("<h1", f"{self.server.injected}<h1")
        if not self.server.protected:
            text = text.replace("Content-Security-Policy", "X-None")
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments):
        pass


@contextmanager
def served(handler, **facts):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        for name, fact in facts.items():
            setattr(server, name, fact)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def spoilt_page(request, browser):
    """Return the page, with or without our policy, what it was refused, and what it asked for."""
    asked, refused = [], []
    handler = functools.partial(Spoilt, directory=str(SITE))
    with served(Elsewhere, asked=asked) as elsewhere:
        injected = INJECTED.format(elsewhere=elsewhere)
        with served(handler, injected=injected, protected=request.param) as site:
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            page = context.new_page()
            page.on("console", lambda message: refused.append(message.text))
            page.goto(f"{site}/{DEMO}", wait_until="load")
            yield page, refused, asked
            context.close()


def hacked(page):
    page.locator("#trap").evaluate("link => link.click()")
    page.evaluate("new Promise((done) => setTimeout(done, 100))")
    return page.evaluate("document.documentElement.dataset.hacked ?? ''")


@pytest.mark.parametrize("spoilt_page", [True], indirect=True)
def test_what_is_injected_does_nothing_and_all_demos_work(spoilt_page):
    page, refused, asked = spoilt_page
    bring_to_life(page)
    assert hacked(page) == ""
    assert asked == []
    assert page.locator("figure.explorer.live").count() == page.locator("figure.explorer").count()
    for what in REFUSED:
        assert any(what in line for line in refused), (what, refused)


@pytest.mark.parametrize("spoilt_page", [False], indirect=True)
def test_without_the_policy_it_would_do_harm(spoilt_page):
    page, _, asked = spoilt_page
    assert hacked(page)
    assert {"/evil.js", "/pixel.png", "/frame.html"} <= set(asked)


def test_text_does_not_become_code(open_page):
    page = open_page(DEMO)
    assert page.evaluate("""() => {
      const script = document.createElement("script");
      script.textContent = "window.made = true";
      document.head.append(script);
      return window.made === undefined;
    }""")

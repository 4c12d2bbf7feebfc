"""How much a page loads before its reader does anything, and in how many requests."""

import re
from urllib.parse import urlsplit

import pytest
from tests.site.test_pages import PAGES, SITE

MOST_BYTES = 350_000
MOST_REQUESTS = 20
FIGURES = ("/_images/", "/_static/explorers/")
HASHED = re.compile(r"/_static/[\w.-]+\.[0-9a-zA-Z]{8,10}\.(css|js|woff2)$")


@pytest.fixture
def first_load(browser, compressed_site):
    """Return what a phone loads of a page: paths and bytes that were sent."""

    def load(name):
        context = browser.new_context(viewport={"width": 390, "height": 844})
        page = context.new_page()
        sent = []
        page.on("requestfinished", lambda request: sent.append(request))
        page.goto(f"{compressed_site}/{name}", wait_until="networkidle")
        sizes = {urlsplit(request.url).path: request.sizes() for request in sent}
        context.close()
        return {path: size["responseBodySize"] for path, size in sizes.items()}

    return load


@pytest.mark.parametrize("name", PAGES)
def test_the_first_load_is_light(first_load, name):
    loaded = first_load(name)
    own = {path: size for path, size in loaded.items() if not path.startswith(FIGURES)}
    print(f"{name}: {len(loaded)} requests, {sum(own.values()) / 1000:.0f} KB without figures")
    assert f"/{name}" in own
    assert sum(own.values()) <= MOST_BYTES, own
    assert len(own) <= MOST_REQUESTS, own


@pytest.mark.quiet
@pytest.mark.parametrize("name", PAGES)
def test_nothing_moves_while_a_slow_phone_reads_the_page(browser, compressed_site, name):
    context = browser.new_context(viewport={"width": 412, "height": 823})
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.add_init_script(
        "window.moved = []; new PerformanceObserver(list => moved.push(...list.getEntries()"
        ".flatMap(entry => entry.sources.map(({ node }) => node?.outerHTML.slice(0, 100)))))"
        ".observe({ type: 'layout-shift', buffered: true })"
    )
    page.goto(f"{compressed_site}/{name}", wait_until="networkidle")
    moved = page.evaluate("moved")
    context.close()
    assert moved == []


@pytest.mark.parametrize("name", PAGES)
def test_scripts_styles_and_fonts_may_be_kept_for_ever(first_load, name):
    """Their names tell their content."""
    kinds = (".css", ".js", ".woff2")
    named = [
        path for path in first_load(name) if path.endswith(kinds) and "/explorers/" not in path
    ]
    assert named
    assert [path for path in named if not HASHED.search(path) and "vega" not in path] == []


@pytest.mark.parametrize("name", [*PAGES, "search.html", "genindex.html", "py-modindex.html"])
def test_no_script_stands_in_a_page(name):
    text = (SITE / name).read_text()
    inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", text)
    assert [tag for tag in inline if "json" not in tag] == []
    assert re.findall(r"<[a-z][^>]*\son[a-z]+=", text) == []


@pytest.mark.parametrize("name", PAGES)
def test_pictures_keep_their_place_until_they_come(name):
    tags = re.findall(r"<img[^>]*>", (SITE / name).read_text())
    assert tags
    assert [tag[:100] for tag in tags if 'width="' not in tag or 'height="' not in tag] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_it_is_about(name):
    text = (SITE / name).read_text()
    (words,) = re.findall(r'<meta name="description" content="([^"]+)"', text)
    assert len(words) > 40
    assert text.count('name="viewport"') == 1
    assert text.count("<title>") == 1


def test_nothing_of_the_icons_script_and_fonts_is_published():
    names = {path.name for path in SITE.rglob("*")}
    assert not {name for name in names if name.startswith("fa-")}
    assert "all.min.js" not in names
    assert "bootstrap.js" not in names

"""How the built pages look: their fonts, the dark, the cover, and what links to them show."""

import html
import io
import re

import pytest
from PIL import Image
from tests.site.test_explorers import EXPLORERS, explorers
from tests.site.test_pages import COURSE, PAGES, SITE

from livepage.pages.dark import GROUND, contrast

FIGURES = sorted(
    path for path in (SITE / "_images").glob("*.svg") if "<dc:title>Matplotlib" in path.read_text()
)
MOST_FONT_BYTES = 75_000
MOST_WITH_FORMULAS = 150_000
SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const places = entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 80) ?? node?.data);
      if (!entry.hadRecentInput) window.shifts.push([entry.value, ...places]);
    }
  }).observe({ type: "layout-shift", buffered: true });
}"""
WORDS = """() => [...document.querySelectorAll('g[id^="text_"] > g')].map((words) => ({
  fill: getComputedStyle(words).fill,
  onImage: /fill: (black|white)/.test(words.getAttribute("style") ?? ""),
  text: words.parentNode.textContent.trim() || words.parentNode.id,
}))"""
FONTS = """() => performance.getEntriesByType("resource")
  .filter(({ name }) => name.endsWith(".woff2"))
  .map(({ name, encodedBodySize }) => [name, encodedBodySize])"""


def set_theme(page, theme):
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    page.wait_for_timeout(400)  # colours fade from one theme to the other


def brightness(locator):
    picture = Image.open(io.BytesIO(locator.screenshot())).convert("L")
    histogram = picture.histogram()
    return sum(value * count for value, count in enumerate(histogram)) / sum(histogram)


@pytest.mark.parametrize("name", PAGES)
def test_fonts_come_from_the_site_and_are_small(open_page, name):
    page = open_page(name)
    page.evaluate("document.fonts.ready.then(() => true)")
    loaded = dict(page.evaluate(FONTS))
    own = {address: size for address, size in loaded.items() if "KaTeX" not in address}
    assert own
    assert sum(own.values()) <= MOST_FONT_BYTES, own
    assert sum(loaded.values()) <= MOST_WITH_FORMULAS, loaded
    assert page.asked_elsewhere == []


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["book/welcome.html", "book/momentum.html", "book/summary.html"])
def test_nothing_shifts_when_fonts_are_late(open_page, name, width, site):
    page = open_page("book/glossary.html", width=width)
    late = re.compile(r"\.woff2$")
    page.route(late, lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.add_init_script(f"({SHIFTS})()")
    page.goto(f"{site}/{name}", wait_until="load")
    page.evaluate("document.fonts.ready.then(() => true)")
    page.wait_for_timeout(700)
    shifts = page.evaluate("window.shifts")
    assert sum(value for value, *_ in shifts) < 0.001, shifts


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.stem[:8])
def test_the_words_of_a_figure_are_read(browser, path, theme):
    page = browser.new_page(color_scheme=theme)
    page.goto(path.as_uri())
    for words in page.evaluate(WORDS):
        color = "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", words["fill"])[:3])
        ground = {"light": "#ffffff", "dark": GROUND}[theme]
        if not words["onImage"] and color != ground:  # it stands on a colour
            assert contrast(color, ground) >= 4.5, words
    page.close()


def test_figures_follow_the_theme_without_another_download(open_page):
    page = open_page(COURSE[0])
    figure = page.locator("article .cell_output img").first
    figure.scroll_into_view_if_needed()
    figure.evaluate("image => image.decode()")
    seen = {}
    for theme in ("light", "dark", "light"):
        set_theme(page, theme)
        seen[theme] = brightness(figure)
    assert seen["light"] > 200
    assert seen["dark"] < 80
    address = figure.evaluate("image => image.currentSrc")
    asked = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert asked.count(address) == 1


def test_without_scripts_figures_are_as_light_as_the_page(open_page):
    page = open_page(COURSE[0], java_script_enabled=False, color_scheme="dark")
    figure = page.locator("article .cell_output img").first
    figure.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    shown = brightness(figure)
    ground = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    light = sum(map(int, re.findall(r"\d+", ground)[:3])) > 3 * 128
    assert (shown > 128) == light


@pytest.mark.parametrize("name", EXPLORERS)
def test_explorers_follow_the_theme_while_the_page_is_open(open_page, name):
    page = open_page(name, color_scheme="light")
    corner = "canvas => [...canvas.getContext('2d').getImageData(2, 2, 1, 1).data].slice(0, 3)"
    ground = [int(GROUND[place : place + 2], 16) for place in (1, 3, 5)]
    for root in explorers(page):
        setting = root.evaluate("root => root.explorer.indices().join()")
        assert root.locator("canvas").evaluate(corner) == [255, 255, 255]
        for theme, expected in (("dark", ground), ("light", [255, 255, 255])):
            set_theme(page, theme)
            page.wait_for_function(
                f"([root, wanted]) => String(({corner})(root.querySelector('canvas'))) === "
                "String(wanted)",
                arg=[root.element_handle(), expected],
            )
        assert root.evaluate("root => root.explorer.indices().join()") == setting
        assert root.locator("canvas").count() == 1
    assert page.script_errors == []


def test_an_explorer_that_begins_in_the_dark_is_dark_before_and_after(open_page):
    page = open_page(EXPLORERS[0], color_scheme="dark")
    set_theme(page, "dark")
    root = page.locator("figure[data-explorer]").first
    picture = root.locator(".explorer-picture img")
    if picture.count():
        assert brightness(picture) < 80
    root = next(explorers(page))
    assert brightness(root.locator("canvas")) < 80


def test_an_explorer_moves_after_the_theme_changed(open_page):
    page = open_page(EXPLORERS[0])
    root = next(explorers(page))
    set_theme(page, "dark")
    before = root.locator("canvas").evaluate("canvas => canvas.toDataURL()")
    drawn = root.evaluate("root => root.explorer.drawn")
    field = root.locator("input").first
    field.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "([root, drawn]) => root.explorer.drawn > drawn", arg=[root.element_handle(), drawn]
    )
    page.wait_for_timeout(200)
    assert root.locator("canvas").evaluate("canvas => canvas.toDataURL()") != before


def test_the_playground_follows_the_theme(open_page):
    page = open_page("book/playground.html")
    seen, colors = {}, {}
    for theme in ("light", "dark"):
        set_theme(page, theme)
        seen[theme] = brightness(page.locator(".pg-map"))
        colors[theme] = page.locator(".pg-methods tbody tr").evaluate_all(
            "rows => rows.map((row) => getComputedStyle(row).getPropertyValue('--method').trim())"
        )
    assert seen["light"] > 180 > 90 > seen["dark"]
    assert all(contrast(color, GROUND) >= 4.5 for color in colors["dark"])
    assert colors["light"] != colors["dark"]


def test_the_book_opens_with_a_cover_and_the_ways_in(open_page):
    page = open_page("book/welcome.html")
    cover = page.locator("img.cover")
    assert cover.bounding_box()["y"] < 300
    assert cover.evaluate("image => image.decode().then(() => image.naturalWidth)") > 300
    ways = page.locator(".begin a")
    addresses = [way.get_attribute("href") for way in ways.all()]
    assert addresses[0] == "case-study.html"
    assert "../notebooks/welcome.ipynb" in addresses
    ways.first.click()
    page.wait_for_url("**/book/case-study.html")


def test_every_page_has_a_preview_of_its_own():
    described = {}
    for name in PAGES:
        found = re.findall(
            r'<meta (?:property|name)="([\w:]+)" content="([^"]*)"', (SITE / name).read_text()
        )
        tags = {key: html.unescape(value) for key, value in found}
        assert {"og:title", "og:type", "og:site_name", "twitter:card"} <= set(tags), name
        if "og:description" in tags:
            assert tags["description"] == tags["og:description"]
            described[name] = tags["description"]
    assert len(set(described.values())) == len(described)
    assert set(COURSE) <= set(described)
    assert all(40 <= len(words) <= 200 for words in described.values()), described

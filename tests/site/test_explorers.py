"""What a reader can move on the built pages."""

import gzip
import random
import re
import statistics

import pytest
from tests.livepage.explorer.test_data import unpack
from tests.site.test_pages import PAGES, SITE

from livepage.explorer.data import rows_at

BUILT = [name for name in PAGES if (SITE / name).is_file()]
EXPLORERS = [name for name in BUILT if "data-explorer=" in (SITE / name).read_text()]

CHANGE = """async ([root, which, value]) => {
  const field = root.explorer.fields[which];
  const drawn = root.explorer.drawn;
  const began = performance.now();
  if (field.tagName === "SELECT") field.selectedIndex = value; else field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  while (root.explorer.drawn === drawn) await new Promise((done) => setTimeout(done, 1));
  return performance.now() - began;
}"""
# Sections take their height as they come near, so one leap does not always lead there.
REACHED = """root => {
  if (root.explorer?.drawn > 0) return true;
  root.scrollIntoView({ block: "center", behavior: "instant" });
}"""
PIXELS = "root => root.querySelector('canvas').toDataURL()"


def explorers(page):
    """Bring every explorer of a page to life, one after the other."""
    for root in page.locator("figure[data-explorer]").all():
        page.wait_for_function(REACHED, arg=root.element_handle())
        yield root


def settle(page, root, drawn):
    page.wait_for_function(
        "([root, drawn]) => root.explorer.drawn > drawn", arg=[root.element_handle(), drawn]
    )


def picture(root):
    return root.evaluate(PIXELS) + root.locator(".explorer-message").inner_text()


def test_the_book_has_explorers():
    assert EXPLORERS


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_control_moves_the_figure_by_keyboard(open_page, name):
    page = open_page(name)
    for root in explorers(page):
        for field in root.locator("input, select").all():
            before, drawn = picture(root), root.evaluate("root => root.explorer.drawn")
            field.focus()
            at_end = field.evaluate(
                "f => f.tagName === 'SELECT' ? f.selectedIndex > 0 : f.value === f.max"
            )
            page.keyboard.press("ArrowUp" if at_end and is_select(field) else arrow(at_end))
            settle(page, root, drawn)
            assert picture(root) != before, f"{name}: {field.get_attribute('name')}"
    assert page.script_errors == []
    assert page.asked_elsewhere == []


def is_select(field):
    return field.evaluate("field => field.tagName === 'SELECT'")


def arrow(at_end):
    return "ArrowLeft" if at_end else "ArrowRight"


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_slider_moves_the_figure_by_mouse(open_page, name):
    page = open_page(name, width=390)
    for root in explorers(page):
        for field in root.locator("input").all():
            before, drawn = picture(root), root.evaluate("root => root.explorer.drawn")
            field.scroll_into_view_if_needed()
            box = field.bounding_box()
            share = field.evaluate("field => field.value / field.max")
            goal = box["x"] + box["width"] * (0.2 if share > 0.5 else 0.8)
            page.mouse.click(goal, box["y"] + box["height"] / 2)
            settle(page, root, drawn)
            assert picture(root) != before, f"{name}: {field.get_attribute('name')}"
    assert page.script_errors == []


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_choice_from_a_list_moves_the_figure(open_page, name):
    page = open_page(name)
    for root in explorers(page):
        for field in root.locator("select").all():
            chosen = field.evaluate("field => field.selectedIndex")
            for index in range(field.locator("option").count()):
                if index == chosen:
                    continue
                before, drawn = picture(root), root.evaluate("root => root.explorer.drawn")
                field.select_option(index=index)
                settle(page, root, drawn)
                assert picture(root) != before, f"{name}: {field.get_attribute('name')}, {index}"


def takes_clicks(root):
    """Tell whether the marks of an explorer name settings, so that a click on one chooses it."""
    return root.evaluate(
        "root => root.explorer.payload.columns.some(({ name }) => "
        "root.explorer.controls.some((control) => control.name === name))"
    )


CLICKED = ["book/momentum.html", "book/non-convexity.html"]


@pytest.mark.parametrize("by", ["mouse", "touch"])
@pytest.mark.parametrize("name", CLICKED)
@pytest.mark.parametrize("width", [390, 1280])
def test_a_click_on_the_map_chooses_the_setting_under_it(open_page, name, width, by):
    page = open_page(name, width=width, has_touch=by == "touch")
    maps = [root for root in explorers(page) if takes_clicks(root)]
    assert maps
    for root in maps:
        canvas = root.locator("canvas")
        canvas.scroll_into_view_if_needed()
        chosen = []
        for share in (0.3, 0.6):
            before = root.evaluate("root => root.explorer.indices().join()")
            box, drawn = canvas.bounding_box(), root.evaluate("root => root.explorer.drawn")
            place = box["x"] + share * box["width"], box["y"] + box["height"] * (0.1 + share / 6)
            page.mouse.click(*place) if by == "mouse" else page.touchscreen.tap(*place)
            settle(page, root, drawn)
            chosen.append(root.evaluate("root => root.explorer.indices().join()"))
            assert chosen[-1] != before
        assert len(set(chosen)) == 2


@pytest.mark.parametrize("name", EXPLORERS)
def test_the_browser_draws_the_numbers_of_the_build(open_page, name):
    """The rows of random settings, by the page's script and by the format's own description."""
    page, rng = open_page(name), random.Random(0)
    for root in explorers(page):
        payload = root.evaluate(
            "root => ({ columns: root.explorer.payload.columns.map("
            "({ dataset, name, kind, shape, words }) => ({ dataset, name, kind, shape, "
            "...(words ? { words } : {}) })), blob: root.explorer.payload.blob })"
        )
        datasets = unpack(payload)
        for _ in range(10):
            setting = root.evaluate(
                "(root, numbers) => { root.explorer.fields.forEach((field, which) => { "
                "const count = field.options ? field.options.length : Number(field.max) + 1; "
                "const place = Math.floor(numbers[which] * count); "
                "if (field.options) field.selectedIndex = place; else field.value = place; }); "
                "return root.explorer.settings(); }",
                [rng.random() for _ in range(9)],
            )
            for dataset, columns in datasets.items():
                shown = root.evaluate("(root, name) => root.explorer.rows(name)", dataset)
                assert shown == rows_at(columns, setting)


@pytest.mark.parametrize("name", EXPLORERS)
def test_moving_is_fast_enough_to_follow(open_page, name, record_property):
    """The times are reported, not asserted: a busy machine is no fault of the page."""
    page, rng, times = open_page(name), random.Random(0), []
    for root in explorers(page):
        for _ in range(20):
            which = rng.randrange(root.evaluate("root => root.explorer.fields.length"))
            most = root.evaluate(
                "(root, which) => root.explorer.controls[which].texts.length - 1", which
            )
            times.append(
                page.evaluate(CHANGE, [root.element_handle(), which, rng.randint(0, most)])
            )
    record_property("median_ms", statistics.median(times))
    print(f"{name}: median {statistics.median(times):.0f} ms, slowest {max(times):.0f} ms")


@pytest.mark.parametrize("name", EXPLORERS)
def test_an_explorer_shifts_nothing_when_it_comes_to_life(open_page, name):
    page = open_page(name, width=390)
    figures = page.locator("figure[data-explorer]").all()
    heights = [figure.bounding_box()["height"] for figure in figures]
    for root, height in zip(explorers(page), heights, strict=True):
        assert root.bounding_box()["height"] == pytest.approx(height, abs=1)


@pytest.mark.parametrize("name", EXPLORERS)
def test_nothing_is_loaded_before_a_reader_comes_near(open_page, name):
    page = open_page(name)
    page.evaluate("scrollTo(0, 0)")
    first = page.locator("figure[data-explorer]").first.bounding_box()
    loaded = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    if first["y"] > 900 + 600:
        assert not [
            url
            for url in loaded
            if url.endswith("vega.js") or ("/explorers/" in url and url.endswith(".js"))
        ]


@pytest.mark.parametrize("name", [page for page in BUILT if page not in EXPLORERS])
def test_a_page_without_explorers_loads_nothing_for_them(name):
    text = (SITE / name).read_text()
    assert "/explorer." not in text
    assert "vega" not in text


@pytest.mark.parametrize("name", EXPLORERS)
def test_data_are_small(name):
    for found in re.findall(r'data-explorer="(\w+)"', (SITE / name).read_text()):
        script = SITE / "_static" / "explorers" / f"{found}.js"
        assert len(gzip.compress(script.read_bytes())) < 400_000


def test_an_explorer_lives_in_a_page_opened_as_a_file(browser):
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route(re.compile("^https?:"), lambda route: route.abort())
    page.goto((SITE / EXPLORERS[0]).as_uri(), wait_until="domcontentloaded")
    assert sum(1 for _ in explorers(page)) > 0
    page.close()

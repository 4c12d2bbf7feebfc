"""The buttons of the theme work by mouse and keyboard, on the web and in a file that is opened."""

import pytest
from playwright.sync_api import expect
from tests.site.test_pages import COURSE, SITE

PAGE = COURSE[1]
LAUNCH = "details.dropdown-launch-buttons"
THEME = "document.documentElement.dataset.theme"


@pytest.fixture(params=["web", "file"])
def opened(open_page, request):
    def open_it(**options):
        page = open_page(PAGE, **options)
        if request.param == "file":
            page.goto((SITE / PAGE).as_uri())
        return page

    return open_it


def test_a_menu_opens_and_closes_by_mouse(opened):
    page = opened()
    menu = page.locator(LAUNCH)
    download = menu.get_by_role("link", name="Download")
    expect(download).to_be_hidden()
    menu.locator("summary").click()
    expect(download).to_be_visible()
    page.mouse.click(400, 500)
    page.mouse.move(400, 600)
    expect(download).to_be_hidden()


def test_a_menu_opens_and_closes_by_keyboard(opened):
    page = opened()
    menu = page.locator(LAUNCH)
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    download = menu.get_by_role("link", name="Download")
    expect(download).to_be_visible()
    page.keyboard.press("Tab")
    assert menu.evaluate("menu => menu.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(download).to_be_hidden()
    assert menu.locator("summary").evaluate("it => it === document.activeElement")


def test_a_menu_closes_when_the_keyboard_leaves_it(opened):
    page = opened()
    menu = page.locator(LAUNCH)
    menu.locator("summary").press("Enter")
    while menu.evaluate("menu => menu.contains(document.activeElement)"):
        page.keyboard.press("Tab")
    assert menu.get_attribute("open") is None


@pytest.mark.parametrize("width", [390, 1280])
def test_an_open_menu_lies_on_the_screen(open_page, width):
    page = open_page(PAGE, width=width)
    for menu in page.locator("details.dropdown").all():
        menu.locator("summary").click()
        box = menu.locator(".dropdown-menu").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_the_page_is_printed(opened):
    page = opened()
    page.evaluate("window.print = () => { window.printed = true }")
    page.locator("details.dropdown-download-buttons summary").click()
    page.locator("[data-action=print]").click()
    assert page.evaluate("window.printed")


def test_the_page_fills_the_screen(open_page):
    page = open_page(PAGE)
    page.locator("[data-action=full-screen]").click()
    page.wait_for_function("document.fullscreenElement !== null")
    page.locator("[data-action=full-screen]").click()
    page.wait_for_function("document.fullscreenElement === null")


def test_the_theme_is_chosen_and_kept(opened):
    page = opened(color_scheme="light")
    assert page.evaluate(THEME) == "light"
    page.locator(".theme-switch-button").click()
    assert page.evaluate(THEME) == "dark"
    assert page.locator(".theme-switch-button svg").filter(visible=True).count() == 1
    page.reload()
    assert page.evaluate(THEME) == "dark"
    assert page.script_errors == []


def test_the_readers_own_theme_is_there_before_the_page_is_drawn(open_page):
    page = open_page(PAGE, color_scheme="dark")
    page.add_init_script(
        "addEventListener('DOMContentLoaded', (event) => event.stopImmediatePropagation(), true)"
    )
    page.reload()
    assert page.evaluate(THEME) == "dark"


def test_a_reader_who_blocks_storage_has_all_buttons(open_page):
    page = open_page(PAGE, color_scheme="light")
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { configurable: true, "
        "get() { throw new DOMException('blocked', 'SecurityError'); } })"
    )
    page.reload()
    page.locator(".theme-switch-button").click()
    assert page.evaluate(THEME) == "dark"
    page.keyboard.press("Control+k")
    expect(page.locator(".search-button__wrapper input")).to_be_visible()
    assert page.script_errors == []


def test_search_opens_by_button_and_by_keys(opened):
    page = opened()
    field = page.locator(".search-button__wrapper input")
    page.locator(".search-button-field").click()
    expect(field).to_be_visible()
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    page.keyboard.press("Control+k")
    page.keyboard.type("momentum")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=momentum")
    page.locator("#search-results li a").first.wait_for()
    # In a file that is opened, Sphinx cannot read pages for its summaries.
    assert {error for error in page.script_errors if error != "Failed to fetch"} == set()


def test_side_bars_open_on_a_phone(opened):
    page = opened(width=390)
    for side, place in (("primary", ".bd-sidebar-primary"), ("secondary", ".bd-sidebar-secondary")):
        bar = page.locator(place)
        page.locator(f"button.{side}-toggle").click()
        page.wait_for_function(
            "place => document.querySelector(place).contains(document.activeElement)", arg=place
        )
        expect(bar.get_by_role("link").first).to_be_visible()
        page.keyboard.press("Escape")
        expect(bar).not_to_be_in_viewport()


def test_without_scripts_side_bars_open_and_dead_buttons_are_away(open_page):
    page = open_page(PAGE, width=390, java_script_enabled=False)
    assert page.locator(".by-script").filter(visible=True).count() == 0
    page.locator("label.primary-label").click()
    expect(page.locator(".bd-sidebar-primary a").first).to_be_visible()
    page.locator(LAUNCH).locator("summary").wait_for()


def test_the_section_that_is_read_is_marked(open_page):
    page = open_page(PAGE)
    links = page.locator(".bd-toc-nav a.nav-link")
    for number in (1, 3):
        target = links.nth(number).get_attribute("href")
        page.locator(target).evaluate("section => section.scrollIntoView()")
        page.locator(f'.bd-toc-nav a.active[aria-current="true"][href="{target}"]').wait_for()
        assert page.locator(".bd-toc-nav a[aria-current]").count() == 1


def test_code_is_copied(open_page):
    page = open_page(PAGE, permissions=["clipboard-read", "clipboard-write"])
    block = page.locator("div.highlight").first
    block.hover()
    block.locator("button.copybtn").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == block.locator("pre").inner_text().strip()


@pytest.mark.parametrize("name", [PAGE, "book/api.html"])
def test_a_link_leads_to_its_place(open_page, name):
    page = open_page(name)
    links = page.locator(".bd-toc-nav a.nav-link")
    target = links.nth(links.count() // 2).get_attribute("href")
    page.goto(f"{page.url}{target}")
    place = page.locator(f'[id="{target.removeprefix("#")}"]')
    page.wait_for_function(
        "place => Math.abs(place.getBoundingClientRect().top) < 150", arg=place.element_handle()
    )

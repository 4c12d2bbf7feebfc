"""Every page by keyboard alone: all that can be used is reached, in order, and is seen to be."""

import pytest
from playwright.sync_api import expect
from tests.site.built import EVERY_PAGE, bring_to_life, hold_still

# What the keyboard reached: a name for it, where it stands among all that could be reached, and
# whether it differs from how it looks without the focus. Two frames are waited for: the list of
# contents folds and unfolds once the page has scrolled.
HERE = """async () => {
  const nextFrame = () => new Promise(requestAnimationFrame);
  await nextFrame();
  await nextFrame();
  const box = document.activeElement;
  if (!box || box === document.body) return null;
  const all = [...document.querySelectorAll("*")];
  const frame = (part, pseudo) => {
    const { outlineStyle, outlineWidth, boxShadow, borderColor, backgroundColor, textDecorationLine,
      textDecorationThickness } = getComputedStyle(part, pseudo);
    const outline = outlineStyle === "none" || outlineWidth === "0px" ? "" : outlineWidth;
    return [outline, boxShadow, borderColor, backgroundColor, textDecorationLine,
      textDecorationThickness].join();
  };
  const PSEUDO = [undefined, "::before", "::after"];
  const parts = () => [box, ...box.querySelectorAll("*")].slice(0, 20)
    .concat(box.nextElementSibling ?? [], box.parentElement, box.closest("details, form") ?? [])
    .flatMap((part) => PSEUDO.map((name) => frame(part, name))).join("|");
  const focused = parts();
  box.blur();
  const seen = focused !== parts();
  box.focus({ focusVisible: true, preventScroll: true });
  const { width, height, top, bottom } = box.getBoundingClientRect();
  const text = (box.getAttribute("aria-label") || box.title || box.textContent || box.name || "");
  const words = [box.tagName, text.trim().slice(0, 40), box.id, ...box.classList];
  return {
    place: all.indexOf(box), seen, inside: bottom > 0 && top < innerHeight && width * height > 0,
    name: words.join(" "),
  };
}"""
# What a reader can see and use. Of the buttons for one choice, only one is a stop of the Tab key.
USABLE = """() => {
  const kinds = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  const all = [...document.querySelectorAll("*")];
  const stops = [...document.querySelectorAll(kinds)].filter((box) => (
    !box.disabled && box.tabIndex >= 0 && box.type !== "hidden" && !box.closest("[inert]")
    && box.checkVisibility({ visibilityProperty: true })
  ));
  const choices = Map.groupBy(stops.filter(({ type }) => type === "radio"), ({ name }) => name);
  const others = [...choices.values()].flatMap((group) => {
    const stop = group.find(({ checked }) => checked) ?? group[0];
    return group.filter((box) => box !== stop);
  });
  return stops.filter((box) => !others.includes(box)).map((box) => all.indexOf(box));
}"""


def go_to_the_top(page):
    """Put the keyboard before all else; the search page has put it into its field."""
    page.wait_for_load_state("networkidle")
    page.evaluate("""() => {
      const top = Object.assign(document.createElement("span"), { tabIndex: -1 });
      document.body.prepend(top);
      top.focus();
      top.remove();
    }""")


def stops(page, most=1500):
    """Press Tab once around the page; return what was reached, each with its looks."""
    found = []
    for _ in range(most):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if found and here and here["place"] == found[0]["place"]:
            return found
        if here:  # nothing has the focus between the last and the first, and where a stop vanished
            found.append(here)
    raise AssertionError(f"the keyboard does not get out of {found[-3:]}")


@pytest.fixture
def opened(open_page):
    """Open a page on which nothing glides."""

    def open_it(name, width=1280):
        page = open_page(name, width=width, reduced_motion="reduce")
        hold_still(page)
        return page

    return open_it


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(
    "name", ["book/welcome.html", "book/momentum.html", "book/playground.html", "search.html"]
)
def test_all_that_can_be_used_is_reached_in_order_and_seen(opened, name, width):
    page = opened(name, width=width)
    bring_to_life(page)
    go_to_the_top(page)
    found = stops(page)
    places = [stop["place"] for stop in found]
    usable = page.evaluate(USABLE)  # now that all has been near, what scrolls is known
    assert places == sorted(places), "the order is not that of the page"
    missed = set(usable) - set(places)
    named = "number => document.querySelectorAll('*')[number].outerHTML.slice(0, 200)"
    assert [page.evaluate(named, number) for number in missed] == []
    assert [stop["name"] for stop in found if not stop["seen"]] == []
    assert [stop["name"] for stop in found if not stop["inside"]] == []


def has_focus(bar):
    return bar.evaluate("bar => bar.contains(document.activeElement)")


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_the_first_stop_leads_to_the_content(opened, name):
    page = opened(name)
    go_to_the_top(page)
    page.keyboard.press("Tab")
    link = page.locator(":focus")
    assert link.inner_text() == "Skip to main content"
    assert link.bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator("#main-content").evaluate("main => main.contains(document.activeElement)")


@pytest.mark.parametrize("side", ["primary", "secondary"])
def test_a_side_bar_of_a_phone_opens_and_closes_by_keyboard(opened, side):
    page = opened("book/momentum.html", width=390)
    button, bar = page.locator(f"button.{side}-toggle"), page.locator(f".bd-sidebar-{side}")
    expect(bar).to_be_hidden()
    assert button.get_attribute("aria-expanded") == "false"
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("bar => bar.contains(document.activeElement)", arg=bar.element_handle())
    expect(bar).to_be_visible()
    assert button.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Tab")
    assert has_focus(bar)
    page.keyboard.press("Escape")
    page.wait_for_function(
        "button => button === document.activeElement", arg=button.element_handle()
    )
    expect(bar).to_be_hidden()
    assert button.get_attribute("aria-expanded") == "false"


@pytest.mark.parametrize("side", ["primary", "secondary"])
def test_a_side_bar_that_the_keyboard_leaves_closes(opened, side):
    page = opened("book/momentum.html", width=390)
    bar = page.locator(f".bd-sidebar-{side}")
    page.locator(f"button.{side}-toggle").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("bar => bar.contains(document.activeElement)", arg=bar.element_handle())
    page.keyboard.press("Shift+Tab")  # from its first stop to what lies under it
    assert not has_focus(bar)
    expect(bar).to_be_hidden()


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_what_is_folded_opens_and_closes_by_keyboard(open_page, key):
    page = open_page("book/momentum.html")
    kinds = "details.hide", "details.sd-dropdown"
    for kind in kinds:
        box = page.locator(f"article {kind}").first
        box.locator("summary").focus()
        page.keyboard.press(key)
        assert box.get_attribute("open") is not None, kind
        page.keyboard.press(key)
        assert box.get_attribute("open") is None, kind


def test_the_menu_opens_and_closes_by_keyboard(open_page):
    page = open_page("book/momentum.html")
    menu = page.locator(".dropdown-launch-buttons")
    menu.locator("button, summary").first.focus()
    page.keyboard.press("Enter")
    link = menu.get_by_role("link", name="Download")
    link.wait_for()
    page.keyboard.press("Escape")
    link.wait_for(state="hidden")
    assert menu.evaluate("menu => menu.contains(document.activeElement)")

"""The playground, moved as a reader moves it."""

import re

import pytest
from playwright.sync_api import expect
from tests.site.test_pages import PAGES, SITE

PAGE = "book/playground.html"
LANDSCAPES = ["Bowl", "Ravine", "Rosenbrock", "Himmelblau", "Saddle", "Digits"]
FRAMES = """() => new Promise(done => {
  const box = document.querySelector(".pg-map").getBoundingClientRect();
  const plane = document.querySelector(".pg-plane");
  const at = share => ({
    clientX: box.left + box.width * (0.5 + 0.4 * Math.cos(9 * share)),
    clientY: box.top + box.height * (0.5 + 0.4 * Math.sin(7 * share)),
    pointerId: 1, pointerType: "mouse", button: 0, bubbles: true,
  });
  plane.setPointerCapture = () => {};
  plane.dispatchEvent(new PointerEvent("pointerdown", at(0)));
  const times = [];
  const tick = now => {
    times.push(now);
    if (times.length === 121) {
      plane.dispatchEvent(new PointerEvent("pointerup", at(1)));
      return done(1000 * 120 / (times[120] - times[0]));
    }
    plane.dispatchEvent(new PointerEvent("pointermove", at(times.length / 120)));
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
})"""


@pytest.fixture
def played(open_page):
    page = open_page(PAGE)
    page.set_default_timeout(10_000)
    ready(page)
    yield page
    assert page.script_errors == []


def ready(page):
    page.locator(".playground[data-ready]").wait_for()
    page.locator(".pg-map").scroll_into_view_if_needed()
    settle(page)


def settle(page):
    """Wait until what was changed is drawn."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")


def picture(page):
    settle(page)
    return page.evaluate("document.querySelector('.pg-map').toDataURL()")


def table(page):
    settle(page)
    return page.locator(".pg-methods tbody :is(.pg-loss, .pg-distance)").all_inner_texts()


def distances(page):
    return [float(text.replace("−", "-")) for text in table(page)[1::2]]


def start(page):
    settle(page)
    words = page.get_by_role("slider", name="Start of all paths").get_attribute("aria-valuetext")
    return tuple(float(text.replace("−", "-")) for text in re.findall(r"[−\d.]+", words))


def point(page, across, down):
    box = page.locator(".pg-map").bounding_box()
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def test_dragging_moves_the_start_and_all_paths(played):
    handle = played.locator(".pg-start").bounding_box()
    before, values = picture(played), table(played)
    played.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    played.mouse.down()
    on_the_way = set()
    for step in range(5):
        played.mouse.move(*point(played, 0.5 + 0.05 * step, 0.3))
        on_the_way.add(picture(played))
    played.mouse.up()
    assert len(on_the_way) == 5  # the paths follow while it is dragged
    assert start(played) == pytest.approx((0.8, 1.8), abs=0.03)
    after = table(played)
    assert all(one != other for one, other in zip(values, after, strict=True))
    played.mouse.move(*point(played, 0.2, 0.8))
    assert start(played) == pytest.approx((0.8, 1.8), abs=0.03)  # it was let go
    assert picture(played) != before


def test_a_click_moves_the_start_there(played):
    played.mouse.click(*point(played, 0.25, 0.25))
    assert start(played) == pytest.approx((-1, 2), abs=0.03)


def test_arrow_keys_move_the_start(played):
    handle = played.get_by_role("slider", name="Start of all paths")
    handle.focus()
    x, y = start(played)
    before = picture(played)
    for key, change in {
        "ArrowRight": (0.02, 0),
        "ArrowUp": (0, 0.02),
        "ArrowLeft": (-0.02, 0),
        "ArrowDown": (0, -0.02),
        "Shift+ArrowRight": (0.2, 0),
    }.items():
        handle.press(key)
        x, y = x + change[0], y + change[1]
        assert start(played) == pytest.approx((x, y), abs=0.006)
    assert picture(played) != before
    handle.press("Home")
    assert picture(played) == before


def test_arrow_keys_meet_the_ridge_of_the_saddle_exactly(played):
    played.locator(".pg-scenes label", has_text="Saddle").click()
    handle = played.get_by_role("slider", name="Start of all paths")
    for _ in range(5):
        handle.press("ArrowDown")
    played.get_by_label("Steps").press("End")
    assert distances(played) == pytest.approx([1] * 6, abs=1e-3)
    handle.press("ArrowUp")
    assert max(distances(played)) < 0.1


def test_the_ring_shows_that_it_has_the_focus(played):
    played.locator(".pg-reset").focus()
    ring = "getComputedStyle(document.querySelector('.pg-start'), '::before').outlineStyle"
    assert played.evaluate(ring) == "none"
    played.locator(".pg-scenes input").first.focus()
    played.keyboard.press("Shift+Tab")
    assert played.evaluate("document.activeElement.className") == "pg-start"
    assert played.evaluate(ring) == "solid"


def test_every_slider_changes_picture_and_value_by_keyboard_and_by_mouse(played):
    for slider in played.locator(".playground input[type=range]").all():
        output = slider.locator("xpath=following-sibling::output")
        played.get_by_role("button", name="Reset").click()
        slider.focus()
        for change in (lambda one: one.press("ArrowLeft"), by_mouse):
            before, said = picture(played), output.inner_text()
            change(slider)
            assert picture(played) != before, slider.get_attribute("id")
            assert output.inner_text() != said


def by_mouse(slider):
    box = slider.bounding_box()
    slider.click(position={"x": 0.1 * box["width"], "y": box["height"] / 2})


def test_every_method_is_switched_off_and_on_again(played):
    everything = picture(played)
    for row in played.locator(".pg-methods tbody tr").all():
        row.locator("label").first.click()
        assert picture(played) != everything
        assert row.locator(".pg-loss").inner_text() == ""
        row.get_by_role("checkbox").press("Space")
        assert picture(played) == everything
        assert row.locator(".pg-loss").inner_text()


def test_every_landscape_is_chosen_by_mouse_and_by_keyboard(played):
    by_click = []
    for name in LANDSCAPES:
        played.locator(".pg-scenes label", has_text=name).click()
        by_click.append(picture(played))
        assert "NaN" not in "".join(table(played))
    assert len(set(by_click)) == len(LANDSCAPES)
    played.locator(".pg-scenes input").first.check(force=True)
    for expected in by_click[1:]:
        played.keyboard.press("ArrowRight")
        assert picture(played) == expected


def test_reset_and_play(played):
    before, values = picture(played), table(played)
    steps = played.get_by_label("Steps")
    steps.focus()
    steps.press("Home")
    played.get_by_label("lr of Adam").press("End")
    assert table(played) != values
    played.get_by_role("button", name="Reset").click()
    assert picture(played) == before
    played.get_by_role("button", name="Play").click()
    played.get_by_role("button", name="Stop").wait_for()
    assert int(steps.input_value()) < 150
    played.get_by_role("button", name="Play").wait_for()
    assert table(played) == values


def test_a_path_that_diverges_is_told_and_the_others_are_drawn(played):
    played.get_by_label("lr of gradient descent").press("End")
    values = table(played)
    assert values[0] == "diverged"
    assert values[1] == ""
    assert "diverged" not in values[2:]


def test_a_path_ends_where_it_leaves_the_map_of_the_digits(played):
    played.locator(".pg-scenes label", has_text="Digits").click()
    played.get_by_label("lr of gradient descent").press("End")
    assert "left the map" in table(played)


def test_controls_have_visible_labels_values_and_focus(played):
    for control in played.locator(".playground input").all():
        label = played.locator(f'label[for="{control.get_attribute("id")}"]')
        expect(label).to_be_visible()
        assert label.inner_text().strip()
        if control.get_attribute("type") == "range":
            assert control.locator("xpath=following-sibling::output").inner_text()
    for name in ("[type=range]", "[type=checkbox]"):
        control = played.locator(f".pg-methods input{name}").first
        control.focus()
        played.keyboard.press("Tab")
        played.keyboard.press("Shift+Tab")
        assert control.evaluate("part => getComputedStyle(part).outlineStyle") == "solid"


def test_light_and_dark_are_drawn_in_their_own_colours(played):
    pictures = set()
    for theme in ("light", "dark", "light"):
        played.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        settle(played)
        pictures.add(picture(played))
    assert len(pictures) == 2


# ---- On a phone


def test_a_finger_drags_the_ring_and_taps_the_map(site, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(f"{site}/{PAGE}")
    ready(page)
    page.touchscreen.tap(*point(page, 0.75, 0.4))
    assert start(page) == pytest.approx((1, 1.4), abs=0.05)
    touch = context.new_cdp_session(page)
    for kind, place in (
        ("touchStart", point(page, 0.75, 0.4)),
        ("touchMove", point(page, 0.6, 0.3)),
        ("touchMove", point(page, 0.5, 0.25)),
        ("touchEnd", None),
    ):
        places = [{"x": place[0], "y": place[1]}] if place else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})
    assert start(page) == pytest.approx((0, 2), abs=0.05)
    handle = page.locator(".pg-start").bounding_box()
    assert min(handle["width"], handle["height"]) >= 44
    context.close()


def test_on_a_phone_the_map_stays_in_view_while_settings_change(open_page):
    page = open_page(PAGE, width=390)
    ready(page)
    slider = page.get_by_label("β₂ of Adam")
    slider.scroll_into_view_if_needed()
    map_box, slider_box = page.locator(".pg-map").bounding_box(), slider.bounding_box()
    assert map_box["y"] >= 0
    assert slider_box["y"] > map_box["y"] + map_box["height"]


# ---- What it needs


def test_it_works_from_a_file_without_any_server(browser):
    page = browser.new_page()
    errors, asked = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto((SITE / PAGE).as_uri())
    ready(page)
    before = picture(page)
    page.mouse.click(*point(page, 0.3, 0.3))
    assert picture(page) != before
    assert errors == []
    own = [url for url in asked if "playground" in url]
    assert own
    assert all(url.startswith("file://") for url in own)
    page.close()


def test_it_asks_for_nothing_once_it_is_there(played):
    asked = []
    played.on("request", lambda request: asked.append(request.url))
    for name in LANDSCAPES:
        played.locator(".pg-scenes label", has_text=name).click()
        picture(played)
    assert [url for url in asked if not url.startswith("data:")] == []


def test_no_other_page_loads_its_script_or_its_style():
    others = [SITE / name for name in [*PAGES, "search.html", "genindex.html"] if name != PAGE]
    for path in others:
        text = path.read_text()
        assert "playground.js" not in text, path
        assert "playground.css" not in text, path


def test_without_scripts_there_is_a_picture(site, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/{PAGE}")
    still = page.locator(".pg-still")
    expect(still).to_be_visible()
    assert len(still.get_attribute("alt").split()) > 20
    expect(page.locator(".pg-methods")).to_be_hidden()
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_shifts_when_it_comes_to_life(site, browser, width):
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.route("**/playground.js*", lambda route: route.abort())
    page.goto(f"{site}/{PAGE}")
    waiting = page.locator(".playground").bounding_box()
    page.unroute("**/playground.js*")
    page.reload()
    ready(page)
    alive = page.locator(".playground").evaluate("root => root.offsetHeight")
    assert alive == pytest.approx(waiting["height"], abs=3)
    context.close()


def test_frames_while_dragging(played, record_property):
    """Measure how many frames a second are drawn. It depends on the machine: no limit is set."""
    for name in LANDSCAPES:
        played.locator(".pg-scenes label", has_text=name).click()
        played.get_by_label("Steps").press("End")
        settle(played)
        frames = played.evaluate(FRAMES)
        record_property(f"frames per second, {name}", round(frames))
        print(f"{name}: {frames:.0f} frames a second")
        assert frames > 0

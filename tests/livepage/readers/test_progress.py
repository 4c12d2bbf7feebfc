"""What a reader ticks off, in a real browser: kept, shared by tabs, taken elsewhere, forgotten."""

import json
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from tests.livepage.conftest import SmallBook
from tests.livepage.serving import serve

EXERCISES = """
## Exercise 1: add

Add.

## More to do

### Exercise 2b: multiply

Multiply.

## Exercises

Not one of them.
"""
RECORD = {
    "format": "livepage-progress",
    "version": 1,
    "book": "Descent: optimization for deep learning",
    "chapters": ["book/first"],
    "exercises": ["book/first#2b"],
}
DENIED = """Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("The user denied it.", "SecurityError"); },
});"""
FULL = """Storage.prototype.setItem = () => {
  throw new DOMException("It is full.", "QuotaExceededError");
};"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A book with two chapters, two exercises, and a page to look things up in."""
    book = SmallBook(tmp_path_factory.mktemp("book"))
    book.replace("_config.yml", "livepage_no_chapters: []", "livepage_no_chapters: [book/sec*]")
    book.append("first", EXERCISES)
    status, output = book.build("--all")
    assert status == 0, output
    return book


@pytest.fixture
def reader(browser):
    """Make the browser of a reader, with no memory yet; the page it returns is its first tab."""
    contexts = []

    def new(**options):
        context = browser.new_context(viewport={"width": 1280, "height": 900} | options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.script_errors = []
        page.on("pageerror", lambda error: page.script_errors.append(f"{error} {error.stack}"))
        return page

    yield new
    for context in contexts:
        context.close()


@pytest.fixture
def first(reader, address):
    """The chapter with exercises, in a browser with no memory."""
    page = reader()
    page.goto(f"{address}/book/first.html")
    return page


def box(page, label):
    return page.get_by_role("checkbox", name=label)


def kept(page):
    """Return what the browser keeps of the reader's progress, by its key."""
    text = page.evaluate("JSON.stringify(Object.entries(localStorage))")
    return {key: json.loads(value) for key, value in json.loads(text) if "progress" in key}


def open_panel(page):
    page.locator(".reader-progress > summary").click()


def counts(page):
    return page.locator(".progress-counts").inner_text()


def message(page):
    return page.locator(".progress-message").inner_text()


def ticked(page):
    return [item.is_checked() for item in page.locator(".tick input").all()]


PLACES = """
    [...document.querySelectorAll("h2, .tick, .reader-progress, .bd-sidebar-primary a")]
        .map((part) => JSON.stringify(part.getBoundingClientRect()))
"""


def load(page, text, name="progress.json"):
    file = {"name": name, "mimeType": "application/json", "buffer": text.encode()}
    page.locator(".reader-progress input[type=file]").set_input_files(file)
    page.wait_for_function("document.querySelector('.progress-message').textContent")


READ = ["I have read this chapter"]


def test_a_chapter_and_each_of_its_exercises_end_with_a_box_to_tick(book, first):
    labels = first.locator("article .tick label").all_inner_texts()
    assert labels == ["I have solved exercise 1", "I have solved exercise 2b", *READ]
    assert first.locator("section#exercise-1-add > .tick").count() == 1
    assert 'class="tick"' not in book.page("second")  # a page to look things up in
    assert "reader-progress" in book.page("second")


def test_a_notebook_has_nothing_of_it(book):
    for path in (book.folder / "_build" / "notebooks").rglob("*.ipynb"):
        assert "I have" not in path.read_text()


def test_what_was_ticked_off_is_there_after_a_reload_and_on_other_pages(first):
    assert counts(first) == "0 of 2 chapters, 0 of 2 exercises"
    box(first, "exercise 2b").check()
    box(first, "read this chapter").check()
    first.reload()
    assert ticked(first) == [False, True, True]
    first.locator(".prev-next-footer").get_by_text("Second").click()
    first.wait_for_url("**/book/second.html")
    assert counts(first) == "1 of 2 chapters, 1 of 2 exercises"
    first.get_by_role("link", name="First (read)").first.wait_for()
    assert first.locator(".read-mark").count() == 1
    open_panel(first)
    first.locator(".progress-next a").click()
    first.wait_for_url("**/book/index.html")
    assert first.script_errors == []


def test_a_box_that_is_no_longer_ticked_is_forgotten(first):
    box(first, "read this chapter").check()
    box(first, "read this chapter").uncheck()
    first.reload()
    assert ticked(first) == [False, False, False]
    assert first.locator(".read-mark").count() == 0


def test_it_survives_a_new_build_with_edits_and_what_is_gone_is_kept(book, reader, tmp_path):
    newer = SmallBook.__new__(SmallBook)
    newer.folder, newer.variables = tmp_path / "newer", {}
    shutil.copytree(book.folder, newer.folder, symlinks=True)
    page = reader()
    with serve(newer.site) as address:
        page.goto(f"{address}/book/first.html")
        for label in ("exercise 1", "exercise 2b", "read this chapter"):
            box(page, label).check()
        newer.replace("book/first.md", "## Exercise 1: add", "## Exercise 3: divide")
        newer.replace("book/first.md", "2b: multiply", "2b: multiply two numbers")
        newer.replace("book/first.md", "# First", "# The very first")
        newer.replace("_config.yml", "title: 'Descent", "title: 'New Descent")
        newer.replace("_toc.yml", "- file: book/first\n", "- file: book/zero\n- file: book/first\n")
        newer.write("book/zero.md", "# Zero\n\nNew.\n")
        status, output = newer.build()
        assert status == 0, output
        page.reload()
        assert page.locator(".tick label").first.inner_text() == "I have solved exercise 3"
        assert ticked(page) == [False, True, True]
        assert counts(page) == "1 of 3 chapters, 1 of 2 exercises"
        box(page, "exercise 3").check()
        (record,) = kept(page).values()
        assert "book/first#1" in record["exercises"]


def test_saved_and_loaded_elsewhere_it_is_the_same(first, reader, address):
    box(first, "exercise 1").check()
    box(first, "read this chapter").check()
    open_panel(first)
    with first.expect_download() as saved:
        first.get_by_role("button", name="Save as a file").click()
    assert saved.value.suggested_filename.startswith("progress-descent-")
    text = saved.value.path().read_text()
    elsewhere = reader()
    elsewhere.goto(f"{address}/book/first.html")
    open_panel(elsewhere)
    load(elsewhere, text)
    assert "1 chapter and 1 exercise more" in message(elsewhere)
    assert kept(elsewhere) == kept(first)
    elsewhere.reload()
    assert ticked(elsewhere) == ticked(first) == [True, False, True]
    assert json.loads(text)["book"] == RECORD["book"]


def test_a_file_is_joined_with_what_is_there_and_can_be_taken_back(first):
    box(first, "exercise 1").check()
    open_panel(first)
    load(first, json.dumps(RECORD))
    assert ticked(first) == [True, True, True]
    first.get_by_role("button", name="Undo").click()
    assert ticked(first) == [True, False, False]
    expect(first.get_by_role("button", name="Undo")).to_be_hidden()


WRONG = {
    "no JSON": ("{", "no file that was saved here"),
    "nothing": ("null", "no file that was saved here"),
    "something else": ("[1, 2]", "no file that was saved here"),
    "another format": (json.dumps(RECORD | {"format": "x"}), "no file that was saved here"),
    "another version": (json.dumps(RECORD | {"version": 2}), "another version of this site"),
    "another book": (json.dumps(RECORD | {"book": "Ascent"}), "another book, “Ascent”"),
    "names that are none": (json.dumps(RECORD | {"chapters": [{}]}), "it is damaged"),
    "no list": (json.dumps(RECORD | {"exercises": "book/first#1"}), "it is damaged"),
    "a title that is none": (json.dumps(RECORD | {"book": {"toString": 1}}), "it is damaged"),
    "a name without end": (json.dumps(RECORD | {"chapters": ["x" * 5000]}), "it is damaged"),
    "too large": (json.dumps(RECORD | {"more": "x" * 200_000}), "no file that was saved here"),
}


@pytest.mark.parametrize(("text", "problem"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_told_and_changes_nothing(first, text, problem):
    box(first, "exercise 1").check()
    before = kept(first)
    open_panel(first)
    load(first, text)
    assert problem in message(first)
    assert "Nothing has changed." in message(first)
    assert kept(first) == before
    assert ticked(first) == [True, False, False]
    assert first.script_errors == []


def test_hostile_text_in_a_file_stays_text(first):
    markup = "<img src=x onerror='document.title = `taken`'>"
    open_panel(first)
    load(first, json.dumps(RECORD | {"book": markup}))
    assert markup in message(first)
    load(first, json.dumps(RECORD | {"chapters": [markup, '"]', "__proto__"]}))
    first.reload()
    assert first.locator("img[src=x]").count() == 0
    assert first.title() != "taken"
    assert counts(first) == "0 of 2 chapters, 1 of 2 exercises"
    assert first.script_errors == []


def test_all_is_forgotten_on_demand_and_comes_back(first):
    box(first, "exercise 1").check()
    box(first, "read this chapter").check()
    open_panel(first)
    first.get_by_role("button", name="Forget all").click()
    assert ticked(first) == [False, False, False]
    box(first, "exercise 2b").check()
    first.get_by_role("button", name="Undo").click()
    first.reload()
    assert ticked(first) == [True, True, True]


def test_tabs_agree(first, address):
    second = first.context.new_page()
    second.goto(f"{address}/book/first.html")
    box(first, "exercise 1").check()
    second.wait_for_function("document.querySelector('.tick input').checked")
    assert counts(second) == "0 of 2 chapters, 1 of 2 exercises"
    box(second, "read this chapter").check()
    first.wait_for_function("document.querySelectorAll('.tick input:checked').length === 2")
    first.get_by_role("link", name="First (read)").first.wait_for()


def test_two_books_on_one_host_do_not_mix(book, reader, tmp_path):
    for name in ("one", "two"):
        shutil.copytree(book.site, tmp_path / name)
    page = reader()
    with serve(tmp_path) as address:
        page.goto(f"{address}/one/book/first.html")
        box(page, "exercise 1").check()
        page.goto(f"{address}/two/book/first.html")
        assert ticked(page) == [False, False, False]
        page.goto(f"{address}/one/book/first.html")
        assert ticked(page) == [True, False, False]


def test_it_works_in_a_page_that_was_opened_as_a_file(book, reader):
    page = reader()
    page.goto((book.site / "book" / "first.html").as_uri())
    box(page, "read this chapter").check()
    page.goto((book.site / "book" / "index.html").as_uri())
    assert counts(page).startswith("1 of 2 chapters")


@pytest.mark.parametrize("obstacle", [DENIED, FULL], ids=["denied", "full"])
def test_where_nothing_can_be_kept_the_page_says_so_and_goes_on(reader, address, obstacle):
    page = reader()
    page.add_init_script(obstacle)
    page.goto(f"{address}/book/first.html")
    box(page, "exercise 1").check()
    status = page.locator(".tick", has_text="exercise 1").get_by_role("status")
    assert "lost when you leave" in status.inner_text()
    box(page, "exercise 2b").check()
    assert counts(page) == "0 of 2 chapters, 2 of 2 exercises"
    open_panel(page)
    assert "lost when you leave" in page.locator(".progress-where").inner_text()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as a file").click()
    record = json.loads(saved.value.path().read_text())
    assert record["exercises"] == ["book/first#1", "book/first#2b"]
    # The theme's own scripts do mind.
    assert not [error for error in page.script_errors if "progress.js" in error]


def test_a_record_that_cannot_be_read_does_no_harm(first):
    box(first, "exercise 1").check()
    (key,) = kept(first)
    first.evaluate("key => localStorage.setItem(key, '{\"format\":')", key)
    first.reload()
    assert counts(first) == "0 of 2 chapters, 0 of 2 exercises"
    box(first, "exercise 1").check()
    first.reload()
    assert ticked(first) == [True, False, False]
    assert first.script_errors == []


@pytest.mark.parametrize("way", ["scripts are off", "the script is blocked", "on paper"])
def test_nothing_of_it_is_seen_where_it_cannot_work(browser, address, way):
    context = browser.new_context(java_script_enabled=way != "scripts are off")
    page = context.new_page()
    if way == "the script is blocked":
        page.route("**/page.*.js", lambda route: route.abort())
    if way == "on paper":
        page.emulate_media(media="print")
    page.goto(f"{address}/book/first.html")
    assert page.locator(".tick").count() == 3
    for part in (*page.locator(".tick *").all(), *page.locator(".reader-progress *").all()):
        expect(part).to_be_hidden()
    context.close()


def test_it_is_done_by_keyboard_and_heard(first):
    field = box(first, "exercise 1")
    field.focus()
    first.keyboard.press("Space")
    expect(field).to_be_checked()
    status = first.locator(".tick", has_text="exercise 1").get_by_role("status")
    assert status.inner_text() == "1 of 2 exercises solved"
    first.locator(".reader-progress > summary").focus()
    first.keyboard.press("Enter")
    reached = []
    for _ in range(3):
        first.keyboard.press("Tab")
        reached.append(first.evaluate("document.activeElement.outerHTML"))
    assert "progress-save" in reached[0]
    assert 'type="file"' in reached[1]
    assert "progress-forget" in reached[2]
    first.keyboard.press("Enter")
    assert message(first) == "All is forgotten."
    first.keyboard.press("Tab")
    first.keyboard.press("Enter")
    expect(field).to_be_checked()
    assert first.evaluate("document.activeElement.tagName") == "SUMMARY"


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_moves_when_progress_is_shown(reader, address, width):
    page = reader(width=width)
    page.goto(f"{address}/book/first.html")
    for label in ("exercise 1", "exercise 2b", "read this chapter"):
        box(page, label).check()
    page.reload()
    assert ticked(page) == [True, True, True]
    shown = page.evaluate(PLACES)
    page.evaluate(
        "document.querySelectorAll('.live').forEach(part => part.classList.remove('live'))"
    )
    page.evaluate("document.querySelectorAll('.read-mark').forEach(mark => mark.remove())")
    assert page.evaluate(PLACES) == shown


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_all_can_use_it(reader, address, theme, width):
    page = reader(width=width)
    page.add_init_script(f"localStorage.setItem('mode', '{theme}')")
    page.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    page.goto(f"{address}/book/first.html")
    box(page, "exercise 1").check()
    box(page, "read this chapter").check()
    if width < 900:
        page.locator(".primary-toggle").first.click()
    open_panel(page)
    page.get_by_role("button", name="Forget all").click()
    page.get_by_role("button", name="Undo").click()
    page.wait_for_timeout(300)  # the drawer of a phone moves in
    context = {"include": [[".reader-progress"], [".bd-docs-nav"], [".tick"]]}
    found = Axe().run(page, context=context).response["violations"]
    assert [rule["id"] for rule in found] == []
    for part in page.locator(".progress-actions > *, .tick input").all():
        size = part.bounding_box()
        assert min(size["width"], size["height"]) >= 24
    panel = page.locator(".reader-progress").bounding_box()
    for part in page.locator(".progress-actions > *").all():
        size = part.bounding_box()
        assert size["x"] + size["width"] <= panel["x"] + panel["width"]


@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    [
        ("_config.yml", "no_chapters: []", "no_chapters: [book/gone]", "is called 'book/gone'"),
        (
            "book/first.md",
            "# First",
            "# First\n\n## Exercise 1\n## Exercise 1",
            "is on this page",
        ),
    ],
)
def test_a_mistake_fails_the_build_and_is_named(small_book, name, old, new, problem):
    small_book.replace(name, old, new)
    status, output = small_book.build()
    assert status != 0
    assert problem in output[output.index("The book was not built") :]

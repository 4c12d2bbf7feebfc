"""Videos: a still until the click, then the player from the site that the reader chose."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from tests.livepage.conftest import SmallBook

from livepage.pages.videos import length_in_words

VIDEOS = """
```{video} Video 1: A <first> look
:youtube: zm9oekdkJbQ
:bilibili: BV1VB4y1K7Vr
:length: 8:05

From *another* course.
```

```{video} Video 2: On one site
:youtube: pJc2ENhYbqA
```
"""
YOUTUBE = "https://www.youtube-nocookie.com/embed/zm9oekdkJbQ?"
BILIBILI = "https://player.bilibili.com/player.html?bvid=BV1VB4y1K7Vr&"
WATCHED = [
    "https://www.youtube.com/watch?v=zm9oekdkJbQ",
    "https://www.bilibili.com/video/BV1VB4y1K7Vr",
]


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    book = SmallBook(tmp_path_factory.mktemp("book"))
    book.append("first", VIDEOS)
    status, output = book.build("--all")
    assert status == 0, output
    return book


@pytest.fixture
def viewer(browser):
    """Open a page; note what it asks of other hosts, which are all out of reach."""
    contexts = []

    def new(url, script=None, width=1280, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.asked, page.script_errors = [], []
        page.on("request", lambda request: page.asked.append(request))
        page.on("pageerror", lambda error: page.script_errors.append(f"{error} {error.stack}"))
        page.goto(url)
        return page

    yield new
    for context in contexts:
        context.close()


@pytest.fixture
def first(viewer, address):
    return viewer(f"{address}/book/first.html")


def elsewhere(page):
    """Return what was asked of other hosts."""
    ours = page.url.partition("/book/")[0]
    return [request.url for request in page.asked if not request.url.startswith((ours, "data:"))]


def play(page, number=0):
    page.get_by_role("button", name="Play Video").nth(number).click()


def message(page):
    return page.locator(".video-message").first.inner_text()


def players(page):
    return [frame.get_attribute("src") for frame in page.locator("iframe").all()]


def test_nothing_is_asked_of_either_site_before_the_click(first):
    first.wait_for_timeout(300)
    assert elsewhere(first) == []
    assert players(first) == []
    still = first.locator(".video-frame").first.inner_text()
    assert "Video 1: A <first> look" in still
    assert "8 min 5 s" in still
    text = first.locator("figure.video").first.inner_text()
    assert "From another course." in text
    assert "an external site. Nothing is loaded from there before you ask for it." in text


def test_a_click_brings_the_player_and_no_other(first):
    play(first)
    frame = first.locator("iframe")
    assert players(first) == [f"{YOUTUBE}autoplay=1&rel=0"]
    assert elsewhere(first) == players(first)
    assert frame.get_attribute("title") == "Video 1: A <first> look, on YouTube"
    assert frame.get_attribute("referrerpolicy") == "strict-origin-when-cross-origin"
    assert "camera" not in frame.get_attribute("allow")
    assert "cannot be reached from here: choose the other site, or follow a link" in message(first)
    assert first.script_errors == []


def test_the_player_lies_where_the_still_was(first):
    before = first.locator(".video-frame").first.bounding_box()
    assert before["width"] / before["height"] == pytest.approx(16 / 9, rel=0.01)
    play(first)
    assert first.locator(".video-frame").first.bounding_box() == before
    frame = first.locator("iframe").bounding_box()
    assert frame["width"] == pytest.approx(before["width"], abs=3)
    assert frame["height"] == pytest.approx(before["height"], abs=3)


def test_the_chosen_site_is_remembered(first, address):
    first.get_by_role("radio", name="Bilibili").check()
    assert elsewhere(first) == []
    first.goto(f"{address}/book/second.html")
    first.goto(f"{address}/book/first.html")
    assert first.get_by_role("radio", name="Bilibili").is_checked()
    play(first)
    assert players(first) == [f"{BILIBILI}autoplay=1&danmaku=0"]
    assert elsewhere(first) == players(first)
    play(first)  # the second video is on one site alone
    assert players(first)[1].startswith("https://www.youtube-nocookie.com/embed/pJc2ENhYbqA?")


def test_another_site_can_be_chosen_while_the_player_is_there(first):
    play(first)
    first.get_by_role("radio", name="Bilibili").check()
    assert players(first) == [f"{BILIBILI}autoplay=1&danmaku=0"]
    assert "The player comes from Bilibili." in message(first)


def test_a_memory_of_something_else_does_no_harm(viewer, address):
    kept = "if (window === top) localStorage['livepage-video-site'] = '\"]<b>'"
    page = viewer(f"{address}/book/first.html", kept)
    play(page)
    assert players(page)[0].startswith(YOUTUBE)
    assert page.script_errors == []


def test_it_plays_where_nothing_can_be_remembered(viewer, address):
    denied = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('denied'); }})"
    page = viewer(f"{address}/book/first.html", denied)
    page.get_by_role("radio", name="Bilibili").check()
    play(page)
    assert players(page)[0].startswith(BILIBILI)
    assert not [error for error in page.script_errors if "videos.js" in error]


def test_offline_the_page_says_so_and_the_links_remain(first):
    first.context.set_offline(True)
    play(first)
    assert players(first) == []
    assert message(first).startswith("You are offline. The video was not loaded: choose the other")
    links = first.locator(".video-links").first.get_by_role("link")
    assert [link.get_attribute("href") for link in links.all()] == WATCHED
    first.context.set_offline(False)
    play(first)
    assert players(first)[0].startswith(YOUTUBE)


def test_in_a_page_that_was_opened_as_a_file_youtube_is_not_tried(book, viewer):
    page = viewer((book.site / "book" / "first.html").as_uri())
    play(page)
    assert players(page) == []
    assert message(page).startswith("YouTube does not play in a page that was opened as a file.")
    page.get_by_role("radio", name="Bilibili").check()
    play(page)
    assert players(page)[0].startswith(BILIBILI)


def test_it_is_played_and_closed_by_keyboard(first):
    button = first.get_by_role("button", name="Play Video 1: A <first> look")
    button.focus()
    first.keyboard.press("Tab")
    assert first.evaluate("document.activeElement.value") == "youtube"
    first.keyboard.press("ArrowRight")
    assert first.evaluate("document.activeElement.value") == "bilibili"
    button.focus()
    first.keyboard.press("Enter")
    assert first.evaluate("document.activeElement.tagName") == "IFRAME"
    assert players(first)[0].startswith(BILIBILI)
    first.get_by_role("button", name="Close the player").focus()
    first.keyboard.press("Enter")
    assert players(first) == []
    assert first.evaluate("document.activeElement.className") == "video-play"
    assert message(first) == ""


@pytest.mark.parametrize("way", ["scripts are off", "the script is blocked", "on paper"])
def test_without_a_script_and_on_paper_there_are_title_length_and_links(browser, address, way):
    context = browser.new_context(java_script_enabled=way != "scripts are off")
    page = context.new_page()
    if way == "the script is blocked":
        page.route("**/videos.*.js", lambda route: route.abort())
    if way == "on paper":
        page.emulate_media(media="print")
    page.goto(f"{address}/book/first.html")
    video = page.locator("figure.video").first
    expect(video.get_by_text("Video 1: A <first> look")).to_be_visible()
    expect(video.get_by_text("8 min 5 s")).to_be_visible()
    links = video.locator(".video-links a")
    assert [link.get_attribute("href") for link in links.all()] == WATCHED
    assert all(link.is_visible() for link in links.all())
    assert not any(part.is_visible() for part in video.locator("button, input").all())
    written = links.first.evaluate("link => getComputedStyle(link, '::after').content")
    assert ("attr(href)" in written or WATCHED[0] in written) == (way == "on paper")
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_all_can_use_it(viewer, address, theme, width):
    script = f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')"
    page = viewer(f"{address}/book/first.html", script, width)
    context = {"include": [["figure.video"]]}
    found = Axe().run(page, context=context).response["violations"]
    assert [rule["id"] for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    play(page)
    for part in page.locator(".video-sites label, .video-close").all():
        if part.is_visible():
            assert part.bounding_box()["height"] >= 24


def test_a_notebook_has_the_title_and_both_links(book):
    notebook = book.folder / "_build" / "notebooks" / "student" / "first.ipynb"
    sources = ["".join(cell["source"]) for cell in json.loads(notebook.read_text())["cells"]]
    (text,) = [source for source in sources if "Video 1" in source]
    assert r"> **Video 1: A \<first> look** (8 min 5 s)" in text
    assert "> From *another* course." in text
    assert all(f"]({address})" in text for address in WATCHED)
    assert "iframe" not in text


def test_only_a_page_with_a_video_loads_what_it_needs(book):
    assert "_static/videos." in book.page("first")
    assert "_static/videos." not in book.page("second")


@pytest.mark.parametrize(
    ("length", "words"),
    [("8:05", "8 min 5 s"), ("0:40", "40 s"), ("1:02:00", "1 h 2 min"), (" 12:30 ", "12 min 30 s")],
)
def test_a_length_is_told_in_words(length, words):
    assert length_in_words(length) == words


@pytest.mark.parametrize("length", ["", "8", "8:5", "8:61", "eight", "1:2:03"])
def test_what_is_no_length_is_told(length):
    with pytest.raises(ValueError, match=r"8:05|required"):
        length_in_words(length)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ("", "a video needs its id on a site: :youtube: or :bilibili:"),
        (":youtube: https://youtu.be/zm9oekdkJbQ\n", "is no id of a video on YouTube"),
    ],
)
def test_a_video_that_is_not_whole_fails_the_build(small_book, options, problem):
    small_book.append("first", f"```{{video}} Video 1\n{options}```\n")
    status, output = small_book.build()
    assert status != 0
    ending = output[output.index("The book was not built") :]
    assert "book/first.md:" in ending
    assert problem in ending

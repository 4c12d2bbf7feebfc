"""Feedback from a built page, in a browser, to a real Datatops server on this machine."""

import functools
import http.server
import io
import re
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import expect
from sphinx.errors import ExtensionError
from tests.livepage.conftest import HEAD, SmallBook, cell
from tests.livepage.datatops_server import Datatops
from tests.site.conftest import QuietHandler

from livepage.readers.feedback import check, project_address

PAGE = f"""{HEAD}# A chapter

Text.

{cell("1 + 1")}
## Steps & \\<bits\\>

More.

### Inside

Still more.

## Hops

Words.

## Summary

All of it.

```{{feedback}}
```
"""
HOSTILE = '<img src=x onerror="window.hit = 1"> \'; DROP TABLE\n\n=1+1 \u2028 \U0001f642 </script>'
KEPT = "kept on this device"
SETTINGS = {"url": "http://127.0.0.1:9", "project": "course", "user_key": "abcd1234"}
ONLINE = "dispatchEvent(new Event('online'))"
STORED = "Object.keys(localStorage).filter((key) => key.startsWith('livepage-feedback:')).length"


def book_with(folder, settings, repository="owner/book"):
    book = SmallBook(folder)
    config = yaml.safe_load((folder / "_config.yml").read_text())
    config["sphinx"]["config"]["livepage_feedback"] = settings
    book.write("_config.yml", yaml.safe_dump(config))
    book.write("book/first.md", PAGE)
    if repository:
        book.variables["GITHUB_REPOSITORY"] = repository
    return book


def built(book, *options):
    status, output = book.build(*options)
    assert status == 0, output
    return book


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A book whose settings name a server; each test puts its own there."""
    return built(book_with(tmp_path_factory.mktemp("book"), SETTINGS))


@pytest.fixture(scope="module")
def book_without_server(tmp_path_factory):
    return built(book_with(tmp_path_factory.mktemp("book"), {}))


@pytest.fixture
def server(tmp_path):
    server = Datatops(tmp_path / "datatops")
    yield server
    server.stop()


class SiteHandler(QuietHandler):
    """Serves a site, with other words in place of some in its pages."""

    words = {}  # noqa: RUF012

    def send_head(self):
        path = Path(self.translate_path(self.path))
        if path.suffix != ".html":
            return super().send_head()
        text = replaced(path.read_text(), self.words).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        return io.BytesIO(text)


def replaced(text, words):
    for old, new in words.items():
        text = text.replace(old, new)
    return text


def of(server, key=None):
    """Return what stands in the pages for the settings of a server."""
    return {SETTINGS["url"]: server.url, SETTINGS["user_key"]: key or server.user_key}


@pytest.fixture(scope="module")
def serve():
    """Serve the site of a book; return its address."""
    servers = []

    def serve_it(book):
        handler = functools.partial(SiteHandler, directory=str(book.site))
        servers.append(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield serve_it
    for one in servers:
        one.shutdown()
        one.server_close()


@pytest.fixture
def reader(browser):
    """Return a browser's context: what is kept there is seen by all its pages."""
    contexts = []

    def make(**options):
        contexts.append(browser.new_context(**options))
        return contexts[-1]

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def visit(book, serve, server):
    """Open the chapter for a reader, with the server of the test in its settings."""
    site = serve(book)

    def visit_it(context, page="first", key=None, init="", to=server):
        SiteHandler.words = of(to, key)
        opened = context.new_page()
        opened.script_errors = []
        opened.on("pageerror", lambda error: opened.script_errors.append(str(error)))
        opened.add_init_script(init)
        opened.goto(f"{site}/book/{page}.html")
        return opened

    yield visit_it
    SiteHandler.words = {}


def section(page, number=0):
    return page.locator(".feedback").nth(number)


def send(page, face="Not good", text="", number=0):
    box = section(page, number)
    box.get_by_role("radio", name=face, exact=True).check()
    box.get_by_role("textbox").fill(text)
    box.get_by_role("button", name="Send").click()
    return box.get_by_role("status")


def told(status, words):
    status.get_by_text(words).wait_for(timeout=20_000)
    return status.inner_text()


def waiting(page):
    return page.evaluate(STORED)


def settle(page, patience=10):
    """Wait until nothing waits any more."""
    page.wait_for_function(f"() => {STORED} === 0", timeout=patience * 1000)


# ---- What arrives


def test_what_a_reader_sends_arrives_with_all_fields(reader, visit, server):
    page = visit(reader())
    before = datetime.now(UTC).replace(tzinfo=None)
    told(send(page, "So-so", HOSTILE), "It has arrived")
    [record] = server.records()
    assert record["button_name"] == "medium"
    assert record["feedback"] == HOSTILE
    assert record["section_id"] == "book/first#steps-bits"
    sent = datetime.fromisoformat(record["timestamp_utc"])
    assert before - timedelta(seconds=1) <= sent <= before + timedelta(seconds=30)
    assert re.fullmatch("[0-9a-f]{32}", record["feedback_id"])
    ours = {"button_name", "feedback", "section_id", "timestamp_utc", "feedback_id"}
    assert set(record) == ours | {"__datatops_timestamp_iso"}
    assert waiting(page) == 0
    assert page.script_errors == []


def test_each_section_but_the_last_is_asked_about_and_then_the_page(reader, visit, server):
    page = visit(reader())
    assert page.get_by_text("How was this section?").count() == 2
    assert page.get_by_text("How was this page?").count() == 1
    for number, face in enumerate(["Good", "So-so", "Not good"]):
        told(send(page, face, number=number), "It has arrived")
    assert [(one["section_id"], one["button_name"]) for one in server.wait_for(3)] == [
        ("book/first#steps-bits", "happy"),
        ("book/first#hops", "medium"),
        ("book/first", "sad"),
    ]
    for record in server.records():
        anchor = record["section_id"].partition("#")[2]
        assert not anchor or page.locator(f'[id="{anchor}"]').count() == 1


def test_nothing_is_asked_of_the_server_before_the_reader_sends(reader, visit, server):
    page = visit(reader())
    section(page).get_by_role("radio", name="Good", exact=True).check()
    section(page).get_by_role("textbox").fill("words")
    page.wait_for_timeout(300)
    assert server.asked == []


def test_a_page_from_a_file_sends_too(reader, book, server):
    page = reader().new_page()
    copy = book.site / "book" / "copy.html"
    copy.write_text(replaced(book.page("first"), of(server)))
    page.goto(copy.as_uri())
    told(send(page, "Good", "from a file"), "It has arrived")
    assert [record["feedback"] for record in server.records()] == ["from a file"]
    copy.unlink()


def test_a_reader_who_leaves_at_once_has_sent_it(reader, visit, server):
    page = visit(reader())
    server.preflight_delay = 0.5  # the browser has asked whether it may send, and waits
    send(page, "Good", "in a hurry")
    server.wait_until_asked()
    page.goto("about:blank")
    assert server.asked == ["OPTIONS"]
    assert [record["feedback"] for record in server.wait_for(1)] == ["in a hurry"]


# ---- What cannot arrive yet


def test_what_cannot_be_sent_is_kept_and_arrives_once_after_a_reload(reader, visit, server):
    page = visit(reader())
    with server.down():
        told(send(page, "Not good", HOSTILE), KEPT)
        page.reload()
        page.wait_for_timeout(300)
        assert waiting(page) == 1
    page.reload()
    settle(page)
    page.reload()
    page.wait_for_timeout(500)
    [record] = server.records()
    assert (record["feedback"], record["button_name"]) == (HOSTILE, "sad")


def test_it_arrives_from_a_page_that_asks_nothing(reader, visit, server):
    context = reader()
    page = visit(context)
    with server.down():
        told(send(page, text="later"), KEPT)
    page.close()
    settle(visit(context, "second"))
    assert [record["feedback"] for record in server.records()] == ["later"]


def test_it_arrives_once_when_the_network_is_back(reader, visit, server):
    page = visit(reader())
    with server.down():
        told(send(page, text="later"), KEPT)
    page.evaluate(f"{ONLINE}; {ONLINE}")
    settle(page)
    page.evaluate(ONLINE)
    page.wait_for_timeout(500)
    assert [record["feedback"] for record in server.records()] == ["later"]


NO_LOCKS = "Object.defineProperty(navigator, 'locks', { value: undefined })"


@pytest.mark.parametrize("init", ["", NO_LOCKS], ids=["locks", "no locks"])
def test_it_arrives_once_though_two_tabs_are_open(reader, visit, server, init):
    context = reader()
    tabs = [visit(context, init=init) for _ in range(3)]
    with server.down():
        for number, tab in enumerate(tabs[:2]):
            told(send(tab, text=f"from tab {number}"), KEPT)
    server.delay = 0.3  # long enough for all to be at it
    for tab in tabs:
        tab.evaluate(f"setTimeout(() => {ONLINE}, 50)")
    settle(tabs[0], patience=20)
    time.sleep(1)
    assert [record["feedback"] for record in server.records()] == ["from tab 0", "from tab 1"]
    assert all(tab.script_errors == [] for tab in tabs)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_server_in_trouble_gets_it_later(reader, visit, server, status):
    page = visit(reader())
    server.status = status
    told(send(page, text="later"), KEPT)
    server.status = None
    page.evaluate(ONLINE)
    settle(page)
    assert [record["feedback"] for record in server.records()] == ["later"]


def test_the_answer_of_another_is_no_success(reader, visit, server):
    """Such as that of a hotel's network, which answers all requests with a page of its own."""
    context = reader()
    page = visit(context)
    headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*, X-User-Key"}
    answer = {"body": '{"message": "Log in"}', "headers": headers}
    context.route(f"{server.url}/**", lambda route: route.fulfill(**answer))
    told(send(page, text="later"), KEPT)
    assert waiting(page) == 1


def test_without_permission_for_other_sites_it_is_kept(reader, visit, server):
    """As the package serves it: the browser asks, is not told that pages may, and sends nothing."""
    server.open_to_pages = False
    page = visit(reader())
    told(send(page, text="later"), KEPT)
    assert server.asked == ["OPTIONS"]
    assert server.records() == []


QUICK = "AbortSignal.timeout = ((wait) => () => wait(700))(AbortSignal.timeout.bind(AbortSignal))"


def test_an_answer_that_takes_too_long_is_not_waited_for(reader, visit, server):
    page = visit(reader(), init=QUICK)
    server.delay = 2
    told(send(page, text="slow"), KEPT)
    assert waiting(page) == 1


def test_a_lost_answer_can_be_told_by_the_name_of_the_item(reader, visit, server):
    """The package's server stores it again; both have one name, and ours stores it once."""
    page = visit(reader(), init=QUICK)
    server.answer_delay = 1.5
    told(send(page, text="once"), KEPT)
    server.answer_delay = 0
    page.evaluate(ONLINE)
    settle(page)
    assert len({record["feedback_id"] for record in server.records()}) == 1
    assert {record["feedback"] for record in server.records()} == {"once"}


def test_our_server_stores_what_comes_twice_once(reader, visit, tmp_path):
    ours = Datatops(tmp_path / "ours", ours=True)
    page = visit(reader(), init=QUICK, to=ours)
    ours.answer_delay = 1.5
    told(send(page, text="once"), KEPT)
    ours.answer_delay = 0
    page.evaluate(ONLINE)
    settle(page)
    assert [record["feedback"] for record in ours.records()] == ["once"]
    ours.stop()


# ---- What never arrives


def test_a_refusal_is_told_and_the_text_stays(reader, visit, server):
    page = visit(reader(), key="wrong")
    status = send(page, "Not good", "my text")
    assert "answer 403" in told(status, "did not accept it")
    assert section(page).get_by_role("textbox").input_value() == "my text"
    link = section(page).get_by_role("link", name="Write it as an issue")
    assert "my text" in parse_qs(urlsplit(link.get_attribute("href")).query)["body"][0]
    assert waiting(page) == 0
    assert server.records() == []


def test_what_is_refused_later_is_not_sent_again_until_the_settings_change(reader, visit, server):
    context = reader()
    page = visit(context, key="wrong")
    with server.down():
        told(send(page, text="one"), KEPT)
    page.reload()
    page.get_by_text("Kept on this device, not sent yet: 1").click()
    page.get_by_text("The server did not accept it").wait_for()
    posts = server.asked.count("POST")
    page.reload()
    page.evaluate(ONLINE)
    page.wait_for_timeout(500)
    assert server.asked.count("POST") == posts == 1
    settle(visit(context))  # the teacher has corrected the key
    assert [record["feedback"] for record in server.records()] == ["one"]


def test_a_reader_sees_and_deletes_what_waits(reader, visit, server):
    page = visit(reader())
    with server.down():
        told(send(page, "Good", HOSTILE), KEPT)
        told(send(page, "Not good", "another", number=1), KEPT)
        section(page, 1).get_by_role("link", name="See what waits").click()
        entries = page.locator("#feedback-waiting li")
        texts = [entry.inner_text() for entry in entries.all()]
        assert len(texts) == 2
        assert "A chapter: Steps & <bits> – good" in texts[0]
        assert "<img src=x onerror" in texts[0]
        assert page.locator("#feedback-waiting img").count() == 0
        assert page.evaluate("window.hit") is None
        entries.first.get_by_role("button", name="Delete").click()
        assert entries.count() == 1
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
        entries.first.get_by_role("button", name="Delete").click()
        expect(page.locator("#feedback-waiting")).to_be_hidden()
    page.reload()
    page.wait_for_timeout(300)
    assert server.records() == []


def test_no_more_is_kept_than_there_is_room_for(reader, visit, server):
    page = visit(reader())
    with server.down():
        told(send(page, text="the first"), KEPT)
        page.evaluate(
            """() => {
              const [key] = Object.keys(localStorage).filter((one) => one.includes("-feedback:"));
              const item = JSON.parse(localStorage[key]);
              const prefix = key.slice(0, -32);
              for (let number = 10; number < 90; number += 1) {
                item.body.feedback_id = `${number}`.repeat(16);
                item.body.timestamp_utc = `2026-01-01T00:00:${number}`;
                localStorage[prefix + item.body.feedback_id] = JSON.stringify(item);
              }
            }"""
        )
        told(send(page, text="the last", number=1), KEPT)
        assert waiting(page) == 40
        page.get_by_text("not sent yet: 40").click()
        assert "the last" in page.locator("#feedback-waiting li").last.inner_text()
        box = section(page, 2)
        box.get_by_role("radio", name="Good", exact=True).check()
        assert box.get_by_role("textbox").get_attribute("maxlength") == "2000"


NO_STORAGE = (
    "Object.defineProperty(window, 'localStorage', "
    "{ get() { throw new DOMException('no', 'SecurityError'); } })"
)
FULL_STORAGE = "Storage.prototype.setItem = () => { throw new DOMException('full'); }"


@pytest.mark.parametrize("init", [NO_STORAGE, FULL_STORAGE, NO_LOCKS + ";" + FULL_STORAGE])
def test_a_browser_that_keeps_nothing_still_sends(reader, visit, server, init):
    page = visit(reader(), init=init)
    told(send(page, text="now"), "It has arrived")
    assert [record["feedback"] for record in server.records()] == ["now"]
    with server.down():
        status = send(page, text="my text", number=1)
        told(status, "lets the page keep nothing")
        assert section(page, 1).get_by_role("textbox").input_value() == "my text"
    section(page, 1).get_by_role("button", name="Send").click()
    told(status, "It has arrived")


@pytest.mark.parametrize("text", ["", "{", "null", '{"body": {"button_name": "toString"}}'])
def test_what_others_put_into_the_storage_does_no_harm(reader, visit, server, text):
    page = visit(reader())
    page.evaluate("(text) => { localStorage['livepage-feedback:/:1'] = text; }", text)
    page.reload()
    assert page.script_errors == []
    told(send(page, text="now"), "It has arrived")
    assert [record["feedback"] for record in server.records()] == ["now"]


# ---- The form


def test_it_can_be_used_by_keyboard_alone(reader, visit, server):
    page = visit(reader())
    page.get_by_role("radio", name="Good", exact=True).first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("by keys")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    told(section(page).get_by_role("status"), "It has arrived")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "status"
    [record] = server.records()
    assert (record["button_name"], record["feedback"]) == ("medium", "by keys")


def test_a_second_click_sends_nothing_more(reader, visit, server):
    page = visit(reader())
    server.delay = 0.5
    status = send(page, text="once")
    section(page).get_by_role("button", name="Send").click()
    section(page).get_by_role("button", name="Send").click()
    told(status, "It has arrived")
    assert len(server.wait_for(2, patience=3)) == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_it_is_accessible_in_every_state(reader, visit, server, theme, width):
    context = reader(viewport={"width": width, "height": 900}, color_scheme=theme)
    context.add_init_script(f"localStorage.mode = '{theme}'; localStorage.theme = '{theme}'")
    page = visit(context)
    with server.down():
        told(send(page, text="words " * 30), KEPT)
        page.locator("#feedback-waiting summary").click()
        section(page, 1).get_by_role("radio", name="Good", exact=True).check()
    found = Axe().run(page, context=".feedback").response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for target in page.locator(".feedback :is(button, input, .feedback-issue)").all():
        if target.is_visible():
            box = target.bounding_box()
            assert min(box["width"], box["height"]) >= 24


def _without_settings(route):
    response = route.fetch()
    text = response.text().replace('name="livepage-feedback"', 'name="none"')
    route.fulfill(response=response, body=text)


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_moves_when_the_script_comes(reader, visit, width):
    places = "[...document.querySelectorAll('h2, .feedback, footer')]"
    places += ".map((part) => part.getBoundingClientRect().top + scrollY)"
    with_script = visit(reader(viewport={"width": width, "height": 900}))
    assert with_script.get_by_role("radio").count() > 0
    without = reader(viewport={"width": width, "height": 900})
    without.route("**/first.html", _without_settings)
    without = visit(without)
    assert without.get_by_role("radio").count() == 0
    assert without.evaluate(places) == with_script.evaluate(places)


def test_it_is_not_printed(reader, visit):
    page = visit(reader())
    page.emulate_media(media="print")
    assert not any(box.is_visible() for box in page.locator(".feedback").all())


# ---- Issues


def issue_link(page, face, text, number=0):
    box = section(page, number)
    box.get_by_role("radio", name=face, exact=True).check()
    box.get_by_role("textbox").fill(text)
    return box.get_by_role("link", name="Continue to the issue")


def test_without_a_server_the_reader_writes_an_issue(reader, serve, book_without_server):
    page = reader().new_page()
    site = serve(book_without_server)
    page.goto(f"{site}/book/first.html")
    link = issue_link(page, "So-so", HOSTILE)
    assert link.get_attribute("target") == "_blank"
    address = urlsplit(link.get_attribute("href"))
    assert address._replace(query="").geturl() == "https://github.com/owner/book/issues/new"
    query = parse_qs(address.query)
    assert query["title"] == ["Feedback on book/first#steps-bits"]
    about, text = query["body"][0].split("\n\n", 1)
    assert about.splitlines() == [
        f"Page: {site}/book/first.html#steps-bits",
        "Section: Steps & <bits>",
        "Face: so-so",
    ]
    assert text == HOSTILE
    assert page.get_by_role("button", name="Send").count() == 0


@pytest.fixture(scope="module")
def form(browser, serve, book_without_server):
    page = browser.new_page()
    page.goto(f"{serve(book_without_server)}/book/first.html")
    issue_link(page, "Good", "")
    yield page
    page.close()


FILL = """([box, text]) => {
  const field = box.querySelector("textarea");
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  return [box.querySelector("a").href, field.value, box.querySelector(".feedback-act + p").hidden];
}"""


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=2000))
def test_the_address_of_an_issue_says_what_was_written(form, text):
    address, entered, is_whole = form.evaluate(FILL, [section(form).element_handle(), text])
    assert len(address) < 8000
    body = parse_qs(urlsplit(address).query, strict_parsing=True)["body"][0]
    written = body.split("\n\n", 1)[1]
    assert written == entered if is_whole else (entered.startswith(written) and written != entered)


def test_a_text_that_is_too_long_for_an_address_is_cut_and_that_is_told(form):
    issue_link(form, "Good", "\U0001f642" * 1000)
    expect(section(form).get_by_text("copy the end of your text")).to_be_visible()
    issue_link(form, "Good", "short")
    expect(section(form).get_by_text("copy the end of your text")).to_be_hidden()


# ---- Without scripts, and without anything to send to


def test_without_scripts_there_is_a_link_and_nothing_dead(reader, serve, book):
    page = reader(java_script_enabled=False).new_page()
    page.goto(f"{serve(book)}/book/first.html")
    links = page.locator(".feedback a")
    titles = [parse_qs(urlsplit(link.get_attribute("href")).query)["title"] for link in links.all()]
    assert titles == [
        ["Feedback on book/first#steps-bits"],
        ["Feedback on book/first#hops"],
        ["Feedback on book/first"],
    ]
    assert page.locator(".feedback :is(button, input, textarea)").count() == 0


def test_a_server_without_a_repository(reader, serve, tmp_path):
    site = serve(built(book_with(tmp_path, SETTINGS, repository="")))
    page = reader().new_page()
    page.goto(f"{site}/book/first.html")
    assert page.get_by_role("radio").count() == 9
    told(send(page), KEPT)
    assert page.locator(".feedback-issue").is_visible() is False
    still = reader(java_script_enabled=False).new_page()
    still.goto(f"{site}/book/first.html")
    assert [box.is_visible() for box in still.locator(".feedback").all()] == [False, False, True]
    assert "Tell the person who gave you this book" in still.locator(".page-feedback").inner_text()


def test_with_neither_server_nor_repository_there_is_a_sentence(reader, serve, tmp_path):
    book = built(book_with(tmp_path, {}, repository=""))
    text = book.page("first")
    assert text.count('class="feedback') == 1
    assert "Tell the person who gave you this book" in text
    assert "feedback.js" not in text
    assert 'name="livepage-feedback"' not in text


def test_a_page_may_be_asked_about_as_a_whole(small_book):
    small_book.variables["GITHUB_REPOSITORY"] = "owner/book"
    small_book.write("book/first.md", PAGE.replace("feedback}\n", "feedback}\n:whole-page:\n"))
    built(small_book)
    assert small_book.page("first").count('class="feedback') == 1


def test_what_is_asked_is_no_part_of_what_is_searched(book):
    words = (book.site / "searchindex.js").read_text()
    assert '"more":' in words
    assert '"tell":' not in words


# ---- Settings


def test_good_settings_give_the_address_of_the_project():
    good = {"url": "https://example.org/datatops/", "project": "nma-2026", "user_key": "x"}
    check(good)
    assert project_address(good) == "https://example.org/datatops/api/v1/projects/nma-2026"
    check({})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"key": "x"}, "has url, project, user_key, key, and needs url, project, user_key"),
        ({"user_key": 12345678}, "user_key is 12345678, and should be a text"),
        ({"project": ""}, "project is '', and should be a text"),
        ({"url": "feedback.example.org"}, "should be the address of a Datatops server"),
        ({"url": "ftp://example.org"}, "should be the address of a Datatops server"),
        ({"url": "https://"}, "should be the address of a Datatops server"),
        ({"url": "https://example.org:port"}, "should be the address of a Datatops server"),
        ({"url": "https://me:secret@example.org"}, "should be the address of a Datatops server"),
        ({"url": "https://example.org?x=1"}, "should be the address of a Datatops server"),
        ({"url": "https://example.org/api/v1/projects/course"}, "should end before /api"),
        ({"project": "a/b"}, "project is 'a/b', and should be a name"),
        ({"user_key": "two words"}, "should have no spaces"),
        ({"user_key": "a-ad3e42a7-7774-41ae-9143-6699e5f2d550"}, "is an admin key"),
    ],
)
def test_bad_settings_are_told(change, message):
    with pytest.raises(ExtensionError, match=re.escape(message)) as error:
        check(SETTINGS | change)
    assert "livepage_feedback in _config.yml" in str(error.value)


def test_settings_that_lack_something_fail_the_build_in_its_last_lines(tmp_path):
    status, output = book_with(tmp_path, {"url": "https://example.org"}).build()
    assert status != 0
    ending = output[output.index("The book was not built") :]
    assert "livepage_feedback in _config.yml has url, and needs url, project, user_key" in ending


def test_a_second_question_about_a_page_is_told(small_book):
    small_book.append("first", "```{feedback}\n```\n\n```{feedback}\n```\n")
    status, output = small_book.build()
    assert status != 0
    assert "A page has one {feedback}" in output[output.index("The book was not built") :]

"""Search finds passages, terms, functions and named formulas, on the web and in a folder."""

import pytest
from playwright.sync_api import expect
from tests.livepage.conftest import cell

TEXT = r"""
## Momentum

```{index} ! heavy ball, ! velocity update
```

$$
v \leftarrow \beta v - \frac{lr + 1}{\sqrt{2}} \, \nabla L(w)
$$ (velocity)

The ball rolls on. It keeps $\beta_1^2$ of its energy.

## Shrinking

```{glossary}
Condition number
  The largest divided by the smallest.
```

```{eval-rst}
.. autofunction:: toy.rules.ball_update
```
"""
RULES = 'def ball_update(w):\n    """Roll on.\n\n    Further than before.\n    """\n'


@pytest.fixture(scope="module")
def book(built_book):
    built_book.append("first", TEXT)
    built_book.append("second", cell("wobble = 'ball'"))
    built_book.write("src/toy/rules.py", RULES)
    status, output = built_book.build()
    assert status == 0, output
    return built_book


@pytest.fixture
def search(book, browser):
    """Search the book in its folder; return the page with the results."""
    pages = []

    def search_for(query=None):
        page = browser.new_page(viewport={"width": 390, "height": 800})
        pages.append(page)
        page.loaded = []
        page.on("request", lambda request: page.loaded.append(request.url.rpartition("/")[2]))
        asked = "" if query is None else f"?q={query}"
        page.goto(f"{(book.site / 'search.html').as_uri()}{asked}")
        if query:
            page.get_by_role("status").filter(has_text="found for").wait_for()
        return page

    yield search_for
    for page in pages:
        page.close()


def results(page):
    """Return where the results lead, and what each says."""
    links = page.locator("#search-results li a").all()
    texts = page.locator("#search-results li").all()
    return {
        link.get_attribute("href").removeprefix("./"): text.inner_text()
        for link, text in zip(links, texts, strict=True)
    }


@pytest.mark.parametrize(
    ("query", "place", "told"),
    [
        ("heavy ball", "book/first.html#index-0", "Formula · First"),
        ("Velocity update", "book/first.html#index-0", "v ← βv − (lr + 1)/√2 ∇L(w)"),
        ("condition number", "book/first.html#term-Condition-number", "Term · First"),
        ("ball_update", "book/first.html#toy.rules.ball_update", "toy.rules.ball_update"),
        ("toy.rules.ball_update", "book/first.html#toy.rules.ball_update", "Roll on."),
        ("rolls", "book/first.html#momentum", "It keeps β_1^2 of its energy."),
        ("Shrinking", "book/first.html#shrinking", "Shrinking"),
    ],
)
def test_the_first_result_is_the_place_and_reads_well(search, query, place, told):
    found = results(search(query))
    assert next(iter(found)) == place
    assert told in found[place]
    assert "\\" not in found[place]


def test_each_place_is_found_once(search):
    page = search("ball")
    links = [link.get_attribute("href") for link in page.locator("#search-results li a").all()]
    assert len(links) == len(set(links)) > 1
    assert page.get_by_role("status").inner_text() == f"{len(links)} places were found for “ball”."


def test_code_is_found_after_prose(search):
    assert list(results(search("wobble"))) == ["book/second.html"]
    pages = list(results(search("ball")))
    assert pages[-1] == "book/second.html"


def test_what_is_not_there_is_told(search):
    page = search("zebra")
    assert page.get_by_role("status").inner_text() == "Nothing was found for “zebra”."


def test_nothing_is_loaded_before_something_is_searched(search):
    assert not {"searchindex.js", "search-text.js"} & set(search().loaded)
    assert {"searchindex.js", "search-text.js"} <= set(search("ball").loaded)


def test_results_are_reached_and_opened_by_keyboard(search):
    page = search("heavy ball")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/book/first.html*#index-0")


def test_what_was_searched_is_no_markup(search):
    page = search("<img src=x onerror=alert(1)>ball+(")
    assert page.locator("#search-results img, #search-status img").count() == 0


def test_without_scripts_the_index_is_offered(book, browser):
    page = browser.new_page(java_script_enabled=False)
    page.goto((book.site / "search.html").as_uri())
    page.get_by_role("link", name="The index").click()
    expect(page.get_by_role("link", name="heavy ball")).to_have_count(1)
    page.close()

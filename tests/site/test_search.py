"""The search page of the book finds its terms, functions and formulas."""

import re
from functools import cache

import pytest
from tests.site.test_pages import PAGES, ROOT, SITE

FUNCTIONS = [
    "momentum_update",
    "descent.runs.descend",
    "gradient_update",
    "adam_update",
    "rmsprop_update",
    "descent.models.MLP",
    "losses_many",
    "random_search",
    "largest_curvature",
    "load_mnist_data",
]
NAMED = re.compile(r"```\{index\} (! .*)")


@cache
def terms():
    source = (ROOT / "book/glossary.md").read_text()
    return re.findall(r"^(\S.*)\n  \S", source[source.index(":sorted:") :], re.MULTILINE)


def formulas():
    """Return the names of formulas, with their pages."""
    return {
        name.strip(): page
        for page in PAGES
        for names in NAMED.findall((ROOT / page).with_suffix(".md").read_text())
        for name in names.replace("!", "").split(",")
    }


def first_results(page, query, count=2):
    """Search; return where the first results lead."""
    page.goto(f"{page.url.partition('?')[0]}?q={query}")
    page.get_by_role("status").filter(has_text="found for").wait_for()
    links = page.locator("#search-results li a").all()[:count]
    return [link.get_attribute("href").removeprefix("./") for link in links]


def is_there(address):
    name, _, anchor = address.partition("#")
    return f'id="{anchor}"' in (SITE / name).read_text()


def test_there_is_something_to_find():
    assert len(terms()) > 40
    assert len(formulas()) > 20


def test_each_term_of_the_glossary_is_found(open_page):
    page = open_page("search.html")
    for term in terms():
        found = first_results(page, term)
        place = [address for address in found if address.startswith("book/glossary.html#term-")]
        assert place, f"{term}: {found}"
        assert is_there(place[0])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_found(open_page, name):
    found = first_results(open_page("search.html"), name)
    place = [address for address in found if address.endswith(f".{name.rpartition('.')[2]}")]
    assert place, found
    assert is_there(place[0])


def test_a_function_is_found_by_a_part_of_its_name(open_page):
    found = first_results(open_page("search.html"), "momentum", 20)
    assert any(address.endswith(".momentum_update") for address in found), found


def test_each_named_formula_is_found(open_page):
    page = open_page("search.html")
    for name, there in formulas().items():
        found = first_results(page, name)
        place = [address for address in found if address.startswith(f"{there}#index-")]
        assert place, f"{name}: {found}"
        assert is_there(place[0])


def test_results_show_no_latex(open_page):
    page = open_page("search.html")
    first_results(page, "learning rate")
    shown = page.locator("#search-results").inner_text()
    assert len(shown) > 1000
    assert not re.search(r"\\[a-z]+", shown)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_results_fit_the_screen(open_page, width):
    page = open_page("search.html", width=width)
    first_results(page, "momentum")
    assert page.evaluate("document.documentElement.scrollWidth") <= width

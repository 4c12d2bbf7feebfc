"""What a reader meets on the built pages, in a real browser."""

import importlib
import inspect
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import expect
from tests.site.built import whole

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"


def chapters():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    files = [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    return [toc["root"], *files]


PAGES = [f"{name}.html" for name in chapters()]
COURSE = [
    f"{name}.html" for name in chapters() if "{question}" in (ROOT / f"{name}.md").read_text()
]


class Links(HTMLParser):
    """The targets of all links and pictures of a page, and the names that links can lead to."""

    def __init__(self, text):
        super().__init__()
        self.targets, self.names = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.targets += [attributes[key] for key in ("href", "src") if attributes.get(key)]
        self.names |= {attributes[key] for key in ("id", "name") if attributes.get(key)}


def test_index_leads_to_the_welcome_page(open_page):
    page = open_page("index.html")
    page.wait_for_url("**/book/welcome.html")
    assert page.locator("article h1").inner_text().startswith("Welcome")


@pytest.mark.parametrize("name", PAGES)
def test_page_is_whole(open_page, name):
    page = open_page(whole(name))
    text = page.locator("article").inner_text()
    assert page.script_errors == []
    assert page.asked_elsewhere == []
    assert page.locator("article h1").count() == 1
    assert "Traceback" not in text
    assert "{glue" not in text
    assert ":::" not in text


@pytest.mark.parametrize("name", PAGES)
def test_page_fits_a_phone(open_page, name):
    page = open_page(name, width=390)
    page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("name", PAGES)
def test_formulas_are_set_without_a_script_and_fit_a_phone(open_page, name):
    page = open_page(name, width=390, java_script_enabled=False)
    for formula in page.locator("article .math").all():
        assert formula.locator("annotation").count() == 1  # the LaTeX that is read out and copied
        assert formula.locator(".katex-error").count() == 0
    for formula in page.locator("article .katex-display").all():
        assert formula.evaluate("box => box.scrollWidth - box.clientWidth") == 0


@pytest.mark.parametrize("name", COURSE)
def test_every_figure_is_drawn_and_described(open_page, name):
    page = open_page(name)
    page.evaluate("document.querySelectorAll('img').forEach(image => { image.loading = 'eager' })")
    figures = page.locator("article .cell_output img")
    assert figures.count() > 0
    for figure in figures.all():
        assert figure.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
        words = figure.get_attribute("alt").split()
        assert len(words) >= 10, f"the alternative text is too short: {' '.join(words)}"


@pytest.mark.parametrize("name", [*COURSE, "book/status.html"])
def test_page_names_the_data_shown(open_page, name):
    text = open_page(name).locator("article").inner_text()
    notice = re.search(r"Data on this page: the (embedded digits)|Data on this page: (MNIST)", text)
    assert notice
    expected = ("60,000", "10,000") if notice[2] else ("1,797", "MNIST")
    assert all(words in text for words in expected)


@pytest.mark.parametrize("name", COURSE)
def test_answers_and_solutions_are_folded(open_page, name):
    page = open_page(name)
    folded = page.locator("article details")
    assert folded.count() > 0
    assert all(box.get_attribute("open") is None for box in folded.all())


@pytest.mark.parametrize("name", COURSE)
def test_every_choice_is_answered_at_once(open_page, name):
    page = open_page(name)
    questions = page.locator("fieldset.question")
    assert questions.count() >= 3
    for question in questions.all():
        reasons = question.locator(".reason")
        assert not any(reason.is_visible() for reason in reasons.all())
        for choice in question.locator(".choice").all():
            choice.locator("label").click()
            shown = [reason for reason in reasons.all() if reason.is_visible()]
            assert len(shown) == 1
            right = "right" in choice.get_attribute("class").split()
            verdict = "Right." if right else "Not quite."
            assert shown[0].inner_text().startswith(verdict)
            assert len(shown[0].inner_text()) > len(verdict) + 20


def test_choices_are_made_by_keyboard(open_page):
    page = open_page(COURSE[0])
    question = page.locator("fieldset.question").first
    question.locator("input").first.focus()
    page.keyboard.press("ArrowDown")
    expect(question.locator(".reason").nth(1)).to_be_visible()
    expect(question.locator(".reason").nth(0)).to_be_hidden()


EXERCISES = {
    "book/high-dimensional-search.html": 3,
    "book/momentum.html": 4,
    "book/minibatches.html": 6,
    "book/adaptive-methods.html": 7,
    "book/bonus.html": 9,
}


@pytest.mark.parametrize(("name", "number"), EXERCISES.items())
def test_exercise_is_not_solved_for_the_reader(open_page, name, number):
    page = open_page(whole(name))
    text = page.locator("article").inner_text()
    assert f"Exercise {number}: not implemented yet" in text
    assert "Solution" in text


ROOMS = "optimizers", "landscapes", "runs", "training", "distributed", "plots"


@pytest.mark.parametrize("room", ROOMS)
def test_reference_lists_every_public_name(room):
    module = importlib.import_module(f"descent.{room}")
    functions = [value for _, value in inspect.getmembers(module, inspect.isfunction)]
    names = Links((SITE / "book" / "api.html").read_text()).names
    own = [f.__name__ for f in functions if f.__module__ == module.__name__]
    public = [name for name in getattr(module, "__all__", own) if not name.startswith("_")]
    documented = [getattr(module, name) for name in public]
    kinds = inspect.isfunction, inspect.isclass
    wanted = {value.__name__ for value in documented if any(kind(value) for kind in kinds)}
    assert {f"descent.{room}.{name}" for name in wanted} <= names


def test_reference_does_not_tell_the_environment_of_the_build():
    assert "environ({" not in (SITE / "book" / "api.html").read_text()


def test_status_page_lists_every_chapter_with_its_time(open_page):
    page = open_page("book/status.html")
    rows = page.locator("table").last.locator("tbody tr")
    times = {
        row.locator("a").inner_text(): row.locator("td").nth(3).inner_text() for row in rows.all()
    }
    assert set(times) >= {name.removesuffix(".html") for name in COURSE}
    assert all(float(time) > 0 for time in times.values())
    assert "torch" in page.locator("table").first.inner_text()

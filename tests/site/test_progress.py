"""What there is to tick off in this book, and where."""

import json
import re
from html.parser import HTMLParser
from pathlib import PurePosixPath

import pytest
from tests.site.test_pages import COURSE, PAGES, ROOT, SITE

EXERCISES = {
    "book/high-dimensional-search#3",
    "book/momentum#4",
    "book/minibatches#6",
    "book/adaptive-methods#7",
    "book/bonus#9",
}
# Pages that are read from beginning to end, though they ask no questions.
READ = {"book/summary.html", "book/playground.html"}
CHAPTERS = [name for name in PAGES if name in {*COURSE, *READ}]


class Boxes(HTMLParser):
    """What can be ticked off on a page, and what its panel says there is in the book."""

    def __init__(self, name):
        super().__init__()
        self.kinds, self.panel = {"chapters": [], "exercises": []}, None
        self.feed((SITE / name).read_text())

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if attributes.get("class") == "tick":
            self.kinds[attributes["data-kind"]].append(attributes["data-name"])
        if attributes.get("class") == "reader-progress":
            self.panel = json.loads(attributes["data-chapters"])


@pytest.mark.parametrize("name", PAGES)
def test_the_chapters_and_only_they_can_be_ticked_off(name):
    boxes = Boxes(name)
    assert boxes.kinds["chapters"] == [name.removesuffix(".html")] * (name in CHAPTERS)
    assert [f"{part['name']}.html" for part in boxes.panel] == CHAPTERS
    assert {key for part in boxes.panel for key in part["exercises"]} == EXERCISES


def test_each_exercise_can_be_ticked_off_once():
    found = [key for name in PAGES for key in Boxes(name).kinds["exercises"]]
    assert sorted(found) == sorted(EXERCISES)


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_ticked_chapter_is_marked_wherever_the_reader_goes(open_page, name):
    page = open_page(name)
    page.get_by_role("checkbox", name="I have read this chapter").check()
    page.goto(re.sub(r"book/.*", "book/glossary.html", page.url))
    (link,) = page.locator(".bd-docs-nav a:has(.read-mark)").all()
    assert link.get_attribute("href") == PurePosixPath(name).name
    assert page.locator(".progress-counts").inner_text() == "1 of 12 chapters, 0 of 5 exercises"
    assert page.script_errors == []
    assert page.asked_elsewhere == []


def test_no_notebook_speaks_of_it():
    for path in (ROOT / "_build" / "notebooks").rglob("*.ipynb"):
        assert "I have read this chapter" not in path.read_text()

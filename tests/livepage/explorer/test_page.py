import json
import re
from html.parser import HTMLParser

import pytest
from tests.livepage.explorer import sample

from livepage.explorer import Slider
from livepage.explorer import drawing as drawings
from livepage.explorer.drawing import Drawing
from livepage.pages.dark import GROUND, contrast


@pytest.fixture
def page(monkeypatch):
    monkeypatch.setenv("LIVEPAGE_BUILD", "1")
    return sample.make()


@pytest.fixture
def drawing(page):
    """The explorer as Sphinx draws it, after it went through a cell's output."""
    return drawn(page)


def drawn(page):
    return Drawing(json.loads(json.dumps(page.parts())))


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def named(self, wanted):
        return [attributes for tag, attributes in self.tags if tag == wanted]


def test_controls_are_native_labelled_and_begin_at_their_defaults(drawing):
    tags = Tags(drawing.html("x1", "../"))
    labels = {label["for"] for label in tags.named("label")}
    fields = tags.named("input") + tags.named("select")
    assert {field["id"] for field in fields} == labels
    assert [field["value"] for field in tags.named("input")] == ["1", "2"]
    assert [field["aria-valuetext"] for field in tags.named("input")] == ["1", "3 m"]
    assert ["selected" in option for option in tags.named("option")] == [False, True]


def test_the_picture_and_the_words_are_there_from_the_start(drawing):
    html = drawing.html("x1", "../")
    [image] = Tags(html).named("img")
    assert image["src"] == "../_static/explorers/x1.svg"
    assert image["alt"] == "A line & its end."
    assert "<svg" in drawing.svg
    assert re.search(r'class="explorer-message good" role="status">near</p>', html)
    assert "<figcaption>Try it: a steep line.</figcaption>" in html


def test_the_picture_shows_the_default_setting(page):
    assert page.shown["line"] == [{"x": x, "y": x + 5.0} for x in range(4)]


def test_the_page_brings_the_numbers_and_the_chart_does_not(drawing):
    payload = drawing.payload()
    [line] = [source for source in payload["vega"]["data"] if source["name"] == "line"]
    assert "values" not in line
    shapes = {column["name"]: column["shape"] for column in payload["columns"]}
    assert shapes["y"] == [3, 2, 4]
    assert shapes["x"] == [1, 1, 4]


def test_the_grid_is_computed_in_one_call(monkeypatch):
    monkeypatch.setenv("LIVEPAGE_BUILD", "1")
    calls = []

    def compute(**lists):
        calls.append(lists)
        return sample.compute(**lists)

    sample.make(compute)
    assert calls == [{"slope": [0.1, 1.0, 10.0], "start": [0, 5]}]


def test_data_that_the_chart_does_not_know_are_an_error(monkeypatch):
    monkeypatch.setenv("LIVEPAGE_BUILD", "1")

    def compute(slope, start):
        return {"dots": {"x": [[[1]]]}}

    with pytest.raises(ValueError, match="the chart has no data named 'dots'"):
        sample.make(compute)


def test_words_of_the_author_are_no_markup(monkeypatch):
    monkeypatch.setenv("LIVEPAGE_BUILD", "1")
    controls = sample.CONTROLS | {"slope": Slider("a < b & c", (0.1, 1.0), 1.0)}
    assert "a &lt; b &amp; c" in drawn(sample.make(controls=controls)).html("x1", "")


def test_in_the_dark_every_word_is_read_though_the_chart_names_no_colour(drawing):
    svg = drawing.svg
    style = re.search(r"<style>@media \(prefers-color-scheme: dark\) \{ (.*?) \}</style>", svg)
    rules = dict(re.findall(r'\[fill="([^"]*)"\] \{ fill: (#\w+) \}', style[1]))
    words = re.findall(r"<text [^>]*fill=\"([^\"]*)\"", svg)
    assert len(words) > 5
    assert all(contrast(rules[color], GROUND) >= 4.5 for color in words)
    assert rules["white"] == GROUND


def test_the_browser_is_told_what_all_colours_become_in_the_dark(drawing):
    payload = drawing.payload()
    named = set(re.findall(r'"(white|black|#\w{3,6})"', json.dumps(payload["vega"])))
    assert {"white", "black"} <= set(payload["dark"]) <= named
    assert len(json.dumps(payload["dark"])) < 1000


def test_a_chart_is_converted_once_by_each_version_of_the_converter(page, tmp_path, monkeypatch):
    def all_of(folder):
        drawing = Drawing(page.parts(), folder)
        return drawing.svg, drawing.payload()

    expected = all_of(None)
    assert all_of(tmp_path) == expected
    with monkeypatch.context() as patch:
        patch.setattr("vl_convert.vegalite_to_svg", None)
        patch.setattr("vl_convert.vegalite_to_vega", None)
        assert all_of(tmp_path) == expected
        patch.setattr(drawings, "version", lambda name: "0.0")
        with pytest.raises(TypeError):
            all_of(tmp_path)
    assert not list(tmp_path.glob("*.part"))

import re

from tests.livepage.conftest import cell, figure_cell

from livepage.pages.accessibility import correct


def test_an_entry_of_a_bibliography_has_no_deprecated_role():
    before = (
        '<div role="list" class="citation-list"><div class="citation" id="id3" '
        'role="doc-biblioentry"><p>A book.</p></div></div>'
    )
    after = '<div class="citation-list"><div class="citation" id="id3"><p>A book.</p></div></div>'
    assert correct(before) == after


def test_a_signature_over_lines_is_no_list_of_definitions():
    before = "<dt>f(\n\n<dl>\n<dd><em>a</em>,</dd>\n<dd><em>b</em>,</dd>\n</dl>\n\n)</dt>"
    lines = '<span class="sig-line"><em>a</em>,</span>\n<span class="sig-line"><em>b</em>,</span>'
    assert correct(before) == f'<dt>f(\n\n<span class="sig-lines">{lines}\n</span>\n\n)</dt>'


DRAW = "import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])"


def test_a_figure_without_alternative_text_fails_the_build_and_is_named(small_book):
    small_book.append("first", "```{image} _static/logo.svg\n```\n")
    small_book.append("second", cell(DRAW))
    status, output = small_book.build()
    assert status != 0
    ending = output[output.index("The book was not built") :]
    told = re.findall(r"book/(\w+)\.md:(\d+): This figure has no alternative text", ending)
    places = {page: int(line) for page, line in told}
    text = (small_book.folder / "book" / "second.md").read_text()
    assert text.splitlines()[places["second"] - 2] == DRAW.splitlines()[0]  # the cell's first line
    assert abs(places["first"] - 16) <= 3  # where the directive stands
    small_book.replace("book/first.md", "logo.svg", "logo.svg\n:alt: The sign of the book.")
    small_book.replace("book/second.md", cell(DRAW), figure_cell(DRAW))
    assert small_book.build()[0] == 0


def test_real_definitions_and_words_stay():
    html = '<dl class="simple"><dt>loss</dt><dd><p>What is lost.</p></dd></dl><p role="list">x</p>'
    assert correct(html) == html


MODULE = '''"""A module."""


def pair():
    """Make two things.

    Returns
    -------
    one : int
        The first.
    two : int
        The second.
    """
'''


def test_folded_cells_and_lists_are_valid_markup(small_book):
    small_book.write("src/toy/twice.py", MODULE)
    small_book.append("index", "```{eval-rst}\n.. autofunction:: toy.twice.pair\n```\n")
    small_book.append("first", cell("---\ntags: [hide-input]\n---\n1 + 1"))
    status, output = small_book.build()
    assert status == 0, output
    page = small_book.page("first")
    assert '<summary><span class="collapsed admonition-title">Show code cell source</span>' in page
    assert "Toggle hidden content" not in page  # a name that hides what the summary says
    assert "<p><ul" not in small_book.page("index")
    assert "<strong>two</strong>" in small_book.page("index")

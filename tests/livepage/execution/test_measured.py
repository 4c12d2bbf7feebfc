"""Two builds of a book are the same, but for times, which are marked and declared."""

import json
import shutil

import pytest
from tests.livepage.conftest import SmallBook, cell, figure_cell

from livepage.execution import measured

CLOCK = "import time\ntime.time_ns()"
DRAWN = "from matplotlib import pyplot\npyplot.plot([0, time.time_ns()]);"


def tagged(code):
    return cell(f":tags: [measured-time]\n\n{code}")


@pytest.fixture(scope="module")
def two_sites(tmp_path_factory):
    """The sites of one book, with a marked time, a marked figure and a number in a sentence."""
    sites = []
    for _ in range(2):
        book = SmallBook(tmp_path_factory.mktemp("book"))
        book.append("first", tagged(CLOCK))
        drawn = figure_cell(DRAWN).replace("mystnb:", "tags: [measured-time]\nmystnb:", 1)
        book.append("first", drawn)
        book.append("first", cell("from livepage import glue\nglue('now', time.time_ns())"))
        book.append("first", "It is {glue:text}`now` nanoseconds.\n")
        status, output = book.build("--all")
        assert status == 0, output
        sites.append(book.site)
    return sites


@pytest.fixture
def sites(two_sites, tmp_path):
    """Copies of them that a test may change."""
    copies = [tmp_path / "one", tmp_path / "two"]
    for site, copy in zip(two_sites, copies, strict=True):
        shutil.copytree(site, copy)
    return copies


def append(path, text):
    path.write_text(path.read_text() + text)


def test_only_what_is_declared_differs(sites):
    one, two = (site / "book/first.html" for site in sites)
    assert one.read_bytes() != two.read_bytes()
    assert measured.differences(*sites) == []


def test_the_declaration_names_pages_and_pictures_and_no_more(sites):
    files = json.loads((sites[0] / measured.NAME).read_text())["files"]
    assert {"book/first.html", "notebooks/first.ipynb"} <= set(files)
    assert "book/second.html" not in files
    (picture,) = (name for name in files if name.startswith("_images/"))
    assert (sites[0] / picture).is_file()


def test_what_is_shown_while_work_takes_long_leaves_no_trace(small_book):
    small_book.append("first", cell("import sys\nprint('half done', file=sys.stderr)"))
    status, output = small_book.build()
    assert status == 0, output
    assert small_book.page("first").count('"cell_output ') == 1  # that of the page's other cell


def test_what_is_printed_is_shown_as_it_was_printed_however_it_was_sent(small_book):
    code = "print('one', end='', flush=True)\nprint('\\n\\ntwo', flush=True)\nprint('\\nthree')"
    small_book.append("first", cell(code))
    status, output = small_book.build()
    assert status == 0, output
    assert "one\n\ntwo\n\nthree" in small_book.page("first")


def test_the_page_says_what_was_measured(sites):
    page = (sites[0] / "book/first.html").read_text()
    assert page.count(f'<p class="measured-note">{measured.NOTE}</p>') == 2
    assert measured.NOTE not in (sites[0] / "book/second.html").read_text()


def test_a_page_that_is_not_declared_may_not_differ(sites, capsys):
    append(sites[1] / "book/second.html", "<p>Other</p>")
    assert measured.main([str(site) for site in sites]) == 1
    said = capsys.readouterr().out
    assert said == "book/second.html differs, and measured.json does not declare it.\n"


def test_a_page_may_not_differ_beside_what_is_marked(sites):
    page = sites[1] / "book/first.html"
    page.write_text(page.read_text().replace("A sentence.", "Another sentence."))
    (told,) = measured.differences(*sites)
    assert told == "book/first.html differs in more than the parts that are marked as measured."


def test_a_file_that_only_one_has_is_told(sites):
    (sites[0] / "book/third.html").write_text("A page")
    (told,) = measured.differences(*sites)
    assert told == f"book/third.html is only in {sites[0]}."


def test_a_folder_that_is_no_site_is_told(sites, tmp_path, capsys):
    with pytest.raises(SystemExit):
        measured.main([str(sites[0]), str(tmp_path)])
    assert f"{tmp_path} is no built site: it has no measured.json" in capsys.readouterr().err
    assert measured.main([str(sites[0]), str(sites[0])]) == 0
    assert "The two sites are the same" in capsys.readouterr().out

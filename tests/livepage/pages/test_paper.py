"""A page and a whole book on paper, and what readers take away."""

import os
import zipfile

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader
from tests.livepage.conftest import cell

from livepage.publishing.downloads import PLACE, file_name, write_zip

TITLE = "A long title that does not fit on one line of the title page of this small book"
TEXT = r"""
## A part with a formula

$$
\kappa = \frac{L}{\mu}
$$ (kappa)

And $\sqrt{\beta}$, {eq}`kappa`, [a page](second.md), [a place](second.md#below) and [the web](https://example.org/there).

:::{dropdown} Hint
Think twice.
:::
"""
BELOW = "## Below\n\n" + cell(":tags: [hide-cell]\n\nsecret = 1")


@pytest.fixture(scope="module")
def book(built_book):
    built_book.replace("_config.yml", "Descent: optimization for deep learning", TITLE)
    built_book.append("index", "```{downloads}\n```\n")
    built_book.append("first", TEXT)
    built_book.append("second", BELOW)
    built_book.replace("_toc.yml", "chapters:\n", "parts:\n- caption: One part\n  chapters:\n")
    toc = (built_book.folder / "_toc.yml").read_text()
    built_book.write("_toc.yml", toc.replace("- file", "  - file"))
    status, output = built_book.build("--pdf")
    assert status == 0, output
    return built_book


@pytest.fixture(scope="module")
def pdf(book):
    return PdfReader(book.site / "downloads" / file_name(TITLE, ".pdf"))


def texts(pdf):
    return [page.extract_text() for page in pdf.pages]


def places(pdf):
    """Return the number of the page, from 1, of each place that a link leads to."""
    found = pdf.named_destinations.items()
    return {name: pdf.get_destination_page_number(place) + 1 for name, place in found}


def test_the_pdf_has_bookmarks_and_tags(pdf):
    titles = [entry.title for entry in pdf.outline if not isinstance(entry, list)]
    assert titles == [TITLE, "Contents", "A book", "First", "Second"]
    assert pdf.metadata.title == TITLE
    assert pdf.metadata.author == "The Descent authors"
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"


def test_the_contents_have_the_numbers_of_the_pages(pdf):
    lines = texts(pdf)[1].splitlines()
    assert "One part" in lines
    numbers = places(pdf)
    for title, name in {"First": "/book-first", "Second": "/book-second"}.items():
        assert f"{title} {numbers[name]}" in lines
        assert title in texts(pdf)[numbers[name] - 1]


def test_links_lead_into_the_pdf_and_to_the_web(pdf):
    page = pdf.pages[places(pdf)["/book-first"] - 1]
    links = [link.get_object() for link in page["/Annots"]]
    inside = {link["/Dest"] for link in links if "/Dest" in link}
    assert inside == {"/book-second", "/book-second--below", "/book-first--equation-kappa"}
    assert [link["/A"]["/URI"] for link in links if "/A" in link] == ["https://example.org/there"]


def test_the_pdf_has_the_text_with_formulas_and_hints_and_nothing_else(pdf):
    text = "\n".join(texts(pdf))
    assert "κ" in text
    assert "β" in text
    assert "frac" not in text
    assert "Think twice." in text
    assert "secret" not in text, "code that a reader need not read"
    assert "unclear or wrong" not in text, "nobody can click on paper"


def test_the_page_offers_both_with_their_sizes(book, pdf):
    page = book.page("index")
    assert f'href="../downloads/{file_name(TITLE, ".pdf")}" download>' in page
    assert f"({len(pdf.pages)} pages, 0.1 MB)" in page
    assert f'href="../downloads/{file_name(TITLE, ".zip")}" download>' in page
    assert not list(book.site.glob("*whole*"))


def test_a_build_without_the_pdf_keeps_one_with_it(book):
    assert "Nothing has changed" in book.build()[1]
    assert "Nothing has changed" in book.build("--pdf")[1]


def test_the_zip_file_is_the_site_without_itself(book):
    archive = zipfile.ZipFile(book.site / "downloads" / file_name(TITLE, ".zip"))
    names = {name.partition("/")[2] for name in archive.namelist()}
    assert names == {name for name in book.snapshot() if not name.startswith("downloads/")}
    page = archive.read(f"{file_name(TITLE, '')}/book/index.html").decode()
    assert "downloads" not in page


def test_the_same_site_makes_the_same_zip_file(tmp_path):
    site = tmp_path / "site"
    (site / "downloads").mkdir(parents=True)
    made = []
    for age, names in enumerate(["ab", "ba"]):
        for name in names:
            (site / name).write_text(name)
            os.utime(site / name, (age, age))
        write_zip(site, site / "downloads" / "book.zip")
        made.append((site / "downloads" / "book.zip").read_bytes())
    assert made[0] == made[1]


def test_a_book_that_is_built_without_the_pdf_does_not_offer_it(small_book):
    small_book.append("index", "```{downloads}\n```\n")
    status, output = small_book.build("--all")
    assert status == 0, output
    page = small_book.page("index")
    assert ".zip" in page
    assert '.pdf"' not in page
    assert not PLACE.search(page)


def test_without_a_browser_it_is_told_and_the_site_stays(small_book, tmp_path):
    small_book.append("index", "```{downloads}\n```\n")
    assert small_book.build()[0] == 0
    before = small_book.snapshot()
    small_book.variables |= {"PATH": "", "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "none")}
    status, output = small_book.build("--pdf")
    assert status == 1
    ending = output[output.index("The book was not built") :].splitlines()
    assert "no Chromium or Chrome is here" in ending[0]
    assert "make site" in ending[0]
    assert "is as it was" in ending[1]
    assert small_book.snapshot() == before


def test_the_pdf_of_notebooks_alone_is_refused(small_book):
    status, output = small_book.build("--notebooks", "--pdf")
    assert status == 2
    assert "use --all" in output


@pytest.fixture
def printed(book, browser):
    """A page as a browser prints it, and what it says."""
    page = browser.new_page(color_scheme="dark")
    page.goto((book.site / "book" / "first.html").as_uri())
    page.emulate_media(media="print")
    yield page
    page.close()


def test_a_page_is_printed_without_what_leads_elsewhere(printed):
    for selector in (".bd-sidebar-primary", ".bd-header-article", ".prev-next-footer", ".feedback"):
        assert not any(part.is_visible() for part in printed.locator(selector).all()), selector
    expect(printed.locator("article h1")).to_be_visible()
    link = printed.locator("article a.external").first
    shown = link.evaluate("link => getComputedStyle(link, '::after').content")
    assert "https://example.org/there" in shown


def test_printing_opens_hints_on_a_light_ground_and_leaves_all_as_it_was(printed):
    printed.evaluate("document.documentElement.dataset.theme = 'dark'")
    state = (
        "[document.documentElement.dataset.theme, document.querySelector('article details').open]"
    )
    printed.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert printed.evaluate(state) == ["light", True]
    printed.evaluate("dispatchEvent(new Event('afterprint'))")
    assert printed.evaluate(state) == ["dark", False]

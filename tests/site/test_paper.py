"""The PDF of the book, and the site that is taken away as a ZIP file."""

import itertools
import re
import zipfile
from html import unescape

import pytest
from pypdf import PdfReader
from tests.site.test_explorers import EXPLORERS, explorers
from tests.site.test_pages import PAGES, SITE

DOWNLOADS = SITE / "downloads"
LINK = re.compile(r'<a href="\.\./(downloads/[^"]+)" download>[^<]+</a> \(([^)]+)\)')
ALT = re.compile(r'<img[^>]* alt="([^"]+)"')
TITLE = re.compile(r"<h1>(.*?)<a class=\"headerlink\"")
LATEX = re.compile(r'<annotation encoding="application/x-tex">(.*?)</annotation>', re.DOTALL)


@pytest.fixture(scope="module")
def pdf():
    (path,) = DOWNLOADS.glob("*.pdf")
    return PdfReader(path)


@pytest.fixture(scope="module")
def texts(pdf):
    """The text of each page."""
    return [page.extract_text() for page in pdf.pages]


def article(name):
    text = (SITE / name).read_text()
    return text[text.index("<article") : text.index("</article>")]


def bookmarks(outline):
    """Yield each bookmark with its depth."""
    for entry in outline:
        if isinstance(entry, list):
            yield from ((depth + 1, inner) for depth, inner in bookmarks(entry))
        else:
            yield 0, entry


def plain(text):
    """Return the letters of a text alone, for spaces are lost and won on the way into a PDF."""
    return "".join(re.findall(r"\w", re.sub(r"<[^>]+>|&\w+;", "", text)))


def test_the_welcome_page_offers_what_there_is(pdf):
    offers = dict(LINK.findall((SITE / "book/welcome.html").read_text()))
    assert {path.rpartition(".")[2] for path in offers} == {"pdf", "zip"}
    assert {SITE / path for path in offers} == set(DOWNLOADS.iterdir())
    for path, facts in offers.items():
        assert f"{(SITE / path).stat().st_size / 1e6:.1f} MB" in facts
    told = next(facts for path, facts in offers.items() if path.endswith(".pdf"))
    assert f"{len(pdf.pages)} pages" in told


def test_every_chapter_has_a_bookmark_where_it_begins(pdf, texts):
    chapters = [entry for depth, entry in bookmarks(pdf.outline) if depth == 0][2:]
    titles = [plain(TITLE.search(article(name))[1]) for name in PAGES]
    assert [plain(entry.title) for entry in chapters] == titles
    numbers = [pdf.get_destination_page_number(entry) for entry in chapters]
    assert numbers == sorted(set(numbers))
    for title, number in zip(titles, numbers, strict=True):
        assert title in plain(texts[number])


def test_the_contents_name_the_page_of_every_chapter(pdf, texts):
    contents = plain(texts[1])
    chapters = [entry for depth, entry in bookmarks(pdf.outline) if depth == 0][2:]
    for entry in chapters:
        assert f"{plain(entry.title)}{pdf.get_destination_page_number(entry) + 1}" in contents


def drawn(pdf):
    """Return the alternative texts of the pictures in a PDF."""
    found, waiting = [], [pdf.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop().get_object()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            found += [node["/Alt"]] if node.get("/S") == "/Figure" and "/Alt" in node else []
            waiting += [node["/K"]] if "/K" in node and not isinstance(node["/K"], int) else []
    return found


def test_every_figure_is_in_it_with_its_description(pdf):
    wanted = {
        " ".join(unescape(words).split()) for name in PAGES for words in ALT.findall(article(name))
    }
    assert len(wanted) > 50
    assert wanted <= {" ".join(words.split()) for words in drawn(pdf)}


def test_formulas_are_set(texts):
    text = plain("".join(texts))
    letters = {letter for name in PAGES for letter in "αβκμλσωΦ∇" if letter in article(name)}
    assert len(letters) > 5
    assert all(letter in "".join(texts) for letter in letters)
    sources = {
        plain(latex)
        for name in PAGES
        for latex in LATEX.findall(article(name))
        if "\\" in latex and len(plain(latex)) > 12
    }
    docstrings = "".join(plain(block) for block in itertools.chain(*map(code_of, PAGES)))
    leaked = [latex for latex in sources if latex in text and latex not in docstrings]
    assert leaked == []


def code_of(name):
    return re.findall(r"<pre>.*?</pre>", article(name), re.DOTALL)


def test_no_page_is_blank(pdf, texts):
    for number, (page, text) in enumerate(zip(pdf.pages, texts, strict=True), 1):
        has_text = len(plain(text)) > 60  # more than a chapter's name and a number
        is_drawn = len(page.get_contents().get_data()) > 5000
        assert number == 1 or has_text or is_drawn, f"page {number}"


def test_links_inside_the_book_lead_inside_the_pdf(pdf):
    targets, places = [], set(pdf.named_destinations)
    for page in pdf.pages:
        links = [link.get_object() for link in page.get("/Annots", [])]
        assert all(link["/Dest"] in places for link in links if "/Dest" in link)
        targets += [link["/A"]["/URI"] for link in links if "/A" in link]
    assert not [target for target in targets if not target.startswith(("https://", "http://"))]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    (archive,) = DOWNLOADS.glob("*.zip")
    folder = tmp_path_factory.mktemp("offline")
    zipfile.ZipFile(archive).extractall(folder)
    (inner,) = folder.iterdir()
    assert inner.name == archive.stem
    return inner


@pytest.fixture
def open_file(unpacked, browser):
    """Open a page of the unpacked site; collect its errors and what it cannot load."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("requestfailed", lambda request: _note_unless_preloaded(page, request))

    def open_it(name):
        page.goto((unpacked / name).as_uri(), wait_until="load")
        return page

    yield open_it
    page.close()


def _note_unless_preloaded(page, request):
    # The theme preloads the fonts of its icons, which a browser refuses for a file. It loads them
    # again, and may, when a style asks for them.
    if "/vendor/fontawesome/" not in request.url:
        page.faults.append(request.url)


@pytest.mark.parametrize("name", ["index.html", "search.html", *PAGES])
def test_a_page_opens_from_the_file_system(open_file, name):
    page = open_file(name)
    page.locator("article h1, .bd-search-container h1").first.wait_for()
    images = page.locator("article img").all()
    assert all(
        image.evaluate(
            "image => { image.loading = 'eager'; return image.decode().then(() => true) }"
        )
        for image in images
    )
    assert page.faults == []


def test_demos_move_without_a_network(open_file):
    page = open_file(EXPLORERS[0])
    root = next(explorers(page))
    slider = root.locator("input").first
    before = slider.input_value()
    drawn = root.evaluate("root => root.explorer.drawn")
    slider.press("ArrowLeft" if before != "0" else "ArrowRight")
    page.wait_for_function(
        "([root, drawn]) => root.explorer.drawn > drawn", arg=[root.element_handle(), drawn]
    )
    assert slider.input_value() != before
    assert page.faults == []


def test_the_unpacked_site_offers_nothing_that_it_has_not(unpacked):
    assert not (unpacked / "downloads").exists()
    assert "downloads/" not in (unpacked / "book/welcome.html").read_text()

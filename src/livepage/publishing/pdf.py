"""The whole book as one PDF: its pages put together in one, which a browser prints."""

import json
import os
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit

from livepage.browser import OPTIONS, find_browser

DESCRIPTION = "book.json"  # among what Sphinx keeps between builds
ARTICLE = "article.bd-article"
WHOLE = "whole-book.html"  # in the site, while it is printed
IDENTITIES = ("id", "for", "aria-labelledby", "aria-describedby", "aria-controls", "name")


class PrintingError(RuntimeError):
    """The book cannot be printed; the message says what to do."""


def print_book(site, description, target):
    """Print a built site as one PDF.

    It has a title page, contents with page numbers, bookmarks and tags for screen readers. Links
    between pages of the book lead to places in the PDF.

    Parameters
    ----------
    site : pathlib.Path
        The folder of the site.
    description : dict
        What `livepage.pages.paper` notes of a book: ``title``, ``author``, ``copyright``,
        ``language``, ``address``, and ``chapters``, each with ``page``, ``title`` and ``part``.
    target : pathlib.Path
        The PDF to write.

    Returns
    -------
    int
        The number of its pages.

    Raises
    ------
    PrintingError
        If there is no browser.
    """
    from playwright.sync_api import sync_playwright

    executable = find_browser()
    if not executable:
        raise PrintingError(
            "The book cannot be printed: no Chromium or Chrome is here. `make site` gets one; "
            "else install one, or build without --pdf."
        )
    whole = site / WHOLE
    book = Whole(site, description)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=executable, args=OPTIONS)
            whole.write_text(book.html({}), encoding="utf-8")
            _print(browser, whole, target)
            numbers, _ = _page_numbers(target)
            whole.write_text(book.html(numbers), encoding="utf-8")
            _print(browser, whole, target)
            browser.close()
    finally:
        whole.unlink(missing_ok=True)
    _pack(target, description["author"])
    after, count = _page_numbers(target)
    if after != numbers:
        raise PrintingError("The contents of the PDF do not have the right page numbers.")
    return count


def _print(browser, page, target):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(page.as_uri(), wait_until="load")
    tab.pdf(
        path=target, prefer_css_page_size=True, print_background=True, outline=True, tagged=True
    )
    context.close()


def _pack(pdf, author):
    """Compress the many small objects of a PDF together, such as its tags; say whose it is."""
    import pikepdf

    with pikepdf.open(pdf, allow_overwriting_input=True) as document:
        document.docinfo["/Author"] = author
        document.save(pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def _page_numbers(pdf):
    """Return the page of each place in a PDF that a link leads to, from 1, and their number."""
    from pypdf import PdfReader

    reader = PdfReader(pdf)
    places = reader.named_destinations
    numbers = {
        name.removeprefix("/"): reader.get_destination_page_number(place) + 1
        for name, place in places.items()
    }
    return numbers, len(reader.pages)


class Whole:
    """The pages of a book in one.

    Parameters
    ----------
    site, description
        As for `print_book`.
    """

    def __init__(self, site, description):
        self.site = site.resolve()
        self.description = description
        self.pages = {part["page"]: _name(part["page"]) for part in description["chapters"]}
        self.styles = {}
        self.chapters = [self._chapter(chapter) for chapter in description["chapters"]]

    def html(self, numbers):
        """Return the page; ``numbers`` has the page of the PDF on which each chapter begins."""
        told = self.description
        styles = "\n".join(f'<link rel="stylesheet" href="{href}">' for href in self.styles)
        heads = "\n".join(map(_running_head, told["chapters"]))
        return f"""\
<!DOCTYPE html>
<html lang="{escape(told["language"])}" data-theme="light" class="whole-book">
<head>
<meta charset="utf-8">
<title>{escape(told["title"])}</title>
<meta name="author" content="{escape(told["author"])}">
{styles}
<style>
{heads}
</style>
</head>
<body>
<main class="bd-main"><div class="bd-content"><div class="bd-article-container">
{_title_page(told)}
{self._contents(numbers)}
{"".join(self.chapters)}
</div></div></main>
</body>
</html>
"""

    def _contents(self, numbers):
        lines, part = [], None
        for chapter in self.description["chapters"]:
            if chapter["part"] != part:
                part = chapter["part"]
                lines.append(f'<li class="part">{escape(part)}</li>')
            name = self.pages[chapter["page"]]
            lines.append(
                f'<li><a href="#{name}"><span>{escape(chapter["title"])}</span> '
                f'<span class="number">{numbers.get(name, 100)}</span></a></li>'
            )
        items = "\n".join(lines)
        return f'<nav class="whole-contents"><h1>Contents</h1><ul>\n{items}\n</ul></nav>'

    def _chapter(self, chapter):
        """Return the text of a page, with names and links that are good among all pages."""
        from bs4 import BeautifulSoup

        file = self.site / f"{chapter['page']}.html"
        text = file.read_text(encoding="utf-8")
        page = BeautifulSoup(text, "html.parser", multi_valued_attributes=None)
        for link in page.select('link[rel="stylesheet"]'):
            self.styles.setdefault(self._file(file, link["href"]))
        article = page.select_one(ARTICLE)
        for part in article.select("script, .headerlink"):
            part.decompose()
        name = self.pages[chapter["page"]]
        for element in article.find_all(True):
            self._rewrite(element, file, name)
        for box in article.select("details:not(.hide)"):
            box["open"] = ""
        return f'<div class="whole-chapter" id="{name}" style="page: {name}">{article}</div>\n'

    def _rewrite(self, element, file, name):
        for key in IDENTITIES:
            if key in element.attrs:
                element[key] = " ".join(f"{name}--{part}" for part in element[key].split())
        if "src" in element.attrs:
            element["src"] = self._file(file, element["src"])
        if element.name == "img":
            element["loading"] = "eager"
        if element.name == "a" and "href" in element.attrs:
            self._relink(element, file)

    def _relink(self, link, file):
        parts = urlsplit(link["href"])
        if parts.scheme:
            return
        place = self._file(file, parts.path).removesuffix(".html") if parts.path else ""
        page = place or file.relative_to(self.site).with_suffix("").as_posix()
        if page in self.pages:
            name = self.pages[page]
            link["href"] = f"#{name}--{parts.fragment}" if parts.fragment else f"#{name}"
        elif self.description["address"]:
            link["href"] = self.description["address"] + self._file(file, link["href"])
        else:
            del link["href"]

    def _file(self, page, target):
        """Return where a page's relative address leads, from the folder of the site."""
        parts = urlsplit(target)
        if parts.scheme or not parts.path:
            return target
        path = Path(os.path.normpath(page.parent / unquote(parts.path)))
        return path.relative_to(self.site).as_posix()


def _name(page):
    return page.replace("/", "-")


def _running_head(chapter):
    title = json.dumps(chapter["title"], ensure_ascii=False)
    return f"@page {_name(chapter['page'])} {{ @top-left {{ content: {title}; }} }}"


def _title_page(told):
    address = told["address"]
    web = f'<p><a href="{address}">{address}</a></p>' if address else ""
    return (
        f'<header class="whole-title"><h1>{escape(told["title"])}</h1>'
        f"<p>{escape(told['author'])}</p>{web}<p>© {escape(told['copyright'])}</p></header>"
    )

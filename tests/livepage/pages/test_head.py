"""What a page says of itself to search engines."""

import re

from docutils.core import publish_doctree

from livepage.pages.head import LONGEST, description


def page_of(text):
    source = f"Title\n=====\n\n{text}\n"
    return publish_doctree(source, settings_overrides={"doctitle_xform": False})


def test_a_description_is_the_first_paragraph():
    text = ".. image:: x.png\n   :alt: no words\n\nA *short*\none.\n\nAnother."
    assert description(page_of(text)) == "A short one."


def test_a_long_description_ends_with_a_sentence_or_a_word():
    whole = "This sentence is of some length, and it is whole. "
    words = description(page_of(whole * 9))
    assert words == (whole * (LONGEST // len(whole))).strip()
    endless = description(page_of("word, " * 90))
    assert endless.endswith("word …")
    assert len(endless) <= LONGEST


def test_a_page_without_a_paragraph_has_no_description():
    assert description(page_of("- only\n- a list")) == ""


def test_a_published_page_names_its_address_and_is_listed(small_book):
    small_book.variables["GITHUB_REPOSITORY"] = "owner/book"
    status, output = small_book.build()
    assert status == 0, output
    address = "https://owner.github.io/book/book/first.html"
    assert f'<link rel="canonical" href="{address}"' in small_book.page("first")
    assert f"<loc>{address}</loc>" in (small_book.site / "sitemap.xml").read_text()


def test_a_page_on_a_desk_names_no_address(built_book):
    assert "canonical" not in built_book.page("first")
    assert not (built_book.site / "sitemap.xml").exists()


def test_a_page_has_one_description_and_one_viewport(small_book):
    told = "---\nmyst:\n  html_meta:\n    description: Told by the author.\n---\n"
    small_book.write("book/index.md", f"{told}\n# A book\n\nNot this.\n")
    status, output = small_book.build()
    assert status == 0, output
    assert _descriptions(small_book.page("index")) == ["Told by the author."]
    assert _descriptions(small_book.page("first")) == ["A sentence."]
    assert small_book.page("first").count('name="viewport"') == 1


def _descriptions(page):
    tags = re.findall(r'<meta\b[^>]*name="description"[^>]*>', page)
    return [re.search('content="([^"]*)"', tag)[1] for tag in tags]


def test_the_sites_address_leads_to_its_first_page(built_book):
    index = (built_book.site / "index.html").read_text()
    assert 'content="0; url=book/index.html"' in index
    assert "<title>" in index

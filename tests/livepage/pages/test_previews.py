"""What a link to a page shows elsewhere, and the icons of the site."""

import html
import io
import re
from types import SimpleNamespace

import pytest
from PIL import Image

from livepage.pages import previews

TAG = re.compile(r'<meta (?:property|name)="((?:og|twitter):[\w:]+|description)" content="([^"]*)"')


def tags(book, page):
    found = TAG.findall(book.page(page))
    assert len(dict(found)) == len(found), "a tag stands twice"
    return {name: html.unescape(value) for name, value in found}


def test_a_preview_is_whole_where_the_address_is_known(small_book):
    small_book.variables["GITHUB_REPOSITORY"] = "fork/book"
    small_book.replace("book/second.md", "# Second\n", '# "Less" < more\n\nWhat it is & does.\n')
    status, output = small_book.build()
    assert status == 0, output
    found = tags(small_book, "second")
    assert found["og:title"] == "“Less” < more"
    assert found["og:description"] == found["description"] == "What it is & does."
    assert found["og:url"] == "https://fork.github.io/book/book/second.html"
    assert found["og:image"] == "https://fork.github.io/book/_static/card.png"
    assert found["twitter:card"] == "summary_large_image"
    assert found["og:image:alt"]
    size = int(found["og:image:width"]), int(found["og:image:height"])
    assert Image.open(small_book.site / "_static" / "card.png").size == size == (1200, 630)


def test_without_an_address_a_preview_has_words_and_no_picture(built_book):
    found = tags(built_book, "first")
    assert found["og:title"] == "First"
    assert found["og:description"] == "A sentence."
    assert found["twitter:card"] == "summary"
    assert not {"og:url", "og:image"} & set(found)


def test_there_are_icons_for_those_who_cannot_show_svg(built_book):
    page = built_book.page("first")
    assert '<link rel="icon" href="../_static/logo.svg"/>' in page
    for kind, size in {"icon": 32, "apple-touch-icon": 180}.items():
        assert f'rel="{kind}" type="image/png" sizes="{size}x{size}"' in page
        picture = Image.open(built_book.site / "_static" / f"{kind}.png")
        assert picture.size == (size, size)
        assert len(picture.convert("RGB").getcolors(99999)) > 10  # not empty


SVG = 'xmlns="http://www.w3.org/2000/svg" width="9" viewBox="0 0 8 4"'
SQUARE = f'<svg {SVG}><rect width="8" height="4" fill="{{}}"/></svg>'


def test_a_picture_is_drawn_once_and_again_when_it_is_another(tmp_path, monkeypatch):
    draw, drawn = previews._draw, []
    monkeypatch.setattr(previews, "_draw", lambda *what: drawn.append(what) or draw(*what))
    colors = {}
    for color, width in [("red", 16), ("red", 16), ("blue", 16), ("blue", 32), ("red", 16)]:
        png = previews._drawn(SQUARE.format(color), width, tmp_path / "kept")
        picture = Image.open(io.BytesIO(png)).convert("RGB")
        assert picture.size == (width, width // 2)
        colors[color] = picture.getpixel((4, 4))
    assert colors == {"red": (255, 0, 0), "blue": (0, 0, 255)}
    assert [width for _, width in drawn] == [16, 16, 32]


def test_the_bars_of_a_phone_have_the_colour_of_the_page(built_book):
    page = built_book.page("first")
    for theme, color in {"light": "#ffffff", "dark": "#14171c"}.items():
        media = f'media="(prefers-color-scheme: {theme})" content="{color}"'
        assert f'<meta name="theme-color" {media}>' in page


@pytest.mark.parametrize(
    ("card", "words", "message"),
    [("card.svg", "", "needs livepage_card_words"), ("none.svg", "x", "none.svg, which is not")],
)
def test_a_card_that_is_not_whole_is_told(tmp_path, card, words, message):
    (tmp_path / "card.svg").touch()
    config = SimpleNamespace(livepage_card=card, livepage_card_words=words)
    with pytest.raises(previews.ExtensionError, match=message):
        previews.check_pictures(SimpleNamespace(config=config, srcdir=tmp_path))

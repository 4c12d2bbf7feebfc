"""Fonts come with the site, and what is wrong with their settings is told."""

import re
from types import SimpleNamespace

import pytest
import yaml
from tests.livepage.conftest import ROOT

from livepage import fonts

LOADED = re.compile(r'<link rel="preload" as="font" type="font/woff2" href="([^"]*)" crossorigin')
SETTINGS = yaml.safe_load((ROOT / "_config.yml").read_text())["sphinx"]["config"]


def an_app(**settings):
    config = {"livepage_fonts": [], "livepage_first_fonts": []} | settings
    return SimpleNamespace(config=SimpleNamespace(**config))


def test_fonts_lie_where_pages_and_style_sheets_look(built_book):
    folder = built_book.site / "_static" / "fonts"
    first = LOADED.findall(built_book.page("first"))
    assert first == [f"../_static/fonts/{name}" for name in SETTINGS["livepage_first_fonts"]]
    style = (built_book.site / "_static" / "book.css").read_text()
    named = set(re.findall(r'url\("fonts/([^"]*)"\)', style))
    assert named == {path.rpartition("/")[2] for path in SETTINGS["livepage_fonts"]}
    for name in named:
        assert (folder / name).read_bytes()[:4] == b"wOF2"


def test_every_font_comes_with_its_licence(built_book):
    texts = [
        path.read_text() for path in (built_book.site / "_static" / "fonts").glob("*LICENSE*.txt")
    ]
    assert len(texts) == 2
    assert all("SIL OPEN FONT LICENSE" in text.upper() for text in texts)


def test_a_font_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "MODULES", tmp_path)
    with pytest.raises(fonts.ExtensionError, match=r"livepage_fonts names a/b\.woff2.*make book"):
        fonts.check_fonts(an_app(livepage_fonts=["a/b.woff2"]))


def test_a_first_font_is_one_of_the_fonts(monkeypatch, tmp_path):
    (tmp_path / "b.woff2").touch()
    monkeypatch.setattr(fonts, "MODULES", tmp_path)
    fonts.check_fonts(an_app(livepage_fonts=["b.woff2"], livepage_first_fonts=["b.woff2"]))
    with pytest.raises(fonts.ExtensionError, match=r"c\.woff2, which is none of .*: b\.woff2"):
        fonts.check_fonts(an_app(livepage_fonts=["b.woff2"], livepage_first_fonts=["c.woff2"]))


def test_a_book_without_fonts_of_its_own_is_built():
    fonts.check_fonts(an_app())

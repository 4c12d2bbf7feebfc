"""Fonts come with the site, and what is wrong with their settings is told."""

import re

import pytest
import yaml
from tests.livepage.conftest import ROOT

from livepage.pages import fonts

FACE = re.compile(
    r'font-family:"?([^";]*)"?;font-style:(\w+);font-weight:(\d+);[^}]*?src:url\("([^"]*)"\)'
)
SETTINGS = yaml.safe_load((ROOT / "_config.yml").read_text())["sphinx"]["config"]


def styles(book):
    """Return the common style sheet."""
    name = re.search(r"_static/(page\.\w+\.css)", book.page("first"))[1]
    return (book.site / "_static" / name).read_text()


def test_the_faces_of_the_book_are_whole(built_book):
    faces = FACE.findall(styles(built_book))
    files = SETTINGS["livepage_fonts"]
    wanted = [family for family in files for _ in files[family]]
    assert sorted(face[0] for face in faces) == sorted(wanted)
    assert ("Source Serif", "italic", "400") in {face[:3] for face in faces}
    for *_, source in faces:
        assert (built_book.site / "_static" / source).read_bytes()[:4] == b"wOF2"


def test_pages_ask_for_fonts_that_they_begin_with(built_book):
    page = built_book.page("first")
    early = re.compile(r'<link rel="preload" as="font" type="font/woff2" href="([^"]*)" cross')
    asked = [name.split("/")[-1] for name in early.findall(page)]
    wanted = [name.removesuffix(".woff2") for name in SETTINGS["livepage_first_fonts"]]
    assert len(asked) == len(wanted) > 0
    assert all(map(str.startswith, asked, wanted))
    sheet = styles(built_book)
    assert all(family in sheet for family in SETTINGS["livepage_fonts"])


def test_every_font_comes_with_its_licence(built_book):
    folder = built_book.site / "_static" / "fonts"
    texts = [path.read_text() for path in folder.glob("*LICENSE*.txt")]
    assert len(texts) == 2
    assert all("SIL OPEN FONT LICENSE" in text.upper() for text in texts)


@pytest.fixture
def package(monkeypatch, tmp_path):
    """A folder with the packages of npm, among them one font."""
    monkeypatch.setattr(fonts, "MODULES", tmp_path)
    files = tmp_path / "@fontsource" / "face" / "files"
    files.mkdir(parents=True)
    (files / "face-latin-400-normal.woff2").write_bytes(b"wOF2 and so on")
    (files / "face.woff2").touch()
    (tmp_path / "fonts").mkdir()
    return "@fontsource/face/files"


def test_a_font_that_is_not_first_is_a_file_of_the_site(package, tmp_path):
    fonts.write_fonts({"Face": [f"{package}/face-latin-400-normal.woff2"]}, [], tmp_path)
    assert 'url("fonts/face-latin-400-normal.woff2")' in (tmp_path / "fonts.css").read_text()
    assert (tmp_path / "fonts" / "face-latin-400-normal.woff2").is_file()


@pytest.mark.parametrize(
    ("file", "first", "message"),
    [
        ("none-400-normal.woff2", [], r"none-400-normal\.woff2, and .* no such file\. `make book`"),
        ("face.woff2", [], r"face\.woff2; the name .* weight and its style"),
        ("face-latin-400-normal.woff2", ["x.woff2"], r"x\.woff2, which is none of .*: face-latin"),
    ],
)
def test_what_is_wrong_with_a_font_is_told(package, tmp_path, file, first, message):
    with pytest.raises(fonts.ExtensionError, match=message):
        fonts.write_fonts({"Face": [f"{package}/{file}"]}, first, tmp_path)

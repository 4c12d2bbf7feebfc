"""Pictures have a size before they come."""

import base64

import pytest
from PIL import Image

from livepage.pages.pictures import FIRST_SCREEN, complete

DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="30pt" height="20pt" viewBox="0 0 30 20"/>'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a b.svg").write_text(DRAWING)
    Image.new("RGB", (12, 8)).save(tmp_path / "c.png")
    return tmp_path


def article(before, picture):
    return f"<article>{before}{picture}</article>"


def test_the_size_is_that_of_the_file(folder):
    assert 'width="40" height="27"' in complete('<img src="a%20b.svg" alt="A">', folder)
    assert 'width="12" height="8"' in complete('<img alt="C" src="c.png?v=1" />', folder)


def test_the_size_of_a_picture_in_the_page_is_found(folder):
    data = base64.b64encode(DRAWING.encode()).decode()
    done = complete(f'<img src="data:image/svg+xml;base64,{data}" alt="">', folder)
    assert 'width="40" height="27"' in done


def test_a_size_that_is_given_stays(folder):
    done = complete('<img src="c.png" width="6" alt="">', folder)
    assert done == '<img src="c.png" width="6" alt="" decoding="async">'


@pytest.mark.parametrize(
    "source", ["gone.png", "https://example.org/c.png", "data:image/png;base64,"]
)
def test_a_picture_that_is_not_here_gets_no_size(folder, source):
    assert "width" not in complete(f'<img src="{source}" alt="">', folder)


def test_only_pictures_below_the_first_screen_come_late(folder):
    picture = '<img src="c.png" alt="">'
    assert "lazy" not in complete(article("Short.", picture), folder)
    assert "lazy" not in complete(article(f'<p title="{"x" * 2000}">', picture), folder)
    assert 'loading="lazy"' in complete(article("x" * (FIRST_SCREEN + 1), picture), folder)
    assert "lazy" not in complete("x" * 2000 + picture, folder)  # the logo


def test_what_an_author_says_stays(folder):
    told = '<img src="c.png" alt="" loading="eager" decoding="sync">'
    done = complete(article("x" * 2000, told), folder)
    assert done.count("loading=") == 1
    assert 'loading="eager"' in done
    assert 'decoding="sync"' in done

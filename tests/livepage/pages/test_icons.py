"""Of thousands of icons, a page has the few that it names."""

import re

import pytest

from livepage.pages.icons import UnknownIconError, draw, draw_in_styles, outlines


def test_an_icon_is_drawn_in_the_page_and_silent():
    drawn = draw('<b><i class="fa-solid fa-rocket fa-lg" data-mode="light"></i></b>')
    assert drawn.startswith('<b><svg class="svg-inline--fa fa-solid fa-rocket fa-lg"')
    assert 'data-mode="light"' in drawn
    assert 'aria-hidden="true"' in drawn
    assert outlines()["fas", "rocket"]["path"] in drawn
    assert "<i" not in drawn


@pytest.mark.parametrize(
    ("classes", "style", "name"),
    [
        ("fas fa-download", "fas", "download"),
        ("fab fa-github", "fab", "github"),
        ("fa-regular fa-circle", "far", "circle"),
        ("fa fa-pencil-alt", "fas", "pencil"),  # a name of old
        ("theme-switch fa-solid fa-sun", "fas", "sun"),
    ],
)
def test_each_style_and_each_old_name_is_known(classes, style, name):
    assert outlines()[style, name]["path"] in draw(f'<span class="{classes}"></span>')


def test_what_is_no_icon_stays():
    html = '<i>x</i><span class="pre"></span><i class="fancy fab"></i>'
    assert draw(html) == html


def test_an_icon_that_there_is_not_is_named():
    with pytest.raises(UnknownIconError, match="fa-rokcet"):
        draw('<i class="fas fa-rokcet"></i>')


def test_letters_of_the_icons_font_become_masks_with_the_colour_of_the_text():
    css = draw_in_styles(
        'html{--pst-icon-bell:"\uf0f3";--pst-icon-b:var(--pst-icon-bell)}'
        "p:after{content:var(--pst-icon-b);font:var(--fa-font-solid);width:1rem}"
        r'i:after{content:"\f107";font-family:Font Awesome\ 5 Free;font-weight:900}'
    )
    assert re.search(r'--pst-icon-bell:url\("data:image/svg\+xml,[^"]+%3C/svg%3E"\)', css)
    assert 'content:"";mask-image:var(--pst-icon-b)' in css
    assert css.count("background:currentColor") == 2
    assert "--fa-font" not in css
    assert "Font Awesome" not in css
    assert css.index("background:currentColor") < css.index("width:1rem")  # the theme's own size

"""What pages load: few small files of the site itself, which hold all that pages need."""

import os
import re
import subprocess
import sys

import pandas
import pytest
from tests.livepage.conftest import cell

from livepage.pages import assets

TEXT = """
:::{note}
A note.
:::

::::{tab-set}
:::{tab-item} A
Tab.
:::
::::

$x^2$
"""


@pytest.fixture(scope="module")
def book(built_book):
    built_book.append("second", TEXT)
    built_book.append("second", cell("1 + 1"))
    status, output = built_book.build()
    assert status == 0, output
    return built_book


def loaded(book, page):
    """Return the tags of what a page loads, and the text of the files by kind."""
    tags = re.findall(r'<(?:script|link rel="stylesheet")[^>]*>', book.page(page))
    names = [re.search(r'(?:src|href)="\.\./_static/([^"]+)"', tag)[1] for tag in tags]
    return dict(zip(names, tags, strict=True))


def text_of(book, names, suffix):
    return "".join(
        (book.site / "_static" / name).read_text() for name in names if name.endswith(suffix)
    )


def test_all_pages_share_one_style_sheet_and_one_script(book):
    shared = set(loaded(book, "first")) & set(loaded(book, "second")) & set(loaded(book, "index"))
    names = sorted(name.split(".")[0] for name in shared)
    assert names == ["design-tabs", "first", "page", "page", "print"]


@pytest.mark.parametrize("page", ["search", "book/first"])
def test_a_font_that_is_asked_for_early_is_the_one_that_is_used(book, page):
    text = (book.site / f"{page}.html").read_text()
    early = re.findall(r'rel="preload" as="font"[^>]*href="(?:\.\./)?_static/([^"]+)"', text)
    assert len(early) == 2
    styles = text_of(book, loaded(book, "first"), ".css")
    assert all(f"{name}" in styles for name in early)
    assert all((book.site / "_static" / name).is_file() for name in early)
    assert not list((book.site / "_static" / "fonts").glob("*.woff2"))


def test_what_only_some_pages_need_loads_there_only(book):
    assert any(name.startswith("katex.") for name in loaded(book, "second"))
    assert not any(name.startswith("katex.") for name in loaded(book, "first"))


def test_no_script_but_the_first_delays_the_page(book):
    for name, tag in loaded(book, "second").items():
        if name.endswith(".js"):
            assert (" defer" in tag) != name.startswith("first."), tag


def test_a_page_of_tabs_has_their_script_with_what_its_tag_says(book):
    (tag,) = (tag for name, tag in loaded(book, "second").items() if "design-tabs" in name)
    assert 'data-sd-tabs-storage-prefix="sphinx-design-tab-id-"' in tag


def test_rules_that_a_page_uses_are_kept_and_others_are_not(book):
    css = text_of(book, loaded(book, "second"), ".css")
    for used in (".sd-tab-set", ".admonition-title", ".bd-sidebar-primary", "pre", ".katex"):
        assert used in css
    for unused in (".carousel", ".accordion", ".sd-octicon", ".ablog"):
        assert unused not in css
    for state in (
        ".scripts",
        ".copybtn",
        "[data-theme=dark]",
        ".show",
        ".scrolled",
        ":focus-visible",
    ):
        assert state in css, state


def test_variables_that_pages_and_scripts_use_are_defined(book):
    css = text_of(book, loaded(book, "second"), ".css")
    used = set(re.findall(r"var\((--(?:pst|sbt|mystnb)-[\w-]+)\)", css))
    assert {name for name in used if f"{name}:" not in css} <= _undefined_by_the_theme()


def _undefined_by_the_theme():
    return {"--pst-color-text", "--pst-heading-color", "--sbt-font-size-small-1"}


def test_every_file_that_is_named_is_there(book):
    for page in ("first", "second", "index"):
        names = loaded(book, page)
        assert all((book.site / "_static" / name).is_file() for name in names)
        for place in re.findall(
            r"url\((?!\"?data:)\"?([^)\"]+)\"?\)", text_of(book, names, ".css")
        ):
            assert (book.site / "_static" / place).is_file(), place


def test_the_site_does_not_carry_what_was_joined(book):
    names = {path.name for path in (book.site / "_static").rglob("*")}
    assert not names & {"bootstrap.css", "all.min.js", "fa-solid-900.woff2", "basic.css", "page.js"}
    assert not [name for name in names if name.endswith(".map")]


def test_a_name_tells_the_content(small_book):
    assert small_book.build()[0] == 0
    before = set(loaded(small_book, "first"))
    small_book.append("second", "More.")
    assert small_book.build()[0] == 0
    assert set(loaded(small_book, "first")) == before
    small_book.write("book/_static/book.css", "article { color: teal }")
    assert small_book.build()[0] == 0
    changed = set(loaded(small_book, "first")) - before
    assert [name.split(".")[0] for name in changed] == ["page"]


def test_a_page_loads_the_same_when_only_another_is_written_again(book, tmp_path):
    """Without `livepage.build`, Sphinx keeps the pages that it wrote before."""
    first = book.page("first")
    book.append("second", "Changed.")
    start = "import sys; from livepage.jupyter_book import main; main(*sys.argv[1:])"
    command = [sys.executable, "-c", start, str(book.folder), str(tmp_path), "html"]
    paths = os.pathsep.join([str(book.folder / "src"), os.environ.get("PYTHONPATH", "")])
    for _ in range(2):
        environment = os.environ | {"PYTHONPATH": paths}
        subprocess.run(command, check=True, capture_output=True, env=environment)
        book.append("second", "Once more.")
    again = (tmp_path / "_build" / "html" / "book" / "first.html").read_text()
    assert re.findall(r"_static/[^\"]+", again) == re.findall(r"_static/[^\"]+", first)


def test_an_icon_that_there_is_not_fails_the_build_and_is_named(small_book):
    small_book.append("first", '```{raw} html\n<i class="fas fa-rokcet"></i>\n```')
    status, output = small_book.build()
    assert status != 0
    assert "fa-rokcet" in output[output.index("The book was not built") :]


def test_without_the_tools_the_build_says_how_to_get_them(monkeypatch, tmp_path):
    monkeypatch.setattr(assets.node, "MODULES", tmp_path)
    with pytest.raises(assets.ExtensionError, match="make book"):
        assets.find_tools(None)


def test_scripts_run_in_the_order_that_they_had(tmp_path):
    """What stood in the page ran before what was deferred, wherever it stood."""
    static = tmp_path / "_static"
    static.mkdir()
    (static / "later.js").write_text("later()")
    (static / "sooner.js").write_text("sooner()")
    tags = '<script defer src="_static/later.js"></script><script>inline()</script>'
    page = f'<html data-content_root=""><title>A</title>{tags}<p></p>'
    (tmp_path / "a.html").write_text(page + '<script src="_static/sooner.js?v=1"></script>')
    (tmp_path / "b.html").write_text('<html data-content_root=""><title>B</title>')
    assets.finish(tmp_path)
    names = re.findall(r'_static/(\w+)[^"]*\.js', (tmp_path / "a.html").read_text())
    assert names == ["page", "inline", "sooner", "later"]


def test_rules_in_a_page_move_into_a_file_of_the_site(tmp_path):
    """Where the page's policy lets them be; pandas' have a scope that no browser knows."""
    (tmp_path / "_static").mkdir()
    rules = "<style scoped>p { color: red }</style><style> </style><style>.own { top: 1px }</style>"
    (tmp_path / "a.html").write_text(
        f'<html data-content_root=""><title>A</title><p class="own">{rules}</p>'
    )
    (tmp_path / "b.html").write_text('<html data-content_root=""><title>B</title>')
    assets.finish(tmp_path)
    text = (tmp_path / "a.html").read_text()
    assert "<style" not in text
    (name,) = re.findall(r'rel="stylesheet" href="_static/(inline[^"]+)"', text)
    assert ".own{top:1px}" in (tmp_path / "_static" / name).read_text().replace(" ", "")


def test_tables_of_pandas_say_nothing_that_is_obsolete(tmp_path):
    (tmp_path / "_static").mkdir()
    table = pandas.DataFrame({"loss": [1.0]}).to_html()
    assert "border=" in table
    (tmp_path / "a.html").write_text(f'<html data-content_root=""><title>A</title>{table}')
    assets.finish(tmp_path)
    assert '<table class="dataframe">' in (tmp_path / "a.html").read_text()


@pytest.mark.parametrize(
    "rule",
    [
        ".tick:not(.live),.reader-progress:not(.live){visibility:hidden}",
        '.bd-content .cell_output img[src$=".svg"]',
    ],
)
def test_rules_that_say_what_is_not_there_are_kept(book, rule):
    style = text_of(book, loaded(book, "first"), ".css")
    assert rule in re.sub(r",\s+", ",", style)

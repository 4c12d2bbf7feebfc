"""Launch buttons lead to the notebook of their page, in the repository that the book lives in."""

import html
import re
import subprocess

import pytest

from livepage.pages.launch import binder_url, colab_url

COLAB = "https://colab.research.google.com/github"
BINDER = "https://mybinder.org/v2"
LINK = re.compile(r'<a href="([^"]*)"[^>]*\bdropdown-item\b')


def launches(book, page):
    """Return where the launch buttons of a page lead."""
    text = book.page(page)
    start = text.find("dropdown-launch-buttons")
    menu = text[start : text.index("</ul>", start)] if start >= 0 else ""
    return [html.unescape(target) for target in LINK.findall(menu)]


def expected(repository, name):
    return [
        f"{COLAB}/{repository}/blob/notebooks/student/{name}.ipynb",
        f"{BINDER}/gh/{repository}/notebooks?urlpath=lab/tree/student/{name}.ipynb",
        f"../notebooks/{name}.ipynb",
    ]


@pytest.fixture
def book(small_book):
    """A book whose pages with code, first and second, have a notebook."""
    for name in ("first", "second"):
        small_book.write(f"_build/notebooks/student/{name}.ipynb", f'{{"name": "{name}"}}')
    return small_book


def built(book):
    status, output = book.build()
    assert status == 0, output
    return book


def test_in_a_forks_workflow_all_buttons_lead_to_the_fork(book):
    book.replace("_config.yml", "url: ''", "url: https://github.com/owner/book")
    assert launches(built(book), "first") == expected("owner/book", "first")
    book.variables["GITHUB_REPOSITORY"] = "someone/fork"
    assert launches(built(book), "first") == expected("someone/fork", "first")
    assert launches(book, "second") == expected("someone/fork", "second")
    assert "github.com/someone/fork/issues" in book.page("index")
    assert all("owner/book" not in book.page(page) for page in ("first", "second", "index"))


def test_on_a_desk_the_remote_of_git_tells(book):
    git = ["git", "-C", str(book.folder)]
    subprocess.run([*git, "init", "-q"], check=True)
    remote = "git@github.com:teacher/course.git"
    subprocess.run([*git, "remote", "add", "origin", remote], check=True)
    assert launches(built(book), "first") == expected("teacher/course", "first")


def test_without_a_repository_there_is_only_the_download(book):
    assert launches(built(book), "first") == ["../notebooks/first.ipynb"]
    assert "colab" not in book.page("first").lower()
    assert "binder" not in book.page("first").lower()
    assert (book.site / "notebooks" / "first.ipynb").read_text() == '{"name": "first"}'


def test_a_page_without_a_notebook_has_no_launch_button(book):
    (book.folder / "_build" / "notebooks" / "student" / "second.ipynb").unlink()
    built(book)
    assert "launch-buttons" in book.page("first")
    assert "launch-buttons" not in book.page("second")
    assert "launch-buttons" not in book.page("index")
    assert {path.name for path in (book.site / "notebooks").iterdir()} == {"first.ipynb"}


@pytest.mark.parametrize(
    ("repository", "colab", "binder"),
    [
        ("", "", ""),
        (
            "https://github.com/owner/book",
            f"{COLAB}/owner/book/blob/notebooks/student/a%20b.ipynb",
            f"{BINDER}/gh/owner/book/notebooks?urlpath=lab/tree/student/a%20b.ipynb",
        ),
        (
            "https://git.example.org/group/book",
            "",
            f"{BINDER}/git/https%3A%2F%2Fgit.example.org%2Fgroup%2Fbook/notebooks"
            "?urlpath=lab/tree/student/a%20b.ipynb",
        ),
    ],
)
def test_each_service_gets_what_it_can_read(repository, colab, binder):
    assert colab_url(repository, "a b") == colab
    assert binder_url(repository, "a b") == binder


def test_the_site_offers_the_notebooks_that_were_written_with_it(small_book):
    """Those of the last build may be of pages that have changed or are gone."""
    small_book.write("_build/notebooks/student/first.ipynb", "of yesterday")
    small_book.write("_build/notebooks/student/gone.ipynb", "of yesterday")
    status, output = small_book.build("--all")
    assert status == 0, output
    written = small_book.folder / "_build" / "notebooks" / "student"
    assert {path.name for path in written.iterdir()} == {"first.ipynb", "second.ipynb"}
    for path in written.iterdir():
        assert (small_book.site / "notebooks" / path.name).read_bytes() == path.read_bytes()
        assert launches(small_book, path.stem) == [f"../notebooks/{path.name}"]


def links_of(book, page):
    text = book.page(page)
    found = re.search(r'<ul class="launch">(.*?)</ul>', text)
    return [html.unescape(url) for url in re.findall(r'href="([^"]*)"', found[1])] if found else []


def test_a_page_can_offer_its_notebook_in_its_text(book):
    book.append("index", "```{launch}\n```\n")
    book.append("first", "```{launch}\n```\n")
    assert links_of(built(book), "first") == ["../notebooks/first.ipynb"]
    assert links_of(book, "index") == []  # no code, no notebook
    book.variables["GITHUB_REPOSITORY"] = "someone/fork"
    assert links_of(built(book), "first") == expected("someone/fork", "first")

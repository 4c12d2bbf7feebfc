"""Launch buttons lead to the notebook of their page, in the repository that the book lives in."""

import html
import re
import subprocess

import pytest
from tests.livepage.conftest import HEAD, cell

from livepage.launch import binder_url, colab_url

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


def test_in_a_forks_workflow_all_buttons_lead_to_the_fork(small_book):
    small_book.replace("_config.yml", "url: ''", "url: https://github.com/owner/book")
    status, output = small_book.build()
    assert status == 0, output
    assert launches(small_book, "first") == expected("owner/book", "first")
    small_book.variables["GITHUB_REPOSITORY"] = "someone/fork"
    status, output = small_book.build()
    assert status == 0, output
    assert launches(small_book, "first") == expected("someone/fork", "first")
    assert launches(small_book, "second") == expected("someone/fork", "second")
    assert "github.com/someone/fork/issues" in small_book.page("index")
    assert all("owner/book" not in small_book.page(page) for page in ("first", "second", "index"))


def test_on_a_desk_the_remote_of_git_tells(small_book):
    git = ["git", "-C", str(small_book.folder)]
    subprocess.run([*git, "init", "-q"], check=True)
    remote = "git@github.com:teacher/course.git"
    subprocess.run([*git, "remote", "add", "origin", remote], check=True)
    status, output = small_book.build()
    assert status == 0, output
    assert launches(small_book, "first") == expected("teacher/course", "first")


def test_without_a_repository_there_is_only_the_download(built_book):
    assert launches(built_book, "first") == ["../notebooks/first.ipynb"]
    assert "colab" not in built_book.page("first").lower()
    assert "binder" not in built_book.page("first").lower()


def test_a_page_without_code_has_no_launch_button(built_book):
    assert "launch-buttons" in built_book.page("first")
    assert "launch-buttons" not in built_book.page("index")


def test_code_that_a_page_hides_is_code(small_book):
    small_book.write("book/index.md", f"{HEAD}# Top\n")
    small_book.append("index", cell(":tags: [hide-cell]\n\n1 + 1"))
    status, output = small_book.build()
    assert status == 0, output
    assert launches(small_book, "index") == ["../notebooks/index.ipynb"]


def test_the_site_carries_the_notebooks_that_its_pages_link_to(small_book):
    for name in ("first", "second"):
        small_book.write(f"_build/notebooks/student/{name}.ipynb", "{}")
    status, output = small_book.build()
    assert status == 0, output
    for name in ("first", "second"):
        (link,) = launches(small_book, name)
        assert (small_book.site / "book" / link).resolve().is_file()


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

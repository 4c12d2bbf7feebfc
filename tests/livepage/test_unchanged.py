"""A build with nothing to do says so and does nothing; whatever may matter is something to do."""

import os
import subprocess

import pytest

from livepage import gpus, unchanged

NOTHING = "Nothing has changed since the last build: "


def is_built_again(book, *options):
    """Build the book; tell whether Jupyter Book was started."""
    status, output = book.build(*options)
    assert status == 0, output
    assert (NOTHING in output) != ("Running Jupyter-Book" in output)
    return NOTHING not in output


@pytest.fixture(scope="module")
def book(built_book):
    return built_book


def test_with_nothing_changed_nothing_is_done(book):
    before = book.snapshot()
    status, output = book.build()
    assert status == 0
    assert output.strip() == f"{NOTHING}{book.site / 'index.html'}"
    assert book.snapshot() == before


def change_a_sentence(book):
    book.replace("book/first.md", "A sentence.", "Another sentence.")


def change_a_setting(book):
    book.replace("_config.yml", "author: ", "author: Not ")


def change_a_module(book):
    book.write("src/toy/unused.py", "ANSWER = 42\n")


def change_a_static_file(book):
    (book.folder / "book/_static/book.css").write_text("/* */")


def change_a_variable(book):
    book.variables["ANYTHING"] = "new"


def change_the_remote(book):
    git = ["git", "-C", str(book.folder)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "remote", "add", "origin", "git@github.com:a/b.git"], check=True)


def install_a_package(book):
    book.write("src/other-1.0.dist-info/METADATA", "Name: other\nVersion: 1.0\n")


def lose_a_page(book):
    (book.site / "book/second.html").unlink()


def spoil_a_page(book):
    (book.site / "book/second.html").write_text("")


CHANGES = [
    change_a_sentence,
    change_a_setting,
    change_a_module,
    change_a_static_file,
    change_a_variable,
    change_the_remote,
    install_a_package,
    lose_a_page,
    spoil_a_page,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_whatever_may_matter_is_built_again(book, change):
    book.build()
    change(book)
    assert is_built_again(book)
    assert book.page("second")


def test_a_gpu_that_comes_is_a_change(small_book, tmp_path_factory, monkeypatch):
    monkeypatch.setattr(gpus, "DEVICES", tmp_path_factory.mktemp("devices"))
    before = unchanged.inputs(small_book.folder)
    assert unchanged.inputs(small_book.folder) == before
    (gpus.DEVICES / "nvidia0").touch()
    assert unchanged.inputs(small_book.folder) != before


def test_a_file_outside_the_folder_has_the_book_built_each_time(small_book, tmp_path_factory):
    text = tmp_path_factory.mktemp("elsewhere") / "text.md"
    text.write_text("From elsewhere.")
    there = os.path.relpath(text, small_book.folder / "book")
    small_book.append("first", f"```{{include}} {there}\n```\n")
    assert is_built_again(small_book)
    text.write_text("Changed elsewhere.")
    assert is_built_again(small_book)
    assert "Changed elsewhere." in small_book.page("first")


def test_after_a_failure_and_back_nothing_has_changed(small_book):
    assert is_built_again(small_book)
    small_book.append("first", "[text](missing.md)\n")
    for _ in range(2):
        assert small_book.build()[0] != 0
    small_book.replace("book/first.md", "\n[text](missing.md)\n", "")
    before = small_book.snapshot()
    assert not is_built_again(small_book)
    assert small_book.snapshot() == before


def test_what_was_not_built_is_built(small_book):
    assert is_built_again(small_book)
    assert is_built_again(small_book, "--all")
    assert not is_built_again(small_book, "--all")


def test_what_was_built_besides_is_kept(small_book):
    assert is_built_again(small_book, "--all")
    assert not is_built_again(small_book)
    assert not is_built_again(small_book, "--notebooks")
    small_book.replace("book/first.md", "A sentence.", "Another sentence.")
    assert is_built_again(small_book, "--notebooks")
    assert is_built_again(small_book)

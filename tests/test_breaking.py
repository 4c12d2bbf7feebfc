"""Every chapter is broken, in six ways: each time the build fails, and says where."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from myst_nb.core.read import read_myst_markdown_notebook

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "book").glob("*.md"))
CACHE = Path("_build", "workshop", "_build", ".jupyter_cache")
CELL = "```{code-cell} ipython3\n"
ENDLESS = "while True:\n    pass\n"


def cells(path):
    notebook = read_myst_markdown_notebook(path.read_text())
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def claims(path):
    return [source for source in cells(path) if re.search(r"^ *assert\b", source, re.MULTILINE)]


WITH_CODE = [path for path in PAGES if cells(path)]
WITH_CLAIMS = [path for path in PAGES if claims(path)]


class Book:
    """A copy of the book, or of one page of it, to break."""

    def __init__(self, folder, page=None, timeout=100):
        self.folder = folder
        config = yaml.safe_load((ROOT / "_config.yml").read_text())
        toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
        shutil.copytree(ROOT / "book", folder / "book", ignore=lambda *_: ["__pycache__"])
        if page is not None:
            config["execute"]["timeout"] = timeout
            toc = {"format": "jb-book", "root": f"book/{page}"}
            for other in (folder / "book").glob("*.md"):
                if other.stem != page:
                    other.unlink()
        (folder / "src").symlink_to(ROOT / "src")  # which chapters include parts of
        (folder / "_config.yml").write_text(yaml.safe_dump(config))
        (folder / "_toc.yml").write_text(yaml.safe_dump(toc))

    def change(self, page, old, new):
        path = self.folder / "book" / f"{page}.md"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    def append(self, page, text):
        with (self.folder / "book" / f"{page}.md").open("a") as file:
            file.write(f"\n\n{text}\n")

    def failure(self):
        """Build it, which has to fail; return the lines that say what is wrong."""
        dataset = subprocess.run(
            [sys.executable, "-m", "descent.data"], capture_output=True, text=True, check=True
        )
        done = subprocess.run(
            [sys.executable, "-m", "livepage.build", self.folder],
            env=os.environ | {"DESCENT_DATASET": dataset.stdout.strip()},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        assert done.returncode == 1, done.stdout[-2000:]
        assert not (self.folder / "_build" / "html").exists()
        return done.stdout[done.stdout.index("The book was not built") :].splitlines()[1:]

    def line_of(self, page, text):
        """Return the line that a text stands in, from 1."""
        whole = (self.folder / "book" / f"{page}.md").read_text()
        return whole[: whole.index(text)].count("\n") + 1


def falsified(source):
    """Return a cell whose first assertion says the opposite."""
    found = next(node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assert))
    said = ast.get_source_segment(source, found.test)
    return source.replace(f"assert {said}", f"assert not ({said})", 1)


@pytest.mark.parametrize("path", WITH_CODE, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    ("code", "told"),
    [('raise RuntimeError("broken")\n', "RuntimeError: broken"), (ENDLESS, "CellTimeoutError")],
    ids=["raises", "endless"],
)
def test_a_broken_cell_is_named(tmp_path, path, code, told):
    book = Book(tmp_path, path.stem, timeout=3)
    book.change(path.stem, CELL, f"{CELL}{code}```\n\n{CELL}")
    (line,) = book.failure()
    place = book.line_of(path.stem, code)
    named = re.match(rf"  book/{path.stem}\.md:(\d+): code cell 1: {told}", line)
    assert named, line
    assert abs(int(named[1]) - place) <= 1


@pytest.mark.parametrize("path", WITH_CLAIMS, ids=lambda path: path.stem)
def test_a_false_claim_is_named(tmp_path, path):
    book = Book(tmp_path, path.stem)
    claim = claims(path)[0]
    book.change(path.stem, claim, falsified(claim))
    (line,) = book.failure()
    number = cells(path).index(claim) + 1
    assert re.match(rf"  book/{path.stem}\.md:\d+: code cell {number}: AssertionError", line), line


@pytest.fixture(scope="module")
def faults(tmp_path_factory):
    """What is said of the whole book with three faults of the prose in each page."""
    book = Book(tmp_path_factory.mktemp("book"))
    assert (ROOT / CACHE).is_dir(), "there is no built book: run make book"
    shutil.copytree(ROOT / CACHE, book.folder / CACHE)
    for path in PAGES:
        book.append(path.stem, f"See {{ref}}`no-{path.stem}`.")
        book.append(path.stem, "```{image} _static/logo.svg\n```")
        book.append(path.stem, f":::{{nonsense-{path.stem}}}\n:::")
    return book, book.failure()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_wrong_reference_and_an_unknown_directive_are_named(faults, path):
    book, lines = faults
    place, unknown = f"  book/{path.stem}.md:", f"nonsense-{path.stem}"
    at = f"{place}{book.line_of(path.stem, unknown)}: "
    assert any(line.startswith(at) and unknown in line for line in lines), (at, lines)
    missing = [line for line in lines if f"no-{path.stem}" in line]
    assert len(missing) == 1
    assert re.match(rf"{re.escape(place)}\d*: ", missing[0])


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_figure_without_alternative_text_is_named(faults, path):
    _, lines = faults
    place = rf"  book/{path.stem}\.md:\d+: This figure has no alternative text"
    assert len([line for line in lines if re.match(place, line)]) == 1, lines

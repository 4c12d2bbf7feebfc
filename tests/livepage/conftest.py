import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.livepage.serving import serve

ROOT = Path(__file__).parents[2]
HEAD = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n"


TOC = "format: jb-book\nroot: book/index\nchapters:\n- file: book/first\n- file: book/second\n"
REFERENCES = "@misc{real, title = {Real}, author = {A. Author}, year = {2020}}\n"


def cell(code):
    return f"```{{code-cell}} ipython3\n{code}\n```\n"


def figure_cell(code):
    """Return a cell that draws, with the alternative text that it needs."""
    return cell(f"---\nmystnb:\n  image:\n    alt: A line that rises.\n---\n{code}")


class SmallBook:
    """A book of a few pages, with the settings of the real one and a package of its own."""

    before_build = None  # what the process does before it becomes a build

    def __init__(self, folder):
        self.folder = folder
        self.variables = {}
        shutil.copytree(ROOT / "book" / "_static", folder / "book" / "_static")
        config = yaml.safe_load((ROOT / "_config.yml").read_text())
        settings = {
            "livepage_packages": ["toy"],
            "livepage_workers": 1,
            "livepage_preloaded": ["colorsys"],
            "livepage_no_chapters": [],
        }
        config["sphinx"]["config"].update(settings)
        config["execute"]["timeout"] = 10
        self.write("_config.yml", yaml.safe_dump(config))
        self.write("_toc.yml", TOC)
        self.write("book/references.bib", REFERENCES)
        self.write("book/index.md", "# A book\n\nNothing to execute.\n\n```{feedback}\n```\n")
        self.write("book/first.md", f"{HEAD}# First\n\nA sentence.\n")
        self.write("book/second.md", f"{HEAD}# Second\n")
        self.append("first", cell("import toy.red\ntoy.red.shade()"))
        self.append("second", cell("from toy import blue\nblue.shade()"))
        self.write("src/toy/__init__.py", "")
        self.write("src/toy/red.py", "from toy.paint import mix\n\nshade = lambda: mix('red')\n")
        self.write("src/toy/blue.py", "shade = lambda: 'blue-1'\n")
        self.write("src/toy/paint.py", "mix = lambda name: name + '-1'\n")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def append(self, page, text):
        with (self.folder / "book" / f"{page}.md").open("a") as file:
            file.write(f"\n{text}")

    def replace(self, name, old, new):
        text = (self.folder / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def start(self, *options):
        # Of the workflow and of the tests, a book knows nothing unless its test says so.
        ours = ("GITHUB_", "PYTEST_")
        here = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        packages = [str(self.folder / "src"), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
        environment = here | {"PYTHONPATH": os.pathsep.join(packages)} | self.variables
        return subprocess.Popen(
            [sys.executable, "-m", "livepage.build", str(self.folder), *options],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=self.before_build,
        )

    def build(self, *options):
        """Build it; return the exit status and what was said."""
        process = self.start(*options)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output

    def page(self, name):
        return (self.site / "book" / f"{name}.html").read_text()

    @property
    def site(self):
        return self.folder / "_build" / "html"

    def snapshot(self, product="html"):
        """Return the bytes of every file of the site, or of another product."""
        folder = self.folder / "_build" / product
        files = (path for path in folder.rglob("*") if path.is_file())
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def small_book(tmp_path):
    return SmallBook(tmp_path)


@pytest.fixture(scope="module")
def built_book(tmp_path_factory):
    """A small book that was built once; tests that use it share its folder."""
    book = SmallBook(tmp_path_factory.mktemp("book"))
    status, output = book.build()
    assert status == 0, output
    return book


@pytest.fixture(scope="module")
def address(book):
    """The address on this machine of the book that a module of tests has built."""
    with serve(book.site) as address:
        yield address

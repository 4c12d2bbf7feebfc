"""What makes the pages of a Jupyter Book alive and its build strict. Knows nothing of the book.

As a Sphinx extension, ``livepage`` executes a chapter again when something that it imports has
changed, and names the cell when one fails. ``python -m livepage.build`` builds a book strictly and
replaces the site only by a whole one.
"""

import hashlib
import os
from importlib import import_module
from pathlib import Path

from livepage.glue import glue, glued

__all__ = ["glue", "glued", "setup"]

PARTS = (
    "execution.chapters",
    "execution.kernels",
    "execution.measured",
    "explorer.page",
    "notebooks",
    "pages.accessibility",
    "pages.assets",
    "pages.citations",
    "pages.figures",
    "pages.fonts",
    "pages.formulas",
    "pages.head",
    "pages.keyboard",
    "pages.launch",
    "pages.paper",
    "pages.policy",
    "pages.previews",
    "pages.search",
    "pages.videos",
    "readers.feedback",
    "readers.progress",
    "readers.questions",
    "repository",
    "unchanged",
)


def setup(app):
    """Register the parts with Sphinx."""
    # Sphinx is needed to build pages, but not where a chapter runs as a notebook.
    for part in PARTS:
        import_module(f"livepage.{part}").setup(app)
    app.add_css_file("livepage.css")
    app.connect("builder-inited", _add_static_files)
    return {"env_version": _version(), "parallel_read_safe": False, "parallel_write_safe": True}


def _version():
    """Return a number that changes with this package, so that Sphinx then reads pages again."""
    modules = sorted(Path(__file__).parent.rglob("*.py"))
    content = b"".join(module.read_bytes() for module in modules)
    return int(hashlib.sha256(content).hexdigest()[:12], 16)


def _add_static_files(app):
    app.config.html_static_path.append(str(Path(__file__).with_name("static")))
    os.environ["LIVEPAGE_BUILD"] = "1"  # chapters that are executed from here on make a page

"""The book on paper and to take away: the style sheet for print, and the directive ``{downloads}``.

The build prints the whole book and packs the site when all pages are there; see
`livepage.publishing.pdf` and `livepage.publishing.downloads`. What it has to know of the book is
noted here.
"""

import json
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from livepage.publishing.downloads import MARK
from livepage.publishing.pdf import DESCRIPTION
from livepage.repository import site_address


class Downloads(SphinxDirective):
    """``{downloads}``: a list of what can be taken away."""

    def run(self):
        """Return the place of the list."""
        return [downloads("", root="../" * self.env.docname.count("/"))]


class downloads(nodes.General, nodes.Element):
    """Where the list will be."""


def _leave_a_place(writer, node):
    writer.body.append(f"{MARK.format(root=node['root'])}\n")
    raise nodes.SkipNode


def setup(app):
    """Register with Sphinx."""
    app.add_directive("downloads", Downloads)
    app.add_node(downloads, html=(_leave_a_place, None))
    app.add_css_file("print.css", media="print", priority=900)
    app.add_js_file("print.js", loading_method="defer")
    app.connect("build-finished", _describe)


def _describe(app, error):
    if error or app.builder.format != "html":
        return
    config, env = app.config, app.env
    address = site_address(config.html_baseurl, getattr(env, "livepage_repository", ""))
    description = {
        "title": config.html_title or config.project,
        "author": config.author,
        "copyright": config.copyright,
        "language": config.language or "en",
        "address": address,
        "chapters": list(_chapters(env, config.root_doc)),
    }
    Path(app.doctreedir, DESCRIPTION).write_text(json.dumps(description), encoding="utf-8")


def _chapters(env, page, part=""):
    """Yield the pages of a book in the order of its table of contents."""
    yield {"page": page, "title": env.titles[page].astext(), "part": part}
    for tree in env.tocs[page].findall(addnodes.toctree):
        for _, child in tree["entries"]:
            if child in env.found_docs:
                yield from _chapters(env, child, tree.get("caption") or part)

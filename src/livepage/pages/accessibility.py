"""Markup of docutils, Sphinx and MyST-NB, corrected for validators and screen readers.

What only an author can give is asked for: a figure without an alternative text fails the build.
"""

import re
from html import escape
from pathlib import Path

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)

# Bibliographies: the role of an entry is deprecated, and its list holds none of the items it needs.
CITATION = re.compile(r'(<div class="citation"[^>]*?) role="doc-biblioentry"')
CITATIONS = re.compile(r'<div role="list" class="citation-list">')
# Signatures over several lines: a list of definitions without anything that is defined.
SIGNATURE = re.compile(r"<dl>\s*(?P<lines>(?:<dd>.*?</dd>\s*)+)</dl>", re.DOTALL)

LISTS = nodes.bullet_list | nodes.enumerated_list


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", _add_templates)
    app.connect("doctree-read", _ask_for_alternatives)
    app.connect("doctree-resolved", _free_lists)
    app.connect("html-page-context", _correct_body)
    app.add_node(HideCodeCellNode, override=True, html=(_fold, _end_fold))


def _add_templates(app, config):
    """Put ours after those of the book, and before those of the theme, which are absolute paths."""
    own = [path for path in config.templates_path if not Path(path).is_absolute()]
    config.templates_path.insert(len(own), str(Path(__file__).with_name("templates")))


def _ask_for_alternatives(app, doctree):
    """Warn of each picture that says nothing to who cannot see it."""
    line = None  # of the last node before the picture that has one, which an output has not
    for node in doctree.findall():
        line = getattr(node, "line", None) or line
        if isinstance(node, nodes.image) and not node.get("alt", "").strip():
            LOGGER.warning(
                "This figure has no alternative text. Say in a sentence or two what it shows: "
                "under mystnb: image: alt of a code cell, or as :alt: of a directive",
                location=(app.env.docname, line),
            )


def _free_lists(app, doctree, docname):
    """Take lists out of the paragraphs that autodoc puts them into."""
    for paragraph in list(doctree.findall(nodes.paragraph)):
        if paragraph.children and all(isinstance(child, LISTS) for child in paragraph):
            paragraph.replace_self(paragraph.children)


def _fold(writer, node):
    """Begin a folded cell. Its summary holds phrases, and is called what it says."""
    classes = " ".join(["admonition", "hide", *node["classes"]])
    writer.body.append(
        f'<details class="{classes}"><summary>'
        f'<span class="collapsed admonition-title">{escape(node["prompt_show"])}</span>'
        f'<span class="expanded admonition-title">{escape(node["prompt_hide"])}</span></summary>\n'
    )


def _end_fold(writer, node):
    writer.body.append("</details>\n")


def _correct_body(app, pagename, templatename, context, doctree):
    if "body" in context:
        context["body"] = correct(context["body"])


def correct(html):
    """Return the markup of a page's body, corrected."""
    html = CITATION.sub(r"\1", html)
    html = CITATIONS.sub('<div class="citation-list">', html)
    return SIGNATURE.sub(_as_lines, html)


def _as_lines(match):
    lines = match["lines"].replace("<dd>", '<span class="sig-line">').replace("</dd>", "</span>")
    return f'<span class="sig-lines">{lines}</span>'

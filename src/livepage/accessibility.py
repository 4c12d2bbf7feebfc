"""Markup of docutils, Sphinx and the theme, corrected for screen readers."""

import re
from pathlib import Path

# Bibliographies: the role of an entry is deprecated, and its list holds none of the items it needs.
CITATION = re.compile(r'(<div class="citation"[^>]*?) role="doc-biblioentry"')
CITATIONS = re.compile(r'<div role="list" class="citation-list">')
# Signatures over several lines: a list of definitions without anything that is defined.
SIGNATURE = re.compile(r"<dl>\s*(?P<lines>(?:<dd>.*?</dd>\s*)+)</dl>", re.DOTALL)


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", _add_templates)
    app.connect("html-page-context", _correct_body)


def _add_templates(app, config):
    """Put ours after those of the book, and before those of the theme, which are absolute paths."""
    own = [path for path in config.templates_path if not Path(path).is_absolute()]
    config.templates_path.insert(len(own), str(Path(__file__).with_name("templates")))


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

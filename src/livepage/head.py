"""The head of a page: what the page is about, where it is on the web, how it fits a screen."""

import re
from html import escape
from urllib.parse import quote

from docutils import nodes

from livepage.repository import pages_url

LONGEST = 160
"""Search engines show about so many letters of a description."""
VIEWPORT = re.compile(r'<meta\b[^>]*\bname="viewport"[^>]*>\s*')
DESCRIBED = re.compile(r'<meta\b[^>]*\bname="description"')
SITEMAP = "sitemap.xml"


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", _find_address, priority=900)
    app.connect("html-page-context", _complete)
    app.connect("build-finished", _write_sitemap)
    app.connect("build-finished", _write_index, priority=100)  # before the table of contents does


def describe(document):
    """Return what a page is about in one line: the beginning of its first paragraph.

    Parameters
    ----------
    document : docutils.nodes.document
        The page.
    """
    paragraphs = (
        node for node in document.findall(nodes.paragraph) if isinstance(node.parent, nodes.section)
    )
    text = " ".join(next(paragraphs, nodes.Text("")).astext().split())
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST - 1].rpartition(' ')[0].rstrip(',;:')}…"


def _find_address(app, config):
    """Take the address of the published site from the settings, else from GitHub's workflow."""
    if not config.html_baseurl:
        config.html_baseurl = pages_url()


def _complete(app, pagename, templatename, context, doctree):
    tags = VIEWPORT.sub("", context.get("metatags") or "")  # each page has one from Sphinx
    words = describe(doctree) if doctree is not None else ""
    words = words or f"{context.get('title') or pagename} – {app.config.html_title}"
    context["livepage_description"] = words
    if not DESCRIBED.search(tags):
        tags += f'\n<meta name="description" content="{escape(words)}">'
    context["metatags"] = tags


def _write_sitemap(app, error):
    """List all pages for search engines, which need whole addresses."""
    base = app.config.html_baseurl.rstrip("/")
    if error or not base or app.builder.format != "html":
        return
    places = (quote(app.builder.get_target_uri(name)) for name in sorted(app.env.found_docs))
    addresses = "".join(f"<url><loc>{escape(f'{base}/{place}')}</loc></url>\n" for place in places)
    (app.builder.outdir / SITEMAP).write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{addresses}</urlset>\n",
        encoding="utf-8",
    )


def _write_index(app, error):
    """Lead from the site's address to its first page; Jupyter Book would do it without a title."""
    index = app.builder.outdir / "index.html"
    if error or app.builder.format != "html" or index.exists():
        return
    first = escape(quote(app.builder.get_target_uri(app.config.root_doc)))
    title = escape(app.config.html_title)
    index.write_text(
        f'<!DOCTYPE html>\n<html lang="{app.config.language}">\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{title}</title>\n<meta http-equiv="refresh" content="0; url={first}">\n'
        f'<link rel="canonical" href="{first}">\n<p><a href="{first}">{title}</a></p>\n</html>\n',
        encoding="utf-8",
    )

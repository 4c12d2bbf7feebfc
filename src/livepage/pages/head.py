"""The head of a page: what the page is about, where it is on the web, how it fits a screen."""

import re
from html import escape
from urllib.parse import quote

from docutils import nodes

from livepage.pages import policy
from livepage.repository import pages_url

LONGEST = 200  # letters of a description
VIEWPORT = re.compile(r'<meta\b[^>]*\bname="viewport"[^>]*>\s*')
DESCRIBED = re.compile(r'<meta\b[^>]*\bname="description"')
SITEMAP = "sitemap.xml"


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", _find_address, priority=900)
    app.connect("html-page-context", _complete)
    app.connect("build-finished", _write_sitemap)
    app.connect("build-finished", _write_index, priority=100)  # before the table of contents does


def description(doctree):
    """Return the first paragraph of a page in its own text, as whole sentences if they fit.

    Parameters
    ----------
    doctree : docutils.nodes.document

    Returns
    -------
    str
        Empty if there is none.
    """
    for section in doctree.findall(nodes.section):
        for node in section.children:
            text = " ".join("".join(node.findall(nodes.Text)).split())
            if isinstance(node, nodes.paragraph) and text:  # it may hold a picture and no word
                return _shortened(text)
    return ""


def _shortened(text):
    if len(text) <= LONGEST:
        return text
    sentences = re.match(rf"(.{{40,{LONGEST - 1}}}[.!?])(?=\s)", text)
    return sentences[1] if sentences else text[:LONGEST].rpartition(" ")[0].rstrip(",;:") + " …"


def _find_address(app, config):
    """Take the address of the published site from the settings, else from GitHub's workflow."""
    if not config.html_baseurl:
        config.html_baseurl = pages_url()


def _complete(app, pagename, templatename, context, doctree):
    tags = VIEWPORT.sub("", context.get("metatags") or "")  # each page has one from Sphinx
    words = description(doctree) if doctree is not None else ""
    words = words or f"{context.get('title') or pagename} – {app.config.html_title}"
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
        f"{policy.tag(app.config)}\n"
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{title}</title>\n<meta http-equiv="refresh" content="0; url={first}">\n'
        f'<link rel="canonical" href="{first}">\n<p><a href="{first}">{title}</a></p>\n</html>\n',
        encoding="utf-8",
    )
